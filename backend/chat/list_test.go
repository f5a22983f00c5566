package chat_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// held is what a screen has of a list, made from what changed.
type held struct {
	since string
	rows  map[string]*v1.Conversation
}

// looks asks for what changed, as a screen does.
func (h *held) looks(t *testing.T, d *testspace.Desk, workspace wire.SpaceID) int {
	t.Helper()
	door := chat.NewConversationAPI(func() (*chat.Chat, error) { return d.Chat, nil })
	for {
		r, err := door.List(context.Background(), &v1.ListRequest{WorkspaceId: workspace.String(), Since: h.since})
		if err != nil {
			t.Fatal(err)
		}
		if r.Whole {
			h.rows = map[string]*v1.Conversation{}
		}
		for _, c := range r.Conversations {
			h.rows[c.Id] = c
		}
		if h.since = r.Since; len(h.rows) == int(r.Total) {
			return len(r.Conversations)
		}
		h.since = ""
	}
}

// same holds what a screen gathered against all worked out at once, and each worked out by itself.
func (h *held) same(t *testing.T, d *testspace.Desk, workspace wire.SpaceID, after string) {
	t.Helper()
	ctx := context.Background()
	h.looks(t, d, workspace)
	d.Chat.ForgetList()
	var all held
	all.looks(t, d, workspace)
	if len(all.rows) != len(h.rows) {
		t.Fatalf("%s, at %s: %d conversations gathered, %d at once", after, d.Name, len(h.rows), len(all.rows))
	}
	for id, at := range all.rows {
		space, _ := wire.ParseSpaceID(id)
		one, err := d.Chat.One(ctx, space)
		if err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(one, at) {
			t.Fatalf("%s, at %s: by itself\n%v\nwith all\n%v", after, d.Name, one, at)
		}
		if !proto.Equal(one, h.rows[id]) {
			t.Fatalf("%s, at %s: by itself\n%v\ngathered\n%v", after, d.Name, one, h.rows[id])
		}
	}
	h.since = all.since
}

// Whatever people do, a list that follows changes is the same as one worked out anew, and as each conversation by itself.
func TestListIsEachByItself(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			o := testspace.New(t, 900+seed)
			o.Founds("li", "远山")
			o.Admits("li", "wang", "chen")
			o.Settles()
			names := []string{"li", "wang", "chen"}
			w := world{t: t, o: o, r: rand.New(rand.NewPCG(seed, 7)), rooms: []wire.SpaceID{o.Workspace}}
			screens := map[string]*held{"li": {}, "wang": {}, "chen": {}}
			for step := range 60 {
				who := names[w.r.IntN(len(names))]
				did := w.does(who)
				o.Settles()
				after := fmt.Sprintf("step %d: %s %s", step, who, did)
				if step%6 == 5 {
					for _, n := range names {
						screens[n].same(t, o.As(n), o.Workspace, after)
					}
				} else {
					screens[who].looks(t, o.As(who), o.Workspace)
				}
			}
		})
	}
}

// world is where people do something at random.
type world struct {
	t     *testing.T
	o     *testspace.Office
	r     *rand.Rand
	rooms []wire.SpaceID
}

