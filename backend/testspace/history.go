package testspace

import (
	"context"

	"roundtable/backend/chat"
	"roundtable/backend/circles"
	"roundtable/backend/event"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// lasting is what app gives the log: kinds that who comes in later gets from before, too.
func lasting() map[event.Kind]bool {
	return map[event.Kind]bool{
		chat.GroupNamed: true, chat.GroupDescribed: true, chat.GroupPictured: true, chat.GroupRuled: true,
		people.WorkspaceNamed: true, people.ProfileSet: true, people.RelaysSet: true, circles.OriginStated: true,
	}
}

// SetsHistory says what newcomers of a group or a circle see.
func (d *Desk) SetsHistory(id wire.SpaceID, mode space.HistoryMode) {
	d.o.t.Helper()
	d.o.must(d.Log.SetHistory(context.Background(), id, mode), d.Name+" says what newcomers see")
}
