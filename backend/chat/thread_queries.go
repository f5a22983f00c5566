package chat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/clock"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// maxThreads bounds the threads of a conversation that are listed.
	maxThreads = 200
	// maxFaces bounds the people whom a thread names.
	maxFaces = 5
)

// oursFrom finds the threads of a space that we take part in: those that we began or
// replied in, and those in which somebody mentions us by name.
const oursFrom = `SELECT t.rfeed, t.rseq FROM chat_feed f JOIN chat_thread t INDEXED BY chat_thread_feed ON t.space = o.id AND t.feed = f.feed
		WHERE f.space = ?2 AND f.person = ?1
	UNION SELECT t.rfeed, t.rseq FROM chat_feed f JOIN chat_thread t INDEXED BY chat_thread_root ON t.space = o.id AND t.rfeed = f.feed
		WHERE f.space = ?2 AND f.person = ?1
	UNION SELECT t.rfeed, t.rseq FROM chat_mention x JOIN chat_thread t ON t.space = x.space AND t.stamp = x.stamp AND t.feed = x.feed AND t.seq = x.seq
		LEFT JOIN chat_changed g ON g.space = x.space AND g.stamp = x.stamp AND g.feed = x.feed AND g.seq = x.seq
		WHERE x.space = o.id AND x.person = ?1 AND length(coalesce(g.recaller, x'')) = 0
	UNION SELECT x.feed, x.seq FROM chat_mention x
		LEFT JOIN chat_changed g ON g.space = x.space AND g.stamp = x.stamp AND g.feed = x.feed AND g.seq = x.seq
		WHERE x.space = o.id AND x.person = ?1 AND length(coalesce(g.recaller, x'')) = 0
			AND EXISTS (SELECT 1 FROM chat_thread t INDEXED BY chat_thread_root WHERE t.space = o.id AND t.rfeed = x.feed AND t.rseq = x.seq)`

// withOurs begins a query with them; ?1 is our person, ?2 the space.
var withOurs = `WITH ours AS (` + strings.ReplaceAll(oursFrom, "o.id", "(SELECT id FROM chat_room WHERE space = ?2)") + `) `

// threadJoins adds to a reply t who wrote it, whether it was recalled, and how far
// we have read. A reply that is shown in the conversation is read there, too.
const threadJoins = ` JOIN chat_feed f ON f.feed = t.feed
	LEFT JOIN chat_changed g ON g.space = t.space AND g.stamp = t.stamp AND g.feed = t.feed AND g.seq = t.seq
	LEFT JOIN chat_thread_read r ON r.space = t.space AND r.rfeed = t.rfeed AND r.rseq = t.rseq AND r.person = ?1 AND r.feed = t.feed
	LEFT JOIN chatlocal_thread l ON l.space = ?2 AND l.rfeed = t.rfeed AND l.rseq = t.rseq AND l.feed = t.feed
	LEFT JOIN chat_read cr ON t.shown AND cr.space = f.space AND cr.person = ?1 AND cr.device = f.device AND cr.start = f.start
	LEFT JOIN chatlocal_read cl ON t.shown AND cl.space = f.space AND cl.device = f.device AND cl.start = f.start`

// threadUnread asks of a row of threadJoins whether we have to read it; ?3 is since when.
const threadUnread = `(f.person <> ?1 AND t.stamp > ?3 AND length(coalesce(g.recaller, x'')) = 0
	AND t.seq > max(coalesce(r.seq, 0), coalesce(l.seq, 0), coalesce(cr.seq, 0), coalesce(cl.seq, 0)))`

// since is the stamp from which on what others wrote can be unread to us; false
// where the conversation is not known.
func (c *Chat) since(ctx context.Context, id wire.SpaceID) (int64, bool, error) {
	var joined sql.NullInt64
	err := c.DB.Read().QueryRowContext(ctx, `SELECT joined FROM chat_space WHERE space = ?`, id[:]).Scan(&joined)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return min(joined.Int64, c.began(id)) << 16, err == nil, store.Classify(err)
}

// ours are the threads of a conversation that we take part in.
func (c *Chat) ours(ctx context.Context, id wire.SpaceID) (map[place]bool, error) {
	all, err := c.places(ctx, withOurs+`SELECT rfeed, rseq FROM ours`, c.Me.Person[:], id[:])
	out := map[place]bool{}
	for _, p := range all {
		out[p] = true
	}
	return out, err
}

func (c *Chat) places(ctx context.Context, query string, args ...any) (out []place, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var p place
		if err := rows.Scan(&p.feed, &p.seq); err != nil {
			return nil, store.Classify(err)
		}
		out = append(out, p)
	}
	return out, store.Classify(rows.Err())
}

