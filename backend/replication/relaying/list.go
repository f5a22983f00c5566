package relaying

import (
	"context"
	"fmt"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

const maxTries = 5

// rightsOf is what a member may do with the list of its space.
func rightsOf(kind space.Kind, role space.Role) protocol.Rights {
	switch {
	case kind == space.Direct || role >= space.Admin:
		return protocol.RightUse | protocol.RightAdd | protocol.RightManage
	case role >= space.Member:
		return protocol.RightUse | protocol.RightAdd
	}
	return protocol.RightUse
}

// desired is the list as the control events that are here say.
func (e *Engine) desired(id wire.SpaceID) (roll map[wire.DeviceID]protocol.Rights, workspace wire.SpaceID) {
	roll = map[wire.DeviceID]protocol.Rights{}
	people := map[wire.PersonID][]wire.DeviceID{}
	_ = e.Log.View(id, func(s *space.State) {
		workspace = s.Workspace
		if s.Kind.Standalone() {
			workspace = id
		}
		for _, m := range s.Members() {
			for _, c := range m.Certificates {
				rights := protocol.RightNone
				if m.Active {
					rights = rightsOf(s.Kind, m.Role)
				}
				roll[c.Device] = rights
				people[m.Person] = append(people[m.Person], c.Device)
			}
		}
	})
	if workspace == id {
		return roll, workspace
	}
	// Who is gone from the workspace is gone from what lies in it.
	_ = e.Log.View(workspace, func(s *space.State) {
		for person, devices := range people {
			if m, known := s.Member(person); known && !m.Active {
				for _, d := range devices {
					roll[d] = protocol.RightNone
				}
			}
		}
	})
	return roll, workspace
}

// list makes the relay's list say what the control events say, as far as we have
// the right. What the list has beyond that stays: others may know more.
func (t *turn) list(ctx context.Context) error {
	e := t.p.e
	self := e.Log.Self()
	again := false // we know what others knew: those let in again may be put on the list again
	old := false   // the relay does not know of last words yet
	var late error // why we do not know it
	for range maxTries {
		want, workspace := e.desired(t.id)
		if want[self] == protocol.RightNone {
			return nil // not ours, or no more: a grant by us would count for nothing
		}
		now, err := t.s.Access(ctx, t.id, sumOf(want))
		if err != nil && code(err) != protocol.CodeUnknown {
			return fmt.Errorf("access list: %w", err)
		}
		if now.Same {
			return nil
		}
		set, held := changes(want, now, self, again)
		if held && late == nil {
			if late = t.catchUp(ctx, workspace); late == nil {
				again = true
				continue
			}
		}
		if len(set) == 0 {
			return late
		}
		g := protocol.Grant{Space: t.id, Workspace: workspace, Version: now.Version + 1, Prev: now.Head, By: self, Set: set}
		if !old {
			g.Last = e.lastWords(t.id, set, now)
		}
		signed, err := g.Sign(e.Signer)
		if err != nil {
			return err
		}
		err = t.s.Grant(ctx, signed)
		if code(err) == protocol.CodeStale {
			continue // somebody was faster: look again
		}
		if code(err) == protocol.CodeMalformed && len(g.Last) > 0 {
			old = true
			continue
		}
		if err != nil {
			return fmt.Errorf("grant: %w", err)
		}
		if len(set) < protocol.MaxEntries {
			return late
		}
	}
	return protocol.Failed{Code: protocol.CodeStale}
}

func sumOf(want map[wire.DeviceID]protocol.Rights) [16]byte {
	entries := make([]protocol.Entry, 0, len(want))
	for d, r := range want {
		entries = append(entries, protocol.Entry{Device: d, Rights: r})
	}
	return protocol.Sum(entries)
}

// catchUp reads what is at the relay before somebody is put on the list again whom it
// has taken off. Either they were let in again, or we have not heard of a removal; then
// it is at the relay, for it went there before the list was cut.
func (t *turn) catchUp(ctx context.Context, workspace wire.SpaceID) error {
	if workspace != t.id {
		t.p.mu.Lock()
		pl := t.p.places[workspace]
		level := pl != nil && pl.subscribed && !pl.level && !pl.running && len(pl.news) == 0
		t.p.mu.Unlock()
		if !level {
			return protocol.Failed{Code: protocol.CodeStale} // a moment, until its turn is over
		}
	}
	return t.read(ctx)
}

// changes are the entries that we may and should set. Without again no device is put
// back on the list; held: there are some.
func changes(want map[wire.DeviceID]protocol.Rights, now protocol.AccessList, self wire.DeviceID, again bool) (set []protocol.Entry, held bool) {
	have := map[wire.DeviceID]protocol.Rights{}
	for _, e := range now.Entries {
		have[e.Device] = e.Rights
	}
	own := have[self]
	if now.Version == 0 {
		own = want[self] // the first grant of a space
	}
	if own == protocol.RightNone {
		return nil, false
	}
	for d, r := range want {
		old, listed := have[d]
		if listed && old == r || len(set) == protocol.MaxEntries {
			continue
		}
		if d == self && old&^r != 0 {
			continue // whoever gave us more knows more; we could not take it back
		}
		manage := own&protocol.RightManage != 0 || now.Version == 0
		add := own&protocol.RightAdd != 0 && !listed && r&^own == 0
		switch {
		case !manage && !add:
		case !again && listed && old == protocol.RightNone:
			held = true
		default:
			set = append(set, protocol.Entry{Device: d, Rights: r})
		}
	}
	return set, held
}
