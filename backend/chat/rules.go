package chat

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// GroupRuled says what members of a conversation may do: all rules at once.
const GroupRuled event.Kind = "chat.group_ruled"

// maxRules bounds the rows of one person: the last rules of a conversation.
const maxRules = 64

// rules are what a conversation lets its members do. Zero is what holds where nobody
// said anything: everything, but to mention everybody. Managers may do everything.
type rules struct {
	// Describe, Add, Pin, Post: 1 keeps it to who manages the conversation.
	Describe uint8 `cbor:"1,keyasint,omitempty"`
	Add      uint8 `cbor:"2,keyasint,omitempty"`
	Pin      uint8 `cbor:"3,keyasint,omitempty"`
	Post     uint8 `cbor:"4,keyasint,omitempty"`
	// Reply: 1 lets everybody answer in threads where only managers post.
	Reply uint8 `cbor:"5,keyasint,omitempty"`
	// Mention: 1 lets everybody mention everybody.
	Mention uint8 `cbor:"6,keyasint,omitempty"`
}

func (r rules) valid() bool {
	return r.Describe|r.Add|r.Pin|r.Post|r.Reply|r.Mention <= 1
}

func rulesFrom(r *v1.GroupRules) rules {
	bit := func(b bool) uint8 {
		if b {
			return 1
		}
		return 0
	}
	return rules{bit(r.GetManagersDescribe()), bit(r.GetManagersAdd()), bit(r.GetManagersPin()), bit(r.GetManagersPost()), bit(r.GetAllReply()), bit(r.GetAllMention())}
}

func (r rules) out() *v1.GroupRules {
	return &v1.GroupRules{
		ManagersDescribe: r.Describe == 1, ManagersAdd: r.Add == 1, ManagersPin: r.Pin == 1, ManagersPost: r.Post == 1,
		AllReply: r.Reply == 1, AllMention: r.Mention == 1,
	}
}

// rulesAt are the rules of a space at a stamp: what somebody who manages it said last.
const rulesAt = `SELECT r.describes, r.adds, r.pins, r.posts, r.replies, r.mentions FROM chat_rule r
	JOIN chat_admin a ON a.space = r.space AND a.person = r.person
	WHERE r.space = ? AND r.stamp <= ? ORDER BY r.stamp DESC, r.device DESC, r.seq DESC LIMIT 1`

// ruledAt is one of them inside of another query, for the space and the stamp that
// two of its columns hold; 0 where nobody said anything.
func ruledAt(rule, space, stamp string) string {
	return `coalesce((SELECT r.` + rule + ` FROM chat_rule r JOIN chat_admin a ON a.space = r.space AND a.person = r.person
		WHERE r.space = ` + space + ` AND r.stamp <= ` + stamp + ` ORDER BY r.stamp DESC, r.device DESC, r.seq DESC LIMIT 1), 0)`
}

func scanRules(row interface{ Scan(...any) error }) (r rules, err error) {
	err = row.Scan(&r.Describe, &r.Add, &r.Pin, &r.Post, &r.Reply, &r.Mention)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return r, err
}

