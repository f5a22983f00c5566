package space

import (
	"bytes"
	"slices"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/identity"
	"roundtable/backend/wire"
)

// State is who belongs to a space after a set of control events. It is read
// under the lock of whoever owns the machine.
type State struct {
	Kind      Kind
	Workspace wire.SpaceID
	// Epoch is the one to seal with now.
	Epoch wire.EpochID
	// Epochs are all that ever held, in order.
	Epochs []wire.EpochID
	// Without are the people to whom the present epoch was not given.
	Without []wire.PersonID
	members map[wire.PersonID]*Membership
	devices map[wire.DeviceID]wire.PersonID
	access  map[wire.DeviceID][]period
	invites map[wire.InviteID]*Invitation
	rotated *node
	// history set whether newcomers see from their joining on; nil where nobody did.
	history     *node
	fromJoining bool
}

// Membership of one person, present or past.
type Membership struct {
	Person       wire.PersonID
	Role         Role
	Peak         Role // the highest ever held
	Active       bool
	Joined       clock.Stamp
	Certificates []identity.Certificate
	// Invite by which it came in last; zero for who was added.
	Invite wire.InviteID
	grant  seniority
	// entered is the latest admission.
	entered *node
}

// Invitation is an invite and what became of it.
type Invitation struct {
	Invite
	By      wire.PersonID
	Used    uint32
	Revoked bool
}

// seniority orders members: a smaller grant depth is more senior.
type seniority struct {
	depth int
	id    wire.EventID
}

func (a seniority) compare(b seniority) int {
	if a.depth != b.depth {
		return a.depth - b.depth
	}
	return bytes.Compare(a.id[:], b.id[:])
}

// period is a time in which a device's feeds count. cuts is nil while it is open.
type period struct {
	since uint64
	cuts  map[envelope.Feed]uint64
	// writes is set when its person was more than a guest at any time of it.
	writes bool
}

// Verdict on one envelope of a feed.
type Verdict uint8

const (
	// Unknown: nothing known lets this device write. It may be let in yet.
	Unknown Verdict = iota
	// Accepted counts.
	Accepted
	// Void lies beyond a removal.
	Void
)

func newState() *State {
	return &State{
		members: map[wire.PersonID]*Membership{}, devices: map[wire.DeviceID]wire.PersonID{},
		access: map[wire.DeviceID][]period{}, invites: map[wire.InviteID]*Invitation{},
	}
}

// Accepts judges a sequence of a feed. In a folder the content of guests does not
// count: they read.
func (s *State) Accepts(f envelope.Feed, seq uint64) Verdict {
	periods := s.access[f.Device]
	for i := len(periods) - 1; i >= 0; i-- {
		p := periods[i]
		if p.since > f.Start {
			continue
		}
		if s.Kind == Folder && f.Lane == envelope.Content && !p.writes {
			return Unknown // a reader; whoever lets it write lets count what it wrote
		}
		if p.cuts == nil || seq <= p.cuts[f] {
			return Accepted
		}
		return Void
	}
	if len(periods) > 0 {
		return Void
	}
	return Unknown
}

// Since is the earliest feed start that counts for a device now.
func (s *State) Since(device wire.DeviceID) uint64 {
	if p := s.access[device]; len(p) > 0 {
		return p[len(p)-1].since
	}
	return 0
}

// Return is the earliest feed start that lets a person in again: later than any
// of its feeds that was cut, whatever clock these began by.
func (s *State) Return(person wire.PersonID) (since uint64) {
	m := s.members[person]
	if m == nil {
		return 0
	}
	for _, c := range m.Certificates {
		for _, p := range s.access[c.Device] {
			since = max(since, p.since+1)
			for f := range p.cuts {
				since = max(since, f.Start+1)
			}
		}
	}
	return since
}

// Cuts are the ends of a device's feeds that removals set.
func (s *State) Cuts(device wire.DeviceID) map[envelope.Feed]uint64 {
	out := map[envelope.Feed]uint64{}
	for _, p := range s.access[device] {
		for f, n := range p.cuts {
			out[f] = n
		}
	}
	return out
}

