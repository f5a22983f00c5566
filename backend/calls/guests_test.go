package calls_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/link"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// withGuest is a meeting of li and wang, and a link for guests that li made.
func withGuest(t *testing.T, seed uint64, uses int) (o *testspace.Office, li, wang *testspace.Desk, call, link string) {
	o = testspace.New(t, seed)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	o.Settles()
	li, wang = o.As("li"), o.As("wang")
	li.Posts("不给外人看的话")
	call = li.Rings(o.Workspace)
	wang.Takes(call)
	li.Meets(call, "li", "wang")
	return o, li, wang, call, li.GuestLink(call, uses).Link
}

// lobby waits until a host sees somebody at the door, and gives the device.
func lobby(o *testspace.Office, host *testspace.Desk, call, name string) (device string) {
	o.Eventually(host.Name+" sees "+name+" at the door", func() bool {
		for _, p := range host.Call(call).Lobby {
			if p.Name == name && p.Guest && p.External {
				device = p.DeviceId
				return true
			}
		}
		return false
	})
	return device
}

func admit(t *testing.T, o *testspace.Office, host *testspace.Desk, call, name string) {
	t.Helper()
	device := lobby(o, host, call, name)
	_, err := host.CallsAPI().Control(context.Background(), &v1.ControlRequest{CallId: call, Deed: &v1.ControlRequest_Admit{Admit: device}})
	must(t, err)
}

func TestAGuestComes(t *testing.T) {
	o, li, wang, call, link := withGuest(t, 21, 1)
	guest := o.As("guest")
	if got := guest.ComesAsGuest(link); got != call {
		t.Fatalf("comes into %s", got)
	}
	lobby(o, li, call, "guest")
	if s := guest.Call(call); s.Phase != v1.CallPhase_CALL_PHASE_LOBBY || len(s.Call.Title) == 0 {
		t.Errorf("before it is let in it is %s in %q", s.Phase, s.Call.Title)
	}
	if _, err := wang.CallsAPI().Control(context.Background(), &v1.ControlRequest{CallId: call, Deed: &v1.ControlRequest_AdmitAll{AdmitAll: true}}); code(err) != errcode.Forbidden {
		t.Errorf("wang lets in: %v", err)
	}
	admit(t, o, li, call, "guest")
	for _, d := range []*testspace.Desk{li, wang, guest} {
		d.Meets(call, "li", "wang", "guest")
	}
	for _, d := range []*testspace.Desk{li, wang, guest} {
		for _, p := range d.Call(call).Participants {
			if p.Guest != (p.Name == "guest") || p.External != p.Guest {
				t.Errorf("%s sees %s as guest: %v, external: %v", d.Name, p.Name, p.Guest, p.External)
			}
		}
	}
	// The chat of the meeting is one, and its own.
	meeting := guest.Meeting(link)
	for _, d := range []*testspace.Desk{li, wang, guest} {
		o.Eventually(d.Name+" writes in the meeting's chat", func() bool { return d.Call(call).Call.ChatId == meeting.String() })
	}
	li.PostsIn(meeting, "欢迎")
	guest.SeesIn(meeting, "欢迎")
	guest.PostsIn(meeting, "大家好")
	for _, d := range []*testspace.Desk{li, wang, guest} {
		d.SeesIn(meeting, "欢迎", "大家好")
	}
	// The guest says nothing of its own about the meeting's policy, and hosts nothing.
	if _, err := guest.CallsAPI().CreateGuestLink(context.Background(), &v1.CreateGuestLinkRequest{CallId: call, ExpiresSeconds: 3600, MaxUses: 1}); code(err) != errcode.Forbidden {
		t.Errorf("a guest makes a link: %v", err)
	}
	nothingElse(t, guest, meeting)
	for _, d := range []*testspace.Desk{li, wang} {
		if all, err := (people.API{Get: func() (*people.People, error) { return d.People, nil }}).Workspaces(context.Background(), &v1.WorkspacesRequest{}); err != nil || len(all.Workspaces) != 1 {
			t.Errorf("%s has the workspaces %v, %v", d.Name, all, err)
		}
	}

	_, err := li.CallsAPI().LeaveCall(context.Background(), &v1.LeaveCallRequest{CallId: call, End: true})
	must(t, err)
	ends(o, guest, call, endedByAll)
	o.Eventually("the guest is turned out", func() bool {
		return !isIn(o, li, meeting, "guest") && !isIn(o, wang, meeting, "guest") && !isIn(o, guest, meeting, "guest")
	})
	if why := o.As("late").TriesAsGuest(link); why != errcode.CallOver {
		t.Errorf("the link is used after the end: %q", why)
	}
	if why := guest.TriesAsGuest(link); why != errcode.CallOver {
		t.Errorf("the guest comes back after the end: %q", why)
	}
}

