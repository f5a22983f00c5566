package chat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var background = context.Background()

// teller is somebody at a desk who says what the screen says.
type teller struct {
	*testspace.Desk
	t  *testing.T
	o  *testspace.Office
	in wire.SpaceID
}

func threeOf(t *testing.T, seed uint64) (li, wang, chen teller) {
	o := testspace.New(t, seed)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	at := func(name string) teller { return teller{o.As(name), t, o, o.Workspace} }
	return at("li"), at("wang"), at("chen")
}

func (w teller) says(r *v1.SendRequest) *v1.Message {
	w.t.Helper()
	m, err := w.tries(r)
	if err != nil {
		w.t.Fatalf("%s says %q: %v", w.Name, r.Text, err)
	}
	return m
}

func (w teller) tries(r *v1.SendRequest) (*v1.Message, error) {
	r.ConversationId = w.in.String()
	return w.API().Send(background, r)
}

// gets waits for a message with a text.
func (w teller) gets(text string) (found *v1.Message) {
	w.t.Helper()
	w.until("gets "+text, func(m *v1.Message) bool {
		if m.Text == text {
			found = m
		}
		return m.Text == text
	})
	return found
}

// until waits for a message that is so.
func (w teller) until(what string, is func(*v1.Message) bool) {
	w.t.Helper()
	w.o.Eventually(w.Name+" "+what, func() bool { return slices.ContainsFunc(w.Messages(w.in), is) })
}

func (w teller) name(m *v1.Message) *v1.MessageName {
	return &v1.MessageName{ConversationId: w.in.String(), MessageId: m.Id}
}

func (w teller) recalls(m *v1.Message) error {
	_, err := w.API().Recall(background, w.name(m))
	return err
}

func (w teller) edits(m *v1.Message, text string, whom ...*v1.Mention) error {
	_, err := w.API().Edit(background, &v1.EditRequest{ConversationId: w.in.String(), MessageId: m.Id, Text: text, Mentions: whom})
	return err
}

func (w teller) reacts(m *v1.Message, emoji string, on bool) error {
	_, err := w.API().SetReaction(background, &v1.SetReactionRequest{ConversationId: w.in.String(), MessageId: m.Id, Emoji: emoji, On: on})
	return err
}

func wants(t *testing.T, got, want error, what string) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestAnswers(t *testing.T) {
	li, wang, chen := threeOf(t, 81)
	first := li.says(&v1.SendRequest{Text: "周五交图，谁来汇总？"})
	wang.gets(first.Text)
	wang.says(&v1.SendRequest{Text: "我来", ReplyToId: wang.gets(first.Text).Id})
	m := chen.gets("我来")
	if q := m.Reply; q.GetText() != first.Text || q.PersonName == "" || q.MessageId == "" {
		t.Errorf("quote %v", q)
	}
	// The quote follows what it quotes.
	if err := li.edits(first, "周四交图，谁来汇总？"); err != nil {
		t.Fatal(err)
	}
	chen.until("sees the edit in the quote", func(m *v1.Message) bool { return m.Reply.GetText() == "周四交图，谁来汇总？" })
	if err := li.recalls(first); err != nil {
		t.Fatal(err)
	}
	chen.until("sees that what is quoted was recalled", func(m *v1.Message) bool { return m.Text == "我来" && m.Reply.IsRecalled && m.Reply.Text == "" })
	_, err := li.tries(&v1.SendRequest{Text: "x", ReplyToId: first.Id})
	wants(t, err, errcode.MessageRecalled, "answer to what was recalled")
	_, err = li.tries(&v1.SendRequest{Text: "x", ReplyToId: "m1.1.1"})
	wants(t, err, errcode.NotFound, "answer to nothing")
}

