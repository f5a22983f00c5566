package chat

import (
	"context"

	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Departed is told that memberships of a space changed; it must not block.
func (c *Chat) Departed(id wire.SpaceID) {
	select {
	case c.departs <- id:
	default:
	}
}

// Run takes people who left a workspace out of its groups, where that is ours
// to do, and forgets early messages once the history is whole.
func (c *Chat) Run(ctx context.Context) error {
	for _, id := range c.Log.Spaces() {
		c.tidy(ctx, id)
	}
	listed := make(chan struct{})
	go func() { defer close(listed); defer close(c.prepared); c.prepare(ctx) }()
	defer func() { <-listed }()
	indexed := make(chan struct{})
	go func() { defer close(indexed); c.runIndex(ctx) }()
	defer func() { <-indexed }()
	sending := make(chan struct{})
	go func() { defer close(sending); c.runScheduled(ctx) }()
	defer func() { <-sending }()
	if c.Blobs != nil {
		c.expireUploads(ctx)
		ended := make(chan struct{})
		go func() { defer close(ended); c.fetchPictures(ctx) }()
		defer func() { <-ended }()
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case id := <-c.departs:
			c.tidy(ctx, id)
		}
	}
}

func (c *Chat) tidy(ctx context.Context, workspace wire.SpaceID) {
	gone := map[wire.PersonID]bool{}
	_ = c.Log.View(workspace, func(s *space.State) {
		if s.Kind != space.Workspace {
			return
		}
		for _, m := range s.Members() {
			if !m.Active {
				gone[m.Person] = true
			}
		}
	})
	if len(gone) == 0 || gone[c.Me.Person] {
		return
	}
	for _, id := range c.Log.Spaces() {
		var ops []space.Op
		_ = c.Log.View(id, func(s *space.State) {
			us, ok := s.Member(c.Me.Person)
			if s.Kind != space.Group || s.Workspace != workspace || !ok || !us.Active || us.Role < space.Admin {
				return
			}
			for _, m := range s.Members() {
				if m.Active && gone[m.Person] {
					ops = append(ops, space.Op{Remove: &space.Remove{Person: m.Person}})
				}
			}
		})
		if len(ops) > 0 {
			if err := c.Log.Change(ctx, id, ops...); err != nil && ctx.Err() == nil {
				c.Slog.Warn("take out of group who left the workspace", "err", err)
			}
		}
	}
}

// Whole drops early messages of a space whose history is complete: those that
// count have been applied, the others never will be.
func (c *Chat) Whole(ctx context.Context, id wire.SpaceID) {
	err := c.DB.Write(ctx, func(tx *store.Tx) error { return dropEarly(tx, id) })
	if err != nil && ctx.Err() == nil {
		c.Slog.Warn("drop early messages", "err", err)
	}
}
