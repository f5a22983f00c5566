package app

import (
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// reachable reports whether a device of a person is linked now.
func (c *core) reachable(person wire.PersonID) bool {
	for _, device := range c.linked() {
		if who, known := c.personOf(device); known && who == person {
			return true
		}
	}
	return false
}

// personOf is whose a colleague's device is.
func (c *core) personOf(device wire.DeviceID) (who wire.PersonID, known bool) {
	for _, id := range c.log.Spaces() {
		_ = c.log.View(id, func(s *space.State) {
			if s.Kind.Standalone() {
				who, known = s.Person(device)
			}
		})
		if known {
			return who, true
		}
	}
	return who, false
}
