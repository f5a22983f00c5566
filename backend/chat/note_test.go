package chat_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// Notes of a meeting are messages, stand in one order for everybody, and are found again by their meeting.
func TestNotesOfAMeeting(t *testing.T) {
	o := testspace.New(t, 71)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	o.Settles()
	li, wang := o.As("li"), o.As("wang")
	ctx := context.Background()
	call, other := wire.CallID{1}, wire.CallID{2}
	write := func(d *testspace.Desk, call wire.CallID, text string, at time.Duration) {
		t.Helper()
		sent, err := d.API().Send(ctx, &v1.SendRequest{
			ConversationId: o.Workspace.String(), Text: text, Nonce: text, Note: &v1.MessageNote{CallId: call.String(), AtMs: at.Milliseconds()},
		})
		if err != nil || sent.Note.GetCallId() != call.String() || sent.Note.GetAtMs() != at.Milliseconds() {
			t.Fatalf("%v, %v", sent, err)
		}
	}
	write(li, call, "预算先批一半", 12*time.Minute+31*time.Second)
	wang.Sees("预算先批一半")
	write(wang, call, "待办：王敏问交期", 11*time.Minute) // its author's clock may differ: the order stays that of messages
	li.Sees("预算先批一半", "待办：王敏问交期")                 // written without it, within the same millisecond, the next one might stand before it
	li.Posts("不是纪要")
	write(li, other, "另一场", time.Second)
	wang.Sees("预算先批一半", "待办：王敏问交期", "不是纪要", "另一场")
	want := []string{"预算先批一半", "待办：王敏问交期"}
	for _, d := range []*testspace.Desk{li, wang} {
		o.Eventually(d.Name+" has the notes", func() bool {
			got, err := d.API().Notes(ctx, &v1.NotesRequest{ConversationId: o.Workspace.String(), CallId: call.String()})
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, m := range got.Notes {
				texts = append(texts, m.Text)
			}
			return slices.Equal(texts, want)
		})
		noted, err := d.API().Noted(ctx, &v1.NotedRequest{WorkspaceId: o.Workspace.String()})
		if err != nil || len(noted.Notes) != 2 || noted.Notes[call.String()] != 2 || noted.Notes[other.String()] != 1 {
			t.Errorf("%s counts %v, %v", d.Name, noted, err)
		}
	}
	for name, n := range map[string]*v1.MessageNote{
		"no call": {}, "before it began": {CallId: call.String(), AtMs: -1}, "after a week": {CallId: call.String(), AtMs: 7*24*3600*1000 + 1}, "zeros": {CallId: wire.CallID{}.String()},
	} {
		if _, err := li.API().Send(ctx, &v1.SendRequest{ConversationId: o.Workspace.String(), Text: "x", Note: n}); !errors.Is(err, errcode.InvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
