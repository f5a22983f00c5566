package contracts

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"

	"roundtable/backend/blob"
	"roundtable/backend/clock"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
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
func (*Projection) Version() int   { return 2 }
func (*Projection) Schema() string { return schema }

// Apply takes one event. A body that makes no sense is skipped, and so is what nobody looks at (flow.Most); one that does not count is kept: it
// may, when others come.
func (p *Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	body, ours, err := flow.Decode(e.Kind, e.Body)
	if !ours || err != nil || e.Seq > flow.MaxSequence {
		return nil //nolint:nilerr // skipped
	}
	if room, err := p.room(tx, e); err != nil || !room {
		return err
	}
	if _, err := tx.Exec(`INSERT OR IGNORE INTO contracts_event VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID[:], e.Space[:], string(e.Kind), int64(e.Stamp), e.Feed.Device[:], int64(e.Feed.Start), int64(e.Seq), e.Person[:], []byte(e.Body)); err != nil {
		return err
	}
	for _, f := range filesOf(body) {
		if err := keepPieces(tx, e.Space, f); err != nil {
			return err
		}
	}
	p.later(tx, e.Space)
	return nil
}

// room reports whether an event is among those of its feed and its device that are looked at. Those of a feed come in its order; of feeds
// one that was begun earlier takes the place of a later one.
func (p *Projection) room(tx *projection.Tx, e eventlog.Event) (bool, error) {
	var said, feeds int
	if err := tx.QueryRow(`SELECT count(*) FROM contracts_event WHERE space = ? AND device = ? AND start = ? AND kind = ? AND seq < ?`,
		e.Space[:], e.Feed.Device[:], int64(e.Feed.Start), string(e.Kind), int64(e.Seq)).Scan(&said); err != nil || said >= flow.Most(e.Kind) {
		return false, err
	}
	if err := tx.QueryRow(`SELECT count(DISTINCT start) FROM contracts_event WHERE space = ? AND device = ? AND start <> ?`,
		e.Space[:], e.Feed.Device[:], int64(e.Feed.Start)).Scan(&feeds); err != nil || feeds < flow.MaxFeeds {
		return true, err
	}
	var last int64
	if err := tx.QueryRow(`SELECT max(start) FROM contracts_event WHERE space = ? AND device = ?`, e.Space[:], e.Feed.Device[:]).Scan(&last); err != nil {
		return false, err
	}
	if uint64(last) <= e.Feed.Start {
		return false, nil
	}
	return true, forgetFeed(tx, e.Space, e.Feed.Device, last)
}

// forgetFeed forgets what was said in a feed, with the pieces that it named.
func forgetFeed(tx *projection.Tx, id wire.SpaceID, device wire.DeviceID, start int64) error {
	if _, err := tx.Exec(`DELETE FROM contracts_event WHERE space = ? AND device = ? AND start = ?`, id[:], device[:], start); err != nil {
		return err
	}
	for _, q := range []string{`DELETE FROM contracts_piece WHERE space = ?`, `DELETE FROM contracts_tree WHERE space = ?`} {
		if _, err := tx.Exec(q, id[:]); err != nil {
			return err
		}
	}
	rows, err := tx.Query(eventsOf, id[:])
	if err != nil {
		return err
	}
	left, err := scanEvents(rows)
	if err != nil {
		return err
	}
	for _, e := range left {
		for _, f := range filesOf(e.Body) {
			if err := keepPieces(tx, id, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// later works a contract out anew when everything that this write brings is in.
func (p *Projection) later(tx *projection.Tx, id wire.SpaceID) {
	tx.Once(id.String(), func() error { return p.fold(tx, id) })
}

// blobsOf are the bytes beside the events that a body names.
func blobsOf(body any) (out []flow.Blob) {
	switch b := body.(type) {
	case *flow.Sent:
		out = append(out, b.Document.Blob)
	case *flow.Acted:
		out = append(out, b.Tail)
	case *flow.Consented:
		for _, f := range b.Files {
			out = append(out, f.Blob)
		}
	}
	return out
}

// filesOf are those of them that are not sealed under an access code.
func filesOf(body any) (out []blob.File) {
	for _, b := range blobsOf(body) {
		if b.File != nil {
			out = append(out, *b.File)
		}
	}
	return out
}

func keepPieces(tx *projection.Tx, id wire.SpaceID, f blob.File) error {
	for _, h := range f.Hashes() {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO contracts_piece VALUES(?, ?)`, h[:], id[:]); err != nil {
			return err
		}
	}
	if f.Nodes() == 0 {
		return nil
	}
	name := f.ID()
	_, err := tx.Exec(`INSERT OR IGNORE INTO contracts_tree VALUES(?, ?, ?)`, name[:], id[:], f.Encode())
	return err
}

