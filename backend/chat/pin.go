package chat

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// maxPins bounds what is pinned in a conversation.
	maxPins = 50
	// maxPinned bounds the rows of one person: its last words about pins.
	maxPinned = 500
)

// pinned keeps the last word of a person about the pin of a message.
func (p *Projection) pinned(tx *projection.Tx, e eventlog.Event) error {
	var body messagePinned
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.Message.valid() {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	room, err := p.room(tx, e.Space)
	if err != nil {
		return err
	}
	at := by(e)
	if _, err := tx.Exec(`INSERT INTO chat_pin VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		stamp = excluded.stamp, pfeed = excluded.pfeed, pseq = excluded.pseq, pinned = excluded.pinned
		WHERE (excluded.stamp, excluded.pfeed, excluded.pseq) > (stamp, pfeed, pseq)`,
		room, body.Message.in(e.Space), int64(body.Message.Seq), e.Person[:], at.Stamp, at.Feed, at.Seq, body.On); err != nil {
		return err
	}
	// What falls out is older than everything kept, and so is whatever may still come of it.
	_, err = tx.Exec(`DELETE FROM chat_pin WHERE space = ?1 AND person = ?2 AND (stamp, pfeed, pseq) IN
		(SELECT stamp, pfeed, pseq FROM chat_pin WHERE space = ?1 AND person = ?2 ORDER BY stamp DESC, pfeed DESC, pseq DESC LIMIT -1 OFFSET ?3)`, room, e.Person[:], maxPinned)
	tx.Changed(topic(e.Space))
	return err
}

// pin is a message at the top.
type pin struct {
	place
	person wire.PersonID
	stamp  int64
}

// pins lists what is pinned, the last one first. In the conversation of everyone
// only who manages the workspace pins; elsewhere every member.
func (c *Chat) pins(ctx context.Context, id wire.SpaceID) ([]pin, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT p.feed, p.seq, p.person, p.stamp FROM chat_pin p
		WHERE p.space = (SELECT id FROM chat_room WHERE space = ?1) AND p.pinned
			AND `+mayPinThen("p")+`
			AND NOT EXISTS(SELECT 1 FROM chat_pin o WHERE o.space = p.space AND o.feed = p.feed AND o.seq = p.seq
				AND (o.stamp, o.pfeed, o.pseq) > (p.stamp, p.pfeed, p.pseq) AND `+mayPinThen("o")+`)
			AND EXISTS(SELECT 1 FROM chat_message m LEFT JOIN chat_changed g ON g.space = m.space AND g.stamp = m.stamp AND g.feed = m.feed AND g.seq = m.seq
				WHERE m.feed = p.feed AND m.seq = p.seq AND length(coalesce(g.recaller, x'')) = 0)
		ORDER BY p.stamp DESC, p.pfeed DESC, p.pseq DESC LIMIT ?3`, id[:], int(c.kind(id)), maxPins)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	var out []pin
	for rows.Next() {
		var p pin
		var person []byte
		if err := rows.Scan(&p.feed, &p.seq, &person, &p.stamp); err != nil {
			return nil, store.Classify(err)
		}
		p.person = wire.PersonID(person)
		out = append(out, p)
	}
	return out, store.Classify(rows.Err())
}

// mayPinThen asks of a row of pins whether its author might pin: whoever manages, and,
// where the rules of then did not say otherwise, every member of a group or a pair.
func mayPinThen(row string) string {
	return `(` + row + `.person IN (SELECT person FROM chat_admin WHERE space = ?1) OR ?2 <> 1 AND ` + ruledAt("pins", "?1", row+".stamp") + ` = 0)`
}

// kind of a conversation.
func (c *Chat) kind(id wire.SpaceID) (k space.Kind) {
	_ = c.Log.View(id, func(s *space.State) { k = s.Kind })
	return k
}

// mayPin reports whether we may.
func (c *Chat) mayPin(ctx context.Context, id wire.SpaceID) bool {
	workspace := c.kind(id) == space.Workspace
	return c.open(id) && c.mayAll(ctx, id, func(r rules) bool { return !workspace && r.Pin == 0 })
}

// Pin puts a message to the top, or takes it from there.
// Errors: errcode.Forbidden, errcode.PinLimit (max), errcode.MessageRecalled, errcode.NotMember, errcode.NotFound.
func (c *Chat) Pin(ctx context.Context, id wire.SpaceID, k MessageKey, on bool) error {
	m, err := c.standing(ctx, id, k)
	if err != nil {
		return err
	}
	if !c.mayPin(ctx, id) {
		return errcode.Forbidden
	}
	all, err := c.pins(ctx, id)
	if err != nil {
		return err
	}
	is := false
	for _, p := range all {
		is = is || p.place == place{k.Feed, k.Seq}
	}
	switch {
	case is == on:
		return nil
	case on && len(all) >= maxPins:
		return errcode.Of(errcode.PinLimit, "max", maxPins)
	}
	_, err = c.Log.Append(ctx, id, eventlog.Draft{Kind: MessagePinned, Body: messagePinned{Message: m.ref(), On: on}})
	return err
}

func (c *Chat) pinsOut(ctx context.Context, id wire.SpaceID) (*v1.PinnedResponse, error) {
	v, err := c.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := c.pins(ctx, id)
	if err != nil {
		return nil, err
	}
	var places []place
	for _, p := range all {
		places = append(places, p.place)
	}
	found, err := c.at(ctx, id, places)
	if err != nil {
		return nil, err
	}
	out := &v1.PinnedResponse{}
	for _, p := range all {
		m, ok := found[p.place]
		if !ok {
			continue
		}
		shown, err := c.messagesOut(ctx, id, v.workspace, []message{m})
		if err != nil {
			return nil, err
		}
		out.Pinned = append(out.Pinned, &v1.Pinned{Message: shown[0], PersonName: c.Name(ctx, v.workspace, p.person), PersonId: p.person.String(), PinnedUnixMs: clock.Stamp(p.stamp).UnixMilli()})
	}
	return out, nil
}

// Pinned lists what is pinned.
func (a API) Pinned(ctx context.Context, r *v1.PinnedRequest) (*v1.PinnedResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	return c.pinsOut(ctx, id)
}

// Pin puts a message to the top, or takes it from there.
func (a API) Pin(ctx context.Context, r *v1.PinRequest) (*v1.PinnedResponse, error) {
	c, id, k, err := a.attachmentOf(r.ConversationId, r.MessageId)
	if err != nil {
		return nil, err
	}
	if err := c.Pin(ctx, id, k, r.On); err != nil {
		return nil, err
	}
	return c.pinsOut(ctx, id)
}
