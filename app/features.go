package app

import (
	"context"

	"roundtable/backend/calls"
	"roundtable/backend/chat"
	"roundtable/backend/circles"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/office"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/ding"
	"roundtable/backend/directory"
	"roundtable/backend/event"
	"roundtable/backend/folders"
	"roundtable/backend/people"
	"roundtable/backend/portrait"
	"roundtable/backend/projection"
	"roundtable/backend/wire"
)

// projections is the list of everything that follows the log. A new feature
// stands here, in openFeatures, and among the services of App.open.
func projections(me wire.PersonID, dings *ding.Projection, entries *folders.Projection, meetings *calls.Projection, signings *contracts.Projection,
	witnesses *witnessed.Projection, offices *office.Projection, rings *circles.Projection,
) []projection.Projection {
	return []projection.Projection{people.Projection{}, portrait.Projection{}, directory.Projection{}, chat.NewProjection(me), dings, entries, meetings, signings, witnesses, offices, rings}
}

// lasting are the kinds that tell what a conversation is, not what was said in it: who comes in later gets those of before, too.
func lasting() map[event.Kind]bool {
	return map[event.Kind]bool{
		chat.GroupNamed: true, chat.GroupDescribed: true, chat.GroupPictured: true, chat.GroupRuled: true,
		people.WorkspaceNamed: true, people.ProfileSet: true, people.RelaysSet: true, circles.OriginStated: true,
	}
}

// openFeatures builds the features on the floors below.
func (c *core) openFeatures(ctx context.Context) error {
	err := c.openAttachments(ctx)
	if err != nil {
		return err
	}
	c.people, err = people.Open(ctx, people.Deps{
		Log: c.log, DB: c.db, Board: c.board, Replication: c.replication, Clock: c.app.Clock, Slog: c.app.Log,
		Publish: c.publish, Me: c.self.party(), MyName: c.myName, DeviceName: c.app.deviceName,
		VisibleNearby: func() bool { return c.app.settings.Values().VisibleNearby },
		Sightings:     c.sightings, Via: c.via, Beyond: c.relays.beyond, Present: c.relaying.Present,
		From: c.cameFrom,
		Over: func(ctx context.Context, meeting wire.SpaceID) bool {
			return c.calls != nil && c.calls.Over(ctx, meeting)
		},
	})
	if err != nil {
		return err
	}
	c.openDirectory()
	c.chat, err = chat.Open(ctx, chat.Deps{
		Log: c.log, DB: c.db, Clock: c.app.Clock, Slog: c.app.Log, Publish: c.publish, Me: c.self.party(),
		Ephemeral: c.ephemeral, Name: c.people.Name, Syncing: c.replication.Syncing, AtRelay: c.relaying.AtRelay,
		SendReceipts:  func() bool { return c.app.settings.Values().SendReadReceipts },
		SendTyping:    func() bool { return c.app.settings.Values().SendTyping },
		ScheduledLate: func() string { return c.app.settings.Values().ScheduledLate },
		Pieces:        c.attachments.pieces, Blobs: c.attachments.blobs, Downloads: c.app.Downloads, Externals: c.externals, External: c.isExternal,
	})
	if err != nil {
		return err
	}
	c.chat.Changed() // from here on it is told
	if err := c.openCircles(ctx); err != nil {
		return err
	}
	if err := c.openDing(ctx); err != nil {
		return err
	}
	if err := c.openFolders(ctx); err != nil {
		return err
	}
	if err := c.openCalls(ctx); err != nil {
		return err
	}
	if err := c.openOffice(ctx); err != nil {
		return err
	}
	if err := c.openContracts(ctx); err != nil {
		return err
	}
	c.equipContracts()
	sound := func() bool { return len(c.runner.Failed()) == 0 }
	c.attachments.blobs.Follow(references{chat.References{Chat: c.chat, Sound: sound}, contracts.References{Contracts: c.contracts, Sound: sound}})
	return nil
}

// background is what the features do by themselves until ctx ends.
func (c *core) background() []func(context.Context) error {
	return []func(context.Context) error{c.people.Run, after(c.chat.Prepared(), c.directory.Run), c.chat.Run, c.ding.Load().Run, c.circles.Run, c.attachments.blobs.Run, c.folders.Run, c.calls.Run, c.contracts.Run, c.witnessed.Run, c.office.Run}
}
