package directory

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// maxPrivateText bounds private fields, in characters: sealed they still fit chart.MaxPrivate.
const maxPrivateText = 2000

// privateHeader binds sealed fields to their record.
func privateHeader(id wire.SpaceID, record chart.ID) []byte {
	sum := key.Hash("roundtable directory private v1", id[:], record[:])
	return sum[:]
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
func (d *Directory) present(ctx context.Context, id wire.SpaceID, v *view, r *ring) (key.EpochKey, error) {
	if k, ok := d.current(id, v, r); ok {
		return k, nil
	}
	k := key.NewEpochKey()
	return k, d.give(ctx, id, k, v.seals())
}

// fit lists keys that present administrators alone hold, as far as the log says, the newest first. Whoever handed a key on knows it.
func (v *view) fit(r *ring) (out []chart.ID) {
	now, bad := v.seals(), map[chart.ID]bool{}
	for _, said := range r.vaults {
		bad[said.Key] = bad[said.Key] || !v.administers(said.person) || slices.ContainsFunc(said.Boxes, func(b box) bool { return now[b.Device] == nil })
	}
	for _, said := range slices.Backward(r.vaults) {
		if !bad[said.Key] && !slices.Contains(out, said.Key) {
			out = append(out, said.Key)
		}
	}
	return out
}

func (d *Directory) current(id wire.SpaceID, v *view, r *ring) (key.EpochKey, bool) {
	for _, want := range v.fit(r) {
		if k, ok := d.open(id, r, want); ok {
			return k, true
		}
	}
	return key.EpochKey{}, false
}

// give wraps a key for devices of administrators and writes it down.
func (d *Directory) give(ctx context.Context, id wire.SpaceID, k key.EpochKey, devices map[wire.DeviceID][]byte) error {
	var drafts []eventlog.Draft
	next := vaultMade{Key: keyID(k)}
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

// secret is the clean form of a text that is to be sealed. Errors: errcode.NameInvalid, errcode.FieldTooLong.
func secret(text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch {
	case !utf8.ValidString(text):
		return "", errcode.NameInvalid
	case utf8.RuneCountInString(text) > maxPrivateText:
		return "", errcode.Of(errcode.FieldTooLong, "max", maxPrivateText)
	}
	return text, nil
}

// sealPrivate seals what only administrators see. Errors: errcode.Forbidden, errcode.FieldTooLong, errcode.NameInvalid.
func (d *Directory) sealPrivate(ctx context.Context, id wire.SpaceID, v *view, record chart.ID, text string) (*chart.Private, error) {
	if !v.administers(d.Me.Person) {
		return nil, errcode.Forbidden
	}
	text, err := secret(text)
	if err != nil || text == "" {
		return &chart.Private{}, err
	}
	r, err := d.ring(ctx, id, v)
	if err != nil {
		return nil, err
	}
	k, err := d.present(ctx, id, v, r)
	if err != nil {
		return nil, err
	}
	return &chart.Private{Key: keyID(k), Sealed: k.Seal(privateHeader(id, record), []byte(text))}, nil
}

// private opens what only administrators see. has says that there is something, open that it could be opened.
func (d *Directory) private(ctx context.Context, id wire.SpaceID, v *view, e *chart.Entry) (text string, has, open bool) {
	if e.Private == nil || len(e.Private.Sealed) == 0 {
		return "", false, v.administers(d.Me.Person)
	}
	r, err := d.ring(ctx, id, v)
	if err != nil {
		return "", true, false
	}
	text, open = d.unseal(id, r, e)
	return text, true, open
}

// unseal opens the private fields of a record that has some. ok is false where this device was not handed their key.
func (d *Directory) unseal(id wire.SpaceID, r *ring, e *chart.Entry) (text string, ok bool) {
	k, ok := d.open(id, r, e.Private.Key)
	if !ok {
		return "", false
	}
	raw, err := k.Open(privateHeader(id, e.ID), e.Private.Sealed)
	return string(raw), err == nil
}

// handOn gives keys that this device holds to devices that should have them and lack them.
func (d *Directory) handOn(ctx context.Context, id wire.SpaceID) {
	v, err := d.view(ctx, id)
	if err != nil || !v.administers(d.Me.Person) {
		return
	}
	r, err := d.ring(ctx, id, v)
	if err != nil {
		return
	}
	lacks := map[chart.ID]map[wire.DeviceID][]byte{}
	for _, said := range r.vaults {
		if lacks[said.Key] == nil {
			lacks[said.Key] = v.seals()
		}
		for _, b := range said.Boxes {
			delete(lacks[said.Key], b.Device)
		}
	}
	for want, devices := range lacks {
		k, ok := d.open(id, r, want)
		if !ok || len(devices) == 0 {
			continue
		}
		if err := d.give(ctx, id, k, devices); err != nil && ctx.Err() == nil {
			d.Slog.Info("key of private fields not handed on yet", "space", id.String(), "err", err)
		}
	}
	if err := d.handLines(ctx, id, v, r); err != nil && ctx.Err() == nil {
		d.Slog.Info("keys of hidden fields not handed on yet", "space", id.String(), "err", err)
	}
}
