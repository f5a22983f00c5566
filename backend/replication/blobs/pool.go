package blobs

import (
	"context"
	"sync"
	"time"

	"roundtable/backend/blob"
)

type itemState uint8

const (
	open itemState = iota
	taken
	done
)

// lag is how long one source may be at an item before another that has nothing
// else to do gets it as well: one that never answers holds up nobody for long.
const lag = 5 * time.Second

// pool is the items of one round, shared by all sources.
type pool struct {
	items []item
	in    *blob.Intake

	mu    sync.Mutex
	state []itemState
	left  int
	at    map[int]*attempt // of taken items
	err   error
	moved chan struct{} // closed and replaced when an item is given back, got, or all ends
}

// attempt at an item: by how many sources, and since when the last one.
type attempt struct {
	by    int
	since time.Time
}

func newPool(items []item) *pool {
	return &pool{items: items, state: make([]itemState, len(items)), at: map[int]*attempt{}, moved: make(chan struct{})}
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

// take gives an item that is open, of those that a source has, or one that
// another source is at for long. It waits while others are at items, since they
// may give them back; ok is false when none is left.
func (p *pool) take(ctx context.Context, o *offer) (i int, ok bool) {
	for {
		i, ok, waits, moved := p.look(o)
		if ok || !waits || ctx.Err() != nil {
			return i, ok
		}
		again := time.NewTimer(lag / 5)
		select {
		case <-moved:
		case <-again.C:
		case <-ctx.Done():
		}
		again.Stop()
	}
}

func (p *pool) look(o *offer) (i int, ok, waits bool, moved chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(o.can) > 0 && p.state[o.can[0]] == done {
		o.can = o.can[1:]
	}
	if p.err != nil {
		return 0, false, false, p.moved
	}
	late := -1
	for _, i := range o.can {
		switch p.state[i] {
		case open:
			p.state[i] = taken
			p.at[i] = &attempt{1, time.Now()}
			return i, true, false, nil
		case taken:
			waits = true
			if late < 0 && time.Since(p.at[i].since) > lag {
				late = i
			}
		case done:
		}
	}
	if late >= 0 {
		p.at[late].by++
		p.at[late].since = time.Now()
		return late, true, false, nil
	}
	return 0, false, waits, p.moved
}

func (p *pool) stir() {
	close(p.moved)
	p.moved = make(chan struct{})
}

// pass gives an item back.
func (p *pool) pass(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state[i] != taken {
		return // another source was faster
	}
	if p.at[i].by--; p.at[i].by == 0 {
		p.state[i] = open
		delete(p.at, i)
	}
	p.stir()
}

// got notes that an item is here; false when that was known.
func (p *pool) got(i int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state[i] == done {
		return false
	}
	p.state[i] = done
	p.left--
	delete(p.at, i)
	p.stir()
	return true
}

// stirred is closed at the next change.
func (p *pool) stirred() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.moved
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