// nothingElse: of all spaces a guest's device has that of the meeting, and keys of no other.
func nothingElse(t *testing.T, guest *testspace.Desk, meeting wire.SpaceID) {
	t.Helper()
	if all := guest.Log.Spaces(); !slices.Equal(all, []wire.SpaceID{meeting}) {
		t.Errorf("a guest has the spaces %v", all)
	}
	for _, q := range []string{`SELECT count(*) FROM log_epoch e JOIN log_space s ON s.id = e.space WHERE s.space <> ?`, `SELECT count(*) FROM people_member WHERE space <> ?`,
		`SELECT count(*) FROM people_profile WHERE space <> ?`, `SELECT count(*) FROM chat_space WHERE space <> ?`} {
		var n int
		must(t, guest.DB.Read().QueryRow(q, meeting[:]).Scan(&n))
		if n > 0 {
			t.Errorf("%d rows of %s", n, q)
		}
	}
	for _, text := range guest.Texts(meeting) {
		if text == "不给外人看的话" {
			t.Error("a guest reads what was written before")
		}
	}
}

func isIn(o *testspace.Office, d *testspace.Desk, id wire.SpaceID, name string) (in bool) {
	_ = d.Log.View(id, func(s *space.State) { _, in = s.MemberOf(o.As(name).ID()) })
	return in
}

func TestARemovedGuestDoesNotComeBack(t *testing.T) {
	o, li, wang, call, link := withGuest(t, 22, 5)
	guest := o.As("guest")
	guest.ComesAsGuest(link)
	admit(t, o, li, call, "guest")
	guest.Meets(call, "li", "wang", "guest")
	_, err := li.CallsAPI().Control(context.Background(), &v1.ControlRequest{CallId: call, Deed: &v1.ControlRequest_Remove{Remove: guest.ID().String()}})
	must(t, err)
	ends(o, guest, call, removed)
	if _, err := guest.CallsAPI().JoinCall(context.Background(), &v1.JoinCallRequest{CallId: call}); err == nil {
		t.Error("a removed guest knocks again")
	}
	meeting := guest.Meeting(link)
	o.Eventually("a device has looked after the guests", func() bool { return !isIn(o, li, meeting, "guest") && !isIn(o, guest, meeting, "guest") })
	if why := guest.TriesAsGuest(link); why != errcode.CallRemoved {
		t.Errorf("comes back: %q", why)
	}
	li.Meets(call, "li", "wang")
	wang.Meets(call, "li", "wang")
}

