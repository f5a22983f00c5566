package directory

import (
	"context"

	"roundtable/backend/directory/chart"
	"roundtable/backend/eventlog"
	"roundtable/backend/wire"
)

// HidesAll hides phone, address, place and note of everybody from all but administrators, as the door would one by one.
func (d *Directory) HidesAll(ctx context.Context, id wire.SpaceID, of func(i int) [4]string) error {
	v, err := d.view(ctx, id)
	if err != nil {
		return err
	}
	s, err := d.sealer(ctx, id, v)
	if err != nil {
		return err
	}
	c := chart.Change{Batch: chart.NewID(), Why: chart.Edit}
	var drafts []eventlog.Draft
	for i, r := range v.rows {
		if r.record == nil {
			continue
		}
		h := chart.Hidden{Record: r.record.ID}
		for n, text := range of(i) {
			veil, err := s.veil(ctx, h.Record, nil, chart.Field(n+1), chart.Administrators, text)
			if err != nil {
				return err
			}
			h.Veils = append(h.Veils, veil)
		}
		if c.Hidden = append(c.Hidden, h); len(c.Hidden) == 500 || i == len(v.rows)-1 {
			drafts = append(drafts, eventlog.Draft{Kind: HiddenChanged, Body: c})
			c.Hidden = nil
		}
	}
	for _, draft := range append(s.drafts(), drafts...) {
		if _, err := d.Log.Append(ctx, id, draft); err != nil {
			return err
		}
	}
	d.Changed()
	return nil
}
