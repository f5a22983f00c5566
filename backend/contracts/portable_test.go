package contracts

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Names of exported files are such that Windows, macOS and Linux take them.
func TestPortable(t *testing.T) {
	for text, want := range map[string]string{
		"采购合同（2026）": "采购合同（2026）", "a/b\\c:d*e?f\"g<h>i|j": "a_b_c_d_e_f_g_h_i_j", "..": "_", "": "_", " x. . ": "x", "CON": "_CON", "com1.tar": "_com1.tar",
		"console": "console", ".hidden": "hidden", "a\nb\u202ec": "a_b_c", "lpt9 ": "_lpt9", "..\\..\\etc": "_.._etc", "e\u0301": "é",
	} {
		if got := portable(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
	long := portable(strings.Repeat("𠮷", 300))
	if n := utf8.RuneCountInString(long); n > maxPortable || len(long) > 3*maxPortable || !utf8.ValidString(long) {
		t.Errorf("%d characters, %d bytes", n, len(long))
	}
}
