package directory

import (
	_ "embed"
	"errors"

	"roundtable/backend/directory/chart"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Projection keeps the tables of this package.
type Projection struct{}

var _ projection.Projection = Projection{}

func (Projection) Name() string   { return "directory" }
func (Projection) Version() int   { return 2 }
func (Projection) Schema() string { return schema }

// Apply takes one event.
func (Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	switch e.Kind {
	case Changed, HiddenChanged:
		decode := chart.Decode
		if e.Kind == HiddenChanged {
			decode = chart.DecodeHidden
		}
		if _, err := decode(e.Body); err != nil {
			return nil //nolint:nilerr // a body that makes no sense is skipped
		}
		tx.Changed("directory")
		_, err := tx.Exec(`INSERT OR IGNORE INTO directory_said VALUES(?, ?, ?, ?, ?, ?)`,
			e.Space[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq), e.Person[:], []byte(e.Body))
		return err
	case AwaySet:
		var body Away
		if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.valid() {
			return nil //nolint:nilerr // as above
		}
		tx.Changed("directory")
		_, err := tx.Exec(`INSERT INTO directory_away VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET stamp = excluded.stamp, device = excluded.device, seq = excluded.seq,
				kind = excluded.kind, from_day = excluded.from_day, to_day = excluded.to_day, note = excluded.note
			WHERE (excluded.stamp, excluded.device, excluded.seq) > (stamp, device, seq)`,
			e.Space[:], e.Person[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq), int64(body.Kind), body.From, body.To, body.Note)
		return err
	case VaultMade:
		var body vaultMade
		if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.valid() {
			return nil //nolint:nilerr // as above
		}
		tx.Changed("directory")
		_, err := tx.Exec(`INSERT OR IGNORE INTO directory_vault VALUES(?, ?, ?, ?, ?, ?)`,
			e.Space[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq), e.Person[:], []byte(e.Body))
		return err
	case KeysGiven:
		var body keysGiven
		if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.valid() {
			return nil //nolint:nilerr // as above
		}
		tx.Changed("directory")
		_, err := tx.Exec(`INSERT OR IGNORE INTO directory_keys VALUES(?, ?, ?, ?, ?, ?)`,
			e.Space[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq), e.Person[:], []byte(e.Body))
		return err
	}
	return nil
}

// Early shows nothing: whether it counts is not known yet.
func (Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

// Members: who may write, and who came by which invite, follows the state of the space when something asks.
func (Projection) Members(tx *projection.Tx, m eventlog.Members) error {
	if m.State.Workspace.IsZero() {
		tx.Changed("directory")
	}
	return nil
}

// Reset forgets a space.
func (Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	var err error
	for _, q := range []string{`DELETE FROM directory_said WHERE space = ?`, `DELETE FROM directory_away WHERE space = ?`, `DELETE FROM directory_vault WHERE space = ?`,
		`DELETE FROM directory_keys WHERE space = ?`} {
		_, e := tx.Exec(q, id[:])
		err = errors.Join(err, e)
	}
	return err
}
