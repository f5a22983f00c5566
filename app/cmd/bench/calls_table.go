package main

import (
	"context"
	"errors"
	"sync"

	"github.com/pion/transport/v5"

	"roundtable/backend/calls/media"
	"roundtable/backend/wire"
)

// table has the devices of one call. It carries what their engines say to each other, as links do:
// in order, and out of the sender's way.
type table struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu    sync.Mutex
	seats map[wire.DeviceID]chan note
	ends  []func() // in turn, the last one first
}

type note struct {
	from wire.DeviceID
	data []byte
}

var errNobody = errors.New("no such device at the table")

func newTable(ctx context.Context) *table {
	t := &table{seats: map[wire.DeviceID]chan note{}}
	t.ctx, t.cancel = context.WithCancel(ctx)
	return t
}

func (t *table) close() {
	t.cancel()
	for i := len(t.ends) - 1; i >= 0; i-- {
		t.ends[i]()
	}
	t.wg.Wait()
}

func nth(n int) wire.DeviceID               { return wire.DeviceID{byte(n), 7} }
func cameraOf(d wire.DeviceID) media.Source { return media.Source{Device: d, Kind: media.Camera} }
func soundOf(d wire.DeviceID) media.Source  { return media.Source{Device: d, Kind: media.Microphone} }

// seat gives what is said to a device to take.
func (t *table) seat(d wire.DeviceID, take func(from wire.DeviceID, data []byte)) {
	notes := make(chan note, 4096)
	t.mu.Lock()
	t.seats[d] = notes
	t.mu.Unlock()
	t.wg.Go(func() {
		for {
			select {
			case <-t.ctx.Done():
				return
			case n := <-notes:
				take(n.from, n.data)
			}
		}
	})
}

func (t *table) leave(d wire.DeviceID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seats, d)
}

func (t *table) send(from, to wire.DeviceID, data []byte) error {
	t.mu.Lock()
	notes := t.seats[to]
	t.mu.Unlock()
	if notes == nil {
		return errNobody
	}
	select {
	case notes <- note{from, data}:
		return nil
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}

// engine opens the engine of a device in this process; net is its network, nil: the system's.
func (t *table) engine(d wire.DeviceID, net transport.Net) (*media.Engine, error) {
	e, err := media.New(media.Options{Self: d, Loopback: true, Net: net, Send: func(_ context.Context, to wire.DeviceID, data []byte) error {
		return t.send(d, to, data)
	}})
	if err != nil {
		return nil, err
	}
	t.seat(d, e.Signal)
	t.ends = append(t.ends, e.Close)
	return e, nil
}

// guest is a device with its engine here and, when it sends, a page.
type guest struct {
	id     wire.DeviceID
	engine *media.Engine
	page   *callPage
}

// come opens a device with a page that sends a microphone and a camera in some layers (none: one
// stream without a name) and has slots to see and hear others.
func (t *table) come(ctx context.Context, n int, net transport.Net, s pageSends) (*guest, error) {
	e, err := t.engine(nth(n), net)
	if err != nil {
		return nil, err
	}
	g := &guest{id: nth(n), engine: e}
	g.page, err = newCallPage(nth(n), s, func() []string { return e.Snapshot().Sending.Layers })
	if err != nil {
		return nil, err
	}
	t.ends = append(t.ends, g.page.close)
	return g, g.page.offer(ctx, e.Page)
}

// star is the plan of a device in a call with a hub: all link with hub and standby, and with nobody else.
func star(self, hub, standby wire.DeviceID, all []wire.DeviceID) media.Plan {
	p := media.Plan{Hub: hub, Standby: standby}
	central := self == hub || self == standby
	for _, d := range all {
		if d != self && (central || d == hub || d == standby) {
			p.Peers = append(p.Peers, d)
		}
	}
	return p
}

// looks wants everybody's camera but the own.
func looks(self wire.DeviceID, all []wire.DeviceID, height int) (wants []media.Want) {
	for _, d := range all {
		if d != self {
			wants = append(wants, media.Want{Source: cameraOf(d), Height: height})
		}
	}
	return wants
}
