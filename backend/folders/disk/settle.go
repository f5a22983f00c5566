package disk

import (
	"errors"
	"fmt"
	"io/fs"
)

func (t *tree) Settle(paths ...string) error {
	folders := map[string]bool{}
	for _, p := range paths {
		if p == "" {
			folders[""] = true
			continue
		}
		err := t.at(p, func(f folder, name string) error { return f.settle(name) })
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("settle %s: %w", p, err)
		}
		dir, _ := split(p)
		folders[dir] = true
	}
	for dir := range folders {
		if err := t.settleFolder(dir); err != nil {
			return fmt.Errorf("settle %s: %w", dir, err)
		}
	}
	if err := t.flush(); err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	return nil
}

// flush empties what the drive itself keeps back, where that is a step of its own.
func (t *tree) flush() error {
	f, err := t.enter()
	if err != nil {
		return err
	}
	defer f.close()
	return wrap(f.flush())
}

// settleFolder makes the names in a folder durable, or, if it is gone, in what it lay in.
func (t *tree) settleFolder(dir string) error {
	for {
		f, err := t.folder(dir)
		if err == nil {
			defer f.close()
			return wrap(f.sync())
		}
		if dir == "" || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		dir, _ = split(dir)
	}
}
