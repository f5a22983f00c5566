package disk

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Rules are what a disk makes of names. They are found out at the tree itself,
// not guessed from the system: a Linux machine mounts disks that ignore case.
type Rules struct {
	// FoldsCase: names that differ in case only are one name.
	FoldsCase bool
	// FoldsForm: names that differ in Unicode form only are one name.
	FoldsForm bool
	// Windows names: reserved devices, forbidden characters, no dot or space at the end.
	Windows bool
	// Exec: files carry a mark that they may be run.
	Exec bool
	// Links can be made here.
	Links bool
	// MaxName bounds one name (bytes, or UTF-16 units on Windows and macOS), MaxPath a path in
	// the tree; 0: no bound.
	MaxName, MaxPath int
	// Units: the bounds count UTF-16 units instead of bytes.
	Units bool
	// Grain is how exactly the disk keeps times of change.
	Grain int64 // ns
	// Tick: two changes of a file within this time may leave the same times behind, because
	// the system's clock of files is coarser than the disk. A file whose change is younger
	// than this may change again unseen.
	Tick int64 // ns
}

// Check reports whether this disk takes a path that Portable lets pass.
// Errors: ErrName, ErrTooLong, and those of Portable.
func (r Rules) Check(path string) error {
	if err := Portable(path); err != nil {
		return err
	}
	if r.MaxPath > 0 && r.length(path) > r.MaxPath {
		return fmt.Errorf("check path %q: %w", path, ErrTooLong)
	}
	for name := range strings.SplitSeq(path, "/") {
		if r.MaxName > 0 && r.length(name) > r.MaxName {
			return fmt.Errorf("check name %q: %w", name, ErrTooLong)
		}
		if r.Windows && !windowsTakes(name) {
			return fmt.Errorf("check name %q: %w", name, ErrName)
		}
	}
	return nil
}

func (r Rules) length(text string) int {
	if !r.Units {
		return len(text)
	}
	n := 0
	for _, c := range text {
		n += max(1, utf16.RuneLen(c))
	}
	return n
}

// Key folds a path as this disk does: two paths with one key cannot both lie here.
// A path in a log is NFC, so that form alone never makes two of one.
func (r Rules) Key(path string) string {
	if ascii(path) {
		if r.FoldsCase {
			return strings.ToLower(path)
		}
		return path
	}
	path = norm.NFC.String(path)
	if !r.FoldsCase {
		return path
	}
	// Decomposed first: a disk folds the letter under an accent, and the composed
	// capital may have no composed small letter.
	return norm.NFC.String(strings.Map(foldRune, norm.NFD.String(path)))
}

// foldRune gives the same rune for all that differ in case only: simple folding,
// as disks do it. (Full folding, ß to ss, is what no disk but ext4's +F does; there a
// clash that Key does not foresee is found when the name is made.)
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	// The orbit of r under simple folding; its smallest member stands for all. A mark
	// does not: the Greek iota that is written below a letter is not the letter after it.
	least := r
	for next := unicode.SimpleFold(r); next != r && !unicode.Is(unicode.Mn, r); next = unicode.SimpleFold(next) {
		if !unicode.Is(unicode.Mn, next) {
			least = min(least, next)
		}
	}
	return foldASCII(least)
}

// foldASCII: the orbit of K has the Kelvin sign in it, that of S the long s.
func foldASCII(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// windowsTakes tells the names that Windows makes and opens again as they are.
func windowsTakes(name string) bool {
	if strings.ContainsAny(name, `<>:"|?*\`) || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") {
		return false
	}
	for i := range len(name) {
		if name[i] < 0x20 {
			return false
		}
	}
	return !reserved(name)
}

// reserved tells device names: alone, with an extension, with spaces before it.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, found := strings.CutPrefix(stem, "COM")
	if !found {
		if port, found = strings.CutPrefix(stem, "LPT"); !found {
			return false
		}
	}
	return len(port) == 1 && port[0] >= '0' && port[0] <= '9' || port == "¹" || port == "²" || port == "³"
}
