package ding_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/ding"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var background = context.Background()

func three(t *testing.T, seed uint64) (o *testspace.Office, li, wang, chen *testspace.Desk) {
	o = testspace.New(t, seed)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	return o, o.As("li"), o.As("wang"), o.As("chen")
}

func dings(t *testing.T, d *testspace.Desk, r *v1.SendDingRequest) *v1.Ding {
	t.Helper()
	x, err := d.Dings().Send(background, r)
	if err != nil {
		t.Fatalf("%s sends: %v", d.Name, err)
	}
	return x
}

func waiting(t *testing.T, d *testspace.Desk) []*v1.Ding {
	t.Helper()
	all, err := d.Dings().Waiting(background, nil)
	if err != nil {
		t.Fatalf("%s looks: %v", d.Name, err)
	}
	return all.Dings
}

// waits until so many notices are before somebody.
func waits(t *testing.T, o *testspace.Office, d *testspace.Desk, n int) []*v1.Ding {
	t.Helper()
	o.Eventually(fmt.Sprintf("%s has %d before it", d.Name, n), func() bool { return len(waiting(t, d)) == n })
	return waiting(t, d)
}

func shows(t *testing.T, d *testspace.Desk, id string) *v1.Ding {
	t.Helper()
	x, err := d.Dings().Show(background, &v1.DingName{Id: id})
	if err != nil {
		t.Fatalf("%s looks at a notice: %v", d.Name, err)
	}
	return x
}

func state(x *v1.Ding, d *testspace.Desk) v1.DingState {
	for _, r := range x.Receipts {
		if r.PersonId == d.Person().String() {
			return r.State
		}
	}
	return 0
}

func TestConfirmed(t *testing.T) {
	o, li, wang, chen := three(t, 1)
	o.Leaves("chen")
	in := o.Workspace.String()
	r := &v1.SendDingRequest{ConversationId: in, Text: "消防演习，现在下楼", ToAll: true, Nonce: "n1"}
	x := dings(t, li, r)
	if again := dings(t, li, r); again.Id != x.Id {
		t.Errorf("the same nonce gave %s and %s", x.Id, again.Id)
	}
	got := waits(t, o, wang, 1)[0]
	if got.Text != "消防演习，现在下楼" || !got.Rings || got.PersonId != li.Person().String() || got.Verdict != v1.DingVerdict_DING_VERDICT_STANDS {
		t.Errorf("wang sees %v", got)
	}
	o.Eventually("li learns that wang's device has it", func() bool {
		return state(shows(t, li, x.Id), wang) == v1.DingState_DING_STATE_DELIVERED
	})
	if s := state(shows(t, li, x.Id), chen); s != v1.DingState_DING_STATE_WAITING {
		t.Errorf("chen is away, and the notice is %s", s)
	}
	if _, err := wang.Dings().MarkSeen(background, &v1.DingName{Id: got.Id}); err != nil {
		t.Fatal(err)
	}
	o.Eventually("li learns that wang saw it", func() bool { return state(shows(t, li, x.Id), wang) == v1.DingState_DING_STATE_SEEN })
	if _, err := wang.Dings().Confirm(background, &v1.DingName{Id: got.Id}); err != nil {
		t.Fatal(err)
	}
	waits(t, o, wang, 0)
	o.Eventually("li learns that wang confirmed", func() bool {
		x := shows(t, li, x.Id)
		return state(x, wang) == v1.DingState_DING_STATE_CONFIRMED && x.Confirmed == 1 && x.Total == 2
	})
	// Chen comes the next morning: it is shown, says how old it is, and does not sound.
	o.Later(15 * time.Hour)
	o.Returns("chen")
	if late := waits(t, o, chen, 1)[0]; late.Rings || late.SentUnixMs == 0 {
		t.Errorf("chen sees %v", late)
	}
	// A reminder is for who did not confirm.
	if _, err := li.Dings().Remind(background, &v1.RemindDingRequest{Id: x.Id}); err != nil {
		t.Fatal(err)
	}
	o.Eventually("it sounds at chen's", func() bool { all := waiting(t, chen); return len(all) == 1 && all[0].Rings && all[0].Rounds == 2 })
	waits(t, o, wang, 0)
	if _, err := chen.Dings().CallOff(background, &v1.DingName{Id: x.Id}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("chen calls off a notice of li: %v", err)
	}
	if _, err := li.Dings().CallOff(background, &v1.DingName{Id: x.Id}); err != nil {
		t.Fatal(err)
	}
	waits(t, o, chen, 0)
	o.Settles()
}

