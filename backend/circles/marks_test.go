package circles_test

import (
	"context"
	"slices"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// said finds a message by its text.
func said(t *testing.T, d *testspace.Desk, id wire.SpaceID, is func(*v1.Message) bool) *v1.Message {
	t.Helper()
	all := d.Messages(id)
	i := slices.IndexFunc(all, is)
	if i < 0 {
		t.Fatalf("%s does not have it: %v", d.Name, all)
	}
	return all[i]
}

// What a partner wrote, or did with a message, is told as that of an external: of reactions and pins by the person, of what
// was forwarded also where it is no longer in the circle. To the partner it is the other way round.
func TestExternalsAreMarked(t *testing.T) {
	o, theirs := town(t, 74)
	ctx := context.Background()
	li, gu := o.As("li"), o.As("gu")
	id := li.BeginsCircle(o.Workspace, "采购协作圈", "wang")
	gu.JoinsCircle(li.CircleLink(id, "", 1).Link, theirs)
	li.PostsIn(id, "样品什么时候到")
	gu.SeesIn(id, "样品什么时候到")
	ask := said(t, gu, id, func(m *v1.Message) bool { return m.Text == "样品什么时候到" })
	if _, err := gu.API().SetReaction(ctx, &v1.SetReactionRequest{ConversationId: id.String(), MessageId: ask.Id, Emoji: "👍", On: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := gu.API().Pin(ctx, &v1.PinRequest{ConversationId: id.String(), MessageId: ask.Id, On: true}); err != nil {
		t.Fatal(err)
	}
	gu.PostsIn(id, "样品周三送到现场")
	li.SeesIn(id, "样品什么时候到", "样品周三送到现场")
	o.Eventually("li has the reaction and the pin", func() bool {
		m := said(t, li, id, func(m *v1.Message) bool { return m.Text == "样品什么时候到" })
		return len(m.Reactions) == 1 && m.Pinned
	})
	ofAsk := &v1.MessageName{ConversationId: id.String(), MessageId: said(t, li, id, func(m *v1.Message) bool { return m.Text == ask.Text }).Id}
	if who, err := li.API().Reactions(ctx, ofAsk); err != nil || len(who.Reactions) != 1 || !slices.Equal(who.Reactions[0].PersonIds, []string{gu.Person().String()}) {
		t.Errorf("who reacted: %v, %v", who, err)
	}
	if all, err := li.API().Pinned(ctx, &v1.PinnedRequest{ConversationId: id.String()}); err != nil || len(all.Pinned) != 1 || all.Pinned[0].PersonId != gu.Person().String() {
		t.Errorf("who pinned: %v, %v", all, err)
	}
	if v := listed(t, li, o.Workspace, id); v == nil || !v.LastIsExternal {
		t.Errorf("in li's list: %v", v)
	}
	if v := listed(t, gu, theirs, id); v == nil || v.LastIsExternal {
		t.Errorf("in gu's list: %v", v)
	}
	for _, d := range []*testspace.Desk{li, gu} {
		ws := map[*testspace.Desk]wire.SpaceID{li: o.Workspace, gu: theirs}[d]
		o.Eventually(d.Name+" finds it", func() bool {
			found, _, _, err := d.Chat.Find(ctx, chat.Question{Workspace: ws, Text: "样品", Limit: 10})
			if err != nil || len(found) != 2 {
				return false
			}
			for _, m := range found {
				if m.IsExternal == m.IsMine { // each of the two wrote one
					t.Errorf("%s found %v", d.Name, m)
				}
			}
			return true
		})
	}

	answer := said(t, li, id, func(m *v1.Message) bool { return m.Text == "样品周三送到现场" })
	for _, asOne := range []bool{false, true} {
		_, err := li.API().Forward(ctx, &v1.ForwardRequest{ConversationId: id.String(), MessageIds: []string{ofAsk.MessageId, answer.Id}, ToConversationIds: []string{o.Workspace.String()}, Nonce: map[bool]string{false: "aaaaaaaaaaaaaaaa", true: "bbbbbbbbbbbbbbbb"}[asOne], AsOne: asOne})
		if err != nil {
			t.Fatal(err)
		}
	}
	alone := func(text string) *v1.Message {
		return said(t, li, o.Workspace, func(m *v1.Message) bool { return m.Forwarded != nil && m.Text == text })
	}
	if alone(ask.Text).Forwarded.IsExternal || !alone(answer.Text).Forwarded.IsExternal {
		t.Error("what was forwarded one by one is marked wrongly")
	}
	card := said(t, li, o.Workspace, func(m *v1.Message) bool { return m.Record != nil })
	if !card.Record.HasExternals || len(card.Record.Lines) != 2 || card.Record.Lines[0].IsExternal || !card.Record.Lines[1].IsExternal {
		t.Errorf("a card: %v", card.Record)
	}
	whole, err := chat.RecordAPI{API: li.API()}.Record(ctx, &v1.MessageName{ConversationId: o.Workspace.String(), MessageId: card.Id})
	if err != nil || len(whole.Entries) != 2 || whole.Entries[0].IsExternal || !whole.Entries[1].IsExternal {
		t.Errorf("all of it: %v, %v", whole, err)
	}
}
