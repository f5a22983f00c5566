package folders

import (
	"context"
	"time"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// keepBoth keeps what lies here under another name, because what stands at the
// path was written at the same time by somebody who had not seen it. Every device
// that has the losing one on its disk does so, under the same name with the same
// content, so it does not matter who is first. lost is the version that lies here; the
// copy takes its place in the log, and nothing is said of the one that stands: its
// content is not here yet.
//
// The file is moved before it is said: a crash between the two leaves a file that
// moved, and nothing is lost.
func (k *keeper) keepBoth(ctx context.Context, stands, lost version) error {
	if !k.f.mayWrite(k.space) {
		k.ground.Lock()
		defer k.ground.Unlock()
		_, here, err := k.seen(stands.path)
		if err != nil {
			return err
		}
		return k.stepAside(ctx, stands.path, here)
	}
	k.ground.Lock()
	defer k.ground.Unlock()
	if err := k.stands(stands); err != nil {
		return err
	}
	l, known, err := localAt(k.f.DB.Read(), k.row, stands.path)
	if err != nil {
		return err
	}
	now, here, err := k.seen(stands.path)
	if err != nil {
		return err
	}
	if !known || !here || !l.unchanged(now) || l.version != lost.id {
		return errUnseen
	}
	who := k.f.personOf(ctx, k.space, lost.feed)
	to := k.free(conflictName(stands.path, who, time.Unix(0, lost.modified)))
	if lost.kind == Folder {
		return errUnseen
	}
	if err := k.tree.Move(stands.path, to); err != nil {
		return err
	}
	if err := k.tree.Settle(to, stands.path); err != nil {
		return err
	}
	moved, err := k.tree.Look(to)
	if err != nil {
		return err
	}
	copied := entry{Path: to, Kind: lost.kind, Modified: lost.modified, Exec: lost.exec, Replaces: []VersionID{lost.id}, Cause: conflictOf, From: stands.path}
	if err := carry(&copied, lost); err != nil {
		return err
	}
	defer k.missed(to)
	_, err = k.f.Log.Append(ctx, k.space, eventlog.Draft{
		Kind: EntriesChanged, Body: entriesChanged{Entries: []entry{copied}},
		Then: func(tx *store.Tx, e eventlog.Event) error {
			l.path, l.version = to, versionAt(e.Feed, e.Seq, 0)
			k.seeMoved(&l, now, moved)
			return l.put(tx, k.row, nil)
		},
	})
	return err
}

// carry takes over what lies there.
func carry(e *entry, v version) error {
	switch v.kind {
	case File:
		content, err := chunk.DecodeContent(v.body)
		if err != nil {
			return err
		}
		e.Content = &content
	case Link:
		e.Target = string(v.body)
	}
	return nil
}

// personOf names who wrote a feed.
func (f *Folders) personOf(ctx context.Context, id wire.SpaceID, feed int64) string {
	var person, workspace []byte
	err := f.DB.Read().QueryRowContext(ctx, `SELECT f.person, s.workspace FROM folders_feed f JOIN folders_space s ON s.space = f.space WHERE f.row = ?`, feed).
		Scan(&person, &workspace)
	if err != nil || len(person) != 32 || len(workspace) != 32 {
		return ""
	}
	return f.Name(ctx, wire.SpaceID(workspace), wire.PersonID(person))
}
