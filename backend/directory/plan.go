package directory

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

// fields of a column, and heads by which they are guessed (lower case, without blanks).
var fieldHeads = []struct {
	field string
	heads []string
}{
	{"number", []string{"工号", "员工编号", "人员编号", "编号", "员工号", "number", "employeenumber", "employeeid", "staffid", "id", "no", "no."}},
	{"name", []string{"姓名", "名字", "员工姓名", "name", "fullname", "displayname"}},
	{"department", []string{"部门", "所属部门", "组织", "部门路径", "department", "departments", "dept", "unit", "team"}},
	{"title", []string{"职务", "职位", "岗位", "头衔", "title", "jobtitle", "position"}},
	{"lead", []string{"负责人", "是否负责人", "部门负责人", "lead", "head", "islead"}},
	{"phone", []string{"电话", "手机", "手机号", "手机号码", "联系电话", "phone", "phones", "mobile", "tel", "telephone"}},
	{"email", []string{"邮箱", "电子邮箱", "电子邮件", "邮件", "email", "e-mail", "mail"}},
	{"place", []string{"地点", "办公地点", "工位", "办公室", "place", "location", "office"}},
	{"manager", []string{"上级", "直属上级", "主管", "直接上级", "上级工号", "manager", "managernumber", "reportsto", "supervisor"}},
	{"note", []string{"备注", "说明", "note", "notes", "remark", "remarks", "comment"}},
}

// guessFields says what columns mean by their heads; each field once.
func guessFields(heads []string) []string {
	out := make([]string, len(heads))
	used := map[string]bool{}
	for i, h := range heads {
		h = strings.ToLower(strings.Join(strings.Fields(h), ""))
		for _, f := range fieldHeads {
			if !used[f.field] && slices.Contains(f.heads, h) {
				out[i], used[f.field] = f.field, true
				break
			}
		}
	}
	return out
}

// plan is what an import would do.
type plan struct {
	said   int // statements of the chart it was made from
	change chart.Change
	rows   []*v1.PlanRow
	counts map[string]int32
	units  []string // names of departments that are new
}

// planner makes a plan.
type planner struct {
	v       *view
	me      wire.PersonID
	all     bool           // an administrator, who may say everything
	at      map[string]int // columns by field
	below   chart.ID
	way     []string // names from the top down to below
	plan    *plan
	numbers map[string]int // employee number → row of the file
	records map[string]chart.ID
	byName  map[string]chart.ID
	kids    map[chart.ID]map[string]chart.ID
	made    map[chart.ID]string
	units   []newUnit
	ready   []*planned
}

// newUnit is a department that a row asks for.
type newUnit struct {
	chart.Department
	path string
}

type planned struct {
	row    *v1.PlanRow
	old    *chart.Entry
	record chart.Record
	cells  []string
}

// planImport compares a table with the directory. Errors: errcode.SheetColumns.
func planImport(v *view, me wire.PersonID, rows [][]string, fields []string, below chart.ID, missing bool) (*plan, error) {
	p := &planner{v: v, me: me, all: v.administers(me), below: below, at: map[string]int{}, numbers: map[string]int{}, records: map[string]chart.ID{}, byName: map[string]chart.ID{},
		kids: map[chart.ID]map[string]chart.ID{}, made: map[chart.ID]string{},
		plan: &plan{said: v.said, counts: map[string]int32{}, change: chart.Change{Batch: chart.NewID(), Why: chart.Import}}}
	for i, f := range fields {
		if _, twice := p.at[f]; twice && f != "" {
			return nil, errcode.SheetColumns
		}
		if f != "" {
			p.at[f] = i
		}
	}
	_, number := p.at["number"]
	_, named := p.at["name"]
	if !number || !named {
		return nil, errcode.SheetColumns
	}
	for _, u := range v.path(below) {
		p.way = append(p.way, u.name)
	}
	for id, u := range v.units {
		if !u.own {
			p.child(u.parent)[u.name] = id
		}
	}
	for n, e := range v.byNumber() {
		p.records[n] = e.ID
	}
	for i, cells := range rows {
		if i > 0 && len(cells) > 0 {
			p.first(i+1, cells)
		}
	}
	for _, r := range p.ready {
		p.second(r)
	}
	p.unmade()
	p.wanted()
	p.missing(missing)
	p.cycles()
	slices.SortStableFunc(p.plan.rows, byUrgency)
	for _, r := range p.plan.rows {
		p.plan.counts[r.What]++
	}
	return p.plan, nil
}

// urgency is the order in which rows are looked at: what cannot be taken first, what stays as it is last.
var urgency = []string{"rejected", "added", "changed", "missing", "same"}

// byUrgency compares rows, those of one kind by their place in the file.
func byUrgency(a, b *v1.PlanRow) int {
	return cmp.Or(cmp.Compare(slices.Index(urgency, a.What), slices.Index(urgency, b.What)), cmp.Compare(a.Number, b.Number))
}

func (p *planner) child(parent chart.ID) map[string]chart.ID {
	if p.kids[parent] == nil {
		p.kids[parent] = map[string]chart.ID{}
	}
	return p.kids[parent]
}

func (p *planner) cell(cells []string, field string) string {
	if i, ok := p.at[field]; ok && i < len(cells) {
		return cells[i]
	}
	return ""
}

func (p *planner) has(field string) bool { _, ok := p.at[field]; return ok }

