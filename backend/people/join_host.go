package people

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/identity"
	"roundtable/backend/link"
	"roundtable/backend/name"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// Request is a newcomer who waits for this device's person to decide.
type Request struct {
	ID        string
	Workspace wire.SpaceID
	Name      string
	Device    string
	Digits    string
	Since     time.Time
	answer    chan answer
	peer      wire.DeviceID
}

type answer struct {
	admit bool
	role  space.Role
	done  chan error
}

type requests struct {
	mu      sync.Mutex
	waiting map[string]*Request
	refused map[wire.DeviceID]time.Time
	// undecided: when a request got our number and ended without a decision.
	undecided []time.Time
	// redeemed counts the invites that were shown to us in a second.
	redeemed, second int64
}

// maxUndecided bounds requests an hour that end without a decision: each is a
// try at matching digits for somebody in between.
const maxUndecided = 20

func (r *requests) init() {
	r.waiting, r.refused = map[string]*Request{}, map[wire.DeviceID]time.Time{}
}

// host answers one newcomer.
func (p *People) host(ctx context.Context, peer wire.DeviceID, s link.Stream) {
	stop := context.AfterFunc(ctx, func() { _ = s.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	for {
		_ = s.SetDeadline(time.Now().Add(stepTimeout))
		var m joinMessage
		if err := wire.Receive(s, maxJoin, &m); err != nil {
			return
		}
		switch {
		case m.Hello != nil:
			if err := wire.Send(s, joinMessage{Offers: &joinList{Offers: p.offersFor(ctx, peer)}}); err != nil {
				return
			}
			continue
		case m.Ask != nil:
			p.reply(s, p.takeAsk(ctx, peer, *m.Ask, s), m.Ask.Workspace, peer)
		case m.Redeem != nil:
			p.reply(s, p.takeRedeem(ctx, peer, *m.Redeem), m.Redeem.Workspace, peer)
		}
		return
	}
}

// reply ends a join: welcome with the keys, or sorry with a reason.
func (p *People) reply(s link.Stream, err error, id wire.SpaceID, peer wire.DeviceID) {
	_ = s.SetDeadline(time.Now().Add(stepTimeout))
	if err == nil {
		var box []byte
		if box, err = p.Log.BoxFor(id, peer); err == nil {
			err = wire.Send(s, joinMessage{Welcome: &welcome{Workspace: id, Box: box}})
			if err == nil {
				_ = s.Close()
				return
			}
		}
	}
	code, _ := errcode.From(err)
	if !sorryCodes[code] {
		p.Slog.Warn("join failed", "peer", peer.Short(), "err", err)
		code = errcode.JoinProtocol
	}
	_ = wire.Send(s, joinMessage{Sorry: &sorry{Code: string(code)}})
	_ = s.Close()
}

// Joinable reports whether newcomers nearby may ask here.
func (p *People) Joinable() bool {
	if !p.VisibleNearby() {
		return false
	}
	for _, id := range p.belong(isWorkspace) {
		if p.need(id, space.Member) == nil {
			return true
		}
	}
	return false
}

func (p *People) offersFor(ctx context.Context, peer wire.DeviceID) []offer {
	if !p.VisibleNearby() {
		return nil
	}
	var out []offer
	for _, id := range p.belong(isWorkspace) {
		members, already := 0, false
		_ = p.Log.View(id, func(s *space.State) { members = s.Active(); _, already = s.MemberOf(peer) })
		n := p.WorkspaceName(ctx, id)
		if already || n == "" || p.need(id, space.Member) != nil || len(out) >= maxOffers {
			continue
		}
		out = append(out, offer{Workspace: id, Name: n, Members: uint32(members), Person: p.Name(ctx, id, p.Me.Person), Device: p.DeviceName()})
	}
	return out
}

// checkParty: the newcomer's certificates are sound and name the device that asks.
func checkParty(party space.Party, peer wire.DeviceID) error {
	person, err := identity.Person(party.Certificates)
	if err != nil || person != party.Person {
		return errors.Join(errcode.JoinProtocol, err)
	}
	for _, c := range party.Certificates {
		if c.Device == peer {
			return nil
		}
	}
	return errcode.JoinProtocol
}

// takeAsk shows a request to our person and waits for the decision. nil means admitted.
func (p *People) takeAsk(ctx context.Context, peer wire.DeviceID, a ask, s link.Stream) error {
	if !p.VisibleNearby() {
		return errcode.Forbidden
	}
	if err := p.need(a.Workspace, space.Member); err != nil {
		return err
	}
	if err := checkParty(a.Party, peer); err != nil {
		return err
	}
	person, err := name.Check(a.Name, wire.MaxName)
	if err != nil {
		return errcode.JoinProtocol
	}
	device, err := name.Check(a.Device, wire.MaxName)
	if err != nil {
		device = ""
	}
	in := false
	_ = p.Log.View(a.Workspace, func(st *space.State) { m, ok := st.Member(a.Party.Person); in = ok && m.Active })
	if in {
		return nil // let in meanwhile, perhaps by somebody else: hand over the keys
	}
	r, err := p.open(peer, &Request{
		ID: hex.EncodeToString(wire.Random(8)), Workspace: a.Workspace, Name: person, Device: device,
		Since: p.Clock.Now(), answer: make(chan answer), peer: peer,
	})
	if err != nil {
		return err
	}
	defer p.close(r)
	p.requests.mu.Lock()
	p.requests.undecided = append(p.requests.undecided, p.Clock.Now())
	p.requests.mu.Unlock()
	mine := number{Number: [32]byte(wire.Random(32))}
	if err := wire.Send(s, joinMessage{Number: &mine}); err != nil {
		return err
	}
	var m joinMessage
	if err := wire.Receive(s, maxJoin, &m); err != nil || m.Reveal == nil {
		return errors.Join(errcode.JoinProtocol, err)
	}
	if commit(m.Reveal.Number, a.Workspace, a.Party) != a.Commitment {
		return errcode.JoinProtocol
	}
	p.requests.mu.Lock()
	r.Digits = digits(m.Reveal.Number, mine.Number, peer, p.Log.Self(), a.Workspace, a.Party)
	p.requests.mu.Unlock()
	p.Publish("requests")
	return p.decide(ctx, r, a, s)
}

// decide waits for our person, for the newcomer to go away, or for time to run out.
func (p *People) decide(ctx context.Context, r *Request, a ask, s link.Stream) error {
	_ = s.SetDeadline(time.Time{})
	left := make(chan struct{})
	go func() {
		defer close(left)
		var m joinMessage
		_ = wire.Receive(s, maxJoin, &m) // the newcomer says nothing more; this ends when it goes
	}()
	select {
	case ans := <-r.answer:
		p.requests.mu.Lock()
		p.requests.undecided = p.requests.undecided[:max(len(p.requests.undecided)-1, 0)]
		p.requests.mu.Unlock()
		if !ans.admit {
			p.requests.mu.Lock()
			p.requests.refused[r.peer] = p.Clock.Now()
			p.requests.mu.Unlock()
			ans.done <- nil
			return errcode.JoinRefused
		}
		p.hint(a.Party.Person, r.Name)
		err := p.admit(ctx, a.Workspace, a.Party, ans.role)
		ans.done <- err
		return err
	case <-left:
		return errcode.JoinProtocol
	case <-p.Clock.After(askTimeout):
		return errcode.JoinTimeout
	case <-ctx.Done():
		return ctx.Err()
	}
}

// open puts a request into the list, within limits: one of a device, few in all.
func (p *People) open(peer wire.DeviceID, r *Request) (*Request, error) {
	q := &p.requests
	q.mu.Lock()
	defer q.mu.Unlock()
	now := p.Clock.Now()
	for d, at := range q.refused {
		if now.Sub(at) > refusedRest {
			delete(q.refused, d)
		}
	}
	q.undecided = slices.DeleteFunc(q.undecided, func(at time.Time) bool { return now.Sub(at) > time.Hour })
	if len(q.undecided) >= maxUndecided {
		p.Slog.Warn("too many requests to join without a decision; nearby joining rests", "peer", peer.Short())
		return nil, errcode.RequestLimit
	}
	if _, rests := q.refused[peer]; rests || len(q.waiting) >= wire.MaxJoinRequests {
		return nil, errcode.RequestLimit
	}
	for _, other := range q.waiting {
		if other.peer == peer {
			return nil, errcode.RequestLimit
		}
	}
	q.waiting[r.ID] = r
	return r, nil
}

func (p *People) close(r *Request) {
	p.requests.mu.Lock()
	delete(p.requests.waiting, r.ID)
	p.requests.mu.Unlock()
	p.Publish("requests")
}

// Requests lists newcomers whose digits can be compared, oldest first.
func (p *People) Requests() []Request {
	p.requests.mu.Lock()
	defer p.requests.mu.Unlock()
	var out []Request
	for _, r := range p.requests.waiting {
		if r.Digits != "" {
			out = append(out, *r)
		}
	}
	slices.SortFunc(out, func(a, b Request) int { return a.Since.Compare(b.Since) })
	return out
}

// Answer decides on a request. Errors: errcode.NotFound when it went away, and
// those of the admission.
func (p *People) Answer(ctx context.Context, id string, admit bool, role space.Role) error {
	p.requests.mu.Lock()
	r := p.requests.waiting[id]
	p.requests.mu.Unlock()
	if r == nil || r.Digits == "" {
		return errcode.NotFound
	}
	if role == 0 {
		role = space.Member
	}
	a := answer{admit: admit, role: role, done: make(chan error, 1)}
	select {
	case r.answer <- a:
	case <-ctx.Done():
		return errcode.NotFound
	case <-time.After(stepTimeout):
		return errcode.NotFound
	}
	select {
	case err := <-a.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// takeRedeem lets in who proves an invite.
func (p *People) takeRedeem(ctx context.Context, peer wire.DeviceID, r redeem) error {
	if !p.mayRedeem() {
		return errcode.RequestLimit
	}
	if err := checkParty(r.Party, peer); err != nil {
		return err
	}
	var invite space.Invitation
	known, in, may, gone := false, false, false, false
	err := p.Log.View(r.Workspace, func(s *space.State) {
		invite, known = s.Invitation(r.Invite)
		m, ok := s.Member(r.Party.Person)
		in = ok && m.Active
		gone = ok && !m.Active && s.Kind == space.Meeting
		us, ok := s.Member(p.Me.Person)
		may = ok && us.Active && us.Role >= space.Member
	})
	switch {
	case err != nil || !known || !may:
		return errcode.InviteUnknown
	case in:
		return p.sameDevice(r.Workspace, r.Party)
	case p.Over != nil && p.Over(ctx, r.Workspace):
		return errcode.CallOver
	case gone: // who was removed from a meeting does not come back
		return errcode.CallRemoved
	case invite.Revoked:
		return errcode.InviteRevoked
	case p.Clock.Now().UnixMilli() > invite.Expires:
		return errcode.InviteExpired
	case invite.Used >= invite.Uses:
		return errcode.InviteUsedUp
	}
	if n, err := name.Check(r.Name, wire.MaxName); err == nil {
		p.hint(r.Party.Person, n)
	}
	err = p.change(ctx, r.Workspace, space.Op{Redeem: &space.Redeem{
		Invite: r.Invite, Party: r.Party, Proof: r.Proof, Since: p.since(r.Workspace, r.Party.Person)}})
	if errors.Is(err, errcode.Forbidden) {
		return errcode.InviteUsedUp // it was used up between the look and the writing
	}
	return err
}

// maxRedeems bounds the invites that are looked at in a second: each that is good costs a
// commit, and whoever made up a thousand keys must not have us do nothing else.
const maxRedeems = 20

func (p *People) mayRedeem() bool {
	q := &p.requests
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := p.Clock.Now().Unix(); s != q.second {
		q.second, q.redeemed = s, 0
	}
	q.redeemed++
	return q.redeemed <= maxRedeems
}

// sameDevice: who is in already and asks again has lost the answer; it gets its
// keys once more.
func (p *People) sameDevice(id wire.SpaceID, party space.Party) error {
	same := false
	_ = p.Log.View(id, func(s *space.State) {
		m, ok := s.Member(party.Person)
		same = ok && bytes.Equal(wire.MustEncode(m.Certificates), wire.MustEncode(party.Certificates))
	})
	if !same {
		return errcode.AlreadyMember
	}
	return nil
}
