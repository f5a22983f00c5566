package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"roundtable/backend/errcode"
)

func openTest(t *testing.T) *DB {
	t.Helper()
	db, err := Open(context.Background(), filepath.Join(t.TempDir(), "a b#c.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(context.Background(), "test", `CREATE TABLE x(n INTEGER PRIMARY KEY) STRICT`); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestGroupedWritesAreApart(t *testing.T) {
	db := openTest(t)
	var wg sync.WaitGroup
	bad := errors.New("bad")
	for i := range 200 {
		wg.Go(func() {
			err := db.Write(context.Background(), func(tx *Tx) error {
				if _, err := tx.Exec(`INSERT INTO x VALUES(?)`, i); err != nil {
					return err
				}
				if i%2 == 1 {
					return bad
				}
				return nil
			})
			if (i%2 == 1) != errors.Is(err, bad) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	var n int
	if err := db.Read().QueryRow(`SELECT count(*) FROM x WHERE n % 2 = 0`).Scan(&n); err != nil || n != 100 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestCommitHooks(t *testing.T) {
	db := openTest(t)
	var log []string
	_ = db.Write(context.Background(), func(tx *Tx) error {
		tx.BeforeCommit(func() error { log = append(log, "seal"); return nil })
		tx.Tell(func() { log = append(log, "told") })
		tx.OnCommit(func() { log = append(log, "commit") })
		return nil
	})
	_ = db.Write(context.Background(), func(tx *Tx) error {
		tx.OnCommit(func() { log = append(log, "never") })
		tx.Tell(func() { log = append(log, "never told") })
		tx.OnRollback(func() { log = append(log, "undo") })
		return errors.New("no")
	})
	_ = db.Write(context.Background(), func(tx *Tx) error {
		tx.OnRollback(func() { log = append(log, "undo all") })
		tx.BeforeCommit(func() error { return errors.New("late") })
		return nil
	})
	if want := []string{"seal", "commit", "told", "undo", "undo all"}; !slices.Equal(log, want) {
		t.Errorf("%v", log)
	}
	// The writer goes on after a failed commit.
	if err := db.Write(context.Background(), func(tx *Tx) error { _, err := tx.Exec(`INSERT INTO x VALUES(1)`); return err }); err != nil {
		t.Error(err)
	}
}

func TestDamagedFileIsToldApart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	if err := os.WriteFile(path, []byte("this is not a database, but long enough to look like one at first"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), path); !errors.Is(err, errcode.DatabaseCorrupt) {
		t.Errorf("%v", err)
	}
}

func TestNewerProfileIsRefused(t *testing.T) {
	db := openTest(t)
	if err := db.Migrate(context.Background(), "test", `SELECT 1`, `SELECT 1`); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(context.Background(), "test", `SELECT 1`); err == nil {
		t.Error("an older program opened a newer profile")
	}
}

func BenchmarkDurableWrite(b *testing.B) {
	db, err := Open(context.Background(), filepath.Join(b.TempDir(), "db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	_ = db.Migrate(context.Background(), "test", `CREATE TABLE x(n INTEGER PRIMARY KEY, v BLOB) STRICT`)
	blob := make([]byte, 300)
	for b.Loop() {
		_ = db.Write(context.Background(), func(tx *Tx) error {
			_, err := tx.Exec(`INSERT INTO x(v) VALUES(?)`, blob)
			return err
		})
	}
}

// Damage in the middle shows only to who reads there: from then on the next
// start knows of it.
func TestDamageMetWhileOpen(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "db")
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Migrate(ctx, "test", `CREATE TABLE x(v BLOB) STRICT`), db.Write(ctx, func(tx *Tx) error {
		for range 500 {
			if _, err := tx.Exec(`INSERT INTO x VALUES(randomblob(1000))`); err != nil {
				return err
			}
		}
		return nil
	}), db.Close()); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(raw) / 2; i < len(raw)/2+50*4096; i++ {
		raw[i] = 0xaa
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(ctx, path); err != nil {
		t.Fatal(err) // it ended cleanly and its header is whole
	}
	told := make(chan error, 2)
	db.OnDamage(func(err error) { told <- err })
	err = db.Write(ctx, func(tx *Tx) error {
		var n int
		return tx.QueryRow(`SELECT count(*) FROM x WHERE length(v) > 1`).Scan(&n)
	})
	if !errors.Is(err, errcode.DatabaseCorrupt) {
		t.Errorf("%v", err)
	}
	db.Suspect(db.QuickCheck(ctx))
	if err := <-told; !errors.Is(err, errcode.DatabaseCorrupt) || len(told) != 0 {
		t.Errorf("%v, and %d more", err, len(told))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, path); !errors.Is(err, errcode.DatabaseCorrupt) {
		t.Errorf("the next start does not know: %v", err)
	}
}
