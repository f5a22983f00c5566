package replication

import (
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/wire"
)

// offerAll tells the digests of all spaces that we share.
func (s *session) offerAll() {
	var all []spaceDigest
	for _, id := range s.e.Log.Spaces() {
		if s.e.takes(id, s.peer) && s.space(id, true) != nil {
			all = append(all, spaceDigest{Space: id, Digest: s.e.Log.Digest(id)})
		}
	}
	for len(all) > maxSpaces {
		s.send(message{Spaces: all[:maxSpaces]}, 0)
		all = all[maxSpaces:]
	}
	if len(all) > 0 {
		s.send(message{Spaces: all}, 0)
	}
}

func (s *session) offer(id wire.SpaceID) {
	s.send(message{Spaces: []spaceDigest{{Space: id, Digest: s.e.Log.Digest(id)}}}, 0)
}

// space gives what we know of the other side's copy.
func (s *session) space(id wire.SpaceID, make bool) *shared {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.spaces[id]
	if sh == nil && make && len(s.spaces) < wire.MaxSpacesPerPeer {
		sh = &shared{known: map[envelope.Feed]uint64{}, noticed: map[envelope.Feed]time.Time{}}
		s.spaces[id] = sh
	}
	return sh
}

// advanced takes news of our own log: pushes it, or says that we have it.
func (s *session) advanced(all []eventlog.Advance) {
	for _, a := range all {
		if a.Feed.Lane == envelope.Control {
			s.recheck(a.Space)
		}
		sh := s.space(a.Space, false)
		if sh == nil || !s.e.Log.Shares(a.Space, s.peer) { // open, but only for what it owes us
			continue
		}
		s.mu.Lock()
		known, named := sh.known[a.Feed]
		has := known >= a.Seq
		next := known == a.From-1 && (named || sh.level || a.From == 1)
		s.mu.Unlock()
		if !has && a.Local && next && s.push(a) {
			s.mu.Lock()
			sh.known[a.Feed] = a.Seq
			s.mu.Unlock()
			continue
		}
		s.mu.Lock()
		if s.acks[a.Space] == nil {
			s.acks[a.Space] = map[envelope.Feed]uint64{}
		}
		s.acks[a.Space][a.Feed] = a.Seq
		s.mu.Unlock()
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// recheck offers a space that we have come to share, and closes one that we
// have ceased to.
func (s *session) recheck(id wire.SpaceID) {
	shares := s.e.takes(id, s.peer)
	over := !shares && s.e.Log.Begun(id) && !s.e.listens(id, s.peer)
	s.mu.Lock()
	_, open := s.spaces[id]
	if open && over {
		delete(s.spaces, id)
	}
	s.mu.Unlock()
	switch {
	case shares && !open:
		if s.space(id, true) != nil {
			s.offer(id)
		}
	case shares:
		s.poke(id) // content may have waited for it
	case open && over:
		s.farewell(id)
	}
}

// farewell tells a device that was removed what it may still know: the control
// events up to its removal, which it fetches like any other. Anybody else is
// told only that the space is not for him.
func (s *session) farewell(id wire.SpaceID) {
	last, ok := s.e.Log.Farewell(id, s.peer)
	if !ok {
		s.send(message{Gone: &gone{Space: id}}, 0)
		return
	}
	h := &heads{Space: id}
	for f, seq := range last {
		h.Heads = append(h.Heads, eventlog.Head{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), Seq: seq})
	}
	s.sendHeads(h)
}

// gives reports whether a device may have a piece of a feed.
func (e *Engine) gives(id wire.SpaceID, peer wire.DeviceID, w want) bool {
	if e.Log.Shares(id, peer) {
		return true
	}
	last, ok := e.Log.Farewell(id, peer)
	return ok && w.To <= last[w.feed()]
}

func (s *session) push(a eventlog.Advance) bool {
	if uint64(len(a.Raws)) != a.Seq-a.From+1 {
		return false
	}
	size := 0
	for _, r := range a.Raws {
		size += len(r)
	}
	if size > wire.MaxRunBytes || len(a.Raws) > wire.MaxRun {
		return false
	}
	return s.send(message{Push: &push{Space: a.Space, Raws: a.Raws}}, size)
}
