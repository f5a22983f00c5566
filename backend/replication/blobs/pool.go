package blobs

import (
	"context"
	"sync"

	"roundtable/backend/blob"
)

type itemState uint8

const (
	open itemState = iota
	taken
	done
)

// pool is the items of one round, shared by all sources.
type pool struct {
	items []item

	mu    sync.Mutex
	state []itemState
	left  int
	err   error
	moved chan struct{} // closed and replaced when an item is given back, got, or all ends
}

// ask asks a source which of the missing items it has.
func (p *pool) ask(ctx context.Context, has func(context.Context, []blob.Hash) ([]bool, error)) (o *offer, err error) {
	o = &offer{}
	var missing []int
	p.mu.Lock()
	for i, s := range p.state {
		if s != done {
			missing = append(missing, i)
		}
	}
	p.mu.Unlock()
	for len(missing) > 0 {
		some := missing[:min(len(missing), maxHashes)]
		missing = missing[len(some):]
		hashes := make([]blob.Hash, len(some))
		for n, i := range some {
			hashes[n] = p.items[i].hash
		}
		flags, err := has(ctx, hashes)
		if err != nil {
			return nil, err
		}
		for n, ok := range flags[:min(len(flags), len(some))] {
			if ok {
				o.can = append(o.can, some[n])
			}
		}
	}
	o.size = len(o.can)
	return o, nil
}

// offer is what one source has; its workers share it.
type offer struct {
	can  []int // guarded by the pool's mutex: what is done is dropped from the front
	size int
}

// take gives an item that is open, of those that a source has. It waits while
// others hold them, since they may give them back; ok is false when none is left.
func (p *pool) take(ctx context.Context, o *offer) (i int, ok bool) {
	for {
		p.mu.Lock()
		for len(o.can) > 0 && p.state[o.can[0]] == done {
			o.can = o.can[1:]
		}
		waits := false
		for _, i := range o.can {
			if p.err != nil {
				break
			}
			if p.state[i] == open {
				p.state[i] = taken
				p.mu.Unlock()
				return i, true
			}
			waits = waits || p.state[i] == taken
		}
		moved := p.moved
		p.mu.Unlock()
		if !waits || ctx.Err() != nil {
			return 0, false
		}
		select {
		case <-moved:
		case <-ctx.Done():
		}
	}
}

func (p *pool) stir() {
	close(p.moved)
	p.moved = make(chan struct{})
}

// pass gives an item back.
func (p *pool) pass(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state[i] = open
	p.stir()
}

// got notes that an item is here.
func (p *pool) got(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state[i] = done
	p.left--
	p.stir()
}

// fail ends the round for all sources.
func (p *pool) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
	p.stir()
}

func (p *pool) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *pool) missing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left > 0
}
