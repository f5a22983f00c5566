package app

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/replication/relaying"
	"roundtable/backend/wire"
)

// relayService serves RelayService.
type relayService struct{ a *App }

// in finds the open profile and the workspace that is meant.
func (s relayService) in(workspace string) (*core, wire.SpaceID, error) {
	c, err := part(s.a, func(c *core) *core { return c })
	if err != nil {
		return nil, wire.SpaceID{}, err
	}
	id, err := wire.ParseSpaceID(workspace)
	if err != nil {
		return nil, id, errcode.With(errcode.InvalidArgument, err)
	}
	if !c.log.Begun(id) {
		return nil, id, errcode.NotFound
	}
	return c, id, nil
}

func (s relayService) Relays(ctx context.Context, r *v1.RelaysRequest) (*v1.RelaysResponse, error) {
	c, id, err := s.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return s.list(ctx, c, id), nil
}

func (s relayService) list(ctx context.Context, c *core, id wire.SpaceID) *v1.RelaysResponse {
	out := &v1.RelaysResponse{CanChange: c.people.MayAdminister(id)}
	hosted := s.a.hosted.addressID()
	for _, a := range c.people.Relays(ctx, id) {
		out.Relays = append(out.Relays, c.relayOut(id, a, hosted))
	}
	return out
}

// relayOut says how a relay stands.
func (c *core) relayOut(workspace wire.SpaceID, a protocol.Address, hosted [32]byte) *v1.Relay {
	st, _ := c.relays.state(a.ID())
	out := &v1.Relay{
		Id: relayID(a.ID()), Name: a.Name, Host: a.Host(), State: v1.RelayState_RELAY_STATE_CONNECTING, ErrorCode: string(st.Code),
		Pinned: a.Pin != [32]byte{}, HostedHere: a.ID() == hosted, Waiting: c.relaying.Waiting(workspace, a.ID()),
		RoundTripMs: int32(st.RoundTrip.Round(time.Millisecond) / time.Millisecond), // a round trip is short
	}
	if !st.Since.IsZero() {
		out.SinceUnixMs = st.Since.UnixMilli()
	}
	if !st.NextTry.IsZero() {
		out.NextTryUnixMs = st.NextTry.UnixMilli()
	}
	switch st.Phase {
	case client.Connected:
		out.State = v1.RelayState_RELAY_STATE_CONNECTED
		switch c.relaying.Fault(a.ID()) {
		case relaying.FaultFull:
			out.ErrorCode = string(errcode.RelayFull)
		case relaying.FaultForged:
			out.ErrorCode = string(errcode.RelayForged)
		case relaying.FaultWithholds:
			out.ErrorCode = string(errcode.RelayWithholds)
		case relaying.FaultUnlisted:
			out.ErrorCode = string(errcode.RelayUnlisted)
		}
	case client.Unreachable:
		out.State = v1.RelayState_RELAY_STATE_UNREACHABLE
	case client.Refused:
		out.State = v1.RelayState_RELAY_STATE_REFUSED
	}
	return out
}

func (s relayService) PreviewRelay(_ context.Context, r *v1.PreviewRelayRequest) (*v1.PreviewRelayResponse, error) {
	a, err := protocol.ParseLink(r.Link)
	if err != nil {
		return nil, errcode.RelayLinkGarbled
	}
	return &v1.PreviewRelayResponse{Name: a.Name, Host: a.Host(), Pinned: a.Pin != [32]byte{}}, nil
}

func (s relayService) AddRelay(ctx context.Context, r *v1.AddRelayRequest) (*v1.RelaysResponse, error) {
	c, id, err := s.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	a, err := protocol.ParseLink(r.Link)
	if err != nil {
		return nil, errcode.RelayLinkGarbled
	}
	if err := c.people.AddRelay(ctx, id, a); err != nil {
		return nil, err
	}
	return s.list(ctx, c, id), nil
}

func (s relayService) RemoveRelay(ctx context.Context, r *v1.RemoveRelayRequest) (*v1.RelaysResponse, error) {
	c, id, err := s.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	ids, err := c.relayIDs(ctx, id, r.RelayId)
	if err != nil {
		return nil, err
	}
	if err := c.people.RemoveRelay(ctx, id, ids[0]); err != nil {
		return nil, err
	}
	return s.list(ctx, c, id), nil
}

