package folders_test

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/disk/disktest"
)

func hidden(p string) bool { return p == disk.Hidden || strings.HasPrefix(p, disk.Hidden+"/") }

// seen is all that a person sees, as the log writes it.
func (u *user) seen(kinds ...disk.Kind) (out []string) {
	u.quietly(func() {
		u.each("", func(i disk.Info) {
			if slices.Contains(kinds, i.Kind) {
				out = append(out, i.Path)
			}
		})
	})
	slices.Sort(out)
	return out
}

// each tells of everything in a folder that is to be seen.
func (u *user) each(folder string, tell func(disk.Info)) {
	var below []string
	_ = u.List(folder, func(i disk.Info) error {
		if hidden(i.Path) {
			return nil
		}
		tell(i)
		if i.Kind == disk.Folder {
			below = append(below, i.Path)
		}
		return nil
	}, nil)
	for _, b := range below {
		u.each(b, tell)
	}
}

// quietly lets a person look around without being disturbed.
func (u *user) quietly(do func()) {
	was := u.flushing.Swap(true)
	do()
	u.flushing.Store(was)
}

func (u *user) pick(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[u.s.rnd.IntN(len(all))]
}

// fresh is a name that may or may not be taken.
func (u *user) fresh() string {
	r := u.s.rnd
	dir := u.pick(append(u.seen(disk.Folder), "", "", "", "甲", "乙/丙", "Dir"))
	name := fmt.Sprintf("f%d.txt", r.IntN(14))
	switch r.IntN(24) {
	case 0:
		name = "cafe\u0301.txt" // as macOS writes it
	case 1:
		name = "caf\u00e9.txt"
	case 2:
		name = strings.Repeat("很长的名字", 16) + fmt.Sprint(r.IntN(2)) + ".doc"
	case 3:
		if u.system == disktest.Linux {
			name = []string{"CON.txt", "a:b.txt", "ends.", "AUX", "q?.md"}[r.IntN(5)]
		}
	case 4:
		name = []string{"Clash.txt", "clash.txt", "CLASH.TXT"}[r.IntN(3)]
	case 5:
		name = []string{"İ.txt", "ı.txt", "ß.txt", "ſ.txt", "s.txt"}[r.IntN(5)]
	}
	return path.Join(dir, name)
}

// acts does one deed. What the disk refuses is part of life.
func (u *user) acts() {
	r := u.s.rnd
	files := u.seen(disk.File)
	var p, to, what string
	var err error
	switch n := r.IntN(100); {
	case n < 22:
		p, what = u.fresh(), "writes"
		err = u.writes(p, nil, 1+r.IntN(3000))
	case n < 34:
		p, what = u.pick(files), "writes again"
		err = u.writes(p, nil, 1+r.IntN(3000))
	case n < 40:
		p, what = u.pick(files), "adds to"
		err = u.adds(p, false)
	case n < 46:
		p, what = u.pick(files), "inserts at the front of"
		err = u.adds(p, true)
	case n < 50:
		p, what = u.pick(files), "saves over a temporary file"
		err = u.saves(p)
	case n < 58:
		p, what = u.pick(files), "deletes"
		err = u.deletes(p)
	case n < 68:
		p, to, what = u.pick(files), u.fresh(), "renames"
		err = u.renames(p, to)
	case n < 72:
		p, what = u.pick(u.seen(disk.File, disk.Folder)), "changes the case of"
		to = path.Join(path.Dir(p), flip(path.Base(p)))
		err = u.renames(p, to)
	case n < 76:
		p, what = path.Join(u.fresh()+".d"), "makes folder"
		err = u.Folder(p)
	case n < 79:
		p, what = u.pick(u.seen(disk.Folder)), "deletes folder"
		err = u.deletes(p)
	case n < 84:
		p, to, what = u.pick(u.seen(disk.Folder)), path.Join(u.pick(append(u.seen(disk.Folder), "")), fmt.Sprint("D", r.IntN(4))), "renames folder"
		err = u.renames(p, to)
	case n < 87:
		p, to, what = u.fresh()+".link", []string{"f1.txt", "../f2.txt", "甲/f3.txt", "../../../etc/passwd", "/etc/passwd"}[r.IntN(5)], "links"
		if u.system != disktest.Windows {
			err = u.Symlink(p, to)
		}
	case n < 90:
		p, what = u.pick(files), "marks"
		err = u.Chmod(p, r.IntN(2) == 0)
	case n < 93:
		p, what = u.pick(files), "makes a folder of"
		if err = u.deletes(p); err == nil {
			err = u.writes(path.Join(p, fmt.Sprintf("f%d.txt", r.IntN(4))), nil, 500)
		}
	case n < 96:
		p, what = u.pick(u.seen(disk.Folder)), "makes a file of"
		if err = u.deletes(p); err == nil {
			err = u.writes(p, nil, 500)
		}
	case n < 98:
		p, what = u.pick(u.seen(disk.Link)), "deletes link"
		err = u.deletes(p)
	default:
		p, what = u.pick(files), "locks"
		err = u.locks(p)
	}
	if p == "" || errors.Is(err, errNothing) {
		return
	}
	u.s.note("%s %s %q %q: %v", u.Name, what, p, to, err)
	u.flush(p, to)
}

