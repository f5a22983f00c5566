package disk

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxName  = 255
	maxPath  = 4096
	maxDepth = 255
)

// Portable refuses what no path in a log may be, whatever disk it is for: it is the
// guard against peers. What passes leads downwards from the tree's root by names that
// are the same bytes on every device. Errors: ErrEscapes, ErrName, ErrTooLong.
func Portable(path string) error {
	if len(path) > maxPath {
		return fmt.Errorf("check path: %w", ErrTooLong)
	}
	if !utf8.ValidString(path) || !norm.NFC.IsNormalString(path) {
		return fmt.Errorf("check path %q: not UTF-8 in form NFC: %w", path, ErrName)
	}
	for depth, rest, more := 1, path, true; more; depth++ {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		if depth > maxDepth {
			return fmt.Errorf("check path: %w", ErrTooLong)
		}
		if err := portableName(name); err != nil {
			return fmt.Errorf("check path %q: %w", path, err)
		}
	}
	return nil
}

func portableName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return ErrEscapes
	case len(name) > maxName:
		return ErrTooLong
	}
	for _, r := range name {
		switch {
		case r == '\\': // a separator on Windows
			return ErrEscapes
		case r < 0x20, r >= 0x7f && r < 0xa0:
			return ErrName
		}
	}
	return nil
}

// asLogged gives the form in which the log writes a name of a disk; false for one that
// cannot be written there.
func asLogged(name string) (string, bool) {
	if !utf8.ValidString(name) {
		return "", false
	}
	name = norm.NFC.String(name)
	return name, portableName(name) == nil
}

// hasForms reports whether a disk may write a name in another Unicode form.
func hasForms(name string) bool {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return !norm.NFD.IsNormalString(name)
		}
	}
	return false
}
