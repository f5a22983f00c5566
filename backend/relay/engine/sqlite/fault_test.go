package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// limit has the database take no more than so many pages.
func (e *Engine) limit(t *testing.T, pages int) {
	t.Helper()
	if err := e.db.Write(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(new(int))
	}); err != nil {
		t.Fatal(err)
	}
}

// asOnDisk compares what stands in memory with what a fresh start reads.
func asOnDisk(t *testing.T, e *Engine, spaces ...wire.SpaceID) {
	t.Helper()
	for _, space := range spaces {
		memory, err := e.Heads(t.Context(), space)
		if err != nil {
			t.Fatal(err)
		}
		e.heads.clear()
		disk, err := e.Heads(t.Context(), space)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(memory) != fmt.Sprint(disk) {
			t.Errorf("memory is not what is on disk: %v, %v", memory, disk)
		}
		items, err := enginetest.ReadAll(t.Context(), e, space, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		spans := enginetest.InOrder(t, items)
		for _, h := range disk {
			if spans[h.Feed()].Last != h.Seq {
				t.Errorf("head %d, last envelope %d", h.Seq, spans[h.Feed()].Last)
			}
		}
	}
}

// A full disk is said, nothing is acknowledged falsely, and when there is room
// again all goes on.
func TestFullDisk(t *testing.T) {
	e := open(t, t.TempDir(), engine.Options{})
	ctx := t.Context()
	var authors []*enginetest.Author
	var spaces []wire.SpaceID
	for range 8 {
		a := enginetest.NewAuthor(enginetest.NewSpace())
		authors, spaces = append(authors, a), append(spaces, a.Space)
	}
	e.limit(t, 400)
	acknowledged := make([]uint64, len(authors))
	pending := make([]engine.Run, len(authors))
	var wg sync.WaitGroup
	for i, a := range authors {
		wg.Go(func() {
			for range 1000 {
				pending[i] = a.Write(1, 3000)
				r, err := e.Append(ctx, engine.Tenant{1}, a.Space, []engine.Run{pending[i]})
				if errors.Is(err, engine.ErrFull) {
					return
				}
				if err != nil || r[0].Err != nil {
					t.Errorf("%+v, %v", r, err)
					return
				}
				acknowledged[i] = r[0].Head.Seq
			}
			t.Error("the disk was never full")
		})
	}
	wg.Wait()
	if err := e.Healthy(ctx); !errors.Is(err, engine.ErrFull) {
		t.Errorf("healthy: %v", err)
	}
	if err := e.PutChunk(ctx, engine.Tenant{1}, spaces[0], [32]byte{1}, make([]byte, 60_000)); !errors.Is(err, engine.ErrFull) {
		t.Errorf("put chunk: %v", err)
	}
	asOnDisk(t, e, spaces...)
	e.limit(t, 1<<30)
	if err := e.Healthy(ctx); err != nil {
		t.Errorf("with room again: %v", err)
	}
	for i, a := range authors {
		if r, err := e.Append(ctx, engine.Tenant{1}, a.Space, []engine.Run{pending[i], a.Write(1, 10)}); err != nil || r[0].Err != nil || r[1].Err != nil {
			t.Errorf("with room again: %+v, %v (acknowledged %d)", r, err, acknowledged[i])
		}
		items, err := enginetest.ReadAll(ctx, e, a.Space, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		enginetest.Exactly(t, items, 1, a)
	}
	asOnDisk(t, e, spaces...)
}

// When a commit fails, everybody of the group is told, and memory is what is on disk.
func TestAFailingCommit(t *testing.T) {
	var told atomic.Int64
	e := open(t, t.TempDir(), engine.Options{News: func(_ wire.SpaceID, items []engine.Item) { told.Add(int64(len(items))) }})
	ctx := t.Context()
	a, b, fresh := enginetest.NewAuthor(enginetest.NewSpace()), enginetest.NewAuthor(enginetest.NewSpace()), enginetest.NewAuthor(enginetest.NewSpace())
	spaces := []wire.SpaceID{a.Space, b.Space, fresh.Space}
	for _, x := range []*enginetest.Author{a, b} {
		if _, err := e.Append(ctx, engine.Tenant{1}, x.Space, []engine.Run{x.Write(3, 10)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range spaces {
		stop, err := e.Follow(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
	}
	bad := errors.New("bad")
	running, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // whatever shares this commit fails with it
		_ = e.db.Write(ctx, func(tx *store.Tx) error {
			tx.BeforeCommit(func() error { return bad })
			close(running)
			<-release
			return nil
		})
	})
	<-running
	runs := map[*enginetest.Author]engine.Run{a: a.Write(2, 10), b: b.Write(2, 10), fresh: fresh.Write(2, 10)}
	errs := make(chan error, 3)
	for x, run := range runs {
		wg.Go(func() {
			_, err := e.Append(ctx, engine.Tenant{1}, x.Space, []engine.Run{run})
			errs <- err
		})
	}
	<-time.After(20 * time.Millisecond) // they queue up; one that comes late does not fail, which is as good
	close(release)
	wg.Wait()
	failed := 0
	for range 3 {
		if err := <-errs; errors.Is(err, bad) {
			failed++
		} else if err != nil {
			t.Errorf("append: %v", err)
		}
	}
	t.Logf("%d of 3 shared the commit that failed", failed)
	asOnDisk(t, e, spaces...)
	for x, run := range runs { // again: now they are there, once
		if r, err := e.Append(ctx, engine.Tenant{1}, x.Space, []engine.Run{run}); err != nil || r[0].Err != nil {
			t.Errorf("%+v, %v", r, err)
		}
		items, err := enginetest.ReadAll(ctx, e, x.Space, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		enginetest.Exactly(t, items, 1, x)
	}
	asOnDisk(t, e, spaces...)
	for deadline := time.Now().Add(30 * time.Second); told.Load() < 6 && time.Now().Before(deadline); {
		<-time.After(time.Millisecond)
	}
	if n := told.Load(); n != 6 { // what was undone was not told
		t.Errorf("%d news", n)
	}
	if u, err := e.Usage(ctx, engine.Tenant{1}); err != nil || u.Envelopes != 3+3+2*3 {
		t.Errorf("%+v, %v", u, err)
	}
}

// A damaged database is refused at the start after an unclean end.
func TestDamage(t *testing.T) {
	folder := t.TempDir()
	e, err := Open(t.Context(), folder, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := enginetest.NewAuthor(enginetest.NewSpace())
	if _, err := e.Append(t.Context(), engine.Tenant{1}, a.Space, []engine.Run{a.Write(200, 1000)}); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "relay.db")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[4096*24:], strings.Repeat("\xff", 4096*10))
	for name, content := range map[string][]byte{path: raw, path + ".open": nil} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	damaged, err := Open(t.Context(), folder, engine.Options{})
	if !errors.Is(err, errcode.DatabaseCorrupt) || !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if err == nil {
		_ = damaged.Close()
	}
}

// A chunk's file that was lost is asked for again, and stands there again.
func TestALostChunkFile(t *testing.T) {
	e := open(t, t.TempDir(), engine.Options{})
	space, chunk := enginetest.NewSpace(), wire.Random(protocol.MaxChunk)
	hash := key.Digest(chunk)
	put := func() {
		t.Helper()
		if err := e.PutChunk(t.Context(), engine.Tenant{1}, space, hash, chunk); err != nil {
			t.Fatal(err)
		}
	}
	put()
	if err := os.Truncate(e.path(hash[:]), 100); err != nil {
		t.Fatal(err)
	}
	if has, err := e.HasChunks(t.Context(), space, [][32]byte{hash}); err != nil || has[0] {
		t.Errorf("%v, %v", has, err)
	}
	put()
	if got, err := e.GetChunk(t.Context(), space, hash); err != nil || key.Digest(got) != hash {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := os.Remove(e.path(hash[:])); err != nil {
		t.Fatal(err)
	}
	if _, err := e.GetChunk(t.Context(), space, hash); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("%v", err)
	}
	put()
	if got, err := e.GetChunk(t.Context(), space, hash); err != nil || key.Digest(got) != hash {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
