package chat

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// typingLife is how long somebody is shown to be typing without saying so again.
const typingLife = 6 * time.Second

// typists are who types where: in a conversation (the zero place), or in a thread of it.
type typists struct {
	mu  sync.Mutex
	all map[wire.SpaceID]map[typist]time.Time
}

type typist struct {
	person wire.PersonID
	thread place
}

// typingInThread is what typing in a thread says: where the thread began.
type typingInThread struct {
	Message ref `cbor:"1,keyasint"`
}

func typingTopic(id wire.SpaceID) string { return "typing:" + id.String() }

// SetTyping tells those who are linked now that our person is typing.
func (c *Chat) SetTyping(id wire.SpaceID) error {
	if !c.SendTyping() || !c.open(id) {
		return nil
	}
	return c.Ephemeral.Send(id, typing, struct{}{})
}

// SetTypingInThread tells it of a thread: under another kind, so that programs of before,
// which know no threads here, do not show it in the conversation.
// Errors: errcode.NotFound, errcode.InvalidArgument.
func (c *Chat) SetTypingInThread(ctx context.Context, id wire.SpaceID, thread string) error {
	if !c.SendTyping() || !c.open(id) {
		return nil
	}
	root, err := c.parseThread(ctx, id, thread)
	if err != nil {
		return err
	}
	at, err := c.threadRef(ctx, id, root)
	if err != nil {
		return err
	}
	return c.Ephemeral.Send(id, typingThread, typingInThread{Message: at})
}

func (c *Chat) heardTyping(id wire.SpaceID, from wire.DeviceID, _ wire.Raw) {
	c.types(id, from, place{})
}

func (c *Chat) heardTypingInThread(id wire.SpaceID, from wire.DeviceID, raw wire.Raw) {
	if thread, ok := typedIn(id, raw); ok {
		c.types(id, from, thread)
	}
}

// typedIn reads where the thread began in which somebody types.
func typedIn(id wire.SpaceID, raw wire.Raw) (place, bool) {
	var body typingInThread
	if err := wire.Decode(raw, wire.MaxBody, &body); err != nil || !body.Message.valid() {
		return place{}, false
	}
	return place{body.Message.in(id), int64(body.Message.Seq)}, true
}

// maxTypists bounds what is kept of one conversation: a person may name any number of threads.
const maxTypists = 1000

func (c *Chat) types(id wire.SpaceID, from wire.DeviceID, thread place) {
	var person wire.PersonID
	ok := false
	_ = c.Log.View(id, func(s *space.State) { person, ok = s.Person(from) })
	if !ok || person == c.Me.Person {
		return
	}
	t := &c.typists
	t.mu.Lock()
	if t.all[id] == nil || len(t.all[id]) > maxTypists {
		t.all[id] = map[typist]time.Time{}
	}
	t.all[id][typist{person, thread}] = c.Clock.Now()
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
	was := false
	for who := range t.all[id] {
		if who.person == person {
			delete(t.all[id], who)
			was = true
		}
	}
	t.mu.Unlock()
	if was {
		c.Publish(typingTopic(id))
	}
}

// Typing lists who is typing in a conversation now, not in its threads.
func (c *Chat) Typing(id wire.SpaceID) []wire.PersonID { return c.typing(id, place{}) }

// TypingInThread lists who is typing in a thread now. Errors: errcode.NotFound, errcode.InvalidArgument.
func (c *Chat) TypingInThread(ctx context.Context, id wire.SpaceID, thread string) ([]wire.PersonID, error) {
	root, err := c.parseThread(ctx, id, thread)
	if err != nil {
		return nil, err
	}
	return c.typing(id, root), nil
}

func (c *Chat) typing(id wire.SpaceID, thread place) []wire.PersonID {
	t := &c.typists
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []wire.PersonID
	for who, at := range t.all[id] {
		if c.Clock.Now().Sub(at) > typingLife {
			delete(t.all[id], who)
			continue
		}
		if who.thread == thread {
			out = append(out, who.person)
		}
	}
	slices.SortFunc(out, func(a, b wire.PersonID) int { return bytes.Compare(a[:], b[:]) })
	return out
}
