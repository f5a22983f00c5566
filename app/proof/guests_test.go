package proof

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app"
	"roundtable/app/proof/client"
	"roundtable/backend/api"
	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/keychain"
)

// guestTime bounds these stories: nothing in them waits for a clock.
const guestTime = 3 * time.Minute

// own is what somebody has who also comes into another's meeting as a guest.
type own struct {
	workspace, person, folder, file, attachment string
}

// TestAGuestsProfileGoes: somebody with a workspace comes into another's meeting as a guest. Meanwhile nothing of
// what is theirs is reachable; a kill -9 leaves both profiles whole, the link is not used up by coming back;
// at the end, or when the link has expired, the guest's is gone.
func TestAGuestsProfileGoes(t *testing.T) {
	o := officeFor(t, guestTime)
	li, workspace := o.founder("li")
	ann, mine := belongings(o)
	kept := filepath.Join(o.profile("ann"), "guest")

	call, link := meeting(o, li, workspace, 1)
	comesIn(o, li, ann, call, link)
	unreachable(o, ann, mine)
	o.must(ann.Kill())
	folders(o, kept, 1)

	ann = o.start("ann")
	home(o, ann, mine)
	folders(o, kept, 1)
	comesIn(o, li, ann, call, link) // the link is for one
	_, err := li.Calls.LeaveCall(o.ctx, &v1.LeaveCallRequest{CallId: call, End: true})
	o.must(err)
	o.poll("the guest hears of the end", func() bool {
		s, err := ann.Calls.State(o.ctx, &v1.CallRequest{CallId: call})
		return err == nil && s.EndReason == v1.CallEndReason_CALL_END_REASON_ENDED_BY_HOST
	})
	_, err = ann.Guest.Leave(o.ctx, &v1.LeaveGuestRequest{})
	o.must(err)
	folders(o, kept, 0)
	home(o, ann, mine)

	// One that a kill left behind goes when its link has expired: while the program runs, and at its start.
	_, link = meeting(o, li, workspace, 2) // who was swept comes anew
	enters(o, ann, link)
	o.must(ann.Kill())
	folders(o, kept, 1)
	now := clock.NewFake(time.Now())
	stop := opens(o, "ann", now)
	folders(o, kept, 1)
	o.poll("it is swept while the program runs", func() bool {
		now.Advance(time.Hour)
		left, err := os.ReadDir(kept)
		return err == nil && len(left) == 0
	})
	stop()
	ann = o.start("ann")
	enters(o, ann, link)
	o.must(ann.Kill())
	folders(o, kept, 1)
	opens(o, "ann", clock.NewFake(time.Now().Add(2*time.Hour)))()
	folders(o, kept, 0)
	home(o, o.start("ann"), mine)
}

// belongings are a workspace with a message, a file in the chat and a shared folder.
func belongings(o *office) (*client.Process, own) {
	o.Helper()
	ann, workspace := o.founder("ann")
	o.says(ann, workspace, "只在自己的工作区")
	o.sends(ann, workspace, "自己的.txt", []byte("自己的附件"))
	_, a := attachmentOf(o, ann, workspace)
	shared := o.TempDir()
	o.must(os.WriteFile(filepath.Join(shared, "图纸.txt"), []byte("自己的图纸"), 0o600))
	f, err := ann.Folders.Share(o.ctx, &v1.ShareRequest{WorkspaceId: workspace, LocalPath: shared})
	o.must(err)
	me, err := ann.System.Status(o.ctx, &v1.StatusRequest{})
	o.must(err)
	mine := own{workspace: workspace, person: me.PersonId, folder: f.Id, attachment: a.Path}
	o.poll("the file is in the folder", func() bool {
		all, err := ann.Folders.Entries(o.ctx, &v1.EntriesRequest{FolderId: f.Id})
		o.must(err)
		if len(all.Entries) == 1 {
			mine.file = all.Entries[0].ContentPath
		}
		return mine.file != ""
	})
	home(o, ann, mine)
	return ann, mine
}

// home: everything of one's own is there.
func home(o *office, p *client.Process, mine own) {
	o.Helper()
	var me *v1.StatusResponse
	o.poll("the own profile is open", func() (open bool) {
		var err error
		me, err = p.System.Status(o.ctx, &v1.StatusRequest{})
		return err == nil && me.Phase == v1.Phase_PHASE_READY
	})
	if me.PersonId != mine.person || me.Name != "ann" {
		o.Fatalf("the own profile says %v", me)
	}
	all, err := p.People.Workspaces(o.ctx, &v1.WorkspacesRequest{})
	o.must(err)
	if len(all.Workspaces) != 1 || all.Workspaces[0].Id != mine.workspace {
		o.Fatalf("the own workspaces are %v", all.Workspaces)
	}
	for _, path := range []string{mine.attachment, mine.file} {
		o.poll("an own file is read", func() bool {
			_, err := p.Content(o.ctx, &v1.Attachment{Path: path})
			return err == nil
		})
	}
}

