package folders

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/blob/chunk"
	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders/pace"
	"roundtable/backend/folders/transfer"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// depositAfter is how long a change waits for all members to fetch it directly
	// before it is put into the relays.
	depositAfter = 10 * time.Second
	depositEvery = 5 * time.Second
	// depositFiles bounds the files of one go.
	depositFiles = 500
	putWait      = 5 * time.Minute
)

// deposits puts what members who are away lack into the relays, until ctx ends.
func (k *keeper) deposits(ctx context.Context) {
	if k.f.Depots == nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.f.Clock.After(depositEvery):
		}
		paused, held := k.halted()
		if paused || held != "" || !k.f.mayWrite(k.space) {
			continue
		}
		depots := k.f.Depots(k.space)
		if len(depots) == 0 {
			continue
		}
		if err := k.deposit(ctx, depots); err != nil && ctx.Err() == nil {
			k.f.Slog.Info("folder not deposited yet", "err", err)
		}
	}
}

// own is a feed of this device.
type own struct {
	row        int64
	start, seq uint64
	upto       uint64 // packed
}

// ownFeed finds the feed of this device that it writes now.
func (k *keeper) ownFeed() (o own, ok bool) {
	for feed, seq := range k.f.Log.Frontier(k.space) {
		if feed.Device == k.f.Log.Self() && feed.Lane == envelope.Content && feed.Start >= o.start {
			o.start, o.seq, ok = feed.Start, seq, true
		}
	}
	if !ok {
		return o, false
	}
	self := k.f.Log.Self()
	r := k.f.DB.Read()
	if err := r.QueryRow(`SELECT row FROM folders_feed WHERE space = ? AND device = ? AND start = ?`, k.space[:], self[:], int64(o.start)).Scan(&o.row); err != nil {
		return o, false
	}
	var upto int64
	if err := r.QueryRow(`SELECT u.upto FROM folders_packed_upto u WHERE u.feed = ?`, o.row).Scan(&upto); err == nil {
		o.upto = uint64(upto)
	}
	return o, true
}

// everybody reports whether at least one device of every other member holds what
// this device told of.
func (k *keeper) everybody(o own) bool {
	holds := map[wire.DeviceID]bool{}
	rows, err := k.f.DB.Read().Query(`SELECT device FROM folderslocal_held WHERE space = ? AND start = ? AND seq >= ?`, k.space[:], int64(o.start), int64(o.seq))
	if err != nil {
		return false
	}
	defer rows.Close()
	for rows.Next() {
		var d []byte
		if rows.Scan(&d) == nil && len(d) == 32 {
			holds[wire.DeviceID(d)] = true
		}
	}
	all := true
	_ = k.f.Log.View(k.space, func(s *space.State) {
		for _, m := range s.Members() {
			if !m.Active || m.Person == k.f.Me.Person {
				continue
			}
			one := false
			for _, c := range m.Certificates {
				one = one || holds[c.Device]
			}
			all = all && one
		}
	})
	return all
}

// deposit packs what is new and not with everybody.
func (k *keeper) deposit(ctx context.Context, depots []Depot) error {
	o, ok := k.ownFeed()
	if !ok || max(o.upto, k.packed) >= o.seq || k.everybody(o) {
		return nil
	}
	folder, err := folderRow(k.f.DB.Read(), k.space)
	if err != nil {
		return err
	}
	limit := k.f.Clock.Now().Add(-depositAfter).UnixMilli()
	vs, upto, err := k.unpacked(ctx, folder, o, limit)
	if err != nil {
		return err
	}
	if len(vs) == 0 {
		// What is behind it is no content: to say so would be one more of that.
		if upto == o.seq {
			k.packed = o.seq
		}
		return nil
	}
	p := packer{k: k, ctx: ctx, depots: depots, seen: map[chunk.ID]bool{}}
	from := k.reads(k.tree)
	defer from.close()
	for _, v := range vs {
		if err := p.file(folder, from, v); err != nil {
			return err
		}
	}
	return p.finish(upto)
}

// unpacked lists versions of this device whose content is not at the relays yet, and
// how far they reach.
func (k *keeper) unpacked(ctx context.Context, folder int64, o own, before int64) (out []version, upto uint64, err error) {
	rows, err := k.f.DB.Read().QueryContext(ctx, `SELECT `+versionColumns+`, v.seq FROM folders_version v
		WHERE v.folder = ? AND v.feed = ? AND v.seq > ? AND v.state > 0 AND v.kind = 1 ORDER BY v.seq LIMIT ?`, folder, o.row, int64(o.upto), depositFiles)
	if err != nil {
		return nil, 0, store.Classify(err)
	}
	defer rows.Close()
	upto = o.seq
	for rows.Next() {
		var seq int64
		v, err := scanVersion(scanWith{rows, &seq})
		if err != nil {
			return nil, 0, store.Classify(err)
		}
		if stampMilli(v.stamp) > before || len(out) == depositFiles-1 {
			upto = uint64(seq) - 1
			break
		}
		out = append(out, v)
	}
	return out, upto, store.Classify(rows.Err())
}

// scanWith reads one column more than the inner scan asks for.
type scanWith struct {
	rows scanner
	more any
}

// Scan implements scanner.
func (s scanWith) Scan(into ...any) error { return s.rows.Scan(append(into, s.more)...) }

// packer gathers chunks into packs, puts these into the depots, and tells the log.
type packer struct {
	k      *keeper
	ctx    context.Context
	depots []Depot
	seen   map[chunk.ID]bool
	plain  []byte
	list   []byte
	packs  []pack
}

