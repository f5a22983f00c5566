package people

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/link"
	"roundtable/backend/name"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// JoinState is how far our own attempt to get in has come.
type JoinState int

const (
	JoinNone JoinState = iota + 1
	JoinConnecting
	JoinComparing
	JoinFetching
	JoinDone
	JoinRefused
	JoinFailed
)

// Attempt to join a workspace.
type Attempt struct {
	State         JoinState
	Workspace     wire.SpaceID
	WorkspaceName string
	Person        string
	Digits        string
	Code          errcode.Code
	// Contract: it leads into a contract, which WorkspaceName is the title of. Circle: likewise.
	Contract, Circle bool
}

type attempt struct {
	base   atomic.Pointer[context.Context]
	mu     sync.Mutex
	now    Attempt
	cancel context.CancelFunc
	turn   int // counts attempts, so that an old one cannot write over a new one
}

const (
	dialTimeout = 8 * time.Second
	// beyondTimeout is longer: relays are far away, and members there come and go.
	beyondTimeout = 25 * time.Second
	fetchTimeout  = 90 * time.Second
)

// CurrentJoin is the attempt under way or ended last.
func (p *People) CurrentJoin() Attempt {
	p.attempt.mu.Lock()
	defer p.attempt.mu.Unlock()
	if p.attempt.now.State == 0 {
		return Attempt{State: JoinNone}
	}
	return p.attempt.now
}

// CancelJoin ends the attempt under way, and forgets one that has ended.
func (p *People) CancelJoin() {
	p.attempt.mu.Lock()
	if p.attempt.cancel != nil {
		p.attempt.cancel()
	}
	p.attempt.turn++
	p.attempt.now, p.attempt.cancel = Attempt{State: JoinNone}, nil
	p.attempt.mu.Unlock()
	p.Publish("join")
}

// begin starts an attempt in the background. Errors: errcode.JoinInProgress, errcode.NotReady.
func (p *People) begin(first Attempt, work func(ctx context.Context, set func(func(*Attempt))) error) error {
	base := p.attempt.base.Load()
	if base == nil {
		return errcode.NotReady
	}
	p.attempt.mu.Lock()
	defer p.attempt.mu.Unlock()
	switch p.attempt.now.State {
	case JoinConnecting, JoinComparing, JoinFetching:
		return errcode.JoinInProgress
	}
	ctx, cancel := context.WithCancel(*base)
	p.attempt.turn++
	turn := p.attempt.turn
	first.State = JoinConnecting
	p.attempt.now, p.attempt.cancel = first, cancel
	set := func(change func(*Attempt)) {
		p.attempt.mu.Lock()
		if p.attempt.turn == turn {
			change(&p.attempt.now)
		}
		p.attempt.mu.Unlock()
		p.Publish("join")
	}
	go func() {
		defer cancel()
		err := work(ctx, set)
		set(func(a *Attempt) {
			a.Digits = ""
			code, _ := errcode.From(err)
			switch {
			case err == nil:
				a.State = JoinDone
			case code == errcode.JoinRefused:
				a.State = JoinRefused
			default:
				if code == errcode.Internal {
					p.Slog.Warn("join failed", "err", err)
					code = errcode.JoinProtocol
				}
				a.State, a.Code = JoinFailed, code
			}
		})
	}()
	p.Publish("join")
	return nil
}

// AskToJoin asks a member's device nearby to be let into a workspace.
func (p *People) AskToJoin(id wire.SpaceID, host wire.DeviceID) error {
	o, ok := p.offers.find(id, host)
	if !ok {
		return errcode.HostUnreachable
	}
	first := Attempt{Workspace: id, WorkspaceName: o.Name, Person: o.Person}
	return p.begin(first, func(ctx context.Context, set func(func(*Attempt))) error {
		s, err := p.reach(ctx, host, o.addrs)
		if err != nil {
			return errcode.With(errcode.HostUnreachable, err)
		}
		defer s.Close()
		stop := context.AfterFunc(ctx, func() { _ = s.SetDeadline(time.Unix(1, 0)) })
		defer stop()
		w, err := p.ask(ctx, host, id, s, set)
		if err != nil {
			return err
		}
		return p.enter(ctx, host, id, w, set)
	})
}

