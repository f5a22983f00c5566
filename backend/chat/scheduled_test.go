package chat_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
)

func (w teller) schedules(in time.Duration, r *v1.SendRequest) *v1.Scheduled {
	w.t.Helper()
	r.ConversationId = w.in.String()
	s, err := w.Later().Schedule(background, &v1.ScheduleRequest{Message: r, AtUnixMs: w.Clock.Now().Add(in).UnixMilli()})
	if err != nil {
		w.t.Fatalf("%s schedules %q: %v", w.Name, r.Text, err)
	}
	return s
}

// comes sets the clocks to when a scheduled message is due. To wait for that would be to
// schedule it so soon that a loaded machine finds it past.
func (w teller) comes(s *v1.Scheduled) {
	w.o.Later(time.UnixMilli(s.AtUnixMs).Sub(w.Clock.Now()))
	w.Chat.LookAtScheduled()
}

func (w teller) scheduled() []*v1.Scheduled {
	w.t.Helper()
	all, err := w.Later().List(background, &v1.ScheduledListRequest{ConversationId: w.in.String()})
	if err != nil {
		w.t.Fatal(err)
	}
	return all.Scheduled
}

func (w teller) count(text string) (n int) {
	for _, m := range w.Messages(w.in) {
		if m.Text == text {
			n++
		}
	}
	return n
}

func TestScheduledGoesOutInItsTime(t *testing.T) {
	li, wang, _ := threeOf(t, 41)
	first := li.says(&v1.SendRequest{Text: "先说一句"})
	s := li.schedules(time.Minute, &v1.SendRequest{Text: "@wang 早上好", ReplyToId: first.Id, Nonce: "n",
		Mentions: []*v1.Mention{{PersonId: wang.Person().String(), Label: "wang"}}})
	if s.State != v1.ScheduledState_SCHEDULED_STATE_WAITING || s.Reply.GetText() != "先说一句" || len(s.Mentions) != 1 {
		t.Errorf("it waits as %v", s)
	}
	again, err := li.Later().Schedule(background, &v1.ScheduleRequest{AtUnixMs: s.AtUnixMs + 1000, Message: &v1.SendRequest{ConversationId: li.in.String(), Text: "@wang 早上好", Nonce: "n"}})
	if err != nil || again.Id != s.Id {
		t.Errorf("the same nonce gave %v, %v", again, err)
	}
	li.comes(s)
	got := wang.gets("@wang 早上好")
	if !got.MentionsMe || got.Reply.GetText() != "先说一句" {
		t.Errorf("wang gets %v", got)
	}
	li.o.Eventually("nothing waits", func() bool { return len(li.scheduled()) == 0 })
	if n := li.count("@wang 早上好"); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// The program did not run when the time came.
func TestScheduledWhileAway(t *testing.T) {
	li, wang, _ := threeOf(t, 42)
	soon := li.schedules(10*time.Minute, &v1.SendRequest{Text: "十分钟后"})
	li.schedules(5*time.Hour, &v1.SendRequest{Text: "五小时后"})
	li.o.Leaves("li")
	li.o.Later(40 * time.Minute)
	li.o.Returns("li")
	wang.gets("十分钟后")
	li.o.Eventually("li is told that it was late", func() bool {
		all := li.scheduled()
		return len(all) == 2 && all[0].State == v1.ScheduledState_SCHEDULED_STATE_SENT_LATE && all[0].SentUnixMs > soon.AtUnixMs && all[0].MessageId != ""
	})
	if _, err := li.Later().SendNow(background, &v1.ScheduledName{Id: soon.Id}); !errors.Is(err, errcode.NotFound) {
		t.Errorf("sent once more: %v", err)
	}
	if _, err := li.Later().Drop(background, &v1.DropScheduledRequest{Id: soon.Id}); err != nil {
		t.Fatal(err)
	}
	// A night later the other one is asked about.
	li.o.Leaves("li")
	li.o.Later(14 * time.Hour)
	li.o.Returns("li")
	li.o.Eventually("li is asked", func() bool {
		all, err := li.Later().Asking(background, &v1.AskingRequest{WorkspaceId: li.o.Workspace.String()})
		return err == nil && len(all.Scheduled) == 1 && all.Scheduled[0].State == v1.ScheduledState_SCHEDULED_STATE_ASKING
	})
	asked := li.scheduled()[0]
	if _, err := li.Later().SendNow(background, &v1.ScheduledName{Id: asked.Id}); err != nil {
		t.Fatal(err)
	}
	wang.gets("五小时后")
	// By the person's choice every late one is sent, or asked about.
	li.WhenLate("ask")
	li.schedules(time.Minute, &v1.SendRequest{Text: "要问"})
	li.o.Leaves("li")
	li.o.Later(10 * time.Minute)
	li.o.Returns("li")
	li.o.Eventually("li is asked again", func() bool {
		all := li.scheduled()
		return len(all) == 1 && all[0].State == v1.ScheduledState_SCHEDULED_STATE_ASKING
	})
	if n := li.count("要问"); n != 0 {
		t.Errorf("sent %d times unasked", n)
	}
}

func TestScheduledIsChanged(t *testing.T) {
	li, wang, _ := threeOf(t, 43)
	s := li.schedules(time.Hour, &v1.SendRequest{Text: "旧话"})
	text, soon := "新话", li.Clock.Now().Add(time.Minute).UnixMilli()
	s, err := li.Later().Change(background, &v1.ChangeScheduledRequest{Id: s.Id, Text: &text, AtUnixMs: soon})
	if err != nil || s.AtUnixMs != soon {
		t.Fatal(s, err)
	}
	li.comes(s)
	wang.gets("新话")
	if n := wang.count("旧话"); n != 0 {
		t.Error("the old words were sent")
	}
	for want, at := range map[errcode.Code]time.Duration{errcode.ScheduledPast: -time.Second, errcode.InvalidArgument: 400 * 24 * time.Hour} {
		_, err := li.Later().Schedule(background, &v1.ScheduleRequest{AtUnixMs: li.Clock.Now().Add(at).UnixMilli(), Message: &v1.SendRequest{ConversationId: li.in.String(), Text: "好"}})
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", at, err)
		}
	}
	dropped := li.schedules(time.Hour, &v1.SendRequest{Text: "算了"})
	if _, err := li.Later().Drop(background, &v1.DropScheduledRequest{Id: dropped.Id}); err != nil || len(li.scheduled()) != 0 {
		t.Errorf("dropped: %v, %v", err, li.scheduled())
	}
}

