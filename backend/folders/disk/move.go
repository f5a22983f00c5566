package disk

import (
	"errors"
	"fmt"
	"io/fs"
)

// errCannot is what a system says of a step that this disk does not know.
var errCannot = errors.New("the disk cannot do this in one step")

func (t *tree) Move(from, to string) error {
	if err := t.move(from, to); err != nil {
		return fmt.Errorf("move %s to %s: %w", from, to, err)
	}
	return nil
}

func (t *tree) move(from, to string) error {
	if err := t.Rules().Check(to); err != nil {
		return err
	}
	target, toName, err := t.parent(to)
	if err != nil {
		return err
	}
	defer target.close()
	return t.at(from, func(source folder, name string) error {
		if from == to {
			_, err := source.look(name)
			return err
		}
		if t.mayDiffer(toName) {
			if there, found := t.spelled(target, dirOf(to), toName); found && !sameName(source, name, target, there) {
				return clash(fs.ErrExist)
			}
		}
		if t.Rules().Key(from) == t.Rules().Key(to) && sameName(source, name, target, toName) {
			return respell(source, name, target, toName)
		}
		err := source.rename(name, target, toName)
		if errors.Is(wrap(err), fs.ErrExist) {
			return t.taken(target, toName, wrap(err))
		}
		return err
	})
}

// sameName reports whether two names lead to one file, because the disk folds them.
func sameName(source folder, name string, target folder, other string) bool {
	a, err := source.look(name)
	b, e := target.look(other)
	return err == nil && e == nil && a.ID == b.ID && a.Kind == b.Kind && a.ID != 0
}

// respell changes case or form of a name only. Disks that see one name in both do
// nothing, or refuse, when they are asked to; over a third name they do it.
func respell(source folder, name string, target folder, toName string) error {
	err := source.renameOver(name, target, toName)
	if there, e := target.trueName(toName); err == nil && e == nil && there == toName {
		return nil
	}
	between := toName + ".moving"
	if len(between) > maxName {
		between = ".moving"
	}
	if err := source.rename(name, target, between); err != nil {
		return err
	}
	if err := target.rename(between, target, toName); err != nil {
		return errors.Join(err, target.rename(between, source, name))
	}
	return nil
}

func (t *tree) Swap(from, to, aside string) error {
	if err := t.swap(from, to, aside); err != nil {
		return fmt.Errorf("swap %s to %s: %w", from, to, err)
	}
	return nil
}

func (t *tree) swap(from, to, aside string) error {
	if err := t.Rules().Check(aside); err != nil {
		return err
	}
	third, asideName, err := t.parent(aside)
	if err != nil {
		return err
	}
	defer third.close()
	// Looked at first, so that in the usual case nothing has happened yet.
	if _, err := third.look(asideName); err == nil {
		return fmt.Errorf("%s: %w", aside, fs.ErrExist)
	}
	return t.at(to, func(target folder, toName string) error {
		if _, err := target.look(toName); err != nil {
			return err
		}
		return t.at(from, func(source folder, name string) error {
			likeBefore(source, name, target, toName)
			err := source.exchange(name, target, toName)
			if err == nil {
				err = source.rename(name, third, asideName)
				if err != nil {
					err = errors.Join(err, source.exchange(name, target, toName))
				}
				return err
			}
			if !errors.Is(err, errCannot) {
				return err
			}
			if err := target.rename(toName, third, asideName); err != nil {
				return err
			}
			if err := source.rename(name, target, toName); err != nil {
				return errors.Join(err, third.rename(asideName, target, toName))
			}
			return nil
		})
	})
}
