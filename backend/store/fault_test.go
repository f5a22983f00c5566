package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"roundtable/backend/errcode"
)

// held lets writes pile up behind one, so that they share a commit.
func held(t *testing.T, db *DB, all ...func(*Tx) error) []error {
	t.Helper()
	running, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	errs := make([]error, len(all)+1)
	wg.Go(func() {
		errs[len(all)] = db.Write(context.Background(), func(*Tx) error { close(running); <-release; return nil })
	})
	<-running
	for i, fn := range all {
		wg.Go(func() { errs[i] = db.Write(context.Background(), fn) })
		for len(db.writes) != i+1 { // in this order
		}
	}
	close(release)
	wg.Wait()
	return errs
}

func insert(n int) func(*Tx) error {
	return func(tx *Tx) error { _, err := tx.Exec(`INSERT INTO x VALUES(?)`, n); return err }
}

func rows(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.Read().QueryRow(`SELECT count(*) FROM x`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// One that fails takes nothing else along, however it fails.
func TestAFailingWriteOfAGroup(t *testing.T) {
	db := openTest(t)
	commits := 0
	count := func(fn func(*Tx) error) func(*Tx) error {
		return func(tx *Tx) error { tx.OnCommit(func() { commits++ }); return fn(tx) }
	}
	errs := held(t, db, count(insert(1)), count(insert(1)), count(func(tx *Tx) error { _, err := tx.Exec(`NO SUCH STATEMENT`); return err }),
		count(insert(2)), count(func(tx *Tx) error { return errors.Join(insert(3)(tx), errors.New("late")) }))
	for i, failed := range []bool{false, true, true, false, true} {
		if (errs[i] != nil) != failed {
			t.Errorf("write %d: %v", i, errs[i])
		}
	}
	if n := rows(t, db); n != 2 || commits != 2 {
		t.Errorf("%d rows, %d told of the commit", n, commits)
	}
}

// When the commit itself fails, everybody is told, and nothing of it is there.
func TestAFailingCommit(t *testing.T) {
	db := openTest(t)
	bad := errors.New("bad")
	undone := 0
	errs := held(t, db, insert(1), func(tx *Tx) error {
		tx.OnRollback(func() { undone++ })
		tx.BeforeCommit(func() error { return bad })
		return insert(2)(tx)
	}, insert(3))
	for i, err := range errs {
		if !errors.Is(err, bad) {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if n := rows(t, db); n != 0 || undone != 1 {
		t.Errorf("%d rows, undone %d times", n, undone)
	}
	if err := db.Write(context.Background(), insert(1)); err != nil {
		t.Errorf("the next write: %v", err)
	}
}

// A savepoint within a write is undone alone.
func TestSavepoint(t *testing.T) {
	db := openTest(t)
	err := db.Write(context.Background(), func(tx *Tx) error {
		if err := insert(1)(tx); err != nil {
			return err
		}
		inner := tx.Savepoint(func() error { return errors.Join(insert(2)(tx), errors.New("inner")) })
		if inner == nil {
			t.Error("the inner failure was swallowed")
		}
		return tx.Savepoint(func() error { return insert(3)(tx) })
	})
	if n := rows(t, db); err != nil || n != 2 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestCancelledWriteIsTakenBack(t *testing.T) {
	db := openTest(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := db.Write(ctx, insert(1)); !errors.Is(err, context.Canceled) || rows(t, db) != 0 {
		t.Errorf("%v", err)
	}
}

func TestWritesAfterClose(t *testing.T) {
	db := openTest(t)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if err := db.Write(context.Background(), insert(i)); err != nil && !errors.Is(err, ErrClosed) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if err := db.Write(context.Background(), insert(99)); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
}

// A full disk has its own code; what was there stays, and when there is room
// again writing goes on.
func TestFullDisk(t *testing.T) {
	db := openTest(t)
	ctx := context.Background()
	limit := func(pages int) {
		if err := db.Write(ctx, func(tx *Tx) error {
			return tx.QueryRow(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(new(int))
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Migrate(ctx, "blobs", `CREATE TABLE y(v BLOB) STRICT`); err != nil {
		t.Fatal(err)
	}
	large := func(tx *Tx) error { _, err := tx.Exec(`INSERT INTO y VALUES(zeroblob(1000000))`); return err }
	limit(20)
	errs := held(t, db, insert(1), large, insert(2))
	if !errors.Is(errs[1], errcode.DiskFull) {
		t.Errorf("the large write: %v", errs[1])
	}
	// SQLite may undo the whole group then: who is told of success has it.
	for i, n := range map[int]int{0: 1, 2: 2} {
		var there int
		if err := db.Read().QueryRow(`SELECT count(*) FROM x WHERE n = ?`, n).Scan(&there); err != nil || (errs[i] == nil) != (there == 1) {
			t.Errorf("write %d: %v, %d rows", i, errs[i], there)
		}
	}
	limit(100_000)
	if err := db.Write(ctx, large); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// Damage in the middle is found at the next opening after an unclean end.
func TestDamagedPage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	ctx := context.Background()
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Migrate(ctx, "test", `CREATE TABLE x(n INTEGER PRIMARY KEY, v TEXT) STRICT`)
	for i := range 50 {
		_ = db.Write(ctx, func(tx *Tx) error {
			_, err := tx.Exec(`INSERT INTO x VALUES(?, ?)`, i, strings.Repeat("v", 1000))
			return err
		})
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[4096*2:], strings.Repeat("\xff", 4096*3))
	_ = os.WriteFile(path, raw, 0o600)
	_ = os.WriteFile(path+".open", nil, 0o600)
	if db, err := Open(ctx, path); !errors.Is(err, errcode.DatabaseCorrupt) {
		t.Errorf("%v", err)
		if err == nil {
			_ = db.Close()
		}
	}
}
