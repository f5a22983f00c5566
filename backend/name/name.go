// Package name decides which names may be shared with people: of persons,
// workspaces, groups and devices. Every device applies the same rules, to what
// its user types and to what arrives in events.
//
// Names are shown beside other text, so nothing in one may reach beyond it: no
// line breaks, no control characters, no bidirectional overrides. Rare
// characters of real names are welcome, also ones newer than this program.
package name

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/errcode"
)

// Check gives the clean form of a name: composed (NFC) and trimmed. Two people
// who type the same name on different systems get the same bytes.
// Errors: errcode.NameEmpty, errcode.NameTooLong (max), errcode.NameInvalid.
func Check(text string, maxRunes int) (clean string, err error) {
	if !utf8.ValidString(text) {
		return "", errcode.NameInvalid
	}
	// Composing shortens by less than this, and costs time on what is far too long.
	if utf8.RuneCountInString(text) > 8*maxRunes {
		return "", errcode.Of(errcode.NameTooLong, "max", maxRunes)
	}
	clean = strings.TrimSpace(norm.NFC.String(text))
	visible := false
	for _, r := range clean {
		if !allowed(r) {
			return "", errcode.NameInvalid
		}
		visible = visible || !invisible(r)
	}
	if !visible {
		return "", errcode.NameEmpty
	}
	if utf8.RuneCountInString(clean) > maxRunes {
		return "", errcode.Of(errcode.NameTooLong, "max", maxRunes)
	}
	return clean, nil
}

func allowed(r rune) bool {
	switch {
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069: // bidirectional embeddings, overrides, isolates
		return false
	case r == 0x2028, r == 0x2029, r == 0xFEFF, r == utf8.RuneError: // separators, byte order mark, replacement
		return false
	case unicode.IsControl(r), unicode.Is(unicode.Noncharacter_Code_Point, r):
		return false
	case unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs, unicode.Cf, unicode.Co):
		return true
	default:
		// Unassigned as far as this program's tables know. New ideographs and
		// emoji come every year, and some of them are in people's names.
		return r >= 0x20000 && r <= 0x3FFFF || r >= 0x1F000 && r <= 0x1FAFF
	}
}

// invisible tells characters that alone make no name: spaces, joiners, marks
// without a base, and the letters that are drawn as nothing.
func invisible(r rune) bool {
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800: // Hangul fillers, empty Braille
		return true
	}
	return unicode.In(r, unicode.Zs, unicode.Cf, unicode.M)
}
