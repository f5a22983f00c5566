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
			l.path, l.version, l.young = to, versionAt(e.Feed, e.Seq, 0), false
			k.seeMoved(&l, now, moved)
			return l.put(tx, k.row, nil)
		},
	})
	return err
}

// giveUp says that a version is gone which stands only because copies that were made at
// the same time left nothing else (settle), when the copy that this device made of it is
// gone, too: somebody deleted it or wrote over it, and nobody has the bytes. All would wait
// for them for ever. What stands anywhere else with the same content is not given up, be
// it on a device that is away.
func (k *keeper) giveUp(ctx context.Context, folder int64, v version) error {
	if paused, held := k.halted(); paused || held != "" || v.kind != File || !k.f.mayWrite(k.space) {
		return nil
	}
	k.ground.Lock()
	defer k.ground.Unlock()
	parent, name := split(v.path)
	var kept bool
	err := k.f.DB.Read().QueryRowContext(ctx, `SELECT EXISTS(SELECT 1 FROM folders_version
		WHERE folder = ? AND parent = ? AND name = ? AND id = ? AND state = 2 AND kept > 0)`, folder, parent, name, v.id[:]).Scan(&kept)
	if err != nil || !kept {
		return store.Classify(err)
	}
	self := k.f.Log.Self()
	var gone bool
	err = k.f.DB.Read().QueryRowContext(ctx, `SELECT
		EXISTS(SELECT 1 FROM folders_version c JOIN folders_feed f ON f.row = c.feed WHERE c.folder = ?1 AND c.cause = ?2 AND c.other = ?3 AND c.body = ?4 AND f.device = ?5)
		AND NOT EXISTS(SELECT 1 FROM folders_version o WHERE o.folder = ?1 AND o.state = 2 AND o.body = ?4 AND o.id <> ?6)`,
		folder, int64(conflictOf), v.path, v.body, self[:], v.id[:]).Scan(&gone)
	if err != nil || !gone {
		return store.Classify(err)
	}
	e := entry{Path: v.path, Kind: Removed, Replaces: []VersionID{v.id}}
	_, err = k.f.Log.Append(ctx, k.space, eventlog.Draft{Kind: EntriesChanged, Body: entriesChanged{Entries: []entry{e}}})
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
