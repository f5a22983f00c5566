package calls

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/calls/media"
	"roundtable/backend/calls/room"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// maxWants bounds what the page shows at a time, and what it sends.
const maxWants = 4 * room.MaxIn

// API serves CallsService. Get gives the feature, or an error while the profile is
// not open.
type API struct{ Get func() (*Calls, error) }

func (a API) in(call string) (*Calls, wire.CallID, error) {
	c, err := a.Get()
	if err != nil {
		return nil, wire.CallID{}, err
	}
	id, err := wire.ParseCallID(call)
	if err != nil {
		return nil, id, errcode.With(errcode.InvalidArgument, err)
	}
	return c, id, nil
}

// reply is the answer of what gives nothing back.
func reply(err error) (*v1.CallReply, error) {
	if err != nil {
		return nil, err
	}
	return &v1.CallReply{}, nil
}

func (a API) workspace(text string) (c *Calls, id wire.SpaceID, err error) {
	if c, err = a.Get(); err != nil || text == "" {
		return c, id, err
	}
	if id, err = wire.ParseSpaceID(text); err != nil {
		return nil, id, errcode.With(errcode.InvalidArgument, err)
	}
	return c, id, nil
}

// Overview implements CallsService.
func (a API) Overview(ctx context.Context, r *v1.CallsOverviewRequest) (*v1.CallsOverview, error) {
	c, id, err := a.workspace(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return c.overview(ctx, id)
}

// StartCall implements CallsService.
func (a API) StartCall(ctx context.Context, r *v1.StartCallRequest) (*v1.CallState, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	id, err := wire.ParseSpaceID(r.ConversationId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	var planned wire.EventID
	if r.PlannedId != "" {
		if planned, err = wire.ParseEventID(r.PlannedId); err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		all, err := c.meetings(ctx, wire.SpaceID{}, planned)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 || all[0].space != id {
			return nil, errcode.NotFound
		}
	}
	call, err := c.Start(ctx, id, r.Video, planned)
	if err != nil {
		return nil, err
	}
	return c.state(ctx, call)
}

// JoinCall implements CallsService.
func (a API) JoinCall(ctx context.Context, r *v1.JoinCallRequest) (*v1.CallState, error) {
	c, id, err := a.in(r.CallId)
	if err != nil {
		return nil, err
	}
	if err := c.Join(id); err != nil {
		return nil, err
	}
	return c.state(ctx, id)
}

// DeclineCall implements CallsService.
func (a API) DeclineCall(ctx context.Context, r *v1.DeclineCallRequest) (*v1.CallReply, error) {
	c, id, err := a.in(r.CallId)
	if err != nil {
		return nil, err
	}
	return reply(c.Decline(ctx, id, r.Text))
}

// LeaveCall implements CallsService.
func (a API) LeaveCall(_ context.Context, r *v1.LeaveCallRequest) (*v1.CallReply, error) {
	c, id, err := a.in(r.CallId)
	if err != nil {
		return nil, err
	}
	return reply(c.Leave(id, r.End))
}

// State implements CallsService.
func (a API) State(ctx context.Context, r *v1.CallRequest) (*v1.CallState, error) {
	c, id, err := a.in(r.CallId)
	if err != nil {
		return nil, err
	}
	return c.state(ctx, id)
}

// Negotiate implements CallsService.
func (a API) Negotiate(ctx context.Context, r *v1.NegotiateRequest) (*v1.NegotiateResponse, error) {
	c, id, err := a.in(r.CallId)
	if err != nil {
		return nil, err
	}
	if len(r.Offer) > MaxSignal || len(r.Sending) > maxWants {
		return nil, errcode.CallSDP
	}
	sending := make([]media.Slot, 0, len(r.Sending))
	for _, s := range r.Sending {
		kind, ok := kindIn(s.Kind)
		if !ok || len(s.Mid) > 16 {
			return nil, errcode.InvalidArgument
		}
		sending = append(sending, media.Slot{Mid: s.Mid, Source: media.Source{Device: c.Log.Self(), Kind: kind}})
	}
	answer, serial, err := c.Negotiate(ctx, id, r.Offer, sending, r.Restart)
	if err != nil {
		return nil, err
	}
	return &v1.NegotiateResponse{Answer: answer, OfferSerial: serial}, nil
}

// SetWants implements CallsService.
func (a API) SetWants(_ context.Context, r *v1.SetWantsRequest) (*v1.CallReply, error) {
	c, id, err := a.in(r.CallId)
	if err != nil {
		return nil, err
	}
	if len(r.Wants) > maxWants {
		return nil, errcode.InvalidArgument
	}
	wants := make([]media.Want, 0, len(r.Wants))
	for _, w := range r.Wants {
		device, err := wire.ParseDeviceID(w.DeviceId)
		kind, ok := kindIn(w.Kind)
		if err != nil || !ok || w.Height < 0 {
			return nil, errcode.InvalidArgument
		}
		wants = append(wants, media.Want{Source: media.Source{Device: device, Kind: kind}, Height: int(w.Height)})
	}
	return reply(c.Want(id, wants))
}

// SetSelf implements CallsService.
func (a API) SetSelf(ctx context.Context, r *v1.SetSelfRequest) (*v1.CallState, error) {
	c, id, err := a.in(r.CallId)
	if err != nil {
		return nil, err
	}
	var want room.Shows
	for bit, on := range map[room.Shows]bool{
		room.Microphone: r.Microphone, room.Camera: r.Camera, room.Screen: r.Screen, room.Hand: r.Hand, room.ScreenSound: r.ScreenSound && r.Screen,
	} {
		if on {
			want |= bit
		}
	}
	if err := c.Set(id, want); err != nil {
		return nil, err
	}
	return c.state(ctx, id)
}

// React implements CallsService.
func (a API) React(_ context.Context, r *v1.ReactRequest) (*v1.CallReply, error) {
	c, id, err := a.in(r.CallId)
	if err != nil {
		return nil, err
	}
	return reply(c.React(id, r.Emoji))
}

// Control implements CallsService.
func (a API) Control(ctx context.Context, r *v1.ControlRequest) (*v1.CallState, error) {
	c, id, err := a.in(r.CallId)
	if err != nil {
		return nil, err
	}
	deed, err := deedIn(r)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	if err := c.Control(id, deed); err != nil {
		return nil, err
	}
	return c.state(ctx, id)
}

// deedIn reads what a host asks for.
func deedIn(r *v1.ControlRequest) (d room.Deed, err error) {
	switch x := r.Deed.(type) {
	case *v1.ControlRequest_Policy:
		p := x.Policy
		d.Rules = &room.Switches{Locked: p.GetLocked(), Lobby: p.GetLobby(), MuteOnEntry: p.GetMuteOnEntry(), MayUnmute: p.GetMayUnmute(), MayShare: p.GetMayShare(), AnyInvites: p.GetAnyInvites()}
	case *v1.ControlRequest_Mute:
		if x.Mute == "all" {
			d.MuteAll = true
			return d, nil
		}
		d.Mute, err = wire.ParseDeviceID(x.Mute)
	case *v1.ControlRequest_Remove:
		d.Remove, err = wire.ParseDeviceID(x.Remove)
	case *v1.ControlRequest_Admit:
		d.Admit, err = wire.ParseDeviceID(x.Admit)
	case *v1.ControlRequest_Deny:
		d.Deny, err = wire.ParseDeviceID(x.Deny)
	case *v1.ControlRequest_MakeCohost:
		d.MakeCohost, err = wire.ParseDeviceID(x.MakeCohost)
	case *v1.ControlRequest_UnmakeCohost:
		d.UnmakeCohost, err = wire.ParseDeviceID(x.UnmakeCohost)
	case *v1.ControlRequest_StopShare:
		d.Stop, err = wire.ParseDeviceID(x.StopShare)
	case *v1.ControlRequest_LowerHand:
		d.Lower, err = wire.ParseDeviceID(x.LowerHand)
	case *v1.ControlRequest_BarHub:
		d.Bar, err = wire.ParseDeviceID(x.BarHub)
	case *v1.ControlRequest_AdmitAll:
		d.AdmitAll = true
	default:
		return d, errcode.InvalidArgument
	}
	return d, err
}

func kindIn(k v1.SourceKind) (media.Kind, bool) {
	switch k {
	case v1.SourceKind_SOURCE_KIND_MICROPHONE:
		return media.Microphone, true
	case v1.SourceKind_SOURCE_KIND_CAMERA:
		return media.Camera, true
	case v1.SourceKind_SOURCE_KIND_SCREEN:
		return media.Screen, true
	case v1.SourceKind_SOURCE_KIND_SCREEN_SOUND:
		return media.ScreenSound, true
	}
	return 0, false
}
