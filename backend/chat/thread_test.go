package chat_test

import (
	"bytes"
	"slices"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

func (w teller) threads() chat.ThreadAPI { return chat.ThreadAPI{API: w.API()} }

// thread reads one, by a message at which it begins or is.
func (w teller) thread(name string) *v1.ThreadResponse {
	w.t.Helper()
	got, err := w.threads().Thread(background, &v1.ThreadRequest{ConversationId: w.in.String(), ThreadId: name, AroundUnread: true})
	if err != nil {
		w.t.Fatalf("%s reads a thread: %v", w.Name, err)
	}
	return got
}

// conversation is the row of the list.
func (w teller) conversation() *v1.Conversation {
	all, err := w.API().Conversations(background, &v1.ConversationsRequest{WorkspaceId: w.o.Workspace.String()})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range all.Conversations {
		if c.Id == w.in.String() {
			return c
		}
	}
	return nil
}

func TestThreads(t *testing.T) {
	li, wang, chen := threeOf(t, 91)
	first := li.says(&v1.SendRequest{Text: "周五交图，谁来汇总？"})
	for _, w := range []teller{wang, chen} {
		w.gets(first.Text)
		w.Reads(w.in)
	}
	reply := wang.says(&v1.SendRequest{Text: "我来", ThreadId: wang.gets(first.Text).Id})
	if reply.InThreadId == "" || reply.AlsoShown {
		t.Errorf("reply %v", reply)
	}
	li.until("sees the thread", func(m *v1.Message) bool {
		return m.Id == first.Id && m.Thread.GetReplies() == 1 && m.Thread.IsOurs && m.Thread.Unread == 1 && m.Thread.LastPersonId == wang.Person().String()
	})
	// Who began it has to read it, who only reads the conversation has not.
	if c := li.conversation(); c.Unread != 1 || c.UnreadInThreads != 1 || c.LastMessage.Text != first.Text {
		t.Errorf("li has %v", c)
	}
	chen.until("sees the thread, too", func(m *v1.Message) bool {
		return m.Thread.GetReplies() == 1 && !m.Thread.IsOurs && m.Thread.Unread == 0
	})
	if c := chen.conversation(); c.Unread != 0 {
		t.Errorf("chen has %v", c)
	}
	if slices.Contains(li.Texts(li.in), "我来") {
		t.Error("the conversation shows a reply that is aside")
	}
	// A mark of the conversation says nothing of the thread, also where it is further in the same feed.
	wang.says(&v1.SendRequest{Text: "另一件事"})
	li.gets("另一件事")
	li.Reads(li.in)
	if c := li.conversation(); c.Unread != 1 {
		t.Errorf("after the conversation was read li has %v", c)
	}
	wang.o.Eventually("the other message is read", func() bool { return wang.gets("另一件事").State == v1.DeliveryState_DELIVERY_STATE_READ })
	if m := wang.thread(first.Id).Messages; len(m) != 1 || m[0].State == v1.DeliveryState_DELIVERY_STATE_READ {
		t.Errorf("what nobody opened is read: %v", m)
	}
	got := li.thread(first.Id)
	if got.First.GetId() != first.Id || got.Unread != 1 || got.FirstUnreadId != got.Messages[0].Id {
		t.Errorf("li opens %v", got)
	}
	_, err := li.threads().MarkRead(background, &v1.MarkThreadReadRequest{ConversationId: li.in.String(), ThreadId: got.ThreadId, MessageId: got.Messages[0].Id})
	if err != nil {
		t.Fatal(err)
	}
	wang.o.Eventually("wang learns that it was read", func() bool {
		m := wang.thread(reply.Id).Messages
		return len(m) == 1 && m[0].State == v1.DeliveryState_DELIVERY_STATE_READ
	})
	if c := li.conversation(); c.Unread != 0 {
		t.Errorf("after the thread was read li has %v", c)
	}
	// A mention makes somebody take part.
	text := "@chen 你看呢"
	wang.says(&v1.SendRequest{Text: text, ThreadId: reply.Id, Mentions: []*v1.Mention{{PersonId: chen.Person().String(), Label: "chen"}}})
	chen.o.Eventually("chen is mentioned", func() bool {
		c := chen.conversation()
		return c.Unread == 3 && c.UnreadInThreads == 2 && c.MentionId != ""
	})
	// What is looked for leads into the thread.
	page, err := chen.API().Messages(background, &v1.MessagesRequest{ConversationId: chen.in.String(), Around: chen.conversation().MentionId})
	if err != nil || page.InThreadId != chen.thread(page.FoundId).ThreadId || page.FoundId != chen.gets(first.Text).Id {
		t.Errorf("leads to %v, %v", page, err)
	}
	listed, err := chen.threads().Threads(background, &v1.ThreadsRequest{ConversationId: chen.in.String()})
	if err != nil || len(listed.Threads) != 1 || listed.Threads[0].Last.GetText() != text || listed.Threads[0].Thread.GetUnread() != 2 {
		t.Errorf("listed %v, %v", listed, err)
	}
}

// What holds for messages holds for replies; a thread outlives what it began at.
func TestDeedsInThreads(t *testing.T) {
	li, wang, _ := threeOf(t, 92)
	first := li.says(&v1.SendRequest{Text: "会议室几点空？"})
	shown := wang.says(&v1.SendRequest{Text: "三点", ThreadId: wang.gets(first.Text).Id, AlsoShow: true})
	if m := li.gets("三点"); !m.AlsoShown || m.InThreadId == "" {
		t.Errorf("li gets %v", m)
	}
	if err := wang.edits(shown, "三点半"); err != nil {
		t.Fatal(err)
	}
	li.until("sees the edit", func(m *v1.Message) bool { return m.Text == "三点半" })
	if err := li.recalls(first); err != nil {
		t.Fatal(err)
	}
	wang.until("sees the tombstone with the thread", func(m *v1.Message) bool { return m.Recalled != nil && m.Thread.GetReplies() == 1 })
	// It goes on, but none begins at what was recalled.
	wang.says(&v1.SendRequest{Text: "那就五点", ThreadId: shown.Id})
	li.o.Eventually("li gets the reply", func() bool { return len(li.thread(first.Id).Messages) == 2 })
	if err := wang.recalls(wang.thread(shown.Id).Messages[1]); err != nil {
		t.Fatal(err)
	}
	li.o.Eventually("li sees that it was recalled", func() bool {
		m := li.thread(first.Id).Messages
		return m[1].Recalled != nil && len(m) == 2 && li.thread(first.Id).First.Thread.Replies == 1
	})
	alone := li.says(&v1.SendRequest{Text: "错了"})
	if err := li.recalls(alone); err != nil {
		t.Fatal(err)
	}
	_, err := li.tries(&v1.SendRequest{Text: "x", ThreadId: alone.Id})
	wants(t, err, errcode.MessageRecalled, "a thread at what was recalled")
	_, err = li.tries(&v1.SendRequest{Text: "x", ThreadId: "t1.1"})
	wants(t, err, errcode.NotFound, "a thread at nothing")
}

// Several messages are one, with their files, also within each other.
func TestForwardAsOne(t *testing.T) {
	li, wang, chen := threeOf(t, 93)
	group := li.Group("工地", "wang")
	content := bytes.Repeat([]byte("砖"), 1000)
	li.Sends(group, "清单", "清单.txt", content)
	wang.in = group
	wang.Wants(group, "清单.txt")
	wang.Reaches(group, "清单.txt", v1.AttachmentState_ATTACHMENT_STATE_HERE)
	listed := wang.gets("清单")
	own := wang.says(&v1.SendRequest{Text: "明天到"})
	forward := func(w teller, from, to wire.SpaceID, ids ...string) error {
		_, err := w.API().Forward(background, &v1.ForwardRequest{ConversationId: from.String(), MessageIds: ids, ToConversationIds: []string{to.String()}, AsOne: true, Nonce: "n" + ids[0]})
		return err
	}
	everyone := wang.o.Workspace
	for range 2 { // once, however often it is asked for
		if err := forward(wang, group, everyone, listed.Id, own.Id); err != nil {
			t.Fatal(err)
		}
	}
	card := func(w teller, count int32) (found *v1.Message) {
		w.until("gets the card", func(m *v1.Message) bool {
			if m.Record.GetCount() == count {
				found = m
			}
			return found != nil
		})
		return found
	}
	chen.in = everyone
	got := card(chen, 2)
	if r := got.Record; r.People != 2 || len(r.Lines) != 2 || r.Lines[0].FileName != "清单.txt" || r.Lines[1].Text != "明天到" || len(chen.Messages(everyone)) != 1 {
		t.Errorf("card %v", got)
	}
	chen.Wants(everyone, "清单.txt")
	chen.Reaches(everyone, "清单.txt", v1.AttachmentState_ATTACHMENT_STATE_HERE)
	said := chen.says(&v1.SendRequest{Text: "收到"})
	read := func(w teller, m *v1.Message) []*v1.RecordEntry {
		r, err := chat.RecordAPI{API: w.API()}.Record(background, w.name(m))
		if err != nil {
			t.Fatal(err)
		}
		return r.Entries
	}
	to := chen.Direct("li")
	if err := forward(chen, everyone, to, got.Id, said.Id); err != nil {
		t.Fatal(err)
	}
	li.in = to
	entries := read(li, card(li, 2))
	if len(entries) != 2 || len(entries[0].Entries) != 2 || entries[0].Entries[0].Attachments[0].Name != "清单.txt" || entries[1].Text != "收到" || entries[0].Entries[0].PersonId != li.Person().String() {
		t.Errorf("entries %v", entries)
	}
	// Not without end.
	deeper := li.says(&v1.SendRequest{Text: "第三层"})
	if err := forward(li, to, group, card(li, 2).Id, deeper.Id); err != nil {
		t.Fatal(err)
	}
	li.in = group
	wants(t, forward(li, group, to, card(li, 2).Id), errcode.RecordTooDeep, "a fourth level")
	// A recall takes it all.
	wang.in = everyone
	if err := wang.recalls(card(wang, 2)); err != nil {
		t.Fatal(err)
	}
	chen.until("sees that the card was recalled", func(m *v1.Message) bool { return m.Recalled != nil && m.Record == nil })
	_, err := chat.RecordAPI{API: chen.API()}.Record(background, chen.name(got))
	wants(t, err, errcode.NotFound, "what was recalled")
}
