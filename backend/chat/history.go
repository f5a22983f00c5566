package chat

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// What newcomers of a group or a circle see of what was written before them is kept by keys (package eventlog,
// decision 0066), not by what is shown: here it is only said.

// SetHistory sets it: nothing, or everything. Errors: errcode.Forbidden, errcode.NotMember, errcode.NotReady.
func (c *Chat) SetHistory(ctx context.Context, id wire.SpaceID, fromJoining bool) error {
	mode := space.HistoryAll
	if fromJoining {
		mode = space.HistoryFromJoining
	}
	err := c.Log.SetHistory(ctx, id, mode)
	if err == nil {
		c.Publish("chat", topic(id))
	}
	return err
}

func (c *Chat) historyOut(ctx context.Context, v conversation) *v1.History {
	h, err := c.Log.History(v.id)
	if err != nil {
		return nil
	}
	out := &v1.History{FromJoining: h.FromJoining, IsLimited: h.Limited, JoinedUnixMs: h.Since.UnixMilli()}
	if !h.By.IsZero() {
		out.SetById, out.SetByName, out.SetUnixMs = h.By.String(), c.Name(ctx, v.workspace, h.By), h.At.UnixMilli()
	}
	_ = c.Log.View(v.id, func(s *space.State) {
		m, _ := s.Member(c.Me.Person)
		out.CanSet = m.Active && m.Role >= space.Admin
	})
	return out
}
