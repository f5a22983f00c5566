package chat

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// maxReactions bounds the emoji of one person at one message.
	maxReactions = 20
	// maxEmoji bounds the bytes of one emoji; families and flags of regions have some thirty.
	maxEmoji = 64
	// maxShown bounds the different emoji shown at one message, those that came first.
	maxShown = 50
	// maxReacted bounds the names that are told of one emoji.
	maxReacted = 500
)

// validEmoji reports whether a text may stand as a reaction: symbols only, so that
// nobody writes a message there, and nothing that turns the direction of text.
// Emoji of later Unicode versions are let pass by their block.
func validEmoji(text string) bool {
	if text == "" || len(text) > maxEmoji || !utf8.ValidString(text) {
		return false
	}
	symbols := 0
	for _, r := range text {
		switch {
		case r == 0x200d || r == 0xfe0f || r == 0x20e3 || r >= 0xe0020 && r <= 0xe007f: // joiner, variation, keycap, tags
		case r >= 0x1f000 && r <= 0x1faff, r > unicode.MaxASCII && unicode.In(r, unicode.So, unicode.Sm), r == 0x203c || r == 0x2049 || r == 0x3030 || r == 0x303d:
			symbols++
		case (r >= '0' && r <= '9' || r == '#' || r == '*') && strings.ContainsRune(text, 0x20e3):
			symbols++
		default:
			return false
		}
	}
	return symbols > 0 && symbols <= 8
}

// reacted keeps the last word of a person about its reactions to a message.
func (p *Projection) reacted(tx *projection.Tx, e eventlog.Event) error {
	var body reactionSet
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.Message.valid() || len(body.Emoji) > maxReactions {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	for n, emoji := range body.Emoji {
		if !validEmoji(emoji) || slices.Contains(body.Emoji[:n], emoji) {
			return nil
		}
	}
	room, err := p.room(tx, e.Space)
	if err != nil {
		return err
	}
	feed, seq, at := body.Message.in(e.Space), int64(body.Message.Seq), by(e)
	r, err := tx.Exec(`INSERT INTO chat_reacted VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		stamp = excluded.stamp, rfeed = excluded.rfeed, rseq = excluded.rseq
		WHERE (excluded.stamp, excluded.rfeed, excluded.rseq) > (stamp, rfeed, rseq)`, room, feed, seq, e.Person[:], at.Stamp, at.Feed, at.Seq)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return err // something later is known
	}
	if _, err := tx.Exec(`DELETE FROM chat_reaction WHERE space = ? AND feed = ? AND seq = ? AND person = ?`, room, feed, seq, e.Person[:]); err != nil {
		return err
	}
	for _, emoji := range body.Emoji {
		if _, err := tx.Exec(`INSERT INTO chat_reaction VALUES(?, ?, ?, ?, ?, ?)`, room, feed, seq, emoji, e.Person[:], at.Stamp); err != nil {
			return err
		}
	}
	tx.Changed(topic(e.Space))
	return nil
}

// reactions of a page, in the order in which they came first.
func (c *Chat) reactions(ctx context.Context, id wire.SpaceID, all []message) (map[place][]*v1.Reaction, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT x.feed, x.seq, x.emoji, count(*), max(x.person = ?8) FROM chat_message m
		CROSS JOIN chat_reaction x ON x.space = m.space AND x.feed = m.feed AND x.seq = m.seq
		WHERE m.space = (SELECT id FROM chat_room WHERE space = ?1) AND (m.stamp, m.feed, m.seq) BETWEEN (?2, ?3, ?4) AND (?5, ?6, ?7)
		GROUP BY x.feed, x.seq, x.emoji ORDER BY min(x.stamp), x.emoji`, append(span(id, all), c.Me.Person[:])...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[place][]*v1.Reaction{}
	for rows.Next() {
		var p place
		var r v1.Reaction
		if err := rows.Scan(&p.feed, &p.seq, &r.Emoji, &r.Count, &r.IsMine); err != nil {
			return nil, store.Classify(err)
		}
		if len(out[p]) < maxShown || r.IsMine {
			out[p] = append(out[p], &v1.Reaction{Emoji: r.Emoji, Count: r.Count, IsMine: r.IsMine})
		}
	}
	return out, store.Classify(rows.Err())
}

// React puts an emoji to a message or takes it away.
// Errors: errcode.InvalidArgument, errcode.ReactionLimit (max), errcode.MessageRecalled, errcode.NotMember, errcode.NotFound.
func (c *Chat) React(ctx context.Context, id wire.SpaceID, k MessageKey, emoji string, on bool) error {
	if !validEmoji(emoji) {
		return errcode.InvalidArgument
	}
	m, err := c.standing(ctx, id, k)
	if err != nil {
		return err
	}
	// Two at once would each leave out the other's.
	c.reacting.Lock()
	defer c.reacting.Unlock()
	mine, err := c.texts(ctx, `SELECT emoji FROM chat_reaction WHERE space = (SELECT id FROM chat_room WHERE space = ?) AND feed = ? AND seq = ? AND person = ?`, id[:], k.Feed, k.Seq, c.Me.Person[:])
	if err != nil || slices.Contains(mine, emoji) == on {
		return err
	}
	if on {
		mine = append(mine, emoji)
	} else {
		mine = slices.DeleteFunc(mine, func(x string) bool { return x == emoji })
	}
	if len(mine) > maxReactions {
		return errcode.Of(errcode.ReactionLimit, "max", maxReactions)
	}
	_, err = c.Log.Append(ctx, id, eventlog.Draft{Kind: ReactionSet, Body: reactionSet{Message: m.ref(), Emoji: mine}})
	return err
}

// texts reads one column.
func (c *Chat) texts(ctx context.Context, query string, args ...any) (out []string, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, store.Classify(err)
		}
		out = append(out, text)
	}
	return out, store.Classify(rows.Err())
}

// Reactions tells who reacted with what.
func (a API) Reactions(ctx context.Context, r *v1.MessageName) (*v1.ReactionsResponse, error) {
	c, id, k, err := a.attachmentOf(r.ConversationId, r.MessageId)
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
	shown, err := c.reactions(ctx, id, []message{m})
	if err != nil {
		return nil, err
	}
	out := &v1.ReactionsResponse{}
	for _, x := range shown[place{k.Feed, k.Seq}] {
		people, err := c.texts(ctx, `SELECT person FROM chat_reaction WHERE space = (SELECT id FROM chat_room WHERE space = ?)
			AND feed = ? AND seq = ? AND emoji = ? ORDER BY stamp, person LIMIT ?`, id[:], k.Feed, k.Seq, x.Emoji, maxReacted)
		if err != nil {
			return nil, err
		}
		who := &v1.Reacted{Emoji: x.Emoji, Count: x.Count}
		for _, text := range people {
			person := wire.PersonID([]byte(text))
			who.PersonNames, who.PersonIds = append(who.PersonNames, c.Name(ctx, v.workspace, person)), append(who.PersonIds, person.String())
		}
		out.Reactions = append(out.Reactions, who)
	}
	return out, nil
}

// SetReaction puts an emoji to a message, or takes it away.
func (a API) SetReaction(ctx context.Context, r *v1.SetReactionRequest) (*v1.Message, error) {
	c, id, k, err := a.attachmentOf(r.ConversationId, r.MessageId)
	if err != nil {
		return nil, err
	}
	return c.messageOut(ctx, id, k, c.React(ctx, id, k, r.Emoji, r.On))
}