// Files wait with their message, also over a restart and longer than uploads do.
func TestScheduledFiles(t *testing.T) {
	li, wang, _ := threeOf(t, 44)
	upload := li.Uploads(li.in, "表格.csv", []byte("a,b\n1,2\n"))
	free := func() []string {
		all, err := li.API().Uploads(background, &v1.UploadsRequest{ConversationId: li.in.String()})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, u := range all.Uploads {
			out = append(out, u.Id)
		}
		return out
	}
	s := li.schedules(9*24*time.Hour, &v1.SendRequest{UploadIds: []string{upload}})
	if len(s.Files) != 1 || s.Files[0].Name != "表格.csv" || len(free()) != 0 {
		t.Errorf("it waits with %v; %v for the next message", s.Files, free())
	}
	if _, err := li.Later().Schedule(background, &v1.ScheduleRequest{AtUnixMs: s.AtUnixMs, Message: &v1.SendRequest{ConversationId: li.in.String(), UploadIds: []string{upload}}}); !errors.Is(err, errcode.NotFound) {
		t.Errorf("one file in two messages: %v", err)
	}
	li.o.Leaves("li")
	li.o.Later(8 * 24 * time.Hour)
	li.o.Returns("li")
	if len(free()) != 0 {
		t.Errorf("after a restart %v", free())
	}
	if _, err := li.Later().SendNow(background, &v1.ScheduledName{Id: s.Id}); err != nil {
		t.Fatal(err)
	}
	wang.until("gets the file", func(m *v1.Message) bool { return len(m.Attachments) == 1 && m.Attachments[0].Name == "表格.csv" })
	other := li.Uploads(li.in, "图.csv", []byte("1"))
	s = li.schedules(time.Hour, &v1.SendRequest{UploadIds: []string{other}, Text: "看"})
	if _, err := li.Later().Drop(background, &v1.DropScheduledRequest{Id: s.Id, KeepFiles: true}); err != nil || !slices.Contains(free(), other) {
		t.Errorf("the file goes back to the composer: %v, %v", err, free())
	}
}

// Who left is told why nothing was sent.
func TestScheduledFails(t *testing.T) {
	li, wang, _ := threeOf(t, 45)
	group := li.Group("项目", "wang")
	li.o.Settles()
	w := teller{wang.Desk, t, wang.o, group}
	s := w.schedules(time.Hour, &v1.SendRequest{Text: "再见"})
	if err := w.Chat.LeaveGroup(background, group); err != nil {
		t.Fatal(err)
	}
	w.comes(s)
	w.o.Eventually("wang is told", func() bool {
		all := w.scheduled()
		return len(all) == 1 && all[0].State == v1.ScheduledState_SCHEDULED_STATE_FAILED && all[0].ErrorCode == string(errcode.NotMember)
	})
}
