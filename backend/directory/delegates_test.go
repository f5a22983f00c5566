package directory_test

import (
	"context"
	"errors"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
)

// readsBelow brings a file as far as its plan, with paths that begin below a department.
func (d desk) readsBelow(file, below string) (*v1.PlanImportResponse, string) {
	d.t.Helper()
	ctx, ws := context.Background(), d.o.Workspace.String()
	u, err := d.Door().UploadSheet(ctx, &v1.UploadSheetRequest{WorkspaceId: ws, Part: []byte(file)})
	id := must(d.t, u, err).ImportId
	table, err := d.Door().ReadSheet(ctx, &v1.ReadSheetRequest{WorkspaceId: ws, ImportId: id})
	p, err2 := d.Door().PlanImport(ctx, &v1.PlanImportRequest{WorkspaceId: ws, ImportId: id, Fields: must(d.t, table, err).Fields, MarkMissing: true, BelowId: below})
	return must(d.t, p, err2), id
}

func (d desk) undoes() (*v1.UndoImportResponse, error) {
	d.t.Helper()
	ctx, ws := context.Background(), d.o.Workspace.String()
	latest, err := d.Door().LastImport(ctx, &v1.LastImportRequest{WorkspaceId: ws})
	return d.Door().UndoImport(ctx, &v1.UndoImportRequest{WorkspaceId: ws, BatchId: must(d.t, latest, err).BatchId})
}

// A delegate imports into its department and below, row by row; what is elsewhere is refused with a reason, on every device.
func TestADelegateImports(t *testing.T) {
	o := testspace.New(t, 81)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	li, wang, chen := at(t, o, "li"), at(t, o, "wang"), at(t, o, "chen")
	_, id := li.reads("工号,姓名,部门,手机\n1,李总,总部,1\n2,王小明,总部/销售部,2\n3,陈,总部/销售部/华东,3\n4,赵,总部/研发部,4\n", false)
	if _, err := li.applies(id); err != nil {
		t.Fatal(err)
	}
	head := li.tree("").Departments[0].Id
	below := map[string]string{}
	for _, u := range li.tree(head).Departments {
		below[u.Name] = u.Id
	}
	sales, lab := below["销售部"], below["研发部"]
	o.Settles()
	if _, err := chen.Door().UploadSheet(context.Background(), &v1.UploadSheetRequest{WorkspaceId: o.Workspace.String()}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("a member imports: %v", err)
	}
	grant := &v1.SetDelegateRequest{WorkspaceId: o.Workspace.String(), DepartmentId: sales, PersonId: wang.Person().String(), On: true}
	if _, err := li.Door().SetDelegate(context.Background(), grant); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	o.Eventually("wang may", func() bool { return wang.tree("").Fills })

	const file = `工号,姓名,部门,手机
2,王小明,总部/销售部,22
4,赵,总部/研发部,44
5,新人,总部/销售部/华南/深圳,5
6,新人甲,总部/研发部,6
7,新人乙,总部/财务部,7
8,新人丙,市场部,8
9,新人丁,,9
3,陈,总部/研发部,3
`
	p, _ := wang.readsBelow(file, "")
	if p.Changed != 1 || p.Added != 1 || p.Rejected != 6 || p.Missing != 0 || p.Departments != 2 {
		t.Errorf("%+v", p)
	}
	same(t, "why", problems(p), "not_yours", "department_not_yours", "department_not_yours", "department_not_yours", "department_missing", "department_not_yours")
	if _, err := wang.Door().PlanImport(context.Background(), &v1.PlanImportRequest{WorkspaceId: o.Workspace.String(), BelowId: lab}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("below another's: %v", err)
	}
	// Below the own department: short paths, whole ones, and none.
	p, id = wang.readsBelow("工号,姓名,部门\n2,王小明,\n3,陈,总部/销售部/华东\n5,新人,华南/深圳\n9,新人丁,\n", sales)
	if p.Added != 2 || p.Rejected != 1 || p.Same != 1 || p.Missing != 0 || p.Departments != 2 {
		t.Errorf("%+v", p)
	}
	if _, err := wang.applies(id); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	for _, d := range []desk{li, wang, chen} {
		o.Eventually("everybody has them", func() bool { return len(d.people(sales, v1.Whom_WHOM_BELOW, "")) == 4 })
	}
	// An import of the administrator does not stand before the delegate's own, nor its undoing beside it.
	_, id = li.reads("工号,姓名,手机\n1,李总,11", false)
	if _, err := li.applies(id); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	o.Eventually("wang has it", func() bool {
		return wang.people("", v1.Whom_WHOM_BELOW, "李总") != nil && len(wang.card(wang.key("李总")).Phones) == 1 && wang.card(wang.key("李总")).Phones[0] == "11"
	})
	undone, err := wang.undoes()
	if got := must(t, undone, err); got.Restored != 4 || got.Kept != 0 {
		t.Errorf("%+v", got)
	}
	o.Settles()
	for _, d := range []desk{li, chen} {
		o.Eventually("it is undone", func() bool { return len(d.people(sales, v1.Whom_WHOM_BELOW, "")) == 2 })
	}
	if got, err := li.undoes(); err != nil || got.Restored != 1 {
		t.Errorf("the administrator's own: %+v, %v", got, err)
	}

	// What no door would write: a delegate's events about what is elsewhere count nowhere.
	whole := unhex(t, lab)
	zhao := unhex(t, li.card(li.key("赵")).RecordId)
	import_ := func(more m) m { more[1], more[2] = id16("hostile"), 2; return more }
	wang.appends("changed", import_(m{3: []m{{1: id16("unit"), 2: "假部门", 3: m{1: whole, 2: 0}}, {1: whole, 2: "改名"}}}))
	wang.appends("changed", import_(m{4: []m{{1: zhao, 2: m{1: "改名", 2: "4"}}, {1: id16("spy"), 2: m{1: "卧底"}, 3: m{1: []m{{1: whole}}, 2: id16("")}}}}))
	wang.appends("changed", import_(m{5: []m{{1: whole, 2: wang.Person(), 3: true}}}))
	wang.appends("changed", import_(m{4: []m{{1: unhex(t, li.card(li.key("王小明")).RecordId), 5: "到了"}}}))
	o.Settles()
	for _, d := range []desk{li, wang, chen} {
		o.Eventually("the last one is here", func() bool { return d.card(d.key("王小明")).Note == "到了" })
		same(t, d.Name+": in the lab", d.people(lab, v1.Whom_WHOM_BELOW, ""), "赵")
		if got := len(d.tree(lab).Departments); got != 0 || d.tree(head).Departments[1].Name+d.tree(head).Departments[0].Name == "" || len(d.people("", v1.Whom_WHOM_BELOW, "改名")) > 0 {
			t.Errorf("%s: %d departments", d.Name, got)
		}
	}
	if wang.tree(lab).Path[1].CanFill || wang.tree(lab).Path[1].Name != "研发部" {
		t.Errorf("%+v", wang.tree(lab).Path)
	}
}

