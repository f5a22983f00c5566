package app

import (
	"context"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/link/switchboard"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

const (
	// restForEach: who has many links tells of changes at longer intervals, since each time a page asks for all of them.
	restForEach = 500 * time.Microsecond
	maxRest     = time.Second
)

// comings tells pages that somebody came or went: at once, and while many do, all of them together after a rest.
type comings struct{ news chan struct{} }

func newComings() comings { return comings{news: make(chan struct{}, 1)} }

// changed does not block.
func (l comings) changed() {
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// follow tells until ctx ends. links is how many there are.
func (l comings) follow(ctx context.Context, links func() int, tell func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.news:
		}
		tell()
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(time.Duration(links())*restForEach, maxRest)):
		}
	}
}

func (c *core) tellComings(ctx context.Context) error {
	c.comings.follow(ctx, func() int { return len(c.board.Links()) }, func() {
		// Names and rights stay as they are, so this is not about people.
		c.publish("connections")
	})
	return nil
}

// homes are the spaces in which devices are known by themselves: few, while groups may be thousands.
func (c *core) homes() (out []wire.SpaceID) {
	for _, id := range c.log.Spaces() {
		_ = c.log.View(id, func(s *space.State) {
			if s.Kind.Standalone() {
				out = append(out, id)
			}
		})
	}
	return out
}

// connection shows a link to a colleague; nil for one to anybody else.
func (c *core) connection(ctx context.Context, l switchboard.State, homes []wire.SpaceID) *v1.Connection {
	var out *v1.Connection
	for _, id := range homes {
		var m space.Membership
		found, workspace := false, false
		_ = c.log.View(id, func(s *space.State) {
			m, found = s.MemberOf(l.Device)
			workspace = s.Kind == space.Workspace
		})
		if !found {
			continue
		}
		if out == nil {
			out = &v1.Connection{
				DeviceId: l.Device.String(), PersonId: m.Person.String(), PersonName: c.people.Name(ctx, id, m.Person), Via: l.Via,
				SinceUnixMs: l.Since.UnixMilli(), Syncing: c.replication.SyncingWith(l.Device),
			}
		}
		if workspace && m.Active {
			out.WorkspaceIds = append(out.WorkspaceIds, id.String())
		}
	}
	return out
}
