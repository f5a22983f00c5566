package chat

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"

	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

const (
	flagAhead = 1
	flagEarly = 2
)

// Projection keeps the tables of this package.
type Projection struct {
	// Me is this device's person.
	Me wire.PersonID
	// rooms and feeds known to be in the tables; the writer's alone. They are
	// only ever hints: an undone write empties them.
	rooms map[wire.SpaceID]int64
	feeds map[int64]int64
	// deeds is the last sequence of a feed that is edited or recalled, 0: none.
	deeds map[int64]int64
	// strict are spaces in which somebody ever said that only managers post (isStrict).
	strict map[wire.SpaceID]bool
}

var _ projection.Projection = (*Projection)(nil)

// NewProjection makes the projection for a person.
func NewProjection(me wire.PersonID) *Projection {
	return &Projection{Me: me, rooms: map[wire.SpaceID]int64{}, feeds: map[int64]int64{}, deeds: map[int64]int64{}, strict: map[wire.SpaceID]bool{}}
}

func (*Projection) Name() string   { return "chat" }
func (*Projection) Version() int   { return 7 }
func (*Projection) Schema() string { return schema }

func topic(id wire.SpaceID) string { return "chat:" + id.String() }

// Apply takes one event.
func (p *Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	switch e.Kind {
	case MessagePosted:
		return p.message(tx, e, 0)
	case MessageEdited:
		return p.edited(tx, e)
	case MessageRecalled:
		return p.recalled(tx, e)
	case ReactionSet:
		return p.reacted(tx, e)
	case MessagePinned:
		return p.pinned(tx, e)
	case RecallSpanSet:
		return p.spanned(tx, e)
	case ReadMarked:
		return p.marked(tx, e)
	case ThreadRead:
		return p.threadMarked(tx, e)
	case GroupNamed:
		return p.named(tx, e)
	case GroupDescribed:
		return p.described(tx, e)
	case GroupPictured:
		return p.pictured(tx, e)
	case GroupRuled:
		return p.ruled(tx, e)
	}
	return nil
}

// Early shows a message before those that lead to it, marked as such: it goes
// again when the event turns out void. Other rows bear no mark and wait.
func (p *Projection) Early(tx *projection.Tx, e eventlog.Event) error {
	if e.Kind == MessagePosted {
		return p.message(tx, e, flagEarly)
	}
	return nil
}

// validText reports whether a text may be a message.
func validText(text string) bool {
	return len(text) > 0 && len(text) <= wire.MaxMessageText && utf8.ValidString(text) &&
		!trimmedEmpty(text) && !strings.ContainsRune(text, 0)
}

func trimmedEmpty(text string) bool { return strings.TrimSpace(text) == "" }

