package switchboard

import (
	"context"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	// protocolUp names the stream by which the senior makes a link current.
	protocolUp  = "up"
	maxProtocol = 64
	nameWithin  = 10 * time.Second
)

// open starts a stream and names its protocol.
func (b *Board) open(ctx context.Context, l *line, protocol string) (link.Stream, error) {
	s, err := l.link.Open(ctx)
	if err != nil {
		return nil, err
	}
	_ = s.SetWriteDeadline(time.Now().Add(nameWithin))
	if err := wire.WriteFrame(s, []byte(protocol)); err != nil {
		s.Close()
		return nil, err
	}
	_ = s.SetWriteDeadline(time.Time{})
	return s, nil
}

// serve takes the other side's streams until the link ends.
func (b *Board) serve(l *line) {
	defer b.ended(l)
	device := l.peer.device
	rate := bucket{burst: 4 * strangerStreams, perSecond: 4}
	for {
		s, err := l.link.Accept(b.ctx)
		if err != nil {
			return
		}
		if !b.opt.Known(device) {
			for !rate.take(b.opt.Clock.Now()) {
				select {
				case <-b.opt.Clock.After(time.Second / 4):
				case <-l.link.Done():
					return
				case <-b.ctx.Done():
					return
				}
			}
		}
		if !b.enter(l) {
			s.Close()
			continue
		}
		if !b.spawn(func() { b.answer(l, s) }) {
			s.Close()
			return
		}
	}
}

// enter counts an inbound stream; a stranger may have few.
func (b *Board) enter(l *line) bool {
	known, now := b.opt.Known(l.peer.device), b.opt.Clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !known && l.inbound >= strangerStreams {
		return false
	}
	l.inbound++
	l.active++
	l.lastUsed = now
	return true
}

func (b *Board) leave(l *line) {
	now := b.opt.Clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	l.inbound--
	l.active--
	l.lastUsed = now
}

// answer runs one inbound stream.
func (b *Board) answer(l *line, s link.Stream) {
	defer b.leave(l)
	defer s.Close()
	device := l.peer.device
	_ = s.SetReadDeadline(time.Now().Add(nameWithin))
	name, err := wire.ReadFrame(s, maxProtocol)
	if err != nil {
		b.opt.Log.Debug("stream closed", "peer", device.Short(), "reason", "no protocol name", "error", err)
		return
	}
	if string(name) == protocolUp {
		if b.Initiator(device) { // only the senior says so, and we are it
			b.opt.Log.Warn("link closed", "peer", device.Short(), "reason", "up from the junior side")
			l.link.Close()
			return
		}
		b.adopt(l)
		return
	}
	h := b.handlers[string(name)]
	if h == nil {
		b.opt.Log.Debug("stream closed", "peer", device.Short(), "reason", "unknown protocol")
		return
	}
	select { // a stream may overtake the decision about its link
	case <-l.adopted:
	case <-l.ctx.Done():
		return
	}
	_ = s.SetReadDeadline(time.Time{})
	h(l.ctx, device, s)
}

// bucket is a token bucket: burst at once, then perSecond.
type bucket struct {
	burst, perSecond float64
	tokens           float64
	at               time.Time
}

func (k *bucket) take(now time.Time) bool {
	if k.at.IsZero() {
		k.tokens = k.burst
	} else if d := now.Sub(k.at).Seconds(); d > 0 {
		k.tokens = min(k.burst, k.tokens+d*k.perSecond)
	}
	k.at = now
	if k.tokens < 1 {
		return false
	}
	k.tokens--
	return true
}
