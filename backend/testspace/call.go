package testspace

import (
	"context"
	"slices"
	"sync"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/calls"
	"roundtable/backend/calls/media"
	"roundtable/backend/wire"
)

// Engine stands in for the one that carries sound and pictures: it greets whom its plan
// names, over the real signalling, and is connected with who greets back.
type Engine struct {
	o      calls.EngineOptions
	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu      sync.Mutex
	plan    media.Plan
	greeted map[wire.DeviceID]bool
	snap    media.Snapshot
	heard   []string
	closed  bool
}

func newEngine(o calls.EngineOptions) *Engine {
	e := &Engine{o: o, greeted: map[wire.DeviceID]bool{}, snap: media.Snapshot{Networks: map[wire.DeviceID]media.Network{}}}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	return e
}

// Page implements calls.Engine.
func (e *Engine) Page(_ context.Context, offer string, _ []media.Slot, _ bool) (string, int64, error) {
	if offer == "" {
		return "", 0, media.ErrSDP
	}
	return "answer to " + offer, 1, nil
}

// Follow implements calls.Engine: of two, the smaller device greets.
func (e *Engine) Follow(p media.Plan) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.snap.HubSilent = e.snap.HubSilent && p.Hub == e.plan.Hub
	e.plan = p
	self := e.o.Self
	for _, d := range p.Peers {
		if !e.greeted[d] && string(self[:]) < string(d[:]) {
			e.say(d, "hello")
		}
	}
}

// say sends beside the caller, as an engine does; e.mu is held.
func (e *Engine) say(to wire.DeviceID, text string) {
	if e.closed {
		return
	}
	e.greeted[to] = true
	e.done.Go(func() {
		for e.o.Send(e.ctx, to, []byte(text)) != nil {
			select {
			case <-e.ctx.Done():
				return
			case <-tick():
			}
		}
	})
}

// Signal implements calls.Engine.
func (e *Engine) Signal(from wire.DeviceID, message []byte) {
	e.mu.Lock()
	e.heard = append(e.heard, string(message))
	e.snap.Networks[from] = media.Network{Connected: true, Silent: time.Hour} // nothing flows here
	if string(message) == "hello" {
		e.say(from, "hello to you")
	}
	e.mu.Unlock()
	e.o.Changed()
}

// Want implements calls.Engine.
func (e *Engine) Want([]media.Want) {}

// NetworkChanged implements calls.Engine.
func (e *Engine) NetworkChanged() {}

// Snapshot implements calls.Engine.
func (e *Engine) Snapshot() media.Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.snap
	out.Networks = map[wire.DeviceID]media.Network{}
	for _, d := range e.plan.Peers {
		out.Networks[d] = e.snap.Networks[d]
	}
	return out
}

// HearsNothing has the engine say that its hub is silent.
func (e *Engine) HearsNothing(silent bool) {
	e.mu.Lock()
	e.snap.HubSilent = silent
	e.mu.Unlock()
	e.o.Changed()
}

// Plan is what the engine was told last.
func (e *Engine) Plan() media.Plan {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.plan
}

// Heard are the messages of other engines.
func (e *Engine) Heard() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.heard)
}

// Say has the engine say something to another device's.
func (e *Engine) Say(to wire.DeviceID, message []byte) error { return e.o.Send(e.ctx, to, message) }

// Close implements calls.Engine.
func (e *Engine) Close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.cancel()
	e.done.Wait()
}

// openCalls builds meetings, on made-up engines.
func (d *Desk) openCalls(ctx context.Context) {
	var err error
	d.Calls, err = calls.Open(ctx, calls.Deps{
		Log: d.Log, DB: d.DB, Clock: d.Clock, Slog: d.journal.logger(), Publish: d.publish, Me: d.Party, Signer: d.Sign, Board: d.Board,
		Ephemeral: d.Ephemeral, Tables: d.callTables, Name: d.People.Name, Downloads: d.downloads, Create: d.o.CreateFile,
		Engine: func(o calls.EngineOptions) (calls.Engine, error) {
			e := newEngine(o)
			d.mu.Lock()
			d.engine = e
			d.mu.Unlock()
			return e, nil
		},
		Guests: guestLinks{d.People}, Title: d.People.WorkspaceName,
		Post: func(ctx context.Context, id wire.SpaceID, text string) error {
			_, err := d.Chat.Post(ctx, id, text, "")
			return err
		},
	})
	d.o.must(err, "open calls of "+d.Name)
}

// Engine of the call that this device is in, or was in last.
func (d *Desk) Engine() *Engine {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.engine
}

// CallsAPI is the door of meetings, as the screen uses it.
func (d *Desk) CallsAPI() calls.API {
	return calls.API{Get: func() (*calls.Calls, error) { return d.Calls, nil }}
}

// CallsNow is the overview of meetings in all workspaces.
func (d *Desk) CallsNow() *v1.CallsOverview {
	d.o.t.Helper()
	out, err := d.CallsAPI().Overview(context.Background(), &v1.CallsOverviewRequest{})
	d.o.must(err, d.Name+" looks at meetings")
	return out
}

// Rings begins a call in a conversation, and gives its ID.
func (d *Desk) Rings(id wire.SpaceID) string {
	d.o.t.Helper()
	s, err := d.CallsAPI().StartCall(context.Background(), &v1.StartCallRequest{ConversationId: id.String()})
	d.o.must(err, d.Name+" begins a call")
	return s.Call.Id
}

// Takes goes into a call, once it is heard of.
func (d *Desk) Takes(call string) {
	d.o.t.Helper()
	d.o.Eventually(d.Name+" hears of the call", func() bool { return d.HearsOf(call) })
	_, err := d.CallsAPI().JoinCall(context.Background(), &v1.JoinCallRequest{CallId: call})
	d.o.must(err, d.Name+" goes in")
}

// HearsOf reports whether a call rings or goes on here.
func (d *Desk) HearsOf(call string) bool {
	now := d.CallsNow()
	is := func(s *v1.CallSummary) bool { return s.Id == call }
	return slices.ContainsFunc(now.Ringing, is) || slices.ContainsFunc(now.Ongoing, is)
}

// HangsUp leaves a call.
func (d *Desk) HangsUp(call string) {
	d.o.t.Helper()
	_, err := d.CallsAPI().LeaveCall(context.Background(), &v1.LeaveCallRequest{CallId: call})
	d.o.must(err, d.Name+" hangs up")
}

// Call is everything about a call, as the screen gets it.
func (d *Desk) Call(call string) *v1.CallState {
	d.o.t.Helper()
	s, err := d.CallsAPI().State(context.Background(), &v1.CallRequest{CallId: call})
	d.o.must(err, d.Name+" looks at the call")
	return s
}

// Meets waits until a device sees exactly these people in a call, connected.
func (d *Desk) Meets(call string, names ...string) {
	d.o.t.Helper()
	slices.Sort(names)
	var got []string
	d.o.Eventually(d.Name+" meets the others", func() bool {
		got = nil
		for _, p := range d.Call(call).Participants {
			if p.Connected || p.DeviceId == d.ID().String() {
				got = append(got, p.Name)
			}
		}
		slices.Sort(got)
		return slices.Equal(got, names)
	})
}
