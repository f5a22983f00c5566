package chat_test

import (
	"fmt"
	"slices"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
)

// fresh asks for notices once and moves the cursor on.
func (w teller) fresh(cursor *string) []*v1.MessageNotice {
	w.t.Helper()
	got, err := chat.NoticeAPI{API: w.API()}.Fresh(background, &v1.FreshRequest{Cursor: *cursor})
	if err != nil {
		w.t.Fatal(err)
	}
	*cursor = got.Cursor
	return got.Notices
}

// arrives waits until something came after a cursor.
func (w teller) arrives(cursor string) {
	w.o.Eventually("it came to "+w.Name, func() bool {
		now := ""
		w.fresh(&now)
		return now != cursor
	})
}

// hears has another person write, waits until it is here, and gives what the system would tell of it.
func (w teller) hears(cursor *string, from teller, r *v1.SendRequest) (out []string) {
	w.t.Helper()
	from.says(r)
	if r.ThreadId == "" {
		w.gets(r.Text)
	} else {
		w.o.Eventually(w.Name+" has the reply", func() bool {
			got := w.thread(w.in2(r)).Messages
			return slices.ContainsFunc(got, func(m *v1.Message) bool { return m.Text == r.Text })
		})
	}
	w.arrives(*cursor)
	for _, n := range w.fresh(cursor) {
		out = append(out, fmt.Sprintf("%d %s %v", n.Count, n.Message.Text, n.Message.MentionsMe))
	}
	return out
}

// in2 names at this device the thread of a reply that another device writes: the one thread there is.
func (w teller) in2(*v1.SendRequest) string {
	all, err := w.threads().Threads(background, &v1.ThreadsRequest{ConversationId: w.in.String()})
	if err != nil || len(all.Threads) == 0 {
		return w.Messages(w.in)[0].Id
	}
	return all.Threads[0].Thread.Id
}

func wantHeard(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: heard %q, want %q", what, got, want)
	}
}

// What came is told once; what is muted only where it mentions its person; threads where one takes part.
func TestNotices(t *testing.T) {
	li, wang, chen := groupOf(t, 171)
	cursor := ""
	if got := wang.fresh(&cursor); len(got) != 0 || cursor == "" {
		t.Fatalf("before there was a cursor: %v", got)
	}
	wantHeard(t, "a message", wang.hears(&cursor, li, &v1.SendRequest{Text: "图纸好了"}), "1 图纸好了 false")
	if got := wang.fresh(&cursor); len(got) != 0 {
		t.Errorf("told twice: %v", got)
	}
	// A burst is one notice, of what mentions one.
	before := cursor
	call := &v1.SendRequest{Text: "@wang 看一下", Mentions: []*v1.Mention{{PersonId: wang.Person().String(), Label: "wang"}}}
	_ = wang.hears(&cursor, li, call)
	_ = wang.hears(&cursor, chen, &v1.SendRequest{Text: "好的"})
	got := wang.fresh(&before)
	if len(got) != 1 || got[0].Count != 2 || got[0].Message.Text != call.Text || got[0].ConversationId != wang.in.String() || got[0].WorkspaceId != wang.o.Workspace.String() || got[0].IsExternal {
		t.Errorf("a burst: %v", got)
	}
	// One's own messages and what was read are no news.
	wang.says(&v1.SendRequest{Text: "收到"})
	before = cursor
	_ = wang.hears(&before, li, &v1.SendRequest{Text: "谢谢"})
	wang.Reads(wang.in)
	wantNone(t, "what was read", wang.fresh(&cursor))

	mute := func(everyone bool) {
		if _, err := wang.conversations().SetMuted(background, &v1.SetMutedRequest{ConversationId: wang.in.String(), UntilUnixMs: -1, Everyone: everyone}); err != nil {
			t.Fatal(err)
		}
	}
	mute(false)
	wantHeard(t, "muted", wang.hears(&cursor, li, &v1.SendRequest{Text: "闲聊"}))
	all := &v1.SendRequest{Text: "@所有人 开会", Mentions: []*v1.Mention{{Label: "所有人"}}}
	wantHeard(t, "everybody through mute", wang.hears(&cursor, li, all))
	wantHeard(t, "by name through mute", wang.hears(&cursor, chen, &v1.SendRequest{Text: "@wang 在吗", Mentions: call.Mentions}), "1 @wang 在吗 true")
	mute(true)
	all.Text = "@所有人 再说一次"
	wantHeard(t, "everybody where that was chosen", wang.hears(&cursor, li, all), "1 @所有人 再说一次 true")
	// A cursor of an earlier run says nothing of what came since.
	wang.o.Restart("wang")
	wantNone(t, "an earlier run", wang.fresh(&cursor))
}