func TestEditsAndRecalls(t *testing.T) {
	li, wang, chen := threeOf(t, 82)
	m := wang.says(&v1.SendRequest{Text: "三点开会"})
	li.gets("三点开会")
	wants(t, li.edits(li.gets("三点开会"), "x"), errcode.Forbidden, "edit of somebody else's")
	wants(t, wang.edits(m, " "), errcode.MessageEmpty, "empty edit")
	// Chen hears of nothing for a while: what is on a device that is offline stays until it connects.
	chen.gets("三点开会")
	li.o.Partition([]string{"li", "wang"}, []string{"chen"})
	if err := wang.edits(m, "四点开会"); err != nil {
		t.Fatal(err)
	}
	if got := li.gets("四点开会"); got.EditedUnixMs == 0 {
		t.Error("the edit bears no mark")
	}
	if err := wang.recalls(m); err != nil {
		t.Fatal(err)
	}
	li.until("sees the tombstone", func(m *v1.Message) bool {
		return m.Recalled != nil && m.Text == "" && m.EditedUnixMs == 0 && m.Recalled.PersonId == wang.Person().String() && m.Recalled.Text == ""
	})
	if got := chen.gets("三点开会"); got.Recalled != nil {
		t.Error("chen knows already")
	}
	wang.until("may write it anew", func(m *v1.Message) bool { return m.Recalled.GetIsMine() && m.Recalled.Text == "四点开会" })
	wants(t, wang.edits(m, "x"), errcode.MessageRecalled, "edit of what was recalled")
	wants(t, wang.reacts(m, "👍", true), errcode.MessageRecalled, "reaction to what was recalled")
	li.o.Heal()
	chen.until("hears of it", func(m *v1.Message) bool { return m.Recalled != nil })
	li.o.Settles()
}

func TestWhoMayRecall(t *testing.T) {
	li, wang, chen := threeOf(t, 83)
	m := wang.says(&v1.SendRequest{Text: "发错群了"})
	wants(t, chen.recalls(chen.gets(m.Text)), errcode.Forbidden, "recall by a colleague")
	late := wang.says(&v1.SendRequest{Text: "昨天的话"})
	li.gets(late.Text)
	if _, err := wang.API().SetRecallSpan(background, &v1.SetRecallSpanRequest{WorkspaceId: wang.in.String(), Seconds: 60}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("a member sets the span: %v", err)
	}
	got, err := li.API().SetRecallSpan(background, &v1.SetRecallSpanRequest{WorkspaceId: li.in.String(), Seconds: 7200})
	if err != nil || got.Seconds != 7200 || !got.CanSet {
		t.Fatalf("%v, %v", got, err)
	}
	li.o.Eventually("wang knows the span", func() bool {
		got, err := wang.API().RecallSpan(background, &v1.RecallSpanRequest{WorkspaceId: wang.in.String()})
		return err == nil && got.Seconds == 7200 && !got.CanSet
	})
	li.o.Later(3 * time.Hour)
	wang.until("may not recall any more", func(m *v1.Message) bool { return m.Text == late.Text && !m.CanRecall })
	wants(t, wang.recalls(late), errcode.RecallLate, "a late recall")
	// A program that does not keep to it is not followed: others judge by the stamps.
	old := wang.says(&v1.SendRequest{Text: "又一句"})
	li.gets(old.Text)
	// Who manages the space takes back what others said, whenever they said it; the tombstone names them.
	if err := li.recalls(li.gets(late.Text)); err != nil {
		t.Fatal(err)
	}
	wang.until("sees who took it back", func(m *v1.Message) bool {
		return m.Recalled != nil && m.IsMine && !m.Recalled.IsMine && m.Recalled.PersonId == li.Person().String() && m.Recalled.Text == ""
	})
	// And it stays so when they manage it no more.
	li.o.SetsRole("li", "wang", space.Owner)
	li.o.Settles()
	li.o.SetsRole("wang", "li", space.Member)
	li.o.Settles()
	chen.until("still sees it", func(m *v1.Message) bool { return m.Recalled != nil && m.PersonId == wang.Person().String() })
	wants(t, li.recalls(li.gets(old.Text)), errcode.Forbidden, "recall by who manages no more")
	// Of two nobody manages the other.
	id := wang.Direct("chen")
	wang.PostsIn(id, "只有我们")
	chen.SeesIn(id, "只有我们")
	two := teller{chen.Desk, t, chen.o, id}
	wants(t, two.recalls(two.gets("只有我们")), errcode.Forbidden, "recall of the other's in a conversation of two")
}

func TestReactions(t *testing.T) {
	li, wang, chen := threeOf(t, 84)
	m := li.says(&v1.SendRequest{Text: "门店验收通过"})
	for _, w := range []teller{wang, chen} {
		if err := w.reacts(w.gets(m.Text), "👍", true); err != nil {
			t.Fatal(err)
		}
	}
	wants(t, wang.reacts(wang.gets(m.Text), "好", true), errcode.InvalidArgument, "a word as a reaction")
	if err := wang.reacts(wang.gets(m.Text), "🎉", true); err != nil {
		t.Fatal(err)
	}
	li.until("sees them all", func(m *v1.Message) bool {
		return len(m.Reactions) == 2 && m.Reactions[0].Emoji == "👍" && m.Reactions[0].Count == 2 && !m.Reactions[0].IsMine && m.Reactions[1].Count == 1
	})
	who, err := li.API().Reactions(background, li.name(m))
	if err != nil || len(who.Reactions) != 2 || len(who.Reactions[0].PersonNames) != 2 {
		t.Errorf("%v, %v", who, err)
	}
	if err := wang.reacts(wang.gets(m.Text), "👍", false); err != nil {
		t.Fatal(err)
	}
	li.until("sees that one went", func(m *v1.Message) bool {
		return len(m.Reactions) == 2 && m.Reactions[0].Emoji == "👍" && m.Reactions[0].Count == 1
	})
	for n := range 20 {
		err = chen.reacts(chen.gets(m.Text), string(rune(0x1f600+n)), true)
	}
	wants(t, err, errcode.ReactionLimit, "the 21st reaction")
}

