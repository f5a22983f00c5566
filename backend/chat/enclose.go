package chat

import (
	"context"
	"slices"

	"roundtable/backend/blob"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// enclosure is uploads that become the attachments of a message. They are held
// until end, so that nobody cancels or sends them meanwhile.
type enclosure struct {
	c    *Chat
	id   wire.SpaceID
	all  []*Upload // in the order of the message
	held []*Upload
	sent bool
}

// enclose takes whole uploads. Errors: errcode.NotFound, errcode.UploadIncomplete.
func (c *Chat) enclose(ctx context.Context, id wire.SpaceID, names []string) (p *enclosure, err error) {
	p = &enclosure{c: c, id: id}
	defer func() {
		if err != nil {
			p.end()
		}
	}()
	for _, name := range names {
		x, err := c.uploads.get(name)
		if err != nil || x.Space != id || slices.Contains(p.all, x) {
			return p, errcode.NotFound
		}
		p.all = append(p.all, x)
	}
	inOrder := slices.Clone(p.all)
	slices.SortFunc(inOrder, func(a, b *Upload) int { // two calls must not hold each other up
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	for _, x := range inOrder {
		x.mu.Lock()
		p.held = append(p.held, x)
		switch {
		case x.ended:
			return p, errcode.NotFound
		case x.file == nil:
			return p, errcode.UploadIncomplete
		}
		if err := c.Blobs.Learn(ctx, *x.file); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (p *enclosure) attachments() (out []attachment) {
	for _, x := range p.all {
		out = append(out, attachment{Name: x.Name, Media: x.Media, Width: uint32(x.Width), Height: uint32(x.Height), File: *x.file})
	}
	return out
}

// then makes, in the write that stores the message, the uploads into files of the
// conversation: whatever happens, there is one or the other.
func (p *enclosure) then(next func(*store.Tx, eventlog.Event) error) func(*store.Tx, eventlog.Event) error {
	return func(tx *store.Tx, e eventlog.Event) error {
		for _, x := range p.all {
			if err := p.c.Blobs.Keep(tx, p.id, e.Feed.Device, *x.file); err != nil {
				return err
			}
			if err := forgetUpload(tx, x.ID); err != nil {
				return err
			}
		}
		tx.OnCommit(func() { p.sent = true })
		if next == nil {
			return nil
		}
		return next(tx, e)
	}
}

func (p *enclosure) end() {
	if p.sent {
		p.c.uploads.drop(p.all...)
	}
	for _, x := range p.held {
		x.ended = x.ended || p.sent
		x.mu.Unlock()
	}
	p.held = nil
}

// uploading are the pieces of uploads that are not sent yet.
func (c *Chat) uploading() map[blob.Hash]bool {
	out := map[blob.Hash]bool{}
	c.uploads.mu.Lock()
	all := make([]*Upload, 0, len(c.uploads.all))
	for _, x := range c.uploads.all {
		all = append(all, x)
	}
	c.uploads.mu.Unlock()
	for _, x := range all {
		x.mu.Lock()
		for rest := x.writer.Done; len(rest) >= len(blob.Hash{}); rest = rest[len(blob.Hash{}):] {
			out[blob.Hash(rest[:len(blob.Hash{})])] = true
		}
		if x.file != nil {
			for _, h := range x.file.Hashes() {
				out[h] = true
			}
		}
		x.mu.Unlock()
	}
	return out
}
