package office

import (
	_ "embed"
	"errors"
	"strings"

	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Projection keeps the tables of this package.
type Projection struct {
	// Noted, when set, hears after the commit that what a space says may be another. It must not block.
	Noted func(id wire.SpaceID)
}

var _ projection.Projection = (*Projection)(nil)

// NewProjection makes the projection.
func NewProjection() *Projection { return &Projection{} }

func (*Projection) Name() string   { return "office" }
func (*Projection) Version() int   { return 1 }
func (*Projection) Schema() string { return schema }

// Apply takes one event. A body that makes no sense is skipped.
func (p *Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	if !strings.HasPrefix(string(e.Kind), "office.") && !strings.HasPrefix(string(e.Kind), "seals.") || !sound(e.Kind, e.Body) {
		return nil
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO office_said VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Space[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Feed.Start), int64(e.Seq), e.ID[:], e.Person[:], string(e.Kind), []byte(e.Body))
	p.noted(tx, e.Space)
	return err
}

// Early shows nothing: what does not count yet gives nobody a right.
func (*Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

// Members follows who belongs to workspaces and registers.
func (p *Projection) Members(tx *projection.Tx, m eventlog.Members) error {
	workspace := m.State.Workspace
	switch m.State.Kind {
	case space.Workspace:
		workspace = m.Space
	case space.Register:
	default:
		return nil
	}
	p.noted(tx, m.Space)
	if _, err := tx.Exec(`INSERT OR IGNORE INTO office_space VALUES(?, ?, ?)`, m.Space[:], int64(m.State.Kind), workspace[:]); err != nil {
		return err
	}
	for _, person := range m.People {
		member, ok := m.State.Member(person)
		if !ok {
			if _, err := tx.Exec(`DELETE FROM office_member WHERE space = ? AND person = ?`, m.Space[:], person[:]); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.Exec(`INSERT INTO office_member VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET peak = excluded.peak, active = excluded.active`,
			m.Space[:], person[:], int64(member.Peak), member.Active); err != nil {
			return err
		}
	}
	return nil
}

// Reset forgets a space.
func (p *Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	var err error
	for _, q := range []string{
		`DELETE FROM office_space WHERE space = ?`, `DELETE FROM office_member WHERE space = ?`, `DELETE FROM office_said WHERE space = ?`,
	} {
		_, e := tx.Exec(q, id[:])
		err = errors.Join(err, e)
	}
	p.noted(tx, id)
	return err
}

// noted has caches dropped and the screen told once the transaction is on disk. Which workspace a register belongs to, Noted finds out.
func (p *Projection) noted(tx *projection.Tx, id wire.SpaceID) {
	tx.Changed("authority:"+id.String(), "seals:"+id.String(), "signing_keys")
	if p.Noted != nil {
		tx.Tell(func() { p.Noted(id) })
	}
}
