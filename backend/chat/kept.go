package chat

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"slices"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed kept.sql
var keptSchema string

const (
	// maxKeptPins bounds the pinned conversations of a workspace.
	maxKeptPins = 100
	// mutedAlways stands for no end.
	mutedAlways = -1
)

// kept is how a conversation stands in the list of this device's person. It is in no log.
type kept struct {
	pinned         int
	muted          int64 // until when, Unix ms; mutedAlways; 0: not
	everyone       bool
	archived, gone bool
	// What there was when it was put away.
	stamp  int64
	unread int
}

const keptColumns = `SELECT space, pinned, muted, everyone, archived, stamp, unread, gone FROM chatlocal_kept`

func scanKept(row interface{ Scan(...any) error }) (id wire.SpaceID, k kept, err error) {
	var raw []byte
	err = row.Scan(&raw, &k.pinned, &k.muted, &k.everyone, &k.archived, &k.stamp, &k.unread, &k.gone)
	if err == nil {
		id = wire.SpaceID(raw)
	}
	return id, k, err
}

// keptAll is what was set for any conversation; for most nothing was.
func (c *Chat) keptAll(ctx context.Context) (map[wire.SpaceID]kept, error) {
	rows, err := c.DB.Read().QueryContext(ctx, keptColumns)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.SpaceID]kept{}
	for rows.Next() {
		id, k, err := scanKept(rows)
		if err != nil {
			return nil, store.Classify(err)
		}
		out[id] = k
	}
	return out, store.Classify(rows.Err())
}

// isMuted at a time in Unix ms.
func (k kept) isMuted(now int64) bool { return k.muted == mutedAlways || k.muted > now }

// noticed is what badges and notices count of a conversation.
func (v conversation) noticed(now int64) int {
	switch {
	case !v.kept.isMuted(now):
		return v.unread
	case v.mention != nil:
		return 1
	}
	return 0
}

// isArchived reports whether nothing came since it was put away. A muted conversation
// comes back only when its person is mentioned.
func (v conversation) isArchived(now int64) bool {
	if !v.kept.archived {
		return false
	}
	if v.kept.isMuted(now) {
		return v.noticed(now) == 0
	}
	return v.unread <= v.kept.unread && (v.last == nil || v.last.Stamp <= v.kept.stamp)
}

func (v conversation) keptOut(now int64) *v1.Kept {
	out := &v1.Kept{Pinned: int32(v.kept.pinned), Everyone: v.kept.everyone, Archived: v.isArchived(now), Left: v.kept.gone && !v.active}
	if v.kept.isMuted(now) {
		out.MutedUntilUnixMs = v.kept.muted
	}
	return out
}

// keep changes how a conversation stands. Errors: errcode.NotFound.
func (c *Chat) keep(ctx context.Context, id wire.SpaceID, change func(tx *store.Tx, v conversation, k *kept) error) error {
	v, err := c.conversation(ctx, id)
	if err != nil {
		return err
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		_, k, err := scanKept(tx.QueryRow(keptColumns+` WHERE space = ?`, id[:]))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := change(tx, v, &k); err != nil {
			return err
		}
		if (k == kept{}) {
			_, err = tx.Exec(`DELETE FROM chatlocal_kept WHERE space = ?`, id[:])
			return err
		}
		_, err = tx.Exec(`INSERT OR REPLACE INTO chatlocal_kept VALUES(?, ?, ?, ?, ?, ?, ?, ?)`,
			id[:], k.pinned, k.muted, k.everyone, k.archived, k.stamp, k.unread, k.gone)
		return err
	})
	if err == nil {
		c.Publish("chat")
	}
	return err
}

// SetPinned puts a conversation to the top of the list, at a place from 1 among those
// that are there (0: the last), or takes it from there.
// Errors: errcode.ListPinLimit (max), errcode.NotFound.
func (c *Chat) SetPinned(ctx context.Context, id wire.SpaceID, on bool, position int) error {
	return c.keep(ctx, id, func(tx *store.Tx, _ conversation, k *kept) error {
		all, err := pinnedBut(tx, id)
		if err != nil {
			return err
		}
		k.pinned = 0
		if on {
			if len(all) >= maxKeptPins {
				return errcode.Of(errcode.ListPinLimit, "max", maxKeptPins)
			}
			if position < 1 || position > len(all) {
				position = len(all) + 1
			}
			k.pinned = position
			all = slices.Insert(all, position-1, id)
		}
		for n, other := range all {
			if _, err := tx.Exec(`UPDATE chatlocal_kept SET pinned = ? WHERE space = ?`, n+1, other[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// pinnedBut lists the pinned conversations that are shown beside one, in their order, without that one.
func pinnedBut(tx *store.Tx, but wire.SpaceID) (out []wire.SpaceID, err error) {
	rows, err := tx.Query(`SELECT k.space FROM chatlocal_kept k JOIN chat_space s ON s.space = k.space
		WHERE k.pinned > 0 AND k.space <> ?1 AND `+shownIn+` = (SELECT `+shownIn+` FROM chat_space s WHERE s.space = ?1) ORDER BY k.pinned, k.space`, but[:])
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, wire.SpaceID(raw))
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// SetMuted has a conversation make no notice until a time in Unix ms (-1: always, 0: no more).
// With everyone, mentions of everybody make one nevertheless, as those by name always do.
// Errors: errcode.InvalidArgument (a time that is over), errcode.NotFound.
func (c *Chat) SetMuted(ctx context.Context, id wire.SpaceID, until int64, everyone bool) error {
	if until < mutedAlways || until > 0 && until <= c.Clock.Now().UnixMilli() {
		return errcode.InvalidArgument
	}
	return c.keep(ctx, id, func(_ *store.Tx, _ conversation, k *kept) error {
		k.muted, k.everyone = until, everyone && until != 0
		return nil
	})
}

// SetArchived puts a conversation away until something new comes, or takes it back.
// What is put away is not pinned. Errors: errcode.NotFound.
func (c *Chat) SetArchived(ctx context.Context, id wire.SpaceID, on bool) error {
	return c.keep(ctx, id, func(_ *store.Tx, v conversation, k *kept) error {
		k.archived, k.stamp, k.unread = on, 0, 0
		if on {
			k.pinned, k.unread = 0, v.unread
			if v.last != nil {
				k.stamp = v.last.Stamp
			}
		}
		return nil
	})
}

// comesBack ends the being put away of a conversation that came back by itself: it
// stays in the list once it is read.
func (c *Chat) comesBack(ctx context.Context, id wire.SpaceID) error {
	all, err := c.keptAll(ctx)
	if err != nil || !all[id].archived {
		return err
	}
	v, err := c.conversation(ctx, id)
	if err != nil || v.isArchived(c.Clock.Now().UnixMilli()) {
		return err
	}
	return c.SetArchived(ctx, id, false)
}
