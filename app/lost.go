package app

import (
	"context"
	"slices"
	"strings"

	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// lost reports whether a workspace or a circle of this profile is not in the database.
func (c *core) lost() bool {
	for _, w := range c.colleagues.all().Workspaces {
		if !c.log.Begun(w.ID) {
			return true
		}
	}
	return false
}

// seekLost lets whoever was in a space that is not here, as after a repair, bring it back, and gives
// what looks for them at relays.
func (c *core) seekLost(known colleaguesFile) (out []func(context.Context) error) {
	for _, w := range known.Workspaces {
		if c.log.Begun(w.ID) {
			continue
		}
		for _, d := range w.Devices {
			c.replication.Expect(w.ID, d)
		}
		if len(w.Relays) > 0 {
			out = append(out, func(ctx context.Context) error { return c.seek(ctx, w) })
		}
	}
	return out
}

// seek dials who is at the relays of a lost space, until it is here and names its relays itself.
func (c *core) seek(ctx context.Context, w knownWorkspace) error {
	visit := c.relays.beyond(ctx, w.Relays, w.ID)
	defer visit.Done()
	for !c.log.Begun(w.ID) || len(c.people.Relays(ctx, w.ID)) == 0 {
		for _, h := range visit.Hosts() {
			c.board.Suggest(h.Addr, h.Device)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.app.Clock.After(hostsEvery):
		}
	}
	return nil
}

// noteCircles notes the circles that an older program did not.
func (c *core) noteCircles() {
	me := c.self.party().Person // reading certificates takes a while, and there may be thousands of spaces
	for _, id := range c.log.Spaces() {
		_ = c.log.View(id, func(s *space.State) {
			if us, in := s.Member(me); in && us.Active && s.Kind == space.Circle {
				c.colleagues.workspace(id, c.othersIn(s))
			}
		})
	}
}

// othersIn are the devices of a space but ours, in order.
func (c *core) othersIn(s *space.State) (out []wire.DeviceID) {
	for d := range s.Devices() {
		if d != c.app.chain.Signer().Public() {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b wire.DeviceID) int { return strings.Compare(string(a[:]), string(b[:])) })
	return out
}
