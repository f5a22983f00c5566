package store

import (
	"context"
	"errors"
	"strconv"
	"testing"
)

// What a search index kept in memory on a connection is older than the file
// after others wrote: looked over with it, a sound file seemed damaged, and the
// program closed it (seen after kill -9, when the look at the start was followed
// by one beside the work).
func TestWhatIsWrittenBetweenLooksIsNoDamage(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	if err := db.Migrate(ctx, "words", `CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1)`); err != nil {
		t.Fatal(err)
	}
	row := 0
	for look := range 20 {
		for range 40 { // each commit is a segment, and segments are merged
			row++
			if err := db.Write(ctx, func(tx *Tx) error {
				_, err := tx.Exec(`INSERT INTO words(rowid, text) VALUES(?, ?)`, row, "round table "+strconv.Itoa(row))
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		findings, err := db.IntegrityCheck(ctx)
		if err := errors.Join(err, db.QuickCheck(ctx)); err != nil || len(findings) > 0 {
			t.Fatalf("look %d: %v, %q", look, err, findings)
		}
		// A search, too, leaves on its connection what the index was like.
		var n int
		if err := db.Read().QueryRow(`SELECT count(*) FROM words WHERE words MATCH 'table'`).Scan(&n); err != nil || n != row {
			t.Fatalf("look %d: %v, found %d of %d", look, err, n, row)
		}
	}
}
