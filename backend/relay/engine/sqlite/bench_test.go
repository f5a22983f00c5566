package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const benchBody = 1024 - 194

// each runs fn n times from so many goroutines, each with its own number.
func each(b *testing.B, writers, n int, fn func(writer, i int) error) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for w := range writers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := fn(w, i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// bare is what the store itself does with the same bytes: one insert per write.
func bare(b *testing.B, folder string) (*store.DB, func(raw []byte) error) {
	db, err := store.Open(b.Context(), filepath.Join(folder, "bare.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(b.Context(), "bare", `CREATE TABLE bare(pos INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT`); err != nil {
		b.Fatal(err)
	}
	return db, func(raw []byte) error {
		return db.Write(context.Background(), func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO bare(bytes) VALUES(?)`, raw)
			return err
		})
	}
}

// authors make what is published before the clock runs.
func authors(writers, n int) (out [][]engine.Run) {
	out = make([][]engine.Run, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			a := enginetest.NewAuthor(enginetest.NewSpace())
			for range n {
				out[w] = append(out[w], a.Write(1, benchBody))
			}
		})
	}
	wg.Wait()
	return out
}

// BenchmarkPublish: durable appends of 1 KiB, against the bare store in the same
// run. "one by one" waits for each answer; "pipelined" keeps 64 under way per writer.
func BenchmarkPublish(b *testing.B) {
	for _, c := range []struct {
		name     string
		writers  int
		inFlight int
	}{{"16 one by one", 16, 1}, {"16 pipelined", 16, 64}, {"1 one by one", 1, 1}} {
		b.Run(c.name, func(b *testing.B) {
			part := 400 * c.inFlight // alternating parts: what the disk does to one it does to the other
			e := open(b, b.TempDir(), engine.Options{})
			_, insert := bare(b, b.TempDir())
			var mine, theirs time.Duration
			runs := authors(c.writers, 0)
			total := 0
			b.ResetTimer()
			for total < b.N*part {
				b.StopTimer()
				runs = authors(c.writers, part/c.writers)
				b.StartTimer()
				began := time.Now()
				publish(b, e, runs, c.inFlight)
				mine += time.Since(began)
				b.StopTimer()
				began = time.Now()
				each(b, c.writers*c.inFlight, part, func(_, i int) error { return insert(runs[i%c.writers][i/c.writers%len(runs[0])][0].Raw) })
				theirs += time.Since(began)
				b.StartTimer()
				total += part
			}
			b.ReportMetric(float64(total)/mine.Seconds(), "publish/s")
			b.ReportMetric(float64(total)/theirs.Seconds(), "bare/s")
			b.ReportMetric(theirs.Seconds()/mine.Seconds(), "ratio")
		})
	}
}

// publish appends every author's runs in order, so many calls of each under way.
func publish(b *testing.B, e *Engine, runs [][]engine.Run, inFlight int) {
	var wg sync.WaitGroup
	for _, own := range runs {
		wg.Go(func() {
			for len(own) > 0 {
				// One connection's publishes reach the engine in order; those that wait
				// while others are flushed are handed over together.
				n := min(inFlight, len(own))
				run := own[:n]
				results, err := e.Append(b.Context(), engine.Tenant{1}, run[0][0].Space, run)
				if err != nil || results[n-1].Err != nil {
					b.Errorf("%+v, %v", results, err)
					return
				}
				own = own[n:]
			}
		})
	}
	wg.Wait()
}

// BenchmarkCatchUp: a device that was absent reads a space of 100,000 envelopes of 1 KiB.
func BenchmarkCatchUp(b *testing.B) {
	e := open(b, b.TempDir(), engine.Options{})
	space, n := fill(b, e, 100_000, 50)
	for b.Loop() {
		items, err := enginetest.ReadAll(b.Context(), e, space, nil, 0)
		if err != nil || len(items) != n {
			b.Fatal(len(items), err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "env/s")
}

// fill stores envelopes of 1 KiB of so many feeds in turn, in one space.
func fill(b testing.TB, e *Engine, n, feeds int) (wire.SpaceID, int) {
	space := enginetest.NewSpace()
	var all []*enginetest.Author
	for range feeds {
		all = append(all, enginetest.NewAuthor(space))
	}
	stored := 0
	for stored < n {
		var runs []engine.Run
		for _, a := range all {
			runs = append(runs, a.Write(10, benchBody))
			stored += 10
		}
		if _, err := e.Append(b.Context(), engine.Tenant{1}, space, runs); err != nil {
			b.Fatal(err)
		}
	}
	return space, stored
}

// BenchmarkChunks: where the border between database and files should be.
func BenchmarkChunks(b *testing.B) {
	for _, size := range []int{4 << 10, 64 << 10, 256 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			e := open(b, b.TempDir(), engine.Options{})
			space := enginetest.NewSpace()
			b.SetBytes(int64(size))
			each(b, 8, b.N, func(int, int) error {
				return e.PutChunk(b.Context(), engine.Tenant{1}, space, [32]byte(wire.Random(32)), wire.Random(size))
			})
		})
	}
}

// BenchmarkOpen: a store of a million envelopes opens at once. It takes a while to
// make; memory is what the process holds after the first reads.
func BenchmarkOpen(b *testing.B) {
	if testing.Short() {
		b.Skip("makes a million envelopes")
	}
	folder := b.TempDir()
	e, err := Open(b.Context(), folder, engine.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for range 20 {
		fill(b, e, 50_000, 500)
	}
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		e, err := Open(b.Context(), folder, engine.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapInuse)/(1<<20), "heap-MiB")
}
