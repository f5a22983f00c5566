package portrait

import (
	_ "embed"
	"encoding/hex"

	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/projection"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Topic is published when somebody's picture may be another one.
const Topic = "portraits"

// Projection keeps the table of this package.
type Projection struct{}

var _ projection.Projection = Projection{}

func (Projection) Name() string   { return "portrait" }
func (Projection) Version() int   { return 1 }
func (Projection) Schema() string { return schema }

// Apply takes one event.
func (Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	if e.Kind != Set {
		return nil
	}
	var body set
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.valid() {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	if body.Picture == nil {
		body.Picture = []byte{}
	}
	tx.Changed(Topic)
	_, err := tx.Exec(`INSERT INTO portrait_set VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		stamp = excluded.stamp, device = excluded.device, seq = excluded.seq, mark = excluded.mark, picture = excluded.picture
		WHERE (excluded.stamp, excluded.device, excluded.seq) > (stamp, device, seq)`,
		e.Space[:], e.Person[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq), markOf(body.Picture), body.Picture)
	return err
}

// markOf names a picture by its bytes; "" for none.
func markOf(drawn []byte) string {
	if len(drawn) == 0 {
		return ""
	}
	sum := key.Hash("roundtable portrait v1", drawn)
	return hex.EncodeToString(sum[:8])
}

// Early shows nothing: a picture that came early would stay when the event turns out void.
func (Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

// Members: who left keeps the picture beside what it wrote, as it keeps its name.
func (Projection) Members(*projection.Tx, eventlog.Members) error { return nil }

// Reset forgets a space.
func (Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	_, err := tx.Exec(`DELETE FROM portrait_set WHERE space = ?`, id[:])
	return err
}
