package chat

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

const (
	// maxArrivals bounds the messages that came lately and are remembered for notices.
	maxArrivals = 512
	// noticeAge is how old a message may be that comes now and is still news.
	noticeAge = 3 * 24 * time.Hour
)

// arrivals are the messages of others that came to this device while the program
// runs, in the order in which they came: no table knows it, since tables are the same
// in whatever order events come.
type arrivals struct {
	mu sync.Mutex
	// run tells cursors of this run from those of an earlier one.
	run   string
	count int64 // of all that came
	last  []arrival
}

type arrival struct {
	space wire.SpaceID
	key   MessageKey
}

func newArrivals() arrivals { return arrivals{run: fmt.Sprintf("%x", wire.Random(8))} }

// Arrived is told of events that were written into the tables. It does not block.
func (c *Chat) Arrived(all []eventlog.Event) {
	if c.arrivals.add(all, c.Me.Person, c.Clock.Now().Add(-noticeAge).UnixMilli()) {
		c.Publish("notices")
	}
}

// add remembers the messages of others that are not older than since, in Unix ms, and
// tells whether there were some.
func (a *arrivals) add(all []eventlog.Event, me wire.PersonID, since int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.count
	for _, e := range all {
		if e.Kind != MessagePosted || e.Person == me || e.Stamp.UnixMilli() < since || e.Feed.Lane != envelope.Content {
			continue
		}
		a.count++
		a.last = append(a.last, arrival{e.Space, MessageKey{int64(e.Stamp), feedNumber(e.Space, e.Feed), int64(e.Seq)}})
	}
	if over := len(a.last) - maxArrivals; over > 0 {
		a.last = slices.Clone(a.last[over:])
	}
	return a.count > before
}

// after gives what came after a cursor, and the cursor of now. A cursor of an earlier
// run, or none, has nothing after it.
func (a *arrivals) after(cursor string) (now string, came []arrival) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now = a.run + "." + strconv.FormatInt(a.count, 10)
	run, text, _ := strings.Cut(cursor, ".")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || run != a.run || n < 0 || n > a.count {
		return now, nil
	}
	return now, slices.Clone(a.last[max(0, len(a.last)-int(min(a.count-n, maxArrivals))):])
}

// Fresh tells of messages that came after a cursor and deserve a notice: they are
// unread, and their conversation is not muted, or they mention us. Replies that stand
// in a thread alone count in threads that we take part in. One notice for each
// conversation, of the last message or of the last one that mentions us.
func (c *Chat) Fresh(ctx context.Context, cursor string) (now string, out []*v1.MessageNotice, err error) {
	now, came := c.arrivals.after(cursor)
	bySpace := map[wire.SpaceID][]MessageKey{}
	var order []wire.SpaceID
	for _, a := range came {
		if bySpace[a.space] == nil {
			order = append(order, a.space)
		}
		bySpace[a.space] = append(bySpace[a.space], a.key)
	}
	for _, id := range order {
		n, err := c.freshIn(ctx, id, bySpace[id])
		if err != nil {
			return now, nil, err
		}
		if n != nil {
			out = append(out, n)
		}
	}
	return now, out, nil
}

// freshIn is the notice of one conversation; nil where there is nothing to tell.
func (c *Chat) freshIn(ctx context.Context, id wire.SpaceID, keys []MessageKey) (*v1.MessageNotice, error) {
	v, err := c.conversation(ctx, id)
	kind := space.Kind(v.kind)
	if err != nil || !v.active || v.unread == 0 || kind == space.Meeting {
		return nil, nil //nolint:nilerr // what is no conversation of ours makes no notice
	}
	n := &v1.MessageNotice{WorkspaceId: v.workspace.String(), ConversationId: id.String(), ConversationKind: kindOut(kind), ConversationName: v.name}
	switch kind {
	case space.Direct:
		n.ConversationName = c.Name(ctx, v.workspace, v.other)
	case space.Circle:
		shown, _ := c.ShownIn(ctx, id)
		n.WorkspaceId = shown.String()
	}
	worth := attention{c: c, v: v, muted: v.kept.isMuted(c.Clock.Now().UnixMilli())}
	for _, k := range keys {
		m, err := c.one(ctx, id, k)
		if err != nil {
			continue // recalled, or put aside again
		}
		shown, err := worth.look(ctx, m)
		if err != nil {
			return nil, err
		}
		if shown == nil {
			continue
		}
		n.Count++
		if n.Message == nil || shown.MentionsMe || !n.Message.MentionsMe {
			n.Message = shown
			n.IsExternal = kind == space.Circle && c.isExternal(m.person)
		}
	}
	if n.Count == 0 {
		return nil, nil
	}
	return n, nil
}

// attention judges what deserves it in one conversation.
type attention struct {
	c     *Chat
	v     conversation
	muted bool
	// first is where what is unread begins: in the conversation, and in threads.
	first  *MessageKey
	looked bool
	ours   map[place]bool
}

// look gives a message that deserves a notice, as it is shown; nil where it does not.
func (a *attention) look(ctx context.Context, m message) (*v1.Message, error) {
	if m.person == a.c.Me.Person || m.isRecalled() {
		return nil, nil
	}
	all, err := a.c.messagesOut(ctx, a.v.id, a.v.workspace, []message{m})
	if err != nil || len(all) == 0 || all[0].Note != nil {
		return nil, err
	}
	shown := all[0]
	if a.muted && !a.throughMute(shown) {
		return nil, nil
	}
	unread, err := a.isUnread(ctx, m, shown.MentionsMe)
	if err != nil || !unread {
		return nil, err
	}
	return shown, nil
}

// throughMute: mentions by name always, those of everybody where that was chosen.
func (a *attention) throughMute(shown *v1.Message) bool {
	if !shown.MentionsMe {
		return false
	}
	us := a.c.Me.Person.String()
	return a.v.kept.everyone || slices.ContainsFunc(shown.Mentions, func(m *v1.Mention) bool { return m.PersonId == us })
}

func (a *attention) isUnread(ctx context.Context, m message, mentioned bool) (bool, error) {
	if m.thread == nil || m.shown {
		if !a.looked {
			var err error
			if _, a.first, err = a.c.unread(ctx, a.v.id); err != nil {
				return false, err
			}
			a.looked = true
		}
		return a.first != nil && !m.MessageKey.before(*a.first), nil
	}
	if a.ours == nil {
		var err error
		if a.ours, err = a.c.ours(ctx, a.v.id); err != nil {
			return false, err
		}
	}
	if !a.ours[*m.thread] && !mentioned {
		return false, nil
	}
	_, first, err := a.c.repliesOf(a.v.id, *m.thread).unread(ctx)
	return first != nil && !m.MessageKey.before(*first), err
}

// before reports whether a message stands before another one.
func (k MessageKey) before(other MessageKey) bool {
	return slices.Compare([]int64{k.Stamp, k.Feed, k.Seq}, []int64{other.Stamp, other.Feed, other.Seq}) < 0
}

// NoticeAPI serves NoticeService.
type NoticeAPI struct{ API }

// Fresh tells of messages that came after a cursor.
func (a NoticeAPI) Fresh(ctx context.Context, r *v1.FreshRequest) (*v1.FreshResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	now, all, err := c.Fresh(ctx, r.Cursor)
	return &v1.FreshResponse{Cursor: now, Notices: all}, err
}