// meeting begins a call, and makes a link for guests.
func meeting(o *office, li *client.Process, workspace string, uses int32) (call, link string) {
	o.Helper()
	s, err := li.Calls.StartCall(o.ctx, &v1.StartCallRequest{ConversationId: workspace})
	o.must(err)
	made, err := li.Calls.CreateGuestLink(o.ctx, &v1.CreateGuestLinkRequest{CallId: s.Call.Id, ExpiresSeconds: 3600, MaxUses: uses})
	o.must(err)
	return s.Call.Id, made.Link
}

func enters(o *office, p *client.Process, link string) {
	o.Helper()
	_, err := p.Guest.Enter(o.ctx, &v1.EnterAsGuestRequest{Link: link, Name: "何岚"})
	o.must(err)
	o.poll("the guest hears of the meeting", func() bool {
		s, err := p.Guest.State(o.ctx, &v1.GuestStateRequest{})
		o.must(err)
		if s.ErrorCode != "" {
			o.Fatalf("the guest is refused: %s", s.ErrorCode)
		}
		return s.Phase == v1.GuestPhase_GUEST_PHASE_OPEN
	})
}

// comesIn uses a link, and is let in.
func comesIn(o *office, li, p *client.Process, call, link string) {
	o.Helper()
	enters(o, p, link)
	_, err := p.Calls.JoinCall(o.ctx, &v1.JoinCallRequest{CallId: call})
	o.must(err)
	o.poll("the guest is let in", func() bool {
		_, err := li.Calls.Control(o.ctx, &v1.ControlRequest{CallId: call, Deed: &v1.ControlRequest_AdmitAll{AdmitAll: true}})
		o.must(err)
		s, err := p.Calls.State(o.ctx, &v1.CallRequest{CallId: call})
		return err == nil && s.Phase == v1.CallPhase_CALL_PHASE_IN
	})
}

// unreachable: what the door answers is the guest's, and nothing of one's own.
func unreachable(o *office, p *client.Process, mine own) {
	o.Helper()
	me, err := p.System.Status(o.ctx, &v1.StatusRequest{})
	o.must(err)
	if me.Phase != v1.Phase_PHASE_GUEST || me.Name != "何岚" || me.PersonId == mine.person {
		o.Errorf("a guest is %v", me)
	}
	all, err := p.People.Workspaces(o.ctx, &v1.WorkspacesRequest{})
	o.must(err)
	calls, err := p.Calls.Overview(o.ctx, &v1.CallsOverviewRequest{WorkspaceId: mine.workspace})
	o.must(err)
	hosted, err := p.Relay.HostedRelay(o.ctx, &v1.HostedRelayRequest{})
	o.must(err)
	if len(all.Workspaces)+len(calls.Past)+len(calls.Planned)+len(calls.Ongoing)+len(hosted.WorkspaceIds) > 0 {
		o.Errorf("a guest is told of %v, %v, %v", all, calls, hosted)
	}
	_, messages := p.Chat.Messages(o.ctx, &v1.MessagesRequest{ConversationId: mine.workspace})
	_, sent := p.Chat.Send(o.ctx, &v1.SendRequest{ConversationId: mine.workspace, Text: "?"})
	_, members := p.People.Members(o.ctx, &v1.MembersRequest{WorkspaceId: mine.workspace})
	_, entries := p.Folders.Entries(o.ctx, &v1.EntriesRequest{FolderId: mine.folder})
	_, relays := p.Relay.Relays(o.ctx, &v1.RelaysRequest{WorkspaceId: mine.workspace})
	_, hosts := p.Relay.HostRelay(o.ctx, &v1.HostRelayRequest{Enabled: true})
	_, attachment := p.Content(o.ctx, &v1.Attachment{Path: mine.attachment})
	_, file := p.Content(o.ctx, &v1.Attachment{Path: mine.file})
	for what, err := range map[string]error{"messages": messages, "a message": sent, "members": members, "entries of a folder": entries, "relays": relays,
		"a hosted relay": hosts, "an attachment": attachment, "a file of a folder": file} {
		if err == nil {
			o.Errorf("a guest reaches %s of the own profile", what)
		}
	}
	if api.CodeOf(hosts) != errcode.Forbidden {
		o.Errorf("a guest hosts a relay: %v", hosts)
	}
	if _, err := p.System.SetUp(o.ctx, &v1.SetUpRequest{Name: "another"}); api.CodeOf(err) != errcode.AlreadySetUp {
		o.Errorf("a guest sets up: %v", err)
	}
}

// folders counts what is kept of meetings as a guest.
func folders(o *office, kept string, want int) {
	o.Helper()
	left, err := os.ReadDir(kept)
	o.must(err)
	if len(left) != want {
		o.Fatalf("%d profiles of meetings are kept, not %d", len(left), want)
	}
}

// opens somebody's profile in this process, by another clock, until it is stopped.
func opens(o *office, who string, at clock.Clock) (stop func()) {
	o.Helper()
	ctx, cancel := context.WithCancel(o.ctx)
	a, err := app.Open(ctx, app.Options{Profile: o.profile(who), LANAddress: "off", Clock: at, Keychain: keychain.NoRing{}, Log: slog.New(slog.DiscardHandler)})
	o.must(err)
	ran := make(chan struct{})
	go func() { defer close(ran); _ = a.Run(ctx) }()
	return func() {
		cancel()
		<-ran
		o.must(a.Close())
	}
}
