package ledger

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/key"
	"roundtable/backend/store"
)

//go:embed schema.sql
var schema string

// Ledger is the evidence log of a device.
type Ledger struct {
	db  *store.DB
	key key.NoteKey
	own evidence.Key
}

// Open opens the log of a name, which is its origin for ever: it is part of every checkpoint.
func Open(ctx context.Context, db *store.DB, name string, k key.NoteKey) (*Ledger, error) {
	if err := db.Migrate(ctx, "evidence", schema); err != nil {
		return nil, err
	}
	return &Ledger{db: db, key: k, own: evidence.Key{Name: name, Public: k.Public()}}, nil
}

// Key is what its checkpoints are checked with.
func (l *Ledger) Key() evidence.Key { return l.own }

// Append adds an entry within a transaction and gives its index. Previous is filled in here.
func (l *Ledger) Append(tx *store.Tx, leaf evidence.Leaf) (index int64, err error) {
	var before []byte
	switch err := tx.QueryRow(`SELECT hash FROM evidence_leaf WHERE contract=? ORDER BY idx DESC LIMIT 1`, leaf.Contract).Scan(&before); {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return 0, fmt.Errorf("read evidence: %w", err)
	}
	copy(leaf.Previous[:], before)
	text, err := leaf.Bytes()
	if err != nil {
		return 0, err
	}
	if err := tx.QueryRow(`SELECT coalesce(max(idx)+1, 0) FROM evidence_leaf`).Scan(&index); err != nil {
		return 0, fmt.Errorf("read evidence: %w", err)
	}
	hashes, err := tlog.StoredHashes(index, text, tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		return hashes(tx.QueryRow, at)
	}))
	if err != nil {
		return 0, fmt.Errorf("hash evidence: %w", err)
	}
	hash := evidence.Hash(text)
	if _, err := tx.Exec(`INSERT INTO evidence_leaf(idx, contract, text, hash) VALUES(?, ?, ?, ?)`, index, leaf.Contract, text, hash[:]); err != nil {
		return 0, fmt.Errorf("write evidence: %w", err)
	}
	at := tlog.StoredHashIndex(0, index)
	for i, h := range hashes {
		if _, err := tx.Exec(`INSERT INTO evidence_hash(at, hash) VALUES(?, ?)`, at+int64(i), h[:]); err != nil {
			return 0, fmt.Errorf("write evidence: %w", err)
		}
	}
	return index, nil
}

func hashes(row func(string, ...any) *sql.Row, at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		var raw []byte
		if err := row(`SELECT hash FROM evidence_hash WHERE at=?`, n).Scan(&raw); err != nil {
			return nil, fmt.Errorf("read hash %d: %w", n, err)
		}
		copy(out[i][:], raw)
	}
	return out, nil
}

func (l *Ledger) reader(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		return hashes(func(q string, a ...any) *sql.Row { return l.db.Read().QueryRowContext(ctx, q, a...) }, at)
	})
}

// Size is how many entries there are.
func (l *Ledger) Size(ctx context.Context) (n int64, err error) {
	if err := l.db.Read().QueryRowContext(ctx, `SELECT coalesce(max(idx)+1, 0) FROM evidence_leaf`).Scan(&n); err != nil {
		return 0, fmt.Errorf("read evidence: %w", err)
	}
	return n, nil
}

// Checkpoint signs the state of the log.
func (l *Ledger) Checkpoint(ctx context.Context) (evidence.Note, error) {
	size, err := l.Size(ctx)
	if err != nil {
		return evidence.Note{}, err
	}
	root, err := tlog.TreeHash(size, l.reader(ctx))
	if err != nil {
		return evidence.Note{}, fmt.Errorf("hash evidence: %w", err)
	}
	text := evidence.Checkpoint{Origin: l.own.Name, Size: size, Root: root}.Text()
	return evidence.Note{Text: text, Lines: []string{l.own.Line(l.key.Sign(l.own.Message(text, 0)), 0)}}, nil
}

