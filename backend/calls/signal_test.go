package calls

import (
	"context"
	"errors"
	"testing"
	"time"

	"roundtable/backend/calls/room"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

// tornStream fails every write, and says when its deadline is set.
type tornStream struct {
	link.Stream
	closed bool
}

func (*tornStream) SetWriteDeadline(time.Time) error { return nil }
func (*tornStream) Write([]byte) (int, error)        { return 0, errors.New("torn") }
func (s *tornStream) Close() error                   { s.closed = true; return nil }

type tornBoard struct{ Board }

func (tornBoard) OpenStream(context.Context, wire.DeviceID, string) (link.Stream, error) {
	return &tornStream{}, nil
}

// A call that ends in the very moment in which a stream breaks: what watches over the one does not
// look for the other. (It did, and the program ended.)
func TestACallEndsWhileAStreamBreaks(t *testing.T) {
	c := &Calls{Deps: Deps{Board: tornBoard{}}}
	c.signals.c = c
	m := &mine{live: &live{room: room.New(room.World{}, wire.SpaceID{1}, room.Start{})}}
	for range 2000 {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		if err := c.signals.send(ctx, m, wire.DeviceID{2}, []byte("hello")); err == nil {
			t.Fatal("sent over a torn stream")
		}
		cancel()
	}
}
