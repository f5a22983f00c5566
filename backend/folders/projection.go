package folders

import (
	_ "embed"
	"errors"
	"fmt"

	"roundtable/backend/eventlog"
	"roundtable/backend/name"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Projection keeps the tables of this package that follow the log.
type Projection struct {
	// Noted is told, after the commit, which paths of a folder have another standing
	// version now; nil paths: any of them. It must not block. May be nil.
	Noted func(id wire.SpaceID, paths []string)
	// Most bounds what is said in a folder: see crowded.go.
	Most int64
	// rows and feeds known to be in the tables; the writer's alone. They are only
	// ever hints: an undone write empties them.
	rows  map[wire.SpaceID]int64
	feeds map[int64]int64
}

var _ projection.Projection = (*Projection)(nil)

// NewProjection makes the projection.
func NewProjection() *Projection {
	return &Projection{Most: maxTold, rows: map[wire.SpaceID]int64{}, feeds: map[int64]int64{}}
}

func (*Projection) Name() string   { return "folders" }
func (*Projection) Version() int   { return 5 }
func (*Projection) Schema() string { return schema }

func topic(id wire.SpaceID) string { return "folder:" + id.String() }

// Apply takes one event. A body that makes no sense is skipped whole.
func (p *Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	switch e.Kind {
	case EntriesChanged:
		entries, err := decodeEntries(e.Body)
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		return p.entries(tx, e, entries)
	case ChunksPacked:
		body, err := decodePacks(e.Body)
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		return p.packed(tx, e, body)
	case FolderNamed:
		return p.named(tx, e)
	}
	return nil
}

// Early shows nothing: what stands depends on everything before.
func (*Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

// row gives a folder's short name in the tables.
func (p *Projection) row(tx *projection.Tx, id wire.SpaceID) (int64, error) {
	if n, ok := p.rows[id]; ok {
		return n, nil
	}
	if _, err := tx.Exec(`INSERT OR IGNORE INTO folders_space(space) VALUES(?)`, id[:]); err != nil {
		return 0, err
	}
	var n int64
	if err := tx.QueryRow(`SELECT row FROM folders_space WHERE space = ?`, id[:]).Scan(&n); err != nil {
		return 0, err
	}
	p.rows[id] = n
	tx.OnRollback(func() { clear(p.rows) })
	return n, nil
}

func (p *Projection) feed(tx *projection.Tx, e eventlog.Event) (int64, error) {
	if n, ok := p.feeds[e.FeedID]; ok {
		return n, nil
	}
	if _, err := tx.Exec(`INSERT INTO folders_feed(space, device, start, person) VALUES(?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET person = excluded.person`, e.Space[:], e.Feed.Device[:], int64(e.Feed.Start), e.Person[:]); err != nil {
		return 0, err
	}
	var n int64
	if err := tx.QueryRow(`SELECT row FROM folders_feed WHERE space = ? AND device = ? AND start = ?`,
		e.Space[:], e.Feed.Device[:], int64(e.Feed.Start)).Scan(&n); err != nil {
		return 0, err
	}
	p.feeds[e.FeedID] = n
	tx.OnRollback(func() { clear(p.feeds) })
	return n, nil
}

func (p *Projection) named(tx *projection.Tx, e eventlog.Event) error {
	var body folderNamed
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil {
		return nil //nolint:nilerr // skipped
	}
	if clean, err := name.Check(body.Name, wire.MaxName); err != nil || clean != body.Name {
		return nil //nolint:nilerr // skipped
	}
	tx.Changed("folders", topic(e.Space))
	_, err := tx.Exec(`INSERT INTO folders_naming VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		stamp = excluded.stamp, device = excluded.device, seq = excluded.seq, name = excluded.name
		WHERE (excluded.stamp, excluded.device, excluded.seq) > (stamp, device, seq)`,
		e.Space[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq), body.Name)
	return err
}

// Members follows who is in a folder.
func (p *Projection) Members(tx *projection.Tx, m eventlog.Members) error {
	if m.State.Kind != space.Folder {
		return nil
	}
	row, err := p.row(tx, m.Space)
	if err != nil {
		return err
	}
	tx.Changed("folders", topic(m.Space))
	if _, err := tx.Exec(`UPDATE folders_space SET workspace = ?, known = 1 WHERE row = ?`, m.State.Workspace[:], row); err != nil {
		return err
	}
	for _, person := range m.People {
		member, ok := m.State.Member(person)
		if !ok {
			if _, err := tx.Exec(`DELETE FROM folders_member WHERE space = ? AND person = ?`, m.Space[:], person[:]); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.Exec(`INSERT INTO folders_member VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET
			role = excluded.role, active = excluded.active`, m.Space[:], person[:], int64(member.Role), member.Active); err != nil {
			return err
		}
	}
	p.note(tx, m.Space, nil)
	return nil
}

func (p *Projection) note(tx *projection.Tx, id wire.SpaceID, paths []string) {
	if p.Noted != nil {
		tx.Tell(func() { p.Noted(id, paths) })
	}
}

// Logical implements projection.Logical: rows are numbered as they come, and
// stamps of clocks that ran ahead are each device's own. What a crowded folder has
// taken depends on the order in which it came.
func (p *Projection) Logical() map[string]string {
	const feed = ` JOIN folders_feed f ON f.row = x.feed`
	of := fmt.Sprintf(` JOIN folders_space s ON s.row = x.folder AND s.told <= %d`, p.Most)
	return map[string]string{
		"folders_space": fmt.Sprintf(`SELECT space, workspace, known, told, iif(told > %[1]d, 0, files), iif(told > %[1]d, 0, bytes) FROM folders_space`, p.Most),
		"folders_feed": fmt.Sprintf(`SELECT f.space, f.device, f.start, f.person FROM folders_feed f
			WHERE NOT EXISTS(SELECT 1 FROM folders_space s WHERE s.space = f.space AND s.told > %d)`, p.Most),
		"folders_version": `SELECT s.space, x.parent, x.name, x.id, x.kind, x.size, x.modified, x.exec, x.body, x.stamp, f.device, f.start, x.seq,
			x.state, x.kept, x.cause, x.other FROM folders_version x` + of + feed,
		"folders_foretold": `SELECT s.space, x.path, x.id, x.kept FROM folders_foretold x` + of,
		"folders_change":   `SELECT s.space, x.stamp, f.device, f.start, x.seq, x.what, x.path, x.other, x.count FROM folders_change x` + of + feed,
		"folders_pack":     `SELECT s.space, f.device, f.start, x.seq, x.n, x.file, x.chunks, x.zstd FROM folders_pack x` + of + feed,
		"folders_packed": `SELECT s.space, x.chunk, f.device, f.start, p.seq, p.n FROM folders_packed x` + of + `
			JOIN folders_pack p ON p.row = x.pack JOIN folders_feed f ON f.row = p.feed`,
		"folders_packed_upto": `SELECT s.space, f.device, f.start, x.upto FROM folders_packed_upto x` + of + feed,
	}
}

// Forget is called when the tables were made anew.
func (p *Projection) Forget() {
	clear(p.rows)
	clear(p.feeds)
}

// Reset forgets a space.
func (p *Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	clear(p.feeds)
	row, err := p.row(tx, id)
	if err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM folders_version WHERE folder = ?`, `DELETE FROM folders_foretold WHERE folder = ?`,
		`DELETE FROM folders_change WHERE folder = ?`, `DELETE FROM folders_packed WHERE folder = ?`,
		`DELETE FROM folders_pack WHERE folder = ?`, `DELETE FROM folders_packed_upto WHERE folder = ?`,
		`UPDATE folders_space SET files = 0, bytes = 0, told = 0, known = 0, workspace = x'' WHERE row = ?`,
	} {
		_, e := tx.Exec(q, row)
		err = errors.Join(err, e)
	}
	for _, q := range []string{
		`DELETE FROM folders_member WHERE space = ?`, `DELETE FROM folders_naming WHERE space = ?`, `DELETE FROM folders_feed WHERE space = ?`,
	} {
		_, e := tx.Exec(q, id[:])
		err = errors.Join(err, e)
	}
	tx.Changed("folders", topic(id))
	p.note(tx, id, nil)
	return err
}
