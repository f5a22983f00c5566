package chat

import (
	"context"
	"errors"

	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// conversation is one row of the list.
type conversation struct {
	id        wire.SpaceID
	kind      int
	workspace wire.SpaceID
	other     wire.PersonID
	active    bool
	joined    int64
	members   int
	name      string
	last      *message
	unread    int
	mention   *MessageKey // the first unread one of us
	kept      kept
	inThreads int // of unread: what only threads show
	// known is what was asked for all of a list at once; nil where one is asked for.
	known *overview
}

const conversationColumns = `SELECT s.space, s.kind, s.workspace, s.other, s.active, s.joined, s.members, coalesce(n.name, ''),
	s.space IN (SELECT space FROM chatlocal_opened) FROM chat_space s LEFT JOIN chat_naming n ON n.space = s.space`

func (c *Chat) conversation(ctx context.Context, id wire.SpaceID) (conversation, error) {
	all, err := c.load(ctx, nil, conversationColumns+` WHERE s.space = ?`, id[:])
	if err != nil || len(all) == 1 {
		if err != nil {
			return conversation{}, err
		}
		return all[0], nil
	}
	return conversation{}, errcode.NotFound
}

// at is when something last happened, in ms.
func (v conversation) at() int64 {
	if v.last != nil {
		return clock.Stamp(v.last.Stamp).UnixMilli()
	}
	return v.joined
}

// load reads conversations. A direct one without messages is only there where it was opened. With an overview of them
// only that is asked for one by one which it says yes to.
func (c *Chat) load(ctx context.Context, known *overview, query string, args ...any) ([]conversation, error) {
	rows, err := c.DB.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, store.Classify(err)
	}
	type row struct {
		conversation
		opened bool
	}
	var found []row
	for rows.Next() {
		var v row
		var id, workspace, other []byte
		if err := rows.Scan(&id, &v.kind, &workspace, &other, &v.active, &v.joined, &v.members, &v.name, &v.opened); err != nil {
			return nil, errors.Join(store.Classify(err), rows.Close())
		}
		v.id, v.workspace = wire.SpaceID(id), wire.SpaceID(workspace)
		if len(other) == 32 {
			v.other = wire.PersonID(other)
		}
		found = append(found, v)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, store.Classify(err)
	}
	all, err := c.keptAll(ctx)
	if err != nil {
		return nil, err
	}
	now := c.Clock.Now().UnixMilli()
	var out []conversation
	for _, v := range found {
		v.kept, v.known = all[v.id], known
		if err := c.addLast(ctx, &v.conversation); err != nil {
			return nil, err
		}
		if v.kind == kindDirect && v.last == nil && !v.opened {
			continue
		}
		if err := c.addUnread(ctx, &v.conversation, now); err != nil {
			return nil, err
		}
		out = append(out, v.conversation)
	}
	return out, nil
}

func (c *Chat) addLast(ctx context.Context, v *conversation) error {
	if v.known != nil {
		if m, ok := v.known.last[v.id]; ok {
			v.last = &m
		}
		return nil
	}
	last, err := c.before(ctx, v.id, newest, 1)
	if len(last) == 1 {
		v.last = &last[0]
	}
	return err
}

// addUnread counts what is unread, also in our threads, and finds the first that mentions us.
func (c *Chat) addUnread(ctx context.Context, v *conversation, now int64) (err error) {
	var first *MessageKey
	if v.known.mayUnread(v.id) {
		if v.unread, first, err = c.unread(ctx, v.id); err != nil {
			return err
		}
	}
	if first != nil {
		if v.mention, err = c.mentionsUs(ctx, v.id, *first, !v.kept.isMuted(now) || v.kept.everyone); err != nil {
			return err
		}
	}
	if !v.known.mayThreads(v.id) {
		return nil
	}
	return c.addThreads(ctx, v)
}
