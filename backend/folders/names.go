package folders

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/ignore"
)

// maxCopy bounds the name of a copy in bytes: there is room for a number behind it.
const (
	maxCopy = 240
	maxWho  = 60
	maxExt  = 40
)

// conflictName is where the other one of two goes: who and when are in the name. It
// lies beside the original, or above it where no longer path can be.
func conflictName(path, who string, when time.Time) string {
	parent, name := split(path)
	base, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= maxExt {
		base, ext = name[:i], name[i:]
	}
	if who = shorter(cleanName(who), maxWho); who != "" {
		who += " "
	}
	label := fmt.Sprintf(" (conflict %s%s)", who, when.UTC().Format("2006-01-02 15.04.05"))
	name = shorter(base, maxCopy-len(label)-len(ext)) + label + ext
	for disk.Portable(join(parent, name+" 999")) != nil && parent != "" {
		parent, _ = split(parent)
	}
	return join(parent, name)
}

// shorter cuts a text to a number of bytes, between characters.
func shorter(text string, most int) string {
	for len(text) > most {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return text
}

// cleanName takes out of a person's name what no file name may have.
func cleanName(name string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError || strings.ContainsRune(`/\<>:"|?*`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_")))
}

// shareable reports whether an entry may have a path, from whomever it comes. What
// we keep in the folder for ourselves is nobody's to write, by no other spelling
// either that some disk takes for the same name.
func shareable(path string) bool {
	if disk.Portable(path) != nil {
		return false
	}
	top, _, _ := strings.Cut(path, "/")
	if oursAlike(top) {
		return false
	}
	for name := range strings.SplitSeq(path, "/") {
		if len(name) >= len(ignore.Temporary) && strings.EqualFold(name[:len(ignore.Temporary)], ignore.Temporary) {
			return false
		}
	}
	return true
}

// oursAlike reports whether some disk takes a name at the top for that of the hidden
// folder: case and form are folded, HFS+ sees no characters without width, Windows
// no dots and spaces at the end, and it gives short names (ROUNDT~1).
func oursAlike(name string) bool {
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	name = disk.Rules{FoldsCase: true, FoldsForm: true}.Key(strings.TrimRight(name, ". "))
	short, number, is := strings.Cut(name, "~")
	return name == hiddenFolder || is && len(short) >= 5 && strings.HasPrefix("roundtable", short) && strings.Trim(number, "0123456789") == "" && number != ""
}

// free finds a name that nothing has.
func (k *keeper) free(path string) string {
	parent, name := split(path)
	base, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		base, ext = name[:i], name[i:]
	}
	for n := 1; n < 1000; n++ {
		try := path
		if n > 1 {
			try = join(parent, fmt.Sprintf("%s %d%s", base, n, ext))
		}
		if _, err := k.tree.Look(try); errors.Is(err, fs.ErrNotExist) {
			return try
		}
	}
	return path
}