// ruled keeps what somebody says of a conversation's rules. Whether they may is asked
// when it is used: a role may become known later.
func (p *Projection) ruled(tx *projection.Tx, e eventlog.Event) error {
	var r rules
	if err := wire.Decode(e.Body, wire.MaxBody, &r); err != nil || !r.valid() {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	if _, err := tx.Exec(`INSERT OR IGNORE INTO chat_rule VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Space[:], e.Person[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq),
		r.Describe, r.Add, r.Pin, r.Post, r.Reply, r.Mention); err != nil {
		return err
	}
	delete(p.strict, e.Space)
	// What falls out no longer says anything about what was written after it.
	from := int64(e.Stamp)
	const old = ` FROM chat_rule WHERE space = ?1 AND person = ?2 AND (stamp, device, seq) IN
		(SELECT stamp, device, seq FROM chat_rule WHERE space = ?1 AND person = ?2 ORDER BY stamp DESC, device DESC, seq DESC LIMIT -1 OFFSET ?3)`
	var first sql.NullInt64
	if err := tx.QueryRow(`SELECT min(stamp)`+old, e.Space[:], e.Person[:], maxRules).Scan(&first); err != nil {
		return err
	}
	if first.Valid {
		from = min(from, first.Int64)
		if _, err := tx.Exec(`DELETE`+old, e.Space[:], e.Person[:], maxRules); err != nil {
			return err
		}
	}
	tx.Changed("chat", topic(e.Space))
	return errors.Join(p.judgeFrom(tx, e.Space, from), p.settle(tx, e.Space))
}

// isStrict reports whether anybody ever said that only managers post here: in most
// conversations nobody did, and then no message is asked about.
func (p *Projection) isStrict(tx *projection.Tx, id wire.SpaceID) (bool, error) {
	if strict, known := p.strict[id]; known {
		return strict, nil
	}
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM chat_rule WHERE space = ? AND posts = 1 LIMIT 1)`, id[:]).Scan(&n); err != nil {
		return false, err
	}
	p.strict[id] = n > 0
	tx.OnRollback(func() { clear(p.strict) })
	return n > 0, nil
}

// barredBy stands in a message's row for who took it back where its author might not
// write: such a message is nowhere, not even as a tombstone.
var barredBy = make([]byte, len(wire.PersonID{}))

// isBarred judges whether a message's author might write it, by the rules that held then.
func (p *Projection) isBarred(tx *projection.Tx, id wire.SpaceID, room int64, k MessageKey, author []byte) (bool, error) {
	strict, err := p.isStrict(tx, id)
	if err != nil || !strict {
		return false, err
	}
	var manages bool
	if err := tx.QueryRow(`SELECT count(*) FROM chat_admin WHERE space = ? AND person = ?`, id[:], author).Scan(&manages); err != nil || manages {
		return false, err
	}
	r, err := scanRules(tx.QueryRow(rulesAt, id[:], k.Stamp))
	if err != nil || r.Post == 0 {
		return false, err
	}
	if r.Reply == 0 {
		return true, nil
	}
	answers, err := p.answersInThread(tx, room, k)
	return !answers, err
}

// judgeFrom judges the messages of a space from a stamp on.
func (p *Projection) judgeFrom(tx *projection.Tx, id wire.SpaceID, stamp int64) error {
	rows, err := tx.Query(`SELECT m.feed, m.seq FROM chat_message m JOIN chat_feed f ON f.feed = m.feed
		WHERE m.space = (SELECT id FROM chat_room WHERE space = ?1) AND m.stamp >= ?2
			AND (f.person NOT IN (SELECT person FROM chat_admin WHERE space = ?1)
				OR EXISTS(SELECT 1 FROM chat_changed g WHERE g.space = m.space AND g.stamp = m.stamp AND g.feed = m.feed AND g.seq = m.seq AND g.recaller = ?3))`,
		id[:], stamp, barredBy)
	if err != nil {
		return err
	}
	var all []place
	for rows.Next() {
		var one place
		if err := rows.Scan(&one.feed, &one.seq); err != nil {
			return errors.Join(err, rows.Close())
		}
		all = append(all, one)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, one := range all {
		if err := p.judge(tx, id, one.feed, one.seq); err != nil {
			return err
		}
	}
	return nil
}

// rejudge judges by rules again after it became known who manages a space.
func (p *Projection) rejudge(tx *projection.Tx, id wire.SpaceID) error {
	var first sql.NullInt64
	if err := tx.QueryRow(`SELECT min(stamp) FROM chat_rule WHERE space = ?`, id[:]).Scan(&first); err != nil {
		return err
	}
	var err error
	if first.Valid {
		err = p.judgeFrom(tx, id, first.Int64)
	}
	return errors.Join(err, p.settle(tx, id))
}

// rules of a conversation now.
func (c *Chat) rules(ctx context.Context, id wire.SpaceID) (rules, error) {
	r, err := scanRules(c.DB.Read().QueryRowContext(ctx, rulesAt, id[:], int64(newest.Stamp)))
	return r, store.Classify(err)
}

// mayAll reports whether a rule lets us do something that managers may anyway.
func (c *Chat) mayAll(ctx context.Context, id wire.SpaceID, allowed func(rules) bool) bool {
	if c.manages(id) {
		return true
	}
	r, err := c.rules(ctx, id)
	return err == nil && allowed(r)
}

// mayPost reports whether we may write a message now, or one in a thread.
func (c *Chat) mayPost(ctx context.Context, id wire.SpaceID, inThread bool) bool {
	return c.open(id) && c.mayAll(ctx, id, func(r rules) bool { return r.Post == 0 || inThread && r.Reply == 1 })
}

// mayMentionAll reports whether we may mention everybody now.
func (c *Chat) mayMentionAll(ctx context.Context, id wire.SpaceID) bool {
	return c.kind(id) != space.Direct && c.mayAll(ctx, id, func(r rules) bool { return r.Mention == 1 })
}

// hasRules: conversations of two have none, and a meeting has its own.
func hasRules(k space.Kind) bool {
	return k == space.Group || k == space.Workspace || k == space.Circle
}

// SetRules sets what members of a group, a circle, or everyone's conversation may do.
// Errors: errcode.Forbidden, errcode.InvalidArgument.
func (c *Chat) SetRules(ctx context.Context, id wire.SpaceID, r rules) error {
	if !hasRules(c.kind(id)) || !r.valid() {
		return errcode.InvalidArgument
	}
	if !c.manages(id) {
		return errcode.Forbidden
	}
	now, err := c.rules(ctx, id)
	if err != nil || now == r {
		return err
	}
	_, err = c.Log.Append(ctx, id, eventlog.Draft{Kind: GroupRuled, Body: r})
	return err
}

// isBarredRow reports whether a row's recaller says that the message is nowhere.
func isBarredRow(recaller []byte) bool { return bytes.Equal(recaller, barredBy) }

// inThread reports whether a draft answers in a thread, and is shown nowhere else.
func (d draft) inThread() bool { return d.Thread.isHidden() }

// answersInThread reports whether a message that is here answers in a thread, and is shown nowhere else.
func (*Projection) answersInThread(tx *projection.Tx, room int64, k MessageKey) (aside bool, err error) {
	err = tx.QueryRow(`SELECT aside FROM chat_message WHERE (space, stamp, feed, seq) = (?, ?, ?, ?)`, room, k.Stamp, k.Feed, k.Seq).Scan(&aside)
	return aside, err
}
