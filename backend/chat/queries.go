package chat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	defaultPage = 50
	maxPage     = 200
	// maxUnread is where counting stops; the screen says "999+".
	maxUnread = 1000
)

// String is the text form of a key.
func (k MessageKey) String() string { return fmt.Sprintf("m%d.%d.%d", k.Stamp, k.Feed, k.Seq) }

// parseKey reads the text form. Errors: errcode.InvalidArgument.
func parseKey(text string) (MessageKey, error) {
	rest, ok := strings.CutPrefix(text, "m")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 3 {
		return MessageKey{}, errcode.InvalidArgument
	}
	var n [3]int64
	for i, p := range parts {
		v, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return MessageKey{}, errcode.With(errcode.InvalidArgument, err)
		}
		n[i] = v
	}
	return MessageKey{n[0], n[1], n[2]}, nil
}

// message is one row with its author.
type message struct {
	MessageKey
	flags  int
	text   string
	person wire.PersonID
	device wire.DeviceID
	start  uint64
	note   *note // nil for most
	// reply is what it answers to, nil for most.
	reply *place
	// edited is the stamp of the edit that counts, 0: none. recaller took it back, zero: nobody.
	edited    int64
	recaller  wire.PersonID
	forwarded *forwarded // nil for most
	// thread is where the thread began in which this is a reply, nil for most; shown: in the conversation, too.
	thread *place
	shown  bool
}

func (m message) isRecalled() bool { return !m.recaller.IsZero() }

const (
	messageSelect = `SELECT m.stamp, m.feed, m.seq, m.flags, m.text, f.person, f.device, f.start, n.call, coalesce(n.at, 0),
	coalesce(q.rfeed, 0), coalesce(q.rseq, 0), coalesce(g.edited, 0), coalesce(g.recaller, x''), w.person, coalesce(w.name, ''), coalesce(w.at, 0),
	coalesce(t.rfeed, 0), coalesce(t.rseq, 0), coalesce(t.shown, 0)`
	messageJoins = ` JOIN chat_feed f ON f.feed = m.feed
	LEFT JOIN chat_note n ON n.space = m.space AND n.stamp = m.stamp AND n.feed = m.feed AND n.seq = m.seq
	LEFT JOIN chat_reply q ON q.space = m.space AND q.stamp = m.stamp AND q.feed = m.feed AND q.seq = m.seq
	LEFT JOIN chat_changed g ON g.space = m.space AND g.stamp = m.stamp AND g.feed = m.feed AND g.seq = m.seq
	LEFT JOIN chat_forward w ON w.space = m.space AND w.stamp = m.stamp AND w.feed = m.feed AND w.seq = m.seq
	LEFT JOIN chat_thread t ON t.space = m.space AND t.stamp = m.stamp AND t.feed = m.feed AND t.seq = m.seq`
	messageColumns = messageSelect + ` FROM chat_message m` + messageJoins + ` WHERE m.space = (SELECT id FROM chat_room WHERE space = ?) AND coalesce(g.recaller, x'') <> zeroblob(32)`
)

func (c *Chat) query(ctx context.Context, query string, args ...any) ([]message, error) {
	rows, err := c.DB.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	var out []message
	for rows.Next() {
		m, ok, err := scanMessage(rows)
		if err != nil {
			return nil, store.Classify(err)
		}
		if ok {
			out = append(out, m)
		}
	}
	return out, store.Classify(rows.Err())
}

// scanMessage reads a row of messageSelect, and what else was selected after it; false for one that is nowhere.
func scanMessage(rows *sql.Rows, more ...any) (m message, ok bool, err error) {
	var person, device, call, recaller, origin []byte
	var at uint64
	var reply, root place
	var from forwarded
	if err := rows.Scan(append([]any{&m.Stamp, &m.Feed, &m.Seq, &m.flags, &m.text, &person, &device, &m.start, &call, &at,
		&reply.feed, &reply.seq, &m.edited, &recaller, &origin, &from.Name, &from.At,
		&root.feed, &root.seq, &m.shown}, more...)...); err != nil || isBarredRow(recaller) {
		return m, false, err
	}
	if reply.seq > 0 {
		m.reply = &reply
	}
	if root.seq > 0 {
		m.thread = &root
	}
	if len(recaller) > 0 {
		m.recaller = wire.PersonID(recaller)
	}
	if len(origin) > 0 {
		from.Person, m.forwarded = wire.PersonID(origin), &from
	}
	m.person, m.device = wire.PersonID(person), wire.DeviceID(device)
	if len(call) == len(wire.CallID{}) {
		m.note = &note{Call: wire.CallID(call), At: at}
	}
	return m, true, nil
}