func TestSomeOnly(t *testing.T) {
	o, li, wang, chen := three(t, 2)
	m, err := li.API().Send(background, &v1.SendRequest{ConversationId: o.Workspace.String(), Text: "明天交报告"})
	if err != nil {
		t.Fatal(err)
	}
	o.Settles()
	dings(t, li, &v1.SendDingRequest{ConversationId: o.Workspace.String(), MessageId: m.Id, PersonIds: []string{wang.Person().String(), li.Person().String()}})
	waits(t, o, wang, 1)
	o.Settles()
	waits(t, o, chen, 0)
	theirs := wang.Message(o.Workspace, "明天交报告")
	if _, err := wang.Dings().Send(background, &v1.SendDingRequest{ConversationId: o.Workspace.String(), MessageId: theirs.Id, ToAll: true}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("wang puts li's message before people: %v", err)
	}
	// A recall takes it along, and it is not put before somebody who comes later.
	if _, err := li.API().Recall(background, &v1.MessageName{ConversationId: o.Workspace.String(), MessageId: m.Id}); err != nil {
		t.Fatal(err)
	}
	waits(t, o, wang, 0)
}

// Whoever comes into a conversation is not called to what was said to everybody before.
func TestNewcomer(t *testing.T) {
	o, li, _, _ := three(t, 3)
	dings(t, li, &v1.SendDingRequest{ConversationId: o.Workspace.String(), Text: "开会", ToAll: true})
	o.Admits("li", "zhao")
	o.Settles()
	zhao := o.As("zhao")
	o.Eventually("zhao has the message", func() bool { return len(zhao.Messages(o.Workspace)) == 1 })
	waits(t, o, zhao, 0)
}

func TestLimits(t *testing.T) {
	o, li, wang, chen := three(t, 4)
	in := o.Workspace.String()
	for i := range 3 {
		dings(t, wang, &v1.SendDingRequest{ConversationId: in, Text: fmt.Sprint("急 ", i), ToAll: true})
	}
	_, err := wang.Dings().Send(background, &v1.SendDingRequest{ConversationId: in, Text: "急 3", ToAll: true})
	if !errors.Is(err, errcode.DingLimit) {
		t.Errorf("the fourth within ten minutes: %v", err)
	}
	waits(t, o, li, 3)
	// A program that was changed writes on. Others show what is over the limit as messages.
	for i := range 5 {
		floods(t, wang, o.Workspace, fmt.Sprint("洪水 ", i))
	}
	o.Settles()
	o.Eventually("li has all messages", func() bool { return len(li.Messages(o.Workspace)) == 8 })
	o.Eventually("li's marks say so", func() bool {
		over := 0
		marks, err := li.Dings().Marks(background, &v1.DingMarksRequest{ConversationId: in})
		for _, m := range marks.GetMarks() {
			if m.Verdict == v1.DingVerdict_DING_VERDICT_OVER_LIMIT {
				over++
			}
		}
		return err == nil && over == 5
	})
	waits(t, o, li, 3)
	waits(t, o, chen, 3)
}

