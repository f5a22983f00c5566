package blobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// maxAsked bounds the devices that are asked in one round, maxGiving those
	// that give at the same time.
	maxAsked  = 32
	maxGiving = 4
	// abreast is how many pieces of one source are on their way at a time.
	abreast = 3
	// tellEvery is how often progress is told to the screen.
	tellEvery = 250 * time.Millisecond
	// shunFor is how long nothing is asked of a device that gave wrong bytes.
	shunFor = 10 * time.Minute
)

// errNobody: nobody who can be reached has what is missing.
var errNobody = errors.New("nobody who has the rest can be reached")

// item is a piece that a job lacks. size counts towards the content.
type item struct {
	hash blob.Hash
	size uint64
}

// round gets as much of a file as can be had now; nil when it is whole.
// Errors: errNobody, errcode.DiskFull, errcode.AttachmentDamaged, the context's.
func (e *Engine) round(ctx context.Context, j *job) error {
	j.mu.Lock()
	j.bytes = 0
	j.mu.Unlock()
	pieces := j.file.Hashes()
	if j.file.Nodes() > 0 {
		nodes := make([]item, len(pieces))
		for i, h := range pieces {
			nodes[i] = item{hash: h}
		}
		if err := e.collect(ctx, j, nodes); err != nil {
			return err
		}
		var err error
		if pieces, err = e.learn(ctx, j.file); err != nil {
			return err
		}
	}
	all := make([]item, len(pieces))
	for i, h := range pieces {
		all[i] = item{h, uint64(j.file.Length(i))}
	}
	if err := e.collect(ctx, j, all); err != nil {
		return err
	}
	err := e.opens(ctx, j.file, pieces)
	j.doubted = j.doubted || errors.Is(err, errNobody)
	return err
}

// opens looks whether the last piece opens: a file that nobody can read is not here.
func (e *Engine) opens(ctx context.Context, f blob.File, pieces []blob.Hash) error {
	if len(pieces) == 0 {
		return nil
	}
	n := len(pieces) - 1
	sealed, err := e.Store.Get(ctx, pieces[n])
	if errors.Is(err, blob.ErrMissing) {
		return errNobody // damaged on disk: the next round looks at every piece
	}
	if err == nil {
		if _, err = f.OpenPiece(n, sealed); err != nil {
			err = errcode.With(errcode.AttachmentDamaged, err)
		}
	}
	return err
}

// Learn notes what the nodes of a file list; they are in the store.
func (e *Engine) Learn(ctx context.Context, f blob.File) error {
	if f.Nodes() == 0 {
		return nil
	}
	_, err := e.learn(ctx, f)
	return err
}

// pieces opens the nodes of a file. Errors: blob.ErrMissing, errcode.AttachmentDamaged.
func (e *Engine) pieces(ctx context.Context, f blob.File) (byNode [][]blob.Hash, err error) {
	for n := range f.Nodes() {
		sealed, err := e.Store.Get(ctx, f.Hashes()[n])
		if err != nil {
			return nil, fmt.Errorf("open node %d: %w", n, err)
		}
		list, err := f.OpenNode(n, sealed)
		if err != nil {
			return nil, errcode.With(errcode.AttachmentDamaged, err)
		}
		byNode = append(byNode, list)
	}
	return byNode, nil
}

