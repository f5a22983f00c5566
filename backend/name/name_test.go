package name

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"roundtable/backend/errcode"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		what, text, clean string
		err               error
	}{
		{"one character", "李", "李", nil},
		{"spaces around", " \t 李卓然　", "李卓然", nil},
		{"space inside", "Anna Novák", "Anna Novák", nil},
		{"decomposed", "Nova\u0301k", "Nov\u00e1k", nil},
		{"emoji family", "👩‍👩‍👧 Zhou", "👩‍👩‍👧 Zhou", nil},
		{"flag of England", "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", nil},
		{"right to left", "שרה כהן", "שרה כהן", nil},
		{"rare ideograph", "\U0002A6D6", "\U0002A6D6", nil},
		{"ideograph of tomorrow", "\U000323B0", "\U000323B0", nil},
		{"80 characters", strings.Repeat("圆", 80), strings.Repeat("圆", 80), nil},
		{"80 decomposed", strings.Repeat("a\u0301", 80), strings.Repeat("\u00e1", 80), nil},

		{"nothing", "", "", errcode.NameEmpty},
		{"spaces", " 　\t\n", "", errcode.NameEmpty},
		{"zero width", "\u200b\u200d\u2060", "", errcode.NameEmpty},
		{"filler", "\u3164", "", errcode.NameEmpty},
		{"only a mark", "\u0301", "", errcode.NameEmpty},
		{"81 characters", strings.Repeat("圆", 81), "", errcode.NameTooLong},
		{"500 characters", strings.Repeat("x", 500), "", errcode.NameTooLong},
		{"a megabyte", strings.Repeat("x", 1<<20), "", errcode.NameTooLong},
		{"line break", "a\nb", "", errcode.NameInvalid},
		{"tab inside", "a\tb", "", errcode.NameInvalid},
		{"nul", "a\x00b", "", errcode.NameInvalid},
		{"C1 control", "a\u0085b", "", errcode.NameInvalid},
		{"override", "exe\u202egpj", "", errcode.NameInvalid},
		{"isolate", "a\u2067b", "", errcode.NameInvalid},
		{"line separator", "a\u2028b", "", errcode.NameInvalid},
		{"not UTF-8", "a\xff", "", errcode.NameInvalid},
		{"noncharacter", "a\ufffe", "", errcode.NameInvalid},
		{"unassigned", "a\u0378", "", errcode.NameInvalid},
	} {
		clean, err := Check(c.text, 80)
		if clean != c.clean || !errors.Is(err, c.err) {
			t.Errorf("%s: %q %v, want %q %v", c.what, clean, err, c.clean, c.err)
		}
	}
}

func TestTooLongTellsTheLimit(t *testing.T) {
	_, err := Check("abcd", 3)
	if code, params := errcode.From(err); code != errcode.NameTooLong || params["max"] != "3" {
		t.Errorf("%v %v", code, params)
	}
}

// What passes once passes again unchanged, or two devices would disagree.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"李卓然", " a ", "Nova\u0301k", "\u1100\u1161\u11a8", "\u202ex", "👩‍👩‍👧"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clean, err := Check(text, 80)
		if err != nil {
			return
		}
		if again, err := Check(clean, 80); err != nil || again != clean {
			t.Errorf("%q became %q, then %q %v", text, clean, again, err)
		}
		if n := utf8.RuneCountInString(clean); n == 0 || n > 80 {
			t.Errorf("%d characters passed", n)
		}
	})
}