// floods writes a message and puts it before everybody, whatever the limits say.
func floods(t *testing.T, d *testspace.Desk, id wire.SpaceID, text string) {
	t.Helper()
	d.PostsIn(id, text)
	p, err := d.Chat.Located(background, id, d.Message(id, text).Id)
	if err == nil {
		at := ding.Ref{Device: p.Device, Start: p.Start, Seq: p.Seq}
		_, err = d.Log.Append(background, id, eventlog.Draft{Kind: ding.Sent, Body: map[int]any{1: at, 2: true, 4: wire.Random(16)}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhoMay(t *testing.T) {
	o, li, wang, chen := three(t, 5)
	in := o.Workspace.String()
	rules := &v1.SetDingRulesRequest{WorkspaceId: in, Who: v1.DingWho_DING_WHO_LEADS, PerDay: 5, PerTenMinutes: 2}
	if _, err := wang.Dings().SetRules(background, rules); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("wang sets rules: %v", err)
	}
	if _, err := li.Dings().SetRules(background, rules); err != nil {
		t.Fatal(err)
	}
	o.Eventually("wang knows the rules", func() bool {
		r, err := wang.Dings().Rules(background, &v1.DingRulesRequest{WorkspaceId: in})
		return err == nil && r.Who == v1.DingWho_DING_WHO_LEADS && !r.CanSet
	})
	if _, err := wang.Dings().Send(background, &v1.SendDingRequest{ConversationId: in, Text: "急", ToAll: true}); !errors.Is(err, errcode.DingForbidden) {
		t.Errorf("wang leads nothing: %v", err)
	}
	floods(t, wang, o.Workspace, "我偏要")
	o.Settles()
	waits(t, o, chen, 0)
	o.SetsRole("li", "wang", space.Admin)
	o.Settles()
	dings(t, wang, &v1.SendDingRequest{ConversationId: in, Text: "现在可以", ToAll: true})
	// Who manages now may; and what was written before by whom is no less theirs.
	o.Eventually("chen has it before them", func() bool { return len(waiting(t, chen)) >= 1 })
	if _, err := li.Dings().Send(background, &v1.SendDingRequest{ConversationId: in, Text: "一", ToAll: true}); err != nil {
		t.Fatal(err)
	}
	dings(t, li, &v1.SendDingRequest{ConversationId: in, Text: "又一", ToAll: true})
	if _, err := li.Dings().Send(background, &v1.SendDingRequest{ConversationId: in, Text: "二", ToAll: true}); !errors.Is(err, errcode.DingLimit) {
		t.Errorf("li's third, where two are the limit: %v", err)
	}
}

// In any order and with any nonsense the tables are the same.
func TestAnyOrder(t *testing.T) {
	o, li, wang, chen := three(t, 6)
	rnd := rand.New(rand.NewPCG(6, 6))
	all := []*testspace.Desk{li, wang, chen}
	li.Posts("话题")
	o.Settles()
	p, err := li.Chat.Located(background, o.Workspace, li.Message(o.Workspace, "话题").Id)
	if err != nil {
		t.Fatal(err)
	}
	refs := []ding.Ref{{Device: p.Device, Start: p.Start, Seq: p.Seq}}
	o.Partition([]string{"li"}, []string{"wang"}, []string{"chen"})
	for range 60 {
		d, at := all[rnd.IntN(3)], refs[rnd.IntN(len(refs))]
		drafts := []eventlog.Draft{
			{Kind: ding.Sent, Body: map[int]any{1: at, 2: true, 4: wire.Random(16)}},
			{Kind: ding.Sent, Body: map[int]any{1: at, 3: [][]byte{bytes.Repeat([]byte{7}, 32)}, 4: wire.Random(16)}},
			{Kind: ding.Reminded, Body: map[int]any{1: at, 2: true, 4: wire.Random(16)}},
			{Kind: ding.Seen, Body: map[int]any{1: at}}, {Kind: ding.Confirmed, Body: map[int]any{1: at}}, {Kind: ding.CalledOff, Body: map[int]any{1: at}},
			{Kind: ding.RulesSet, Body: map[int]any{1: 1, 2: 1 + rnd.IntN(100), 3: 1 + rnd.IntN(100)}},
			{Kind: ding.RulesSet, Body: map[int]any{1: 9, 2: 0, 3: 1}}, {Kind: ding.Sent, Body: map[int]any{1: at}},
		}
		events, err := d.Log.Append(background, o.Workspace, drafts[rnd.IntN(len(drafts))])
		if err != nil {
			t.Fatal(err)
		}
		e := events[0]
		refs = append(refs, ding.Ref{Device: e.Feed.Device, Start: e.Feed.Start, Seq: e.Seq})
	}
	o.Heal()
	o.Settles()
}