// unreadThreads counts the unread replies of our threads that are shown nowhere else,
// up to maxUnread, and finds the first that mentions us or everybody.
func (c *Chat) unreadThreads(ctx context.Context, id wire.SpaceID) (n int, mention *MessageKey, err error) {
	since, known, err := c.since(ctx, id)
	if err != nil || !known {
		return 0, nil, err
	}
	from := ` FROM ours CROSS JOIN chat_thread t INDEXED BY chat_thread_root ON t.space = (SELECT id FROM chat_room WHERE space = ?2) AND t.rfeed = ours.rfeed AND t.rseq = ours.rseq` +
		threadJoins + ` WHERE NOT t.shown AND ` + threadUnread
	err = c.DB.Read().QueryRowContext(ctx, withOurs+`SELECT count(*) FROM (SELECT 1`+from+` LIMIT ?4)`, c.Me.Person[:], id[:], since, maxUnread).Scan(&n)
	if err != nil || n == 0 {
		return 0, nil, store.Classify(err)
	}
	var k MessageKey
	err = c.DB.Read().QueryRowContext(ctx, withOurs+`SELECT t.stamp, t.feed, t.seq`+from+` AND EXISTS (SELECT 1 FROM chat_mention x
			WHERE x.space = t.space AND x.stamp = t.stamp AND x.feed = t.feed AND x.seq = t.seq AND x.person = ?1)
		ORDER BY t.stamp, t.feed, t.seq LIMIT 1`, c.Me.Person[:], id[:], since).Scan(&k.Stamp, &k.Feed, &k.Seq)
	if errors.Is(err, sql.ErrNoRows) {
		return n, nil, nil
	}
	return n, &k, store.Classify(err)
}