// does something that may be refused, as what people try is.
func (w *world) does(who string) (did string) {
	d, ctx := w.o.As(who), context.Background()
	room := w.rooms[w.r.IntN(len(w.rooms))]
	talks := chat.API{Get: func() (*chat.Chat, error) { return d.Chat, nil }}
	keeps := chat.NewConversationAPI(talks.Get)
	id := room.String()
	var err error
	message := func() *v1.Message {
		page, e := talks.Messages(ctx, &v1.MessagesRequest{ConversationId: id})
		if e != nil || len(page.Messages) == 0 {
			return &v1.Message{}
		}
		return page.Messages[w.r.IntN(len(page.Messages))]
	}
	switch n := w.r.IntN(14); n {
	case 0:
		var c *v1.Conversation
		others := []string{w.o.As("li").Person().String(), w.o.As("chen").Person().String()}
		if c, err = talks.CreateGroup(ctx, &v1.CreateGroupRequest{WorkspaceId: w.o.Workspace.String(), Name: "采购组", PersonIds: others}); err == nil {
			made, _ := wire.ParseSpaceID(c.Id)
			w.rooms = append(w.rooms, made)
		}
		did = "makes a group"
	case 1:
		var c *v1.Conversation
		if c, err = talks.OpenDirect(ctx, &v1.OpenDirectRequest{WorkspaceId: w.o.Workspace.String(), PersonId: w.o.As("wang").Person().String()}); err == nil {
			made, _ := wire.ParseSpaceID(c.Id)
			w.rooms = append(w.rooms, made)
		}
		did = "talks to wang"
	case 2, 3, 4:
		_, err = talks.Send(ctx, &v1.SendRequest{ConversationId: id, Text: fmt.Sprint("早上好 ", w.r.IntN(100))})
		did = "writes"
	case 5:
		_, err = talks.Send(ctx, &v1.SendRequest{ConversationId: id, Text: "@wang 请看", Mentions: []*v1.Mention{{PersonId: w.o.As("wang").Person().String(), Label: "wang"}}})
		did = "mentions wang"
	case 6:
		_, err = talks.Send(ctx, &v1.SendRequest{ConversationId: id, Text: "回", ThreadId: message().Id, AlsoShow: w.r.IntN(2) == 0})
		did = "replies in a thread"
	case 7:
		_, err = talks.Recall(ctx, &v1.MessageName{ConversationId: id, MessageId: message().Id})
		did = "recalls"
	case 8, 9:
		_, err = talks.MarkRead(ctx, &v1.MarkReadRequest{ConversationId: id, MessageId: message().Id})
		did = "reads"
	case 10:
		_, err = keeps.SetMuted(ctx, &v1.SetMutedRequest{ConversationId: id, UntilUnixMs: int64(-w.r.IntN(2)), Everyone: w.r.IntN(2) == 0})
		did = "mutes"
	case 11:
		_, err = keeps.SetPinned(ctx, &v1.SetPinnedRequest{ConversationId: id, On: w.r.IntN(2) == 0})
		did = "pins"
	case 12:
		_, err = keeps.SetArchived(ctx, &v1.SetArchivedRequest{ConversationId: id, On: w.r.IntN(2) == 0})
		did = "puts away"
	case 13:
		_, err = keeps.SetGroupRules(ctx, &v1.SetGroupRulesRequest{ConversationId: id, Rules: &v1.GroupRules{ManagersPost: w.r.IntN(2) == 0, AllReply: true, ManagersPin: w.r.IntN(2) == 0}})
		did = "sets rules"
	}
	if errors.Is(err, errcode.DatabaseCorrupt) {
		w.t.Fatal(err)
	}
	return did
}

// A change to one conversation gives that one alone; a page of the whole list stands in its order.
func TestListGivesWhatChanged(t *testing.T) {
	o := testspace.New(t, 904)
	o.Founds("li", "远山")
	li, ctx := o.As("li"), context.Background()
	var last wire.SpaceID
	for i := range 5 {
		id, err := li.Chat.CreateGroup(ctx, o.Workspace, fmt.Sprint("组", i), nil)
		if err != nil {
			t.Fatal(err)
		}
		last = id
	}
	var h held
	if n := h.looks(t, li, o.Workspace); n != 6 {
		t.Fatalf("%d at first", n)
	}
	if n := h.looks(t, li, o.Workspace); n != 0 {
		t.Fatalf("%d without a change", n)
	}
	if _, err := li.Chat.Post(ctx, last, "早", ""); err != nil {
		t.Fatal(err)
	}
	o.Eventually("one changed", func() bool { return h.looks(t, li, o.Workspace) == 1 || h.rows[last.String()].LastMessage != nil })
	door := chat.NewConversationAPI(func() (*chat.Chat, error) { return li.Chat, nil })
	page, err := door.List(ctx, &v1.ListRequest{WorkspaceId: o.Workspace.String(), Limit: 2})
	if err != nil || !page.Whole || page.Total != 6 || len(page.Conversations) != 2 || page.Conversations[0].Id != last.String() {
		t.Fatalf("%v %v", page, err)
	}
	rest, err := door.List(ctx, &v1.ListRequest{WorkspaceId: o.Workspace.String(), Offset: 2})
	if err != nil || len(rest.Conversations) != 4 {
		t.Fatalf("%v %v", rest, err)
	}
}