// before gives up to n messages that end just before a key, oldest first; with
// from, that message too.
func (c *Chat) before(ctx context.Context, id wire.SpaceID, k MessageKey, n int) ([]message, error) {
	out, err := c.query(ctx, messageColumns+` AND m.aside = 0 AND (m.stamp, m.feed, m.seq) < (?, ?, ?)
		ORDER BY m.stamp DESC, m.feed DESC, m.seq DESC LIMIT ?`, id[:], k.Stamp, k.Feed, k.Seq, n)
	slices.Reverse(out)
	return out, err
}

// after gives up to n messages that start at (when included) or after a key.
func (c *Chat) after(ctx context.Context, id wire.SpaceID, k MessageKey, included bool, n int) ([]message, error) {
	op := ">"
	if included {
		op = ">="
	}
	return c.query(ctx, messageColumns+` AND m.aside = 0 AND (m.stamp, m.feed, m.seq) `+op+` (?, ?, ?)
		ORDER BY m.stamp, m.feed, m.seq LIMIT ?`, id[:], k.Stamp, k.Feed, k.Seq, n)
}

var newest = MessageKey{Stamp: 1<<63 - 1}

// one finds a message by its key. Errors: errcode.NotFound.
func (c *Chat) one(ctx context.Context, id wire.SpaceID, k MessageKey) (message, error) {
	out, err := c.query(ctx, messageColumns+` AND m.stamp = ? AND m.feed = ? AND m.seq = ?`, id[:], k.Stamp, k.Feed, k.Seq)
	if err != nil || len(out) == 1 {
		if err != nil {
			return message{}, err
		}
		return out[0], nil
	}
	return message{}, errcode.NotFound
}

// unreadFrom joins the messages of others that lie beyond our marks. What was
// written before we joined counts as read.
const unreadFrom = ` FROM chat_feed f
	LEFT JOIN chat_read r ON r.space = f.space AND r.person = ?1 AND r.device = f.device AND r.start = f.start
	LEFT JOIN chatlocal_read l ON l.space = f.space AND l.device = f.device AND l.start = f.start
	JOIN chat_message m ON m.feed = f.feed AND m.seq > max(coalesce(r.seq, 0), coalesce(l.seq, 0))
	LEFT JOIN chat_changed g ON g.space = m.space AND g.stamp = m.stamp AND g.feed = m.feed AND g.seq = m.seq
	WHERE f.space = ?2 AND f.person <> ?1 AND m.aside = 0`

// standing leaves out what was recalled: nobody has to read that.
const standing = ` AND length(coalesce(g.recaller, x'')) = 0`

// began is when we first wrote since we joined, by our own clock: the clock of
// whoever let us in may run ahead, and what is said meanwhile is unread all the same.
func (c *Chat) began(id wire.SpaceID) int64 {
	var since uint64
	_ = c.Log.View(id, func(s *space.State) { since = s.Since(c.Log.Self()) })
	k := joining{id, since}
	if first, known := c.begun.Load(k); known {
		return first.(int64) // later feeds begin later
	}
	first := int64(math.MaxInt64 >> 16)
	for f := range c.Log.Frontier(id) {
		if f.Device == c.Log.Self() && f.Start >= since {
			first = min(first, int64(f.Start))
			c.begun.Store(k, first)
		}
	}
	return first
}

// joining is one time at which we were let into a space.
type joining struct {
	space wire.SpaceID
	since uint64
}

// unread counts, up to maxUnread, and finds the first.
func (c *Chat) unread(ctx context.Context, id wire.SpaceID) (int, *MessageKey, error) {
	since, known, err := c.since(ctx, id)
	if err != nil || !known {
		return 0, nil, err
	}
	var n int
	err = c.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1`+unreadFrom+standing+` AND m.stamp > ?3 LIMIT ?4)`,
		c.Me.Person[:], id[:], since, maxUnread).Scan(&n)
	if err != nil || n == 0 {
		return 0, nil, store.Classify(err)
	}
	var k MessageKey
	err = c.DB.Read().QueryRowContext(ctx, `SELECT m.stamp, m.feed, m.seq`+unreadFrom+standing+` AND m.stamp > ?3 ORDER BY m.stamp, m.feed, m.seq LIMIT 1`,
		c.Me.Person[:], id[:], since).Scan(&k.Stamp, &k.Feed, &k.Seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil // between the two looks it was read, or taken back
	}
	return n, &k, store.Classify(err)
}

// unreadMarks lists the marks that reading up to a message moves.
func (c *Chat) unreadMarks(ctx context.Context, id wire.SpaceID, upTo MessageKey) ([]mark, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT f.device, f.start, max(m.seq)`+unreadFrom+`
		AND (m.stamp, m.feed, m.seq) <= (?3, ?4, ?5) AND m.flags < 2 GROUP BY f.feed`,
		c.Me.Person[:], id[:], upTo.Stamp, upTo.Feed, upTo.Seq)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	var out []mark
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