func (d desk) key(name string) string {
	d.t.Helper()
	r, err := d.Door().People(context.Background(), &v1.PeopleRequest{WorkspaceId: d.o.Workspace.String(), Whom: v1.Whom_WHOM_BELOW, Query: name})
	if got := must(d.t, r, err).Rows; len(got) > 0 {
		return got[0].Key
	}
	return ""
}

// Whom another department has, a delegate binds to no record of its own, by no door and by no event.
func TestADelegateTakesNobodyAway(t *testing.T) {
	o := testspace.New(t, 82)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen", "zhao")
	o.Settles()
	li, wang := at(t, o, "li"), at(t, o, "wang")
	sales, lab := li.department("销售部", ""), li.department("研发部", "")
	theirs := li.staff("chen", lab, false)
	if _, err := li.Door().SetDelegate(context.Background(), &v1.SetDelegateRequest{WorkspaceId: o.Workspace.String(), DepartmentId: sales, PersonId: wang.Person().String(), On: true}); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	o.Eventually("wang may", func() bool { return wang.tree("").Fills })
	mine := wang.record(&v1.SaveRecordRequest{Name: text("空缺"), Posts: &v1.PostsIn{Posts: []*v1.Post{post(sales, "", false)}}}).RecordId
	bind := func(d desk, person string) error {
		_, err := d.Door().BindRecord(context.Background(), &v1.BindRecordRequest{WorkspaceId: o.Workspace.String(), Id: mine, PersonId: person})
		return err
	}
	if err := bind(wang, o.As("chen").Person().String()); !errors.Is(err, errcode.PersonTaken) {
		t.Errorf("at the door: %v", err)
	}
	wang.appends("changed", m{1: id16("b"), 2: 1, 4: []m{{1: unhex(t, mine), 7: m{1: o.As("chen").Person()}}}})
	if err := bind(wang, o.As("zhao").Person().String()); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	for _, d := range []desk{li, wang} {
		o.Eventually("zhao is bound", func() bool { return d.card(o.As("zhao").Person().String()).RecordId == mine })
		if got := d.card(o.As("chen").Person().String()).RecordId; got != theirs {
			t.Errorf("%s: chen is %q", d.Name, got)
		}
	}
	if err := bind(wang, ""); err != nil {
		t.Fatal(err)
	}
	if got := wang.card(o.As("zhao").Person().String()).RecordId; got != "" {
		t.Errorf("zhao is still %q", got)
	}
}
