package folders

import (
	"context"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/folders/transfer"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// heldWait bounds telling one device what is held here.
const heldWait = 30 * time.Second

// noteHeld keeps how far another device has the content that ours told of.
func (f *Folders) noteHeld(ctx context.Context, id wire.SpaceID, peer wire.DeviceID, heads []transfer.Head) error {
	mine := map[uint64]uint64{}
	for feed, seq := range f.Log.Frontier(id) {
		if feed.Device == f.Log.Self() && feed.Lane == envelope.Content {
			mine[feed.Start] = seq
		}
	}
	news := false
	err := f.DB.Write(ctx, func(tx *store.Tx) error {
		for _, h := range heads {
			if h.Seq > mine[h.Start] {
				continue // nobody holds what was never written
			}
			r, err := tx.Exec(`INSERT INTO folderslocal_held VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, at = excluded.at WHERE excluded.seq > seq`,
				id[:], peer[:], int64(h.Start), int64(h.Seq), f.Clock.Now().UnixMilli())
			if err != nil {
				return err
			}
			n, err := r.RowsAffected()
			if err != nil {
				return err
			}
			news = news || n > 0
		}
		return nil
	})
	if news {
		if k := f.keeper(id); k != nil {
			k.recount()
		}
		f.Publish("folders", topic(id))
	}
	return err
}

// tellHeld tells linked devices that everything up to a frontier is here.
func (k *keeper) tellHeld(ctx context.Context, upto map[envelope.Feed]uint64) {
	byDevice := map[wire.DeviceID][]transfer.Head{}
	for feed, seq := range upto {
		if feed.Lane == envelope.Content {
			byDevice[feed.Device] = append(byDevice[feed.Device], transfer.Head{Start: feed.Start, Seq: seq})
		}
	}
	for _, d := range k.f.sources(k.space) {
		heads := byDevice[d]
		if len(heads) == 0 || k.toldBefore(d, heads) {
			continue
		}
		err := k.tellOne(ctx, d, heads)
		if err != nil { // the stream may have ended since it was used last
			err = k.tellOne(ctx, d, heads)
		}
		if err != nil && ctx.Err() == nil {
			k.forgetTold(d)
			k.tellLater(ctx)
		}
	}
}

func (k *keeper) tellOne(ctx context.Context, d wire.DeviceID, heads []transfer.Head) error {
	within, cancel := context.WithTimeout(ctx, heldWait)
	defer cancel()
	peer, err := k.f.peers.to(within, d)
	if err == nil {
		err = peer.Hold(within, k.space, heads)
	}
	return err
}

// tellAgain is when a device that could not be told is told.
const tellAgain = 5 * time.Second

func (k *keeper) tellLater(ctx context.Context) {
	go func() {
		select {
		case <-ctx.Done():
		case <-time.After(tellAgain):
			k.fresh.everywhere()
		}
	}()
}

// toldBefore reports whether a device was told exactly this; it notes that it is now.
func (k *keeper) toldBefore(d wire.DeviceID, heads []transfer.Head) bool {
	sum := uint64(0)
	for _, h := range heads {
		sum += (h.Start*31 + h.Seq) * 0x9e3779b97f4a7c15
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.told == nil {
		k.told = map[wire.DeviceID]uint64{}
	}
	same := k.told[d] == sum
	k.told[d] = sum
	return same
}

func (k *keeper) forgetTold(d wire.DeviceID) {
	k.mu.Lock()
	delete(k.told, d)
	k.mu.Unlock()
}
