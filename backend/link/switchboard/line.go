package switchboard

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	maxStrangers    = 32 // links of devices that share no space with us
	maxLines        = 4  // links of one device, all but one about to close
	strangerStreams = 8
	strangerIdle    = 10 * time.Minute
	adoptWithin     = 15 * time.Second
	retireAfter     = 5 * time.Second
	aliveWithin     = 3 * time.Second
)

// peer is a device with links. Its fields are guarded by Board.mu.
type peer struct {
	device  wire.DeviceID
	lines   []*line
	current *line
	// deciding is held by the senior while it picks a link, which may take a ping.
	deciding sync.Mutex
}

// line is one link and what the board knows of it.
type line struct {
	link    link.Link
	peer    *peer
	since   time.Time
	rank    int  // of its way, 0 is best
	asked   bool // dialled by Dial: not counted as a stranger's
	ctx     context.Context
	cancel  context.CancelFunc
	adopted chan struct{} // closed when the line becomes current

	// guarded by Board.mu
	active   int // streams in use
	inbound  int // of these, the other side's
	lastUsed time.Time
	isUp     bool
}

// acceptLinks takes links that others dial.
func (b *Board) acceptLinks(ctx context.Context, n link.Node) {
	for {
		l, err := n.Accept(ctx)
		if err != nil {
			if ctx.Err() == nil {
				b.opt.Log.Warn("no more links accepted", "via", n.Via(), "error", err)
			}
			return
		}
		if _, err := b.admit(l, false); err != nil {
			b.opt.Log.Debug("link refused", "peer", l.Remote().Short(), "addr", l.RemoteAddr(), "error", err)
		}
	}
}

// admit takes a link in, or closes it. Errors: ErrNotRunning, link.ErrRefused.
func (b *Board) admit(l link.Link, asked bool) (*line, error) {
	device := l.Remote()
	known := b.opt.Known(device)
	var strangers map[wire.DeviceID]bool
	if !known && !asked {
		strangers = b.strangers()
	}
	now := b.opt.Clock.Now()
	b.mu.Lock()
	p := b.peers[device]
	var err error
	switch {
	case b.stopped || b.ctx == nil:
		err = ErrNotRunning
	case device == b.opt.Self || p != nil && len(p.lines) >= maxLines:
		err = link.ErrRefused
	case p == nil && !asked && len(b.peers) >= 2*b.opt.MaxLinks:
		err = link.ErrRefused
	case !known && !asked && !b.roomForStranger(strangers, now):
		err = link.ErrRefused
	}
	if err != nil {
		b.mu.Unlock()
		l.Close()
		return nil, err
	}
	if p == nil {
		p = &peer{device: device}
		b.peers[device] = p
	}
	ln := &line{link: l, peer: p, since: now, lastUsed: now, asked: asked, adopted: make(chan struct{})}
	ln.rank = slices.IndexFunc(b.opt.Nodes, func(n link.Node) bool { return n.Via() == l.Via() })
	ln.ctx, ln.cancel = context.WithCancel(b.ctx)
	p.lines = append(p.lines, ln)
	b.spawnLocked(func() { b.serve(ln) })
	if b.Initiator(device) {
		b.spawnLocked(func() { b.decide(ln) })
	} else {
		b.spawnLocked(func() { b.expectUp(ln) })
	}
	b.mu.Unlock()
	return ln, nil
}

// strangers are the devices with links that share no space with us. Known is
// never called under the lock: it has locks of its own.
func (b *Board) strangers() map[wire.DeviceID]bool {
	b.mu.Lock()
	devices := slices.Collect(maps.Keys(b.peers))
	b.mu.Unlock()
	out := map[wire.DeviceID]bool{}
	for _, id := range devices {
		if !b.opt.Known(id) {
			out[id] = true
		}
	}
	return out
}

// roomForStranger counts links of unknown devices; the one longest without a
// stream makes room. Called with mu held.
func (b *Board) roomForStranger(strangers map[wire.DeviceID]bool, now time.Time) bool {
	if !b.rate.take(now) {
		return false
	}
	count, oldest := 0, (*line)(nil)
	for id, p := range b.peers {
		if !strangers[id] {
			continue
		}
		for _, l := range p.lines {
			if l.asked {
				continue
			}
			count++
			if l.active == 0 && (oldest == nil || l.lastUsed.Before(oldest.lastUsed)) {
				oldest = l
			}
		}
	}
	if count < maxStrangers {
		return true
	}
	if oldest == nil {
		return false
	}
	victim := oldest.link
	b.spawnLocked(func() { victim.Close() })
	return true
}

