package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// tree is the folder at root. What differs per system is the type folder, an open
// folder in which single names are looked at and changed: no call on it ever sees a
// path, so no link on the way can lead it elsewhere.
type tree struct {
	root string // absolute
	self identity

	mu     sync.Mutex
	rules  Rules
	probed bool
	forms  map[string]forms // by folder
}

// Open a folder that is there. Rules that can only be found by trying are found once
// the hidden folder (Hidden) lies in it, which the caller makes.
func Open(root string) (Tree, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	f, self, err := openRoot(root)
	if err != nil {
		return nil, fmt.Errorf("open folder %s: %w", root, wrap(err))
	}
	f.close()
	t := &tree{root: root, self: self, rules: systemRules(root)}
	t.Rules()
	return t, nil
}

// enter opens the root, and makes sure that it is what it was.
func (t *tree) enter() (folder, error) {
	f, self, err := openRoot(t.root)
	if err != nil {
		return f, fmt.Errorf("%w: %s", ErrGone, err.Error()) // the cause must not look like a deleted file
	}
	if self != t.self {
		f.close()
		return f, ErrGone
	}
	return f, nil
}

// folder opens a folder of the tree.
func (t *tree) folder(p string) (folder, error) {
	f, err := t.enter()
	if err != nil || p == "" {
		return f, err
	}
	defer f.close()
	in, err := f.enter(p)
	if err == nil || !errors.Is(wrap(err), fs.ErrNotExist) || !t.mayDiffer(p) {
		return in, wrap(err)
	}
	return t.folderByForm(f, p)
}

// at runs a step with the folder that p lies in and the name that it has there. A name
// that the disk writes in another Unicode form is found when it is not there as it is.
func (t *tree) at(p string, step func(f folder, name string) error) error {
	f, name, err := t.parent(p)
	if err != nil {
		return err
	}
	defer f.close()
	err = wrap(step(f, name))
	if errors.Is(err, fs.ErrNotExist) && t.mayDiffer(name) {
		if spelled, found := t.spelled(f, dirOf(p), name); found {
			return wrap(step(f, spelled))
		}
	}
	return err
}

// parent opens the folder that p lies in. p passes the guard, whatever the caller did.
func (t *tree) parent(p string) (f folder, name string, err error) {
	if err := Portable(p); err != nil {
		return f, "", err
	}
	if impossible(p) {
		return f, "", fs.ErrNotExist
	}
	dir, name := split(p)
	f, err = t.folder(dir)
	return f, name, err
}

func split(p string) (dir, name string) {
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 0)], p[i+1:]
}

func dirOf(p string) string {
	dir, _ := split(p)
	return dir
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

func (t *tree) Look(p string) (Info, error) {
	info, err := t.look(p)
	if err != nil {
		return Info{}, fmt.Errorf("look at %s: %w", p, err)
	}
	return info, nil
}

func (t *tree) look(p string) (info Info, err error) {
	if p == "" {
		f, err := t.enter()
		if err != nil {
			return Info{}, err
		}
		defer f.close()
		info, err = f.self()
		return info, wrap(err)
	}
	err = t.at(p, func(f folder, name string) error {
		info, err = f.look(name)
		return err
	})
	info.Path = p
	rules := t.Rules()
	info.Exec = info.Exec && rules.Exec
	if err == nil && (rules.FoldsCase || rules.FoldsForm) {
		info.Path, err = t.truePath(p)
	}
	return info, err
}

func (t *tree) Open(p string) (Content, error) {
	var file *os.File
	err := t.at(p, func(f folder, name string) (err error) {
		file, err = f.open(name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", p, err)
	}
	return &content{File: file, path: p, exec: t.Rules().Exec}, nil
}

// content is a file that is read.
type content struct {
	*os.File
	path string
	exec bool
}

func (c *content) Look() (Info, error) {
	info, err := lookFile(c.File)
	if err != nil {
		return Info{}, fmt.Errorf("look at %s: %w", c.path, wrap(err))
	}
	info.Path = c.path
	info.Exec = info.Exec && c.exec
	return info, nil
}

func (t *tree) Free() (uint64, error) {
	f, err := t.enter()
	if err != nil {
		return 0, fmt.Errorf("ask for free space: %w", err)
	}
	defer f.close()
	n, err := f.free()
	if err != nil {
		return 0, fmt.Errorf("ask for free space: %w", err)
	}
	return n, nil
}

func (t *tree) Create(p string) (Draft, error) {
	var file *os.File
	err := t.anew(p, func(f folder, name string) (err error) {
		file, err = f.create(name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", p, err)
	}
	return draft{file, t.Rules().Exec}, nil
}

// draft is a file that is written.
type draft struct {
	file *os.File
	exec bool
}

func (d draft) WriteAt(b []byte, at int64) (int, error) {
	n, err := d.file.WriteAt(b, at)
	return n, wrap(err)
}

func (d draft) Size(n int64) error { return wrap(d.file.Truncate(n)) }
func (d draft) Close() error       { return wrap(d.file.Close()) }

func (d draft) Mark(modified time.Time, exec bool) error {
	return wrap(markFile(d.file, modified, exec, d.exec))
}

func (t *tree) Make(p string, kind Kind, target string) error {
	links := t.Rules().Links
	err := t.anew(p, func(f folder, name string) error {
		switch {
		case kind == Folder:
			return f.makeFolder(name)
		case kind == Link && links:
			return f.makeLink(name, target)
		}
		return errors.ErrUnsupported
	})
	if err != nil {
		return fmt.Errorf("make %s: %w", p, err)
	}
	return nil
}

// anew runs a step that makes a name.
func (t *tree) anew(p string, step func(f folder, name string) error) error {
	if err := t.Rules().Check(p); err != nil {
		return err
	}
	f, name, err := t.parent(p)
	if err != nil {
		return err
	}
	defer f.close()
	if t.mayDiffer(name) {
		if _, found := t.spelled(f, dirOf(p), name); found {
			return clash(fs.ErrExist)
		}
	}
	err = wrap(step(f, name))
	switch {
	case errors.Is(err, fs.ErrExist):
		return t.taken(f, name, err)
	case err != nil && refusesName(err):
		return fmt.Errorf("%w: %w", ErrName, err)
	}
	return err
}

// taken says more of a name that is taken: maybe only another one like it is there.
func (t *tree) taken(f folder, name string, err error) error {
	if rules := t.Rules(); rules.FoldsCase || rules.FoldsForm {
		if there, e := f.trueName(name); e == nil && there != name {
			return clash(err)
		}
	}
	return err
}

func clash(err error) error { return fmt.Errorf("%w: %w", ErrClash, err) }

func (t *tree) Remove(p string) error {
	err := t.at(p, func(f folder, name string) error {
		info, err := f.look(name)
		if err != nil {
			return err
		}
		return f.remove(name, info.Kind)
	})
	if err != nil {
		return fmt.Errorf("remove %s: %w", p, err)
	}
	return nil
}

func (t *tree) Mark(p string, modified time.Time, exec bool) error {
	err := t.at(p, func(f folder, name string) error {
		file, err := f.openToMark(name)
		if err != nil {
			return err
		}
		defer file.Close()
		return markFile(file, modified, exec, t.Rules().Exec)
	})
	if err != nil {
		return fmt.Errorf("mark %s: %w", p, err)
	}
	return nil
}
