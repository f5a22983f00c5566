package contracts

import (
	_ "embed"
	"errors"

	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Projection keeps the tables of this package.
type Projection struct {
	// Me is this device's person.
	Me wire.PersonID
	// Noted, when set, hears after the commit that something came into a contract. It must not block.
	Noted func(id wire.SpaceID)
}

var _ projection.Projection = (*Projection)(nil)

// NewProjection makes the projection for a person.
func NewProjection(me wire.PersonID) *Projection { return &Projection{Me: me} }

func (*Projection) Name() string   { return "contracts" }
func (*Projection) Version() int   { return 1 }
func (*Projection) Schema() string { return schema }

// Apply takes one event. A body that makes no sense is skipped.
func (p *Projection) Apply(tx *projection.Tx, e eventlog.Event) error { return nil }

// Early shows nothing: what leads to an event decides what it means.
func (*Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

// Members follows which contracts there are.
func (p *Projection) Members(tx *projection.Tx, m eventlog.Members) error { return nil }

// Reset forgets a space.
func (*Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	var err error
	for _, q := range []string{`DELETE FROM contracts_event WHERE space = ?`} {
		_, e := tx.Exec(q, id[:])
		err = errors.Join(err, e)
	}
	return err
}
