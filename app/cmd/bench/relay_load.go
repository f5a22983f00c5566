package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/relay/client"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	publishers  = 16
	bodyBytes   = 700 // about a sealed message
	publishFor  = 4 * time.Second
	subscribers = 1000
	fanOuts     = 100
	history100k = 100_000
	deliverRate = 1000
	deliverFor  = 8 * time.Second
	pairs       = 10
)

// relayPublish measures acknowledged publishes: each of 16 devices waits for the
// answer to one envelope before it sends the next; then the same bytes into a
// bare store of the same kind, by as many writers.
func relayPublish(ctx context.Context, s *scene, r *relayProcess) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	space := newSpace()
	devices := make([]*device, publishers)
	sessions := make([]*client.Session, publishers)
	for i := range devices {
		devices[i] = newDevice(ctx, r.address, nil)
		var err error
		if sessions[i], err = devices[i].session(ctx); err != nil {
			return err
		}
	}
	if err := found(ctx, sessions[0], space, devices[0], devices[1:]...); err != nil {
		return err
	}
	const prepared = 40_000
	batches := make([][][]byte, publishers)
	var making sync.WaitGroup
	for i, d := range devices {
		making.Go(func() { batches[i], _ = d.envelopes(space, prepared, bodyBytes) })
	}
	making.Wait()
	next := make([]int, publishers)
	for _, size := range []int{1, 64} {
		one := func(i, _ int) error {
			from := next[i]
			if from+size > prepared {
				return errEnough
			}
			next[i] += size
			stored, err := sessions[i].Publish(ctx, protocol.Publish{Space: space, Raws: batches[i][from : from+size]})
			if err == nil && len(stored.Refused) > 0 {
				err = protocol.Failed{Code: stored.Refused[0].Code}
			}
			return err
		}
		if err := againstStore(ctx, s, r, batches, size, one); err != nil {
			return err
		}
	}
	return nil
}

// againstStore has publishers work, then as many writers of a bare store.
func againstStore(ctx context.Context, s *scene, r *relayProcess, batches [][][]byte, size int, one func(writer, n int) error) error {
	before, err := cpuSeconds(r.command.Process.Pid)
	if err != nil {
		return err
	}
	rate, err := together(publishers, publishFor, one)
	if err != nil {
		return err
	}
	after, err := cpuSeconds(r.command.Process.Pid)
	if err != nil {
		return err
	}
	bare, err := bareStore(ctx, filepath.Join(s.folder, fmt.Sprint("bare", size, ".db")), batches, size)
	if err != nil {
		return err
	}
	name := ""
	if size > 1 {
		name = "_batched"
	}
	figure("relay_publish"+name+"_durable_s", rate.perSecond*float64(size), "1/s")
	figure("relay_publish"+name+"_cpu_us", (after-before)*1e6/float64(rate.done*size), "µs")
	figure("store_publish"+name+"_durable_s", bare.perSecond*float64(size), "1/s")
	figure("relay_vs_store"+name+"_ratio", rate.perSecond/bare.perSecond, "")
	return nil
}

// work is what writers did.
type work struct {
	done      int
	perSecond float64
}

var errEnough = errors.New("nothing left to write")

