package nats

import (
	"context"
	"fmt"
	"sync"
	"time"

	"roundtable/backend/relay/engine"
)

// enter counts somebody whom Close waits for, unless it is closing.
func (e *Engine) enter(among *sync.WaitGroup) bool {
	e.entering.Lock()
	defer e.entering.Unlock()
	if e.ctx.Err() != nil {
		return false
	}
	among.Add(1)
	return true
}

// spawn runs what Close waits for, unless it is closing.
func (e *Engine) spawn(do func()) bool {
	if !e.enter(&e.busy) {
		return false
	}
	go func() {
		defer e.busy.Done()
		do()
	}()
	return true
}

// beginFollowing subscribes to what concerns all spaces and starts the engine's own work.
func (e *Engine) beginFollowing(ctx context.Context) error {
	for _, subject := range []string{"lg.>", elected + "*"} {
		if _, err := e.nc.ChanSubscribe(subject, e.follows.hints); err != nil {
			return fmt.Errorf("%w: %w", engine.ErrUnavailable, err)
		}
	}
	if err := e.tirelessly(ctx, e.flush); err != nil {
		return err
	}
	list, err := e.beginGrants(ctx)
	if err != nil {
		return err
	}
	e.spawn(e.hear)
	e.spawn(e.lookAround)
	e.spawn(func() { e.followGrants(list) })
	e.spawn(e.keepCounts)
	return nil
}

// flush waits until the server has what was sent: subscriptions, above all.
func (e *Engine) flush(ctx context.Context) error {
	try, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	if err := e.nc.FlushWithContext(try); err != nil {
		return e.why(ctx, err)
	}
	return nil
}

// lookAgain asks for a look at all followed spaces of a stream ("": of all): some
// hints may have been lost.
func (e *Engine) lookAgain(stream string) {
	e.wakeGrants(0)
	select {
	case e.follows.again <- stream:
	default: // so many are asked for that all are looked at soon
	}
}

// lookAround looks at followed spaces in turn.
func (e *Engine) lookAround() {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	var turn, hurry []*follower
	for {
		select {
		case <-e.ctx.Done():
			return
		case stream := <-e.follows.again:
			for _, f := range e.follows.all() {
				if stream == "" || stream == f.place.stream {
					hurry = append(hurry, f)
				}
			}
			hurry = e.lookAt(hurry, lookFast/10)
		case <-second.C:
			if len(turn) == 0 {
				turn = e.follows.all()
			}
			turn = e.lookAt(turn, min(lookMost, 1+len(turn)/int(round/time.Second)))
			hurry = e.lookAt(append(hurry, e.follows.youngOnes()...), lookFast)
		}
	}
}

// lookAt looks at some and gives the rest.
func (e *Engine) lookAt(list []*follower, most int) []*follower {
	n := min(len(list), most)
	for _, f := range list[:n] {
		e.look(f, 0)
	}
	return list[n:]
}

// youngOnes gives those that were followed lately, and forgets the older ones.
func (f *follows) youngOnes() []*follower {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.young
	f.young = nil
	for _, x := range out {
		if time.Since(x.born) < youth {
			f.young = append(f.young, x)
		}
	}
	return out
}

func (f *follows) all() []*follower {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]*follower, 0, len(f.spaces))
	for _, x := range f.spaces {
		out = append(out, x)
	}
	return out
}
