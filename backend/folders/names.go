package folders

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// conflictName is where the other one of two goes: who and when are in the name.
func conflictName(path, who string, when time.Time) string {
	parent, name := split(path)
	base, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		base, ext = name[:i], name[i:]
	}
	if who != "" {
		who += " "
	}
	label := fmt.Sprintf(" (conflict %s%s)", cleanName(who), when.UTC().Format("2006-01-02 15.04.05"))
	for len(base)+len(label)+len(ext) > 240 && base != "" {
		r := []rune(base)
		base = string(r[:len(r)-1])
	}
	return join(parent, base+label+ext)
}

// cleanName takes out of a person's name what no file name may have.
func cleanName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name)
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