// decide is the senior's choice when a link comes up.
func (b *Board) decide(l *line) {
	p := l.peer
	p.deciding.Lock()
	defer p.deciding.Unlock()
	b.mu.Lock()
	current := p.current
	b.mu.Unlock()
	if current != nil && current.rank <= l.rank && b.alive(l.ctx, current) {
		b.opt.Log.Debug("second link closed", "peer", p.device.Short(), "addr", l.link.RemoteAddr())
		l.link.Close()
		return
	}
	ctx, cancel := context.WithTimeout(l.ctx, adoptWithin)
	defer cancel()
	s, err := b.open(ctx, l, protocolUp)
	if err != nil {
		l.link.Close()
		return
	}
	s.Close()
	b.adopt(l)
}

// alive asks a link whether the other side still answers.
func (b *Board) alive(ctx context.Context, l *line) bool {
	pinger, ok := l.link.(link.Pinger)
	if !ok {
		select {
		case <-l.link.Done():
			return false
		default:
			return true
		}
	}
	ctx, cancel := context.WithTimeout(ctx, aliveWithin)
	defer cancel()
	_, err := pinger.Ping(ctx)
	return err == nil
}

// expectUp closes a link that the senior does not take.
func (b *Board) expectUp(l *line) {
	select {
	case <-l.adopted:
	case <-l.ctx.Done():
	case <-b.opt.Clock.After(adoptWithin):
		l.link.Close()
	}
}

// adopt makes a line its device's link.
func (b *Board) adopt(l *line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := l.peer
	if l.isUp || !slices.Contains(p.lines, l) {
		return
	}
	l.isUp = true
	old := p.current
	p.current = l
	if old != nil {
		old.cancel()
		b.spawnLocked(func() { b.retire(old) })
	}
	close(l.adopted)
	b.opt.Log.Info("link up", "peer", p.device.Short(), "via", l.link.Via(), "addr", l.link.RemoteAddr())
	for _, f := range b.onUp {
		b.spawnLocked(func() { f(l.ctx, p.device) })
	}
	b.movedLocked()
}

// retire closes a line that another one replaced, once what is under way on it
// had time to end. The junior leaves it to the senior, but not for ever.
func (b *Board) retire(l *line) {
	after := retireAfter
	if !b.Initiator(l.peer.device) {
		after *= 4
	}
	select {
	case <-b.opt.Clock.After(after):
		l.link.Close()
	case <-l.link.Done():
	case <-b.ctx.Done():
	}
}

// ended takes a line out.
func (b *Board) ended(l *line) {
	l.cancel()
	l.link.Close()
	now := b.opt.Clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	p := l.peer
	p.lines = slices.DeleteFunc(p.lines, func(x *line) bool { return x == l })
	if p.current == l {
		p.current = nil
		b.opt.Log.Info("link down", "peer", p.device.Short(), "via", l.link.Via(), "after", now.Sub(l.since))
	}
	if len(p.lines) == 0 {
		delete(b.peers, p.device)
		b.book.lost(p.device, now, now.Sub(l.since), !b.Initiator(p.device))
		b.book.poke()
	}
	b.movedLocked()
}

// await waits until a device has a current link. Errors: link.ErrRefused when
// its last link is gone, ErrNotRunning, the context's.
func (b *Board) await(ctx context.Context, device wire.DeviceID) error {
	for {
		b.mu.Lock()
		p, moved, stopped := b.peers[device], b.moved, b.stopped
		up := p != nil && p.current != nil
		b.mu.Unlock()
		switch {
		case up:
			return nil
		case stopped:
			return ErrNotRunning
		case p == nil:
			return link.ErrRefused
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// use counts a stream that starts (+1) or ends (-1).
func (b *Board) use(l *line, n int) {
	now := b.opt.Clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	l.active += n
	l.lastUsed = now
}

var errStranger = errors.New("idle, and shares no space with us")

// dropIdleStrangers closes links that nobody uses.
func (b *Board) dropIdleStrangers(now time.Time) {
	b.mu.Lock()
	lines := slices.DeleteFunc(b.allLines(), func(l *line) bool {
		return l.active > 0 || now.Sub(l.lastUsed) < strangerIdle
	})
	b.mu.Unlock()
	for _, l := range lines {
		if b.opt.Known(l.peer.device) {
			continue
		}
		b.opt.Log.Info("link closed", "peer", l.peer.device.Short(), "reason", errStranger)
		l.link.Close()
	}
}