// flip changes the case of one letter or of all.
func flip(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, name)
}

// flush makes what was done safe from a loss of power, and lets the watcher tell.
func (u *user) flush(paths ...string) {
	var told []string
	for _, p := range paths {
		if p = norm.NFC.String(p); p != "" && !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "..") {
			u.settles(p)
			told = append(told, p)
		}
	}
	if !u.deaf && !u.away && u.s.rnd.IntN(20) > 0 {
		u.Hints(u.root, told...)
	}
}

// settles flushes a path with everything in it and above it.
func (u *user) settles(p string) {
	u.quietly(func() {
		_ = u.Settle(p)
		for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
			_ = u.Settle(dir)
		}
		u.each(p, func(i disk.Info) { _ = u.Settle(i.Path) })
	})
}

var errNothing = errors.New("there is none")

// writes replaces what lies there, whatever it is.
func (u *user) writes(p string, content []byte, size int) error {
	if p == "" {
		return errNothing
	}
	if content == nil {
		content = u.s.ledger.text(u, size)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.s.ledger.written(u, p, func() error { return u.Write(p, content) })
}

func (u *user) adds(p string, front bool) error {
	if p == "" {
		return errNothing
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	more := u.s.ledger.text(u, 100)
	return u.s.ledger.written(u, p, func() error {
		if !front {
			return u.Append(p, more)
		}
		old, err := u.ReadAll(p)
		if err != nil {
			return err
		}
		return u.Write(p, append(more, old...))
	})
}

// saves is what an editor does: a new file beside the old one, and over it.
func (u *user) saves(p string) error {
	if p == "" {
		return errNothing
	}
	tmp := path.Join(path.Dir(p), "~"+fmt.Sprint(u.s.rnd.IntN(3))+".tmp")
	defer u.flush(tmp)
	if err := u.writes(tmp, nil, 200); err != nil {
		return err
	}
	return u.renames(tmp, p)
}

func (u *user) deletes(p string) error {
	if p == "" {
		return errNothing
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.s.ledger.removed(u, p, func() error { return u.Delete(p) })
}

func (u *user) renames(p, to string) error {
	if p == "" || to == "" {
		return errNothing
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.Rules().Key(norm.NFC.String(p)) != u.Rules().Key(norm.NFC.String(to)) {
		return u.s.ledger.removed(u, to, func() error { return u.Rename(p, to) })
	}
	return u.Rename(p, to)
}

func (u *user) locks(p string) error {
	if p == "" || u.system != disktest.Windows || len(u.locked) > 3 {
		return errNothing
	}
	u.locked = append(u.locked, p)
	return u.Lock(p)
}
