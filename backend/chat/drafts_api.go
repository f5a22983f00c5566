package chat

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

// DraftAPI serves MessageDraftService.
type DraftAPI struct{ API }

// NewDraftAPI is MessageDraftService for a feature.
func NewDraftAPI(get func() (*Chat, error)) DraftAPI { return DraftAPI{API{get}} }

// at finds the place of a draft.
func (a DraftAPI) at(ctx context.Context, conversation, thread string) (*Chat, unsent, error) {
	c, id, err := a.in(conversation)
	if err != nil || thread == "" {
		return c, unsent{space: id}, err
	}
	root, err := c.parseThread(ctx, id, thread)
	return c, unsent{space: id, thread: root.thread()}, err
}

// List implements MessageDraftService.
func (a DraftAPI) List(ctx context.Context, _ *v1.MessageDraftListRequest) (*v1.MessageDraftListResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	all, err := c.drafts(ctx)
	out := &v1.MessageDraftListResponse{}
	for _, u := range all {
		out.Drafts = append(out.Drafts, &v1.MessageDraftBrief{ConversationId: u.space.String(), ThreadId: u.thread, Text: brief(u.text), Replies: u.reply != "", ChangedUnixMs: u.changed})
	}
	return out, err
}

// Show implements MessageDraftService.
func (a DraftAPI) Show(ctx context.Context, r *v1.MessageDraftRequest) (*v1.MessageDraft, error) {
	c, at, err := a.at(ctx, r.ConversationId, r.ThreadId)
	if err != nil {
		return nil, err
	}
	u, err := c.draftOf(ctx, at.space, at.thread)
	if err != nil {
		return nil, err
	}
	out := &v1.MessageDraft{ConversationId: u.space.String(), ThreadId: u.thread, Text: u.text}
	for _, m := range u.mentions {
		o := &v1.Mention{Label: m.Label}
		if !m.Person.IsZero() {
			o.PersonId = m.Person.String()
		}
		out.Mentions = append(out.Mentions, o)
	}
	k, err := optionalKey(u.reply)
	if err != nil || k == nil {
		return out, nil //nolint:nilerr // a name that an older program wrote otherwise
	}
	if _, err := c.standing(ctx, u.space, *k); err == nil { // what was recalled is not answered
		out.Reply, _ = c.messageOut(ctx, u.space, *k, nil)
	}
	return out, nil
}

// Keep implements MessageDraftService.
func (a DraftAPI) Keep(ctx context.Context, r *v1.KeepMessageDraftRequest) (*v1.KeepMessageDraftResponse, error) {
	c, u, err := a.at(ctx, r.ConversationId, r.ThreadId)
	if err != nil {
		return nil, err
	}
	if _, err := optionalKey(r.ReplyToId); err != nil {
		return nil, err
	}
	u.text, u.reply = r.Text, r.ReplyToId
	if u.mentions, err = draftMentions(r.Mentions); err != nil {
		return nil, err
	}
	// What was typed is kept also when the page goes away meanwhile.
	return &v1.KeepMessageDraftResponse{}, c.keepDraft(context.WithoutCancel(ctx), u, r.OnlyFirst)
}

// draftMentions reads who is meant by the names in a draft. Whether they may be mentioned is asked when it is sent.
func draftMentions(all []*v1.Mention) (out []mention, err error) {
	if len(all) > maxMentions {
		return nil, errcode.InvalidArgument
	}
	for _, m := range all {
		var person wire.PersonID
		if m.PersonId != "" {
			if person, err = wire.ParsePersonID(m.PersonId); err != nil {
				return nil, errcode.With(errcode.InvalidArgument, err)
			}
		}
		if clean, err := name.Check(m.Label, wire.MaxName); err != nil || clean != m.Label {
			return nil, errcode.InvalidArgument
		}
		out = append(out, mention{Person: person, Label: m.Label})
	}
	return out, nil
}
