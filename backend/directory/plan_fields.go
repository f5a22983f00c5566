package directory

import (
	"slices"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
)

// clean gives the clean form of a cell, or rejects its row.
func (p *planner) clean(r *planned, field, text string) string {
	out, err := chart.Clean(text)
	if err != nil {
		code := "field_invalid"
		if c, _ := errcode.From(err); c == errcode.FieldTooLong {
			code = "too_long"
		}
		reject(r.row, code, field, text)
	}
	return out
}

// several cuts a cell that holds several things; empty ones keep their place.
func several(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.NewReplacer("；", ";", "\n", ";").Replace(text), ";")
}

func (p *planner) list(r *planned, field string, most int) (out []string) {
	text := strings.NewReplacer(",", ";", "，", ";", "、", ";").Replace(p.cell(r.cells, field))
	for _, part := range several(text) {
		if c := p.clean(r, field, part); c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	if len(out) > most {
		reject(r.row, "too_long", field, text)
	}
	return out
}

var yeses = []string{"是", "y", "yes", "true", "1", "√", "✓", "x"}

// posts reads positions: departments as paths ("销售部/华东"), several with semicolons, titles and leads in the same order.
func (p *planner) posts(r *planned, old *chart.Entry) {
	posts := old.Posts
	if p.has("place") && p.open(r, old, chart.Place, "place") {
		posts.Place = p.clean(r, "place", p.cell(r.cells, "place"))
	}
	if p.has("manager") {
		posts.Manager = p.manager(r)
	}
	titles, leads := several(p.cell(r.cells, "title")), several(p.cell(r.cells, "lead"))
	if p.has("department") {
		before := posts.Posts
		posts.Posts = nil
		for i, path := range several(p.cell(r.cells, "department")) {
			id := p.department(r, path)
			if id.IsZero() {
				continue
			}
			post := chart.Post{Department: id}
			for _, b := range before { // what the file has no column for stays
				if b.Department == id {
					post = b
				}
			}
			if slices.ContainsFunc(posts.Posts, func(other chart.Post) bool { return other.Department == id }) {
				continue
			}
			p.fill(r, &post, i, titles, leads)
			posts.Posts = append(posts.Posts, post)
		}
	} else {
		posts.Posts = slices.Clone(posts.Posts)
		for i := range posts.Posts {
			p.fill(r, &posts.Posts[i], i, titles, leads)
		}
	}
	if len(posts.Posts) == 0 && !p.below.IsZero() && r.old == nil {
		post := chart.Post{Department: p.below}
		p.fill(r, &post, 0, titles, leads)
		posts.Posts = []chart.Post{post}
	}
	if r.row.What != "rejected" && !p.mine(posts) {
		code := "department_not_yours"
		if len(posts.Posts) == 0 {
			code = "department_missing"
		}
		reject(r.row, code, "department", p.cell(r.cells, "department"))
	}
	if len(posts.Posts) > chart.MaxPosts {
		reject(r.row, "too_long", "department", p.cell(r.cells, "department"))
	}
	r.record.Posts = &posts
}

func (p *planner) fill(r *planned, post *chart.Post, i int, titles, leads []string) {
	if p.has("title") {
		post.Title = ""
		if i < len(titles) {
			post.Title = p.clean(r, "title", titles[i])
		}
	}
	if p.has("lead") {
		post.Lead = i < len(leads) && slices.Contains(yeses, strings.ToLower(strings.TrimSpace(leads[i])))
	}
}

// department finds or makes one by its path. New ones are made once, whoever is in them.
func (p *planner) department(r *planned, path string) chart.ID {
	var names []string
	for _, step := range strings.FieldsFunc(path, func(c rune) bool { return strings.ContainsRune("/／\\>", c) }) {
		clean, err := chart.Clean(step)
		if err != nil || len(names) >= chart.MaxDepth {
			reject(r.row, "department_invalid", "department", path)
			return chart.ID{}
		}
		if clean != "" {
			names = append(names, clean)
		}
	}
	if len(names) == 0 {
		return chart.ID{}
	}
	at := p.below
	if n := len(p.way); n > 0 && len(names) >= n && slices.Equal(names[:n], p.way) { // the whole way, as exports have it
		names = names[n:]
	}
	var made []newUnit
	for i, step := range names {
		id, ok := p.child(at)[step]
		if !ok {
			if !p.fills(at) && len(made) == 0 {
				reject(r.row, "department_not_yours", "department", path)
				return chart.ID{}
			}
			id = chart.NewID()
			made = append(made, newUnit{chart.Department{ID: id, Name: &step, Where: &chart.Where{Parent: at, Order: int64(len(p.child(at)))}},
				strings.Join(slices.Concat(p.way, names[:i+1]), " / ")})
			p.child(at)[step] = id
		}
		at = id
	}
	for _, u := range made {
		p.made[u.ID] = *u.Name
	}
	p.units = append(p.units, made...)
	return at
}

// fills reports whether new things may stand in a department; zero is the top.
func (p *planner) fills(id chart.ID) bool {
	_, made := p.made[id]
	return p.all || made || !id.IsZero() && p.v.chart.Administers(p.me, id)
}

// mine reports whether who has these positions is this person's to write about.
func (p *planner) mine(posts chart.Posts) bool {
	return p.all || len(posts.Posts) > 0 && !slices.ContainsFunc(posts.Posts, func(post chart.Post) bool { return !p.fills(post.Department) })
}

// open reports whether a field may be taken from the file. What is hidden stays as it is: a file would say it to everybody.
func (p *planner) open(r *planned, old *chart.Entry, f chart.Field, column string) bool {
	if old.Veiled(f) == nil {
		return true
	}
	if p.cell(r.cells, column) != "" {
		r.row.Problems = append(r.row.Problems, &v1.RowProblem{Code: "field_hidden", Field: column})
	}
	return false
}

// wanted keeps the new departments that somebody will be in, and those above them.
func (p *planner) wanted() {
	above, want := map[chart.ID]chart.ID{}, map[chart.ID]bool{}
	for _, u := range p.units {
		above[u.ID] = u.Where.Parent
	}
	for _, x := range p.plan.change.Records {
		if x.Posts == nil {
			continue
		}
		for _, post := range x.Posts.Posts {
			for id := post.Department; !want[id]; id = above[id] {
				if _, made := p.made[id]; !made {
					break
				}
				want[id] = true
			}
		}
	}
	for _, u := range p.units {
		if want[u.ID] {
			p.plan.change.Departments = append(p.plan.change.Departments, u.Department)
			p.plan.units = append(p.plan.units, u.path)
		}
	}
}

// manager is named by number, or by a name that only one has.
func (p *planner) manager(r *planned) chart.ID {
	text := strings.TrimSpace(p.cell(r.cells, "manager"))
	if text == "" {
		return chart.ID{}
	}
	id, ok := p.records[text]
	if !ok {
		id, ok = p.byName[text]
	}
	if !ok {
		found := 0
		for _, e := range p.v.chart.Entries {
			if e.Name.Name == text && !e.Left {
				id, ok = e.ID, true
				found++
			}
		}
		ok = found == 1
	}
	switch {
	case !ok || id.IsZero():
		reject(r.row, "manager_unknown", "manager", text)
	case id == r.record.ID:
		reject(r.row, "manager_self", "manager", text)
	}
	return id
}

// newNames puts in names of departments and managers that the chart does not know yet.
func (p *planner) newNames(row *v1.PlanRow, x *chart.Record) {
	if x.Posts == nil {
		return
	}
	for _, f := range row.Fields {
		if f.Field == "posts" {
			var parts []string
			for _, post := range x.Posts.Posts {
				text := unitName(p.v.chart, post.Department) + p.made[post.Department]
				if post.Title != "" {
					text += " / " + post.Title
				}
				parts = append(parts, text)
			}
			f.After = short(strings.Join(parts, "; "))
		}
	}
}

// unmade takes managers away whose own row was rejected: there will be no record of them.
func (p *planner) unmade() {
	gone := map[chart.ID]bool{}
	for _, r := range p.ready {
		if r.row.What == "rejected" && r.old == nil {
			gone[r.record.ID] = true
		}
	}
	for _, r := range p.ready {
		if r.row.What != "rejected" && r.record.Posts != nil && gone[r.record.Posts.Manager] {
			r.record.Posts.Manager = chart.ID{} // shared with what is to be written
			r.row.Problems = append(r.row.Problems, &v1.RowProblem{Code: "manager_unknown", Field: "manager", Value: p.cell(r.cells, "manager")})
		}
	}
}

// cycles says who would be their own manager's manager; the rows are taken.
func (p *planner) cycles() {
	above := map[chart.ID]chart.ID{}
	for id, e := range p.v.chart.Entries {
		above[id] = e.Manager
	}
	for _, x := range p.plan.change.Records {
		if x.Posts != nil {
			above[x.ID] = x.Posts.Manager
		}
	}
	for _, r := range p.ready {
		if r.record.Posts == nil || r.row.What == "rejected" {
			continue
		}
		slow := above[r.record.ID]
		for n := 0; !slow.IsZero() && n < 64; n++ {
			if slow == r.record.ID {
				r.row.Problems = append(r.row.Problems, &v1.RowProblem{Code: "manager_cycle", Field: "manager", Value: p.cell(r.cells, "manager")})
				break
			}
			slow = above[slow]
		}
	}
}