func TestMentions(t *testing.T) {
	li, wang, chen := threeOf(t, 85)
	text := "@" + "wang" + " 看一下"
	chen.says(&v1.SendRequest{Text: text, Mentions: []*v1.Mention{{PersonId: wang.Person().String(), Label: "wang"}}})
	m := wang.gets(text)
	if !m.MentionsMe || len(m.Mentions) != 1 {
		t.Errorf("wang gets %v", m)
	}
	if li.gets(text).MentionsMe {
		t.Error("li is not meant")
	}
	marked := func(w teller) string {
		all, err := w.API().Conversations(background, &v1.ConversationsRequest{WorkspaceId: w.in.String()})
		if err != nil {
			t.Fatal(err)
		}
		return all.Conversations[0].MentionId
	}
	if marked(wang) != m.Id || marked(li) != "" {
		t.Errorf("marks %q, %q", marked(wang), marked(li))
	}
	wang.Reads(wang.in)
	if marked(wang) != "" {
		t.Error("what was read is marked")
	}
	// Everybody is mentioned by who manages the conversation; of others it does not count, whatever their program says.
	everybody := []*v1.Mention{{Label: "所有人"}}
	_, err := chen.tries(&v1.SendRequest{Text: "@所有人 停", Mentions: everybody})
	wants(t, err, errcode.Forbidden, "everybody, by a member")
	_, err = li.tries(&v1.SendRequest{Text: "没有名字", Mentions: everybody})
	wants(t, err, errcode.InvalidArgument, "a mention that the text has not")
	li.says(&v1.SendRequest{Text: "@所有人 下午放假", Mentions: everybody})
	for _, w := range []teller{wang, chen} {
		if m := w.gets("@所有人 下午放假"); !m.MentionsMe || marked(w) != m.Id {
			t.Errorf("%s gets %v, marked %q", w.Name, m, marked(w))
		}
	}
}

func TestPins(t *testing.T) {
	li, wang, _ := threeOf(t, 86)
	pin := func(w teller, m *v1.Message, on bool) error {
		_, err := w.API().Pin(background, &v1.PinRequest{ConversationId: w.in.String(), MessageId: m.Id, On: on})
		return err
	}
	pinned := func(w teller) (out []string) {
		got, err := w.API().Pinned(background, &v1.PinnedRequest{ConversationId: w.in.String()})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range got.Pinned {
			out = append(out, p.Message.Text)
		}
		return out
	}
	m := wang.says(&v1.SendRequest{Text: "无线密码在前台"})
	wants(t, pin(wang, m, true), errcode.Forbidden, "a pin for everyone by a member")
	if err := pin(li, li.gets(m.Text), true); err != nil {
		t.Fatal(err)
	}
	wang.until("sees the pin", func(m *v1.Message) bool { return m.Pinned })
	if got := pinned(wang); !slices.Equal(got, []string{m.Text}) {
		t.Errorf("pinned %q", got)
	}
	if err := wang.recalls(m); err != nil {
		t.Fatal(err)
	}
	if got := pinned(wang); got != nil {
		t.Errorf("what was recalled is pinned: %q", got)
	}
	// In a group every member pins, and takes pins away.
	li.in = li.Group("装修", "wang")
	wang.in = li.in
	all := []*v1.Message{}
	for n := range 51 {
		all = append(all, li.says(&v1.SendRequest{Text: fmt.Sprint("第 ", n)}))
	}
	wang.gets("第 50")
	for _, m := range all[:50] {
		if err := pin(li, m, true); err != nil {
			t.Fatal(err)
		}
	}
	wants(t, pin(li, all[50], true), errcode.PinLimit, "the 51st pin")
	li.o.Eventually("wang sees them", func() bool { return len(pinned(wang)) == 50 })
	if err := pin(wang, wang.gets("第 49"), false); err != nil {
		t.Fatal(err)
	}
	li.o.Eventually("li sees that one went", func() bool { got := pinned(li); return len(got) == 49 && got[0] == "第 48" })
}

