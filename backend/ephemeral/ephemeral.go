// Package ephemeral carries what matters only now: who is typing, later who is
// ringing. It is sealed with the space's epoch key like an event, goes straight
// to the devices that are linked at this moment, and is never stored.
//
// Frames travel on one stream per direction ("eph/1"). A device that does not
// keep up loses frames; that is the point of them.
package ephemeral

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	protocol     = "eph/1"
	queue        = 64
	writeTimeout = 10 * time.Second
	maxKind      = 32
	// perSecond bounds what one device may send us; more is dropped.
	perSecond = 50
)

// Board is what this package needs of the switchboard.
type Board interface {
	Handle(protocol string, h func(ctx context.Context, peer wire.DeviceID, s link.Stream))
	OnUp(f func(ctx context.Context, peer wire.DeviceID))
	OpenStream(ctx context.Context, device wire.DeviceID, protocol string) (link.Stream, error)
}

// Spaces seals for the members of a space and says who they are.
type Spaces interface {
	Self() wire.DeviceID
	Shares(id wire.SpaceID, device wire.DeviceID) bool
	SealNow(id wire.SpaceID, header, plain []byte) (wire.EpochID, []byte, error)
	OpenNow(id wire.SpaceID, epoch wire.EpochID, header, sealed []byte) ([]byte, error)
}

type frame struct {
	Space  wire.SpaceID `cbor:"1,keyasint"`
	Epoch  wire.EpochID `cbor:"2,keyasint"`
	Sealed []byte       `cbor:"3,keyasint"`
}

type inner struct {
	_    struct{} `cbor:",toarray"`
	Kind string
	Body wire.Raw
}

// Handler takes one message of a kind. It must not block for long.
type Handler func(id wire.SpaceID, from wire.DeviceID, body wire.Raw)

// Exchange sends and receives.
type Exchange struct {
	board  Board
	spaces Spaces
	log    *slog.Logger

	// Beyond, when set, gets every sealed frame and whom links reach; what carries it
	// to other members gives it to Take there. Set before the board runs; it must not block.
	Beyond func(id wire.SpaceID, linked map[wire.DeviceID]bool, frame []byte)

	mu       sync.Mutex
	out      map[wire.DeviceID]chan frame
	handlers map[string]Handler
	taken    rate
}

// rate counts messages within the present second.
type rate struct {
	second time.Time
	n      int
}

func (r *rate) over(most int) bool {
	if now := time.Now(); now.Sub(r.second) > time.Second {
		r.second, r.n = now, 0
	}
	r.n++
	return r.n > most
}

// New registers at the board.
func New(board Board, spaces Spaces, log *slog.Logger) *Exchange {
	x := &Exchange{board: board, spaces: spaces, log: log, out: map[wire.DeviceID]chan frame{}, handlers: map[string]Handler{}}
	board.Handle(protocol, x.receive)
	board.OnUp(x.up)
	return x
}

// Handle sets who takes a kind; before the board runs.
func (x *Exchange) Handle(kind string, h Handler) { x.handlers[kind] = h }

// Send gives a message to every linked device of the space's members.
func (x *Exchange) Send(id wire.SpaceID, kind string, body any) error {
	raw, err := wire.Encode(body)
	if err != nil {
		return err
	}
	plain, err := wire.Encode(inner{Kind: kind, Body: raw})
	if err != nil {
		return err
	}
	if len(plain) > wire.MaxEphemeral {
		return fmt.Errorf("send %s: %w", kind, wire.ErrTooLarge)
	}
	epoch, sealed, err := x.spaces.SealNow(id, header(id, x.spaces.Self()), plain)
	if err != nil {
		return err
	}
	f := frame{Space: id, Epoch: epoch, Sealed: sealed}
	linked := map[wire.DeviceID]bool{}
	x.mu.Lock()
	for device, c := range x.out {
		if !x.spaces.Shares(id, device) {
			continue
		}
		linked[device] = true
		select {
		case c <- f:
		default: // it does not keep up; this message is not worth waiting for
		}
	}
	x.mu.Unlock()
	if x.Beyond != nil {
		x.Beyond(id, linked, wire.MustEncode(f))
	}
	return nil
}

// Take takes a frame that came over something other than a link, which says who
// sent it. Only a member can have sealed it; which one, rests on that word.
func (x *Exchange) Take(from wire.DeviceID, raw []byte) {
	x.mu.Lock()
	over := x.taken.over(4 * perSecond)
	x.mu.Unlock()
	var f frame
	if over || wire.DecodeLoose(raw, 2*wire.MaxEphemeral, &f) != nil {
		return
	}
	x.open(from, f)
}

// header binds a message to its space and sender.
func header(id wire.SpaceID, from wire.DeviceID) []byte {
	sum := key.Hash("roundtable ephemeral v1", id[:], from[:])
	return sum[:]
}

func (x *Exchange) up(ctx context.Context, peer wire.DeviceID) {
	c := make(chan frame, queue)
	x.mu.Lock()
	x.out[peer] = c
	x.mu.Unlock()
	defer func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		if x.out[peer] == c {
			delete(x.out, peer)
		}
	}()
	var s link.Stream
	for {
		select {
		case <-ctx.Done():
			if s != nil {
				_ = s.Close()
			}
			return
		case f := <-c:
			// Opened at the first message: most links never need it.
			if s == nil {
				var err error
				if s, err = x.board.OpenStream(ctx, peer, protocol); err != nil {
					s = nil
					continue
				}
			}
			_ = s.SetWriteDeadline(time.Now().Add(writeTimeout))
			if err := wire.Send(s, f); err != nil {
				_ = s.Close()
				s = nil
			}
		}
	}
}

func (x *Exchange) receive(ctx context.Context, peer wire.DeviceID, s link.Stream) {
	stop := context.AfterFunc(ctx, func() { _ = s.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var got rate
	for {
		var f frame
		if err := wire.Receive(s, 2*wire.MaxEphemeral, &f); err != nil {
			return
		}
		if !got.over(perSecond) {
			x.open(peer, f)
		}
	}
}

// open gives a frame of a member to whoever takes its kind.
func (x *Exchange) open(from wire.DeviceID, f frame) {
	if !x.spaces.Shares(f.Space, from) {
		return
	}
	plain, err := x.spaces.OpenNow(f.Space, f.Epoch, header(f.Space, from), f.Sealed)
	if err != nil {
		x.log.Debug("ephemeral message does not open", "peer", from.Short())
		return
	}
	var in inner
	if err := wire.DecodeLoose(plain, wire.MaxEphemeral, &in); err != nil || len(in.Kind) > maxKind {
		return
	}
	if h := x.handlers[in.Kind]; h != nil {
		h(f.Space, from, in.Body)
	}
}
