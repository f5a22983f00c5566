package testspace

import (
	"context"

	"roundtable/backend/chat"
	"roundtable/backend/ding"
	"roundtable/backend/wire"
)

// openDing wires urgent notices as the app does.
func (d *Desk) openDing(ctx context.Context, chats *chat.Chat) {
	notices, err := ding.Open(ctx, ding.Deps{
		Log: d.Log, DB: d.DB, Clock: d.Clock, Slog: d.journal.logger(), Publish: d.publish, Me: d.Person(), Tables: d.dings,
		Messages: dingMessages{chats}, Name: d.People.Name, Lead: d.Directory.Lead,
		AtRelay:      func(id wire.SpaceID, at ding.Ref) uint64 { return d.Relaying.AtRelay(id, at.Feed()) },
		SendReceipts: d.speaks, ShownIn: chats.ShownIn,
		External: func(p wire.PersonID) bool { return d.Circles != nil && d.Circles.External(p) },
	})
	d.o.must(err, "open urgent notices")
	d.mu.Lock()
	d.Ding = notices
	d.mu.Unlock()
}

// Dings is the door of urgent notices at this desk.
func (d *Desk) Dings() ding.API {
	return ding.API{Get: func() (*ding.Ding, error) { return d.Ding, nil }}
}

// dingMessages are conversations as urgent notices need them.
type dingMessages struct{ *chat.Chat }

func (m dingMessages) Post(ctx context.Context, id wire.SpaceID, text, nonce string) (string, error) {
	k, err := m.Chat.Post(ctx, id, text, nonce)
	return k.String(), err
}

func (m dingMessages) Located(ctx context.Context, id wire.SpaceID, name string) (ding.Said, error) {
	p, err := m.Chat.Located(ctx, id, name)
	return ding.Said(p), err
}

func (m dingMessages) Placed(ctx context.Context, id wire.SpaceID, at ding.Ref) (ding.Said, bool, error) {
	p, ok, err := m.Chat.Placed(ctx, id, at.Device, at.Start, at.Seq)
	return ding.Said(p), ok, err
}

// WhenLate sets what becomes of messages whose time passed while this desk was away; see chat.Deps.
func (d *Desk) WhenLate(choice string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lateChoice = choice
}

func (d *Desk) late() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lateChoice
}

// Later is the door of scheduled messages at this desk.
func (d *Desk) Later() chat.ScheduledAPI { return chat.ScheduledAPI{API: d.API()} }
