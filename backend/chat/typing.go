package chat

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// typingLife is how long somebody is shown to be typing without saying so again.
const typingLife = 6 * time.Second

type typists struct {
	mu  sync.Mutex
	all map[wire.SpaceID]map[wire.PersonID]time.Time
}

func typingTopic(id wire.SpaceID) string { return "typing:" + id.String() }

// SetTyping tells those who are linked now that our person is typing.
func (c *Chat) SetTyping(id wire.SpaceID) error {
	if !c.SendTyping() || !c.open(id) {
		return nil
	}
	return c.Ephemeral.Send(id, typing, struct{}{})
}

func (c *Chat) heardTyping(id wire.SpaceID, from wire.DeviceID, _ wire.Raw) {
	var person wire.PersonID
	ok := false
	_ = c.Log.View(id, func(s *space.State) { person, ok = s.Person(from) })
	if !ok || person == c.Me.Person {
		return
	}
	t := &c.typists
	t.mu.Lock()
	if t.all[id] == nil {
		t.all[id] = map[wire.PersonID]time.Time{}
	}
	t.all[id][person] = c.Clock.Now()
	t.mu.Unlock()
	c.Publish(typingTopic(id))
	go func() {
		<-c.Clock.After(typingLife + 50*time.Millisecond)
		c.Publish(typingTopic(id))
	}()
}

// Posted: a message has come, so its author is not typing it any more, and what
// it brings may be small enough to be fetched. It does not block.
func (c *Chat) Posted(id wire.SpaceID, person wire.PersonID) {
	select {
	case c.arrived <- id:
	default: // the page that shows it asks as well
	}
	t := &c.typists
	t.mu.Lock()
	_, was := t.all[id][person]
	delete(t.all[id], person)
	t.mu.Unlock()
	if was {
		c.Publish(typingTopic(id))
	}
}

// Typing lists who is typing now.
func (c *Chat) Typing(id wire.SpaceID) []wire.PersonID {
	t := &c.typists
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []wire.PersonID
	for person, at := range t.all[id] {
		if c.Clock.Now().Sub(at) > typingLife {
			delete(t.all[id], person)
			continue
		}
		out = append(out, person)
	}
	slices.SortFunc(out, func(a, b wire.PersonID) int { return bytes.Compare(a[:], b[:]) })
	return out
}
