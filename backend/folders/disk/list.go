package disk

import (
	"errors"
	"fmt"
	"io/fs"
)

func (t *tree) List(p string, each func(Info) error, bad func(string)) error {
	if bad == nil {
		bad = func(string) {}
	}
	if p != "" {
		if err := Portable(p); err != nil {
			return fmt.Errorf("list %s: %w", p, err)
		}
		if impossible(p) {
			return fmt.Errorf("list %s: %w", p, fs.ErrNotExist)
		}
	}
	f, err := t.folder(p)
	if err != nil {
		return fmt.Errorf("list %s: %w", p, err)
	}
	defer f.close()
	l := listing{folder: f, dir: p, each: each, bad: bad, exec: t.Rules().Exec, folds: t.Rules().FoldsForm}
	err = f.names(l.names)
	if err == nil {
		err = l.finish()
	}
	switch {
	case err == nil:
		return nil
	case l.stopped:
		return err // the caller's own, as it is
	}
	return fmt.Errorf("list %s: %w", p, wrap(err))
}

// listing is a walk through one folder.
type listing struct {
	folder  folder
	dir     string
	each    func(Info) error
	bad     func(string)
	exec    bool
	folds   bool
	odd     []string // names that the disk writes in another form than the log
	stopped bool
}

func (l *listing) names(batch []string) error {
	for _, name := range batch {
		logged, ok := asLogged(name)
		switch {
		case !ok:
			l.bad(name)
		case logged != name && !l.folds:
			l.odd = append(l.odd, name)
		default:
			if err := l.tell(name, logged); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish tells of the odd names. Two names of one disk may be one in the log; the one
// that is written as in the log has it, else the first.
func (l *listing) finish() error {
	told := map[string]bool{}
	for _, name := range l.odd {
		logged, _ := asLogged(name)
		_, err := l.folder.look(logged)
		if err == nil || told[logged] {
			l.bad(name)
			continue
		}
		told[logged] = true
		if err := l.tell(name, logged); err != nil {
			return err
		}
	}
	return nil
}

func (l *listing) tell(name, logged string) error {
	info, err := l.folder.look(name)
	if errors.Is(wrap(err), fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info.Path = join(l.dir, logged)
	info.Exec = info.Exec && l.exec
	if err := l.each(info); err != nil {
		l.stopped = true
		return err
	}
	return nil
}
