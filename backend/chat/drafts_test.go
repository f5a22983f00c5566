package chat_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

func (w teller) draftAPI() chat.DraftAPI {
	return chat.NewDraftAPI(func() (*chat.Chat, error) { return w.Chat, nil })
}

func (w teller) keeps(r *v1.KeepMessageDraftRequest) {
	w.t.Helper()
	r.ConversationId = w.in.String()
	if _, err := w.draftAPI().Keep(background, r); err != nil {
		w.t.Fatalf("keep %q: %v", r.Text, err)
	}
}

func (w teller) draftIn(thread string) *v1.MessageDraft {
	w.t.Helper()
	d, err := w.draftAPI().Show(background, &v1.MessageDraftRequest{ConversationId: w.in.String(), ThreadId: thread})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w teller) listed() (out []string) {
	w.t.Helper()
	all, err := w.draftAPI().List(background, &v1.MessageDraftListRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range all.Drafts {
		out = append(out, d.Text)
	}
	return out
}

func TestDraftsAreKept(t *testing.T) {
	li, wang, _ := threeOf(t, 61)
	first := wang.says(&v1.SendRequest{Text: "几点开会？"})
	li.gets("几点开会？")
	asked := li.gets("几点开会？")
	whom := []*v1.Mention{{PersonId: wang.Person().String(), Label: "wang"}}
	li.keeps(&v1.KeepMessageDraftRequest{Text: "@wang 十点", Mentions: whom, ReplyToId: asked.Id})
	li.keeps(&v1.KeepMessageDraftRequest{Text: "另起一句", ThreadId: asked.Id})
	li.keeps(&v1.KeepMessageDraftRequest{Text: "旧的", OnlyFirst: true})
	// A restart leaves them, and nobody else has heard of them.
	li.o.Leaves("li")
	li.o.Returns("li")
	d := li.draftIn("")
	if d.Text != "@wang 十点" || d.Reply.GetId() != asked.Id || len(d.Mentions) != 1 || d.Mentions[0].PersonId != wang.Person().String() {
		t.Errorf("after a restart %v", d)
	}
	if d := li.draftIn(asked.Id); d.Text != "另起一句" || d.ThreadId == "" || li.draftIn(d.ThreadId).Text != "另起一句" {
		t.Errorf("in the thread %v", d)
	}
	if got := li.listed(); len(got) != 2 {
		t.Errorf("listed %q", got)
	}
	if d := wang.draftIn(""); d.Text != "" {
		t.Errorf("wang has %v", d)
	}
	// What it answers to was recalled: the words stay.
	if _, err := wang.API().Recall(background, &v1.MessageName{ConversationId: wang.in.String(), MessageId: first.Id}); err != nil {
		t.Fatal(err)
	}
	li.o.Eventually("the answered message is gone", func() bool { d := li.draftIn(""); return d.Reply == nil && d.Text == "@wang 十点" })
	li.keeps(&v1.KeepMessageDraftRequest{Text: " \n"})
	if got := li.listed(); len(got) != 1 || got[0] != "另起一句" {
		t.Errorf("once it is emptied: %q", got)
	}
}

// What is sent or scheduled is no draft any more, from the same write on; what was typed meanwhile stays.
func TestDraftIsSpent(t *testing.T) {
	li, wang, _ := threeOf(t, 62)
	li.keeps(&v1.KeepMessageDraftRequest{Text: "早上好\n"})
	sent := li.says(&v1.SendRequest{Text: "早上好"})
	li.keeps(&v1.KeepMessageDraftRequest{Text: "在讨论里", ThreadId: sent.Id})
	li.keeps(&v1.KeepMessageDraftRequest{Text: "在外面"})
	li.says(&v1.SendRequest{Text: "在讨论里", ThreadId: sent.Id})
	if got := li.listed(); len(got) != 1 || got[0] != "在外面" {
		t.Errorf("after a reply in the thread %q", got)
	}
	li.says(&v1.SendRequest{Text: "别的"})
	if d := li.draftIn(""); d.Text != "在外面" {
		t.Errorf("another message took the draft along: %v", d)
	}
	li.schedules(time.Hour, &v1.SendRequest{Text: "在外面"})
	if got := li.listed(); len(got) != 0 {
		t.Errorf("after it was scheduled %q", got)
	}
	li.keeps(&v1.KeepMessageDraftRequest{Text: "请马上回电"})
	if _, err := li.Dings().Send(background, &v1.SendDingRequest{ConversationId: li.in.String(), Text: "请马上回电", ToAll: true}); err != nil {
		t.Fatal(err)
	}
	wang.gets("请马上回电")
	if got := li.listed(); len(got) != 0 {
		t.Errorf("after it was an urgent notice %q", got)
	}
}

func TestDraftBounds(t *testing.T) {
	li, _, _ := threeOf(t, 63)
	try := func(r *v1.KeepMessageDraftRequest) error {
		_, err := li.draftAPI().Keep(background, r)
		return err
	}
	long := strings.Repeat("字", 2*wire.MaxMessageText/3)
	li.keeps(&v1.KeepMessageDraftRequest{Text: long}) // too long for a message: it is shortened later
	if d := li.draftIn(""); d.Text != long {
		t.Error("a long draft is not whole")
	}
	if got := li.listed(); len([]rune(got[0])) != 120 {
		t.Errorf("a list has %d characters of it", len([]rune(got[0])))
	}
	id := li.in.String()
	for name, x := range map[string]struct {
		r    *v1.KeepMessageDraftRequest
		want errcode.Code
	}{
		"too long":   {&v1.KeepMessageDraftRequest{ConversationId: id, Text: strings.Repeat("x", 4*wire.MaxMessageText+1)}, errcode.MessageTooLong},
		"no space":   {&v1.KeepMessageDraftRequest{ConversationId: "x", Text: "x"}, errcode.InvalidArgument},
		"no thread":  {&v1.KeepMessageDraftRequest{ConversationId: id, ThreadId: "q", Text: "x"}, errcode.InvalidArgument},
		"gone":       {&v1.KeepMessageDraftRequest{ConversationId: id, ThreadId: "m1.2.3", Text: "x"}, errcode.NotFound},
		"no message": {&v1.KeepMessageDraftRequest{ConversationId: id, ReplyToId: "q", Text: "x"}, errcode.InvalidArgument},
		"no person":  {&v1.KeepMessageDraftRequest{ConversationId: id, Text: "@x", Mentions: []*v1.Mention{{PersonId: "q", Label: "x"}}}, errcode.InvalidArgument},
	} {
		if err := try(x.r); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
