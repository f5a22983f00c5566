package switchboard

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	dialWithin = 10 * time.Second
	maxDialing = 16
	// restDelay bounds how long the dial loop sleeps without looking.
	restDelay = 30 * time.Second
)

// Dial connects to an address now: for joining, where somebody typed it or an
// invite names it. want pins the device, zero takes whoever proves a key. It
// gives the device once it has a link. Errors: those of link.Node.Dial,
// link.ErrRefused when the other side does not take the link, ErrNotRunning.
func (b *Board) Dial(ctx context.Context, addr string, want wire.DeviceID) (wire.DeviceID, error) {
	b.mu.Lock()
	running := b.ctx != nil && !b.stopped
	up := b.peers[want] != nil && b.peers[want].current != nil
	b.mu.Unlock()
	switch {
	case !running:
		return wire.DeviceID{}, ErrNotRunning
	case up:
		return want, nil
	}
	l, err := b.dial(ctx, b.opt.Nodes, addr, want)
	if err != nil {
		return wire.DeviceID{}, err
	}
	device := l.Remote()
	now := b.opt.Clock.Now()
	b.mu.Lock()
	b.book.owner[addr] = device
	b.book.add(addr, device, now, 0)
	b.mu.Unlock()
	if _, err := b.admit(l, true); err != nil && !errors.Is(err, link.ErrRefused) {
		return wire.DeviceID{}, fmt.Errorf("dial %s: %w", addr, err)
	}
	ctx, cancel := context.WithTimeout(ctx, adoptWithin)
	defer cancel()
	if err := b.await(ctx, device); err != nil {
		return wire.DeviceID{}, fmt.Errorf("dial %s: %w", addr, err)
	}
	b.remember(device, addr)
	return device, nil
}

// dial asks each way that understands the address.
func (b *Board) dial(ctx context.Context, ways []link.Node, addr string, want wire.DeviceID) (link.Link, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	err := fmt.Errorf("dial %s: %w", addr, link.ErrAddress)
	for _, n := range ways {
		l, e := n.Dial(ctx, addr, want)
		if e == nil {
			return l, nil
		}
		if !errors.Is(e, link.ErrAddress) {
			err = e
		}
	}
	return nil, err
}

// Suggest is told of an address by discovery: it is dialled soon, unless its
// device has a link. Telling again is cheap.
func (b *Board) Suggest(addr string, want wire.DeviceID) {
	now := b.opt.Clock.Now()
	b.mu.Lock()
	b.book.add(addr, want, now, 50*time.Millisecond)
	b.mu.Unlock()
	b.book.poke()
}

// AddKnown gives addresses at which a device answered in an earlier run.
func (b *Board) AddKnown(device wire.DeviceID, addrs ...string) {
	now := b.opt.Clock.Now()
	b.mu.Lock()
	for _, a := range addrs {
		b.book.add(a, device, now, 100*time.Millisecond)
	}
	b.mu.Unlock()
	b.book.poke()
}

// Answered tells who answered at which addresses in this run, colleague or not:
// a stranger whom one dialled to be let in is a colleague a moment later.
func (b *Board) Answered() map[string]wire.DeviceID {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.book.owner)
}

// NetworkChanged forgets all back-off, dials every known address again and asks
// every link whether it still lives.
func (b *Board) NetworkChanged() {
	now := b.opt.Clock.Now()
	b.mu.Lock()
	b.book.reset(now)
	for _, l := range b.allLines() {
		b.spawnLocked(func() { b.check(l) })
	}
	b.mu.Unlock()
	b.book.poke()
	if b.opt.Moved != nil {
		b.opt.Moved()
	}
}

// check closes a link that does not answer any more. It asks twice: a ping may
// wait behind bulk data.
func (b *Board) check(l *line) {
	if !b.alive(l.ctx, l) && l.ctx.Err() == nil && !b.alive(l.ctx, l) {
		b.opt.Log.Info("link closed", "peer", l.peer.device.Short(), "reason", "no answer after a network change")
		l.link.Close()
	}
}

// dialLoop dials what is due.
func (b *Board) dialLoop(ctx context.Context) {
	for {
		strangers := b.unknownOwners()
		now := b.opt.Clock.Now()
		b.mu.Lock()
		due, rest := b.dueLocked(strangers, now)
		for _, t := range due {
			t.busy = true
			ways := b.waysLocked(b.book.device(t))
			b.spawnLocked(func() { b.try(ctx, ways, t) })
		}
		b.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-b.book.wake:
		case <-b.opt.Clock.After(rest):
		}
	}
}

// unknownOwners are the devices that answered at suggested addresses and share
// no space with us.
func (b *Board) unknownOwners() map[wire.DeviceID]bool {
	owners := map[wire.DeviceID]bool{}
	b.mu.Lock()
	for _, t := range b.book.targets {
		if device := b.book.device(t); t.want.IsZero() && !device.IsZero() {
			owners[device] = true
		}
	}
	b.mu.Unlock()
	for device := range owners {
		if b.opt.Known(device) {
			delete(owners, device)
		}
	}
	return owners
}

// dueLocked gives the targets to dial now and how long nothing else is due.
func (b *Board) dueLocked(strangers map[wire.DeviceID]bool, now time.Time) (due []*target, rest time.Duration) {
	rest = restDelay
	if len(b.peers) >= b.opt.MaxLinks {
		return nil, rest
	}
	dialing := map[wire.DeviceID]bool{} // one address of a device at a time
	busy := 0
	for _, t := range b.book.targets {
		if t.busy {
			busy++
			dialing[b.book.device(t)] = true
		}
	}
	for _, t := range b.book.targets {
		device := b.book.device(t)
		if t.busy || device == b.opt.Self || len(b.waysLocked(device)) == 0 {
			continue
		}
		if t.want.IsZero() && strangers[device] {
			continue // a stranger's: seen once, not called on again
		}
		if wait := t.next.Sub(now); wait > 0 {
			rest = min(rest, wait)
			continue
		}
		if !device.IsZero() && dialing[device] {
			continue // the end of that dial wakes the loop
		}
		if busy+len(due) >= maxDialing {
			break
		}
		dialing[device] = true
		due = append(due, t)
	}
	return due, rest
}

// waysLocked are the ways that would be better than what a device has now.
func (b *Board) waysLocked(device wire.DeviceID) []link.Node {
	p := b.peers[device]
	switch {
	case p == nil:
		return b.opt.Nodes
	case p.current == nil || len(p.lines) > 1: // being decided
		return nil
	}
	return b.opt.Nodes[:max(p.current.rank, 0)]
}

// try dials one target.
func (b *Board) try(ctx context.Context, ways []link.Node, t *target) {
	defer b.book.poke()
	l, err := b.dial(ctx, ways, t.addr, t.want)
	now := b.opt.Clock.Now()
	if err != nil {
		b.mu.Lock()
		b.book.failed(t, now, errors.Is(err, link.ErrWrongDevice), errors.Is(err, link.ErrSelf))
		fails := t.fails
		b.mu.Unlock()
		b.opt.Log.Debug("dial failed", "addr", t.addr, "fails", fails, "error", err)
		return
	}
	device := l.Remote()
	b.mu.Lock()
	b.book.worked(t, device, now)
	b.mu.Unlock()
	if _, err := b.admit(l, false); err == nil {
		b.remember(device, t.addr)
	}
}

func (b *Board) remember(device wire.DeviceID, addr string) {
	if b.opt.Remember != nil && b.opt.Known(device) {
		b.opt.Remember(device, addr)
	}
}
