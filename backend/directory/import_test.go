package directory_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
)

// reads brings a file as far as its plan.
func (d desk) reads(text string, missing bool) (*v1.PlanImportResponse, string) {
	d.t.Helper()
	ctx, ws := context.Background(), d.o.Workspace.String()
	u, err := d.Door().UploadSheet(ctx, &v1.UploadSheetRequest{WorkspaceId: ws, Part: []byte(text[:len(text)/2])})
	id := must(d.t, u, err).ImportId
	_, err = d.Door().UploadSheet(ctx, &v1.UploadSheetRequest{WorkspaceId: ws, ImportId: id, Part: []byte(text[len(text)/2:])})
	must(d.t, u, err)
	table, err := d.Door().ReadSheet(ctx, &v1.ReadSheetRequest{WorkspaceId: ws, ImportId: id})
	p, err2 := d.Door().PlanImport(ctx, &v1.PlanImportRequest{WorkspaceId: ws, ImportId: id, Fields: must(d.t, table, err).Fields, MarkMissing: missing})
	return must(d.t, p, err2), id
}

func (d desk) applies(id string) (*v1.ApplyImportResponse, error) {
	return d.Door().ApplyImport(context.Background(), &v1.ApplyImportRequest{WorkspaceId: d.o.Workspace.String(), ImportId: id})
}

func problems(p *v1.PlanImportResponse) (out []string) {
	for _, r := range p.Rows {
		for _, x := range r.Problems {
			out = append(out, x.Code)
		}
	}
	return out
}

const first = `工号,姓名,部门,职务,负责人,手机,邮箱,上级,备注
1,李总,总部,总经理,是,1,li@example.org,,=1+1
2,王小明,总部/销售部; 研发部,经理; 顾问,是; 否,"2, 3",,1,
3,陈,总部/销售部,,,,,王小明,
,没有工号,,,,,,,
2,重复,,,,,,,
5,,,,,,,,
6,上级不明,,,,,,九十九,
7,自己管自己,,,,,,7,
8,上级那行没通过,总部,,,,,7,
`

// A first import, an update that shows its difference, what is missing in it, undoing, and the way out and back.
func TestImport(t *testing.T) {
	o := testspace.New(t, 75)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	li, wang := at(t, o, "li"), at(t, o, "wang")
	if _, err := wang.Door().UploadSheet(context.Background(), &v1.UploadSheetRequest{WorkspaceId: o.Workspace.String()}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("a member imports: %v", err)
	}
	p, id := li.reads(first, false)
	if p.Added != 4 || p.Rejected != 5 || p.Departments != 3 {
		t.Fatalf("%+v", p)
	}
	same(t, "why", problems(p), "number_missing", "number_twice", "name_missing", "manager_unknown", "manager_self", "manager_unknown")
	if len(li.tree("").Departments) != 0 {
		t.Error("applied before it was confirmed")
	}
	if _, err := li.applies(id); err != nil {
		t.Fatal(err)
	}
	if _, err := li.applies(id); !errors.Is(err, errcode.ImportGone) {
		t.Errorf("twice: %v", err)
	}
	top := li.tree("")
	if len(top.Departments) != 2 || top.Departments[0].Name != "总部" || top.Departments[0].Below != 4 {
		t.Fatalf("%+v", top)
	}
	// Whom somebody has chosen comes first of those that are found as well.
	ask := &v1.PeopleRequest{WorkspaceId: o.Workspace.String(), Whom: v1.Whom_WHOM_BELOW, Query: "总部"}
	found, err := li.Door().People(context.Background(), ask)
	rows := must(t, found, err).Rows
	last := rows[len(rows)-1].Key
	ask.NearKeys = []string{"nobody", last}
	found, err = li.Door().People(context.Background(), ask)
	if again := must(t, found, err).Rows; len(rows) < 2 || len(again) != len(rows) || again[0].Key != last {
		t.Errorf("%v, then %v", rows, again)
	}
	same(t, "in the lab", li.people(top.Departments[1].Id, v1.Whom_WHOM_BELOW, ""), "王小明")

	// The way out and back: nothing changes.
	for _, format := range []string{"csv", "csv-gbk", "xlsx"} {
		out, err := li.Door().Export(context.Background(), &v1.ExportRequest{WorkspaceId: o.Workspace.String(), Format: format, Language: "en"})
		if p, _ := li.reads(string(must(t, out, err).Content), true); p.Same != 4 || p.Changed+p.Added+p.Rejected+p.Missing != 0 {
			t.Errorf("%s: %+v", format, p)
		}
	}

	// An update: one changed, one missing.
	p, id = li.reads(strings.Join([]string{"工号;姓名;手机", "1;李总;1", "3;陈思远;9"}, "\n"), true)
	if p.Same != 1 || p.Changed != 1 || p.Missing != 2 {
		t.Fatalf("%+v", p)
	}
	for _, r := range p.Rows {
		if r.What == "changed" && (r.Fields[0].Before != "陈" || r.Fields[0].After != "陈思远" || r.Fields[1].After != "9") {
			t.Errorf("%+v", r.Fields)
		}
	}
	stale, old := li.reads("工号,姓名\n4,新人", false)
	if stale.Added != 1 {
		t.Errorf("%+v", stale)
	}
	done, err := li.applies(id)
	if must(t, done, err).Left != 2 || li.tree("").Left != 2 {
		t.Errorf("%+v", done)
	}
	if _, err := li.applies(old); !errors.Is(err, errcode.ImportChanged) {
		t.Errorf("a plan of yesterday: %v", err)
	}
	latest, err := li.Door().LastImport(context.Background(), &v1.LastImportRequest{WorkspaceId: o.Workspace.String()})
	undone, err2 := li.Door().UndoImport(context.Background(), &v1.UndoImportRequest{WorkspaceId: o.Workspace.String(), BatchId: must(t, latest, err).BatchId})
	if must(t, undone, err2).Restored != 3 || li.tree("").Left != 0 {
		t.Errorf("%+v", undone)
	}
	same(t, "as before", li.people("", v1.Whom_WHOM_BELOW, "陈"), "陈")
	o.Settles()
	o.Eventually("wang sees it", func() bool { return wang.tree("").Total == 6 })
}
