package app

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/people"
	"roundtable/backend/wire"
)

// guestService serves GuestService.
type guestService struct{ g *guests }

func (s guestService) Preview(_ context.Context, r *v1.GuestPreviewRequest) (*v1.GuestPreview, error) {
	said, err := people.ReadGuestLink(r.Link, s.g.a.Clock.Now())
	if err != nil {
		return nil, err
	}
	return &v1.GuestPreview{Title: said.Title, InviterName: said.Inviter, ExpiresUnixMs: said.Expires, RelayHosts: said.Relays}, nil
}

func (s guestService) Enter(ctx context.Context, r *v1.EnterAsGuestRequest) (*v1.GuestState, error) {
	clean, err := name.Check(r.Name, wire.MaxName)
	if err != nil {
		return nil, err
	}
	if err := s.g.enter(context.WithoutCancel(ctx), r.Link, clean); err != nil {
		return nil, err
	}
	return s.g.state(), nil
}

func (s guestService) State(context.Context, *v1.GuestStateRequest) (*v1.GuestState, error) {
	return s.g.state(), nil
}

func (s guestService) Leave(context.Context, *v1.LeaveGuestRequest) (*v1.LeaveGuestResponse, error) {
	return &v1.LeaveGuestResponse{}, s.g.leave()
}

// state is how far coming in has come.
func (g *guests) state() *v1.GuestState {
	v := g.stay()
	if v == nil {
		return &v1.GuestState{Phase: v1.GuestPhase_GUEST_PHASE_NONE}
	}
	out := &v1.GuestState{Phase: v1.GuestPhase_GUEST_PHASE_CONNECTING, Title: v.said.Title, InviterName: v.said.Inviter, MeetingId: v.said.Meeting.String()}
	failed := func(code errcode.Code) *v1.GuestState {
		out.Phase, out.ErrorCode = v1.GuestPhase_GUEST_PHASE_FAILED, string(code)
		return out
	}
	g.mu.Lock()
	refused := v.refused
	g.mu.Unlock()
	if refused != nil {
		code, _ := errcode.From(refused)
		return failed(code)
	}
	c, err := part(v.app, func(c *core) *core { return c })
	if err != nil {
		return out
	}
	attempt := c.people.CurrentJoin()
	stands := c.standingIn(v.said.Meeting)
	call, open := c.calls.GuestCall(v.said.Meeting)
	ended := attempt.State == people.JoinFailed || attempt.State == people.JoinRefused
	switch {
	case ended && (stands != stoodInside || attempt.Code == errcode.CallRemoved):
		return failed(attempt.Code)
	case stands == standsInside && open:
		out.Phase, out.CallId = v1.GuestPhase_GUEST_PHASE_OPEN, call.String()
	case stands == standsInside && attempt.State != people.JoinFetching:
		out.Phase = v1.GuestPhase_GUEST_PHASE_WAITING
	case stands == stoodInside && attempt.State != people.JoinConnecting:
		out.Phase = v1.GuestPhase_GUEST_PHASE_OVER
	}
	return out
}
