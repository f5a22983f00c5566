package folders

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"sync"
	"time"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/folders/disk"
	"roundtable/backend/wire"
)

// reserve is the room on the disk that files leave to everything else, in bytes.
const reserve = 512 << 20

// arriving is a file that is being put together in a draft.
type arriving struct {
	v      version
	draft  disk.Draft
	path   string // of the draft
	chunks []placed
	left   int  // chunks that are not in the draft
	later  bool // see landing
	err    error
	under  *transferring
	// resumed are the chunks that a draft from before lacks; nil without one.
	resumed *[]placed
	// dirty bytes are not on their way to the disk yet.
	dirty    int64
	flushing bool
	flushes  sync.WaitGroup
}

// flushEvery is after how many bytes a draft is flushed beside the fetching, so
// that the disk is not idle first and awaited last.
const flushEvery = 32 << 20

// flush begins a flush when it is time; k.mu is held.
func (a *arriving) flush(k *keeper, n int) {
	if a.dirty += int64(n); a.dirty < flushEvery || a.flushing {
		return
	}
	a.dirty, a.flushing = 0, true
	a.flushes.Go(func() {
		_ = k.tree.Settle(a.path) // the one that counts comes last
		k.mu.Lock()
		a.flushing = false
		k.mu.Unlock()
	})
}

// fetchSome puts files together and into their places. Errors are those that stop
// everything.
func (r *round) fetchSome(files []difference) error {
	k := r.k
	room := uint64(math.MaxUint64)
	if free, err := k.tree.Free(); err == nil {
		room = free - min(free, reserve)
	}
	var all []*arriving
	defer func() {
		for _, a := range all {
			if a.draft != nil {
				_ = a.draft.Close()
			}
		}
		k.untransfer(files, all)
	}()
	for _, v := range files {
		var a *arriving
		err := fmt.Errorf("too little room for what is to be fetched: %w", disk.ErrFull)
		if size := uint64(v.version.size); size <= room {
			room -= size
			a, err = r.begin(v.version)
		}
		if err = r.excuse(v.version, err); err != nil {
			return err
		}
		if a != nil {
			a.later = !v.known && v.version.size <= laterBytes
			all = append(all, a)
		}
	}
	if err := r.fill(all); err != nil {
		return err
	}
	return r.landAll(all)
}

// begin learns the chunks of a file and opens a draft for it.
func (r *round) begin(v version) (*arriving, error) {
	k := r.k
	a := &arriving{v: v, path: draftFolder + "/" + v.id.String()}
	a.under = k.transfer(v)
	content, err := v.content()
	if err != nil {
		return nil, err
	}
	if a.chunks, err = r.chunksOf(v, content); err != nil {
		return nil, err
	}
	a.left = len(a.chunks)
	a.draft, err = k.tree.Create(a.path)
	if errors.Is(err, fs.ErrExist) || err == nil && k.cutShort(a) {
		a.draft, err = k.resume(a)
	}
	if err != nil {
		if a.draft != nil {
			err = errors.Join(err, a.draft.Close())
		}
		return nil, err
	}
	return a, nil
}

// cutShort reports whether a draft that was just made is new only because the program
// ended when it went on with another one, and closes it then. Small files are not worth a look.
func (k *keeper) cutShort(a *arriving) bool {
	if a.v.size <= laterBytes {
		return false
	}
	_, err := k.tree.Look(a.path + ".part")
	return err == nil && a.draft.Close() == nil
}