// reach gives a stream to a device, dialling it when there is no link yet.
func (p *People) reach(ctx context.Context, device wire.DeviceID, addrs []string) (link.Stream, error) {
	if s, err := p.Board.OpenStream(ctx, device, joinProtocol); err == nil {
		return s, nil
	}
	var all error
	for _, addr := range addrs {
		dial, cancel := context.WithTimeout(ctx, dialTimeout)
		got, err := p.Board.Dial(dial, addr, device)
		cancel()
		if err == nil {
			return p.Board.OpenStream(ctx, got, joinProtocol)
		}
		all = errors.Join(all, err)
	}
	if all == nil {
		all = errcode.HostUnreachable
	}
	return nil, all
}

// ask carries out the newcomer's side of the six digits.
func (p *People) ask(ctx context.Context, host wire.DeviceID, id wire.SpaceID, s link.Stream, set func(func(*Attempt))) (*welcome, error) {
	_ = s.SetDeadline(time.Now().Add(stepTimeout))
	mine := number{Number: [32]byte(wire.Random(32))}
	if err := wire.Send(s, joinMessage{Ask: &ask{
		Workspace: id, Commitment: commit(mine.Number, id, p.Me), Party: p.Me, Name: p.MyName(), Device: p.DeviceName()}}); err != nil {
		return nil, err
	}
	m, err := answerOf(s)
	if err != nil || m.Welcome != nil {
		return m.Welcome, err
	}
	if m.Number == nil {
		return nil, errcode.JoinProtocol
	}
	if err := wire.Send(s, joinMessage{Reveal: &mine}); err != nil {
		return nil, err
	}
	set(func(a *Attempt) {
		a.State = JoinComparing
		a.Digits = digits(mine.Number, m.Number.Number, p.Log.Self(), host, id, p.Me)
	})
	_ = s.SetDeadline(time.Now().Add(askTimeout + stepTimeout))
	m, err = answerOf(s)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil && m.Welcome == nil {
		err = errcode.JoinProtocol
	}
	return m.Welcome, err
}

// answerOf reads one message; sorry becomes its error.
func answerOf(s link.Stream) (joinMessage, error) {
	var m joinMessage
	if err := wire.Receive(s, maxJoin, &m); err != nil {
		return m, errcode.With(errcode.HostUnreachable, err)
	}
	if m.Sorry != nil {
		return m, m.Sorry.code()
	}
	return m, nil
}

// enter takes the keys and waits until the workspace has come far enough for a
// first screen: we are in it, and its name is known.
func (p *People) enter(ctx context.Context, host wire.DeviceID, id wire.SpaceID, w *welcome, set func(func(*Attempt))) error {
	if w.Workspace != id {
		return errcode.JoinProtocol
	}
	set(func(a *Attempt) { a.State, a.Digits = JoinFetching, "" })
	p.Replication.Expect(id, host)
	if err := p.Log.TakeBox(ctx, id, w.Box); err != nil {
		return err
	}
	p.Replication.Expect(id, host) // once more: now the space is there to be offered
	deadline := time.Now().Add(fetchTimeout)
	for time.Now().Before(deadline) {
		in := false
		_ = p.Log.View(id, func(s *space.State) { _, in = s.MemberOf(p.Log.Self()) })
		if in && p.WorkspaceName(ctx, id) != "" {
			p.introduce(ctx)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errcode.JoinTimeout
}

// checkOffer drops offers that could not be shown.
func checkOffer(o offer) bool {
	for _, n := range []string{o.Name, o.Person} {
		if clean, err := name.Check(n, wire.MaxName); err != nil || clean != n {
			return false
		}
	}
	return true
}