func wantNone(t *testing.T, what string, got []*v1.MessageNotice) {
	t.Helper()
	if len(got) != 0 {
		t.Errorf("%s: told of %v", what, got)
	}
}

func TestNoticesOfReplies(t *testing.T) {
	li, wang, chen := groupOf(t, 172)
	first := wang.says(&v1.SendRequest{Text: "谁去现场？"})
	li.gets(first.Text)
	chen.gets(first.Text)
	cursors := map[string]*string{"wang": new(string), "chen": new(string)}
	wang.fresh(cursors["wang"])
	chen.fresh(cursors["chen"])
	thread := li.gets(first.Text).Id
	wantHeard(t, "who began it", wang.hears(cursors["wang"], li, &v1.SendRequest{Text: "我去", ThreadId: thread}), "1 我去 false")
	chen.o.Eventually("chen has the reply", func() bool { return len(chen.thread(chen.gets(first.Text).Id).Messages) == 1 })
	chen.arrives(*cursors["chen"])
	wantNone(t, "who takes no part", chen.fresh(cursors["chen"]))
	mention := &v1.SendRequest{Text: "@chen 一起？", ThreadId: thread, Mentions: []*v1.Mention{{PersonId: chen.Person().String(), Label: "chen"}}}
	wantHeard(t, "who is mentioned", chen.hears(cursors["chen"], li, mention), "1 @chen 一起？ true")
	wantHeard(t, "and takes part from then on", chen.hears(cursors["chen"], wang, &v1.SendRequest{Text: "带上图", ThreadId: wang.gets(first.Text).Id}), "1 带上图 false")
}

// Typing in a thread is shown there, and not in the conversation.
func TestTypingInThreads(t *testing.T) {
	li, wang, _ := groupOf(t, 173)
	first := wang.says(&v1.SendRequest{Text: "标题"})
	thread := li.gets(first.Text).Id
	types := func(thread string) []string {
		got, err := wang.API().Typing(background, &v1.TypingRequest{ConversationId: wang.in.String(), ThreadId: thread})
		if err != nil {
			t.Fatal(err)
		}
		return got.PersonNames
	}
	if _, err := li.API().SetTyping(background, &v1.SetTypingRequest{ConversationId: li.in.String(), ThreadId: thread}); err != nil {
		t.Fatal(err)
	}
	wang.o.Eventually("wang sees li type in the thread", func() bool { return slices.Equal(types(first.Id), []string{"li"}) })
	if got := types(""); len(got) != 0 {
		t.Errorf("shown in the conversation: %v", got)
	}
	li.says(&v1.SendRequest{Text: "答复", ThreadId: thread})
	wang.o.Eventually("the reply is there", func() bool { return len(wang.thread(first.Id).Messages) == 1 })
	wang.o.Eventually("li types no more", func() bool { return len(types(first.Id)) == 0 })
}

// Cards of several messages are found by what they hold, and shown with it.
func TestSearchFindsTextInCards(t *testing.T) {
	li, wang, _ := groupOf(t, 174)
	a, b := li.says(&v1.SendRequest{Text: "石材样板周三到现场"}), li.says(&v1.SendRequest{Text: "The lift is booked"})
	other := wang.o.As("li").Group("幕墙", "wang")
	_, err := li.API().Forward(background, &v1.ForwardRequest{ConversationId: li.in.String(), MessageIds: []string{a.Id, b.Id}, ToConversationIds: []string{other.String()}, AsOne: true})
	if err != nil {
		t.Fatal(err)
	}
	wang.seesFound(&v1.FindMessagesRequest{Text: "样板", ConversationId: other.String()}, "li: 石材[样板]周三到现场")
	wang.seesFound(&v1.FindMessagesRequest{Text: "booked lift", ConversationId: other.String()}, "li: The [lift] is [booked]")
	wang.seesFound(&v1.FindMessagesRequest{Text: "现场 booked", ConversationId: other.String()}, "li: 石材样板周三到[现场]")
}
