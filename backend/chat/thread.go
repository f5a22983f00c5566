package chat

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"roundtable/backend/envelope"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local_thread.sql
var threadSchema string

// ThreadRead says up to where its author has read in a thread. Marks of the
// conversation say nothing of replies that are not shown there: a mark covers all
// of a feed up to a sequence, and who reads the conversation has not seen them.
const ThreadRead event.Kind = "chat.thread_read"

// threaded makes a message a reply in the thread that begins at another one, which
// need not be here. Replies name the first message and never each other; one that
// names a reply nevertheless begins a thread at that reply.
type threaded struct {
	_    struct{} `cbor:",toarray"`
	Root ref
	// Shown: in the conversation, too.
	Shown bool
}

func (t *threaded) valid() bool { return t == nil || t.Root.valid() }

type threadRead struct {
	Message ref    `cbor:"1,keyasint"` // at which the thread began
	Marks   []mark `cbor:"2,keyasint"`
}

// isHidden reports whether a message stands in its thread alone.
func (t *threaded) isHidden() bool { return t != nil && !t.Shown }

// follows reports whether what a reply names can have been before it: a feed's own
// later messages cannot.
func (t *threaded) follows(id wire.SpaceID, k MessageKey) bool {
	return t == nil || t.Root.in(id) != k.Feed || int64(t.Root.Seq) < k.Seq
}

// replies keeps in which thread a message is.
func replies(tx *projection.Tx, id wire.SpaceID, room int64, k MessageKey, t *threaded) error {
	if t == nil {
		return nil
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO chat_thread VALUES(?, ?, ?, ?, ?, ?, ?)`, room, k.Stamp, k.Feed, k.Seq, t.Root.in(id), int64(t.Root.Seq), t.Shown)
	return err
}

// threadMarked takes how far somebody has read in a thread.
func (p *Projection) threadMarked(tx *projection.Tx, e eventlog.Event) error {
	var body threadRead
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.Message.valid() || len(body.Marks) > maxMarks {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	room, err := p.room(tx, e.Space)
	if err != nil {
		return err
	}
	root := place{body.Message.in(e.Space), int64(body.Message.Seq)}
	for _, m := range body.Marks {
		if m.Seq >= 1<<62 || m.Start >= 1<<62 {
			continue
		}
		feed := feedNumber(e.Space, envelope.Feed{Device: m.Device, Start: m.Start, Lane: envelope.Content})
		if _, err := tx.Exec(`INSERT INTO chat_thread_read VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
			room, root.feed, root.seq, e.Person[:], feed, int64(m.Seq)); err != nil {
			return err
		}
	}
	tx.Changed(topic(e.Space))
	if e.Person == p.Me {
		tx.Changed("chat")
	}
	return nil
}

// thread names a thread on this device: by where its first message stands.
func (p place) thread() string { return fmt.Sprintf("t%d.%d", p.feed, p.seq) }

// parseThread reads the name of a thread, or of a message at which one begins or in
// which a reply is. Errors: errcode.InvalidArgument, errcode.NotFound.
func (c *Chat) parseThread(ctx context.Context, id wire.SpaceID, text string) (place, error) {
	if rest, ok := strings.CutPrefix(text, "t"); ok {
		feed, seq, _ := strings.Cut(rest, ".")
		f, err := strconv.ParseInt(feed, 10, 64)
		s, err2 := strconv.ParseInt(seq, 10, 64)
		if err != nil || err2 != nil {
			return place{}, errcode.InvalidArgument
		}
		return place{f, s}, nil
	}
	k, err := parseKey(text)
	if err != nil {
		return place{}, err
	}
	m, err := c.one(ctx, id, k)
	if err != nil {
		return place{}, err
	}
	if m.thread != nil {
		return *m.thread, nil
	}
	return place{m.Feed, m.Seq}, nil
}

// threadRef gives the name of a thread for other devices.
// Errors: errcode.NotFound where nothing of the feed in which it began is here.
func (c *Chat) threadRef(ctx context.Context, id wire.SpaceID, root place) (ref, error) {
	r := ref{Seq: uint64(root.seq)}
	var device []byte
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT device, start FROM chat_feed WHERE feed = ? AND space = ?`, root.feed, id[:])
	if err != nil {
		return r, store.Classify(err)
	}
	defer rows.Close()
	if !rows.Next() {
		return r, orElse(store.Classify(rows.Err()), errcode.NotFound)
	}
	if err := rows.Scan(&device, &r.Start); err != nil {
		return r, store.Classify(err)
	}
	r.Device = wire.DeviceID(device)
	return r, nil
}

// threadOf reads what the door says of the thread of a message. A thread goes on
// after its first message was recalled, but none begins there.
// Errors: errcode.NotFound, errcode.MessageRecalled, errcode.InvalidArgument.
func (c *Chat) threadOf(ctx context.Context, id wire.SpaceID, name string, shown bool) (*threaded, error) {
	if name == "" {
		return nil, nil
	}
	root, err := c.parseThread(ctx, id, name)
	if err != nil {
		return nil, err
	}
	first, err := c.at(ctx, id, []place{root})
	if err != nil {
		return nil, err
	}
	summaries, err := c.threads(ctx, id, id, []place{root})
	if err != nil {
		return nil, err
	}
	m, here := first[root]
	switch begun := summaries[root] != nil; {
	case !here && !begun:
		return nil, errcode.NotFound
	case here && m.isRecalled() && !begun:
		return nil, errcode.MessageRecalled
	}
	at, err := c.threadRef(ctx, id, root)
	if err != nil {
		return nil, err
	}
	return &threaded{Root: at, Shown: shown}, nil
}

// MarkThreadRead notes that a thread was on screen up to a reply.
// Errors: errcode.NotFound.
func (c *Chat) MarkThreadRead(ctx context.Context, id wire.SpaceID, root place, upTo MessageKey) error {
	marks, err := c.threadMarks(ctx, id, root, upTo)
	if err != nil || len(marks) == 0 {
		return err
	}
	at, err := c.threadRef(ctx, id, root)
	if err != nil {
		return err
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		for _, m := range marks {
			feed := feedNumber(id, envelope.Feed{Device: m.Device, Start: m.Start, Lane: envelope.Content})
			if _, err := tx.Exec(`INSERT INTO chatlocal_thread VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
				id[:], root.feed, root.seq, feed, int64(m.Seq)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.Publish("chat", topic(id))
	if !c.SendReceipts() || !c.open(id) {
		return nil
	}
	for len(marks) > 0 {
		n := min(len(marks), maxMarks)
		if _, err := c.Log.Append(ctx, id, eventlog.Draft{Kind: ThreadRead, Body: threadRead{Message: at, Marks: marks[:n]}}); err != nil {
			return err
		}
		marks = marks[n:]
	}
	return nil
}
