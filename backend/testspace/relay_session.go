package testspace

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// open finds a space that a device may use.
func (s *relaySession) open(id wire.SpaceID) (*shelf, error) {
	sh := s.r.spaces[id]
	switch {
	case s.ended || s.r.down || s.r.away[s.device]:
		return nil, context.Canceled
	case sh == nil:
		return nil, protocol.Failed{Code: protocol.CodeUnknown}
	case sh.roll.Rights[s.device] == protocol.RightNone:
		return nil, protocol.Failed{Code: protocol.CodeForbidden}
	}
	return sh, nil
}

func cursorAt(n int) protocol.Cursor { return binary.BigEndian.AppendUint64([]byte("c"), uint64(n)) }

// Ready implements relaying.Session.
func (s *relaySession) Ready() protocol.Ready {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	return protocol.Ready{Store: s.r.store}
}

// Subscribe implements relaying.Session.
func (s *relaySession) Subscribe(_ context.Context, id wire.SpaceID) (protocol.Position, error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	sh, err := s.open(id)
	if err != nil {
		return protocol.Position{}, err
	}
	s.subscribed[id] = true
	return protocol.Position{End: cursorAt(len(sh.raws))}, nil
}

// Unsubscribe implements relaying.Session.
func (s *relaySession) Unsubscribe(_ context.Context, id wire.SpaceID) error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	delete(s.subscribed, id)
	return nil
}

// Read implements relaying.Session, in small pages.
func (s *relaySession) Read(_ context.Context, q protocol.Read) (protocol.Page, error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	sh, err := s.open(q.Space)
	var last map[envelope.Feed]uint64
	if f := (protocol.Failed{}); errors.As(err, &f) && f.Code == protocol.CodeForbidden {
		if last = s.r.spaces[q.Space].last(s.device); last != nil {
			err = nil
			sh = s.r.spaces[q.Space]
		}
	}
	if err != nil {
		return protocol.Page{}, err
	}
	from := 0
	if len(q.After) > 0 {
		if len(q.After) != 9 || binary.BigEndian.Uint64(q.After[1:]) > uint64(len(sh.raws)) {
			return protocol.Page{}, protocol.Failed{Code: protocol.CodeCursor}
		}
		from = int(binary.BigEndian.Uint64(q.After[1:]))
	}
	to := min(from+7, max(from, s.end(q.Space, sh)))
	raws := sh.raws[from:to]
	if last != nil {
		raws = slices.DeleteFunc(slices.Clone(raws), func(raw []byte) bool {
			e, err := envelope.Decode(raw)
			return err != nil || e.Seq > last[e.Feed]
		})
	}
	return protocol.Page{Raws: s.tell(q.Space, raws), Next: cursorAt(to), More: to < s.end(q.Space, sh)}, nil
}

// end is how much of a space this device is shown.
func (s *relaySession) end(id wire.SpaceID, sh *shelf) int {
	if at, hidden := s.r.hidden[s.device]; hidden {
		return min(at[id], len(sh.raws))
	}
	return len(sh.raws)
}

// tell is what this device is handed of some envelopes.
func (s *relaySession) tell(id wire.SpaceID, raws [][]byte) [][]byte {
	if lie := s.r.lies[s.device]; lie != nil {
		return lie(LiesTo{id, slices.Clone(raws)})
	}
	return raws
}

// Publish implements relaying.Session.
func (s *relaySession) Publish(_ context.Context, p protocol.Publish) (out protocol.Stored, err error) {
	s.r.mu.Lock()
	sh, err := s.open(p.Space)
	if err != nil {
		s.r.mu.Unlock()
		return out, err
	}
	from := len(sh.raws)
	touched := map[envelope.Feed]bool{}
	for _, raw := range p.Raws {
		e, err := envelope.Decode(raw)
		if err != nil || e.Space != p.Space {
			s.r.mu.Unlock()
			return out, protocol.Failed{Code: protocol.CodeMalformed}
		}
		touched[e.Feed] = true
		if e.Seq == sh.heads[e.Feed]+1 {
			sh.heads[e.Feed] = e.Seq
			sh.raws = append(sh.raws, raw)
		}
	}
	for f := range touched {
		out.Heads = append(out.Heads, protocol.HeadOf(f, sh.heads[f]))
	}
	fresh, next := sh.raws[from:], cursorAt(len(sh.raws))
	type push struct {
		to   *relaySession
		raws [][]byte
	}
	var pushes []push
	for o := range s.r.sessions {
		if _, hidden := s.r.hidden[o.device]; len(fresh) > 0 && o.subscribed[p.Space] && !o.ended && !hidden {
			if s.r.lags[o.device] {
				o.behind[p.Space] = true
				continue
			}
			pushes = append(pushes, push{o, o.tell(p.Space, fresh)})
		}
	}
	s.r.mu.Unlock()
	for _, x := range pushes {
		x.to.post.News(protocol.News{Space: p.Space, Raws: x.raws, Next: next})
	}
	return out, nil
}

