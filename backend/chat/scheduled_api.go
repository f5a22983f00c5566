package chat

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// ScheduledAPI serves ScheduledService.
type ScheduledAPI struct{ API }

// Schedule implements ScheduledService.
func (a ScheduledAPI) Schedule(ctx context.Context, r *v1.ScheduleRequest) (*v1.Scheduled, error) {
	if r.Message == nil {
		return nil, errcode.InvalidArgument
	}
	c, id, err := a.in(r.Message.ConversationId)
	if err != nil {
		return nil, err
	}
	if len(r.Message.Nonce) > 128 || len(r.Message.UploadIds) > 10*MaxAttachments {
		return nil, errcode.InvalidArgument
	}
	d, err := c.draft(ctx, id, r.Message)
	if err != nil {
		return nil, err
	}
	name, err := c.schedule(ctx, id, d, r.AtUnixMs, r.Message.Nonce)
	return c.scheduledAnswer(ctx, name, err)
}

func (c *Chat) scheduledAnswer(ctx context.Context, name string, err error) (*v1.Scheduled, error) {
	if err != nil {
		return nil, err
	}
	s, err := c.scheduledOne(ctx, name)
	if err != nil {
		return nil, err
	}
	return c.scheduledOut(ctx, s)
}

func (c *Chat) scheduledOut(ctx context.Context, s scheduled) (*v1.Scheduled, error) {
	out := &v1.Scheduled{Id: s.id, ConversationId: s.space.String(), Text: s.body.Text, AtUnixMs: s.due, State: v1.ScheduledState(s.state), ErrorCode: s.err,
		SentUnixMs: s.sent, MessageId: s.message}
	for _, m := range s.body.Mentions {
		o := &v1.Mention{Label: m.Label}
		if !m.Person.IsZero() {
			o.PersonId = m.Person.String()
		}
		out.Mentions = append(out.Mentions, o)
	}
	for _, name := range s.uploads {
		x, err := c.uploads.get(name)
		if err != nil {
			continue
		}
		out.Files = append(out.Files, &v1.ScheduledFile{Name: x.Name, Size: int64(x.writer.Size), UploadId: x.ID})
	}
	if s.body.Reply == nil {
		return out, nil
	}
	at := place{feed: s.body.Reply.in(s.space), seq: int64(s.body.Reply.Seq)}
	quotes, err := c.quotes(ctx, s.space, c.workspaceOf(s.space), []message{{reply: &at}})
	out.Reply = quotes[at]
	return out, err
}

// workspaceOf a conversation, itself for a workspace.
func (c *Chat) workspaceOf(id wire.SpaceID) (workspace wire.SpaceID) {
	_ = c.Log.View(id, func(s *space.State) { workspace = s.Workspace })
	if workspace.IsZero() {
		workspace = id
	}
	return workspace
}

func (c *Chat) scheduledList(ctx context.Context, rest string, args ...any) (*v1.ScheduledListResponse, error) {
	all, err := c.scheduledRows(ctx, rest, args...)
	if err != nil {
		return nil, err
	}
	out := &v1.ScheduledListResponse{}
	for _, s := range all {
		o, err := c.scheduledOut(ctx, s)
		if err != nil {
			return nil, err
		}
		out.Scheduled = append(out.Scheduled, o)
	}
	return out, nil
}

// List implements ScheduledService.
func (a ScheduledAPI) List(ctx context.Context, r *v1.ScheduledListRequest) (*v1.ScheduledListResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	return c.scheduledList(ctx, `WHERE space = ? ORDER BY due, id`, id[:])
}

// Asking implements ScheduledService.
func (a ScheduledAPI) Asking(ctx context.Context, r *v1.AskingRequest) (*v1.ScheduledListResponse, error) {
	c, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return c.scheduledList(ctx, `WHERE state > ? AND space IN (SELECT s.space FROM chat_space s WHERE `+shownIn+` = ?) ORDER BY due, id`, schedWaiting, id[:])
}

// Change implements ScheduledService.
func (a ScheduledAPI) Change(ctx context.Context, r *v1.ChangeScheduledRequest) (*v1.Scheduled, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	s, err := c.scheduledOne(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	var whom []mention
	if r.Text != nil {
		d, err := c.draft(ctx, s.space, &v1.SendRequest{Text: *r.Text, Mentions: r.Mentions})
		if err != nil {
			return nil, err
		}
		whom = d.Mentions
	}
	return c.scheduledAnswer(ctx, s.id, c.changeScheduled(ctx, s, r.Text, whom, r.AtUnixMs))
}

// SendNow implements ScheduledService.
func (a ScheduledAPI) SendNow(ctx context.Context, r *v1.ScheduledName) (*v1.Message, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	// What is begun is finished even when the caller goes away.
	id, k, err := c.sendScheduled(context.WithoutCancel(ctx), r.Id, false)
	if err != nil {
		return nil, err
	}
	return c.messageOut(ctx, id, k, nil)
}

// Drop implements ScheduledService.
func (a ScheduledAPI) Drop(ctx context.Context, r *v1.DropScheduledRequest) (*v1.DropScheduledResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return &v1.DropScheduledResponse{}, c.dropScheduled(ctx, r.Id, r.KeepFiles)
}
