package sqlite

import (
	"bytes"
	"cmp"
	"container/list"
	"slices"
	"sync"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	// maxCached bounds the heads that are kept in memory, about 200 bytes each. A
	// single space that has more is kept as long as it is the last used.
	maxCached = 100_000
	// spaceWeight is what a space costs beside its heads, in heads.
	spaceWeight = 4
)

// head is the end of a feed.
type head struct {
	feed  envelope.Feed
	no    int64 // row of the feed, 0 when there is none
	seq   uint64
	id    wire.EventID
	state idState
}

// idState says what is known of a head's ID.
type idState uint8

const (
	idUnread idState = iota
	idKnown
)

// spaceRow is a space's row.
type spaceRow struct{ no, tenant int64 }

// heads keeps the ends of feeds in memory, for the spaces used last. What is on
// disk is changed in the store's writer goroutine only, and told here at its
// commit; what a reader has loaded meanwhile counts where it is further on, for
// heads only grow.
type heads struct {
	mu     sync.Mutex
	max    int
	weight int
	spaces map[wire.SpaceID]*spaceHeads
	recent *list.List // of *spaceHeads, last used first
}

type spaceHeads struct {
	id    wire.SpaceID
	row   spaceRow
	place *list.Element
	pins  int // loads under way
	feeds map[envelope.Feed]*head
	// complete: every feed of the space is here, in order.
	complete bool
	order    []*head
	// end is the position of the last envelope, when known.
	end      int64
	endKnown bool
}

func newHeads(most int) *heads {
	return &heads{max: most, spaces: map[wire.SpaceID]*spaceHeads{}, recent: list.New()}
}

// clear forgets everything: what is on disk is not certain.
func (c *heads) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spaces, c.recent, c.weight = map[wire.SpaceID]*spaceHeads{}, list.New(), 0
}

// forget drops a space.
func (c *heads) forget(id wire.SpaceID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.spaces[id]; s != nil {
		c.drop(s)
	}
}

func (c *heads) drop(s *spaceHeads) {
	delete(c.spaces, s.id)
	c.recent.Remove(s.place)
	c.weight -= spaceWeight + len(s.feeds)
}

// use finds a space and marks it as used. The caller holds the lock.
func (c *heads) use(id wire.SpaceID) *spaceHeads {
	s := c.spaces[id]
	if s != nil {
		c.recent.MoveToFront(s.place)
	}
	return s
}

// add finds or makes a space's entry. The caller holds the lock.
func (c *heads) add(id wire.SpaceID, row spaceRow) *spaceHeads {
	if s := c.use(id); s != nil {
		return s
	}
	s := &spaceHeads{id: id, row: row, feeds: map[envelope.Feed]*head{}}
	s.place = c.recent.PushFront(s)
	c.spaces[id] = s
	c.weight += spaceWeight
	return s
}

// trim drops what was not used for long. The caller holds the lock.
func (c *heads) trim() {
	for at := c.recent.Back(); c.weight > c.max && at != nil && at != c.recent.Front(); {
		s := at.Value.(*spaceHeads)
		at = at.Prev()
		if s.pins == 0 {
			c.drop(s)
		}
	}
}

func (c *heads) space(id wire.SpaceID) (spaceRow, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.use(id); s != nil {
		return s.row, true
	}
	return spaceRow{}, false
}

// feed gives a head; of a complete space also that there is no such feed.
func (c *heads) feed(id wire.SpaceID, feed envelope.Feed) (head, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.spaces[id]
	if s == nil {
		return head{}, false
	}
	if h := s.feeds[feed]; h != nil {
		return *h, true
	}
	return head{feed: feed}, s.complete
}

// set takes note of a head, unless a later one is known. The caller holds the lock.
func (c *heads) set(s *spaceHeads, h head) {
	old := s.feeds[h.feed]
	if old == nil {
		old = &head{}
		s.feeds[h.feed] = old
		c.weight++
		if s.complete {
			at, _ := slices.BinarySearchFunc(s.order, h.feed, func(x *head, f envelope.Feed) int { return byFeed(x.feed, f) })
			s.order = slices.Insert(s.order, at, old)
		}
	} else if old.seq > h.seq || old.seq == h.seq && old.state == idKnown {
		return
	}
	*old = h
}

// committed takes over what a group has stored.
func (c *heads) committed(b *batchSpace) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.add(b.id, b.row)
	for _, h := range b.feeds {
		if h.no != 0 {
			c.set(s, *h)
		}
	}
	if b.last > 0 {
		s.end, s.endKnown = b.last, true
	}
	c.trim()
}

// pin keeps a space's entry while something is loaded for it; unpin ends it.
func (c *heads) pin(id wire.SpaceID, row spaceRow) *spaceHeads {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.add(id, row)
	s.pins++
	return s
}

func (c *heads) unpin(s *spaceHeads) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.pins--
	c.trim()
}

// endOf gives the position of a space's last envelope, when known.
func (c *heads) endOf(id wire.SpaceID) (int64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.use(id); s != nil {
		return s.end, s.endKnown
	}
	return 0, false
}

// ended takes note of an end that was read while the entry was pinned.
func (c *heads) ended(s *spaceHeads, end int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.end, s.endKnown = max(s.end, end), true
	return s.end
}

// list gives all heads of a space, when they are all here.
func (c *heads) list(id wire.SpaceID) ([]protocol.Head, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.use(id)
	if s == nil || !s.complete {
		return nil, false
	}
	return s.list(), true
}

// completed takes note of all feeds of a space, read while the entry was pinned.
func (c *heads) completed(s *spaceHeads, all []head) []protocol.Head {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !s.complete {
		for _, h := range all {
			if c.spaces[s.id] == s {
				c.set(s, h)
			} else if old := s.feeds[h.feed]; old == nil || old.seq < h.seq {
				s.feeds[h.feed] = &h // dropped meanwhile: good for this answer only
			}
		}
		s.order = make([]*head, 0, len(s.feeds))
		for _, h := range s.feeds {
			s.order = append(s.order, h)
		}
		slices.SortFunc(s.order, func(a, b *head) int { return byFeed(a.feed, b.feed) })
		s.complete = true
	}
	return s.list()
}

func (s *spaceHeads) list() []protocol.Head {
	out := make([]protocol.Head, len(s.order))
	for i, h := range s.order {
		out[i] = protocol.HeadOf(h.feed, h.seq)
	}
	return out
}

func byFeed(a, b envelope.Feed) int {
	return cmp.Or(bytes.Compare(a.Device[:], b.Device[:]), cmp.Compare(a.Start, b.Start), cmp.Compare(a.Lane, b.Lane))
}