func TestLinksForGuestsEnd(t *testing.T) {
	o, li, wang, call, link := withGuest(t, 23, 1)
	o.As("guest").ComesAsGuest(link)
	if why := o.As("second").TriesAsGuest(link); why != errcode.InviteUsedUp {
		t.Errorf("a link for one is used by two: %q", why)
	}
	revoked := li.GuestLink(call, 5)
	_, err := li.CallsAPI().RevokeGuestLink(context.Background(), &v1.RevokeGuestLinkRequest{CallId: call, LinkId: revoked.Id})
	must(t, err)
	o.Settles()
	if why := o.As("third").TriesAsGuest(revoked.Link); why != errcode.InviteRevoked {
		t.Errorf("a revoked link is used: %q", why)
	}
	all, err := li.CallsAPI().GuestLinks(context.Background(), &v1.GuestLinksRequest{CallId: call})
	must(t, err)
	if len(all.Links) != 2 || !all.MayInvite {
		t.Errorf("links are %v", all)
	}
	if _, err := wang.CallsAPI().CreateGuestLink(context.Background(), &v1.CreateGuestLinkRequest{CallId: call, ExpiresSeconds: 3600, MaxUses: 1}); code(err) != errcode.Forbidden {
		t.Errorf("wang makes a link: %v", err)
	}
	s := li.Call(call).Policy
	_, err = li.CallsAPI().Control(context.Background(), &v1.ControlRequest{CallId: call, Deed: &v1.ControlRequest_Policy{Policy: &v1.CallPolicy{
		Lobby: s.Lobby, MuteOnEntry: s.MuteOnEntry, MayShare: true, MayUnmute: true, AnyInvites: true}}})
	must(t, err)
	o.Eventually("wang may", func() bool {
		_, err := wang.CallsAPI().CreateGuestLink(context.Background(), &v1.CreateGuestLinkRequest{CallId: call, ExpiresSeconds: 3600, MaxUses: 1})
		return err == nil
	})
	// Links that could be used: what they are refused for is their age, by the guest's clock, and by the host's when that one is behind.
	unused, other := li.GuestLink(call, 5).Link, li.GuestLink(call, 5).Link
	expired, behind := o.As("fifth"), o.As("sixth")
	o.Later(2 * time.Hour)
	behind.Clock.Move(-2 * time.Hour)
	if why := expired.TriesAsGuest(unused); why != errcode.InviteExpired {
		t.Errorf("an expired link: %q", why)
	}
	if why := behind.TriesAsGuest(other); why != errcode.InviteExpired {
		t.Errorf("an expired link, by a clock that is behind: %q", why)
	}
	if why := o.As("fourth").TriesAsGuest(li.GuestLink(call, 1).Link); why != "" {
		t.Errorf("a fresh link: %q", why)
	}
}

// A link for guests leads into no workspace, and the other way round.
func TestLinksAreNotMixedUp(t *testing.T) {
	o, li, _, _, link := withGuest(t, 24, 1)
	if why := o.As("guest").TriesToJoin(link); why != errcode.LinkForGuests {
		t.Errorf("as a colleague: %q", why)
	}
	other, _ := li.Invites(1, time.Hour)
	if why := o.As("guest").TriesAsGuest(other); why != errcode.LinkForWorkspace {
		t.Errorf("as a guest: %q", why)
	}
}

// A planned meeting: the guest is at the door before it begins, and who planned it begins it.
func TestAGuestOfAPlannedMeeting(t *testing.T) {
	o := testspace.New(t, 25)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	o.Settles()
	li, wang, guest := o.As("li"), o.As("wang"), o.As("guest")
	now := li.Clock.Now().UnixMilli()
	planned, err := li.CallsAPI().PlanMeeting(context.Background(), &v1.PlanMeetingRequest{ConversationId: o.Workspace.String(), Title: "图纸会审", StartUnixMs: now + 60_000, EndUnixMs: now + 3_600_000})
	must(t, err)
	link, err := li.CallsAPI().CreateGuestLink(context.Background(), &v1.CreateGuestLinkRequest{PlannedId: planned.Id, ExpiresSeconds: 7200, MaxUses: 3})
	must(t, err)
	if why := guest.TriesAsGuest(link.Link); why != "" {
		t.Fatalf("the guest is early: %q", why)
	}
	if _, ok := guest.Calls.GuestCall(guest.Meeting(link.Link)); ok {
		t.Error("a meeting that has not begun goes on")
	}
	o.Settles()
	// A colleague begins it, before who planned it is there.
	o.Eventually("wang knows of it", func() bool { return len(wang.CallsNow().Planned) == 1 })
	s, err := wang.CallsAPI().StartCall(context.Background(), &v1.StartCallRequest{ConversationId: o.Workspace.String(), PlannedId: planned.Id})
	must(t, err)
	var call wire.CallID
	o.Eventually("the guest hears of it", func() bool {
		id, ok := guest.Calls.GuestCall(guest.Meeting(link.Link))
		call = id
		return ok
	})
	if call.String() != s.Call.Id {
		t.Fatalf("hears of %s", call)
	}
	_, err = guest.CallsAPI().JoinCall(context.Background(), &v1.JoinCallRequest{CallId: call.String()})
	must(t, err)
	if title := guest.Call(call.String()).Call.Title; title != "图纸会审" {
		t.Errorf("the guest sees the title %q", title)
	}
	admit(t, o, wang, call.String(), "guest")
	li.Takes(call.String())
	for _, d := range []*testspace.Desk{li, wang, guest} {
		d.Meets(call.String(), "li", "wang", "guest")
	}
}

