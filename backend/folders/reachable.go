package folders

import (
	"context"
	"time"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/wire"
)

// reachWait bounds asking one device whether it has a version.
const reachWait = 5 * time.Second

// reachable reports whether the content of a version can be had now: it lies here, or
// a linked device or a relay has its beginning. Whoever has that and not the rest is
// found out when it is fetched.
func (f *Folders) reachable(ctx context.Context, id wire.SpaceID, folder int64, v version) bool {
	content, err := v.content()
	if v.kind != File || err == nil && content.Size == 0 {
		return true
	}
	if err != nil {
		return false
	}
	if k := f.keeper(id); k != nil {
		if _, err := k.localChunks(ctx, v); err == nil {
			return true
		}
	}
	first := content.Entries()[:1]
	for _, d := range f.sources(id) {
		if f.has(ctx, id, d, first) {
			return true
		}
	}
	var packs int
	err = f.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM folders_packed WHERE chunk = ? AND folder = ?`, first[0].ID[:], folder).Scan(&packs)
	return err == nil && packs > 0 && f.Depots != nil && len(f.Depots(id)) > 0
}

// has asks a device for chunks and throws them away.
func (f *Folders) has(ctx context.Context, id wire.SpaceID, device wire.DeviceID, want []chunk.Chunk) (all bool) {
	ctx, cancel := context.WithTimeout(ctx, reachWait)
	defer cancel()
	peer, err := f.peers.to(ctx, device)
	if err != nil {
		return false
	}
	n := 0
	err = peer.Get(ctx, id, want, false, func(int, []byte) error { n++; return nil })
	return err == nil && n == len(want)
}