// resume goes on with a draft from before: what is right in it is taken over. A draft
// is never trusted: it may be torn by a loss of power.
func (k *keeper) resume(a *arriving) (disk.Draft, error) {
	part := a.path + ".part"
	switch _, err := k.tree.Look(part); {
	case err == nil:
		// The program ended here before: the draft has at most what it had taken from this one.
		if err := k.tree.Remove(a.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	default:
		if err := k.tree.Move(a.path, part); err != nil {
			return nil, err
		}
	}
	c, err := k.tree.Open(part)
	if err != nil {
		return nil, err
	}
	d, err := k.tree.Create(a.path)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	var missing []placed
	for _, one := range a.chunks {
		data := make([]byte, one.Size)
		if n, _ := c.ReadAt(data, one.at); n < len(data) || chunk.Sum(data) != one.ID {
			missing = append(missing, one)
			continue
		}
		if _, err := d.WriteAt(data, one.at); err != nil {
			return d, errors.Join(err, c.Close())
		}
		a.under.add(int64(one.Size), k)
	}
	a.left, a.resumed = len(missing), &missing
	if err := c.Close(); err != nil { // before it is removed: Windows keeps what is open
		return d, err
	}
	return d, k.tree.Remove(part)
}

// fill gets the chunks of files: from this disk where they lie here, else from others.
func (r *round) fill(all []*arriving) error {
	k := r.k
	var author wire.DeviceID
	if len(all) > 0 {
		author = k.authorOf(all[0].v)
	}
	f := newFetch(k, author)
	from := k.reads(k.tree)
	defer from.close()
	buffer := make([]byte, chunk.MaxChunk)
	for _, a := range all {
		for wanting := a.wanting(); len(wanting) > 0; {
			n := min(len(wanting), holdersAtOnce)
			if err := r.fillSome(a, wanting[:n], from, f, buffer); err != nil {
				return err
			}
			wanting = wanting[n:]
		}
	}
	within, end := k.whileOn(r.ctx)
	defer end()
	err := f.run(within)
	if within.Err() != nil && r.ctx.Err() == nil && f.failure == nil {
		return nil // somebody paused it: the drafts stay
	}
	return err
}

// fillSome takes what lies on this disk, and asks for the rest.
func (r *round) fillSome(a *arriving, some []placed, from *reads, f *fetch, buffer []byte) error {
	k := r.k
	var unknown []chunk.Chunk
	for _, c := range some {
		if !f.known(c.Chunk) && !c.Hole() {
			unknown = append(unknown, c.Chunk)
		}
	}
	if err := from.learn(r.ctx, unknown); err != nil {
		return err
	}
	for _, c := range some {
		if c.Hole() { // what was never written reads as zeros
			a.take(k, c, nil)
			continue
		}
		if len(from.known[c.ID]) > 0 {
			data, err := from.read(c.Chunk, buffer[:c.Size], false)
			if err != nil {
				return err
			}
			if data != nil {
				a.take(k, c, data)
				k.reused(len(data))
				continue
			}
		}
		f.want(c.Chunk, func(data []byte) error { a.take(k, c, data); return nil })
	}
	return r.ctx.Err()
}

// landAll puts whole files in their places, while the next ones are fetched: one
// batch waits for the disk, another one for the network.
func (r *round) landAll(all []*arriving) error {
	k := r.k
	var whole []landing
	var drafts []string
	for _, a := range all {
		err := a.close()
		if err == nil && a.left > 0 {
			err = errNobody
		}
		if err != nil {
			if !errors.Is(err, errNobody) {
				_ = k.tree.Remove(a.path)
			}
			if err := r.excuse(a.v, err); err != nil {
				return err
			}
			continue
		}
		whole = append(whole, landing{a.v, a.path, a.chunks, a.later})
		if !a.later {
			drafts = append(drafts, a.path)
		}
	}
	if err := r.landed(); err != nil || len(whole) == 0 {
		return err
	}
	landing := make(chan error, 1)
	r.landing = landing
	go func() { landing <- r.settleAndLand(whole, drafts) }()
	return nil
}

func (r *round) settleAndLand(whole []landing, drafts []string) error {
	k := r.k
	// What is in the drafts is on the disk before a name leads to it.
	if len(drafts) > 0 {
		if err := k.tree.Settle(drafts...); err != nil {
			return err
		}
	}
	k.ground.Lock()
	failed, err := k.land(r.ctx, whole)
	k.ground.Unlock()
	if err != nil {
		return err
	}
	for _, one := range whole {
		if e := failed[one.v.path]; e != nil {
			_ = k.tree.Remove(one.draft)
			if err := r.excuse(one.v, e); err != nil {
				return err
			}
		} else {
			k.problems.solve(byPull, one.v.path)
		}
	}
	k.tell(false)
	return k.settleSome(r.ctx, whole)
}

// take puts a chunk into the draft; nil data are zeros.
func (a *arriving) take(k *keeper, c placed, data []byte) {
	k.mu.Lock()
	failed := a.err != nil
	k.mu.Unlock()
	if failed {
		return
	}
	var err error
	if data != nil {
		_, err = a.draft.WriteAt(data, c.at)
	}
	k.mu.Lock()
	if err != nil {
		a.err = err
	} else {
		a.left--
		a.flush(k, len(data))
	}
	k.mu.Unlock()
	a.under.add(int64(c.Size), k)
}

// close ends a draft; its length and marks are right then.
func (a *arriving) close() error {
	a.flushes.Wait()
	if a.draft == nil {
		return a.err
	}
	err := a.err
	if err == nil && a.left == 0 {
		err = errors.Join(a.draft.Size(a.v.size), a.draft.Mark(time.Unix(0, a.v.modified), a.v.exec))
	}
	err = errors.Join(err, a.draft.Close())
	a.draft = nil
	return err
}

// wanting lists the chunks that are not in the draft.
func (a *arriving) wanting() []placed {
	if a.resumed != nil {
		return *a.resumed
	}
	return a.chunks
}
