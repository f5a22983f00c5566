package app

import (
	"slices"

	"roundtable/backend/chat"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
)

// follower lets the rest of the core hear of memberships.
type follower struct {
	*projection.Runner
	c *core
}

// Follow implements eventlog.Follower.
func (f follower) Follow(tx *store.Tx, events []eventlog.Event) error {
	if err := f.Runner.Follow(tx, events); err != nil {
		return err
	}
	if chats := f.c.chat; chats != nil && slices.ContainsFunc(events, func(e eventlog.Event) bool { return e.Kind == chat.MessagePosted }) {
		came := slices.Clone(events)
		tx.Tell(func() { chats.Arrived(came) })
	}
	// Only what arrives singly can end somebody's typing; history does not.
	if len(events) <= 4 && f.c.chat != nil {
		for _, e := range events {
			if e.Kind == chat.MessagePosted {
				tx.Tell(func() { f.c.chat.Posted(e.Space, e.Person) })
			}
		}
	}
	return nil
}

// Members implements eventlog.Follower.
func (f follower) Members(tx *store.Tx, m eventlog.Members) error {
	if err := f.Runner.Members(tx, m); err != nil {
		return err
	}
	// A guest who comes back has to find them, too, and so have the parties of a contract and partners.
	visited := m.State.Kind == space.Meeting && f.c.app.guests == nil || m.State.Kind == space.Between || m.State.Kind == space.Circle
	if m.State.Kind != space.Workspace && !visited {
		return nil
	}
	devices := f.c.othersIn(m.State)
	circle := m.State.Kind == space.Circle
	us, in := m.State.Member(f.c.self.party().Person)
	tx.Tell(func() {
		switch {
		case circle && (!in || !us.Active): // nobody would bring it back
			f.c.colleagues.forget(m.Space)
		case circle || !visited:
			f.c.colleagues.workspace(m.Space, devices)
		}
		if f.c.board != nil { // who let us in was a stranger when we dialled
			for addr, d := range f.c.board.Answered() {
				if slices.Contains(devices, d) && !isBeyond(addr) {
					f.c.colleagues.remember(d, addr)
				}
			}
		}
		f.c.publish("system") // perhaps it was awaited
		if f.c.chat != nil {
			f.c.chat.Departed(m.Space)
		}
		if f.c.folders != nil {
			f.c.folders.Departed(m.Space)
		}
	})
	return nil
}
