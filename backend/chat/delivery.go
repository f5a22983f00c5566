package chat

import (
	"bytes"
	"context"
	"slices"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/envelope"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// progress of one of our feeds at the other members.
type progress struct {
	held map[wire.PersonID]uint64
	read map[wire.PersonID]uint64
	// relay is how much of the feed a relay of the workspace keeps.
	relay uint64
	// others are the present members besides us, by ID.
	others []wire.PersonID
}

// others are the present members of a conversation besides us, by ID.
func (c *Chat) others(id wire.SpaceID) (out []wire.PersonID) {
	_ = c.Log.View(id, func(s *space.State) {
		for _, member := range s.Members() {
			if member.Active && member.Person != c.Me.Person {
				out = append(out, member.Person)
			}
		}
	})
	return out
}

// progressOf tells how far a feed of ours has come.
func (c *Chat) progressOf(ctx context.Context, id wire.SpaceID, m message) (progress, error) {
	p := progress{held: map[wire.PersonID]uint64{}, read: map[wire.PersonID]uint64{}, others: c.others(id)}
	feed := envelope.Feed{Device: m.device, Start: m.start, Lane: envelope.Content}
	holders := c.Log.Holders(id, feed)
	if c.AtRelay != nil {
		p.relay = c.AtRelay(id, feed)
	}
	if len(p.others) == 0 {
		return p, nil
	}
	_ = c.Log.View(id, func(s *space.State) {
		for device, seq := range holders {
			if person, ok := s.Person(device); ok && person != c.Me.Person {
				p.held[person] = max(p.held[person], seq)
			}
		}
	})
	// What stands in a thread alone is read there, and nowhere else.
	query, args := `SELECT person, seq FROM chat_read WHERE space = ? AND device = ? AND start = ? AND person <> ?`, []any{id[:], m.device[:], int64(m.start), c.Me.Person[:]}
	if m.thread != nil {
		in := `SELECT person, seq FROM chat_thread_read WHERE space = (SELECT id FROM chat_room WHERE space = ?) AND rfeed = ? AND rseq = ? AND feed = ? AND person <> ?`
		inArgs := []any{id[:], m.thread.feed, m.thread.seq, m.Feed, c.Me.Person[:]}
		if m.shown {
			query, args = query+` UNION ALL `+in, append(args, inArgs...)
		} else {
			query, args = in, inArgs
		}
	}
	rows, err := c.DB.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return p, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var person []byte
		var seq uint64
		if err := rows.Scan(&person, &seq); err != nil {
			return p, store.Classify(err)
		}
		p.read[wire.PersonID(person)] = max(p.read[wire.PersonID(person)], seq)
	}
	return p, store.Classify(rows.Err())
}

// state of one message at one person.
func (p progress) state(person wire.PersonID, seq int64) v1.DeliveryState {
	switch {
	case p.read[person] >= uint64(seq):
		return v1.DeliveryState_DELIVERY_STATE_READ
	case p.held[person] >= uint64(seq):
		return v1.DeliveryState_DELIVERY_STATE_DELIVERED
	case p.relay >= uint64(seq):
		return v1.DeliveryState_DELIVERY_STATE_AT_RELAY
	}
	return v1.DeliveryState_DELIVERY_STATE_WAITING
}

// rank orders states by how far a message has come; their numbers do not.
func rank(s v1.DeliveryState) int {
	return slices.Index([]v1.DeliveryState{v1.DeliveryState_DELIVERY_STATE_WAITING, v1.DeliveryState_DELIVERY_STATE_AT_RELAY,
		v1.DeliveryState_DELIVERY_STATE_DELIVERED, v1.DeliveryState_DELIVERY_STATE_READ}, s)
}

// sum counts the people who have and who have read a message.
func (p progress) sum(seq int64) (delivered, read int32, best v1.DeliveryState) {
	best = v1.DeliveryState_DELIVERY_STATE_WAITING
	for _, person := range p.others {
		s := p.state(person, seq)
		if rank(s) >= rank(v1.DeliveryState_DELIVERY_STATE_DELIVERED) {
			delivered++
		}
		if s == v1.DeliveryState_DELIVERY_STATE_READ {
			read++
		}
		if rank(s) > rank(best) {
			best = s
		}
	}
	return delivered, read, best
}

// Receipt is the state of a message at one person.
type Receipt struct {
	Person wire.PersonID
	State  v1.DeliveryState
}

// Receipts lists everybody but us, those who have read it first.
func (c *Chat) Receipts(ctx context.Context, id wire.SpaceID, k MessageKey) ([]Receipt, error) {
	m, err := c.one(ctx, id, k)
	if err != nil {
		return nil, err
	}
	p, err := c.progressOf(ctx, id, m)
	if err != nil {
		return nil, err
	}
	var out []Receipt
	for _, person := range p.others {
		out = append(out, Receipt{person, p.state(person, m.Seq)})
	}
	slices.SortFunc(out, func(a, b Receipt) int {
		if a.State != b.State {
			return rank(b.State) - rank(a.State)
		}
		return bytes.Compare(a.Person[:], b.Person[:])
	})
	return out, nil
}
