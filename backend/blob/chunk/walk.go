package chunk

import (
	"context"
	"fmt"

	"roundtable/backend/wire"
)

// ParseNode reads the bytes of a node from elsewhere. The level is that of what
// it lists: 0 for chunks. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func ParseNode(body []byte, level uint8) ([]Chunk, error) {
	switch {
	case len(body) > maxNode || level >= MaxLevel:
		return nil, fmt.Errorf("read node of %d bytes at level %d: %w", len(body), level, wire.ErrTooLarge)
	case len(body) == 0 || len(body)%entrySize != 0:
		return nil, fmt.Errorf("read node of %d bytes: no whole entries: %w", len(body), wire.ErrMalformed)
	}
	out := entries(body)
	for _, e := range out {
		if err := e.check(level); err != nil {
			return nil, fmt.Errorf("read node: %w", err)
		}
	}
	return out, nil
}

// Walk calls each with every chunk of a content, in order, and with its place. It
// asks get for the nodes and holds one of each level; what get gives is hashed, so
// it may come from anywhere. A chunk that reaches beyond the size of the content, or is
// one of more than Content.MaxList allows, is refused before each hears of it.
// Errors: wire.ErrMalformed, wire.ErrTooLarge, those of get, each and ctx.
func Walk(ctx context.Context, c Content, get func(id ID, size uint32) ([]byte, error), each func(c Chunk, offset int64) error) error {
	if err := c.Check(); err != nil {
		return fmt.Errorf("walk content: %w", err)
	}
	w := walk{ctx: ctx, size: int64(c.Size), left: c.MaxList() / entrySize, get: get, each: each}
	if err := w.list(c.Entries(), c.Level); err != nil {
		return fmt.Errorf("walk content: %w", err)
	}
	if w.offset != w.size {
		return fmt.Errorf("walk content of %d bytes: its chunks have %d: %w", w.size, w.offset, wire.ErrMalformed)
	}
	return nil
}

type walk struct {
	ctx          context.Context
	size, offset int64
	left         int64 // chunks that may come
	get          func(ID, uint32) ([]byte, error)
	each         func(Chunk, int64) error
}

func (w *walk) list(list []Chunk, level uint8) error {
	for _, e := range list {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if level == 0 {
			if err := w.chunk(e); err != nil {
				return err
			}
			continue
		}
		body, err := w.get(e.ID, e.Size)
		if err != nil {
			return fmt.Errorf("get node: %w", err)
		}
		if len(body) != int(e.Size) || Sum(body) != e.ID {
			return fmt.Errorf("get node: not the one of this name: %w", wire.ErrMalformed)
		}
		below, err := ParseNode(body, level-1)
		if err != nil {
			return err
		}
		if err := w.list(below, level-1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) chunk(c Chunk) error {
	at := w.offset
	w.offset += int64(c.Size)
	w.left--
	switch {
	case w.left < 0:
		return fmt.Errorf("chunk at %d is one of too many: %w", at, wire.ErrTooLarge)
	case w.offset > w.size:
		return fmt.Errorf("chunk at %d reaches beyond the end: %w", at, wire.ErrMalformed)
	case w.offset < w.size && c.Size < leastForeign:
		return fmt.Errorf("chunk at %d has %d bytes: %w", at, c.Size, wire.ErrMalformed)
	}
	return w.each(c, at)
}
