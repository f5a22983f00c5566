package folders

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"time"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/errcode"
	"roundtable/backend/folders/disk"
)

const (
	// busyFirst and busyMost are when a file that changes while it is read is read again.
	busyFirst = time.Second
	busyMost  = time.Minute
)

// read cuts a file into chunks. Errors: errcode.EntryBusy when it changed meanwhile.
func (k *keeper) read(ctx context.Context, r *remark) error {
	begun := k.f.Clock.Now()
	c, err := k.tree.Open(r.path)
	if err != nil {
		return err
	}
	defer c.Close()
	before, err := c.Look()
	if err != nil {
		return err
	}
	b := chunk.NewBuilder(func(n chunk.Node) error {
		n.Body = slices.Clone(n.Body)
		r.nodes = append(r.nodes, n)
		return nil
	})
	at := int64(0)
	err = chunk.Cut(ctx, io.NewSectionReader(c, 0, before.Size), before.Size, func(one chunk.Chunk, _ []byte) error {
		r.chunks = append(r.chunks, placed{one, at})
		at += int64(one.Size)
		return b.Add(one)
	})
	if err != nil && ctx.Err() == nil && at < before.Size {
		if now, e := c.Look(); e == nil && now.Size != before.Size {
			err = errcode.With(errcode.EntryBusy, err)
		}
	}
	if err != nil {
		return err
	}
	after, err := k.tree.Look(r.path)
	if err != nil {
		return err
	}
	before.Path = after.Path
	if !before.Same(after) || at != before.Size {
		return errcode.EntryBusy
	}
	content, err := b.Finish()
	if err != nil {
		return err
	}
	r.now, r.body = after, content.Encode()
	r.young = k.fleeting(after, begun)
	return nil
}

// unread decides what becomes of a file that could not be read.
func (k *keeper) unread(ctx context.Context, d diff, err error) error {
	code := errcode.EntryBusy
	switch {
	case ctx.Err() != nil:
		return err
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, disk.ErrEscapes):
		k.look.at(d.path) // it is something else now
		return nil
	case errors.Is(err, disk.ErrLocked):
		code = errcode.EntryLocked
	case errors.Is(err, fs.ErrPermission):
		code = errcode.EntryDenied
	case !errors.Is(err, errcode.EntryBusy):
		k.f.Slog.Warn("read file", "err", err)
		code = errcode.EntryDenied
	}
	wait := busyFirst
	if age := k.f.Clock.Now().Sub(d.now.Modified); code != errcode.EntryBusy || age > busyMost || age < 0 {
		wait = busyMost / 4
	}
	if code != errcode.EntryBusy {
		k.problems.note(bySurvey, d.path, code, "")
		k.tell(false)
	}
	go func() {
		select {
		case <-ctx.Done():
		case <-k.f.Clock.After(wait):
			k.look.at(d.path)
		}
	}()
	return nil
}