// learn opens the nodes and notes what they list, in writes that are not long.
func (e *Engine) learn(ctx context.Context, f blob.File) (all []blob.Hash, err error) {
	byNode, err := e.pieces(ctx, f)
	if err != nil {
		return nil, err
	}
	for n, list := range byNode {
		parent := f.Hashes()[n]
		all = append(all, list...)
		for len(list) > 0 {
			some := list[:min(len(list), 2000)]
			list = list[len(some):]
			err := e.DB.Write(ctx, func(tx *store.Tx) error {
				for _, h := range some {
					if _, err := tx.Exec(`INSERT OR IGNORE INTO blobs_inner VALUES(?, ?)`, h[:], parent[:]); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// collect brings items here: from linked devices first, the rest from depots.
func (e *Engine) collect(ctx context.Context, j *job, items []item) error {
	p := newPool(items)
	for i, x := range items {
		if e.has(ctx, j, x.hash) {
			p.state[i] = done
			j.add(x.size)
		} else {
			p.left++
		}
	}
	if p.left == 0 {
		return nil
	}
	p.in = e.Store.Intake()
	e.fromDevices(ctx, j, p)
	if p.missing() && ctx.Err() == nil && p.failure() == nil {
		e.fromDepots(ctx, j, p)
	}
	// Also of a fetch that was stopped: what has come is not asked for again.
	if err := p.in.Settle(); err != nil {
		p.fail(err)
	}
	switch err := p.failure(); {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case p.missing():
		return errNobody
	}
	return nil
}

// has reports whether a piece is here. Of a file in which damage was met, each
// piece is read: what is damaged goes, and is fetched with the rest.
func (e *Engine) has(ctx context.Context, j *job, h blob.Hash) bool {
	if !j.doubted {
		return e.Store.Has(h)
	}
	_, err := e.Store.Get(ctx, h)
	return err == nil
}

func (j *job) add(n uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.bytes += n
}

// fromDevices asks linked devices; as many as give at a time work side by side.
// One that is linked meanwhile joins in. It returns when nobody is left who gives,
// without waiting for sources that are silent once everything is here.
func (e *Engine) fromDevices(ctx context.Context, j *job, p *pool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel() // before the wait: who is still at something is not needed
	asked := map[wire.DeviceID]bool{}
	ended := make(chan struct{}, maxGiving)
	look := true
	for giving := 0; ; {
		var next []wire.DeviceID
		if look && giving < maxGiving {
			next = e.candidates(j, asked)
		}
		for _, peer := range next[:min(len(next), maxGiving-giving)] {
			asked[peer] = true
			giving++
			wg.Go(func() {
				defer func() { ended <- struct{}{} }()
				e.fromDevice(ctx, j, p, peer)
			})
		}
		if giving == 0 {
			return
		}
		moved := p.stirred()
		if !p.missing() || p.failure() != nil {
			return
		}
		select {
		case <-ended:
			giving--
			look = true
		case <-j.news:
			look = true
		case <-moved:
			look = false
		case <-ctx.Done():
			return
		}
	}
}

// candidates are linked devices that may have the file and were not asked yet, the
// author's first.
func (e *Engine) candidates(j *job, asked map[wire.DeviceID]bool) []wire.DeviceID {
	now := e.Clock.Now()
	linked := e.Linked()
	rand.Shuffle(len(linked), func(a, b int) { linked[a], linked[b] = linked[b], linked[a] })
	var out []wire.DeviceID
	for _, d := range linked {
		e.mu.Lock()
		shunned := e.shunned[d].After(now)
		e.mu.Unlock()
		if asked[d] || shunned || !e.Shares(j.space, d) {
			continue
		}
		out = append(out, d)
		if d == j.author {
			out[0], out[len(out)-1] = out[len(out)-1], out[0]
		}
	}
	return out[:max(0, min(len(out), maxAsked-len(asked)))]
}

// fromDevice gets from one device what it has, over a few streams.
func (e *Engine) fromDevice(ctx context.Context, j *job, p *pool, peer wire.DeviceID) {
	first, err := e.dial(ctx, peer, j.space)
	if err != nil {
		return
	}
	can, err := p.ask(ctx, first.has)
	if err != nil || can.size == 0 {
		e.hangUp(first)
		return
	}
	var wg sync.WaitGroup
	for n := range min(abreast, can.size) {
		wg.Go(func() {
			s := first
			if n > 0 {
				var err error
				if s, err = e.dial(ctx, peer, j.space); err != nil {
					return
				}
			}
			defer e.hangUp(s)
			err := e.drain(ctx, j, p, can, s.get)
			if errors.Is(err, blob.ErrWrong) {
				e.Slog.Warn("device gave wrong bytes for a piece", "peer", peer.Short())
				e.mu.Lock()
				e.shunned[peer] = e.Clock.Now().Add(shunFor)
				e.mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// fromDepots asks the depots one after the other.
func (e *Engine) fromDepots(ctx context.Context, j *job, p *pool) {
	if e.Depots == nil {
		return
	}
	for _, d := range e.Depots(j.space) {
		if ctx.Err() != nil || !p.missing() || p.failure() != nil {
			return
		}
		can, err := p.ask(ctx, func(ctx context.Context, hashes []blob.Hash) ([]bool, error) {
			return depotHas(ctx, d, j.space, hashes)
		})
		if err != nil {
			continue
		}
		var wg sync.WaitGroup
		for range min(abreast, can.size) {
			wg.Go(func() {
				err := e.drain(ctx, j, p, can, func(ctx context.Context, h blob.Hash, _ bool) ([]byte, error) {
					ctx, cancel := context.WithTimeout(ctx, pieceTimeout)
					defer cancel()
					return d.Get(ctx, j.space, h)
				})
				if errors.Is(err, blob.ErrWrong) {
					e.Slog.Warn("depot gave wrong bytes for a piece")
				}
			})
		}
		wg.Wait()
	}
}

// getting asks a source for a piece. One that came wrong is asked for once more, with
// sound set: the source looks at its disk first, and says what is damaged there.
type getting func(ctx context.Context, h blob.Hash, sound bool) ([]byte, error)

// drain takes items that a source has until none is left for it. It gives back
// what it could not get, and stops at the source's first failure.
func (e *Engine) drain(ctx context.Context, j *job, p *pool, can *offer, get getting) error {
	for {
		i, ok := p.take(ctx, can)
		if !ok {
			return nil
		}
		err := e.bring(ctx, p, i, get, false)
		if errors.Is(err, blob.ErrWrong) {
			err = e.bring(ctx, p, i, get, true)
		}
		if err != nil {
			p.pass(i)
			return err
		}
		if p.got(i) {
			e.progress(j, p.items[i].size)
		}
	}
}

// bring gets one item to our disk.
func (e *Engine) bring(ctx context.Context, p *pool, i int, get getting, sound bool) error {
	sealed, err := get(ctx, p.items[i].hash, sound)
	if err != nil {
		return err
	}
	err = p.in.Take(ctx, p.items[i].hash, sealed)
	if err != nil && !errors.Is(err, blob.ErrWrong) && ctx.Err() == nil {
		p.fail(err) // our own disk: no source helps
	}
	return err
}

// progress counts, and tells the screen now and then.
func (e *Engine) progress(j *job, n uint64) {
	now := time.Now()
	j.mu.Lock()
	j.bytes += n
	tell := now.Sub(j.told) > tellEvery
	if tell {
		j.told = now
	}
	j.mu.Unlock()
	if tell {
		e.Changed(j.space)
	}
}
