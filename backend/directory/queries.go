package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"roundtable/backend/directory/chart"
	"roundtable/backend/search/names"
	"roundtable/backend/wire"
)

const (
	// maxPage bounds the people of one answer.
	maxPage = 200
	// maxNear bounds who comes first of what a question finds.
	maxNear = 100
	// maxFound bounds what a question finds among everybody: nobody looks further, and sorting 30,000 takes longer than typing.
	maxFound = 1000
)

// index makes what people are found by; the first question waits for it. Somebody is found by what their card shows here, so by what is hidden
// where this device can open it, and nowhere else.
func (d *Directory) index(ctx context.Context, id wire.SpaceID, v *view) {
	v.once.Do(func() {
		// The index outlives the question that it is made for.
		known, err := d.known(context.WithoutCancel(ctx), id, v)
		if err != nil {
			d.Slog.Warn("nobody is found by hidden fields", "space", id.String(), "err", err)
		}
		v.found = &names.Index[int]{}
		for at := range v.rows {
			v.found.Put(at, v.entry(&v.rows[at], known))
		}
	})
}

// entry is what a row is found by.
func (v *view) entry(r *row, known map[at]opening) names.Entry {
	e := names.Entry{Names: []string{r.name}}
	if r.own.Name != "" && r.own.Name != r.name {
		e.Names = append(e.Names, r.own.Name)
	}
	if x := r.record; x != nil {
		phones := seen(x, chart.Phones, strings.Join(x.Phones, "\n"), known)
		e.Numbers = append(strings.Split(phones, "\n"), x.Number)
		e.Words = []string{seen(x, chart.Email, x.Email, known), r.own.Email}
		e.Texts = []string{seen(x, chart.Remark, x.Note, known), known[at{x.ID, inPrivate}].text}
		for _, p := range x.Posts.Posts {
			e.Places = append(e.Places, p.Title)
		}
		e.Places = append(e.Places, seen(x, chart.Place, x.Place, known))
	} else {
		e.Words, e.Places = []string{r.own.Email}, []string{r.own.Title}
	}
	e.Numbers = append(e.Numbers, r.own.Phone)
	for _, id := range r.units {
		e.Places = append(e.Places, v.units[id].name)
	}
	for _, list := range []*[]string{&e.Numbers, &e.Words, &e.Places, &e.Texts} {
		*list = slices.DeleteFunc(*list, func(s string) bool { return s == "" })
	}
	return e
}

// whom a page is of.
type whom int

const (
	here whom = iota + 1
	below
	without
	outside
	left
)

// rowsOf lists rows by their place in view.rows.
func (v *view) rowsOf(in chart.ID, which whom) []int {
	switch {
	case which == without:
		return v.without
	case which == outside && in.IsZero():
		return v.outside
	case which == left:
		return v.left
	case in.IsZero():
		return v.all
	case which == here:
		if u := v.units[in]; u != nil {
			return u.here
		}
		return nil
	}
	var out []int
	todo := []chart.ID{in}
	for len(todo) > 0 {
		u := v.units[todo[0]]
		if todo = todo[1:]; u != nil {
			out = append(out, u.here...)
			todo = append(todo, u.kids...)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if which == outside {
		out = slices.DeleteFunc(out, func(i int) bool { return !v.rows[i].person.IsZero() })
	}
	return out
}

// found is a row with what a question found in its name, or, where that is another one, in what the person calls itself.
type found struct {
	at              int
	marks, ownMarks []int32
}

// find lists whom a question finds among some, the best first, at most maxFound. Of those it finds as well as others, the ones
// that near names come first.
func (d *Directory) find(ctx context.Context, id wire.SpaceID, v *view, query string, among []int, near []string) (out []found) {
	d.index(ctx, id, v)
	in := make([]bool, len(v.rows))
	for _, i := range among {
		in[i] = true
	}
	nearness := make(map[int]int, len(near))
	for at, k := range near {
		if i, ok := v.rowOf(k); ok {
			nearness[i] = max(nearness[i], len(near)-at)
		}
	}
	for _, hit := range v.found.FindAmong(query, maxFound, func(i int) bool { return in[i] }, func(i int) int { return nearness[i] }) {
		f := found{at: hit.Key}
		var marks []int32
		for _, s := range hit.Spans {
			marks = append(marks, int32(s.Start), int32(s.End))
		}
		switch hit.Name {
		case 0:
			f.marks = marks
		case 1:
			f.ownMarks = marks
		}
		out = append(out, f)
	}
	return out
}

// page cuts a list.
func page[T any](all []T, offset, limit int) []T {
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	offset = min(max(offset, 0), len(all))
	return all[offset:min(offset+limit, len(all))]
}

// alike lists members without a record whose own name and phone or e-mail are those of a record.
func (v *view) alike(e *chart.Entry) (out []wire.PersonID) {
	for _, r := range v.rows {
		if r.record != nil || r.person.IsZero() || !strings.EqualFold(r.own.Name, e.Name.Name) {
			continue
		}
		phone := r.own.Phone != "" && slices.ContainsFunc(e.Phones, func(p string) bool { return digits(p) == digits(r.own.Phone) })
		if phone || r.own.Email != "" && strings.EqualFold(r.own.Email, e.Email) {
			out = append(out, r.person)
		}
	}
	return out[:min(len(out), 5)]
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// byNumber maps employee numbers to records; of several with one number the smallest ID stands for it.
func (v *view) byNumber() map[string]*chart.Entry {
	out := map[string]*chart.Entry{}
	for _, e := range v.chart.Entries {
		if e.Number == "" {
			continue
		}
		if other := out[e.Number]; other == nil || cmp.Compare(e.ID.String(), other.ID.String()) < 0 {
			out[e.Number] = e
		}
	}
	return out
}
