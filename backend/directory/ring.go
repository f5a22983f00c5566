package directory

import (
	"context"
	"sync"

	"roundtable/backend/directory/chart"
	"roundtable/backend/key"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// opened remembers opened keys and texts while the program runs, and the ring of the newest view of each workspace.
type opened struct {
	mu    sync.Mutex
	keys  map[chart.ID]key.EpochKey
	rings map[wire.SpaceID]*ring
	texts map[wire.SpaceID]map[at]opening
}

func keyID(k key.EpochKey) chart.ID {
	full := k.ID()
	return chart.ID(full[:16])
}

func boxInfo(id wire.SpaceID, device wire.DeviceID) []byte {
	sum := key.Hash("roundtable directory vault v1", id[:], device[:])
	return sum[:]
}

func lineInfo(id wire.SpaceID, department chart.ID, device wire.DeviceID) []byte {
	sum := key.Hash("roundtable directory line v1", id[:], department[:], device[:])
	return sum[:]
}

// wrapHeader binds a wrapped key to its name and to the key above it.
func wrapHeader(id wire.SpaceID, of, under chart.ID) []byte {
	sum := key.Hash("roundtable directory wrap v1", id[:], of[:], under[:])
	return sum[:]
}

// vaultSaid and lineSaid are what was said about a key, and by whom.
type vaultSaid struct {
	person wire.PersonID
	vaultMade
}

type lineSaid struct {
	person wire.PersonID
	line
}

// ring is what the log has about keys, the oldest first. Nothing of it changes but of and closed, under opened.mu.
type ring struct {
	of     *view
	at     [4]int64 // what ringAt said of the tables
	ever   map[wire.PersonID]bool
	vaults []vaultSaid
	lines  []lineSaid
	wraps  map[chart.ID][]wrap
	where  map[chart.ID]chart.ID // departments of lines
	mine   map[chart.ID][]mine   // boxes for this device, by key
	closed map[chart.ID]bool     // keys above texts that this device cannot open
}

// mine is a key that was wrapped for this device, and what that is bound to.
type mine struct{ info, sealed []byte }

// take notes the boxes that are for this device.
func (r *ring) take(self wire.DeviceID, of chart.ID, boxes []box, info func() []byte) {
	for _, b := range boxes {
		if b.Device == self {
			r.mine[of] = append(r.mine[of], mine{info(), b.Sealed})
		}
	}
}

// counts reports whether what a person said about keys counts: what people said who never were administrators does not.
func (r *ring) counts(v *view, p wire.PersonID) bool {
	r.ever[p] = v.ever(p)
	return r.ever[p]
}

// good reports whether a ring is that of a view, too: the same rows, of which the same count.
func (r *ring) good(v *view, now [4]int64) bool {
	for p, was := range r.ever {
		if v.ever(p) != was {
			return false
		}
	}
	return r.at == now
}

// ringAt says which rows about keys there are: rows never change, so their number and a sum of their places tell.
const ringAt = `SELECT (SELECT count(*) FROM directory_vault WHERE space = ?1), (SELECT ifnull(sum(stamp % 65521 + seq), 0) FROM directory_vault WHERE space = ?1),
	(SELECT count(*) FROM directory_keys WHERE space = ?1), (SELECT ifnull(sum(stamp % 65521 + seq), 0) FROM directory_keys WHERE space = ?1)`

// ring gives the keys of a workspace. They are read anew only where there are others: where much is hidden that takes longer than all else about a view.
func (d *Directory) ring(ctx context.Context, id wire.SpaceID, v *view) (*ring, error) {
	d.opened.mu.Lock()
	defer d.opened.mu.Unlock()
	old := d.opened.rings[id]
	if old != nil && old.of == v {
		return old, nil
	}
	var now [4]int64
	if err := d.DB.Read().QueryRowContext(ctx, ringAt, id[:]).Scan(&now[0], &now[1], &now[2], &now[3]); err != nil {
		return nil, store.Classify(err)
	}
	if old != nil && old.good(v, now) {
		old.of = v
		return old, nil
	}
	r, err := d.readRing(ctx, id, v)
	if err != nil {
		return nil, err
	}
	if r.at = now; d.opened.rings == nil {
		d.opened.rings = map[wire.SpaceID]*ring{}
	}
	d.opened.rings[id] = r
	return r, nil
}

func (d *Directory) readRing(ctx context.Context, id wire.SpaceID, v *view) (*ring, error) {
	self := d.Log.Self()
	r := &ring{of: v, ever: map[wire.PersonID]bool{}, wraps: map[chart.ID][]wrap{}, where: map[chart.ID]chart.ID{}, mine: map[chart.ID][]mine{}, closed: map[chart.ID]bool{}}
	err := d.bodies(ctx, `SELECT person, body FROM directory_vault WHERE space = ? ORDER BY stamp, device, seq`, id, func(person wire.PersonID, body []byte) error {
		said := vaultSaid{person: person}
		if err := wire.DecodeLoose(body, wire.MaxBody, &said.vaultMade); err != nil || !r.counts(v, person) {
			return err
		}
		r.vaults = append(r.vaults, said)
		r.take(self, said.Key, said.Boxes, func() []byte { return boxInfo(id, self) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = d.bodies(ctx, `SELECT person, body FROM directory_keys WHERE space = ? ORDER BY stamp, device, seq`, id, func(person wire.PersonID, body []byte) error {
		var said keysGiven
		if err := wire.DecodeLoose(body, wire.MaxBody, &said); err != nil || !r.counts(v, person) {
			return err
		}
		for _, l := range said.Lines {
			r.lines = append(r.lines, lineSaid{person, l})
			r.where[l.Key] = l.Department
			r.take(self, l.Key, l.Boxes, func() []byte { return lineInfo(id, l.Department, self) })
		}
		for _, w := range said.Wraps {
			r.wraps[w.Key] = append(r.wraps[w.Key], w)
		}
		return nil
	})
	return r, err
}

func (d *Directory) bodies(ctx context.Context, query string, id wire.SpaceID, take func(wire.PersonID, []byte) error) error {
	rows, err := d.DB.Read().QueryContext(ctx, query, id[:])
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var person, body []byte
		if err := rows.Scan(&person, &body); err != nil {
			return err
		}
		if err := take(wire.PersonID(person), body); err != nil {
			return err
		}
	}
	return rows.Err()
}

// open opens a key with what was handed to this device. ok is false where nothing was.
func (d *Directory) open(id wire.SpaceID, r *ring, want chart.ID) (k key.EpochKey, ok bool) {
	d.opened.mu.Lock()
	defer d.opened.mu.Unlock()
	return d.opens(id, r, want, 0)
}

// opens looks a few keys far: a text's key lies under a department's, that one under administrators'. Keys that others lie under
// are remembered, those of texts are not: there may be very many, and each opens one text.
func (d *Directory) opens(id wire.SpaceID, r *ring, want chart.ID, far int) (k key.EpochKey, ok bool) {
	if k, ok = d.opened.keys[want]; ok {
		return k, true
	}
	if far == 1 && r.closed[want] {
		return k, false
	}
	is := func(raw []byte, err error, keep bool) bool {
		if err == nil {
			k, err = key.EpochKeyFromBytes(raw)
		}
		if err != nil || keyID(k) != want { // whoever handed it on was wrong, or lied
			return false
		}
		if d.opened.keys == nil {
			d.opened.keys = map[chart.ID]key.EpochKey{}
		}
		if keep {
			d.opened.keys[want] = k
		}
		return true
	}
	for _, b := range r.mine[want] {
		if raw, err := d.Opener.Open(b.info, b.sealed); is(raw, err, true) {
			return k, true
		}
	}
	for _, w := range r.wraps[want] {
		if far > 2 {
			break
		}
		if above, ok := d.opens(id, r, w.Under, far+1); ok {
			if raw, err := above.Open(wrapHeader(id, want, w.Under), w.Sealed); is(raw, err, far > 0) {
				return k, true
			}
		}
	}
	if far == 1 {
		r.closed[want] = true
	}
	return key.EpochKey{}, false
}
