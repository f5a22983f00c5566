package chat

import (
	"context"
	"errors"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// maxMentions bounds the mentions of one message.
const maxMentions = 100

// mention names somebody in a message: the text has an "@" and the label, as the
// person was called then. No person means everybody; that counts only by somebody
// who manages the conversation, or where its rules let everybody.
type mention struct {
	_      struct{} `cbor:",toarray"`
	Person wire.PersonID
	Label  string
}

func validMentions(all []mention, text string) bool {
	if len(all) > maxMentions {
		return false
	}
	for _, m := range all {
		clean, err := name.Check(m.Label, wire.MaxName)
		if err != nil || clean != m.Label || !strings.Contains(text, "@"+m.Label) {
			return false
		}
	}
	return true
}

// mentions keeps whom a message mentions.
func mentions(tx *projection.Tx, room int64, k MessageKey, all []mention) (err error) {
	for n, m := range all {
		person := m.Person[:]
		if m.Person.IsZero() {
			person = []byte{}
		}
		_, e := tx.Exec(`INSERT OR IGNORE INTO chat_mention VALUES(?, ?, ?, ?, ?, ?, ?)`, room, k.Stamp, k.Feed, k.Seq, n, person, m.Label)
		err = errors.Join(err, e)
	}
	return err
}

// parseMentions reads what the door says. Errors: errcode.InvalidArgument,
// errcode.Forbidden (everybody, by who may not).
func (c *Chat) parseMentions(ctx context.Context, id wire.SpaceID, all []*v1.Mention, text string) (out []mention, err error) {
	for _, m := range all {
		var person wire.PersonID
		if m.PersonId != "" {
			if person, err = wire.ParsePersonID(m.PersonId); err != nil {
				return nil, errcode.With(errcode.InvalidArgument, err)
			}
		} else if !c.mayMentionAll(ctx, id) {
			return nil, errcode.Forbidden
		}
		out = append(out, mention{Person: person, Label: m.Label})
	}
	if !validMentions(out, text) {
		return nil, errcode.InvalidArgument
	}
	return out, nil
}

// mentioned are the mentions of a page. every says which of those of everybody count.
func (c *Chat) mentioned(ctx context.Context, id wire.SpaceID, all []message) (map[MessageKey][]mention, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT stamp, feed, seq, person, label FROM chat_mention
		WHERE space = (SELECT id FROM chat_room WHERE space = ?) AND (stamp, feed, seq) BETWEEN (?, ?, ?) AND (?, ?, ?) ORDER BY stamp, feed, seq, n`,
		span(id, all)...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[MessageKey][]mention{}
	for rows.Next() {
		var k MessageKey
		var m mention
		var person []byte
		if err := rows.Scan(&k.Stamp, &k.Feed, &k.Seq, &person, &m.Label); err != nil {
			return nil, store.Classify(err)
		}
		if len(person) > 0 {
			m.Person = wire.PersonID(person)
		}
		out[k] = append(out[k], m)
	}
	return out, store.Classify(rows.Err())
}

// span gives what names the rows of messages that stand in order.
func span(id wire.SpaceID, all []message) []any {
	from, to := all[0], all[len(all)-1]
	return []any{id[:], from.Stamp, from.Feed, from.Seq, to.Stamp, to.Feed, to.Seq}
}

// mentionsUs finds the first unread message, from the first unread one on, that
// mentions us, or, if that is asked for, everybody by somebody who may.
func (c *Chat) mentionsUs(ctx context.Context, id wire.SpaceID, from MessageKey, everybody bool) (*MessageKey, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT x.stamp, x.feed, x.seq FROM chat_mention x
		JOIN chat_feed f ON f.feed = x.feed
		JOIN chat_message m ON m.space = x.space AND m.stamp = x.stamp AND m.feed = x.feed AND m.seq = x.seq AND m.aside = 0
		LEFT JOIN chat_changed g ON g.space = x.space AND g.stamp = x.stamp AND g.feed = x.feed AND g.seq = x.seq
		LEFT JOIN chat_read r ON r.space = f.space AND r.person = ?1 AND r.device = f.device AND r.start = f.start
		LEFT JOIN chatlocal_read l ON l.space = f.space AND l.device = f.device AND l.start = f.start
		WHERE x.space = (SELECT id FROM chat_room WHERE space = ?2) AND (x.person = ?1 OR ?4 AND x.person = x'') AND x.stamp >= ?3 AND f.person <> ?1
			AND x.seq > max(coalesce(r.seq, 0), coalesce(l.seq, 0)) AND length(coalesce(g.recaller, x'')) = 0
			AND (x.person <> x'' OR f.person IN (SELECT person FROM chat_admin WHERE space = ?2) OR `+ruledAt("mentions", "?2", "x.stamp")+` = 1)
		ORDER BY x.stamp, x.feed, x.seq LIMIT 1`, c.Me.Person[:], id[:], from.Stamp, everybody)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, store.Classify(rows.Err())
	}
	var k MessageKey
	if err := rows.Scan(&k.Stamp, &k.Feed, &k.Seq); err != nil {
		return nil, store.Classify(err)
	}
	return &k, nil
}