// file packs the chunks and lists of a file that are in no pack yet.
func (p *packer) file(folder int64, from *reads, v version) error {
	content, err := v.content()
	if err != nil {
		return err
	}
	add := func(c chunk.Chunk) error {
		if p.seen[c.ID] || c.Hole() {
			return nil
		}
		p.seen[c.ID] = true
		var n int
		if err := p.k.f.DB.Read().QueryRow(`SELECT count(*) FROM folders_packed WHERE chunk = ? AND folder = ?`, c.ID[:], folder).Scan(&n); err != nil || n > 0 {
			return store.Classify(err)
		}
		if err := from.learn(p.ctx, []chunk.Chunk{c}); err != nil {
			return err
		}
		data, err := from.read(c, make([]byte, c.Size), false)
		if err != nil || data == nil {
			return err // changed since: its next version is packed
		}
		return p.add(c, data)
	}
	if content.Level > 0 {
		for _, c := range content.Entries() {
			if err := add(c); err != nil {
				return err
			}
		}
	}
	return chunk.Walk(p.ctx, content, func(id chunk.ID, size uint32) ([]byte, error) {
		body, err := node(p.k.f.DB.Read(), p.k.row, id)
		if err == nil && body == nil {
			err = errNobody
		}
		if err == nil {
			err = add(chunk.Chunk{ID: id, Size: size})
		}
		return body, err
	}, func(c chunk.Chunk, _ int64) error { return add(c) })
}

func (p *packer) add(c chunk.Chunk, data []byte) error {
	if len(p.plain)+len(data) > blob.PieceSize {
		if err := p.seal(); err != nil {
			return err
		}
	}
	p.plain, p.list = append(p.plain, data...), transfer.AppendChunk(p.list, c)
	return nil
}

// seal closes a pack and puts it into every depot.
func (p *packer) seal() error {
	if len(p.plain) == 0 {
		return nil
	}
	one := pack{Chunks: p.list}
	plain := p.plain
	if packed := transfer.Pack(plain); packed != nil {
		plain, one.Zstd = packed, true
	}
	k := key.NewPieceKey()
	sealed := k.Seal(key.Place{}, plain)
	hash := key.Digest(sealed)
	one.File = blob.File{Size: uint64(len(plain)), Key: k.Bytes(), Roots: hash[:]}
	for _, d := range p.depots {
		ctx, cancel := context.WithTimeout(p.ctx, putWait)
		err := d.Put(ctx, p.k.space, hash, sealed)
		cancel()
		if err != nil {
			return fmt.Errorf("put pack: %w", err)
		}
	}
	if err := p.k.f.Out.Wait(p.ctx, pace.Internet, len(sealed)); err != nil {
		return err
	}
	p.plain, p.list = nil, nil
	p.packs = append(p.packs, one)
	if len(p.packs) < maxPacks/4 {
		return nil
	}
	return p.tell(0)
}

func (p *packer) tell(upto uint64) error {
	_, err := p.k.f.Log.Append(p.ctx, p.k.space, eventlog.Draft{Kind: ChunksPacked, Body: chunksPacked{Packs: p.packs, Upto: upto}})
	p.packs = nil
	return err
}

// finish says how far everything is at the relays.
func (p *packer) finish(upto uint64) error {
	if err := p.seal(); err != nil {
		return err
	}
	if err := p.tell(upto); err != nil {
		return err
	}
	p.k.tell(true)
	return nil
}

// unpack gets from the depots what no device gave.
func (f *fetch) unpack(ctx context.Context) error {
	left := f.left()
	k := f.k
	if len(left) == 0 || k.f.Depots == nil {
		return nil
	}
	depots := k.f.Depots(k.space)
	if len(depots) == 0 {
		return nil
	}
	folder, err := folderRow(k.f.DB.Read(), k.space)
	if err != nil {
		return err
	}
	for _, w := range left {
		if w.got {
			continue // it came in the pack of another
		}
		packs, err := k.packsWith(ctx, folder, w.ID)
		if err != nil {
			return err
		}
		for _, p := range packs {
			if err := f.open(ctx, depots, p); err != nil {
				if ctx.Err() != nil || f.failure != nil {
					return err
				}
				k.f.Slog.Info("pack not given", "err", err)
			}
			if w.got {
				break
			}
		}
	}
	return nil
}

// open fetches a pack and hands out everything in it that is wanted.
func (f *fetch) open(ctx context.Context, depots []Depot, p pack) error {
	var failures error
	for _, d := range depots {
		within, cancel := context.WithTimeout(ctx, putWait)
		sealed, err := d.Get(within, f.k.space, [32]byte(p.File.Roots))
		cancel()
		if err == nil {
			err = f.pour(p, sealed)
		}
		if err == nil {
			f.k.came(wire.DeviceID{}, "relay", len(sealed))
			return f.k.f.In.Wait(ctx, pace.Internet, len(sealed))
		}
		failures = errors.Join(failures, err)
	}
	return failures
}

func (f *fetch) pour(p pack, sealed []byte) error {
	plain, err := p.File.OpenPiece(0, sealed)
	if err == nil && p.Zstd {
		plain, err = transfer.Unpack(plain, blob.PieceSize)
	}
	if err != nil {
		return err
	}
	for _, c := range p.list() {
		if int(c.Size) > len(plain) {
			return fmt.Errorf("pack: sizes: %w", wire.ErrMalformed)
		}
		data := plain[:c.Size]
		plain = plain[c.Size:]
		w := f.byChunk[c]
		if w == nil || w.got {
			continue
		}
		if chunk.Sum(data) != c.ID {
			return transfer.ErrWrong
		}
		if err := f.hand(w, data); err != nil {
			return err
		}
	}
	return nil
}