func (p *Projection) message(tx *projection.Tx, e eventlog.Event, flags int) error {
	var body messagePosted
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !validMessage(body) {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	room, err := p.room(tx, e.Space)
	if err != nil {
		return err
	}
	feed, err := p.feed(tx, e)
	if err != nil {
		return err
	}
	k := MessageKey{int64(e.Stamp), feed, int64(e.Seq)}
	if !body.Thread.follows(e.Space, k) {
		return nil
	}
	if e.Ahead {
		flags |= flagAhead
	}
	tx.Changed("chat", topic(e.Space))
	query := `INSERT INTO chat_message VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET flags = excluded.flags`
	if flags&flagEarly != 0 {
		query = `INSERT INTO chat_message VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	}
	if _, err = tx.Exec(query, room, int64(e.Stamp), feed, int64(e.Seq), flags, body.Text, body.Thread.isHidden()); err != nil {
		return err
	}
	if err := errors.Join(jot(tx, room, k, body.Note), attach(tx, room, k, body.Attachments), answers(tx, e.Space, room, k, body.Reply),
		mentions(tx, room, k, body.Mentions), carries(tx, room, k, body.Forwarded), replies(tx, e.Space, room, k, body.Thread), holds(tx, room, k, body.Record)); err != nil {
		return err
	}
	// What was made of it may have come before it, and so may the rules.
	strict, err := p.isStrict(tx, e.Space)
	if err != nil {
		return err
	}
	if last, err := p.lastDeed(tx, room, feed); err != nil || strict || k.Seq <= last {
		return errors.Join(err, p.judge(tx, e.Space, feed, k.Seq))
	}
	return p.textChanged(tx, room, k, body.Text)
}

// room gives a space's short name.
func (p *Projection) room(tx *projection.Tx, id wire.SpaceID) (int64, error) {
	if n, ok := p.rooms[id]; ok {
		return n, nil
	}
	if _, err := tx.Exec(`INSERT OR IGNORE INTO chat_room(space) VALUES(?)`, id[:]); err != nil {
		return 0, err
	}
	var n int64
	if err := tx.QueryRow(`SELECT id FROM chat_room WHERE space = ?`, id[:]).Scan(&n); err != nil {
		return 0, err
	}
	p.rooms[id] = n
	tx.OnRollback(func() { clear(p.rooms) })
	return n, nil
}

// feedNumber names a content feed of a space by 63 bits of a hash: short, and the
// same on every device, so that messages of one stamp stand everywhere in one order.
func feedNumber(id wire.SpaceID, f envelope.Feed) int64 {
	var start [8]byte
	binary.BigEndian.PutUint64(start[:], f.Start)
	sum := key.Hash("roundtable chat feed v1", id[:], f.Device[:], start[:])
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1)
}

// feed gives the number of an event's feed, noted in the tables.
func (p *Projection) feed(tx *projection.Tx, e eventlog.Event) (int64, error) {
	if n, ok := p.feeds[e.FeedID]; ok {
		return n, nil
	}
	n := feedNumber(e.Space, e.Feed)
	_, err := tx.Exec(`INSERT INTO chat_feed VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET person = excluded.person`,
		n, e.Space[:], e.Feed.Device[:], int64(e.Feed.Start), e.Person[:])
	p.feeds[e.FeedID] = n
	tx.OnRollback(func() { clear(p.feeds) })
	return n, err
}

func (p *Projection) marked(tx *projection.Tx, e eventlog.Event) error {
	var body readMarked
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || len(body.Marks) > maxMarks {
		return nil //nolint:nilerr // as above
	}
	for _, m := range body.Marks {
		if m.Seq >= 1<<62 || m.Start >= 1<<62 {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO chat_read VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
			e.Space[:], e.Person[:], m.Device[:], int64(m.Start), int64(m.Seq)); err != nil {
			return err
		}
	}
	tx.Changed(topic(e.Space))
	if e.Person == p.Me {
		tx.Changed("chat")
	}
	return nil
}

// Members follows who is in a conversation.
func (p *Projection) Members(tx *projection.Tx, m eventlog.Members) error {
	s := m.State
	if !s.Kind.Conversation() {
		return nil
	}
	workspace := s.Workspace
	if s.Kind.Standalone() {
		workspace = m.Space
	}
	other := []byte{}
	if s.Kind == space.Direct {
		for _, member := range s.Members() {
			if member.Person != p.Me {
				other = bytes.Clone(member.Person[:])
			}
		}
	}
	mine, _ := s.Member(p.Me)
	tx.Changed("chat", topic(m.Space))
	if err := p.administers(tx, m); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO chat_space VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		active = excluded.active, joined = excluded.joined, members = excluded.members`,
		m.Space[:], int64(s.Kind), workspace[:], other, mine.Active, mine.Joined.UnixMilli(), s.Active())
	return err
}

// Forget is called when the tables were made anew.
func (p *Projection) Forget() {
	clear(p.rooms)
	clear(p.feeds)
	clear(p.deeds)
	clear(p.strict)
}

// ofMessages are the tables whose rows belong to one row of chat_message, which goes last.
var ofMessages = []string{"chat_piece", "chat_attachment", "chat_note", "chat_reply", "chat_mention", "chat_forward", "chat_thread", "chat_record", "chat_changed", "chat_message"}

// dropEarly deletes what is still shown ahead of its turn.
func dropEarly(tx *store.Tx, id wire.SpaceID) error {
	if err := textsGone(tx, id, true); err != nil {
		return err
	}
	for _, table := range ofMessages {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE (space, stamp, feed, seq) IN
			(SELECT space, stamp, feed, seq FROM chat_message WHERE flags >= 2 AND space = (SELECT id FROM chat_room WHERE space = ?))`, id[:]); err != nil {
			return err
		}
	}
	return nil
}

// Reset forgets a space.
func (p *Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	clear(p.feeds)
	clear(p.deeds)
	delete(p.strict, id)
	room, err := p.room(tx, id)
	if err != nil {
		return err
	}
	err = textsGone(tx.Tx, id, false)
	for _, table := range append([]string{"chat_edit", "chat_recall", "chat_thread_read", "chat_reacted", "chat_reaction", "chat_pin"}, ofMessages...) {
		_, e := tx.Exec(`DELETE FROM `+table+` WHERE space = ?`, room)
		err = errors.Join(err, e)
	}
	for _, q := range []string{
		`DELETE FROM chat_space WHERE space = ?`, `DELETE FROM chat_naming WHERE space = ?`, `DELETE FROM chat_admin WHERE space = ?`,
		`DELETE FROM chat_feed WHERE space = ?`, `DELETE FROM chat_read WHERE space = ?`, `DELETE FROM chat_span WHERE workspace = ?`,
		`DELETE FROM chat_word WHERE space = ?`, `DELETE FROM chat_face WHERE space = ?`, `DELETE FROM chat_rule WHERE space = ?`,
	} {
		_, e := tx.Exec(q, id[:])
		err = errors.Join(err, e)
	}
	p.judgeWorkspace(tx, id)
	tx.Changed("chat", topic(id))
	return err
}
