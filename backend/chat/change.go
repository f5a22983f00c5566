package chat

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/wire"
)

// standing finds a message that may be answered, changed or reacted to by us.
// Errors: errcode.NotFound, errcode.NotMember, errcode.MessageRecalled.
func (c *Chat) standing(ctx context.Context, id wire.SpaceID, k MessageKey) (message, error) {
	m, err := c.one(ctx, id, k)
	switch {
	case err != nil:
		return m, err
	case m.isRecalled():
		return m, errcode.MessageRecalled
	case !c.open(id):
		return m, errcode.NotMember
	}
	return m, nil
}

// Edit gives a message of ours another text; its files and what it answers to stay.
// Errors: errcode.Forbidden (of somebody else), errcode.MessageRecalled, those of Post for texts.
func (c *Chat) Edit(ctx context.Context, id wire.SpaceID, k MessageKey, text string, whom []mention) error {
	if err := checkText(text); err != nil {
		return err
	}
	m, err := c.standing(ctx, id, k)
	if err != nil {
		return err
	}
	if m.person != c.Me.Person {
		return errcode.Forbidden
	}
	if m.text == text {
		return nil
	}
	_, err = c.Log.Append(ctx, id, eventlog.Draft{Kind: MessageEdited, Body: messageEdited{Message: m.ref(), Text: text, Mentions: whom}})
	return err
}

// Recall takes a message back.
// Errors: errcode.RecallLate, errcode.Forbidden (of somebody else, by who does not manage the conversation), errcode.NotMember, errcode.NotFound.
func (c *Chat) Recall(ctx context.Context, id wire.SpaceID, k MessageKey) error {
	m, err := c.one(ctx, id, k)
	switch {
	case err != nil || m.isRecalled():
		return err
	case !c.open(id):
		return errcode.NotMember
	case m.person != c.Me.Person && !c.manages(id):
		return errcode.Forbidden
	}
	if late, err := c.late(ctx, id, m); err != nil || late {
		return orElse(err, errcode.RecallLate)
	}
	_, err = c.Log.Append(ctx, id, eventlog.Draft{Kind: MessageRecalled, Body: messageRecalled{Message: m.ref()}})
	return err
}

// late reports whether it is too late for us to take a message back. For who
// manages the conversation it never is.
func (c *Chat) late(ctx context.Context, id wire.SpaceID, m message) (bool, error) {
	if c.manages(id) {
		return false, nil
	}
	span, err := c.Span(ctx, id)
	return c.Clock.Now().UnixMilli()-clock.Stamp(m.Stamp).UnixMilli() > span.Milliseconds(), err
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// messageOut gives one message after a command.
func (c *Chat) messageOut(ctx context.Context, id wire.SpaceID, k MessageKey, err error) (*v1.Message, error) {
	if err != nil {
		return nil, err
	}
	v, err := c.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	m, err := c.one(ctx, id, k)
	if err != nil {
		return nil, err
	}
	out, err := c.messagesOut(ctx, id, v.workspace, []message{m})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// Edit gives a message of ours another text.
func (a API) Edit(ctx context.Context, r *v1.EditRequest) (*v1.Message, error) {
	c, id, k, err := a.attachmentOf(r.ConversationId, r.MessageId)
	if err != nil {
		return nil, err
	}
	whom, err := c.parseMentions(ctx, id, r.Mentions, r.Text)
	if err != nil {
		return nil, err
	}
	return c.messageOut(ctx, id, k, c.Edit(ctx, id, k, r.Text, whom))
}

// Recall takes a message back.
func (a API) Recall(ctx context.Context, r *v1.MessageName) (*v1.Message, error) {
	c, id, k, err := a.attachmentOf(r.ConversationId, r.MessageId)
	if err != nil {
		return nil, err
	}
	return c.messageOut(ctx, id, k, c.Recall(ctx, id, k))
}