func (s relayService) OrderRelays(ctx context.Context, r *v1.OrderRelaysRequest) (*v1.RelaysResponse, error) {
	c, id, err := s.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	ids, err := c.relayIDs(ctx, id, r.RelayIds...)
	if err != nil {
		return nil, err
	}
	if err := c.people.OrderRelays(ctx, id, ids); err != nil {
		return nil, err
	}
	return s.list(ctx, c, id), nil
}

// relayIDs finds a workspace's relays by their names at the door. Errors: errcode.NotFound.
func (c *core) relayIDs(ctx context.Context, id wire.SpaceID, names ...string) (out [][32]byte, err error) {
	byName := map[string][32]byte{}
	for _, a := range c.people.Relays(ctx, id) {
		byName[relayID(a.ID())] = a.ID()
	}
	for _, n := range names {
		found, ok := byName[n]
		if _, e := hex.DecodeString(n); !ok || e != nil {
			return nil, errcode.NotFound
		}
		out = append(out, found)
	}
	return out, nil
}

func (s relayService) RetryRelays(ctx context.Context, r *v1.RetryRelaysRequest) (*v1.RelaysResponse, error) {
	c, id, err := s.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	c.relays.each((*client.Client).Retry)
	return s.list(ctx, c, id), nil
}

func (s relayService) HostedRelay(ctx context.Context, _ *v1.HostedRelayRequest) (*v1.HostedRelayResponse, error) {
	return s.hosted(ctx), nil
}

// hosted says how the relay of this device stands, and which workspaces name it.
func (s relayService) hosted(ctx context.Context) *v1.HostedRelayResponse {
	out := s.a.hosted.status(ctx)
	id := s.a.hosted.addressID()
	c, err := part(s.a, func(c *core) *core { return c })
	if err != nil || id == ([32]byte{}) {
		return out
	}
	for workspace, relays := range c.people.AllRelays(ctx) {
		for _, a := range relays {
			if a.ID() == id {
				out.WorkspaceIds = append(out.WorkspaceIds, workspace.String())
			}
		}
	}
	return out
}

func (s relayService) HostRelay(ctx context.Context, r *v1.HostRelayRequest) (*v1.HostedRelayResponse, error) {
	if s.a.guests == nil {
		return nil, errcode.Forbidden // a guest's profile goes with the meeting
	}
	c, err := part(s.a, func(c *core) *core { return c })
	if err != nil {
		return nil, err
	}
	var chosen []wire.SpaceID
	for _, text := range r.WorkspaceIds {
		id, err := wire.ParseSpaceID(text)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		if r.Enabled && !c.people.MayAdminister(id) {
			return nil, errcode.Forbidden
		}
		chosen = append(chosen, id)
	}
	before := s.a.hosted.addressID()
	if !r.Enabled {
		s.farewell(ctx, c, before)
	}
	if err := s.a.hosted.set(ctx, r.Enabled, int(r.Port), r.PublicHost); err != nil {
		return nil, err
	}
	now, running := s.a.hosted.address()
	if running && now.ID() != before {
		s.unname(ctx, c, before, nil)
	}
	for _, id := range chosen {
		if !running {
			break
		}
		if err := c.people.AddRelay(ctx, id, now); err != nil && !errors.Is(err, errcode.RelayKnown) {
			return nil, err
		}
	}
	if running {
		s.unname(ctx, c, now.ID(), chosen) // what was unticked
	}
	s.a.changes.Publish("relays")
	return s.hosted(ctx), nil
}

// heardWithin is how long a hosted relay stays after it was taken off.
const heardWithin = time.Second

// farewell takes the relay of this device off while it still runs: those who are
// connected to no other have to hear of it.
func (s relayService) farewell(ctx context.Context, c *core, id [32]byte) {
	named := c.people.AllRelays(ctx)
	s.unname(ctx, c, id, nil)
	now := c.people.AllRelays(ctx)
	if sameRelays(named, now) {
		return
	}
	c.given(ctx, named, now)
	select {
	case <-ctx.Done():
	case <-s.a.Clock.After(heardWithin):
	}
}

// unname takes the relay of this device off the workspaces that we administer,
// but for some.
func (s relayService) unname(ctx context.Context, c *core, id [32]byte, keep []wire.SpaceID) {
	for workspace, relays := range c.people.AllRelays(ctx) {
		for _, a := range relays {
			if a.ID() != id || slices.Contains(keep, workspace) {
				continue
			}
			if err := c.people.RemoveRelay(ctx, workspace, id); err != nil && !errors.Is(err, errcode.Forbidden) {
				s.a.Log.Warn("take hosted relay off", "err", err)
			}
		}
	}
}
