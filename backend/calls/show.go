package calls

import (
	"bytes"
	"context"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/calls/media"
	"roundtable/backend/calls/room"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// workspaceOf a conversation.
func (c *Calls) workspaceOf(id wire.SpaceID) wire.SpaceID {
	workspace := id
	_ = c.Log.View(id, func(s *space.State) {
		if !s.Workspace.IsZero() {
			workspace = s.Workspace
		}
	})
	return workspace
}

// titles of planned meetings that live calls were begun for.
func (c *Calls) title(ctx context.Context, start room.Start) string {
	if start.Planned.IsZero() {
		return ""
	}
	if all, err := c.meetings(ctx, wire.SpaceID{}, start.Planned); err == nil && len(all) > 0 {
		return all[0].title
	}
	return ""
}

func (c *Calls) summary(ctx context.Context, l *live, v room.View) *v1.CallSummary {
	workspace, chat, title := c.workspaceOf(l.room.Space), l.room.Space, c.title(ctx, l.room.Start)
	c.mu.Lock()
	starter, _ := l.room.Who(l.room.Start.Device)
	g := c.guestSpace(l)
	c.mu.Unlock()
	if !g.IsZero() {
		chat = g
	}
	if l.outside {
		workspace = l.meeting
		if c.Title != nil {
			title = c.Title(ctx, l.meeting)
		}
	}
	out := &v1.CallSummary{
		Id: l.room.ID.String(), ConversationId: l.room.Space.String(), Title: title, StarterId: starter.Person.String(),
		StartedUnixMs: l.room.Start.At, Video: l.room.Start.Video, Locked: v.Policy.Rules&room.Locked != 0,
		WorkspaceId: workspace.String(), StarterName: c.Name(ctx, workspace, starter.Person), ChatId: chat.String(), Guests: !g.IsZero(),
	}
	for _, s := range v.In {
		if p := s.Member.Person.String(); !slices.Contains(out.PersonIds, p) {
			out.PersonIds = append(out.PersonIds, p)
		}
	}
	return out
}

// overview is everything about calls in a workspace, or in all.
func (c *Calls) overview(ctx context.Context, workspace wire.SpaceID) (*v1.CallsOverview, error) {
	places, err := c.places(ctx, workspace)
	if err != nil {
		return nil, err
	}
	out := &v1.CallsOverview{}
	alive := map[wire.CallID]bool{}
	for _, x := range c.lives() {
		if len(x.view.In) > 0 && !x.over {
			alive[x.live.room.ID] = true
		}
		_, ours := places[x.live.room.Space]
		switch {
		case x.mine:
			if out.Mine, err = c.state(ctx, x.live.room.ID); err != nil {
				return nil, err
			}
		case !ours || !alive[x.live.room.ID]:
		case x.rings:
			out.Ringing = append(out.Ringing, c.summary(ctx, x.live, x.view))
		default:
			out.Ongoing = append(out.Ongoing, c.summary(ctx, x.live, x.view))
		}
	}
	all, err := c.meetings(ctx, workspace, wire.EventID{})
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		m := c.meetingOut(x)
		if x.call != nil && alive[*x.call] {
			m.CallId = x.call.String()
		}
		out.Planned = append(out.Planned, m)
	}
	pasts, err := c.pasts(ctx, workspace)
	if err != nil {
		return nil, err
	}
	for _, x := range pasts {
		if o := c.pastOut(ctx, x); !alive[x.call] && o != nil {
			out.Past = append(out.Past, o)
		}
	}
	return out, nil
}

// aliveNow is a call as it is at one moment.
type aliveNow struct {
	live              *live
	view              room.View
	mine, rings, over bool
}

// lives are the calls that are heard of, the latest first.
func (c *Calls) lives() (out []aliveNow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.Clock.Now()
	for _, l := range c.rooms {
		v := l.room.View(now)
		x := aliveNow{live: l, view: v, mine: c.busy() && c.mine.live == l, rings: c.rings(l, v, now), over: v.Ended || l.isOver()}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b aliveNow) int {
		x, y := a.live.room, b.live.room
		if x.Start.At != y.Start.At {
			return int(min(max(y.Start.At-x.Start.At, -1), 1))
		}
		return bytes.Compare(x.ID[:], y.ID[:])
	})
	return out
}

