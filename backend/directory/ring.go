package directory

import (
	"context"
	"sync"

	"roundtable/backend/directory/chart"
	"roundtable/backend/key"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// opened remembers opened keys while the program runs, and the ring of the newest view of each workspace.
type opened struct {
	mu    sync.Mutex
	keys  map[chart.ID]key.EpochKey
	rings map[wire.SpaceID]*ring
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

// ring is what the log has about keys, the oldest first. It does not change.
type ring struct {
	of     *view
	vaults []vaultSaid
	lines  []lineSaid
	wraps  map[chart.ID][]wrap
	where  map[chart.ID]chart.ID // departments of lines
}

// ring reads the keys of a workspace, once for each view. What people said who never were administrators does not count.
func (d *Directory) ring(ctx context.Context, id wire.SpaceID, v *view) (*ring, error) {
	d.opened.mu.Lock()
	defer d.opened.mu.Unlock()
	if r := d.opened.rings[id]; r != nil && r.of == v {
		return r, nil
	}
	r := &ring{of: v, wraps: map[chart.ID][]wrap{}, where: map[chart.ID]chart.ID{}}
	err := d.bodies(ctx, `SELECT person, body FROM directory_vault WHERE space = ? ORDER BY stamp, device, seq`, id, func(person wire.PersonID, body []byte) error {
		said := vaultSaid{person: person}
		err := wire.DecodeLoose(body, wire.MaxBody, &said.vaultMade)
		if r.vaults = append(r.vaults, said); !v.ever(person) {
			r.vaults = r.vaults[:len(r.vaults)-1]
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = d.bodies(ctx, `SELECT person, body FROM directory_keys WHERE space = ? ORDER BY stamp, device, seq`, id, func(person wire.PersonID, body []byte) error {
		var said keysGiven
		if err := wire.DecodeLoose(body, wire.MaxBody, &said); err != nil || !v.ever(person) {
			return err
		}
		for _, l := range said.Lines {
			r.lines = append(r.lines, lineSaid{person, l})
			r.where[l.Key] = l.Department
		}
		for _, w := range said.Wraps {
			r.wraps[w.Key] = append(r.wraps[w.Key], w)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if d.opened.rings == nil {
		d.opened.rings = map[wire.SpaceID]*ring{}
	}
	d.opened.rings[id] = r
	return r, nil
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

// opens looks a few keys far: a text's key lies under a department's, that one under administrators'.
func (d *Directory) opens(id wire.SpaceID, r *ring, want chart.ID, far int) (k key.EpochKey, ok bool) {
	if k, ok = d.opened.keys[want]; ok {
		return k, true
	}
	self := d.Log.Self()
	is := func(raw []byte, err error) bool {
		if err == nil {
			k, err = key.EpochKeyFromBytes(raw)
		}
		if err != nil || keyID(k) != want { // whoever handed it on was wrong, or lied
			return false
		}
		if d.opened.keys == nil {
			d.opened.keys = map[chart.ID]key.EpochKey{}
		}
		d.opened.keys[want] = k
		return true
	}
	for _, said := range r.vaults {
		for _, b := range said.Boxes {
			if said.Key == want && b.Device == self && is(d.Opener.Open(boxInfo(id, self), b.Sealed)) {
				return k, true
			}
		}
	}
	for _, said := range r.lines {
		for _, b := range said.Boxes {
			if said.Key == want && b.Device == self && is(d.Opener.Open(lineInfo(id, said.Department, self), b.Sealed)) {
				return k, true
			}
		}
	}
	for _, w := range r.wraps[want] {
		if far > 2 {
			break
		}
		if above, ok := d.opens(id, r, w.Under, far+1); ok && is(above.Open(wrapHeader(id, want, w.Under), w.Sealed)) {
			return k, true
		}
	}
	return key.EpochKey{}, false
}