// threads tells of the threads that begin at places; of a message without one nothing.
func (c *Chat) threads(ctx context.Context, id, workspace wire.SpaceID, all []place) (map[place]*v1.ThreadSummary, error) {
	out := map[place]*v1.ThreadSummary{}
	since, _, err := c.since(ctx, id)
	for ; len(all) > 0 && err == nil; all = all[min(len(all), maxPage):] {
		err = c.countThreads(ctx, id, since, all[:min(len(all), maxPage)], out)
	}
	if err != nil || len(out) == 0 {
		return out, err
	}
	ours, err := c.ours(ctx, id)
	if err != nil {
		return nil, err
	}
	for p, s := range out {
		if s.IsOurs = ours[p]; !s.IsOurs {
			s.Unread = 0
		}
		if err := c.faces(ctx, id, workspace, p, s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Chat) countThreads(ctx context.Context, id wire.SpaceID, since int64, all []place, out map[place]*v1.ThreadSummary) error {
	args := []any{c.Me.Person[:], id[:], since}
	var values []string
	for _, p := range all {
		values = append(values, fmt.Sprintf(`(?%d, ?%d)`, len(args)+1, len(args)+2)) // plain ones would count from 1
		args = append(args, p.feed, p.seq)
	}
	rows, err := c.DB.Read().QueryContext(ctx, `WITH v(feed, seq) AS (VALUES `+strings.Join(values, ", ")+`)
		SELECT t.rfeed, t.rseq, sum(length(coalesce(g.recaller, x'')) = 0), max(t.stamp), sum(`+threadUnread+`) FROM v
		CROSS JOIN chat_thread t INDEXED BY chat_thread_root ON t.space = (SELECT id FROM chat_room WHERE space = ?2) AND t.rfeed = v.feed AND t.rseq = v.seq`+
		threadJoins+` GROUP BY t.rfeed, t.rseq`, args...)
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var p place
		var stamp int64
		s := &v1.ThreadSummary{}
		if err := rows.Scan(&p.feed, &p.seq, &s.Replies, &stamp, &s.Unread); err != nil {
			return store.Classify(err)
		}
		s.Id, s.LastUnixMs = p.thread(), clock.Stamp(stamp).UnixMilli()
		out[p] = s
	}
	return store.Classify(rows.Err())
}

// faces adds who wrote last in a thread.
func (c *Chat) faces(ctx context.Context, id, workspace wire.SpaceID, root place, s *v1.ThreadSummary) error {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT f.person, max(t.stamp) AS last FROM chat_thread t INDEXED BY chat_thread_root JOIN chat_feed f ON f.feed = t.feed
		LEFT JOIN chat_changed g ON g.space = t.space AND g.stamp = t.stamp AND g.feed = t.feed AND g.seq = t.seq
		WHERE t.space = (SELECT id FROM chat_room WHERE space = ?) AND t.rfeed = ? AND t.rseq = ? AND length(coalesce(g.recaller, x'')) = 0
		GROUP BY f.person ORDER BY last DESC, f.person LIMIT ?`, id[:], root.feed, root.seq, maxFaces)
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var person []byte
		var last int64
		if err := rows.Scan(&person, &last); err != nil {
			return store.Classify(err)
		}
		p := wire.PersonID(person)
		s.People = append(s.People, &v1.ThreadPerson{PersonId: p.String(), PersonName: c.Name(ctx, workspace, p)})
		if len(s.People) == 1 {
			s.LastPersonId, s.LastPersonName, s.LastUnixMs = s.People[0].PersonId, s.People[0].PersonName, clock.Stamp(last).UnixMilli()
		}
	}
	return store.Classify(rows.Err())
}

// latestThreads are the threads of a conversation, those that were written in last first.
func (c *Chat) latestThreads(ctx context.Context, id wire.SpaceID) ([]place, error) {
	return c.places(ctx, `SELECT rfeed, rseq FROM chat_thread INDEXED BY chat_thread_root WHERE space = (SELECT id FROM chat_room WHERE space = ?)
		GROUP BY rfeed, rseq ORDER BY max(stamp) DESC, rfeed, rseq LIMIT ?`, id[:], maxThreads)
}

const threadColumns = messageSelect + ` FROM chat_thread v INDEXED BY chat_thread_root
	CROSS JOIN chat_message m ON m.space = v.space AND m.stamp = v.stamp AND m.feed = v.feed AND m.seq = v.seq` + messageJoins + `
	WHERE v.space = (SELECT id FROM chat_room WHERE space = ?) AND v.rfeed = ? AND v.rseq = ?`

// repliesOf reads a thread as pages of a conversation are read.
func (c *Chat) repliesOf(id wire.SpaceID, root place) pages {
	return pages{
		before: func(ctx context.Context, k MessageKey, n int) ([]message, error) {
			out, err := c.query(ctx, threadColumns+` AND (v.stamp, v.feed, v.seq) < (?, ?, ?)
				ORDER BY v.stamp DESC, v.feed DESC, v.seq DESC LIMIT ?`, id[:], root.feed, root.seq, k.Stamp, k.Feed, k.Seq, n)
			slices.Reverse(out)
			return out, err
		},
		after: func(ctx context.Context, k MessageKey, included bool, n int) ([]message, error) {
			op := ">"
			if included {
				op = ">="
			}
			return c.query(ctx, threadColumns+` AND (v.stamp, v.feed, v.seq) `+op+` (?, ?, ?)
				ORDER BY v.stamp, v.feed, v.seq LIMIT ?`, id[:], root.feed, root.seq, k.Stamp, k.Feed, k.Seq, n)
		},
		unread: func(ctx context.Context) (int, *MessageKey, error) {
			since, known, err := c.since(ctx, id)
			if err != nil || !known {
				return 0, nil, err
			}
			rows, err := c.DB.Read().QueryContext(ctx, `SELECT t.stamp, t.feed, t.seq FROM chat_thread t INDEXED BY chat_thread_root`+threadJoins+`
				WHERE t.space = (SELECT id FROM chat_room WHERE space = ?2) AND t.rfeed = ?4 AND t.rseq = ?5 AND `+threadUnread+` ORDER BY t.stamp, t.feed, t.seq LIMIT ?6`,
				c.Me.Person[:], id[:], since, root.feed, root.seq, maxUnread)
			if err != nil {
				return 0, nil, store.Classify(err)
			}
			defer rows.Close()
			n, first := 0, MessageKey{}
			for ; rows.Next(); n++ {
				if n == 0 {
					if err := rows.Scan(&first.Stamp, &first.Feed, &first.Seq); err != nil {
						return 0, nil, store.Classify(err)
					}
				}
			}
			if n == 0 {
				return 0, nil, store.Classify(rows.Err())
			}
			return n, &first, store.Classify(rows.Err())
		},
	}
}

// threadMarks lists the marks that reading a thread up to a reply moves.
func (c *Chat) threadMarks(ctx context.Context, id wire.SpaceID, root place, upTo MessageKey) (out []mark, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT f.device, f.start, max(t.seq) FROM chat_thread t INDEXED BY chat_thread_root`+threadJoins+`
		JOIN chat_message m ON m.space = t.space AND m.stamp = t.stamp AND m.feed = t.feed AND m.seq = t.seq
		WHERE t.space = (SELECT id FROM chat_room WHERE space = ?2) AND t.rfeed = ?3 AND t.rseq = ?4 AND f.person <> ?1 AND m.flags < 2
			AND (t.stamp, t.feed, t.seq) <= (?5, ?6, ?7) AND t.seq > max(coalesce(r.seq, 0), coalesce(l.seq, 0)) GROUP BY f.feed`,
		c.Me.Person[:], id[:], root.feed, root.seq, upTo.Stamp, upTo.Feed, upTo.Seq)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var m mark
		var device []byte
		if err := rows.Scan(&device, &m.Start, &m.Seq); err != nil {
			return nil, store.Classify(err)
		}
		m.Device = wire.DeviceID(device)
		out = append(out, m)
	}
	return out, store.Classify(rows.Err())
}

// addThreads counts what is unread in our threads with a conversation.
func (c *Chat) addThreads(ctx context.Context, v *conversation) error {
	n, mention, err := c.unreadThreads(ctx, v.id)
	v.inThreads = n
	v.unread = min(v.unread+n, maxUnread)
	if v.mention == nil {
		v.mention = mention
	}
	return err
}