func (c *Calls) meetingOut(x meeting) *v1.PlannedMeeting {
	return &v1.PlannedMeeting{
		Id: x.id.String(), ConversationId: x.space.String(), Title: x.title, PlannerId: x.person.String(),
		StartUnixMs: x.begin, EndUnixMs: x.end, CanCancel: c.mayCancel(x, c.Me.Person),
	}
}

// pastOut says what became of a call; nil while that is not known.
func (c *Calls) pastOut(ctx context.Context, x past) *v1.PastCall {
	out := &v1.PastCall{
		Id: x.call.String(), ConversationId: x.space.String(), Title: x.title, StarterId: x.person.String(), StartedUnixMs: x.begun,
		EndedUnixMs: x.ended, StarterName: c.Name(ctx, x.workspace, x.person), Video: x.video, Outcome: v1.PastCallOutcome_PAST_CALL_OUTCOME_HELD,
	}
	for _, p := range x.there {
		out.PersonIds = append(out.PersonIds, p.String())
	}
	if x.ended == 0 && c.Clock.Now().UnixMilli()-x.begun < (ringFor+room.GoneAfter).Milliseconds() {
		return nil // it may be heard of any moment
	}
	if x.kind != space.Direct {
		return out
	}
	was := x.been || slices.Contains(x.there, c.Me.Person)
	switch {
	case x.person == c.Me.Person && !slices.ContainsFunc(x.there, func(p wire.PersonID) bool { return p != c.Me.Person }):
		out.Outcome = v1.PastCallOutcome_PAST_CALL_OUTCOME_UNANSWERED
	case x.person == c.Me.Person || was:
	case x.declined:
		out.Outcome = v1.PastCallOutcome_PAST_CALL_OUTCOME_DECLINED
	default:
		out.Outcome, out.Fresh = v1.PastCallOutcome_PAST_CALL_OUTCOME_MISSED, !x.seen
	}
	return out
}

// state is everything about the call that this device is in, or was in last.
func (c *Calls) state(ctx context.Context, id wire.CallID) (*v1.CallState, error) {
	c.mu.Lock()
	m := c.mine
	if m == nil || m.id != id {
		c.mu.Unlock()
		return nil, errcode.NotFound
	}
	v, over, reason, engine, answered := m.view, m.over(), m.reason, m.engine, m.answered
	if !over {
		v = m.room.View(c.Clock.Now())
	}
	entered := m.entered
	c.mu.Unlock()
	out := &v1.CallState{Call: c.summary(ctx, m.live, v), EndReason: reason, SelfId: c.Log.Self().String(), Policy: policyOut(v.Policy)}
	out.Phase = phaseOf(m, v, over, answered)
	snap := media.Snapshot{}
	if engine != nil {
		snap = engine.Snapshot()
	}
	for _, s := range v.In {
		out.Participants = append(out.Participants, c.participant(ctx, m.live, s, v, snap, c.Clock.Now().Sub(entered)))
	}
	if v.Role != room.Participant {
		for _, s := range v.Lobby {
			out.Lobby = append(out.Lobby, c.participant(ctx, m.live, s, v, media.Snapshot{}, 0))
		}
	}
	out.Topology = v1.CallTopology_CALL_TOPOLOGY_MESH
	if !v.Hub.Hub.IsZero() {
		out.Topology, out.HubId = v1.CallTopology_CALL_TOPOLOGY_HUB, v.Hub.Hub.String()
	}
	for _, r := range v.Reactions {
		out.Reactions = append(out.Reactions, &v1.CallReaction{DeviceId: r.Device.String(), Emoji: r.Emoji, UnixMs: r.At})
	}
	engineOut(out, snap)
	return out, nil
}

func phaseOf(m *mine, v room.View, over, answered bool) v1.CallPhase {
	switch {
	case over:
		return v1.CallPhase_CALL_PHASE_ENDED
	case v.Mine == room.Waiting:
		return v1.CallPhase_CALL_PHASE_LOBBY
	case m.pair && !answered && len(v.In) < 2:
		return v1.CallPhase_CALL_PHASE_CALLING
	}
	return v1.CallPhase_CALL_PHASE_IN
}

