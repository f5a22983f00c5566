package people

import (
	"context"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// nowhere is Beyond without relays.
type nowhere struct{}

func (nowhere) Hosts() []Host { return nil }
func (nowhere) Done()         {}

// JoinByInvite uses a link into a workspace, a contract or a circle at whoever of it can be reached.
func (p *People) JoinByInvite(text string) error {
	l, err := parseInvite(text)
	if err != nil {
		return err
	}
	return p.joinBy(l)
}

func (p *People) joinBy(l inviteLink) error {
	if p.Clock.Now().UnixMilli() > l.Expires {
		return errcode.InviteExpired
	}
	in := false
	_ = p.Log.View(l.Workspace, func(s *space.State) { _, in = s.MemberOf(p.Log.Self()) })
	if in {
		return errcode.AlreadyMember
	}
	first := Attempt{Workspace: l.Workspace, WorkspaceName: l.WorkspaceName, Person: l.Inviter, Contract: l.into == intoContract, Circle: l.into == intoCircle}
	return p.begin(first, func(ctx context.Context, set func(func(*Attempt))) error {
		var beyond Beyond = nowhere{}
		if p.Beyond != nil && len(l.Relays) > 0 {
			beyond = p.Beyond(ctx, l.Relays, l.Workspace)
		}
		defer beyond.Done() // not before the workspace has come, which names its relays itself
		host, w, err := p.redeemAnywhere(ctx, l, beyond)
		if err != nil {
			return err
		}
		return p.enter(ctx, host, l.Workspace, w, set)
	})
}

// PreviewInvite reads a link without using it.
func (p *People) PreviewInvite(text string) (Preview, error) {
	l, err := parseInvite(text)
	if err == nil && p.Clock.Now().UnixMilli() > l.Expires {
		err = errcode.InviteExpired
	}
	return Preview{l.WorkspaceName, l.Inviter, l.Expires, l.hosts(), l.into == intoContract, l.into == intoCircle}, err
}

// Preview is what an invite link says of itself.
type Preview struct {
	Workspace, Inviter string
	Expires            int64    // Unix ms
	Relays             []string // "host:port"
	// Contract: it leads into a contract, which Workspace is the title of. Circle: likewise.
	Contract, Circle bool
}

// redeemAnywhere tries the inviter's addresses, everybody seen nearby, and who is
// at the relays of the invite. A member may be slow to appear, so it looks again
// for a while. All are dialled at once: from elsewhere an address of the office
// answers nothing, and there may be many of them. The invite is shown to one after
// the other, so that it is used once.
func (p *People) redeemAnywhere(ctx context.Context, l inviteLink, beyond Beyond) (wire.DeviceID, *welcome, error) {
	proof, err := l.secret().Sign(key.ContextRedeem, space.RedeemMessage(l.Workspace, p.Me))
	if err != nil {
		return wire.DeviceID{}, nil, err
	}
	r := redeem{Workspace: l.Workspace, Invite: wire.InviteID(l.secret().Public()), Party: p.Me, Proof: proof, Name: p.MyName()}
	said := errcode.HostUnreachable
	patience := dialTimeout
	if len(l.Relays) > 0 {
		patience = beyondTimeout
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop() // with whom nothing was begun
	d := dials{board: p.Board, busy: map[string]bool{}, tried: map[string]time.Time{}, ended: make(chan dialled)}
	for until := time.Now().Add(patience); ; {
		// Somebody else may still let us in, but is not looked for.
		decided := said != errcode.HostUnreachable && said != errcode.InviteUnknown
		if decided && len(d.busy) == 0 || time.Now().After(until) {
			return wire.DeviceID{}, nil, said
		}
		if !decided {
			d.start(ctx, p.targets(l, beyond))
		}
		select {
		case <-ctx.Done():
			return wire.DeviceID{}, nil, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		case e := <-d.ended:
			delete(d.busy, e.addr)
			d.tried[e.addr] = time.Now()
			if e.err != nil {
				continue
			}
			w, err := p.redeemAt(ctx, e.host, r)
			if err == nil {
				return e.host, w, nil
			}
			code, _ := errcode.From(err)
			// Whoever does not know the workspace does not know the invite either.
			if code == errcode.RequestLimit {
				continue // many come at this moment; it is tried again
			}
			if code != errcode.HostUnreachable && code != errcode.Internal && (said == errcode.HostUnreachable || code != errcode.InviteUnknown) {
				said = code
			}
		}
	}
}

type target struct {
	addr string
	want wire.DeviceID
}

func (p *People) targets(l inviteLink, beyond Beyond) []target {
	var out []target
	for _, a := range l.Addresses {
		out = append(out, target{a, l.Device})
	}
	for _, h := range beyond.Hosts() {
		out = append(out, target{h.Addr, h.Device})
	}
	for _, s := range p.Sightings() {
		for _, a := range s.Addrs {
			out = append(out, target{addr: a})
		}
	}
	return out
}

// maxDials are under way at once.
const maxDials = 32

// dials are under way or were tried. One goroutine owns it; the dials tell it of their end.
type dials struct {
	board Board
	busy  map[string]bool
	tried map[string]time.Time
	ended chan dialled
}

type dialled struct {
	addr string
	host wire.DeviceID
	err  error
}

// start dials what is not under way and was not tried just now.
func (d *dials) start(ctx context.Context, targets []target) {
	for _, t := range targets {
		last, tried := d.tried[t.addr]
		if d.busy[t.addr] || tried && time.Since(last) < 3*time.Second || len(d.busy) == maxDials {
			continue
		}
		d.busy[t.addr] = true
		go func() {
			within, cancel := context.WithTimeout(ctx, dialTimeout/2)
			defer cancel()
			host, err := d.board.Dial(within, t.addr, t.want)
			select {
			case d.ended <- dialled{t.addr, host, err}:
			case <-ctx.Done():
			}
		}()
	}
}

func (p *People) redeemAt(ctx context.Context, host wire.DeviceID, r redeem) (*welcome, error) {
	open, cancel := context.WithTimeout(ctx, dialTimeout/2)
	defer cancel()
	s, err := p.Board.OpenStream(open, host, joinProtocol)
	if err != nil {
		return nil, errcode.With(errcode.HostUnreachable, err)
	}
	defer s.Close()
	_ = s.SetDeadline(time.Now().Add(2 * stepTimeout))
	if err := wire.Send(s, joinMessage{Redeem: &r}); err != nil {
		return nil, errcode.With(errcode.HostUnreachable, err)
	}
	m, err := answerOf(s)
	if err == nil && m.Welcome == nil {
		err = errcode.JoinProtocol
	}
	return m.Welcome, err
}
