package nats

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// askApart is up to how many chunks are asked for one by one; for more of them
// all of a space are listed.
const askApart = 16

var errSize = errors.New("chunk is empty or too large")

// own writes down whose a space is, before anything of it is stored: Sweep finds
// the spaces of a tenant there.
func (e *Engine) own(ctx context.Context, tenant engine.Tenant, space wire.SpaceID) error {
	k := ownedKey{tenant, space}
	if _, ok := e.owned.get(k); ok {
		return e.over(ctx)
	}
	err := e.patiently(ctx, func(ctx context.Context) error {
		_, err := e.put(ctx, tenantPrefix(tenant)+text(space), 0, nil)
		if errors.Is(err, errChanged) {
			return nil
		}
		return err
	})
	if err == nil {
		e.owned.put(k, struct{}{})
	}
	return err
}

// PutChunk stores a chunk as one message, once for each space.
func (e *Engine) PutChunk(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, hash [32]byte, bytes []byte) error {
	if len(bytes) == 0 || len(bytes) > protocol.MaxChunk {
		return fmt.Errorf("put chunk: %w", errSize)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := e.own(ctx, tenant, space); err != nil {
		return fmt.Errorf("put chunk: %w", err)
	}
	stream, prefix := chunkPlace(space)
	subject := prefix + digits(hash, 1) + "." + strconv.Itoa(len(bytes))
	err := e.tirelessly(ctx, func(ctx context.Context) error {
		_, err := e.publish(ctx, subject, 0, bytes)
		if !errors.Is(err, errChanged) {
			if err == nil {
				e.counted.add(tenant, engine.Usage{Bytes: int64(len(bytes)), Chunks: 1})
			}
			return err
		}
		// It is there, or on its way by somebody else's hand.
		if _, err = e.leaderNext(ctx, stream, subject, 1); errors.Is(err, engine.ErrNotFound) {
			return fmt.Errorf("%w: %w", engine.ErrUnavailable, errChanged)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("put chunk: %w", err)
	}
	return nil
}

// GetChunk asks any replica, and the leader where that one has nothing.
func (e *Engine) GetChunk(ctx context.Context, space wire.SpaceID, hash [32]byte) (bytes []byte, err error) {
	stream, prefix := chunkPlace(space)
	subject := prefix + digits(hash, 1) + ".*"
	err = e.patiently(ctx, func(ctx context.Context) error {
		b, err := e.read(ctx, stream, getRequest{NextFor: subject, Seq: 1, Batch: 1})
		if err != nil {
			return err
		}
		if len(b.messages) > 0 {
			bytes = b.messages[0].data
			return nil
		}
		m, err := e.leaderNext(ctx, stream, subject, 1)
		bytes = m.data
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("get chunk: %w", err)
	}
	return bytes, nil
}

// HasChunks asks the leader for subjects, so that no chunk is moved.
func (e *Engine) HasChunks(ctx context.Context, space wire.SpaceID, hashes [][32]byte) ([]bool, error) {
	stream, prefix := chunkPlace(space)
	out := make([]bool, len(hashes))
	if len(hashes) > askApart {
		there := map[[32]byte]bool{}
		subjects, err := e.subjects(ctx, stream, prefix+">")
		if err != nil {
			return nil, fmt.Errorf("find chunks: %w", err)
		}
		for _, s := range subjects {
			if id, ok := idAt(s, prefix); ok {
				there[id] = true
			}
		}
		for i, h := range hashes {
			out[i] = there[h]
		}
		return out, nil
	}
	failed := make([]error, len(hashes))
	var wg sync.WaitGroup
	for i, h := range hashes {
		wg.Go(func() {
			var subjects []string
			subjects, failed[i] = e.subjects(ctx, stream, prefix+digits(h, 1)+".*")
			out[i] = len(subjects) > 0
		})
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil {
		return nil, fmt.Errorf("find chunks: %w", err)
	}
	return out, nil
}

// ChunkHashes lists a space's chunks.
func (e *Engine) ChunkHashes(ctx context.Context, space wire.SpaceID, after [32]byte, limit int) ([][32]byte, error) {
	stream, prefix := chunkPlace(space)
	ids, err := e.pageOf(ctx, stream, prefix, ".*", after, limit)
	if err != nil {
		return nil, fmt.Errorf("list chunks: %w", err)
	}
	return ids, nil
}

// chunkBytes adds up the sizes in subjects.
func chunkBytes(subjects []string) map[string]int64 {
	out := make(map[string]int64, len(subjects))
	for _, s := range subjects {
		size, err := strconv.ParseInt(s[strings.LastIndexByte(s, '.')+1:], 10, 64)
		if err == nil {
			out[s] = size
		}
	}
	return out
}
