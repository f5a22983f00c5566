package server

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// grant judges a change of a list, stores it, and tells everybody concerned
// before it answers. A device gives only what it signed itself.
func (c *conn) grant(ctx context.Context, signed protocol.Signed) (*protocol.Done, error) {
	g, err := signed.Open()
	if err != nil {
		return nil, err
	}
	if g.By != c.device {
		return nil, forbidden()
	}
	r, err := c.s.rolls.of(ctx, g.Space)
	if err != nil {
		return nil, err
	}
	if r == nil {
		err = c.mayBegin(ctx, signed, g)
	} else {
		err = c.mayChange(r, signed, g)
	}
	if err != nil {
		return nil, err
	}
	if c.tenant.full(int64(len(signed.Raw))) {
		return nil, failed(protocol.CodeQuota)
	}
	err = c.s.engine.AppendGrant(ctx, c.tenant.id, g.Space, g.Version, signed, g.Set)
	if errors.Is(err, engine.ErrConflict) && r != nil {
		// Somebody else's came first, and we have not heard of it yet.
		if err := r.catchUp(ctx, c.s); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	c.s.meter.grants.Inc()
	if r != nil {
		err = r.catchUp(ctx, c.s)
	} else if _, err = c.s.rolls.of(ctx, g.Space); err == nil {
		c.s.announce(c.tenant.id, g.Space, g.Set) // nobody can lose anything by a first grant
	}
	if err != nil {
		return nil, err
	}
	return &protocol.Done{}, nil
}

// mayBegin judges the first grant of a space. A workspace's list is begun by
// whoever has the token; any other space's by a device of its workspace.
func (c *conn) mayBegin(ctx context.Context, signed protocol.Signed, g protocol.Grant) error {
	if g.Space != g.Workspace {
		if _, err := c.use(ctx, g.Workspace); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(g.Set, func(e protocol.Entry) bool { return e.Device == g.By && e.Rights != protocol.RightNone }) {
		return forbidden()
	}
	var list protocol.Roll
	return list.Apply(signed, g)
}

// mayChange tries a grant on a small copy of the list: the author and those it changes.
func (c *conn) mayChange(r *roll, signed protocol.Signed, g protocol.Grant) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.tenant != c.tenant.id {
		return failed(protocol.CodeUnknown)
	}
	trial := r.list
	trial.Rights, trial.Former = map[wire.DeviceID]protocol.Rights{}, nil
	added := 0
	copyOf := func(d wire.DeviceID) {
		if rights, listed := r.list.Rights[d]; listed {
			trial.Rights[d] = rights
			return
		}
		added++
	}
	copyOf(g.By)
	for _, e := range g.Set {
		copyOf(e.Device)
	}
	if len(r.list.Rights)+added > protocol.MaxListed {
		return failed(protocol.CodeTooLarge)
	}
	return trial.Apply(signed, g)
}

// announce tells connected devices that their rights changed, and ends what
// those hear that have none any more: news that wait to be written included. It
// gives the latter, for demote, and those that only have circuits here. Each
// process of a cluster hears of each grant and does this by itself.
func (s *Server) announce(id engine.Tenant, space wire.SpaceID, changes []protocol.Entry) (cut []place) {
	for _, e := range changes {
		c := s.connected(id, e.Device)
		if e.Rights == protocol.RightNone && (c != nil || s.circuits.has(id, e.Device)) {
			cut = append(cut, place{id, e.Device})
		}
		if c == nil {
			continue
		}
		if e.Rights == protocol.RightNone {
			c.unsubscribe(space)
		} else {
			c.mu.Lock()
			c.visitor = false
			c.mu.Unlock()
		}
		c.send(item{frame: c.encoded(0, protocol.Message{Listed: &protocol.Listed{Space: space, Rights: e.Rights}})}, answer)
	}
	return cut
}

// demote makes visitors of those that are on no list any more.
func (s *Server) demote(ctx context.Context, cut []place) {
	for _, p := range cut {
		listed, err := s.listedAnywhere(ctx, p.device, p.tenant)
		if err != nil {
			s.log.Warn("lists of a device could not be read", "device", p.device.Short(), "error", err)
			listed = false // until it connects again
		}
		if listed {
			continue
		}
		if c := s.connected(p.tenant, p.device); c != nil {
			c.mu.Lock()
			c.visitor = true
			c.mu.Unlock()
			s.forgetWatches(c)
		}
		s.circuits.cut(p.tenant, p.device)
	}
}

// access answers with the list of a space, for those who are on it.
func (c *conn) access(ctx context.Context, a protocol.Access) (*protocol.AccessList, error) {
	r, err := c.use(ctx, a.Space)
	if err != nil {
		// Without a list yet the device may begin it; so it may know that.
		if f := (protocol.Failed{}); errors.As(err, &f) && f.Code == protocol.CodeUnknown {
			return &protocol.AccessList{}, nil
		}
		return nil, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := &protocol.AccessList{Version: r.list.Version, Head: r.list.Head}
	entries := r.list.Entries()
	if out.Same = protocol.Sum(entries) == a.Sum; out.Same {
		return out, nil
	}
	out.Entries, out.More = pageOf(entries, a.Page, protocol.MaxEntries)
	return out, nil
}

func pageOf[T any](all []T, page uint32, size int) (part []T, more bool) {
	from := min(int64(page)*int64(size), int64(len(all)))
	to := min(from+int64(size), int64(len(all)))
	return all[from:to], to < int64(len(all))
}

const spacesPage = 1000

// spaces answers with the lists of its organisation on which the device stands.
func (c *conn) spaces(ctx context.Context, q protocol.Spaces) (*protocol.SpaceList, error) {
	found, err := c.s.engine.Listed(ctx, c.device, q.After, spacesPage)
	if err != nil {
		return nil, err
	}
	out := &protocol.SpaceList{More: len(found) == spacesPage}
	for i, space := range found {
		r, err := c.s.rolls.of(ctx, space)
		if err != nil {
			return nil, err
		}
		// The last one is named even when it is another organisation's, since the
		// device goes on from it; it cannot do anything with it.
		if r != nil && r.owner() == c.tenant.id || out.More && i == len(found)-1 {
			out.Spaces = append(out.Spaces, space)
		}
	}
	slices.SortFunc(out.Spaces, func(a, b wire.SpaceID) int { return bytes.Compare(a[:], b[:]) })
	return out, nil
}