// together runs writers for a while and gives what they did each second.
func together(writers int, d time.Duration, one func(writer, n int) error) (work, error) {
	var done atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	begun := time.Now()
	for i := range writers {
		wg.Go(func() {
			for n := 0; time.Since(begun) < d; n++ {
				if err := one(i, n); err != nil {
					if !errors.Is(err, errEnough) {
						mu.Lock()
						failed = errors.Join(failed, err)
						mu.Unlock()
					}
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	n := int(done.Load())
	return work{n, float64(n) / time.Since(begun).Seconds()}, failed
}

// bareStore writes so many of the same bytes at a time into a store of the same kind.
func bareStore(ctx context.Context, path string, batches [][][]byte, size int) (rate work, err error) {
	db, err := store.Open(ctx, path)
	if err != nil {
		return rate, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx, "bare", `CREATE TABLE bare(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT`); err != nil {
		return rate, err
	}
	return together(len(batches), publishFor, func(i, n int) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			for k := range size {
				if _, err := tx.Exec(`INSERT INTO bare(bytes) VALUES(?)`, batches[i][(n*size+k)%len(batches[i])]); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// relayFanOut measures from a publish to each of 1,000 subscribers.
func relayFanOut(ctx context.Context, _ *scene, r *relayProcess) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	space := newSpace()
	var begun atomic.Int64
	var mu sync.Mutex
	var waits []time.Duration
	heard := make(chan struct{}, subscribers)
	news := func(n protocol.News) {
		if len(n.Raws) == 0 {
			return
		}
		d := time.Duration(time.Now().UnixNano() - begun.Load())
		mu.Lock()
		waits = append(waits, d)
		mu.Unlock()
		heard <- struct{}{}
	}
	author := newDevice(ctx, r.address, nil)
	live, err := author.session(ctx)
	if err != nil {
		return err
	}
	if err := listen(ctx, r.address, space, author, live, news); err != nil {
		return err
	}
	raws, err := author.envelopes(space, fanOuts, bodyBytes)
	if err != nil {
		return err
	}
	for _, raw := range raws {
		begun.Store(time.Now().UnixNano())
		if _, err := live.Publish(ctx, protocol.Publish{Space: space, Raws: [][]byte{raw}}); err != nil {
			return err
		}
		for range subscribers {
			select {
			case <-heard:
			case <-time.After(time.Minute):
				return errors.New("a subscriber did not hear")
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	figure("relay_fanout_1000_p50_ms", percentile(waits, 0.5), "ms")
	figure("relay_fanout_1000_p99_ms", percentile(waits, 0.99), "ms")
	return nil
}

// listen connects subscribers of a space that an author begins.
func listen(ctx context.Context, a protocol.Address, space wire.SpaceID, author *device, live *client.Session, news func(protocol.News)) error {
	listeners := make([]*device, subscribers)
	for i := range listeners {
		listeners[i] = newDevice(ctx, a, news)
	}
	if err := found(ctx, live, space, author, listeners...); err != nil {
		return err
	}
	for _, l := range listeners {
		session, err := l.session(ctx)
		if err != nil {
			return err
		}
		if _, err := session.Subscribe(ctx, space); err != nil {
			return err
		}
	}
	return nil
}

// relayCatchUp measures how fast a device that was away for 100,000 envelopes reads them.
func relayCatchUp(ctx context.Context, _ *scene, r *relayProcess) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	space := newSpace()
	author, reader := newDevice(ctx, r.address, nil), newDevice(ctx, r.address, nil)
	writing, err := author.session(ctx)
	if err != nil {
		return err
	}
	if err := found(ctx, writing, space, author, reader); err != nil {
		return err
	}
	for left := history100k; left > 0; left -= 1000 {
		raws, err := author.envelopes(space, 1000, bodyBytes)
		if err != nil {
			return err
		}
		if _, err := writing.Publish(ctx, protocol.Publish{Space: space, Raws: raws}); err != nil {
			return err
		}
	}
	reading, err := reader.session(ctx)
	if err != nil {
		return err
	}
	begun, got := time.Now(), 0
	var after protocol.Cursor
	for {
		page, err := reading.Read(ctx, protocol.Read{Space: space, After: after})
		if err != nil {
			return err
		}
		got, after = got+len(page.Raws), page.Next
		if !page.More {
			break
		}
	}
	if got != history100k {
		return errors.New("the relay did not give everything")
	}
	figure("relay_catchup_env_s", float64(got)/time.Since(begun).Seconds(), "1/s")
	return nil
}

// relayDeliver measures device → relay → device at 1,000 messages a second in all.
func relayDeliver(ctx context.Context, _ *scene, r *relayProcess) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	var waits []time.Duration
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for range pairs {
		space := newSpace()
		var sent sync.Map // last byte-exact envelope → when
		receiver := newDevice(ctx, r.address, func(n protocol.News) {
			now := time.Now()
			for _, raw := range n.Raws {
				if at, ok := sent.Load(string(raw[len(raw)-64:])); ok {
					mu.Lock()
					waits = append(waits, now.Sub(at.(time.Time)))
					mu.Unlock()
				}
			}
		})
		sender := newDevice(ctx, r.address, nil)
		out, err := couple(ctx, space, sender, receiver)
		if err != nil {
			return err
		}
		raws, err := sender.envelopes(space, int(deliverFor/time.Second)*deliverRate/pairs, bodyBytes)
		if err != nil {
			return err
		}
		wg.Go(func() {
			if err := paced(ctx, raws, deliverRate/pairs, func(raw []byte) error {
				sent.Store(string(raw[len(raw)-64:]), time.Now())
				_, err := out.Publish(ctx, protocol.Publish{Space: space, Raws: [][]byte{raw}})
				return err
			}); err != nil {
				failed.Store(&err)
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	_ = pause(ctx, time.Second)
	mu.Lock()
	defer mu.Unlock()
	if len(waits) == 0 {
		return errors.New("nothing was delivered")
	}
	figure("relay_deliver_p50_ms", percentile(waits, 0.5), "ms")
	figure("relay_deliver_p99_ms", percentile(waits, 0.99), "ms")
	return nil
}

// couple connects a sender and a subscriber of a space that they begin.
func couple(ctx context.Context, space wire.SpaceID, sender, receiver *device) (*client.Session, error) {
	out, err := sender.session(ctx)
	if err != nil {
		return nil, err
	}
	if err := found(ctx, out, space, sender, receiver); err != nil {
		return nil, err
	}
	in, err := receiver.session(ctx)
	if err != nil {
		return nil, err
	}
	_, err = in.Subscribe(ctx, space)
	return out, err
}

// paced sends at an even rate; what is late is not skipped.
func paced(ctx context.Context, raws [][]byte, perSecond int, send func([]byte) error) error {
	begun := time.Now()
	for i, raw := range raws {
		_ = pause(ctx, time.Until(begun.Add(time.Duration(i)*time.Second/time.Duration(perSecond))))
		if err := send(raw); err != nil {
			return err
		}
	}
	return nil
}
