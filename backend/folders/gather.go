package folders

import (
	"context"
	"errors"
	"sync"
	"time"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/folders/transfer"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	// maxSources bounds the devices that are asked at a time.
	maxSources = 8
	// abreast is how many questions to one of them are under way.
	abreast = 4
	// askChunks and askBytes bound one question.
	askChunks = 256
	askBytes  = transfer.MaxAskBytes
	// askWait bounds one answer.
	askWait = 2 * time.Minute
)

// fetch gets chunks from those who have them: each from one of the sources, and from
// another one when that has it not. The sinks are called from several goroutines,
// one for each chunk at a time.
type fetch struct {
	k      *keeper
	author wire.DeviceID
	order  []*wanting
	// byChunk has what is wanted. A size that somebody made up for a chunk that others
	// have under another one is another question.
	byChunk map[chunk.Chunk]*wanting

	mu      sync.Mutex
	news    *sync.Cond
	queue   []*wanting
	flying  int
	failure error
	// doubted are devices whose bytes were wrong once: they are asked to look at what they
	// give. An honest one has what it lacks then; nobody else may spend its good name.
	doubted map[wire.DeviceID]bool
}

type wanting struct {
	chunk.Chunk
	sinks []func([]byte) error
	tried map[wire.DeviceID]bool
	got   bool
}

func newFetch(k *keeper, author wire.DeviceID) *fetch {
	f := &fetch{k: k, author: author, byChunk: map[chunk.Chunk]*wanting{}, doubted: map[wire.DeviceID]bool{}}
	f.news = sync.NewCond(&f.mu)
	return f
}

// want asks for a chunk; several may want the same one. The bytes are the sink's
// until it returns.
func (f *fetch) want(c chunk.Chunk, sink func(data []byte) error) {
	w := f.byChunk[c]
	if w == nil {
		w = &wanting{Chunk: c}
		f.byChunk[c] = w
		f.order = append(f.order, w)
	}
	w.sinks = append(w.sinks, sink)
}

func (f *fetch) known(c chunk.Chunk) bool { return f.byChunk[c] != nil }

// run gets what can be had. What nobody has stays where it was: that is no error.
// Errors: the sinks' and the context's.
func (f *fetch) run(ctx context.Context) error {
	if len(f.order) == 0 {
		return nil
	}
	f.queue = append(f.queue, f.order...)
	sources := f.sources()
	var wg sync.WaitGroup
	for _, d := range sources {
		for range abreast {
			wg.Go(func() { f.ask(ctx, d) })
		}
	}
	stop := context.AfterFunc(ctx, func() { f.mu.Lock(); f.news.Broadcast(); f.mu.Unlock() })
	wg.Wait()
	stop()
	if f.failure != nil || ctx.Err() != nil {
		return errors.Join(f.failure, ctx.Err())
	}
	return f.unpack(ctx)
}

// sources are the devices to be asked, the author's first.
func (f *fetch) sources() []wire.DeviceID {
	all := f.k.f.sources(f.k.space)
	for i, d := range all {
		if d == f.author {
			all[0], all[i] = all[i], all[0]
		}
	}
	return all[:min(len(all), maxSources)]
}

// ask takes questions from the queue until nothing is left that this device might have.
func (f *fetch) ask(ctx context.Context, device wire.DeviceID) {
	again := true // once: the stream may be one of a link that is no more
	for {
		some := f.next(ctx, device)
		if some == nil {
			return
		}
		f.mu.Lock()
		check := f.doubted[device]
		f.mu.Unlock()
		err := f.question(ctx, device, some, check)
		f.mu.Lock()
		// A question that was under way when another one's answer was wrong has not had its turn.
		news := errors.Is(err, transfer.ErrWrong) && !check
		second := err != nil && (again || news) && ctx.Err() == nil
		f.doubted[device] = f.doubted[device] || news
		f.flying--
		for _, w := range some {
			if !w.got && second {
				f.queue = append(f.queue, w)
			} else if !w.got {
				if w.tried == nil {
					w.tried = map[wire.DeviceID]bool{}
				}
				w.tried[device] = true
				f.queue = append(f.queue, w)
			}
		}
		f.news.Broadcast()
		f.mu.Unlock()
		if second {
			again = again && news
			continue
		}
		if err != nil && ctx.Err() == nil {
			if !errors.Is(err, link.ErrClosed) {
				f.k.f.Slog.Info("folder content not given", "peer", device.Short(), "err", err)
			}
			return
		}
	}
}

// next picks what a device is asked for; nil when there is nothing any more.
func (f *fetch) next(ctx context.Context, device wire.DeviceID) []*wanting {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		if ctx.Err() != nil || f.failure != nil {
			return nil
		}
		var some, rest []*wanting
		bytes := 0
		for i, w := range f.queue {
			if len(some) > 0 && (len(some) >= askChunks || bytes+int(w.Size) > askBytes) {
				rest = append(rest, f.queue[i:]...)
				break
			}
			if w.tried[device] {
				rest = append(rest, w)
				continue
			}
			some, bytes = append(some, w), bytes+int(w.Size)
		}
		if len(some) > 0 {
			f.queue = rest
			f.flying++
			return some
		}
		if f.flying == 0 {
			return nil
		}
		f.news.Wait() // what another device turns out not to have may be ours to give
	}
}

// question asks a device for some chunks and hands them to those who want them.
func (f *fetch) question(ctx context.Context, device wire.DeviceID, some []*wanting, check bool) error {
	k := f.k
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	peer, err := k.f.peers.to(ctx, device)
	if err != nil {
		return err
	}
	want := make([]chunk.Chunk, len(some))
	for i, w := range some {
		want[i] = w.Chunk
	}
	bytes := 0
	if err := peer.Get(ctx, k.space, want, check, func(i int, data []byte) error {
		bytes += len(data)
		return f.hand(some[i], data)
	}); err != nil {
		return err
	}
	k.came(device, k.f.Via(device), bytes)
	return k.f.In.Wait(ctx, class(k.f.Via(device)), bytes)
}

// hand gives a chunk to its sinks.
func (f *fetch) hand(w *wanting, data []byte) error {
	w.got = true
	for _, sink := range w.sinks {
		if err := sink(data); err != nil {
			f.mu.Lock()
			f.failure = errors.Join(f.failure, err)
			f.mu.Unlock()
			return err
		}
	}
	return nil
}

// left lists what nobody gave.
func (f *fetch) left() (out []*wanting) {
	for _, w := range f.order {
		if !w.got {
			out = append(out, w)
		}
	}
	return out
}
