package circles

import (
	"sync"

	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// homes are the workspaces of ours as they were at some time. There are few, among very many spaces, and one asks for
// each person of a circle whether it is of one of them.
type homes struct {
	mu  sync.Mutex
	at  int64 // Projection.moved
	all []wire.SpaceID
}

// workspaces of ours.
func (c *Circles) workspaces() []wire.SpaceID {
	h := &c.homes
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := c.Tables.moved.Load(); h.at != now {
		h.all, h.at = c.ours(space.Workspace), now
	}
	return h.all
}

// External reports whether a person is of no workspace of ours.
func (c *Circles) External(person wire.PersonID) bool {
	_, home := c.home(person)
	return !home
}

// home is a workspace of ours that a person belongs to.
func (c *Circles) home(person wire.PersonID) (workspace wire.SpaceID, ok bool) {
	for _, id := range c.workspaces() {
		_ = c.Log.View(id, func(s *space.State) {
			us, in := s.Member(c.Me.Person)
			them, there := s.Member(person)
			ok = in && us.Active && there && them.Active
		})
		if ok {
			return id, true
		}
	}
	return workspace, false
}
