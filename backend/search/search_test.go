package search_test

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"roundtable/backend/search"
	"roundtable/backend/store"
)

// index is a table as a feature has one.
type index struct {
	t  *testing.T
	db *store.DB
}

func newIndex(t *testing.T, texts ...string) index {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.Script(`CREATE VIRTUAL TABLE search_test USING fts5(pairs, singles, content='', contentless_delete=1, tokenize='ascii')`); err != nil {
			return err
		}
		for i, text := range texts {
			terms := search.Cut(text)
			if _, err := tx.Exec(`INSERT INTO search_test(rowid, pairs, singles) VALUES(?, ?, ?)`, i, terms.Pairs, terms.Singles); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return index{t, db}
}

func (x index) finds(question string) bool {
	x.t.Helper()
	match := search.Match(question)
	if match == "" {
		return false
	}
	var n int
	if err := x.db.Read().QueryRow(`SELECT count(*) FROM search_test WHERE search_test MATCH ?`, match).Scan(&n); err != nil {
		x.t.Fatalf("%q: %s: %v", question, match, err)
	}
	return n > 0
}

func TestFinds(t *testing.T) {
	x := newIndex(t, "采购合同\n甲方：上海远山科技有限公\n司  乙方：𠮷野䶮𬭎\nＰrice: RMB 12,500.00 by Déjà-vu Ltd., order No. A4711。付款期限30日。")
	for _, question := range []string{
		"上海", "合同", "采购合同", "有限公司", "公司", "甲", "𠮷野", "䶮", "䶮𬭎", "price", "PRICE", "pri", "12,500", "déjà", "A4711", "a47", "上海 price", "付款期限30日", "期限", "ｐｒｉｃｅ",
	} {
		if !x.finds(question) {
			t.Errorf("%q is not found: %s", question, search.Match(question))
		}
	}
	for _, question := range []string{"", " ", "。", "北京", "海上", "rice", "上远", "方远", "A4712", "上海 北京", `"`, "pairs:", "*"} {
		if x.finds(question) {
			t.Errorf("%q is found: %s", question, search.Match(question))
		}
	}
}

func TestExcerpt(t *testing.T) {
	text := strings.Repeat("前文。", 30) + "甲方应当于三十日内付\n款，逾期支付违约金。" + strings.Repeat("后文。", 30)
	if got, want := search.Excerpt(text, "付款", 6), "…当于三十日内付 款，逾期支付违…"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if got, want := search.Excerpt("Short PRICE text", "price", 40), "Short PRICE text"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if got := search.Excerpt("", "x", 4); got != "" {
		t.Error(got)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("上海 price \"* AND", "text 上海")
	f.Fuzz(func(t *testing.T, question, text string) {
		if len(question)+len(text) > 4000 {
			return
		}
		for _, r := range search.Match(question) {
			if r >= utf8.RuneSelf {
				t.Fatalf("%q", search.Match(question))
			}
		}
		if strings.Count(search.Match(question), `"`)%2 != 0 {
			t.Fatal(search.Match(question))
		}
		search.Cut(text)
		search.Excerpt(text, question, 20)
	})
}