// What is forwarded costs those who have it nothing, and those who have not may fetch it.
func TestForward(t *testing.T) {
	li, wang, chen := threeOf(t, 87)
	group := li.Group("工地", "wang")
	content := bytes.Repeat([]byte("砖"), 500_000)
	li.Sends(group, "清单", "清单.txt", content)
	wang.in = group
	wang.Wants(group, "清单.txt")
	wang.Reaches(group, "清单.txt", v1.AttachmentState_ATTACHMENT_STATE_HERE)
	before := pieces(t, wang.Desk)
	m, _ := wang.Attachment(group, "清单.txt")
	direct := wang.Direct("chen")
	forward := func(to ...wire.SpaceID) error {
		r := &v1.ForwardRequest{ConversationId: group.String(), MessageIds: []string{m.Id}, Text: "你看看", Nonce: "once"}
		for _, id := range to {
			r.ToConversationIds = append(r.ToConversationIds, id.String())
		}
		_, err := wang.API().Forward(background, r)
		return err
	}
	for range 2 { // once, however often it is asked for
		if err := forward(direct, wang.o.Workspace); err != nil {
			t.Fatal(err)
		}
	}
	if now := pieces(t, wang.Desk); now != before {
		t.Errorf("%d pieces, were %d", now, before)
	}
	chen.SeesIn(direct, "清单", "你看看")
	got := chen.Message(direct, "清单")
	if got.Forwarded.GetPersonName() == "" || got.Forwarded.PersonId != li.Person().String() || got.IsMine {
		t.Errorf("forwarded %v", got.Forwarded)
	}
	chen.Wants(direct, "清单.txt")
	chen.Reaches(direct, "清单.txt", v1.AttachmentState_ATTACHMENT_STATE_HERE)
	if read, err := chen.Reading(direct, "清单.txt"); err != nil || !bytes.Equal(read, content) {
		t.Errorf("%d bytes, %v", len(read), err)
	}
	// Li has the bytes already, though never in this conversation.
	li.o.Eventually("li has it", func() bool {
		return li.StateOf(li.o.Workspace, "清单.txt") == v1.AttachmentState_ATTACHMENT_STATE_HERE
	})
	// What is not here cannot be handed on.
	li.Sends(group, "第二份", "第二份.bin", content)
	wang.o.Eventually("wang sees it", func() bool { m, _ = wang.Attachment(group, "第二份.bin"); return m != nil })
	wants(t, forward(direct), errcode.AttachmentAbsent, "a file that is not here")
	wants(t, forward(), errcode.InvalidArgument, "nowhere")
}

func TestPagesAroundAPlace(t *testing.T) {
	o, li := alone(t, 88)
	begun := o.As("li").Clock.Now()
	for n := range 120 {
		li.Posts(fmt.Sprint("第 ", n))
		o.Later(time.Minute)
	}
	look := func(r *v1.MessagesRequest) *v1.MessagesResponse {
		r.ConversationId, r.Limit = o.Workspace.String(), 20
		got, err := li.API().Messages(background, r)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	at := li.Message(o.Workspace, "第 60")
	got := look(&v1.MessagesRequest{Around: at.Id})
	if got.FoundId != at.Id || got.Messages[10].Id != at.Id || !got.HasBefore || !got.HasAfter || len(got.Messages) != 20 {
		t.Errorf("found %q among %d", got.FoundId, len(got.Messages))
	}
	// A second behind what was written, whenever that was: on a loaded machine to write takes a while.
	got = look(&v1.MessagesRequest{AroundUnixMs: li.Message(o.Workspace, "第 30").SentUnixMs + 1000})
	if n := slices.IndexFunc(got.Messages, func(m *v1.Message) bool { return m.Id == got.FoundId }); n < 0 || got.Messages[n].Text != "第 31" {
		t.Errorf("found %d of %v", n, got.FoundId)
	}
	if got = look(&v1.MessagesRequest{AroundUnixMs: begun.Add(24 * time.Hour).UnixMilli()}); got.FoundId != "" || got.HasAfter || got.Messages[len(got.Messages)-1].Text != "第 119" {
		t.Errorf("after everything: %v", got)
	}
	if got = look(&v1.MessagesRequest{AroundUnixMs: 1}); got.Messages[0].Text != "第 0" || got.HasBefore {
		t.Errorf("before everything: %v", got.Messages[0])
	}
}