// When the last colleague has gone, guests among themselves hold no meeting.
func TestGuestsAloneHoldNoMeeting(t *testing.T) {
	o, li, wang, call, link := withGuest(t, 26, 1)
	guest := o.As("guest")
	guest.ComesAsGuest(link)
	admit(t, o, li, call, "guest")
	guest.Meets(call, "li", "wang", "guest")
	wang.HangsUp(call)
	li.HangsUp(call)
	o.Eventually("a device has looked after the guests", func() bool { return guest.Call(call).Phase == v1.CallPhase_CALL_PHASE_ENDED })
	if s := guest.Call(call); s.EndReason != endedByAll {
		t.Errorf("it ended for the guest: %s", s.EndReason)
	}
	o.Eventually("a device has looked after the guests", func() bool { return !isIn(o, li, guest.Meeting(link), "guest") })
}

// A call of two is nothing that guests come into.
func TestNoGuestsInACallOfTwo(t *testing.T) {
	_, li, _, talk := pair(t, 27)
	call := li.Rings(talk)
	if _, err := li.CallsAPI().CreateGuestLink(context.Background(), &v1.CreateGuestLinkRequest{CallId: call, ExpiresSeconds: 3600, MaxUses: 1}); code(err) != errcode.Forbidden {
		t.Errorf("a link into a call of two: %v", err)
	}
}

// A thousand attempts at once, with an invite that nobody made: few are looked at, none costs a commit, and the meeting goes on.
func TestAThousandAtTheDoor(t *testing.T) {
	o, li, wang, call, text := withGuest(t, 28, 1000)
	meeting := li.Meeting(text)
	crowd := make([]*testspace.Desk, 8)
	for i := range crowd {
		crowd[i] = o.Outsider(fmt.Sprintf("crowd%d", i), nil)
	}
	before := members(li, meeting)
	var wg sync.WaitGroup
	for _, d := range crowd {
		knockAt(t, d, d.Opens(li, "join/1"), meeting)
		for range 125 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
				defer cancel()
				if s, err := d.Board.OpenStream(ctx, li.ID(), "join/1"); err == nil {
					knockAt(t, d, s, meeting)
				}
			})
		}
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for open := true; open; {
		select {
		case <-done:
			open = false
		case <-time.After(50 * time.Millisecond):
			if s := wang.Call(call); s.Phase != v1.CallPhase_CALL_PHASE_IN || len(s.Participants) != 2 {
				t.Fatalf("the meeting is %s with %d", s.Phase, len(s.Participants))
			}
		}
	}
	if after := members(li, meeting); after != before {
		t.Errorf("%d came in with made-up invites", after-before)
	}
	li.Meets(call, "li", "wang")
	wang.Meets(call, "li", "wang")
	o.As("guest").ComesAsGuest(text)
	admit(t, o, li, call, "guest")
	o.As("guest").Meets(call, "li", "wang", "guest")
}

func members(d *testspace.Desk, id wire.SpaceID) (n int) {
	_ = d.Log.View(id, func(s *space.State) { n = s.Active() })
	return n
}

// knockAt shows an invite that nobody made.
func knockAt(t *testing.T, d *testspace.Desk, s link.Stream, meeting wire.SpaceID) {
	defer func() { _ = s.Close() }()
	_ = s.SetDeadline(time.Now().Add(3 * time.Second)) // who is not answered is not let in
	_ = wire.Send(s, map[int]any{6: map[int]any{1: meeting, 2: wire.InviteID{1}, 3: d.Party, 4: make([]byte, 64), 5: "somebody"}})
	var answer struct {
		Welcome wire.Raw `cbor:"7,keyasint,omitempty"`
		Sorry   wire.Raw `cbor:"8,keyasint,omitempty"`
	}
	if err := wire.Receive(s, 64<<10, &answer); err == nil && len(answer.Welcome) > 0 {
		t.Error("somebody comes in without an invite")
	}
}