// engineOut is what the engine knows.
func engineOut(out *v1.CallState, snap media.Snapshot) {
	for _, s := range snap.Slots {
		out.Slots = append(out.Slots, &v1.CallSlot{Mid: s.Mid, DeviceId: s.Device.String(), Kind: v1.SourceKind(s.Kind)})
	}
	out.OfferSerial, out.WantAudio, out.WantVideo = snap.OfferSerial, int32(snap.WantAudio), int32(snap.WantVideo)
	out.Sending = &v1.CallSending{CameraBps: int32(snap.Sending.CameraBPS), ScreenBps: int32(snap.Sending.ScreenBPS), Layers: snap.Sending.Layers}
	for d, digits := range snap.Digits {
		if out.CheckDigits == nil {
			out.CheckDigits = map[string]string{}
		}
		out.CheckDigits[d.String()] = digits
	}
	if !snap.Speaker.IsZero() {
		out.SpeakerId = snap.Speaker.String()
	}
}

func policyOut(p room.Policy) *v1.CallPolicy {
	return &v1.CallPolicy{
		Locked: p.Rules&room.Locked != 0, Lobby: p.Rules&room.Lobby != 0, MuteOnEntry: p.Rules&room.MuteOnEntry != 0,
		MayUnmute: p.NoUnmute == 0, MayShare: p.Rules&room.NoShare == 0,
		AnyInvites: p.Rules&room.AnyInvites != 0,
	}
}

func (c *Calls) participant(ctx context.Context, l *live, s room.Seen, v room.View, snap media.Snapshot, age time.Duration) *v1.CallParticipant {
	out := &v1.CallParticipant{
		DeviceId: s.Device.String(), PersonId: s.Member.Person.String(), Name: c.nameOf(ctx, l, s.Member.Person), External: s.Member.External,
		Guest:      s.Member.External && !c.belongs(l, s.Device),
		Microphone: s.Shows&room.Microphone != 0, Camera: s.Shows&room.Camera != 0, Screen: s.Shows&room.Screen != 0,
		Hand: s.Shows&room.Hand != 0, HandUnixMs: s.HandAt, Recording: s.Shows&room.Recording != 0, JoinedUnixMs: s.Joined,
		Speaks: snap.Voices[s.Device], Role: v1.CallRole_CALL_ROLE_PARTICIPANT,
	}
	switch s.Role {
	case room.Host:
		out.Role = v1.CallRole_CALL_ROLE_HOST
	case room.Cohost:
		out.Role = v1.CallRole_CALL_ROLE_COHOST
	}
	if s.Device == c.Log.Self() {
		out.Connected, out.Network = snap.PageConnected, v1.NetworkQuality_NETWORK_QUALITY_GOOD
		return out
	}
	way := s.Device // in a hub call, the way to the hub
	if !v.Hub.Hub.IsZero() && v.Hub.Hub != c.Log.Self() {
		way = v.Hub.Hub
	}
	networkOut(out, snap.Networks[way], age)
	return out
}

// networkOut says how the way to somebody is, by the figures that people notice.
func networkOut(out *v1.CallParticipant, n media.Network, age time.Duration) {
	out.Connected, out.RoundTripMs, out.LossPercent = n.Connected, int32(n.RoundTrip.Milliseconds()), float32(100*n.Loss)
	out.Way = "direct"
	if n.Relayed {
		out.Way = "relay"
	}
	out.Network = v1.NetworkQuality_NETWORK_QUALITY_GOOD
	poor, fair := v1.NetworkQuality_NETWORK_QUALITY_POOR, v1.NetworkQuality_NETWORK_QUALITY_FAIR
	switch {
	case !n.Connected && age < lostAfter:
		out.Way, out.Network = "", v1.NetworkQuality_NETWORK_QUALITY_UNSPECIFIED // being made
	case !n.Connected:
		out.Way, out.Network, out.NetworkReason = "", v1.NetworkQuality_NETWORK_QUALITY_LOST, v1.NetworkReason_NETWORK_REASON_UNREACHABLE
	case n.Loss > 0.1:
		out.Network, out.NetworkReason = poor, v1.NetworkReason_NETWORK_REASON_LOSS
	case n.RoundTrip > 500*time.Millisecond:
		out.Network, out.NetworkReason = poor, v1.NetworkReason_NETWORK_REASON_DELAY
	case n.Starved:
		out.Network, out.NetworkReason = fair, v1.NetworkReason_NETWORK_REASON_BANDWIDTH
	case n.Loss > 0.03:
		out.Network, out.NetworkReason = fair, v1.NetworkReason_NETWORK_REASON_LOSS
	case n.RoundTrip > 250*time.Millisecond:
		out.Network, out.NetworkReason = fair, v1.NetworkReason_NETWORK_REASON_DELAY
	}
}
