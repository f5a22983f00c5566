package nats

import (
	"context"
	"encoding/gob"
	"flag"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// An election takes four to nine seconds; twenty kills are for a check of their own.
var kills = flag.Int("nats.kills", 4, "how many processes TestKilled kills")

// office writes to a few spaces and reads them, through whatever relay is there.
type office struct {
	c       *cluster
	authors []*enginetest.Author
	acked   []atomic.Uint64 // by author
	readers []*reader
}

// reader is a member of a space: it keeps what it was given, and its cursor.
type reader struct {
	space wire.SpaceID
	mu    sync.Mutex
	items []engine.Item
}

// TestKilled: three servers and two relay processes under load; any of them is
// killed at random. What was acknowledged is given to each member once, and the
// order of each feed holds.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a cluster")
	}
	o := &office{c: newCluster(t, 2), acked: make([]atomic.Uint64, 16)}
	const spaces = 8 // in as many streams, about
	for range spaces {
		space := enginetest.NewSpace()
		for range len(o.acked) / spaces {
			o.authors = append(o.authors, enginetest.NewAuthor(space))
		}
		for range 2 {
			o.readers = append(o.readers, &reader{space: space})
		}
	}
	writing, stopWriting := context.WithCancel(t.Context())
	reading, stopReading := context.WithCancel(t.Context())
	var writers, members sync.WaitGroup
	for i := range o.authors {
		writers.Go(func() { o.write(writing, t, i) })
	}
	for _, r := range o.readers {
		members.Go(func() { o.read(reading, r) })
	}
	begins := time.Now()
	o.progress(t, "the beginning")
	t.Logf("the cluster stands after %v", time.Since(begins).Round(10*time.Millisecond))
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	began := time.Now()
	for n := range *kills {
		victim := o.c.processes[random.IntN(len(o.c.processes))]
		since := time.Now()
		victim.kill()
		select {
		case <-time.After(time.Duration(random.IntN(300)) * time.Millisecond):
		case <-t.Context().Done():
		}
		victim.start(t)
		o.progress(t, victim.name)
		t.Logf("kill %d, %s: all write again after %v", n+1, victim.name, time.Since(since).Round(10*time.Millisecond))
	}
	stopWriting()
	writers.Wait()
	took := time.Since(began)
	o.level(t)
	stopReading()
	members.Wait()
	o.check(t)
	var total uint64
	for i := range o.acked {
		total += o.acked[i].Load()
	}
	t.Logf("%d kills in %v, %d envelopes acknowledged, each given once to each member", *kills, took.Round(time.Second), total)
}

// write makes runs and brings each to a relay, sometimes to two at a time, until it
// is acknowledged.
func (o *office) write(ctx context.Context, t *testing.T, i int) {
	a := o.authors[i]
	random := rand.New(rand.NewPCG(uint64(i), 7))
	for ctx.Err() == nil {
		run := a.Write(1+random.IntN(4), 100+random.IntN(400))
		both := random.IntN(3) == 0
		var wg sync.WaitGroup
		if both {
			wg.Go(func() { o.bring(t, i, run) })
		}
		o.bring(t, i, run)
		wg.Wait()
	}
}

// bring repeats a run until it is acknowledged. Only what breaks is repeated:
// a gap or a fork would be the store's mistake.
func (o *office) bring(t *testing.T, i int, run engine.Run) {
	q := request{Space: run[0].Space}
	for _, e := range run {
		q.Raws = append(q.Raws, e.Raw)
	}
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		a, err := o.ask(q)
		if err == nil && a.Err == "" {
			o.acked[i].Store(max(o.acked[i].Load(), a.Head))
			return
		}
		if a.Err == engine.ErrGap.Error() || a.Err == engine.ErrForked.Error() {
			t.Errorf("author %d at %d: %s, head %d", i, run[0].Seq, a.Err, a.Head)
			return
		}
		<-time.After(time.Duration(10+rand.IntN(40)) * time.Millisecond)
	}
	t.Errorf("author %d: %d was not acknowledged for two minutes", i, run[0].Seq)
}

func (o *office) ask(q request) (a answer, err error) {
	c, err := o.c.dial()
	if err != nil {
		return a, err
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(2 * patience)); err != nil {
		return a, err
	}
	if err := gob.NewEncoder(c).Encode(q); err != nil {
		return a, err
	}
	return a, gob.NewDecoder(c).Decode(&a)
}

// read goes on from its cursor at any relay, whenever the line breaks.
func (o *office) read(ctx context.Context, r *reader) {
	for ctx.Err() == nil {
		c, err := o.c.dial()
		if err == nil {
			stop := context.AfterFunc(ctx, func() { _ = c.Close() })
			r.take(c)
			stop()
			_ = c.Close()
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

func (r *reader) take(c net.Conn) {
	if gob.NewEncoder(c).Encode(request{Space: r.space, After: r.cursor()}) != nil {
		return
	}
	in := gob.NewDecoder(c)
	for {
		var a answer
		if in.Decode(&a) != nil {
			return
		}
		r.mu.Lock()
		r.items = append(r.items, a.Items...)
		r.mu.Unlock()
	}
}

func (r *reader) cursor() protocol.Cursor {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.items) == 0 {
		return nil
	}
	return r.items[len(r.items)-1].Cursor
}

// progress waits until everybody was acknowledged something more.
func (o *office) progress(t *testing.T, after string) {
	t.Helper()
	var was []uint64
	for i := range o.acked {
		was = append(was, o.acked[i].Load())
	}
	deadline := time.Now().Add(90 * time.Second)
	for i := range o.acked {
		for o.acked[i].Load() <= was[i] {
			if time.Now().After(deadline) {
				t.Fatalf("after %s: author %d stands still", after, i)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
}

// level waits until every member has what was acknowledged.
func (o *office) level(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for _, r := range o.readers {
		for {
			want := uint64(0)
			for i, a := range o.authors {
				if a.Space == r.space {
					want += o.acked[i].Load()
				}
			}
			r.mu.Lock()
			got := uint64(len(r.items))
			r.mu.Unlock()
			if got >= want {
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("a member has %d of %d envelopes", got, want)
				return
			}
			<-time.After(20 * time.Millisecond)
		}
	}
}

// check: each member has each feed from its first to its last envelope, once, in order.
func (o *office) check(t *testing.T) {
	t.Helper()
	for n, r := range o.readers {
		var mine []*enginetest.Author
		for i, a := range o.authors {
			if a.Space != r.space {
				continue
			}
			if acked := o.acked[i].Load(); acked != a.Seq {
				t.Errorf("author %d wrote %d, %d are acknowledged", i, a.Seq, acked)
			}
			mine = append(mine, a)
		}
		r.mu.Lock()
		enginetest.Exactly(t, r.items, 1, mine...)
		r.mu.Unlock()
		for other := range n {
			if o.readers[other].space == r.space && !sameOrder(r.items, o.readers[other].items) {
				t.Errorf("members %d and %d were given another order", other, n)
			}
		}
	}
}

func sameOrder(a, b []engine.Item) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if string(a[i].Raw) != string(b[i].Raw) || string(a[i].Cursor) != string(b[i].Cursor) {
			return false
		}
	}
	return true
}
