package calls

import (
	_ "embed"
	"errors"

	"roundtable/backend/eventlog"
	"roundtable/backend/name"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Projection keeps the tables of this package.
type Projection struct {
	// Me is this device's person.
	Me wire.PersonID
	// Noted, when set, hears after the commit that something was said of a call in a space. It must not block.
	Noted func(id wire.SpaceID)
}

var _ projection.Projection = (*Projection)(nil)

// NewProjection makes the projection for a person.
func NewProjection(me wire.PersonID) *Projection { return &Projection{Me: me} }

func (*Projection) Name() string   { return "calls" }
func (*Projection) Version() int   { return 2 }
func (*Projection) Schema() string { return schema }

// Apply takes one event. A body that makes no sense is skipped.
func (p *Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	var err error
	switch e.Kind {
	case CallStarted:
		err = started(tx, e)
	case CallEnded:
		err = ended(tx, e)
	case CallDeclined:
		err = declined(tx, e)
	case MeetingPlanned:
		err = planned(tx, e)
	case MeetingCancelled:
		err = cancelled(tx, e)
	case MeetingOpened:
		err = opened(tx, e)
	default:
		return nil
	}
	if p.Noted != nil {
		tx.Tell(func() { p.Noted(e.Space) })
	}
	tx.Changed("calls")
	return err
}

// Early shows nothing: a call that is over would ring.
func (*Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

func started(tx *projection.Tx, e eventlog.Event) error {
	var body callStarted
	if wire.Decode(e.Body, wire.MaxBody, &body) != nil || body.Start.Device != e.Feed.Device || body.Start.At < 0 {
		return nil // nobody begins a call in another's name
	}
	id := body.Start.ID(e.Space)
	_, err := tx.Exec(`INSERT INTO calls_started VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET stamp = min(stamp, excluded.stamp)`,
		id[:], e.Space[:], e.Person[:], int64(e.Stamp), body.Start.Video, body.Start.Planned[:])
	return err
}

func ended(tx *projection.Tx, e eventlog.Event) error {
	var body callEnded
	if wire.Decode(e.Body, wire.MaxBody, &body) != nil || len(body.There) > maxThere {
		return nil
	}
	if _, err := tx.Exec(`INSERT INTO calls_ended VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET stamp = max(stamp, excluded.stamp)`,
		e.Space[:], body.Call[:], int64(e.Stamp)); err != nil {
		return err
	}
	for _, person := range body.There {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO calls_there VALUES(?, ?, ?)`, e.Space[:], body.Call[:], person[:]); err != nil {
			return err
		}
	}
	return nil
}

func declined(tx *projection.Tx, e eventlog.Event) error {
	var body callDeclined
	if wire.Decode(e.Body, wire.MaxBody, &body) != nil {
		return nil
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO calls_declined VALUES(?, ?, ?)`, e.Space[:], body.Call[:], e.Person[:])
	return err
}

// validTimes reports whether a meeting may be from begin to end.
func validTimes(begin, end int64) bool {
	return begin > 0 && begin < 1<<52 && end > begin && end-begin <= maxLength
}

func planned(tx *projection.Tx, e eventlog.Event) error {
	var body meetingPlanned
	if wire.Decode(e.Body, wire.MaxBody, &body) != nil || !validTimes(body.Begin, body.End) {
		return nil
	}
	if clean, err := name.Check(body.Title, wire.MaxName); err != nil || clean != body.Title {
		return nil //nolint:nilerr // skipped
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO calls_planned VALUES(?, ?, ?, ?, ?, ?)`,
		e.ID[:], e.Space[:], e.Person[:], body.Title, body.Begin, body.End)
	return err
}

func cancelled(tx *projection.Tx, e eventlog.Event) error {
	var body meetingCancelled
	if wire.Decode(e.Body, wire.MaxBody, &body) != nil {
		return nil
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO calls_cancelled VALUES(?, ?, ?)`, e.Space[:], body.Meeting[:], e.Person[:])
	return err
}

func opened(tx *projection.Tx, e eventlog.Event) error {
	var body meetingOpened
	if wire.Decode(e.Body, wire.MaxBody, &body) != nil {
		return nil
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO calls_opened VALUES(?, ?, ?, ?, ?, ?, ?, ?)`, e.Space[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq),
		e.Person[:], body.Conversation[:], body.Call[:], body.Planned[:])
	return err
}

// Members follows which conversations there are.
func (p *Projection) Members(tx *projection.Tx, m eventlog.Members) error {
	if !m.State.Kind.Conversation() || m.State.Kind == space.Meeting || m.State.Kind == space.Circle {
		return nil // no conversation that calls begin in
	}
	workspace := m.State.Workspace
	if m.State.Kind == space.Workspace {
		workspace = m.Space
	}
	us, _ := m.State.Member(p.Me)
	tx.Changed("calls")
	_, err := tx.Exec(`INSERT INTO calls_space VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET active = excluded.active`,
		m.Space[:], workspace[:], int64(m.State.Kind), us.Active)
	return err
}

// Reset forgets a space.
func (*Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	var err error
	for _, q := range []string{
		`DELETE FROM calls_space WHERE space = ?`, `DELETE FROM calls_started WHERE space = ?`, `DELETE FROM calls_ended WHERE space = ?`,
		`DELETE FROM calls_there WHERE space = ?`, `DELETE FROM calls_declined WHERE space = ?`,
		`DELETE FROM calls_planned WHERE space = ?`, `DELETE FROM calls_cancelled WHERE space = ?`, `DELETE FROM calls_opened WHERE space = ?`,
	} {
		_, e := tx.Exec(q, id[:])
		err = errors.Join(err, e)
	}
	tx.Changed("calls")
	return err
}
