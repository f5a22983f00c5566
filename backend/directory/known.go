package directory

import (
	"bytes"
	"context"

	"roundtable/backend/directory/chart"
	"roundtable/backend/wire"
)

// at is a place for a text that not everybody sees: a field of a record, or its private fields.
type at struct {
	record chart.ID
	field  chart.Field
}

// inPrivate is the place of what stands in private fields.
const inPrivate chart.Field = 0

// opening is a text and what it was opened from.
type opening struct {
	sealed []byte
	text   string
}

// known gives what this device can open of what not everybody sees, as cards show it. Nothing of it is written down. What it opened
// for an earlier view is not opened again.
func (d *Directory) known(ctx context.Context, id wire.SpaceID, v *view) (map[at]opening, error) {
	hides := false
	for _, e := range v.chart.Entries {
		hides = hides || e.Private != nil || e.Hidden != [chart.MaxFields]*chart.Veil{}
	}
	if !hides {
		return nil, nil
	}
	r, err := d.ring(ctx, id, v)
	if err != nil || len(r.mine) == 0 { // nothing was ever handed to this device
		return nil, err
	}
	d.opened.mu.Lock()
	was := d.opened.texts[id]
	d.opened.mu.Unlock()
	now := map[at]opening{}
	take := func(where at, sealed []byte, open func() (string, bool)) {
		if old, ok := was[where]; ok && bytes.Equal(old.sealed, sealed) {
			now[where] = old
		} else if text, ok := open(); ok && text != "" {
			now[where] = opening{sealed, text}
		}
	}
	for _, e := range v.chart.Entries {
		if e.Private != nil && len(e.Private.Sealed) > 0 {
			take(at{e.ID, inPrivate}, e.Private.Sealed, func() (string, bool) { return d.unseal(id, r, e) })
		}
		for field := chart.Phones; field < chart.MaxFields; field++ {
			if veil := e.Veiled(field); veil != nil {
				take(at{e.ID, field}, veil.Sealed, func() (string, bool) { return d.reveal(id, r, e.ID, veil) })
			}
		}
	}
	d.opened.mu.Lock()
	defer d.opened.mu.Unlock()
	if d.opened.texts == nil {
		d.opened.texts = map[wire.SpaceID]map[at]opening{}
	}
	d.opened.texts[id] = now
	return now, nil
}

// seen gives a field as a card shows it here: where not everybody sees it, what this device could open of it, never the open one beside it.
func seen(e *chart.Entry, field chart.Field, open string, known map[at]opening) string {
	if e.Veiled(field) == nil {
		return open
	}
	return known[at{e.ID, field}].text
}
