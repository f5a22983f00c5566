package lines_test

import (
	"slices"
	"strings"
	"testing"

	"roundtable/backend/contracts/lines"
)

func wrap(s string, most float64) (out []string) {
	text := []rune(s)
	for _, l := range lines.Wrap(text, func(i int) float64 {
		if text[i] < 0x2e80 {
			return 0.5
		}
		return 1
	}, most) {
		out = append(out, strings.TrimRight(string(text[l[0]:l[1]]), " "))
	}
	return out
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		most float64
		want []string
	}{
		{"甲方应当按时付款。", 4, []string{"甲方应当", "按时付", "款。"}},
		{"甲方（以下简称公司）", 3, []string{"甲方", "（以下", "简称公", "司）"}},
		{"the price is high", 3, []string{"the", "price", "is", "high"}},
		{"the price is high", 4.5, []string{"the price", "is high"}},
		{"人民币100元", 3, []string{"人民币", "100元"}},
		{"one\ntwo", 9, []string{"one", "two"}},
		{"abcdefghij", 2, []string{"abcd", "efgh", "ij"}},
		{"", 4, []string{""}},
		{"等等……好的", 2.5, []string{"等", "等……", "好的"}},
	} {
		if got := wrap(c.text, c.most); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, not %q", c.text, got, c.want)
		}
	}
}

// Whatever the text: nothing is lost, no line is empty but for line feeds, and no line begins with a closing mark unless nothing else was possible.
func FuzzWrap(f *testing.F) {
	f.Add("甲方（以下简称“公司”），the party……。", 3.0)
	f.Fuzz(func(t *testing.T, s string, most float64) {
		if len(s) > 2000 {
			return
		}
		text := []rune(s)
		at := 0
		for _, l := range lines.Wrap(text, func(int) float64 { return 1 }, most) {
			if l[0] > l[1] || l[0] < at || l[0] > at+1 {
				t.Fatalf("line %v after %d", l, at)
			}
			if l[0] == at+1 && text[at] != '\n' {
				t.Fatalf("%q is lost", text[at])
			}
			at = l[1]
		}
		if at != len(text) {
			t.Fatalf("ended at %d of %d", at, len(text))
		}
	})
}
