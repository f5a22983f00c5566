package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"roundtable/backend/errcode"
)

// check touches the file: a damaged header or page shows here, not in the
// middle of work. quick_check skips index contents and takes about a second
// per GiB, so it holds up the start only after an unclean end or when damage was
// met (the marker file is there); otherwise the app has it run beside its work.
func (db *DB) check(ctx context.Context) error {
	var n int
	if err := db.writer.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n); err != nil {
		return Classify(fmt.Errorf("open store: %w", err))
	}
	marker := db.path + ".open"
	if _, err := os.Stat(marker); err == nil {
		if err := db.QuickCheck(ctx); err != nil {
			return err
		}
	}
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		return Classify(fmt.Errorf("open store: %w", err))
	}
	return nil
}

// QuickCheck asks SQLite whether the file is sound. Errors: errcode.DatabaseCorrupt.
func (db *DB) QuickCheck(ctx context.Context) error {
	findings, err := db.lookOver(ctx, "PRAGMA quick_check(1)")
	if err == nil && len(findings) > 0 {
		err = errcode.With(errcode.DatabaseCorrupt, errors.New("quick_check: "+findings[0]))
	}
	return err
}

// IntegrityCheck reads every page and index, for tools that have the time.
// It gives what SQLite found wrong, at most 100 lines. Errors: errcode.DatabaseCorrupt
// when the file is too damaged to be read through.
func (db *DB) IntegrityCheck(ctx context.Context) ([]string, error) {
	return db.lookOver(ctx, "PRAGMA integrity_check(100)")
}

// lookOver runs a check on a connection of its own and gives what is not "ok".
// FTS5 keeps the structure of an index with the connection and renews it when a
// cursor opens or a write begins, not for a check (fts5IntegrityMethod in SQLite
// 3.54 calls no fts5NewTransaction): a connection that searched before others
// wrote misses segments that were merged since, and calls a sound file malformed.
func (db *DB) lookOver(ctx context.Context, check string) (findings []string, err error) {
	fresh, err := open(db.path, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	rows, err := fresh.QueryContext(ctx, check)
	if err != nil {
		return nil, Classify(fmt.Errorf("check store: %w", err))
	}
	return linesNotOK(rows)
}

func linesNotOK(rows *sql.Rows) (out []string, err error) {
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return out, errors.Join(Classify(fmt.Errorf("check store: %w", err)), rows.Close())
		}
		if line != "ok" {
			out = append(out, line)
		}
	}
	return out, errors.Join(Classify(rows.Err()), rows.Close())
}
