package chat

import (
	"context"
	"database/sql"
	"errors"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/clock"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// plain is a message without what others made of it.
func (c *Chat) plain(ctx context.Context, id, workspace wire.SpaceID, m message) *v1.Message {
	out := &v1.Message{
		Id: m.String(), Cursor: m.String(), ConversationId: id.String(), PersonId: m.person.String(),
		PersonName: c.Name(ctx, workspace, m.person), IsMine: m.person == c.Me.Person, Text: m.text,
		SentUnixMs: clock.Stamp(m.Stamp).UnixMilli(), ClockAhead: m.flags&flagAhead != 0, Note: m.note.out(), Forwarded: c.forwardedOut(m.forwarded),
	}
	if m.thread != nil {
		out.InThreadId, out.AlsoShown = m.thread.thread(), m.shown
	}
	if m.edited != 0 {
		out.EditedUnixMs = clock.Stamp(m.edited).UnixMilli()
	}
	if m.isRecalled() {
		mine := m.recaller == c.Me.Person
		out.Recalled = &v1.Recalled{PersonId: m.recaller.String(), PersonName: c.Name(ctx, workspace, m.recaller), IsMine: mine}
		if mine && out.IsMine {
			out.Recalled.Text = m.text
		}
		out.Text, out.EditedUnixMs, out.Forwarded = "", 0, nil
	}
	return out
}

// brief is a message as a list shows it: no reactions, no quotes.
func (c *Chat) brief(ctx context.Context, id, workspace wire.SpaceID, m message) (*v1.Message, error) {
	return c.briefOf(ctx, conversation{id: id, workspace: workspace}, m)
}

// briefOf is brief for a row of the list.
func (c *Chat) briefOf(ctx context.Context, of conversation, m message) (*v1.Message, error) {
	id := of.id
	v := c.plain(ctx, id, of.workspace, m)
	if v.IsMine {
		if err := c.outbound(ctx, id, m, v, map[fed]progress{}); err != nil {
			return nil, err
		}
	}
	if m.isRecalled() {
		return v, nil
	}
	var s surroundings
	var err error
	if of.known.mayFiles(id) {
		if s.files, err = c.attached(ctx, id, []message{m}); err != nil {
			return nil, err
		}
	}
	if of.known.mayRecords(id) {
		if s.records, err = c.records(ctx, id, []message{m}); err != nil {
			return nil, err
		}
	}
	return v, c.dress(ctx, id, m, v, s)
}

// surroundings is what a page asks for once, not for every message.
type surroundings struct {
	files     map[MessageKey][]attachedFile
	mentions  map[MessageKey][]mention
	reactions map[place][]*v1.Reaction
	quotes    map[place]*v1.Quote
	pinned    map[place]bool
	threads   map[place]*v1.ThreadSummary
	records   map[MessageKey]*record
	everybody map[MessageKey]bool // whose mention of everybody counts
	// What we may do here now.
	open, manages bool
	recallFrom    int64 // Unix ms: older ones of ours are late
	seen          map[fed]progress
}

// surround reads it, in a few queries however many messages there are.
func (c *Chat) surround(ctx context.Context, id, workspace wire.SpaceID, all []message) (s surroundings, err error) {
	s.seen, s.open, s.manages = map[fed]progress{}, c.open(id), c.manages(id)
	if s.files, err = c.attached(ctx, id, all); err != nil {
		return s, err
	}
	if s.mentions, err = c.mentioned(ctx, id, all); err != nil {
		return s, err
	}
	if s.reactions, err = c.reactions(ctx, id, all); err != nil {
		return s, err
	}
	if s.quotes, err = c.quotes(ctx, id, workspace, all); err != nil {
		return s, err
	}
	at := make([]place, 0, len(all))
	for _, m := range all {
		at = append(at, place{m.Feed, m.Seq})
	}
	if s.threads, err = c.threads(ctx, id, workspace, at); err != nil {
		return s, err
	}
	if s.records, err = c.records(ctx, id, all); err != nil {
		return s, err
	}
	pins, err := c.pins(ctx, id)
	if err != nil {
		return s, err
	}
	s.pinned = map[place]bool{}
	for _, p := range pins {
		s.pinned[p.place] = true
	}
	if s.everybody, err = c.mentionEverybody(ctx, id, s.mentions); err != nil {
		return s, err
	}
	span, err := c.Span(ctx, id)
	s.recallFrom = c.Clock.Now().Add(-span).UnixMilli()
	return s, err
}

// mentionEverybody gives those messages of a page whose mention of everybody counts.
func (c *Chat) mentionEverybody(ctx context.Context, id wire.SpaceID, all map[MessageKey][]mention) (map[MessageKey]bool, error) {
	out := map[MessageKey]bool{}
	for k, list := range all {
		for _, m := range list {
			if !m.Person.IsZero() || out[k] {
				continue
			}
			var may bool
			err := c.DB.Read().QueryRowContext(ctx, `SELECT f.person IN (SELECT person FROM chat_admin WHERE space = ?1) OR `+ruledAt("mentions", "?1", "?3")+` = 1
				FROM chat_feed f WHERE f.feed = ?2`, id[:], k.Feed, k.Stamp).Scan(&may)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return nil, store.Classify(err)
			}
			out[k] = may
		}
	}
	return out, nil
}

