package seed_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"roundtable/app/proof/seed"
)

// As many departments as were asked for, counted with those above teams; the same file each time; nobody reports to themselves.
func TestOffice(t *testing.T) {
	for _, n := range []int{1, 2, 13, 14, 200, 2000, 3000} {
		seen := map[string]bool{}
		for _, path := range seed.Paths(n) {
			for i, c := range path + "/" {
				if c == '/' {
					seen[path[:i]] = true
				}
			}
		}
		if len(seen) != n {
			t.Errorf("%d departments, want %d", len(seen), n)
		}
	}
	raw := seed.Sheet(3000, 200)
	if !bytes.Equal(raw, seed.Sheet(3000, 200)) {
		t.Error("another file")
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil || len(rows) != 3001 {
		t.Fatal(len(rows), err)
	}
	twice := 0
	for _, row := range rows[1:] {
		if row[0] == row[8] {
			t.Errorf("%v reports to themselves", row)
		}
		if strings.Contains(row[2], ";") {
			twice++
		}
	}
	if twice == 0 {
		t.Error("nobody works in two teams")
	}
}
