package chat

import (
	"context"
	"math"

	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// page is what a screen shows of a conversation.
type page struct {
	messages            []message
	hasBefore, hasAfter bool
	firstUnread         *MessageKey
	unread              int
	found               *MessageKey // what was asked for, when a place was
}

// wanted says which page: just before or after a message, around one, around the
// first at a time, around the first unread one; without any of them the newest.
type wanted struct {
	before, after, around *MessageKey
	aroundAt              int64 // Unix ms
	aroundUnread          bool
	limit                 int
}

// pages reads messages that stand in one order: those of a conversation, or of a thread.
type pages struct {
	// before gives up to n messages that end just before a key, after those that start at or after one; oldest first.
	before func(ctx context.Context, k MessageKey, n int) ([]message, error)
	after  func(ctx context.Context, k MessageKey, included bool, n int) ([]message, error)
	unread func(ctx context.Context) (int, *MessageKey, error)
}

// page gives a page of a conversation.
func (c *Chat) page(ctx context.Context, id wire.SpaceID, w wanted) (page, error) {
	return pages{
		before: func(ctx context.Context, k MessageKey, n int) ([]message, error) { return c.before(ctx, id, k, n) },
		after: func(ctx context.Context, k MessageKey, included bool, n int) ([]message, error) {
			return c.after(ctx, id, k, included, n)
		},
		unread: func(ctx context.Context) (int, *MessageKey, error) { return c.unread(ctx, id) },
	}.page(ctx, w)
}

func (s pages) page(ctx context.Context, w wanted) (page, error) {
	limit := w.limit
	if limit == 0 {
		limit = defaultPage
	}
	if limit < 0 || limit > maxPage || w.aroundAt < 0 {
		return page{}, errcode.InvalidArgument
	}
	var p page
	var err error
	if p.unread, p.firstUnread, err = s.unread(ctx); err != nil {
		return p, err
	}
	switch {
	case w.before != nil:
		p.messages, err = s.before(ctx, *w.before, limit+1)
		p.hasAfter = true
	case w.after != nil:
		p.messages, err = s.after(ctx, *w.after, false, limit+1)
		p.hasAfter = len(p.messages) > limit
		p.messages = p.messages[:min(len(p.messages), limit)]
		p.hasBefore = true
		return p, err
	case w.around != nil:
		return s.around(ctx, p, *w.around, limit)
	case w.aroundAt > 0:
		return s.around(ctx, p, MessageKey{Stamp: min(w.aroundAt, math.MaxInt64>>16) << 16}, limit)
	case w.aroundUnread && p.firstUnread != nil:
		return s.around(ctx, p, *p.firstUnread, limit)
	default:
		p.messages, err = s.before(ctx, newest, limit+1)
	}
	if len(p.messages) > limit {
		p.hasBefore, p.messages = true, p.messages[1:]
	}
	return p, err
}

// around puts the first message at or after a key into the middle of the page.
func (s pages) around(ctx context.Context, p page, k MessageKey, limit int) (page, error) {
	half := limit / 2
	head, err := s.before(ctx, k, half+1)
	if err != nil {
		return p, err
	}
	if len(head) > half {
		p.hasBefore, head = true, head[1:]
	}
	tail, err := s.after(ctx, k, true, limit-half+1)
	if err != nil {
		return p, err
	}
	if len(tail) > limit-half {
		p.hasAfter, tail = true, tail[:limit-half]
	}
	if len(tail) > 0 {
		p.found = &tail[0].MessageKey
	}
	p.messages = append(head, tail...)
	return p, nil
}
