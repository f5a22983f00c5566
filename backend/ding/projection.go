package ding

import (
	_ "embed"
	"errors"

	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// maxRules bounds what one person says of the rules: the last ones.
const maxRules = 64

// Projection keeps the tables of this package.
type Projection struct {
	// Me is this device's person.
	Me wire.PersonID
	// Noted, when set, hears after the commit that something changed. It must not block.
	Noted func()
}

var _ projection.Projection = (*Projection)(nil)

// NewProjection makes the projection for a person.
func NewProjection(me wire.PersonID) *Projection { return &Projection{Me: me} }

func (*Projection) Name() string   { return "ding" }
func (*Projection) Version() int   { return 1 }
func (*Projection) Schema() string { return schema }

// words that people say of a notice, as the tables number them.
var words = map[event.Kind]int{Seen: 1, Confirmed: 2, CalledOff: 3}

// Apply takes one event. A body that makes no sense is skipped. Whether its author
// may is asked when it is used: a role may become known later.
func (p *Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	var err error
	switch e.Kind {
	case Sent:
		err = p.sent(tx, e)
	case Reminded:
		err = p.reminded(tx, e)
	case CalledOff, Seen, Confirmed:
		err = p.said(tx, e)
	case RulesSet:
		err = p.ruled(tx, e)
	default:
		return nil
	}
	p.changed(tx)
	return err
}

func (p *Projection) changed(tx *projection.Tx) {
	tx.Changed("ding")
	if p.Noted != nil {
		tx.Tell(p.Noted)
	}
}

// Early shows nothing: what is called off by now would be put before people.
func (*Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

func (p *Projection) sent(tx *projection.Tx, e eventlog.Event) error {
	var body sent
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.valid() {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO ding_notice VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Space[:], e.Feed.Device[:], int64(e.Feed.Start), int64(e.Seq),
		e.Person[:], int64(e.Stamp), body.Message.Device[:], int64(body.Message.Start), int64(body.Message.Seq))
	if err != nil {
		return err
	}
	return round(tx, e, Ref{Device: e.Feed.Device, Start: e.Feed.Start, Seq: e.Seq}, body.All, body.People, body.Nonce)
}

func (p *Projection) reminded(tx *projection.Tx, e eventlog.Event) error {
	var body reminded
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.valid() {
		return nil //nolint:nilerr // as above
	}
	return round(tx, e, body.Ding, body.All, body.People, body.Nonce)
}

func round(tx *projection.Tx, e eventlog.Event, notice Ref, all bool, people []wire.PersonID, nonce []byte) error {
	_, err := tx.Exec(`INSERT OR IGNORE INTO ding_round VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Space[:], e.Feed.Device[:], int64(e.Feed.Start), int64(e.Seq),
		e.Person[:], int64(e.Stamp), all, nonce, notice.Device[:], int64(notice.Start), int64(notice.Seq))
	for _, person := range people {
		if err != nil {
			break
		}
		_, err = tx.Exec(`INSERT OR IGNORE INTO ding_to VALUES(?, ?, ?, ?, ?)`, e.Space[:], e.Feed.Device[:], int64(e.Feed.Start), int64(e.Seq), person[:])
	}
	return err
}

func (p *Projection) said(tx *projection.Tx, e eventlog.Event) error {
	var body about
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.Ding.valid() {
		return nil //nolint:nilerr // as above
	}
	_, err := tx.Exec(`INSERT INTO ding_word VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET stamp = min(stamp, excluded.stamp)`,
		e.Space[:], body.Ding.Device[:], int64(body.Ding.Start), int64(body.Ding.Seq), words[e.Kind], e.Person[:], int64(e.Stamp))
	return err
}

func (p *Projection) ruled(tx *projection.Tx, e eventlog.Event) error {
	var body rulesSet
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.valid() {
		return nil //nolint:nilerr // as above
	}
	_, first := tx.Exec(`INSERT OR IGNORE INTO ding_rules VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Space[:], e.Person[:], int64(e.Stamp),
		e.Feed.Device[:], int64(e.Feed.Start), int64(e.Seq), int64(body.Who), int64(body.PerDay), int64(body.PerTen))
	_, second := tx.Exec(`DELETE FROM ding_rules WHERE space = ?1 AND person = ?2 AND (stamp, device, start, seq) IN
		(SELECT stamp, device, start, seq FROM ding_rules WHERE space = ?1 AND person = ?2 ORDER BY stamp DESC, device DESC, start DESC, seq DESC LIMIT -1 OFFSET ?3)`,
		e.Space[:], e.Person[:], maxRules)
	return errors.Join(first, second)
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
	mine, _ := s.Member(p.Me)
	if _, err := tx.Exec(`INSERT INTO ding_space VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET active = excluded.active`,
		m.Space[:], workspace[:], int64(s.Kind), mine.Active); err != nil {
		return err
	}
	p.changed(tx)
	return nil
}

// Reset forgets a space.
func (p *Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	var err error
	for _, table := range []string{"ding_space", "ding_notice", "ding_round", "ding_to", "ding_word", "ding_rules"} {
		_, e := tx.Exec(`DELETE FROM `+table+` WHERE space = ?`, id[:])
		err = errors.Join(err, e)
	}
	p.changed(tx)
	return err
}
