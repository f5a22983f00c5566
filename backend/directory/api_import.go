package directory

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory/chart"
	"roundtable/backend/directory/sheet"
	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

const maxPart = 1 << 20

// filler opens a view for who may change something somewhere: what is not theirs is found out row by row.
func (a API) filler(ctx context.Context, workspace string) (*Directory, wire.SpaceID, *view, error) {
	d, id, v, err := a.in(ctx, workspace)
	if err == nil && !d.fills(v) {
		err = errcode.Forbidden
	}
	return d, id, v, err
}

func (a API) UploadSheet(ctx context.Context, r *v1.UploadSheetRequest) (*v1.UploadSheetResponse, error) {
	d, id, _, err := a.filler(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if len(r.Part) > maxPart {
		return nil, errcode.InvalidArgument
	}
	in, err := d.imports.part(r.ImportId, id, r.Part, d.Clock.Now())
	return &v1.UploadSheetResponse{ImportId: in}, err
}

func (a API) ReadSheet(ctx context.Context, r *v1.ReadSheetRequest) (*v1.ReadSheetResponse, error) {
	d, id, _, err := a.filler(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	out := &v1.ReadSheetResponse{}
	err = d.imports.with(r.ImportId, id, func(u *upload) error {
		t, err := sheet.Read(u.raw, sheet.How{Encoding: r.Encoding, Separator: r.Separator, Sheet: r.Sheet})
		if err != nil {
			return err
		}
		u.table, u.plan = t, nil
		out.Format, out.Encoding, out.Separator, out.Sheets, out.Sheet = t.Format, t.Encoding, t.Separator, t.Sheets, t.Sheet
		out.Heads, out.Rows = t.Rows[0], int32(len(t.Rows)-1)
		out.Fields = guessFields(out.Heads)
		for i, row := range t.Rows[1:] {
			if len(out.Sample) == 5 {
				break
			}
			out.Sample = append(out.Sample, &v1.SheetRow{Number: int32(i + 2), Cells: row})
		}
		return nil
	})
	return out, err
}

func (a API) PlanImport(ctx context.Context, r *v1.PlanImportRequest) (*v1.PlanImportResponse, error) {
	d, id, v, err := a.filler(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	below, err := idIn(r.BelowId)
	if err != nil {
		return nil, err
	}
	if u := v.units[below]; !below.IsZero() && (u == nil || u.own) {
		return nil, errcode.NotFound
	} else if u != nil && !v.administers(d.Me.Person) && !v.chart.Administers(d.Me.Person, below) {
		return nil, errcode.Forbidden
	}
	out := &v1.PlanImportResponse{}
	err = d.imports.with(r.ImportId, id, func(u *upload) error {
		if u.plan == nil || r.Offset == 0 {
			if u.plan, err = planImport(v, d.Me.Person, u.table.Rows, r.Fields, below, r.MarkMissing); err != nil {
				return err
			}
		}
		c := u.plan.counts
		out.Added, out.Changed, out.Same, out.Rejected, out.Missing = c["added"], c["changed"], c["same"], c["rejected"], c["missing"]
		out.Departments, out.NewDepartments = int32(len(u.plan.change.Departments)), page(u.plan.units, 0, 50)
		rows := u.plan.rows
		if r.Only != "" {
			rows = slices.DeleteFunc(slices.Clone(rows), func(x *v1.PlanRow) bool { return x.What != r.Only })
		}
		out.Total, out.Rows = int32(len(rows)), page(rows, int(r.Offset), maxPage)
		return nil
	})
	return out, err
}

func (a API) ApplyImport(ctx context.Context, r *v1.ApplyImportRequest) (*v1.ApplyImportResponse, error) {
	d, id, v, err := a.filler(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	var p *plan
	if err := d.imports.with(r.ImportId, id, func(u *upload) error { p = u.plan; return nil }); err != nil {
		return nil, err
	}
	switch {
	case p == nil:
		return nil, errcode.ImportGone
	case p.said != v.said:
		return nil, errcode.ImportChanged
	}
	if err := d.write(ctx, id, v, p.change); err != nil {
		return nil, err
	}
	d.imports.drop(r.ImportId)
	out := &v1.ApplyImportResponse{Added: p.counts["added"], Changed: p.counts["changed"], Departments: int32(len(p.change.Departments))}
	for _, x := range p.change.Records {
		if x.Left != nil && *x.Left {
			out.Left++
		}
	}
	return out, nil
}

// last finds the import that was applied last, with what it did; of a delegate its own.
func (d *Directory) last(ctx context.Context, id wire.SpaceID, v *view) (effects []chart.Effect, now *chart.Chart, undone bool, err error) {
	said, err := d.said(ctx, id)
	if err != nil {
		return nil, nil, false, err
	}
	all := v.administers(d.Me.Person)
	touched := map[chart.ID]bool{}
	now = chart.Fold(said, v.ever, func(e chart.Effect) {
		c := e.Said.Change
		switch {
		case c.Why == chart.Undo:
			undone = undone || touched[subjectID(e)]
		case c.Why != chart.Import || !all && e.Said.Person != d.Me.Person:
		default:
			if len(effects) == 0 || effects[0].Said.Change.Batch != c.Batch {
				effects, undone = nil, false
				clear(touched)
			}
			effects = append(effects, e)
			touched[subjectID(e)] = true
		}
	})
	return effects, now, undone, nil
}

// subjectID is the department or record of an effect.
func subjectID(e chart.Effect) chart.ID {
	switch {
	case e.UnitAfter != nil:
		return e.UnitAfter.ID
	case e.EntryAfter != nil:
		return e.EntryAfter.ID
	}
	return chart.ID{}
}

func (a API) LastImport(ctx context.Context, r *v1.LastImportRequest) (*v1.LastImportResponse, error) {
	d, id, v, err := a.filler(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	effects, _, undone, err := d.last(ctx, id, v)
	if err != nil || len(effects) == 0 {
		return &v1.LastImportResponse{}, err
	}
	first := effects[0].Said
	return &v1.LastImportResponse{BatchId: first.Change.Batch.String(), AtUnixMs: first.Stamp.UnixMilli(), By: d.nameOf(ctx, id, v, first.Person), Records: int32(len(effects)), Undone: undone}, nil
}

func (a API) UndoImport(ctx context.Context, r *v1.UndoImportRequest) (*v1.UndoImportResponse, error) {
	d, id, v, err := a.filler(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	effects, now, undone, err := d.last(ctx, id, v)
	if err != nil {
		return nil, err
	}
	if len(effects) == 0 || undone || effects[0].Said.Change.Batch.String() != r.BatchId {
		return nil, errcode.NotFound
	}
	c := chart.Change{Batch: chart.NewID(), Why: chart.Undo}
	out := &v1.UndoImportResponse{}
	for _, e := range effects {
		if undo(&c, e, now) {
			out.Restored++
		} else {
			out.Kept++
		}
	}
	return out, d.write(ctx, id, v, c)
}

// undo says again what stood there before, unless somebody changed it since.
func undo(c *chart.Change, e chart.Effect, now *chart.Chart) bool {
	yes := true
	if u := e.UnitAfter; u != nil {
		if e.UnitBefore != nil || *now.Units[u.ID] != *u {
			return false
		}
		c.Departments = append(c.Departments, chart.Department{ID: u.ID, Gone: &yes})
		return true
	}
	after := e.EntryAfter
	if after == nil || now.Entries[after.ID].Changed != after.Changed {
		return false
	}
	x := chart.Record{ID: after.ID}
	if before := e.EntryBefore; before != nil {
		x.Name, x.Posts, x.Reach, x.Note, x.Left = &before.Name, &before.Posts, &before.Reach, &before.Note, &before.Left
		trim(&x, after)
	} else { // a record does not go; without a number the next import makes a new one
		x.Name, x.Left = &chart.Name{Name: after.Name.Name}, &yes
	}
	c.Records = append(c.Records, x)
	return true
}

var exportHeads = map[string][]string{
	"zh": {"工号", "姓名", "部门", "职务", "负责人", "电话", "邮箱", "办公地点", "上级", "备注"},
	"en": {"Number", "Name", "Department", "Title", "Lead", "Phone", "Email", "Place", "Manager", "Note"},
}

func (a API) Export(ctx context.Context, r *v1.ExportRequest) (*v1.ExportResponse, error) {
	d, _, v, err := a.filler(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	in, err := idIn(r.DepartmentId)
	if err != nil {
		return nil, err
	}
	if !v.administers(d.Me.Person) && (in.IsZero() || !v.chart.Administers(d.Me.Person, in)) {
		return nil, errcode.Forbidden
	}
	lang := r.Language
	if exportHeads[lang] == nil {
		lang = "en"
	}
	rows := [][]string{exportHeads[lang]}
	for _, i := range v.rowsOf(in, below) {
		if e := v.rows[i].record; e != nil {
			rows = append(rows, v.exported(e, lang))
		}
	}
	name := map[string]string{"zh": "通讯录", "en": "directory"}[lang] + "-" + d.Clock.Now().Format("20060102-150405")
	out := &v1.ExportResponse{Rows: int32(len(rows) - 1)}
	if r.Format == "xlsx" {
		out.FileName = name + ".xlsx"
		out.Content, err = sheet.WriteXLSX(rows)
	} else {
		out.FileName = name + ".csv"
		out.Content, err = sheet.WriteCSV(rows, r.Format == "csv-gbk")
	}
	if err != nil {
		return nil, err
	}
	return d.file(out, r.Save)
}

// file keeps a file in the folder of downloads where a window cannot hand it over.
func (d *Directory) file(out *v1.ExportResponse, save bool) (*v1.ExportResponse, error) {
	if !save || d.Downloads == nil {
		return out, nil
	}
	folder, err := d.Downloads()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	out.SavedAt = filepath.Join(folder, out.FileName)
	err = durable.Write(out.SavedAt, 0o600, out.Content)
	out.Content = nil
	return out, err
}

// exported is a row that an import takes back.
func (v *view) exported(e *chart.Entry, lang string) []string {
	var departments, titles, leads []string
	for _, p := range e.Posts.Posts {
		var path []string
		for _, u := range v.path(v.chart.Here(p.Department)) {
			path = append(path, u.name)
		}
		departments, titles = append(departments, strings.Join(path, "/")), append(titles, p.Title)
		lead := map[string]string{"zh": "否", "en": "no"}[lang]
		if p.Lead {
			lead = map[string]string{"zh": "是", "en": "yes"}[lang]
		}
		leads = append(leads, lead)
	}
	manager := ""
	if m := v.chart.Entries[e.Manager]; m != nil {
		if manager = m.Number; manager == "" {
			manager = m.Name.Name
		}
	}
	open := func(f chart.Field, text string) string {
		if e.Veiled(f) != nil { // a file is no place for it
			return ""
		}
		return text
	}
	return []string{e.Number, e.Name.Name, strings.Join(departments, "; "), strings.Join(titles, "; "), strings.Join(leads, "; "),
		open(chart.Phones, strings.Join(e.Phones, ", ")), open(chart.Email, e.Email), open(chart.Place, e.Place), manager, open(chart.Remark, e.Note)}
}
