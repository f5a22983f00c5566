package enginetest

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"

	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// chunkOf is a chunk of noise.
func chunkOf(size int) (hash [32]byte, chunk []byte) {
	chunk = wire.Random(size)
	return key.Digest(chunk), chunk
}

func (w *world) chunk(t *testing.T, space wire.SpaceID, size int) (hash [32]byte, bytes []byte) {
	t.Helper()
	hash, bytes = chunkOf(size)
	if err := w.Engine.PutChunk(w.ctx, tenantOf(1), space, hash, bytes); err != nil {
		t.Fatalf("put chunk: %v", err)
	}
	return hash, bytes
}

func chunks(t *testing.T, w *world) {
	one, two := NewSpace(), NewSpace()
	for _, size := range []int{1, 100, 4096, 70_000, 300_000, protocol.MaxChunk} {
		hash, want := w.chunk(t, one, size)
		if got, err := w.Engine.GetChunk(w.ctx, one, hash); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d, %v", size, len(got), err)
		}
		if _, err := w.Engine.GetChunk(w.ctx, two, hash); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("a chunk of another space: %v", err)
		}
		if err := w.Engine.PutChunk(w.ctx, tenantOf(1), one, hash, want); err != nil { // again
			t.Errorf("again: %v", err)
		}
		if err := w.Engine.PutChunk(w.ctx, tenantOf(1), two, hash, want); err != nil {
			t.Errorf("for another space: %v", err)
		}
		for _, space := range []wire.SpaceID{one, two} {
			if got, err := w.Engine.GetChunk(w.ctx, space, hash); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes in both: %d, %v", size, len(got), err)
			}
		}
	}
	hash, _ := w.chunk(t, one, 50)
	unknown, _ := chunkOf(10)
	if _, err := w.Engine.GetChunk(w.ctx, one, unknown); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("an unknown chunk: %v", err)
	}
	if _, err := w.Engine.GetChunk(w.ctx, NewSpace(), hash); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("of an unknown space: %v", err)
	}
	has, err := w.Engine.HasChunks(w.ctx, one, [][32]byte{unknown, hash, unknown, hash})
	if err != nil || !slices.Equal(has, []bool{false, true, false, true}) {
		t.Errorf("has %v, %v", has, err)
	}
	if has, err = w.Engine.HasChunks(w.ctx, two, [][32]byte{hash}); err != nil || !slices.Equal(has, []bool{false}) {
		t.Errorf("another space has %v, %v", has, err)
	}
	if has, err = w.Engine.HasChunks(w.ctx, two, nil); err != nil || len(has) != 0 {
		t.Errorf("has %v, %v", has, err)
	}
}

func chunkHashes(t *testing.T, w *world) {
	one, two := NewSpace(), NewSpace()
	var want [][32]byte
	for range 23 {
		hash, _ := w.chunk(t, one, 60)
		want = append(want, hash)
		w.chunk(t, two, 60)
	}
	slices.SortFunc(want, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	for _, limit := range []int{1, 7, 23, 100} {
		var got [][32]byte
		for after := ([32]byte{}); ; {
			page, err := w.Engine.ChunkHashes(w.ctx, one, after, limit)
			if err != nil || len(page) > limit {
				t.Fatalf("%d of %d, %v", len(page), limit, err)
			}
			if len(page) == 0 {
				break
			}
			got, after = append(got, page...), page[len(page)-1]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("limit %d: %d hashes, want %d", limit, len(got), len(want))
		}
	}
}

// The same chunks at the same time, for the same and for several spaces.
func chunksFromManySides(t *testing.T, w *world) {
	spaces := []wire.SpaceID{NewSpace(), NewSpace()}
	type chunk struct {
		hash  [32]byte
		bytes []byte
	}
	var all []chunk
	for i := range 10 {
		hash, b := chunkOf(1000 + i*20_000)
		all = append(all, chunk{hash, b})
	}
	var wg sync.WaitGroup
	for side := range 6 {
		wg.Go(func() {
			space := spaces[side%2]
			for i := range all {
				c := all[(i+side)%len(all)]
				if err := w.Engine.PutChunk(w.ctx, tenantOf(1), space, c.hash, c.bytes); err != nil {
					t.Error(err)
				}
				if got, err := w.Engine.GetChunk(w.ctx, space, c.hash); err != nil || !bytes.Equal(got, c.bytes) {
					t.Errorf("%d bytes of %d, %v", len(got), len(c.bytes), err)
				}
			}
		})
	}
	wg.Wait()
	for _, space := range spaces {
		if got, err := w.Engine.ChunkHashes(w.ctx, space, [32]byte{}, 100); err != nil || len(got) != len(all) {
			t.Errorf("%d chunks, %v", len(got), err)
		}
	}
}
