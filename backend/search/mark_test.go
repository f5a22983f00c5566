package search_test

import (
	"slices"
	"testing"
	"unicode/utf8"

	"roundtable/backend/search"
)

func TestMark(t *testing.T) {
	for _, c := range []struct {
		text, question string
		around         int
		want           string
	}{
		{"明天在上海开会", "上海", 9, "明天在[上海]开会"},
		{"上海的会议在上海开", "上海", 9, "[上海]的会议在[上海]开"},
		{"The Contract and the contracts", "contract", 40, "The [Contract] and the [contract]s"},
		{"subcontract", "contract", 40, "subcontract"},
		{"price contract prices", "price contract", 40, "[price] [contract] prices"},
		{"前文前文前文前文前文付\n款后文后文后文后文后文后文", "付款", 2, "…前文[付 款]后文后文后文…"},
		{"ＦＵＬＬ width", "full", 40, "[ＦＵＬＬ] width"},
		{"nothing", "上海", 40, "nothing"},
	} {
		text, spans := search.Mark(c.text, c.question, c.around)
		runes, at, got := []rune(text), 0, ""
		for _, s := range spans {
			got += string(runes[at:s.Start]) + "[" + string(runes[s.Start:s.End]) + "]"
			at = s.End
		}
		if got += string(runes[at:]); got != c.want {
			t.Errorf("%s: %s, not %s", c.question, got, c.want)
		}
	}
}

func TestMatchWith(t *testing.T) {
	words := func(string) []string { return []string{"acontract", "acontracts", `"bad`} }
	if got, want := search.MatchWith("上海 contr", words), `pairs : "ue4b88ae6b5b7" AND pairs : ("acontr" OR "acontract" OR "acontracts")`; got != want {
		t.Error(got)
	}
	if got := search.Words("The 上海 the Café"); !slices.Equal(got, []string{"athe", "u636166c3a9"}) {
		t.Error(got)
	}
}

func FuzzMark(f *testing.F) {
	f.Add("上海 Price", "上海 pri", 5)
	f.Fuzz(func(t *testing.T, text, question string, around int) {
		if len(text)+len(question) > 4000 || around < 0 || around > 1000 {
			return
		}
		out, spans := search.Mark(text, question, around)
		at := 0
		for _, s := range spans {
			if s.Start < at || s.End <= s.Start || s.End > utf8.RuneCountInString(out) {
				t.Fatalf("%q %q: %q %v", text, question, out, spans)
			}
			at = s.End
		}
	})
}