// Heads implements relaying.Session.
func (s *relaySession) Heads(_ context.Context, id wire.SpaceID, sum envelope.Sum) (bool, []protocol.Head, error) {
	s.r.mu.Lock()
	around := s.r.comparing[s.device]
	s.r.mu.Unlock()
	if around != nil {
		around(id, false)
		defer around(id, true)
	}
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	sh, err := s.open(id)
	if err != nil {
		return false, nil, err
	}
	var all envelope.Sum
	var out []protocol.Head
	heads := map[envelope.Feed]uint64{}
	for _, raw := range sh.raws[:s.end(id, sh)] {
		if e, err := envelope.Decode(raw); err == nil {
			heads[e.Feed] = e.Seq
		}
	}
	for f, seq := range heads {
		_, x := envelope.FrontierSum(f, seq)
		all.Add(x)
		out = append(out, protocol.HeadOf(f, seq))
	}
	if all == sum {
		return true, nil, nil
	}
	return false, out, nil
}

// Access implements relaying.Session.
func (s *relaySession) Access(_ context.Context, id wire.SpaceID, sum [16]byte) (protocol.AccessList, error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	sh := s.r.spaces[id]
	if sh == nil {
		return protocol.AccessList{}, protocol.Failed{Code: protocol.CodeUnknown}
	}
	if _, err := s.open(id); err != nil {
		return protocol.AccessList{}, err
	}
	entries := sh.roll.Entries()
	out := protocol.AccessList{Version: sh.roll.Version, Head: sh.roll.Head}
	if protocol.Sum(entries) == sum {
		out.Same = true
	} else {
		out.Entries = entries
	}
	return out, nil
}

// Grant implements relaying.Session.
func (s *relaySession) Grant(_ context.Context, signed protocol.Signed) error {
	g, err := signed.Open()
	if err != nil {
		return protocol.Failed{Code: protocol.CodeSignature}
	}
	s.r.mu.Lock()
	if s.r.old && len(g.Last) > 0 {
		s.r.mu.Unlock()
		return protocol.Failed{Code: protocol.CodeMalformed}
	}
	sh := s.r.spaces[g.Space]
	if sh == nil {
		if home := s.r.spaces[g.Workspace]; g.Workspace != g.Space && (home == nil || home.roll.Rights[g.By] == protocol.RightNone) {
			s.r.mu.Unlock()
			return protocol.Failed{Code: protocol.CodeForbidden}
		}
		sh = &shelf{heads: map[envelope.Feed]uint64{}, grants: map[uint64]protocol.Grant{}}
	}
	if err := sh.roll.Apply(signed, g); err != nil {
		s.r.mu.Unlock()
		return err
	}
	s.r.spaces[g.Space], sh.grants[g.Version] = sh, g
	var told []*relaySession
	for o := range s.r.sessions {
		for _, e := range g.Set {
			if e.Device == o.device {
				told = append(told, o)
				if e.Rights == protocol.RightNone {
					delete(o.subscribed, g.Space)
					delete(o.behind, g.Space)
				}
			}
		}
	}
	rights := map[*relaySession]protocol.Rights{}
	for _, o := range told {
		rights[o] = sh.roll.Rights[o.device]
	}
	s.r.mu.Unlock()
	for _, o := range told {
		o.post.Listed(protocol.Listed{Space: g.Space, Rights: rights[o]})
	}
	return nil
}

// Spaces implements relaying.Session.
func (s *relaySession) Spaces(context.Context) (out []wire.SpaceID, _ error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	for id, sh := range s.r.spaces {
		if sh.roll.Rights[s.device] != protocol.RightNone {
			out = append(out, id)
		}
	}
	return out, nil
}

// Watch implements relaying.Session; presence is not what these stories are about.
func (s *relaySession) Watch(context.Context, []wire.DeviceID) (protocol.Presence, error) {
	return protocol.Presence{}, nil
}

// Frame implements relaying.Session.
func (s *relaySession) Frame(_ context.Context, f protocol.Frame) error {
	s.r.mu.Lock()
	sh, err := s.open(f.Space)
	var to []*relaySession
	if err == nil {
		for o := range s.r.sessions {
			if o != s && sh.roll.Rights[o.device] != protocol.RightNone && (f.To.IsZero() || f.To == o.device) {
				to = append(to, o)
			}
		}
	}
	s.r.mu.Unlock()
	f.From = s.device
	for _, o := range to {
		o.post.Frame(f)
	}
	return err
}
