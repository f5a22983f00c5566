package app

import (
	"context"

	"roundtable/backend/api"
	"roundtable/backend/api/gen/roundtable/v1/roundtablev1connect"
	"roundtable/backend/chat"
	"roundtable/backend/ding"
	"roundtable/backend/wire"
)

// openDing builds urgent notices over conversations and the directory.
func (c *core) openDing(ctx context.Context) error {
	notices, err := ding.Open(ctx, ding.Deps{
		Log: c.log, DB: c.db, Clock: c.app.Clock, Slog: c.app.Log, Publish: c.publish, Me: c.self.party().Person, Tables: c.dings,
		Messages: dingMessages{c.chat}, Name: c.people.Name, Lead: c.directory.Lead,
		AtRelay: func(id wire.SpaceID, at ding.Ref) uint64 { return c.relaying.AtRelay(id, at.Feed()) },
		ShownIn: c.chat.ShownIn, External: c.circles.External,
		SendReceipts: func() bool { return c.app.settings.Values().SendReadReceipts },
	})
	if err == nil {
		c.ding.Store(notices)
	}
	return err
}

// laterServices are urgent notices, scheduled messages and drafts at the door.
func (a *App) laterServices() []api.Service {
	chats := func() (*chat.Chat, error) { return part(a, func(c *core) *chat.Chat { return c.chat }) }
	return []api.Service{
		api.Serve[roundtablev1connect.DingServiceHandler](roundtablev1connect.NewDingServiceHandler, ding.API{Get: a.dingPart}),
		api.Serve[roundtablev1connect.ScheduledServiceHandler](roundtablev1connect.NewScheduledServiceHandler,
			chat.ScheduledAPI{API: chat.API{Get: chats}}),
		api.Serve[roundtablev1connect.MessageDraftServiceHandler](roundtablev1connect.NewMessageDraftServiceHandler, chat.NewDraftAPI(chats)),
	}
}

func (a *App) dingPart() (*ding.Ding, error) {
	return part(a, func(c *core) *ding.Ding { return c.ding.Load() })
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
