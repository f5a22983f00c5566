package witnessed

import (
	"crypto/sha256"
	_ "embed"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Projection keeps the tables of this package.
type Projection struct {
	// Noted, when set, hears after the commit that something came in. It must not block.
	Noted func()
}

var _ projection.Projection = (*Projection)(nil)

// NewProjection makes one.
func NewProjection() *Projection { return &Projection{} }

func (*Projection) Name() string   { return "witnessed" }
func (*Projection) Version() int   { return 2 }
func (*Projection) Schema() string { return schema }

// Apply takes one event. A body that makes no sense, or that proves nothing, is skipped.
func (p *Projection) Apply(tx *projection.Tx, e eventlog.Event) error {
	var err error
	switch e.Kind {
	case KindCheckpoint:
		err = takeCheckpoint(tx, e)
	case KindCosigned:
		err = takeCosigned(tx, e)
	case KindForked:
		err = takeForked(tx, e)
	default:
		return nil
	}
	if p.Noted != nil {
		tx.Tell(p.Noted)
	}
	tx.Changed("contract:" + e.Space.String())
	return err
}

// Early shows nothing.
func (*Projection) Early(*projection.Tx, eventlog.Event) error { return nil }

// Members changes nothing: what somebody signed stays signed.
func (*Projection) Members(*projection.Tx, eventlog.Members) error { return nil }

// Reset forgets a space.
func (*Projection) Reset(tx *projection.Tx, id wire.SpaceID) error {
	var err error
	for _, q := range []string{
		`DELETE FROM witnessed_checkpoint WHERE space = ?`, `DELETE FROM witnessed_entry WHERE space = ?`,
		`DELETE FROM witnessed_cosigned WHERE space = ?`, `DELETE FROM witnessed_forked WHERE space = ?`, `DELETE FROM witnessed_key WHERE space = ?`,
	} {
		_, e := tx.Exec(q, id[:])
		err = errors.Join(err, e)
	}
	return err
}

// read is a checkpoint whose signature is good.
type read struct {
	key  evidence.Key
	note evidence.Note
	evidence.Checkpoint
}

func readNote(log string, device wire.DeviceID, text string) (r read, ok bool) {
	if r.key, ok = logKey(log, device); !ok {
		return r, false
	}
	var err error
	if r.note, err = evidence.ParseNote(text); err != nil {
		return r, false
	}
	if r.Checkpoint, err = evidence.ParseCheckpoint(r.note.Text); err != nil || r.Origin != r.key.Name || len(r.note.Lines) != 1 {
		return r, false
	}
	_, ok = r.note.SignedBy(r.key)
	return r, ok
}

func takeCheckpoint(tx *projection.Tx, e eventlog.Event) error {
	var body checkpoint
	if wire.Decode(e.Body, wire.MaxBody, &body) != nil || len(body.Entries) > maxEntries || len(body.Continuations) > maxContinuations {
		return nil
	}
	r, ok := readNote(body.Log, e.Feed.Device, body.Note)
	if !ok {
		return nil
	}
	for _, c := range body.Continuations {
		if _, ok := treeHashes(c.Hashes); !ok {
			return nil
		}
	}
	if first, err := firstKey(tx, e, logUse, body.Log); !first || err != nil {
		return err
	}
	hash := sha256.Sum256([]byte(r.note.Text))
	if _, err := tx.Exec(`INSERT OR IGNORE INTO witnessed_checkpoint VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID[:], e.Space[:], e.Feed.Device[:], e.Person[:], body.Log, r.Size, r.note.Text, hash[:], r.note.Lines[0], wire.MustEncode(body.Continuations)); err != nil {
		return err
	}
	for _, one := range body.Entries {
		if err := takeEntry(tx, e, body.Log, r, hash, one); err != nil {
			return err
		}
	}
	return recheck(tx, e.Space, body.Log, r.note.Text, hash)
}

// takeEntry keeps an entry that is proven, of this contract and in the author's own name.
func takeEntry(tx *projection.Tx, e eventlog.Event, log string, r read, hash [32]byte, one entry) error {
	hashes, ok := treeHashes(one.Hashes)
	leaf, err := evidence.ParseLeaf(one.Text)
	if !ok || err != nil || one.Index >= uint64(r.Size) || leaf.Contract != e.Space.String() || leaf.Device != e.Feed.Device.String() || leaf.Actor != e.Person.String() ||
		tlog.CheckRecord(hashes, r.Size, r.Root, int64(one.Index), tlog.RecordHash(one.Text)) != nil {
		return nil //nolint:nilerr // skipped
	}
	_, err = tx.Exec(`INSERT OR IGNORE INTO witnessed_entry VALUES(?, ?, ?, ?, ?, ?)`,
		e.Space[:], log, int64(one.Index), hash[:], one.Text, wire.MustEncode(one.Hashes))
	return err
}

func takeCosigned(tx *projection.Tx, e eventlog.Event) error {
	var body cosigned
	if wire.Decode(e.Body, wire.MaxBody, &body) != nil || len(body.Items) > maxItems {
		return nil
	}
	if _, ok := witnessKey(body.Witness, e.Feed.Device); !ok {
		return nil
	}
	if first, err := firstKey(tx, e, witnessUse, body.Witness); !first || err != nil {
		return err
	}
	for _, one := range body.Items {
		// Nobody witnesses their own log.
		if _, own := logKey(one.Log, e.Feed.Device); own || len(one.Log) > maxKey || len(one.Line) > maxKey {
			continue
		}
		if _, err := tx.Exec(`INSERT OR IGNORE INTO witnessed_cosigned VALUES(?, ?, ?, ?, ?, ?, ?, 0)`,
			e.Space[:], body.Witness, one.Log, one.Text[:], one.Line, e.Feed.Device[:], e.Person[:]); err != nil {
			return err
		}
		var text string
		rows, err := tx.Query(`SELECT text FROM witnessed_checkpoint WHERE space = ? AND log = ? AND hash = ? LIMIT 1`, e.Space[:], one.Log, one.Text[:])
		if err != nil {
			return err
		}
		for rows.Next() {
			err = errors.Join(err, rows.Scan(&text))
		}
		if err = errors.Join(err, rows.Close()); err != nil {
			return err
		}
		if text != "" {
			if err := recheck(tx, e.Space, one.Log, text, one.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

// recheck looks which cosignatures of a checkpoint are good.
func recheck(tx *projection.Tx, id wire.SpaceID, log, text string, hash [32]byte) error {
	type row struct{ witness, line string }
	var all []row
	rows, err := tx.Query(`SELECT witness, line FROM witnessed_cosigned WHERE space = ? AND log = ? AND hash = ? AND good = 0`, id[:], log, hash[:])
	if err != nil {
		return err
	}
	for rows.Next() {
		var one row
		err = errors.Join(err, rows.Scan(&one.witness, &one.line))
		all = append(all, one)
	}
	if err = errors.Join(err, rows.Close()); err != nil {
		return err
	}
	for _, one := range all {
		k, err := evidence.ParseKey(one.witness)
		if err != nil {
			continue
		}
		if _, ok := (evidence.Note{Text: text, Lines: []string{one.line}}).SignedBy(k); !ok {
			continue
		}
		if _, err := tx.Exec(`UPDATE witnessed_cosigned SET good = 1 WHERE space = ? AND witness = ? AND log = ? AND hash = ? AND line = ?`,
			id[:], one.witness, log, hash[:], one.line); err != nil {
			return err
		}
	}
	return nil
}

func takeForked(tx *projection.Tx, e eventlog.Event) error {
	var body forked
	if wire.Decode(e.Body, wire.MaxBody, &body) != nil || len(body.Log) > maxKey {
		return nil
	}
	k, err := evidence.ParseKey(body.Log)
	if err != nil {
		return nil //nolint:nilerr // skipped
	}
	a, err1 := evidence.ParseNote(body.First)
	b, err2 := evidence.ParseNote(body.Second)
	if err1 != nil || err2 != nil {
		return nil
	}
	if is, err := evidence.Forked(k, a, b); err != nil || !is {
		return nil //nolint:nilerr // no proof
	}
	_, err = tx.Exec(`INSERT OR IGNORE INTO witnessed_forked VALUES(?, ?, ?, ?)`, e.Space[:], body.Log, body.First, body.Second)
	return err
}
