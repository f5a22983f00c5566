package space

import (
	"roundtable/backend/envelope"
	"roundtable/backend/wire"
)

// permits judges an operation by the state before it.
func (s *State) permits(n *node) bool {
	op := n.Op
	if op.Create != nil {
		// The second creation of a direct space adds only its epoch.
		return s.Kind == 0 || s.Kind == Direct
	}
	author, ok := s.members[s.devices[n.Feed.Device]]
	if !ok || !author.Active || s.Accepts(n.Feed, n.Seq) != Accepted {
		return false
	}
	if s.Kind == Direct {
		return op.Rotate != nil
	}
	switch {
	case op.Add != nil:
		return mayGrant(author.Role, op.Add.Role) && s.mayEnter(op.Add.Party, op.Add.Since)
	case op.Invite != nil:
		_, taken := s.invites[op.Invite.ID]
		return !taken && mayGrant(author.Role, op.Invite.Role) && op.Invite.Uses >= 1 && op.Invite.Uses <= wire.MaxInviteUses
	case op.Revoke != nil:
		i, ok := s.invites[op.Revoke.ID]
		return ok && !i.Revoked && (author.Role >= Admin || i.By == author.Person)
	case op.Redeem != nil:
		i, ok := s.invites[op.Redeem.Invite]
		return ok && author.Role >= Member && !i.Revoked && i.Used < i.Uses &&
			n.Stamp.UnixMilli() <= i.Expires && s.mayEnter(op.Redeem.Party, op.Redeem.Since)
	case op.SetRole != nil:
		m, ok := s.members[op.SetRole.Person]
		if !ok || s.Kind == Folder && op.SetRole.Role == Guest && m.Role != Guest {
			return false // who wrote becomes a reader by a removal, whose cut says what counts, and a new admission
		}
		return m.Active && author.Role >= Admin && m.Role <= author.Role &&
			op.SetRole.Role >= Guest && op.SetRole.Role <= author.Role
	case op.Remove != nil:
		m, ok := s.members[op.Remove.Person]
		return ok && m.Active && (m == author || (author.Role >= Admin && m.Role <= author.Role))
	case op.Rotate != nil:
		return author.Role >= Member && !op.Rotate.Epoch.IsZero()
	case op.History != nil:
		// Who sets what is set already would move the moment from which it holds.
		mode := op.History.Mode
		return s.mayHaveHistory() && author.Role >= Admin &&
			(mode == HistoryFromJoining && !s.fromJoining || mode == HistoryAll && s.fromJoining)
	}
	return false
}

// mayGrant: members let in members and guests; admins and owners up to themselves.
func mayGrant(author, role Role) bool {
	return author >= Member && role >= Guest && role <= author && role <= Owner
}

// mayEnter: not in already, no device of somebody else, and after a removal
// only with feeds begun later than any that were cut; into a meeting not at all.
func (s *State) mayEnter(p Party, since uint64) bool {
	if m, ok := s.members[p.Person]; ok && (m.Active || s.Kind == Meeting) {
		return false
	}
	for _, c := range p.Certificates {
		if holder, ok := s.devices[c.Device]; ok && holder != p.Person {
			return false
		}
		for _, old := range s.access[c.Device] {
			if since <= old.since {
				return false
			}
			for f := range old.cuts {
				if since <= f.Start {
					return false
				}
			}
		}
	}
	return true
}

// apply carries out an operation that permits allowed, or a removal that holds.
// It names the people it changed.
func (s *State) apply(n *node) []wire.PersonID {
	op := n.Op
	grant := seniority{n.depth, n.ID}
	switch {
	case op.Create != nil:
		s.create(n, grant)
	case op.Add != nil:
		s.enter(n, op.Add.Party, op.Add.Role, op.Add.Since, grant)
	case op.Invite != nil:
		s.invites[op.Invite.ID] = &Invitation{Invite: *op.Invite, By: s.devices[n.Feed.Device]}
	case op.Revoke != nil:
		s.invites[op.Revoke.ID].Revoked = true
	case op.Redeem != nil:
		i := s.invites[op.Redeem.Invite]
		i.Used++
		s.enter(n, op.Redeem.Party, i.Role, op.Redeem.Since, grant)
		s.members[op.Redeem.Party.Person].Invite = i.ID
	case op.SetRole != nil:
		m := s.members[op.SetRole.Person]
		m.Role, m.Peak, m.grant = op.SetRole.Role, max(m.Peak, op.SetRole.Role), grant
		s.mayWrite(m)
		return append(s.succeed(grant), m.Person)
	case op.Remove != nil:
		return append(s.leave(op.Remove), s.succeed(grant)...)
	case op.Rotate != nil:
		s.epoch(n, op.Rotate.Epoch, op.Rotate.Without)
	case op.History != nil:
		s.history, s.fromJoining = n, op.History.Mode == HistoryFromJoining
		return []wire.PersonID{s.devices[n.Feed.Device]}
	}
	var touched []wire.PersonID
	for _, p := range op.parties() {
		touched = append(touched, p.Person)
	}
	return touched
}

