package people

import (
	_ "embed"
	"errors"

	"roundtable/backend/eventlog"
	"roundtable/backend/name"
	"roundtable/backend/projection"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Projection keeps the tables of this package.
type Projection struct{}

var _ projection.Projection = Projection{}

func (Projection) Name() string   { return "people" }
func (Projection) Version() int   { return 2 }
func (Projection) Schema() string { return schema }

// Apply takes one event.
func (Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	switch e.Kind {
	case WorkspaceNamed:
		var body workspaceNamed
		if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil {
			return nil //nolint:nilerr // a body that makes no sense is skipped
		}
		if clean, err := name.Check(body.Name, wire.MaxName); err != nil || clean != body.Name {
			return nil //nolint:nilerr // as above
		}
		tx.Changed("people")
		_, err := tx.Exec(`INSERT OR IGNORE INTO people_naming VALUES(?, ?, ?, ?, ?, ?)`,
			e.Space[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq), e.Person[:], body.Name)
		return err
	case RelaysSet:
		var body relaysSet
		if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.valid() {
			return nil //nolint:nilerr // as above
		}
		tx.Changed("relays")
		_, err := tx.Exec(`INSERT OR IGNORE INTO people_relays VALUES(?, ?, ?, ?, ?, ?)`,
			e.Space[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq), e.Person[:], []byte(e.Body))
		return err
	case ProfileSet:
		var body Profile
		if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.valid() {
			return nil //nolint:nilerr // as above
		}
		tx.Changed("people", "chat", "directory")
		_, err := tx.Exec(`INSERT INTO people_profile VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET stamp = excluded.stamp, device = excluded.device, seq = excluded.seq, name = excluded.name,
				title = excluded.title, department = excluded.department, phone = excluded.phone, email = excluded.email
			WHERE (excluded.stamp, excluded.device, excluded.seq) > (stamp, device, seq)`,
			e.Space[:], e.Person[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq),
			body.Name, body.Title, body.Department, body.Phone, body.Email)
		return err
	}
	return nil
}

// Early shows nothing: a row here does not say that it came early, so it would
// stay when the event turns out void.
func (Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

// Members follows memberships of workspaces, and of meetings with guests.
func (Projection) Members(tx *projection.Tx, m eventlog.Members) error {
	if !m.State.Kind.Standalone() {
		return nil
	}
	tx.Changed("people", "chat", "invites", "relays")
	if _, err := tx.Exec(`INSERT OR IGNORE INTO people_workspace VALUES(?, ?)`, m.Space[:], int64(m.State.Kind)); err != nil {
		return err
	}
	for _, p := range m.People {
		member, ok := m.State.Member(p)
		if !ok {
			if _, err := tx.Exec(`DELETE FROM people_member WHERE space = ? AND person = ?`, m.Space[:], p[:]); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.Exec(`INSERT INTO people_member VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
			role = excluded.role, peak = excluded.peak, active = excluded.active, joined = excluded.joined`,
			m.Space[:], p[:], int64(member.Role), int64(member.Peak), member.Active, member.Joined.UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

// Reset forgets a space.
func (Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	var err error
	for _, q := range []string{
		`DELETE FROM people_workspace WHERE space = ?`, `DELETE FROM people_naming WHERE space = ?`,
		`DELETE FROM people_member WHERE space = ?`, `DELETE FROM people_profile WHERE space = ?`,
		`DELETE FROM people_relays WHERE space = ?`,
	} {
		_, e := tx.Exec(q, id[:])
		err = errors.Join(err, e)
	}
	return err
}
