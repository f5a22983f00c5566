package server

import (
	"context"
	"errors"
	"slices"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// maxSkipped bounds the pages of the store in which one Read of a former member finds nothing.
const maxSkipped = 8

// left is the version of the grant that took a device off and left it something; 0: none.
func (r *roll) left(d wire.DeviceID) uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.list.Former[d]
}

// mayRead tells what a device may read of a space: everything when it is on the
// list (nil), else what was left to it when it was taken off. Failed: CodeUnknown,
// CodeForbidden.
func (c *conn) mayRead(ctx context.Context, space wire.SpaceID) (last map[envelope.Feed]uint64, err error) {
	_, forbade := c.use(ctx, space)
	f := protocol.Failed{}
	if errors.As(forbade, &f) && f.Code == protocol.CodeUnknown && c.isVisitor() {
		return nil, forbidden() // whether there is a list is not its business
	}
	if f.Code != protocol.CodeForbidden {
		return nil, forbade
	}
	r, err := c.mine(ctx, space)
	if err != nil {
		return nil, err
	}
	version := r.left(c.device)
	if version == 0 {
		return nil, forbade
	}
	signed, _, err := c.s.engine.Grants(ctx, space, version-1)
	if err != nil {
		return nil, err
	}
	var g protocol.Grant
	if len(signed) == 0 || wire.DecodeLoose(signed[0].Raw, protocol.MaxMessage, &g) != nil {
		return nil, forbade
	}
	if last = g.LastOf(c.device); last == nil {
		return nil, forbade
	}
	return last, nil
}

// readLast reads on until it finds something that was left to a former member.
func (c *conn) readLast(ctx context.Context, q protocol.Read, limit int, last map[envelope.Feed]uint64) (found engine.Page, err error) {
	after := q.After
	for range maxSkipped {
		if found, err = c.s.engine.Read(ctx, q.Space, after, limit); err != nil {
			return found, err
		}
		found.Items = slices.DeleteFunc(found.Items, func(i engine.Item) bool {
			e, err := envelope.Decode(i.Raw)
			return err != nil || e.Feed.Lane != envelope.Control || e.Seq > last[e.Feed]
		})
		if len(found.Items) > 0 || !found.More {
			return found, nil
		}
		after = found.Next
	}
	return found, nil
}
