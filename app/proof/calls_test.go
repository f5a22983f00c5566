package proof

import (
	"bytes"
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
	"roundtable/backend/errcode"
	"roundtable/backend/keychain"
)

// TestRecordingSurvivesAKill: kill -9 in the middle of a recording and of a call. What was answered
// for is in the file, whole and in order; the call stands among those of the past after the next start.
func TestRecordingSurvivesAKill(t *testing.T) {
	o := newOffice(t)
	p, workspace := o.founder("li")
	s, err := p.Calls.StartCall(o.ctx, &v1.StartCallRequest{ConversationId: workspace})
	o.must(err)
	r, err := p.Calls.StartRecording(o.ctx, &v1.StartRecordingRequest{CallId: s.Call.Id, Folder: t.TempDir()})
	o.must(err)
	var want []byte
	for i := range 50 {
		chunk := bytes.Repeat([]byte{byte(i)}, 10_000)
		want = append(want, chunk...)
		_, err := p.Calls.AddRecording(o.ctx, &v1.AddRecordingRequest{RecordingId: r.RecordingId, Data: chunk})
		o.must(err)
	}
	o.must(p.Kill())
	if got, err := os.ReadFile(r.Path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes are left of %d: %v", len(got), len(want), err)
	}
	p = o.start("li")
	comes(o.ctx, t, "the call has an end", func() (bool, error) {
		v, err := p.Calls.Overview(o.ctx, &v1.CallsOverviewRequest{WorkspaceId: workspace})
		return err == nil && len(v.Past) == 1 && v.Past[0].EndedUnixMs > 0 && len(v.Past[0].PersonIds) == 1 && v.Mine == nil, err
	})
	o.must(p.Stop())
	o.sound("li")
}

// sits opens an app of this process, on this machine's loopback.
func sits(t *testing.T, name string) *client.Desk {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	a, err := app.Open(ctx, app.Options{
		Profile: filepath.Join(t.TempDir(), name), LANAddress: "127.0.0.1:0", Keychain: keychain.NoRing{}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan struct{})
	go func() { defer close(ran); _ = a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ran
		_ = a.Close()
	})
	d := client.Inside(a.API())
	ok(t, d.SetUp(ctx, name))
	return d
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// comes waits for something that has to come by itself.
func comes(ctx context.Context, t *testing.T, what string, is func() (bool, error)) {
	t.Helper()
	for {
		yes, err := is()
		ok(t, err)
		if yes {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not in time: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestTwoAppsMeet: two whole apps with their real engines. One rings, the other goes in, the
// engines find each other and show the same six digits; one hangs up.
func TestTwoAppsMeet(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	li, wang := sits(t, "li"), sits(t, "wang")
	w, err := li.People.CreateWorkspace(ctx, &v1.CreateWorkspaceRequest{Name: "圆桌"})
	ok(t, err)
	link, err := li.Invite(ctx, w.Id, 1)
	ok(t, err)
	comes(ctx, t, "wang asks", func() (bool, error) {
		_, err := wang.People.JoinByInvite(ctx, &v1.JoinByInviteRequest{Link: link})
		if api.CodeOf(err) == errcode.NotReady {
			return false, nil
		}
		return err == nil, err
	})
	comes(ctx, t, "wang is in", func() (bool, error) {
		now, err := wang.People.CurrentJoin(ctx, &v1.CurrentJoinRequest{})
		return err == nil && now.State == v1.JoinState_JOIN_STATE_DONE, err
	})
	me, err := wang.System.Status(ctx, &v1.StatusRequest{})
	ok(t, err)
	talk, err := li.Chat.OpenDirect(ctx, &v1.OpenDirectRequest{WorkspaceId: w.Id, PersonId: me.PersonId})
	ok(t, err)

	started, err := li.Calls.StartCall(ctx, &v1.StartCallRequest{ConversationId: talk.Id, Video: true})
	ok(t, err)
	call := started.Call.Id
	comes(ctx, t, "it rings", func() (bool, error) {
		o, err := wang.Calls.Overview(ctx, &v1.CallsOverviewRequest{WorkspaceId: w.Id})
		return err == nil && len(o.Ringing) == 1 && o.Ringing[0].Id == call && o.Ringing[0].Video, err
	})
	_, err = wang.Calls.JoinCall(ctx, &v1.JoinCallRequest{CallId: call})
	ok(t, err)
	digits := map[string]string{}
	for name, d := range map[string]*client.Desk{"li": li, "wang": wang} {
		comes(ctx, t, "they are connected", func() (bool, error) {
			s, err := d.Calls.State(ctx, &v1.CallRequest{CallId: call})
			if err != nil {
				return false, err
			}
			for _, p := range s.Participants {
				if p.DeviceId != s.SelfId && p.Connected && s.CheckDigits[p.DeviceId] != "" {
					digits[name] = s.CheckDigits[p.DeviceId]
					return p.Way == "direct", nil
				}
			}
			return false, nil
		})
	}
	if digits["li"] != digits["wang"] || len(digits["li"]) != 6 {
		t.Errorf("digits %v", digits)
	}
	if _, err := li.Calls.Negotiate(ctx, &v1.NegotiateRequest{CallId: call, Offer: "v=0"}); api.CodeOf(err) != errcode.CallSDP {
		t.Errorf("an offer that is none: %v", err)
	}
	_, err = wang.Calls.LeaveCall(ctx, &v1.LeaveCallRequest{CallId: call})
	ok(t, err)
	comes(ctx, t, "it is over", func() (bool, error) {
		s, err := li.Calls.State(ctx, &v1.CallRequest{CallId: call})
		return err == nil && s.Phase == v1.CallPhase_CALL_PHASE_ENDED, err
	})
	comes(ctx, t, "it stands in the past", func() (bool, error) {
		o, err := li.Calls.Overview(ctx, &v1.CallsOverviewRequest{WorkspaceId: w.Id})
		return err == nil && len(o.Past) == 1 && len(o.Past[0].PersonIds) == 2 && o.Past[0].EndedUnixMs > 0, err
	})
}
