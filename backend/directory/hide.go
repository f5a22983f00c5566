package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/wire"
)

// hide takes what is said about who sees which field of a record, empties the open fields of what is hidden, and gives the
// events that hand keys on. Errors: errcode.Forbidden, errcode.FieldHidden, those of sealer.veil.
func (d *Directory) hide(ctx context.Context, id wire.SpaceID, v *view, c *chart.Change, x *chart.Record, old *chart.Entry, in []*v1.HiddenField) ([]eventlog.Draft, error) {
	if len(in) > 0 && !v.administers(d.Me.Person) {
		return nil, errcode.Forbidden
	}
	after := &chart.Entry{}
	if old != nil {
		*after = *old
	}
	if x.Posts != nil {
		after.Posts = *x.Posts
	}
	var s *sealer
	var err error
	if v.administers(d.Me.Person) && (len(in) > 0 || x.Posts != nil) {
		if s, err = d.sealer(ctx, id, v); err != nil {
			return nil, err
		}
	}
	h := chart.Hidden{Record: x.ID}
	said := map[chart.Field]bool{}
	for _, f := range in {
		field, err := byName(veiled, f.Field)
		level, err2 := byName(levels, f.Level)
		if err = cmp.Or(err, err2); err != nil || said[field] {
			return nil, errcode.InvalidArgument
		}
		said[field] = true
		veil, err := s.veil(ctx, x.ID, v.departments(after.Posts), field, level, strings.Join(f.Values, "\n"))
		if err != nil {
			return nil, err
		}
		h.Veils = append(h.Veils, veil)
		after.Hidden[field] = &veil
	}
	if err := blank(x, old, after, said); err != nil {
		return nil, err
	}
	if slices.SortFunc(h.Veils, func(a, b chart.Veil) int { return cmp.Compare(a.Field, b.Field) }); len(h.Veils) > 0 {
		c.Hidden = []chart.Hidden{h}
	}
	if s == nil {
		return nil, nil
	}
	if old != nil && x.Posts != nil {
		if err := s.follow(ctx, old, said, v.departments(*x.Posts)); err != nil {
			return nil, err
		}
	}
	return s.drafts(), nil
}

// follow hands what is hidden on to leads of departments that a record comes to.
func (s *sealer) follow(ctx context.Context, old *chart.Entry, anew map[chart.Field]bool, in []chart.ID) error {
	for field, veil := range old.Hidden {
		if veil == nil || veil.Level != chart.Leads || anew[chart.Field(field)] {
			continue
		}
		if k, ok := s.d.open(s.id, s.r, veil.Key); ok {
			if err := s.share(ctx, k, s.r.lacking(veil.Key, in)); err != nil {
				return err
			}
		}
	}
	return nil
}

// blank empties open fields that are hidden after a change. Whoever writes into one without saying who sees it is told.
func blank(x *chart.Record, old, after *chart.Entry, said map[chart.Field]bool) error {
	before := &chart.Entry{}
	if old != nil {
		before = old
	}
	empty := func(f chart.Field, stood, group bool, written func() bool, make, clear func()) error {
		switch {
		case after.Veiled(f) == nil || !stood && !group:
			return nil
		case group && !said[f] && written():
			return errcode.FieldHidden
		case !group:
			make()
		}
		clear()
		return nil
	}
	reach := func() { r := before.Reach; x.Reach = &r }
	for _, err := range []error{
		empty(chart.Phones, len(before.Phones) > 0, x.Reach != nil, func() bool { return len(x.Reach.Phones) > 0 }, reach, func() { x.Reach.Phones = nil }),
		empty(chart.Email, before.Email != "", x.Reach != nil, func() bool { return x.Reach.Email != "" }, reach, func() { x.Reach.Email = "" }),
		empty(chart.Place, before.Place != "", x.Posts != nil, func() bool { return x.Posts.Place != "" }, func() { p := before.Posts; x.Posts = &p }, func() { x.Posts.Place = "" }),
		empty(chart.Remark, before.Note != "", x.Note != nil, func() bool { return *x.Note != "" }, func() { x.Note = new(string) }, func() { x.Note = new(string) }),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// hiddenOut tells what is hidden of a record, with what this device can open. Open fields of the same name are not shown beside it.
func (d *Directory) hiddenOut(ctx context.Context, id wire.SpaceID, v *view, x *chart.Entry, out *v1.Card) {
	out.CanHide = v.administers(d.Me.Person)
	for field := chart.Phones; field < chart.MaxFields; field++ {
		veil := x.Veiled(field)
		if veil == nil {
			continue
		}
		f := &v1.HiddenField{Field: veiled[field], Level: levels[veil.Level]}
		if r, err := d.ring(ctx, id, v); err == nil {
			text, ok := d.reveal(id, r, x.ID, veil)
			if f.Open = ok; text != "" {
				f.Values = []string{text}
			}
			if field == chart.Phones && text != "" {
				f.Values = strings.Split(text, "\n")
			}
		}
		out.Hidden = append(out.Hidden, f)
		switch field {
		case chart.Phones:
			out.Phones = nil
		case chart.Email:
			out.Email = ""
		case chart.Place:
			out.Place = ""
		case chart.Remark:
			out.Note = ""
		}
	}
}
