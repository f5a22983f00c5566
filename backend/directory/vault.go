package directory

import (
	"context"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// maxPrivateText bounds private fields, in characters: sealed they still fit chart.MaxPrivate.
const maxPrivateText = 2000

// vaults remembers opened keys while the program runs.
type vaults struct {
	mu   sync.Mutex
	keys map[chart.ID]key.EpochKey
}

func vaultID(k key.EpochKey) chart.ID {
	full := k.ID()
	return chart.ID(full[:16])
}

func boxInfo(id wire.SpaceID, device wire.DeviceID) []byte {
	sum := key.Hash("roundtable directory vault v1", id[:], device[:])
	return sum[:]
}

// privateHeader binds sealed fields to their record.
func privateHeader(id wire.SpaceID, record chart.ID) []byte {
	sum := key.Hash("roundtable directory private v1", id[:], record[:])
	return sum[:]
}

// given is one vaultMade as the log has it.
type given struct {
	person wire.PersonID
	vaultMade
}

// givens lists keys that were handed to devices, the oldest first.
func (d *Directory) givens(ctx context.Context, id wire.SpaceID) (out []given, err error) {
	rows, err := d.DB.Read().QueryContext(ctx, `SELECT person, body FROM directory_vault WHERE space = ? ORDER BY stamp, device, seq`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var person, body []byte
		if err := rows.Scan(&person, &body); err != nil {
			return nil, err
		}
		g := given{person: wire.PersonID(person)}
		if err := wire.DecodeLoose(body, wire.MaxBody, &g.vaultMade); err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, rows.Err()
}

// vault opens a key with what was wrapped for this device. ok is false where nothing was.
func (d *Directory) vault(id wire.SpaceID, v *view, all []given, want chart.ID) (k key.EpochKey, ok bool) {
	d.vaults.mu.Lock()
	defer d.vaults.mu.Unlock()
	if k, ok = d.vaults.keys[want]; ok {
		return k, true
	}
	self := d.Log.Self()
	for _, g := range all {
		if g.Key != want || !v.ever(g.person) {
			continue
		}
		for _, b := range g.Boxes {
			if b.Device != self {
				continue
			}
			raw, err := d.Opener.Open(boxInfo(id, self), b.Sealed)
			if err != nil {
				continue
			}
			if k, err = key.EpochKeyFromBytes(raw); err == nil && vaultID(k) == want {
				if d.vaults.keys == nil {
					d.vaults.keys = map[chart.ID]key.EpochKey{}
				}
				d.vaults.keys[want] = k
				return k, true
			}
		}
	}
	return k, false
}

// seals are the devices of present administrators, with the keys to wrap for.
func (v *view) seals() map[wire.DeviceID][]byte {
	out := map[wire.DeviceID][]byte{}
	for _, m := range v.members {
		if !v.administers(m.Person) {
			continue
		}
		for _, c := range m.Certificates {
			out[c.Device] = c.Seal
		}
	}
	return out
}

// present gives the key to seal with now: the newest that only present administrators hold, else a new one, which is written.
func (d *Directory) present(ctx context.Context, id wire.SpaceID, v *view) (key.EpochKey, error) {
	all, err := d.givens(ctx, id)
	if err != nil {
		return key.EpochKey{}, err
	}
	if k, ok := d.current(id, v, all); ok {
		return k, nil
	}
	k := key.NewEpochKey()
	return k, d.give(ctx, id, k, v.seals())
}

func (d *Directory) current(id wire.SpaceID, v *view, all []given) (key.EpochKey, bool) {
	held := map[chart.ID]map[wire.DeviceID]bool{}
	for _, g := range all {
		if held[g.Key] == nil {
			held[g.Key] = map[wire.DeviceID]bool{}
		}
		for _, b := range g.Boxes {
			held[g.Key][b.Device] = true
		}
	}
	now := v.seals()
	for _, g := range slices.Backward(all) {
		fine := v.ever(g.person)
		for device := range held[g.Key] {
			fine = fine && now[device] != nil
		}
		if !fine {
			continue
		}
		if k, ok := d.vault(id, v, all, g.Key); ok {
			return k, true
		}
	}
	return key.EpochKey{}, false
}

// give wraps a key for devices and writes it down.
func (d *Directory) give(ctx context.Context, id wire.SpaceID, k key.EpochKey, devices map[wire.DeviceID][]byte) error {
	var drafts []eventlog.Draft
	next := vaultMade{Key: vaultID(k)}
	for device, seal := range devices {
		sealed, err := key.Wrap(seal, boxInfo(id, device), k.Bytes())
		if err != nil {
			return err
		}
		if next.Boxes = append(next.Boxes, box{device, sealed}); len(next.Boxes) == wire.MaxBoxes {
			drafts = append(drafts, eventlog.Draft{Kind: VaultMade, Body: next})
			next = vaultMade{Key: next.Key}
		}
	}
	if len(next.Boxes) > 0 {
		drafts = append(drafts, eventlog.Draft{Kind: VaultMade, Body: next})
	}
	if len(drafts) == 0 {
		return nil
	}
	_, err := d.Log.Append(ctx, id, drafts...)
	d.Changed()
	return err
}

// sealPrivate seals what only administrators see. Errors: errcode.Forbidden, errcode.FieldTooLong, errcode.NameInvalid.
func (d *Directory) sealPrivate(ctx context.Context, id wire.SpaceID, v *view, record chart.ID, text string) (*chart.Private, error) {
	if !v.administers(d.Me.Person) {
		return nil, errcode.Forbidden
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return &chart.Private{}, nil
	case !utf8.ValidString(text):
		return nil, errcode.NameInvalid
	case utf8.RuneCountInString(text) > maxPrivateText:
		return nil, errcode.Of(errcode.FieldTooLong, "max", maxPrivateText)
	}
	k, err := d.present(ctx, id, v)
	if err != nil {
		return nil, err
	}
	return &chart.Private{Key: vaultID(k), Sealed: k.Seal(privateHeader(id, record), []byte(text))}, nil
}

// private opens what only administrators see. has says that there is something, open that it could be opened.
func (d *Directory) private(ctx context.Context, id wire.SpaceID, v *view, e *chart.Entry) (text string, has, open bool) {
	if e.Private == nil || len(e.Private.Sealed) == 0 {
		return "", false, v.administers(d.Me.Person)
	}
	all, err := d.givens(ctx, id)
	if err != nil {
		return "", true, false
	}
	k, ok := d.vault(id, v, all, e.Private.Key)
	if !ok {
		return "", true, false
	}
	raw, err := k.Open(privateHeader(id, e.ID), e.Private.Sealed)
	return string(raw), true, err == nil
}

// handOn gives keys that this device holds to devices of administrators who lack them.
func (d *Directory) handOn(ctx context.Context, id wire.SpaceID) {
	v, err := d.view(ctx, id)
	if err != nil || !v.administers(d.Me.Person) {
		return
	}
	all, err := d.givens(ctx, id)
	if err != nil || len(all) == 0 {
		return
	}
	lacks := map[chart.ID]map[wire.DeviceID][]byte{}
	for _, g := range all {
		if lacks[g.Key] == nil {
			lacks[g.Key] = v.seals()
		}
		for _, b := range g.Boxes {
			delete(lacks[g.Key], b.Device)
		}
	}
	for want, devices := range lacks {
		k, ok := d.vault(id, v, all, want)
		if !ok || len(devices) == 0 {
			continue
		}
		if err := d.give(ctx, id, k, devices); err != nil && ctx.Err() == nil {
			d.Slog.Info("key of private fields not handed on yet", "space", id.String(), "err", err)
		}
	}
}
