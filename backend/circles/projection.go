package circles

import (
	_ "embed"
	"sync/atomic"

	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Projection keeps the tables of this package.
type Projection struct {
	// changed tells that people came or went in some circle; a look is due.
	changed chan struct{}
	// moved counts changes of who is in a workspace.
	moved atomic.Int64
}

var _ projection.Projection = (*Projection)(nil)

// NewProjection makes one.
func NewProjection() *Projection { return &Projection{changed: make(chan struct{}, 1)} }

func (*Projection) Name() string   { return "circles" }
func (*Projection) Version() int   { return 1 }
func (*Projection) Schema() string { return schema }

// Apply takes one event.
func (*Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	if e.Kind != OriginStated {
		return nil
	}
	var body originStated
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.valid() {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	tx.Changed(topic(e.Space))
	_, err := tx.Exec(`INSERT INTO circles_origin VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		stamp = excluded.stamp, device = excluded.device, seq = excluded.seq, name = excluded.name
		WHERE (excluded.stamp, excluded.device, excluded.seq) > (stamp, device, seq)`,
		e.Space[:], e.Person[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq), body.Name)
	return err
}

// Early shows nothing: a statement that came early would stay when the event turns out void.
func (*Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

// Members follows who is in a circle, and in the workspaces that decide who is external.
func (p *Projection) Members(tx *projection.Tx, m eventlog.Members) error {
	switch m.State.Kind {
	case space.Circle:
		tx.Changed(topic(m.Space))
	case space.Workspace:
		tx.Changed("circles")
		tx.Tell(func() { p.moved.Add(1) })
	default:
		return nil
	}
	tx.Tell(func() {
		select {
		case p.changed <- struct{}{}:
		default:
		}
	})
	return nil
}

// Reset forgets a space.
func (p *Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	tx.Changed(topic(id))
	tx.Tell(func() { p.moved.Add(1) })
	_, err := tx.Exec(`DELETE FROM circles_origin WHERE space = ?`, id[:])
	return err
}

func topic(id wire.SpaceID) string { return "circle:" + id.String() }
