package folders

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"

	"roundtable/backend/errcode"
	"roundtable/backend/store"
)

// parts lists what is kept, with all that is in it, and what of it is left out.
func (p place) parts() (kept, left []string) {
	for path, keep := range p.chosen {
		if keep {
			kept = append(kept, path)
		} else {
			left = append(left, path)
		}
	}
	slices.Sort(kept)
	slices.Sort(left)
	return kept, left
}

// keepEntry wants a part of a folder here that was only listed.
func (k *keeper) keepEntry(ctx context.Context, path string) error {
	return k.decide(ctx, path, true)
}

// decide notes that a path, with all that is in it, is kept here or left out.
func (k *keeper) decide(ctx context.Context, path string, keep bool) error {
	k.mu.Lock()
	chosen := maps.Clone(k.chosen)
	k.mu.Unlock()
	if chosen == nil {
		chosen = map[string]bool{}
	}
	maps.DeleteFunc(chosen, func(c string, _ bool) bool { return within(c, path) })
	chosen[path] = keep
	return k.change(ctx, func(p *place) {
		p.chosen = chosen
		if path == "" {
			p.mode, p.chosen = modeWhole, nil
		}
	})
}

// unkeepEntry stops keeping a part of a folder here and removes it from this disk.
// Nothing is removed that no other device is known to have: errors errcode.OnlyCopy.
// The rest of what was kept stays so.
func (k *keeper) unkeepEntry(ctx context.Context, path string) error {
	if path == "" {
		return errcode.InvalidArgument
	}
	folder, err := folderRow(k.f.DB.Read(), k.space)
	if err != nil {
		return err
	}
	if k.f.mayWrite(k.space) {
		if n, err := k.unsentUnder(ctx, folder, path); err != nil || n > 0 {
			return errors.Join(err, errcode.OnlyCopy)
		}
	}
	if err := k.decide(ctx, path, false); err != nil {
		return err
	}
	// Whoever was told of the decision may have asked before all of it was gone.
	defer k.f.Publish("folders", topic(k.space))
	return k.dismiss(ctx, path)
}

// dismiss removes from this disk what lies under a path, as far as it is what the
// log says; what is not stays.
func (k *keeper) dismiss(ctx context.Context, path string) error {
	var found []diff
	if err := k.lost(ctx, path, &found); err != nil {
		return err
	}
	if l, known, err := localAt(k.f.DB.Read(), k.row, path); err != nil {
		return err
	} else if known {
		found = append([]diff{{path: path, was: l}}, found...)
	}
	k.ground.Lock()
	defer k.ground.Unlock()
	for _, d := range slices.Backward(found) {
		now, here, err := k.seen(d.path)
		if err != nil {
			return err
		}
		if here && (!d.was.unchanged(now) || d.was.version.IsZero()) {
			k.look.at(d.path)
			continue
		}
		// Forgotten first: what is not there and not known was never deleted.
		if err := k.f.DB.Write(ctx, func(tx *store.Tx) error { return dropLocal(tx, d.was.row) }); err != nil {
			return err
		}
		if !here {
			continue
		}
		if err := k.tree.Remove(d.path); err != nil && !errors.Is(err, fs.ErrNotExist) && d.was.kind != Folder {
			return err
		}
	}
	return nil
}

// unsentUnder counts versions of this device under a path that nobody else has.
func (k *keeper) unsentUnder(ctx context.Context, folder int64, path string) (n int64, err error) {
	o, ok := k.ownFeed()
	if !ok {
		return 0, nil
	}
	parent, name := split(path)
	err = k.f.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM folders_version v WHERE v.folder = ?1 AND v.feed = ?2 AND v.state = 2 AND v.kind = 1
		AND v.seq > coalesce((SELECT max(seq) FROM folderslocal_held WHERE space = ?3 AND start = ?4), 0)
		AND (v.parent = ?5 AND v.name = ?6 OR v.parent = ?7 OR v.parent >= ?7 || '/' AND v.parent < ?7 || '0')`,
		folder, o.row, k.space[:], int64(o.start), parent, name, path).Scan(&n)
	return n, store.Classify(err)
}
