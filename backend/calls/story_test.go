package calls_test

import (
	"context"
	"slices"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

const (
	left       = v1.CallEndReason_CALL_END_REASON_LEFT
	unanswered = v1.CallEndReason_CALL_END_REASON_UNANSWERED
	declined   = v1.CallEndReason_CALL_END_REASON_DECLINED
	removed    = v1.CallEndReason_CALL_END_REASON_REMOVED
	endedByAll = v1.CallEndReason_CALL_END_REASON_ENDED_BY_HOST
)

// pair is an office in which li and wang have a conversation.
func pair(t *testing.T, seed uint64) (o *testspace.Office, li, wang *testspace.Desk, talk wire.SpaceID) {
	o = testspace.New(t, seed)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	o.Settles()
	li, wang = o.As("li"), o.As("wang")
	talk = li.Direct("wang")
	wang.Has(talk, "li", "wang")
	return o, li, wang, talk
}

func rings(d *testspace.Desk, call string) bool {
	return slices.ContainsFunc(d.CallsNow().Ringing, func(s *v1.CallSummary) bool { return s.Id == call })
}

// ends waits until a device's part of a call is over.
func ends(o *testspace.Office, d *testspace.Desk, call string, why v1.CallEndReason) {
	o.Eventually(d.Name+" is out, "+why.String(), func() bool {
		s := d.Call(call)
		return s.Phase == v1.CallPhase_CALL_PHASE_ENDED && s.EndReason == why
	})
}

// outcome waits until a call stands among those of the past.
func outcome(o *testspace.Office, d *testspace.Desk, call string, want v1.PastCallOutcome) (out *v1.PastCall) {
	o.Eventually(d.Name+" has the call as "+want.String(), func() bool {
		for _, p := range d.CallsNow().Past {
			if p.Id == call && p.Outcome == want {
				out = p
				return true
			}
		}
		return false
	})
	return out
}

func code(err error) errcode.Code {
	c, _ := errcode.From(err)
	return c
}

func TestACallOfTwo(t *testing.T) {
	o, li, wang, talk := pair(t, 1)
	call := li.Rings(talk)
	if s := li.Call(call); s.Phase != v1.CallPhase_CALL_PHASE_CALLING {
		t.Errorf("li is %s", s.Phase)
	}
	o.Eventually("it rings at wang's", func() bool { return rings(wang, call) })
	o.Eventually("it rings as li's", func() bool {
		return slices.ContainsFunc(wang.CallsNow().Ringing, func(s *v1.CallSummary) bool { return s.StarterName == "li" && s.ConversationId == talk.String() })
	})
	wang.Takes(call)
	li.Meets(call, "li", "wang")
	wang.Meets(call, "li", "wang")
	if len(wang.CallsNow().Ringing) > 0 {
		t.Error("rings on")
	}
	if s := li.Call(call); s.Phase != v1.CallPhase_CALL_PHASE_IN || s.Topology != v1.CallTopology_CALL_TOPOLOGY_MESH {
		t.Errorf("li is %s", s.Phase)
	}
	_, err := li.CallsAPI().StartCall(context.Background(), &v1.StartCallRequest{ConversationId: o.Workspace.String()})
	if code(err) != errcode.CallBusy {
		t.Errorf("in two calls: %v", err)
	}
	wang.HangsUp(call)
	ends(o, li, call, left)
	for _, d := range []*testspace.Desk{li, wang} {
		p := outcome(o, d, call, v1.PastCallOutcome_PAST_CALL_OUTCOME_HELD)
		o.Eventually("both are named", func() bool {
			p = outcome(o, d, call, v1.PastCallOutcome_PAST_CALL_OUTCOME_HELD)
			return len(p.PersonIds) == 2 && p.EndedUnixMs >= p.StartedUnixMs
		})
	}
	o.Settles()
}

// Who does not get through tries again, more than once.
func TestFourCallsInARow(t *testing.T) {
	o, li, wang, talk := pair(t, 28)
	for range 4 {
		call := li.Rings(talk)
		o.Eventually("it rings", func() bool { return rings(wang, call) })
		li.HangsUp(call)
		outcome(o, wang, call, v1.PastCallOutcome_PAST_CALL_OUTCOME_MISSED)
	}
}

func TestDeclinedWithAMessage(t *testing.T) {
	o, li, wang, talk := pair(t, 2)
	call := li.Rings(talk)
	o.Eventually("it rings", func() bool { return rings(wang, call) })
	_, err := wang.CallsAPI().DeclineCall(context.Background(), &v1.DeclineCallRequest{CallId: call, Text: "在开会，晚点打给你"})
	must(t, err)
	ends(o, li, call, declined)
	li.SeesIn(talk, "在开会，晚点打给你")
	outcome(o, wang, call, v1.PastCallOutcome_PAST_CALL_OUTCOME_DECLINED)
	outcome(o, li, call, v1.PastCallOutcome_PAST_CALL_OUTCOME_UNANSWERED)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestNobodyAnswers(t *testing.T) {
	o, li, wang, talk := pair(t, 3)
	call := li.Rings(talk)
	o.Eventually("it rings", func() bool { return rings(wang, call) })
	o.Later(46 * time.Second)
	ends(o, li, call, unanswered)
	o.Eventually("it rings no more", func() bool { return !rings(wang, call) })
	if p := outcome(o, wang, call, v1.PastCallOutcome_PAST_CALL_OUTCOME_MISSED); !p.Fresh {
		t.Error("not fresh")
	}
	_, err := wang.CallsAPI().SeePast(context.Background(), &v1.CallsOverviewRequest{})
	must(t, err)
	if p := outcome(o, wang, call, v1.PastCallOutcome_PAST_CALL_OUTCOME_MISSED); p.Fresh {
		t.Error("fresh after it was looked at")
	}
}

// Who was off finds in the log what it missed.
func TestMissedWhileOff(t *testing.T) {
	o, li, _, talk := pair(t, 4)
	o.Leaves("wang")
	call := li.Rings(talk)
	li.HangsUp(call)
	o.Returns("wang")
	if p := outcome(o, o.As("wang"), call, v1.PastCallOutcome_PAST_CALL_OUTCOME_MISSED); !p.Fresh {
		t.Error("not fresh")
	}
}

func TestAMeeting(t *testing.T) {
	o := testspace.New(t, 5)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen", "zhao")
	o.Settles()
	li, wang, chen, zhao := o.As("li"), o.As("wang"), o.As("chen"), o.As("zhao")
	call := li.Rings(o.Workspace)
	o.Eventually("zhao sees that it goes on", func() bool { return len(zhao.CallsNow().Ongoing) == 1 })
	if len(zhao.CallsNow().Ringing) > 0 {
		t.Error("a meeting rings")
	}
	wang.Takes(call)
	chen.Takes(call)
	li.Meets(call, "li", "wang", "chen")
	chen.Meets(call, "li", "wang", "chen")
	control := func(d *testspace.Desk, r *v1.ControlRequest) error {
		r.CallId = call
		_, err := d.CallsAPI().Control(context.Background(), r)
		return err
	}
	if err := control(wang, &v1.ControlRequest{Deed: &v1.ControlRequest_Mute{Mute: "all"}}); code(err) != errcode.Forbidden {
		t.Errorf("wang mutes: %v", err)
	}
	_, err := wang.CallsAPI().SetSelf(context.Background(), &v1.SetSelfRequest{CallId: call, Microphone: true, Hand: true})
	must(t, err)
	o.Eventually("li sees wang's hand", func() bool { return shows(li, call, "wang").GetHand() })
	must(t, control(li, &v1.ControlRequest{Deed: &v1.ControlRequest_Mute{Mute: "all"}}))
	o.Eventually("wang is muted", func() bool {
		return !shows(wang, call, "wang").GetMicrophone() && !shows(chen, call, "wang").GetMicrophone()
	})
	must(t, control(li, &v1.ControlRequest{Deed: &v1.ControlRequest_Policy{Policy: &v1.CallPolicy{Locked: true}}}))
	o.Eventually("zhao cannot come", func() bool {
		_, err := zhao.CallsAPI().JoinCall(context.Background(), &v1.JoinCallRequest{CallId: call})
		return code(err) == errcode.CallLocked
	})
	_, err = wang.CallsAPI().SetSelf(context.Background(), &v1.SetSelfRequest{CallId: call, Microphone: true})
	if code(err) != errcode.CallMuted {
		t.Errorf("wang unmutes: %v", err)
	}
	_, err = chen.CallsAPI().React(context.Background(), &v1.ReactRequest{CallId: call, Emoji: "👏"})
	must(t, err)
	o.Eventually("applause", func() bool { return len(li.Call(call).Reactions) == 1 })

	must(t, control(li, &v1.ControlRequest{Deed: &v1.ControlRequest_Remove{Remove: wang.ID().String()}}))
	ends(o, wang, call, removed)
	if _, err := wang.CallsAPI().JoinCall(context.Background(), &v1.JoinCallRequest{CallId: call}); code(err) != errcode.CallRemoved {
		t.Errorf("wang comes back: %v", err)
	}
	_, err = li.CallsAPI().LeaveCall(context.Background(), &v1.LeaveCallRequest{CallId: call, End: true})
	must(t, err)
	ends(o, chen, call, endedByAll)
	o.Eventually("zhao sees that it is over", func() bool { return len(zhao.CallsNow().Ongoing) == 0 })
	outcome(o, zhao, call, v1.PastCallOutcome_PAST_CALL_OUTCOME_HELD)
}

func shows(d *testspace.Desk, call, name string) *v1.CallParticipant {
	for _, p := range d.Call(call).Participants {
		if p.Name == name {
			return p
		}
	}
	return nil
}

func TestTheHubDies(t *testing.T) {
	o := testspace.New(t, 6)
	names := []string{"li", "wang", "chen", "zhao", "sun"}
	o.Founds("li", "远山")
	o.Admits("li", names[1:]...)
	o.Settles()
	call := o.As("li").Rings(o.Workspace)
	for _, n := range names[1:] {
		o.As(n).Takes(call)
	}
	o.Eventually("there is a hub", func() bool {
		for _, n := range names {
			if p := o.As(n).Engine().Plan(); p.Hub.IsZero() || p.Standby.IsZero() {
				return false
			}
		}
		return true
	})
	for _, n := range names {
		o.As(n).Meets(call, names...)
	}
	var dead, standby *testspace.Desk
	plan := o.As("li").Engine().Plan()
	for _, n := range names {
		switch o.As(n).ID() {
		case plan.Hub:
			dead = o.As(n)
		case plan.Standby:
			standby = o.As(n)
		}
	}
	if dead == nil || standby == nil {
		t.Fatalf("the plan is %+v", plan)
	}
	// It is cut off without a word: who says goodbye leaves four behind, and four need no hub.
	rest := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == dead.Name })
	o.Partition([]string{dead.Name}, rest)
	for _, n := range names {
		if o.As(n) != dead {
			if o.As(n).Engine().Plan().Hub == dead.ID() {
				o.As(n).Engine().HearsNothing(true)
			}
			o.Eventually(n+" turns to the standby", func() bool { return o.As(n).Engine().Plan().Hub == standby.ID() })
		}
	}
	o.Eventually("the dead one is gone", func() bool { return len(standby.Call(call).Participants) == 4 })
	o.Eventually("all agree", func() bool {
		for _, n := range names {
			if d := o.As(n); d != dead && d.Call(call).HubId != standby.ID().String() {
				return false
			}
		}
		return true
	})
	o.Heal()
	o.Settles()
}

