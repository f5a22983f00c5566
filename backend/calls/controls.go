package calls

import (
	"context"
	"errors"

	"roundtable/backend/calls/media"
	"roundtable/backend/calls/room"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/wire"
)

// doorError gives what a room refused its code.
func doorError(err error) error {
	switch {
	case errors.Is(err, room.ErrMuted):
		return errcode.With(errcode.CallMuted, err)
	case errors.Is(err, room.ErrForbidden):
		return errcode.With(errcode.Forbidden, err)
	case errors.Is(err, room.ErrOften):
		return errcode.With(errcode.RequestLimit, err)
	case errors.Is(err, room.ErrNobody):
		return errcode.With(errcode.NotFound, err)
	case errors.Is(err, room.ErrBeat):
		return errcode.With(errcode.InvalidArgument, err)
	case errors.Is(err, media.ErrSDP):
		return errcode.With(errcode.CallSDP, err)
	}
	return err
}

// with does something in the call that this device is in, and looks at what follows.
// Errors: errcode.NotFound, and what do gives, with its code.
func (c *Calls) with(id wire.CallID, do func(m *mine) error) error {
	c.mu.Lock()
	m := c.mine
	if m == nil || m.id != id || m.over() {
		c.mu.Unlock()
		return errcode.NotFound
	}
	err := do(m)
	c.mu.Unlock()
	c.step()
	return doorError(err)
}

// Decline does not go in, and writes why when there is a text. Errors: errcode.NotFound, those of a message.
func (c *Calls) Decline(ctx context.Context, id wire.CallID, text string) error {
	c.mu.Lock()
	l := c.rooms[id]
	if l == nil || c.busy() && c.mine.id == id {
		c.mu.Unlock()
		return errcode.NotFound
	}
	l.taken = true
	l.room.Decline(c.Clock.Now())
	space := l.room.Space
	c.mu.Unlock()
	c.step()
	if _, err := c.Log.Append(ctx, space, eventlog.Draft{Kind: CallDeclined, Body: callDeclined{Call: id}}); err != nil {
		return err
	}
	if text == "" || c.Post == nil {
		return nil
	}
	return c.Post(ctx, space, text)
}

// Negotiate answers the page's offer. Errors: errcode.NotFound, errcode.CallSDP.
func (c *Calls) Negotiate(ctx context.Context, id wire.CallID, offer string, sending []media.Slot, restart bool) (string, int64, error) {
	c.mu.Lock()
	m := c.mine
	if m == nil || m.id != id || m.over() {
		c.mu.Unlock()
		return "", 0, errcode.NotFound
	}
	engine := m.engine
	c.mu.Unlock()
	answer, serial, err := engine.Page(ctx, offer, sending, restart)
	return answer, serial, doorError(err)
}

// Set shows and hides what is ours. Errors: errcode.NotFound, Forbidden, CallMuted.
func (c *Calls) Set(id wire.CallID, want room.Shows) error {
	return c.with(id, func(m *mine) error {
		// Whether we record, the recording knows.
		want = want&^room.Recording | m.room.View(c.Clock.Now()).Shows&room.Recording
		return m.room.Set(c.Clock.Now(), want)
	})
}

// recording shows everybody that this device records, or that it does not any more.
func (c *Calls) recording(id wire.CallID, on bool) error {
	return c.with(id, func(m *mine) error {
		now := c.Clock.Now()
		shows := m.room.View(now).Shows &^ room.Recording
		if on {
			shows |= room.Recording
		}
		return m.room.Set(now, shows)
	})
}

// React shows an emoji. Errors: errcode.NotFound, InvalidArgument, RequestLimit.
func (c *Calls) React(id wire.CallID, emoji string) error {
	return c.with(id, func(m *mine) error { return m.room.React(c.Clock.Now(), emoji) })
}

// Control has a host's deed done. Errors: errcode.NotFound, Forbidden.
func (c *Calls) Control(id wire.CallID, d room.Deed) error {
	return c.with(id, func(m *mine) error { return m.room.Do(c.Clock.Now(), d) })
}

// Want takes what the page shows. Errors: errcode.NotFound.
func (c *Calls) Want(id wire.CallID, wants []media.Want) error {
	return c.with(id, func(m *mine) error { m.engine.Want(wants); return nil })
}