// Early shows nothing: what leads to an event decides what it means.
func (*Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

// Members follows which contracts there are.
func (p *Projection) Members(tx *projection.Tx, m eventlog.Members) error {
	if m.State.Kind != space.Contract && m.State.Kind != space.Between {
		return nil
	}
	us, _ := m.State.Member(p.Me)
	sender := creator(m.State)
	if _, err := tx.Exec(`INSERT INTO contracts_space VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET sender = excluded.sender, active = excluded.active`,
		m.Space[:], int64(m.State.Kind), m.State.Workspace[:], sender[:], us.Active); err != nil {
		return err
	}
	p.later(tx, m.Space)
	return nil
}

// creator is who began a space: the first of all who ever owned it.
func creator(s *space.State) (who wire.PersonID) {
	var first clock.Stamp
	for _, m := range s.Members() {
		if m.Peak == space.Owner && (who.IsZero() || m.Joined < first) {
			who, first = m.Person, m.Joined
		}
	}
	return who
}

// fold works out anew what became of a contract.
func (p *Projection) fold(tx *projection.Tx, id wire.SpaceID) error {
	var raw, workspace []byte
	err := tx.QueryRow(`SELECT sender, workspace FROM contracts_space WHERE space = ?`, id[:]).Scan(&raw, &workspace)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // Members comes, or it is no contract's space
	}
	if err != nil {
		return err
	}
	rows, err := tx.Query(eventsOf, id[:])
	if err != nil {
		return err
	}
	events, err := scanEvents(rows)
	if err != nil {
		return err
	}
	for _, q := range []string{`DELETE FROM contracts_row WHERE space = ?`, `DELETE FROM contracts_party WHERE space = ?`, `DELETE FROM contracts_asked WHERE space = ?`} {
		if _, err := tx.Exec(q, id[:]); err != nil {
			return err
		}
	}
	tx.Changed("contracts", topic(id))
	if p.Noted != nil {
		tx.Tell(func() { p.Noted(id) })
	}
	if len(raw) != len(wire.PersonID{}) {
		return nil
	}
	return keepRow(tx, id, workspace, flow.Fold(wire.PersonID(raw), events))
}

func keepRow(tx *projection.Tx, id wire.SpaceID, workspace []byte, s *flow.State) error {
	if s.Phase == flow.Unknown {
		return nil
	}
	sha := s.Latest().SHA256
	if _, err := tx.Exec(`INSERT INTO contracts_row VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, id[:], workspace, s.Sent.Title, int64(s.Phase), s.Sender[:],
		s.SentAt.UnixMilli(), s.Deadline, s.Sent.Ends, s.Completed.UnixMilli(), s.Last.UnixMilli(), s.Sent.Document.Name, sha[:]); err != nil {
		return err
	}
	for _, x := range s.Parties {
		if _, err := tx.Exec(`INSERT INTO contracts_party VALUES(?, ?, ?, ?, ?, ?)`, id[:], int64(x.ID), int64(x.Role), x.Person[:], x.Name, int64(x.Standing)); err != nil {
			return err
		}
	}
	for _, r := range s.Requests {
		if r.Open() {
			if _, err := tx.Exec(`INSERT INTO contracts_asked VALUES(?, ?, ?)`, r.ID[:], id[:], r.Asked.Holder[:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// eventsOf reads at most so many: of a space with very many devices, each of which says as much as it may, the first ones of each feed.
const eventsOf = `SELECT id, kind, stamp, device, start, seq, person, body FROM contracts_event WHERE space = ? ORDER BY seq, stamp, id LIMIT 50000`

// scanEvents reads rows of eventsOf and closes them.
func scanEvents(rows *sql.Rows) (out []flow.Event, err error) {
	defer rows.Close()
	for rows.Next() {
		var e flow.Event
		var id, device, person, body []byte
		var stamp, start, seq int64
		var kind string
		if err := rows.Scan(&id, &kind, &stamp, &device, &start, &seq, &person, &body); err != nil {
			return nil, store.Classify(err)
		}
		if len(id) != len(e.ID) || len(device) != len(e.Device) || len(person) != len(e.Person) {
			continue
		}
		e.ID, e.Kind, e.Stamp, e.Seq = wire.EventID(id), event.Kind(kind), clock.Stamp(stamp), uint64(seq)
		e.Start = uint64(start)
		e.Device, e.Person = wire.DeviceID(device), wire.PersonID(person)
		if e.Body, _, err = flow.Decode(e.Kind, bytes.Clone(body)); err != nil {
			continue // of another version of this program
		}
		out = append(out, e)
	}
	return out, store.Classify(rows.Err())
}

// Reset forgets a space.
func (*Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	var err error
	for _, q := range []string{
		`DELETE FROM contracts_space WHERE space = ?`, `DELETE FROM contracts_event WHERE space = ?`, `DELETE FROM contracts_row WHERE space = ?`,
		`DELETE FROM contracts_party WHERE space = ?`, `DELETE FROM contracts_asked WHERE space = ?`, `DELETE FROM contracts_piece WHERE space = ?`,
		`DELETE FROM contracts_tree WHERE space = ?`,
	} {
		_, e := tx.Exec(q, id[:])
		err = errors.Join(err, e)
	}
	tx.Changed("contracts", topic(id))
	return err
}

func topic(id wire.SpaceID) string { return "contract:" + id.String() }

// roomFor refuses to say more in a contract than is looked at: nobody would see it. Errors: errcode.InvalidArgument.
func (c *Contracts) roomFor(ctx context.Context, id wire.SpaceID, kind event.Kind) error {
	self := c.Log.Self()
	var said int
	if err := c.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM contracts_event WHERE space = ? AND device = ? AND kind = ?`, id[:], self[:], string(kind)).Scan(&said); err != nil {
		return store.Classify(err)
	}
	if said >= flow.Most(kind) {
		return errcode.With(errcode.InvalidArgument, fmt.Errorf("%d events of kind %s are all that is looked at", said, kind))
	}
	return nil
}
