package folders_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// pair is two desks in this process that keep a folder on real disks.
func pair(b *testing.B) (from, to string, o *testspace.Office) {
	o = testspace.New(b, 1)
	o.Founds("li", "公司")
	o.Admits("li", "wang")
	li, wang := o.As("li"), o.As("wang")
	base := b.TempDir()
	from, to = filepath.Join(base, "from"), filepath.Join(base, "to")
	for _, root := range []string{from, to} {
		if err := os.MkdirAll(root, 0o755); err != nil {
			b.Fatal(err)
		}
	}
	id, err := li.Folders.Share(context.Background(), o.Workspace, from, "", map[wire.PersonID]space.Role{wang.Person(): space.Member})
	if err != nil {
		b.Fatal(err)
	}
	o.Eventually("wang is told", func() bool { return wang.Log.Knows(id) })
	if err := wang.Folders.Keep(context.Background(), id, to, 2, nil); err != nil {
		b.Fatal(err)
	}
	return from, to, o
}

// BenchmarkLarge sends one file; profiles say where the time goes.
func BenchmarkLarge(b *testing.B) {
	const size = 512 << 20
	from, to, o := pair(b)
	b.SetBytes(size)
	for i := 0; b.Loop(); i++ {
		name := fmt.Sprintf("large-%d.bin", i)
		if err := os.WriteFile(filepath.Join(from, name), content(uint64(i), size), 0o644); err != nil {
			b.Fatal(err)
		}
		o.Eventually("it is there", func() bool { s, err := os.Stat(filepath.Join(to, name)); return err == nil && s.Size() == size })
	}
}

// BenchmarkMany sends many small files.
func BenchmarkMany(b *testing.B) {
	const files = 5000
	from, to, o := pair(b)
	for i := 0; b.Loop(); i++ {
		outside := filepath.Join(filepath.Dir(from), "outside")
		for n := range files {
			folder := filepath.Join(outside, fmt.Sprint(n/100))
			if n%100 == 0 {
				if err := os.MkdirAll(folder, 0o755); err != nil {
					b.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprint(n, ".bin")), content(uint64(i*files+n), 10<<10), 0o644); err != nil {
				b.Fatal(err)
			}
		}
		if err := os.Rename(outside, filepath.Join(from, fmt.Sprint("all", i))); err != nil {
			b.Fatal(err)
		}
		last := filepath.Join(to, fmt.Sprint("all", i), fmt.Sprint((files-1)/100))
		o.Eventually("they are there", func() bool {
			all, err := os.ReadDir(last)
			return err == nil && len(all) == 100
		})
	}
	b.ReportMetric(float64(files*b.N)/b.Elapsed().Seconds(), "files/s")
}
