package directory

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

var whys = map[chart.Why]string{chart.Edit: "edit", chart.Import: "import", chart.Undo: "undo"}

// Changes lists what was changed, newest first. It is worked out anew for each question, from the statements themselves.
func (a API) Changes(ctx context.Context, r *v1.ChangesRequest) (*v1.ChangesResponse, error) {
	d, id, v, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if !v.administers(d.Me.Person) {
		return nil, errcode.Forbidden
	}
	said, err := d.said(ctx, id)
	if err != nil {
		return nil, err
	}
	var all []chart.Effect
	chart.Fold(said, v.ever, func(e chart.Effect) { all = append(all, e) })
	slices.Reverse(all)
	out := &v1.ChangesResponse{}
	query := strings.ToLower(strings.TrimSpace(r.Query))
	limit := int(r.Limit)
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	for i := range all {
		if kind := kindOf(all[i]); r.Kind != "" && r.Kind != kind && (r.Kind != "import" || all[i].Said.Change.Why == chart.Edit) {
			continue
		}
		by := d.nameOf(ctx, id, v, all[i].Said.Person)
		if query != "" && !strings.Contains(strings.ToLower(by+" "+d.subject(ctx, id, v, all[i])), query) {
			continue
		}
		if out.Total++; int(out.Total) <= int(r.Offset) || len(out.Changes) >= limit {
			continue
		}
		c := d.changeOut(ctx, id, v, all[i])
		c.By = by
		out.Changes = append(out.Changes, c)
	}
	return out, nil
}

func kindOf(e chart.Effect) string {
	switch {
	case e.UnitAfter != nil:
		return "department"
	case e.EntryAfter != nil:
		return "record"
	}
	return "delegate"
}

func (d *Directory) subject(ctx context.Context, id wire.SpaceID, v *view, e chart.Effect) string {
	switch {
	case e.UnitAfter != nil:
		return e.UnitAfter.Name
	case e.EntryAfter != nil:
		return e.EntryAfter.Name.Name
	}
	return d.nameOf(ctx, id, v, e.Delegate.Person)
}

func (d *Directory) changeOut(ctx context.Context, id wire.SpaceID, v *view, e chart.Effect) *v1.DirectoryChange {
	out := &v1.DirectoryChange{AtUnixMs: e.Said.Stamp.UnixMilli(), Kind: kindOf(e), Subject: d.subject(ctx, id, v, e), Why: whys[e.Said.Change.Why]}
	switch {
	case e.UnitAfter != nil:
		out.SubjectKey, out.Made = e.UnitAfter.ID.String(), e.UnitBefore == nil
		before := e.UnitBefore
		if before == nil {
			before = &chart.Unit{}
		}
		out.Fields = unitFields(v.chart, before, e.UnitAfter)
	case e.EntryAfter != nil:
		out.SubjectKey, out.Made = recordKey(e.EntryAfter.ID), e.EntryBefore == nil
		before := e.EntryBefore
		if before == nil {
			before = &chart.Entry{}
		}
		out.Fields = entryFields(v.chart, before, e.EntryAfter, func(p wire.PersonID) string { return d.nameOf(ctx, id, v, p) })
	default:
		name := ""
		if u := v.chart.Units[e.Delegate.Department]; u != nil {
			name = u.Name
		}
		f := &v1.FieldChange{Field: "delegate", After: name}
		if !e.Delegate.On {
			f.Before, f.After = name, ""
		}
		out.Fields = []*v1.FieldChange{f}
	}
	return out
}

// differ collects fields whose texts are not equal.
type differ []*v1.FieldChange

func (d *differ) add(field, before, after string) {
	if before != after {
		*d = append(*d, &v1.FieldChange{Field: field, Before: short(before), After: short(after)})
	}
}

// short keeps what is shown of a long text.
func short(text string) string {
	if utf8.RuneCountInString(text) <= 200 {
		return text
	}
	return string([]rune(text)[:200]) + "…"
}

func unitFields(c *chart.Chart, a, b *chart.Unit) []*v1.FieldChange {
	var out differ
	out.add("name", a.Name, b.Name)
	out.add("parent", unitName(c, a.Parent), unitName(c, b.Parent))
	if a.Parent == b.Parent && a.ID == b.ID {
		out.add("order", strconv.FormatInt(a.Order, 10), strconv.FormatInt(b.Order, 10))
	}
	out.add("gone", yes(a.Gone), yes(b.Gone))
	return out
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func unitName(c *chart.Chart, id chart.ID) string {
	if u := c.Units[id]; u != nil {
		return u.Name
	}
	return ""
}

// postsText tells positions in words: "部门 / 职务 *; …", a star for leads.
func postsText(c *chart.Chart, posts []chart.Post) string {
	var parts []string
	for _, p := range posts {
		text := unitName(c, p.Department)
		if p.Title != "" {
			text += " / " + p.Title
		}
		if p.Lead {
			text += " *"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func entryName(c *chart.Chart, id chart.ID) string {
	if e := c.Entries[id]; e != nil {
		return e.Name.Name
	}
	return ""
}

func entryFields(c *chart.Chart, a, b *chart.Entry, name func(wire.PersonID) string) []*v1.FieldChange {
	var out differ
	out.add("name", a.Name.Name, b.Name.Name)
	out.add("number", a.Number, b.Number)
	out.add("posts", postsText(c, a.Posts.Posts), postsText(c, b.Posts.Posts))
	out.add("manager", entryName(c, a.Manager), entryName(c, b.Manager))
	out.add("place", a.Place, b.Place)
	out.add("phones", strings.Join(a.Phones, ", "), strings.Join(b.Phones, ", "))
	out.add("email", a.Email, b.Email)
	out.add("note", a.Note, b.Note)
	out.add("left", yes(a.Left), yes(b.Left))
	if a.Bind.Person != b.Bind.Person {
		who := func(p wire.PersonID) string {
			if p.IsZero() {
				return ""
			}
			return name(p)
		}
		out.add("person", who(a.Bind.Person), who(b.Bind.Person))
	}
	out.add("codes", strconv.Itoa(len(a.Bind.Invites)), strconv.Itoa(len(b.Bind.Invites)))
	for field := chart.Phones; field < chart.MaxFields; field++ { // what they say is not told either
		if a.Hidden[field] != b.Hidden[field] && b.Hidden[field] != nil {
			out = append(out, &v1.FieldChange{Field: veiled[field], Level: levels[b.Hidden[field].Level]})
		}
	}
	if private(a) != private(b) { // what it says is not told
		out = append(out, &v1.FieldChange{Field: "private"})
	}
	return out
}

func private(e *chart.Entry) string {
	if e.Private == nil {
		return ""
	}
	return string(e.Private.Sealed)
}