// messagesOut turns rows that stand in order into what the screen shows; own
// messages get their state.
func (c *Chat) messagesOut(ctx context.Context, id, workspace wire.SpaceID, all []message) ([]*v1.Message, error) {
	out := make([]*v1.Message, 0, len(all))
	if len(all) == 0 {
		return out, nil
	}
	s, err := c.surround(ctx, id, workspace, all)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		v := c.plain(ctx, id, workspace, m)
		if v.IsMine {
			if err := c.outbound(ctx, id, m, v, s.seen); err != nil {
				return nil, err
			}
		}
		v.Thread = s.threads[place{m.Feed, m.Seq}]
		v.CanRecall = s.open && !m.isRecalled() && (s.manages || v.IsMine && v.SentUnixMs >= s.recallFrom)
		if !m.isRecalled() {
			v.CanEdit = s.open && v.IsMine && m.text != ""
			if err := c.dress(ctx, id, m, v, s); err != nil {
				return nil, err
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// dress adds what others made of a message, and what it carries.
func (c *Chat) dress(ctx context.Context, id wire.SpaceID, m message, v *v1.Message, s surroundings) error {
	at := place{m.Feed, m.Seq}
	v.Reactions, v.Pinned = s.reactions[at], s.pinned[at]
	for _, a := range s.files[m.MessageKey] {
		o, err := c.attachmentOut(ctx, id, m, a)
		if err != nil {
			return err
		}
		v.Attachments = append(v.Attachments, o)
	}
	for _, x := range s.mentions[m.MessageKey] {
		switch {
		case !x.Person.IsZero():
			v.Mentions = append(v.Mentions, &v1.Mention{PersonId: x.Person.String(), Label: x.Label})
			v.MentionsMe = v.MentionsMe || x.Person == c.Me.Person && !v.IsMine
		case s.everybody[m.MessageKey]:
			v.Mentions = append(v.Mentions, &v1.Mention{Label: x.Label})
			v.MentionsMe = v.MentionsMe || !v.IsMine
		}
	}
	v.Record = s.records[m.MessageKey].summary(s.files[m.MessageKey], c.isExternal)
	if m.reply != nil {
		if v.Reply = s.quotes[*m.reply]; v.Reply == nil {
			v.Reply = &v1.Quote{}
		}
	}
	return nil
}

// fed is what the states of messages of one feed hang on: where each was read.
type fed struct {
	feed  int64
	root  place // of a thread, or none
	shown bool
}

// outbound tells how far a message of ours has come.
func (c *Chat) outbound(ctx context.Context, id wire.SpaceID, m message, v *v1.Message, seen map[fed]progress) (err error) {
	at := fed{feed: m.Feed}
	if m.thread != nil {
		at.root, at.shown = *m.thread, m.shown
	}
	p, ok := seen[at]
	if !ok {
		if p, err = c.progressOf(ctx, id, m); err != nil {
			return err
		}
		seen[at] = p
	}
	v.DeliveredCount, v.ReadCount, v.State = p.sum(m.Seq)
	v.OtherCount = int32(len(p.others))
	return nil
}