func reject(r *v1.PlanRow, code, field, value string) {
	r.What = "rejected"
	r.Problems = append(r.Problems, &v1.RowProblem{Code: code, Field: field, Value: short(value), Fatal: true})
}

// first reads number and name of a row: managers may stand further down.
func (p *planner) first(at int, cells []string) {
	row := &v1.PlanRow{Number: int32(at), Name: p.cell(cells, "name"), EmployeeNumber: p.cell(cells, "number")}
	p.plan.rows = append(p.plan.rows, row)
	r := &planned{row: row, cells: cells}
	n := chart.Name{}
	var err error
	if n.Name, err = name.Check(row.Name, chart.MaxText); err != nil {
		code, _ := errcode.From(err)
		reject(row, map[errcode.Code]string{errcode.NameEmpty: "name_missing", errcode.NameTooLong: "too_long"}[code], "name", row.Name)
		if code == errcode.NameInvalid {
			row.Problems[0].Code = "name_invalid"
		}
	}
	n.Number, err = chart.Clean(row.EmployeeNumber)
	switch other, twice := p.numbers[n.Number]; {
	case err != nil:
		reject(row, "number_invalid", "number", row.EmployeeNumber)
	case n.Number == "":
		reject(row, "number_missing", "number", "")
	case twice:
		reject(row, "number_twice", "number", fmt.Sprint(other))
	}
	if row.What == "rejected" {
		return
	}
	p.numbers[n.Number] = at
	id, known := p.records[n.Number]
	if known {
		r.old = p.v.chart.Entries[id]
	} else {
		id = chart.NewID()
		p.records[n.Number] = id
	}
	if _, twice := p.byName[n.Name]; twice {
		p.byName[n.Name] = chart.ID{}
	} else {
		p.byName[n.Name] = id
	}
	r.record = chart.Record{ID: id, Name: &n}
	p.ready = append(p.ready, r)
}

// second reads the rest of a row and compares it with the record.
func (p *planner) second(r *planned) {
	old := r.old
	if old == nil {
		old = &chart.Entry{}
	} else if !p.mine(old.Posts) {
		reject(r.row, "not_yours", "", "")
		return
	}
	p.posts(r, old)
	if p.has("phone") || p.has("email") {
		reach := old.Reach
		if p.has("phone") && p.open(r, old, chart.Phones, "phone") {
			reach.Phones = p.list(r, "phone", chart.MaxPhones)
		}
		if p.has("email") && p.open(r, old, chart.Email, "email") {
			reach.Email = p.clean(r, "email", p.cell(r.cells, "email"))
		}
		r.record.Reach = &reach
	}
	if p.has("note") && p.open(r, old, chart.Remark, "note") {
		note := p.cell(r.cells, "note")
		r.record.Note = &note
	}
	here := false
	r.record.Left = &here
	if err := (chart.Change{Batch: p.plan.change.Batch, Why: chart.Import, Records: []chart.Record{r.record}}).Check(); err != nil && r.row.What != "rejected" {
		reject(r.row, "field_invalid", "", "")
	}
	if r.row.What == "rejected" {
		return
	}
	after := trim(&r.record, r.old)
	r.row.Fields = entryFields(p.v.chart, old, after, func(wire.PersonID) string { return "" })
	p.newNames(r.row, &r.record)
	switch {
	case r.old == nil:
		r.row.What = "added"
	case empty(r.record):
		r.row.What = "same"
		return
	default:
		r.row.What = "changed"
	}
	p.plan.change.Records = append(p.plan.change.Records, r.record)
}

// trim leaves out groups that say what stands there already, and gives the record as it would be.
func trim(x *chart.Record, old *chart.Entry) *chart.Entry {
	after := &chart.Entry{ID: x.ID}
	if old != nil {
		*after = *old
	}
	before := *after
	if x.Name != nil {
		after.Name = *x.Name
	}
	if x.Posts != nil {
		after.Posts = *x.Posts
	}
	if x.Reach != nil {
		after.Reach = *x.Reach
	}
	if x.Note != nil {
		after.Note = *x.Note
	}
	if x.Left != nil {
		after.Left = *x.Left
	}
	if old != nil && before.Name == after.Name {
		x.Name = nil
	}
	if samePosts(before.Posts, after.Posts) {
		x.Posts = nil
	}
	if before.Email == after.Email && slices.Equal(before.Phones, after.Phones) {
		x.Reach = nil
	}
	if before.Note == after.Note {
		x.Note = nil
	}
	if before.Left == after.Left {
		x.Left = nil
	}
	return after
}

func samePosts(a, b chart.Posts) bool {
	return a.Place == b.Place && a.Manager == b.Manager && slices.Equal(a.Posts, b.Posts)
}

func empty(x chart.Record) bool { return reflect.DeepEqual(x, chart.Record{ID: x.ID}) }

// missing lists who has a number and is not in the file, and says that they left where that was chosen.
func (p *planner) missing(mark bool) {
	for _, r := range p.v.rows {
		e := r.record
		if e == nil || e.Left || e.Number == "" || p.numbers[e.Number] > 0 || !p.mine(e.Posts) {
			continue
		}
		row := &v1.PlanRow{What: "missing", Name: e.Name.Name, EmployeeNumber: e.Number}
		p.plan.rows = append(p.plan.rows, row)
		left := true
		x := chart.Record{ID: e.ID, Left: &left}
		if mark {
			row.Fields = []*v1.FieldChange{{Field: "left", After: "yes"}}
			p.plan.change.Records = append(p.plan.change.Records, x)
		}
	}
}
