package chat

import (
	"context"

	"roundtable/backend/envelope"
	"roundtable/backend/wire"
)

// Place is where a message stands on every device, what it says now, and whose it is.
type Place struct {
	ID     string
	Device wire.DeviceID
	Start  uint64
	Seq    uint64
	Person wire.PersonID
	// Text as it is now, "" when it was taken back.
	Text     string
	FileName string
	Files    int
	Recalled bool
}

// Located finds a message by its name on the door. Errors: errcode.NotFound, errcode.InvalidArgument.
func (c *Chat) Located(ctx context.Context, id wire.SpaceID, name string) (Place, error) {
	k, err := parseKey(name)
	if err != nil {
		return Place{}, err
	}
	m, err := c.one(ctx, id, k)
	if err != nil {
		return Place{}, err
	}
	return c.placed(ctx, id, m)
}

// Placed finds a message by its place; ok is false while it is not here.
func (c *Chat) Placed(ctx context.Context, id wire.SpaceID, device wire.DeviceID, start, seq uint64) (p Place, ok bool, err error) {
	feed := feedNumber(id, envelope.Feed{Device: device, Start: start, Lane: envelope.Content})
	all, err := c.query(ctx, messageColumns+` AND m.feed = ? AND m.seq = ? AND m.flags < 2`, id[:], feed, int64(seq))
	if err != nil || len(all) == 0 {
		return p, false, err
	}
	p, err = c.placed(ctx, id, all[0])
	return p, err == nil, err
}

func (c *Chat) placed(ctx context.Context, id wire.SpaceID, m message) (Place, error) {
	p := Place{ID: m.String(), Device: m.device, Start: m.start, Seq: uint64(m.Seq), Person: m.person, Text: m.text, Recalled: m.isRecalled()}
	if p.Recalled {
		p.Text = ""
		return p, nil
	}
	files, err := c.attached(ctx, id, []message{m})
	if all := files[m.MessageKey]; len(all) > 0 {
		p.FileName, p.Files = all[0].name, len(all)
	}
	return p, err
}
