package chat

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/wire"
)

// ThreadAPI serves ThreadService.
type ThreadAPI struct{ API }

// withThread finds a conversation and a thread of it.
func (a ThreadAPI) withThread(ctx context.Context, conversation, thread string) (c *Chat, v conversation, root place, err error) {
	c, id, err := a.in(conversation)
	if err != nil {
		return nil, v, root, err
	}
	if v, err = c.conversation(ctx, id); err != nil {
		return nil, v, root, err
	}
	root, err = c.parseThread(ctx, id, thread)
	return c, v, root, err
}

// Threads lists the threads of a conversation.
func (a ThreadAPI) Threads(ctx context.Context, r *v1.ThreadsRequest) (*v1.ThreadsResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	v, err := c.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := c.latestThreads(ctx, id)
	if err != nil {
		return nil, err
	}
	summaries, err := c.threads(ctx, id, v.workspace, all)
	if err != nil {
		return nil, err
	}
	first, err := c.at(ctx, id, all)
	if err != nil {
		return nil, err
	}
	out := &v1.ThreadsResponse{}
	for _, root := range all {
		e := &v1.ThreadEntry{Thread: summaries[root]}
		if m, here := first[root]; here {
			if e.First, err = c.brief(ctx, id, v.workspace, m); err != nil {
				return nil, err
			}
		}
		last, err := c.repliesOf(id, root).before(ctx, newest, 1)
		if err != nil {
			return nil, err
		}
		if len(last) == 1 {
			if e.Last, err = c.brief(ctx, id, v.workspace, last[0]); err != nil {
				return nil, err
			}
		}
		out.Threads = append(out.Threads, e)
	}
	return out, nil
}

// Thread gives a page of a thread.
func (a ThreadAPI) Thread(ctx context.Context, r *v1.ThreadRequest) (*v1.ThreadResponse, error) {
	c, v, root, err := a.withThread(ctx, r.ConversationId, r.ThreadId)
	if err != nil {
		return nil, err
	}
	w := wanted{aroundUnread: r.AroundUnread, limit: int(r.Limit)}
	for text, k := range map[string]**MessageKey{r.Before: &w.before, r.After: &w.after, r.Around: &w.around} {
		if *k, err = optionalKey(text); err != nil {
			return nil, err
		}
	}
	p, err := c.repliesOf(v.id, root).page(ctx, w)
	if err != nil {
		return nil, err
	}
	out := &v1.ThreadResponse{
		ThreadId: root.thread(), HasBefore: p.hasBefore, HasAfter: p.hasAfter, Unread: int32(p.unread), HistoryIncomplete: c.Syncing(v.id) > 0,
	}
	if p.firstUnread != nil {
		out.FirstUnreadId = p.firstUnread.String()
	}
	if p.found != nil {
		out.FoundId = p.found.String()
	}
	if out.First, err = c.firstOf(ctx, v.id, v.workspace, root); err != nil {
		return nil, err
	}
	out.Messages, err = c.messagesOut(ctx, v.id, v.workspace, p.messages)
	return out, err
}

// firstOf gives the message at which a thread began; nil where that is not here.
func (c *Chat) firstOf(ctx context.Context, id, workspace wire.SpaceID, root place) (*v1.Message, error) {
	found, err := c.at(ctx, id, []place{root})
	if err != nil {
		return nil, err
	}
	m, here := found[root]
	if !here {
		return nil, nil
	}
	out, err := c.messagesOut(ctx, id, workspace, []message{m})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return out[0], nil
}

// MarkRead notes how far a thread was on screen.
func (a ThreadAPI) MarkRead(ctx context.Context, r *v1.MarkThreadReadRequest) (*v1.MarkThreadReadResponse, error) {
	c, v, root, err := a.withThread(ctx, r.ConversationId, r.ThreadId)
	if err != nil {
		return nil, err
	}
	k, err := parseKey(r.MessageId)
	if err != nil {
		return nil, err
	}
	return &v1.MarkThreadReadResponse{}, c.MarkThreadRead(ctx, v.id, root, k)
}

// leadsToThread turns a request for the place of a reply that the conversation does not
// show into one for where its thread began.
func (c *Chat) leadsToThread(ctx context.Context, id wire.SpaceID, w *wanted) (thread string, here bool, err error) {
	if w.around == nil {
		return "", true, nil
	}
	m, err := c.one(ctx, id, *w.around)
	if err != nil || m.thread == nil || m.shown {
		return "", true, nil //nolint:nilerr // what is not here is looked for by its place
	}
	first, err := c.at(ctx, id, []place{*m.thread})
	if err != nil {
		return "", true, err
	}
	root, here := first[*m.thread]
	if here {
		w.around = &root.MessageKey
	}
	return m.thread.thread(), here, nil
}
