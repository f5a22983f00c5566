package chat

import (
	"cmp"
	"context"
	"errors"
	"slices"

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
}

const conversationColumns = `SELECT s.space, s.kind, s.workspace, s.other, s.active, s.joined, s.members, coalesce(n.name, ''),
	s.space IN (SELECT space FROM chatlocal_opened) FROM chat_space s LEFT JOIN chat_naming n ON n.space = s.space`

// conversations lists those of a workspace: the pinned ones in their order, then the
// others, latest first. A direct one without messages is listed only where it was opened.
func (c *Chat) conversations(ctx context.Context, workspace wire.SpaceID) ([]conversation, error) {
	all, err := c.load(ctx, conversationColumns+` WHERE `+shownIn+` = ?`, workspace[:])
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b conversation) int {
		pinned := func(v conversation) int { return cmp.Or(v.kept.pinned, maxKeptPins+1) }
		return cmp.Or(cmp.Compare(pinned(a), pinned(b)), cmp.Compare(b.at(), a.at()))
	})
	return all, nil
}

func (c *Chat) conversation(ctx context.Context, id wire.SpaceID) (conversation, error) {
	all, err := c.load(ctx, conversationColumns+` WHERE s.space = ?`, id[:])
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

func (c *Chat) load(ctx context.Context, query string, arg []byte) ([]conversation, error) {
	rows, err := c.DB.Read().QueryContext(ctx, query, arg)
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
		v.kept = all[v.id]
		last, err := c.before(ctx, v.id, newest, 1)
		if err != nil {
			return nil, err
		}
		if len(last) == 1 {
			v.last = &last[0]
		}
		if v.kind == kindDirect && v.last == nil && !v.opened {
			continue
		}
		var first *MessageKey
		if v.unread, first, err = c.unread(ctx, v.id); err != nil {
			return nil, err
		}
		if first != nil {
			if v.mention, err = c.mentionsUs(ctx, v.id, *first, !v.kept.isMuted(now) || v.kept.everyone); err != nil {
				return nil, err
			}
		}
		if err := c.addThreads(ctx, &v.conversation); err != nil {
			return nil, err
		}
		out = append(out, v.conversation)
	}
	return out, nil
}