// Person who holds a device, whether still a member or not.
func (s *State) Person(device wire.DeviceID) (wire.PersonID, bool) {
	p, ok := s.devices[device]
	return p, ok
}

// Member gives a membership, present or past.
func (s *State) Member(person wire.PersonID) (Membership, bool) {
	if m, ok := s.members[person]; ok {
		return *m, true
	}
	return Membership{}, false
}

// MemberOf gives the active membership behind a device.
func (s *State) MemberOf(device wire.DeviceID) (Membership, bool) {
	m, ok := s.members[s.devices[device]]
	if !ok || !m.Active {
		return Membership{}, false
	}
	return *m, true
}

// Members lists memberships, present and past, by person ID.
func (s *State) Members() []Membership {
	out := make([]Membership, 0, len(s.members))
	for _, m := range s.members {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b Membership) int { return bytes.Compare(a.Person[:], b.Person[:]) })
	return out
}

// Active counts the present members.
func (s *State) Active() int {
	n := 0
	for _, m := range s.members {
		if m.Active {
			n++
		}
	}
	return n
}

// Devices lists the devices of present members with their sealing keys.
func (s *State) Devices() map[wire.DeviceID][]byte {
	out := make(map[wire.DeviceID][]byte, len(s.devices))
	for _, m := range s.members {
		if !m.Active {
			continue
		}
		for _, c := range m.Certificates {
			out[c.Device] = c.Seal
		}
	}
	return out
}

// Invitations lists all invites, by ID.
func (s *State) Invitations() []Invitation {
	out := make([]Invitation, 0, len(s.invites))
	for _, i := range s.invites {
		out = append(out, *i)
	}
	slices.SortFunc(out, func(a, b Invitation) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return out
}

// Invitation finds one invite.
func (s *State) Invitation(id wire.InviteID) (Invitation, bool) {
	if i, ok := s.invites[id]; ok {
		return *i, true
	}
	return Invitation{}, false
}

// Dump is a canonical form of the whole state, for comparing devices.
func (s *State) Dump() []byte {
	type cut struct {
		Feed string
		Seq  uint64
	}
	type row struct {
		Person  wire.PersonID
		Role    Role
		Peak    Role
		Active  bool
		Joined  uint64
		Depth   int
		Grant   wire.EventID
		Invite  wire.InviteID
		Devices []wire.DeviceID
		Since   []uint64
		Writes  []bool
		Cuts    [][]cut
	}
	var rows []row
	for _, m := range s.Members() {
		r := row{Person: m.Person, Role: m.Role, Peak: m.Peak, Active: m.Active, Joined: uint64(m.Joined), Depth: m.grant.depth, Grant: m.grant.id, Invite: m.Invite}
		for _, c := range m.Certificates {
			r.Devices = append(r.Devices, c.Device)
			for _, p := range s.access[c.Device] {
				r.Writes = append(r.Writes, p.writes)
				var cuts []cut
				for f, n := range p.cuts {
					h := envelope.Header{Feed: f}
					cuts = append(cuts, cut{string(h.HeaderBytes()), n})
				}
				slices.SortFunc(cuts, func(a, b cut) int { return bytes.Compare([]byte(a.Feed), []byte(b.Feed)) })
				r.Since, r.Cuts = append(r.Since, p.since), append(r.Cuts, cuts)
			}
		}
		rows = append(rows, r)
	}
	type dump struct {
		Kind      Kind
		Workspace wire.SpaceID
		Epochs    []wire.EpochID
		Without   []wire.PersonID
		Rows      []row
		Invites   []Invitation
		History   wire.EventID
		Joining   bool
	}
	for i := range rows {
		for _, cuts := range rows[i].Cuts {
			for k := range cuts {
				cuts[k].Feed = wire.EventID([]byte(cuts[k].Feed[34:66])).String() + cuts[k].Feed[66:74]
			}
		}
	}
	out, err := wire.Encode(dump{s.Kind, s.Workspace, s.Epochs, s.Without, rows, s.Invitations(), s.historyID(), s.fromJoining})
	if err != nil {
		panic(err)
	}
	return out
}
