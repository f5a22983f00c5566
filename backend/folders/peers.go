package folders

import (
	"context"
	"sync"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/folders/pace"
	"roundtable/backend/folders/transfer"
	"roundtable/backend/wire"
)

// peers are the streams on which this device asks others.
type peers struct {
	f    *Folders
	mu   sync.Mutex
	open map[wire.DeviceID]*line
}

// line is the stream to one device. Opening it holds up nobody who asks another one.
type line struct {
	mu   sync.Mutex
	peer *transfer.Peer
}

// to gives a stream to a device that is linked.
func (p *peers) to(ctx context.Context, device wire.DeviceID) (*transfer.Peer, error) {
	p.mu.Lock()
	l := p.open[device]
	if l == nil {
		l = &line{}
		p.open[device] = l
	}
	p.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.peer != nil && l.peer.Broken() == nil {
		return l.peer, nil
	}
	s, err := p.f.Board.OpenStream(ctx, device, transfer.Protocol)
	if err != nil {
		return nil, err
	}
	l.peer = transfer.NewPeer(p.f.life(), device, s, class(p.f.Via(device)) != pace.LAN)
	return l.peer, nil
}

func (p *peers) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.open {
		l.mu.Lock()
		if l.peer != nil {
			l.peer.Close()
		}
		l.mu.Unlock()
	}
	clear(p.open)
}

func (f *Folders) life() context.Context {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ctx == nil {
		return context.Background() // tests that serve without running
	}
	return f.ctx
}

// class of traffic that a way belongs to.
func class(via string) pace.Class { return pace.ClassOf(via) }

// sources lists the linked devices that may have content of a folder.
func (f *Folders) sources(id wire.SpaceID) (out []wire.DeviceID) {
	for _, d := range f.Linked() {
		if f.Log.Shares(id, d) {
			out = append(out, d)
		}
	}
	return out
}

// shelf gives what lies in the folders of this disk.
type shelf struct{ f *Folders }

// Pace implements transfer.Shelf.
func (s shelf) Pace(ctx context.Context, peer wire.DeviceID, n int) error {
	return s.f.Out.Wait(ctx, class(s.f.Via(peer)), n)
}

// Take implements transfer.Shelf. Whoever may not ask hears that nothing is here.
func (s shelf) Take(ctx context.Context, peer wire.DeviceID, id wire.SpaceID, want []chunk.Chunk, check bool, into []byte) ([][]byte, error) {
	none := make([][]byte, len(want))
	k := s.f.keeper(id)
	if k == nil || !s.f.Log.Shares(id, peer) {
		return none, nil
	}
	if paused, _ := k.halted(); paused {
		return none, nil
	}
	tree := k.standingTree()
	if tree == nil {
		return none, nil
	}
	r := k.reads(tree)
	defer r.close()
	if err := r.learn(ctx, want); err != nil {
		return nil, err
	}
	for i, c := range want {
		data, err := r.read(c, into[:c.Size:c.Size], !check)
		if err != nil {
			return nil, err
		}
		if data != nil {
			none[i], into = data, into[len(data):]
		}
	}
	return none, ctx.Err()
}

// Held implements transfer.Shelf.
func (s shelf) Held(ctx context.Context, peer wire.DeviceID, id wire.SpaceID, heads []transfer.Head) error {
	if !s.f.Log.Shares(id, peer) {
		return nil
	}
	return s.f.noteHeld(ctx, id, peer, heads)
}