// Prove shows that an entry is in the log of a checkpoint.
func (l *Ledger) Prove(ctx context.Context, index int64, n evidence.Note) (evidence.Proof, error) {
	c, err := evidence.ParseCheckpoint(n.Text)
	if err != nil {
		return evidence.Proof{}, err
	}
	p := evidence.Proof{Index: index, Note: n}
	if err := l.db.Read().QueryRowContext(ctx, `SELECT text FROM evidence_leaf WHERE idx=?`, index).Scan(&p.Leaf); err != nil {
		return evidence.Proof{}, fmt.Errorf("read evidence: %w", err)
	}
	if p.Hashes, err = tlog.ProveRecord(c.Size, index, l.reader(ctx)); err != nil {
		return evidence.Proof{}, fmt.Errorf("prove evidence: %w", err)
	}
	return p, nil
}

// Continuation shows that a log of one size is the beginning of that of a later one.
func (l *Ledger) Continuation(ctx context.Context, older, newer int64) ([]tlog.Hash, error) {
	if older <= 0 || older >= newer {
		return nil, nil
	}
	proof, err := tlog.ProveTree(newer, older, l.reader(ctx))
	if err != nil {
		return nil, fmt.Errorf("prove evidence: %w", err)
	}
	return proof, nil
}

// Of gives the entries of a contract with their indexes, in order.
func (l *Ledger) Of(ctx context.Context, contract string) (indexes []int64, leaves [][]byte, err error) {
	rows, err := l.db.Read().QueryContext(ctx, `SELECT idx, text FROM evidence_leaf WHERE contract=? ORDER BY idx`, contract)
	if err != nil {
		return nil, nil, fmt.Errorf("read evidence: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var index int64
		var text []byte
		if err := rows.Scan(&index, &text); err != nil {
			return nil, nil, fmt.Errorf("read evidence: %w", err)
		}
		indexes, leaves = append(indexes, index), append(leaves, text)
	}
	return indexes, leaves, rows.Err()
}

// Witness cosigns the logs of others.
type Witness struct {
	db  *store.DB
	key key.NoteKey
	own evidence.Key
	now func() time.Time
}

// NewWitness makes one with a key of its own, over the tables of a ledger that is open.
func NewWitness(db *store.DB, name string, k key.NoteKey, now func() time.Time) *Witness {
	return &Witness{db: db, key: k, own: evidence.Key{Name: name, Witness: true, Public: k.Public()}, now: now}
}

// Key is what its cosignatures are checked with.
func (w *Witness) Key() evidence.Key { return w.own }

// Known is the size of a log that it signed last, 0 for one that it does not know. A request needs the continuation from there.
func (w *Witness) Known(ctx context.Context, log evidence.Key) (size int64, err error) {
	err = w.db.Read().QueryRowContext(ctx, `SELECT size FROM evidence_witnessed WHERE origin=?`, log.String()).Scan(&size)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read witness: %w", err)
	}
	return size, nil
}

// Cosign gives the line of its signature for a checkpoint that continues what it signed of this log.
// Errors: evidence.ErrForked (which is worth keeping: the note is the proof), ErrOlder, ErrUnsigned,
// ErrMalformed.
func (w *Witness) Cosign(ctx context.Context, log evidence.Key, n evidence.Note, proof []tlog.Hash) (line string, err error) {
	c, err := evidence.ParseCheckpoint(n.Text)
	if err != nil {
		return "", err
	}
	if _, ok := n.SignedBy(log); !ok || c.Origin != log.Name {
		return "", evidence.ErrUnsigned
	}
	err = w.db.Write(ctx, func(tx *store.Tx) error {
		older := evidence.Checkpoint{Origin: c.Origin}
		var root []byte
		err := tx.QueryRow(`SELECT size, root FROM evidence_witnessed WHERE origin=?`, log.String()).Scan(&older.Size, &root)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read witness: %w", err)
		}
		copy(older.Root[:], root)
		if err := evidence.Continues(older, c, proof); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO evidence_witnessed(origin, size, root) VALUES(?, ?, ?)
			ON CONFLICT(origin) DO UPDATE SET size=excluded.size, root=excluded.root`, log.String(), c.Size, c.Root[:])
		return err
	})
	if err != nil {
		return "", err
	}
	at := w.now().Unix()
	return w.own.Line(w.key.Sign(w.own.Message(n.Text, at)), at), nil
}
