package server

import (
	"context"
	"sync"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// topic is a space that somebody here is subscribed to.
type topic struct {
	space wire.SpaceID
	users int // guarded by Server.mu

	following sync.Mutex
	stop      func()

	mu       sync.Mutex
	conns    map[*conn]stage
	pending  []engine.Item // told by the engine, not yet passed on
	bytes    int
	overflow bool
	busy     bool
}

// stage of a subscription.
type stage uint8

const (
	asking stage = iota // its Position is being asked for
	missed              // and something was stored meanwhile
	live
)

const (
	// maxPending bounds what the engine told and is not passed on yet.
	maxPending = 8 << 20
	// newsBytes bounds one News.
	newsBytes = 64 << 10
)

// subscribe answers with the end of a space, after which News follow. What is
// stored while we ask for the end would come before the answer; the device is
// told to read on instead.
func (c *conn) subscribe(ctx context.Context, id uint64, space wire.SpaceID) error {
	if _, err := c.use(ctx, space); err != nil {
		return err
	}
	t, err := c.s.topicOf(space)
	if err != nil {
		return err
	}
	t.mu.Lock()
	c.mu.Lock()
	_, already := c.subs[t]
	full := !already && len(c.subs) >= protocol.MaxSubscriptions
	if !already && !full && !c.down {
		if c.subs == nil {
			c.subs = map[*topic]bool{}
		}
		c.subs[t] = false
		t.conns[c] = asking
	}
	down := c.down
	c.mu.Unlock()
	t.mu.Unlock()
	if already || full || down {
		c.s.release(t)
	}
	switch {
	case down:
		return failed(protocol.CodeBusy)
	case full:
		return failed(protocol.CodeTooLarge)
	}
	end, err := c.s.engine.End(ctx, space)
	if err == nil {
		_, err = c.use(ctx, space) // whoever was taken off before we listened is not told
	}
	if err != nil {
		c.unsubscribe(space)
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	was, subscribed := t.conns[c]
	if !subscribed {
		return forbidden() // taken off meanwhile
	}
	t.conns[c] = live
	c.send(item{frame: c.encoded(id, protocol.Message{Position: &protocol.Position{End: end}})}, answer)
	if was == missed {
		c.fallBehind(t)
	}
	return nil
}

// topicOf finds or makes a topic that the engine follows, and counts a user.
func (s *Server) topicOf(space wire.SpaceID) (*topic, error) {
	s.mu.Lock()
	t := s.topics[space]
	if t == nil {
		t = &topic{space: space, conns: map[*conn]stage{}}
		s.topics[space] = t
	}
	t.users++
	s.mu.Unlock()
	t.following.Lock()
	defer t.following.Unlock()
	if t.stop != nil {
		return t, nil
	}
	stop, err := s.engine.Follow(s.life, space)
	if err != nil {
		s.release(t)
		return nil, err
	}
	t.stop = stop
	return t, nil
}

// release ends one use of a topic; the last one ends following.
func (s *Server) release(t *topic) {
	s.mu.Lock()
	t.users--
	last := t.users == 0
	if last && s.topics[t.space] == t {
		delete(s.topics, t.space)
	}
	s.mu.Unlock()
	if !last {
		return
	}
	go func() { // the lock may be ours
		t.following.Lock()
		defer t.following.Unlock()
		if t.stop != nil {
			t.stop()
			t.stop = nil
		}
	}()
}

// unsubscribe takes back what waits to be written, too.
func (c *conn) unsubscribe(space wire.SpaceID) {
	c.s.mu.RLock()
	t := c.s.topics[space]
	c.s.mu.RUnlock()
	if t != nil && c.abandon(t) {
		c.s.release(t)
	}
}

// abandon takes a connection out of a topic; false when it was not in it.
func (c *conn) abandon(t *topic) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.conns, c)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, subscribed := c.subs[t]; !subscribed {
		return false
	}
	delete(c.subs, t)
	if len(c.subs) == 0 {
		c.subs = nil
	}
	c.drop(func(i item) bool { return i.topic != t })
	return true
}

// fallBehind notes that a device has to read on by itself; topic.mu is held.
func (c *conn) fallBehind(t *topic) {
	c.mu.Lock()
	behind, subscribed := c.subs[t]
	if subscribed && !behind {
		c.subs[t] = true
		c.behind = append(c.behind, t)
		c.s.meter.behind.Inc()
	}
	start := c.startWriting()
	c.mu.Unlock()
	if start {
		c.s.writers.want(c)
	}
}

// news is the engine's callback: it notes and returns.
func (s *Server) news(space wire.SpaceID, items []engine.Item) {
	s.mu.RLock()
	t := s.topics[space]
	s.mu.RUnlock()
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, i := range items {
		t.bytes += len(i.Raw)
	}
	if t.bytes > maxPending {
		t.pending, t.bytes, t.overflow = nil, 0, true
	} else {
		t.pending = append(t.pending, items...)
	}
	if !t.busy {
		t.busy = true
		go t.pass(s)
	}
}

// pass hands on what was noted: the more there is, the more goes into one message.
func (t *topic) pass(s *Server) {
	for {
		t.mu.Lock()
		batch, overflow := t.pending, t.overflow
		t.pending, t.bytes, t.overflow = nil, 0, false
		if len(batch) == 0 && !overflow {
			t.busy = false
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
		// Encoded outside the lock: only this goroutine sends news of the topic.
		var frames [][]byte
		for len(batch) > 0 {
			n, size := 0, 0
			for n < len(batch) && n < protocol.MaxPage && (n == 0 || size+len(batch[n].Raw) <= newsBytes) {
				size += len(batch[n].Raw)
				n++
			}
			frames = append(frames, newsFrame(t.space, batch[:n]))
			batch = batch[n:]
		}
		t.mu.Lock()
		for c, at := range t.conns {
			switch {
			case at != live:
				t.conns[c] = missed
			case overflow:
				c.fallBehind(t)
			default:
				for _, f := range frames {
					c.send(item{frame: f, topic: t}, news)
				}
			}
		}
		s.meter.news.Add(len(frames) * len(t.conns))
		t.mu.Unlock()
	}
}

func newsFrame(space wire.SpaceID, items []engine.Item) []byte {
	n := protocol.News{Space: space, Raws: make([][]byte, len(items)), Next: items[len(items)-1].Cursor}
	for i, one := range items {
		n.Raws[i] = one.Raw
	}
	return framed(opBinary, wire.MustEncode(protocol.Message{News: &n}))
}
