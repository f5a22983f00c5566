package replication

import (
	"fmt"
	"math"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

// read takes messages until the stream ends; it always says why.
func (s *session) read(r link.Stream) error {
	for {
		var m message
		if err := wire.Receive(r, wire.MaxFrame, &m); err != nil {
			return err
		}
		if err := s.take(m); err != nil {
			return fmt.Errorf("message of %s: %w", s.peer.Short(), err)
		}
	}
}

func (s *session) take(m message) error {
	switch {
	case m.Spaces != nil:
		return s.takeSpaces(m.Spaces)
	case m.Buckets != nil:
		s.takeBuckets(*m.Buckets)
	case m.Heads != nil:
		return s.takeHeads(*m.Heads)
	case m.Push != nil:
		select {
		case s.pushes <- *m.Push: // blocks when we do not keep up: the link slows down
		case <-s.ctx.Done():
		}
	case m.Need != nil:
		s.takeNeed(*m.Need)
	case m.Give != nil:
		if s.asked(m.Give.Space) {
			if err := s.e.Log.TakeBox(s.ctx, m.Give.Space, m.Give.Box); err != nil {
				s.e.Slog.Warn("box from colleague", "peer", s.peer.Short(), "err", err)
			}
			s.poke(m.Give.Space)
		}
	case m.Gone != nil:
		// Only a word. If we were removed, the control events that say so come too.
		s.e.Slog.Info("a colleague's device says that a space is not for us", "space", m.Gone.Space.String(), "peer", s.peer.Short())
	default:
		return wire.ErrMalformed
	}
	return nil
}

func (s *session) takeSpaces(all []spaceDigest) error {
	if len(all) > maxSpaces {
		return wire.ErrTooLarge
	}
	for _, sd := range all {
		id := sd.Space
		known := s.e.Log.Begun(id)
		if known && !s.e.listens(id, s.peer) {
			s.farewell(id)
			continue
		}
		// A space we do not know: a colleague says that we belong to it. Its
		// control feeds will tell.
		sh := s.space(id, true)
		if sh == nil {
			continue
		}
		if known && s.e.Log.Digest(id) == sd.Digest {
			s.level(id, sh)
			continue
		}
		if sums := s.e.Log.Buckets(id); known && len(s.e.Log.Frontier(id)) > smallSpace {
			b := &buckets{Space: id}
			for k, v := range sums {
				b.Sums = append(b.Sums, bucketSum{Bucket: uint8(k), Sum: v})
			}
			s.send(message{Buckets: b}, 0)
			continue
		}
		s.sendHeads(&heads{Space: id, Heads: s.e.Log.Heads(id), Answer: true})
		s.poke(id) // a relay may have brought all of it but the keys, and then nothing comes in answer
	}
	return nil
}

// level notes that both sides hold the same, which also acknowledges ours.
func (s *session) level(id wire.SpaceID, sh *shared) {
	var own []eventlog.Head
	s.mu.Lock()
	sh.level = true
	for f, seq := range s.e.Log.Frontier(id) {
		if f.Device == s.e.Log.Self() {
			sh.known[f] = seq
			own = append(own, eventlog.Head{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), Seq: seq})
		}
	}
	s.mu.Unlock()
	s.held(id, own)
	s.poke(id) // keys may be missing even so
}

func (s *session) held(id wire.SpaceID, list []eventlog.Head) {
	news, err := s.e.Log.Hold(s.ctx, id, s.peer, list)
	if err != nil && s.ctx.Err() == nil {
		s.e.Slog.Warn("note what a colleague holds", "err", err)
	}
	if news && s.e.Held != nil {
		s.e.Held(id)
	}
}

func (s *session) takeBuckets(b buckets) {
	if !s.e.Log.Shares(b.Space, s.peer) {
		return
	}
	ours := s.e.Log.Buckets(b.Space)
	theirs := map[eventlog.Bucket]eventlog.Sum{}
	for _, x := range b.Sums {
		theirs[eventlog.Bucket(x.Bucket)] = x.Sum
	}
	var differ []eventlog.Bucket
	for i := range math.MaxUint8 + 1 {
		if k := eventlog.Bucket(i); ours[k] != theirs[k] {
			differ = append(differ, k)
		}
	}
	if len(differ) > 0 {
		s.sendHeads(&heads{Space: b.Space, Heads: s.e.Log.Heads(b.Space, differ...), Answer: true})
	}
}

func (s *session) takeHeads(h heads) error {
	if len(h.Heads) > maxHeads {
		return wire.ErrTooLarge
	}
	if s.e.Log.Begun(h.Space) && !s.e.listens(h.Space, s.peer) {
		s.farewell(h.Space)
		return nil
	}
	sh := s.space(h.Space, true)
	if sh == nil {
		return nil
	}
	s.mu.Lock()
	for _, x := range h.Heads {
		seq, named := sh.known[x.Feed()]
		if !named {
			if s.heard >= wire.MaxFeeds { // of all spaces: more is not honest
				break
			}
			s.heard++
		}
		sh.known[x.Feed()] = max(seq, x.Seq)
	}
	s.mu.Unlock()
	s.held(h.Space, h.Heads)
	if h.Answer {
		s.answer(h)
	}
	s.poke(h.Space)
	return nil
}

// answer sends our entries that go beyond what the other side has.
func (s *session) answer(h heads) {
	if !s.e.Log.Shares(h.Space, s.peer) {
		return
	}
	theirs := map[envelope.Feed]uint64{}
	for _, x := range h.Heads {
		theirs[x.Feed()] = x.Seq
	}
	out := &heads{Space: h.Space}
	for _, x := range s.e.Log.Heads(h.Space) {
		if x.Seq > theirs[x.Feed()] {
			out.Heads = append(out.Heads, x)
		}
	}
	if len(out.Heads) > 0 {
		s.sendHeads(out)
	}
}

// asked reports whether we asked this device for keys of a space not long ago:
// keys that nobody asked for are not taken.
func (s *session) asked(id wire.SpaceID) bool {
	sh := s.space(id, false)
	if sh == nil || s.e.Log.Begun(id) && !s.e.listens(id, s.peer) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(sh.asked) < time.Minute
}

// takeNeed hands keys over, unless it is what this talk handed over a moment ago: who
// asks again lacks what we have not either.
func (s *session) takeNeed(n need) {
	if !s.e.Log.Shares(n.Space, s.peer) {
		return
	}
	sh := s.space(n.Space, true)
	if sh == nil {
		return
	}
	boxes, sum, err := s.e.Log.BoxesFor(s.ctx, n.Space, s.peer)
	if err != nil {
		s.e.Slog.Info("keys not handed over", "peer", s.peer.Short(), "err", err)
		return
	}
	s.mu.Lock()
	again := sum == sh.gave && time.Since(sh.gaveAt) < giveAgain
	if !again {
		sh.gave, sh.gaveAt = sum, time.Now()
	}
	s.mu.Unlock()
	if again {
		return
	}
	for _, box := range boxes {
		s.send(message{Give: &give{Space: n.Space, Box: box}}, len(box))
	}
}