func TestPlannedMeetings(t *testing.T) {
	o := testspace.New(t, 7)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	li, wang, chen := o.As("li"), o.As("wang"), o.As("chen")
	begin := time.Now().Add(time.Hour).UnixMilli()
	plan := func(d *testspace.Desk, title string, begin, end int64) (*v1.PlannedMeeting, error) {
		return d.CallsAPI().PlanMeeting(context.Background(), &v1.PlanMeetingRequest{ConversationId: o.Workspace.String(), Title: title, StartUnixMs: begin, EndUnixMs: end})
	}
	m, err := plan(wang, "周会", begin, begin+3_600_000)
	must(t, err)
	for what, bad := range map[string][2]int64{"ends before it begins": {begin, begin - 1}, "over": {1000, 2000}, "for ever": {begin, begin + 1<<40}} {
		if _, err := plan(wang, "x", bad[0], bad[1]); code(err) != errcode.InvalidArgument {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := plan(wang, " ", begin, begin+1); code(err) != errcode.NameEmpty {
		t.Error(err)
	}
	o.Eventually("chen sees it", func() bool { return len(chen.CallsNow().Planned) == 1 })
	cancel := func(d *testspace.Desk) error {
		_, err := d.CallsAPI().CancelMeeting(context.Background(), &v1.CancelMeetingRequest{Id: m.Id})
		return err
	}
	if err := cancel(chen); code(err) != errcode.Forbidden {
		t.Errorf("chen cancels: %v", err)
	}
	s, err := chen.CallsAPI().StartCall(context.Background(), &v1.StartCallRequest{ConversationId: o.Workspace.String(), PlannedId: m.Id})
	must(t, err)
	if s.Call.Title != "周会" {
		t.Errorf("called %q", s.Call.Title)
	}
	o.Eventually("li sees that it goes on", func() bool {
		all := li.CallsNow().Planned
		return len(all) == 1 && all[0].CallId == s.Call.Id && all[0].CanCancel
	})
	must(t, cancel(li)) // who owns the workspace may
	o.Eventually("it is gone", func() bool { return len(wang.CallsNow().Planned) == 0 })
	chen.HangsUp(s.Call.Id)
}

// Taken on one device of a person, a call stops ringing on the other.
func TestTakenOnAnotherDevice(t *testing.T) {
	o := testspace.New(t, 8)
	o.Second("wang", "wang2")
	o.Founds("wang", "远山")
	o.Admits("wang", "li")
	o.Expects("wang2", "wang", o.Workspace)
	li, wang, second := o.As("li"), o.As("wang"), o.As("wang2")
	talk := li.Direct("wang")
	o.Eventually("both devices have the conversation", func() bool { return wang.Log.Begun(talk) && second.Log.Begun(talk) })
	call := li.Rings(talk)
	o.Eventually("it rings at both", func() bool { return rings(wang, call) && rings(second, call) })
	second.Takes(call)
	o.Eventually("it rings no more", func() bool { return !rings(wang, call) })
	second.HangsUp(call)
	ends(o, li, call, left)
	outcome(o, wang, call, v1.PastCallOutcome_PAST_CALL_OUTCOME_HELD)
	if len(wang.CallsNow().Ringing) > 0 {
		t.Error("rings again")
	}
	// And declined on one.
	call = li.Rings(talk)
	o.Eventually("it rings at both", func() bool { return rings(wang, call) && rings(second, call) })
	_, err := wang.CallsAPI().DeclineCall(context.Background(), &v1.DeclineCallRequest{CallId: call})
	must(t, err)
	ends(o, li, call, declined)
	o.Eventually("it rings no more", func() bool { return !rings(second, call) })
}

// Guests wait in the lobby until a host lets them in.
func TestGuestsWait(t *testing.T) {
	o := testspace.New(t, 9)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "gu")
	o.SetsRole("li", "gu", space.Guest)
	o.Settles()
	li, wang, gu := o.As("li"), o.As("wang"), o.As("gu")
	call := li.Rings(o.Workspace)
	wang.Takes(call)
	gu.Takes(call)
	o.Eventually("gu waits", func() bool { return gu.Call(call).Phase == v1.CallPhase_CALL_PHASE_LOBBY })
	o.Eventually("li sees who waits", func() bool {
		lobby := li.Call(call).Lobby
		return len(lobby) == 1 && lobby[0].Name == "gu" && lobby[0].External
	})
	if len(wang.Call(call).Lobby) > 0 {
		t.Error("wang is shown who waits")
	}
	li.Meets(call, "li", "wang")
	if plan := gu.Engine().Plan(); len(plan.Peers) > 0 {
		t.Errorf("gu's engine links with %d from the lobby", len(plan.Peers))
	}
	_, err := li.CallsAPI().Control(context.Background(), &v1.ControlRequest{CallId: call, Deed: &v1.ControlRequest_Admit{Admit: gu.ID().String()}})
	must(t, err)
	for _, d := range []*testspace.Desk{li, wang, gu} {
		d.Meets(call, "li", "wang", "gu")
	}
	// A second one that is denied.
	gu.HangsUp(call)
	_, err = wang.CallsAPI().LeaveCall(context.Background(), &v1.LeaveCallRequest{CallId: call, End: true})
	if code(err) != errcode.Forbidden {
		t.Errorf("wang ends it for all: %v", err)
	}
	wang.HangsUp(call)
	li.HangsUp(call)
	p := outcome(o, gu, call, v1.PastCallOutcome_PAST_CALL_OUTCOME_HELD)
	if len(p.PersonIds) != 3 {
		t.Errorf("%d were there", len(p.PersonIds))
	}
}
