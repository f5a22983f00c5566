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
	open map[wire.DeviceID]*transfer.Peer
}

// to gives a stream to a device that is linked.
func (p *peers) to(ctx context.Context, device wire.DeviceID) (*transfer.Peer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if have := p.open[device]; have != nil {
		if have.Broken() == nil {
			return have, nil
		}
		delete(p.open, device)
	}
	s, err := p.f.Board.OpenStream(ctx, device, transfer.Protocol)
	if err != nil {
		return nil, err
	}
	life := p.f.life()
	peer := transfer.NewPeer(life, device, s, class(p.f.Via(device)) != pace.LAN)
	p.open[device] = peer
	return peer, nil
}

func (p *peers) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.open {
		one.Close()
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
func (s shelf) Take(ctx context.Context, peer wire.DeviceID, id wire.SpaceID, want []chunk.Chunk) ([][]byte, error) {
	k := s.f.keeper(id)
	if k == nil || !s.f.Log.Shares(id, peer) {
		return make([][]byte, len(want)), nil
	}
	if paused, _ := k.halted(); paused {
		return make([][]byte, len(want)), nil
	}
	tree := k.standingTree()
	if tree == nil {
		return make([][]byte, len(want)), nil
	}
	return k.gather(ctx, tree, want)
}

// gather reads chunks and nodes from the disk; nil for each that is not here.
func (k *keeper) gather(ctx context.Context, tree treeReader, want []chunk.Chunk) ([][]byte, error) {
	out := make([][]byte, len(want))
	files := opened{tree: tree}
	defer files.close()
	for i, c := range want {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		data, err := k.find(ctx, &files, c)
		if err != nil {
			return nil, err
		}
		out[i] = data
	}
	return out, nil
}

// find reads one chunk or node; nil when it is not here. What it gives was hashed.
func (k *keeper) find(ctx context.Context, files *opened, c chunk.Chunk) ([]byte, error) {
	places, err := holders(ctx, k.f.DB, k.row, c.ID)
	if err != nil {
		return nil, err
	}
	for _, h := range places {
		if data := files.read(h.path, h.at, int(c.Size)); data != nil && chunk.Sum(data) == c.ID {
			return data, nil
		}
	}
	if len(places) > 0 {
		return nil, nil
	}
	return node(k.f.DB.Read(), k.row, c.ID)
}

// Held implements transfer.Shelf.
func (s shelf) Held(ctx context.Context, peer wire.DeviceID, id wire.SpaceID, heads []transfer.Head) error {
	if !s.f.Log.Shares(id, peer) {
		return nil
	}
	return s.f.noteHeld(ctx, id, peer, heads)
}
