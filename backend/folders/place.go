package folders

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/folders/disk"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// What lies in the hidden folder of a place.
const (
	hiddenFolder = disk.Hidden
	markFile     = hiddenFolder + "/folder"
	draftFolder  = hiddenFolder + "/drafts"
	binFolder    = hiddenFolder + "/bin"
)

// places reads where folders are kept.
func (f *Folders) places(ctx context.Context) (out []place, err error) {
	rows, err := f.DB.Read().QueryContext(ctx, `SELECT row, space, root, mark, mode, paused, keep_days, keep_bytes, taken FROM folderslocal_place`)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var p place
		var id []byte
		if err := rows.Scan(&p.row, &id, &p.root, &p.mark, &p.mode, &p.paused, &p.keepDays, &p.keepBytes, &p.taken); err != nil {
			return nil, store.Classify(err)
		}
		if len(id) != 32 {
			continue
		}
		p.space = wire.SpaceID(id)
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, store.Classify(err)
	}
	for i := range out {
		if out[i].chosen, err = f.chosen(ctx, out[i].row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (f *Folders) chosen(ctx context.Context, place int64) (out map[string]bool, err error) {
	rows, err := f.DB.Read().QueryContext(ctx, `SELECT path, keep FROM folderslocal_chosen WHERE place = ?`, place)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out = map[string]bool{}
	for rows.Next() {
		var path string
		var keep bool
		if err := rows.Scan(&path, &keep); err != nil {
			return nil, store.Classify(err)
		}
		out[path] = keep
	}
	return out, store.Classify(rows.Err())
}

// save writes how a folder is kept; a new place gets its row.
func (p *place) save(tx *store.Tx, now time.Time) error {
	if _, err := tx.Exec(`INSERT INTO folderslocal_place(space, root, mark, mode, paused, keep_days, keep_bytes, taken, since) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET root = excluded.root, mark = excluded.mark, mode = excluded.mode, paused = excluded.paused,
			keep_days = excluded.keep_days, keep_bytes = excluded.keep_bytes, taken = excluded.taken`,
		p.space[:], p.root, p.mark, p.mode, p.paused, p.keepDays, p.keepBytes, p.taken, now.UnixMilli()); err != nil {
		return err
	}
	if err := tx.QueryRow(`SELECT row FROM folderslocal_place WHERE space = ?`, p.space[:]).Scan(&p.row); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM folderslocal_chosen WHERE place = ?`, p.row); err != nil {
		return err
	}
	for path, keep := range p.chosen {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO folderslocal_chosen VALUES(?, ?, ?)`, p.row, path, keep); err != nil {
			return err
		}
	}
	return nil
}

// forget drops everything that is known of a place; its files stay.
func (p place) forget(tx *store.Tx) error {
	for _, q := range []string{
		`DELETE FROM folderslocal_chunk WHERE file IN (SELECT row FROM folderslocal_file WHERE place = ?)`,
		`DELETE FROM folderslocal_file WHERE place = ?`, `DELETE FROM folderslocal_node WHERE place = ?`,
		`DELETE FROM folderslocal_chosen WHERE place = ?`, `DELETE FROM folderslocal_place WHERE row = ?`,
	} {
		if _, err := tx.Exec(q, p.row); err != nil {
			return err
		}
	}
	return nil
}

// settleIn makes what the feature needs in a folder: its hidden folder, and the
// mark by which it is known again.
func settleIn(tree disk.Tree, mark string) error {
	for _, folder := range []string{hiddenFolder, draftFolder, binFolder} {
		if err := tree.Make(folder, disk.Folder, ""); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("make hidden folder: %w", err)
		}
	}
	if text, err := readSmall(tree, markFile, 1024); err == nil {
		if string(text) == mark {
			return nil
		}
		if err := tree.Remove(markFile); err != nil {
			return err
		}
	}
	d, err := tree.Create(markFile)
	if err != nil {
		return err
	}
	_, err = d.WriteAt([]byte(mark), 0)
	if err = errors.Join(err, d.Close()); err != nil {
		return err
	}
	return tree.Settle(markFile, hiddenFolder)
}

// check looks whether the tree is the place that is meant: a disk that is not
// mounted, or another one, has deleted nothing. Errors: errcode.FolderGone.
func (k *keeper) check(tree disk.Tree) error {
	text, err := readSmall(tree, markFile, 1024)
	switch {
	case err == nil && string(text) == k.mark:
		return nil
	case err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, disk.ErrEscapes) || errors.Is(err, disk.ErrGone):
		return errcode.FolderGone
	}
	return err
}

// take notes that everything that lay in the folder at first was compared.
func (k *keeper) take(ctx context.Context) error {
	k.mu.Lock()
	p := k.place
	k.mu.Unlock()
	p.taken = true
	if err := k.f.DB.Write(ctx, func(tx *store.Tx) error { return p.save(tx, k.f.Clock.Now()) }); err != nil {
		return err
	}
	k.mu.Lock()
	k.taken = true
	k.mu.Unlock()
	k.fresh.everywhere()
	return nil
}
