package office

import (
	"context"

	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// Run takes in certificates as they are issued, and who left a workspace out of its registers where that is ours to do, until ctx ends.
func (o *Office) Run(ctx context.Context) error {
	for _, id := range o.Log.Spaces() {
		o.tidy(ctx, id)
	}
	o.take(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case id := <-o.noted:
			// While history comes in, one look for many events: what is worked out is worked out from all of it.
			all := map[wire.SpaceID]bool{id: true}
			for more := true; more; {
				select {
				case id := <-o.noted:
					all[id] = true
				default:
					more = false
				}
			}
			for id := range all {
				o.tell(id)
				o.tidy(ctx, id)
			}
			o.take(ctx)
		}
	}
}

// take adopts certificates, and logs why not.
func (o *Office) take(ctx context.Context) {
	if err := o.adopt(ctx); err != nil && ctx.Err() == nil {
		o.Slog.Warn("certificates are not taken in", "err", err)
	}
}

// tell tells the screen of a workspace that something was said in its register.
func (o *Office) tell(id wire.SpaceID) {
	var workspace wire.SpaceID
	_ = o.Log.View(id, func(s *space.State) {
		if s.Kind == space.Register {
			workspace = s.Workspace
		}
	})
	if !workspace.IsZero() {
		o.Publish("seals:"+workspace.String(), "authority:"+workspace.String())
	}
}

// tidy takes who left a workspace out of its registers.
func (o *Office) tidy(ctx context.Context, workspace wire.SpaceID) {
	gone := map[wire.PersonID]bool{}
	_ = o.Log.View(workspace, func(s *space.State) {
		if s.Kind != space.Workspace {
			return
		}
		for _, m := range s.Members() {
			if !m.Active {
				gone[m.Person] = true
			}
		}
	})
	// With thousands of conversations a look at every space for each of them would take the program minutes to start.
	if len(gone) == 0 || gone[o.Me.Person] {
		return
	}
	for _, id := range o.Log.Spaces() {
		var ops []space.Op
		_ = o.Log.View(id, func(s *space.State) {
			me, in := s.Member(o.Me.Person)
			if s.Kind != space.Register || s.Workspace != workspace || !in || !me.Active || me.Role < space.Admin {
				return
			}
			for _, m := range s.Members() {
				if m.Active && gone[m.Person] && m.Role <= me.Role {
					ops = append(ops, space.Op{Remove: &space.Remove{Person: m.Person}})
				}
			}
		})
		if len(ops) == 0 {
			continue
		}
		if err := o.Log.Change(ctx, id, ops...); err != nil && ctx.Err() == nil {
			o.Slog.Warn("who left the workspace stays in the register", "err", err)
		}
	}
}