func (s *State) create(n *node, grant seniority) {
	c := n.Op.Create
	first := s.Kind == 0
	s.Kind, s.Workspace = c.Kind, c.Workspace
	role := Owner
	if c.Kind == Direct {
		role = Member
	}
	if first {
		for _, p := range c.Parties {
			s.enter(n, p, role, 0, grant)
		}
	}
	s.epoch(n, c.Epoch, nil)
}

func (s *State) epoch(n *node, id wire.EpochID, without []wire.PersonID) {
	s.Epoch, s.Epochs, s.Without, s.rotated = id, append(s.Epochs, id), without, n
}

func (s *State) enter(n *node, p Party, role Role, since uint64, grant seniority) {
	m := s.members[p.Person]
	if m == nil {
		m = &Membership{Person: p.Person}
		s.members[p.Person] = m
	}
	m.Role, m.Peak, m.Active, m.Joined, m.grant, m.Certificates, m.entered = role, max(m.Peak, role), true, n.Stamp, grant, p.Certificates, n
	m.Invite = wire.InviteID{}
	for _, c := range p.Certificates {
		s.devices[c.Device] = p.Person
		s.access[c.Device] = append(s.access[c.Device], period{since: since, writes: role > Guest})
	}
}

// mayWrite notes that a member is more than a guest now.
func (s *State) mayWrite(m *Membership) {
	for _, c := range m.Certificates {
		if p := s.access[c.Device]; len(p) > 0 && m.Role > Guest {
			p[len(p)-1].writes = true
		}
	}
}

func (s *State) leave(r *Remove) []wire.PersonID {
	m := s.members[r.Person]
	if m == nil {
		return nil
	}
	m.Active = false
	cuts := make(map[envelope.Feed]uint64, len(r.Cuts))
	for _, c := range r.Cuts {
		cuts[c.Feed()] = max(cuts[c.Feed()], c.Seq)
	}
	for _, c := range m.Certificates {
		periods := s.access[c.Device]
		if last := len(periods) - 1; last >= 0 {
			mine := map[envelope.Feed]uint64{}
			for f, n := range cuts {
				if f.Device == c.Device {
					mine[f] = n
				}
			}
			if old := periods[last].cuts; old != nil {
				// Removed twice, by two who did not know of each other: the earlier end counts.
				for f, n := range old {
					old[f] = min(n, mine[f])
				}
				continue
			}
			periods[last].cuts = mine
		}
	}
	return []wire.PersonID{r.Person}
}

// succeed makes the most senior of the highest role the owner when none is left.
func (s *State) succeed(grant seniority) []wire.PersonID {
	if s.Kind == Direct {
		return nil
	}
	var heir *Membership
	for _, m := range s.members {
		if !m.Active {
			continue
		}
		if m.Role == Owner {
			return nil
		}
		if heir == nil || m.Role > heir.Role || (m.Role == heir.Role && older(m, heir)) {
			heir = m
		}
	}
	if heir == nil {
		return nil
	}
	heir.Role, heir.Peak, heir.grant = Owner, Owner, grant
	s.mayWrite(heir)
	return []wire.PersonID{heir.Person}
}

// older compares by grant, then by person, since several may enter in one event.
func older(a, b *Membership) bool {
	if c := a.grant.compare(b.grant); c != 0 {
		return c < 0
	}
	return string(a.Person[:]) < string(b.Person[:])
}
