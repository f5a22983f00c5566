package directory_test

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
)

// desk is a directory's door with the workspace filled in.
type desk struct {
	*testspace.Desk
	o *testspace.Office
	t *testing.T
}

func at(t *testing.T, o *testspace.Office, name string) desk { return desk{o.As(name), o, t} }

func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (d desk) department(name, parent string) string {
	d.t.Helper()
	u, err := d.Door().SaveDepartment(context.Background(), &v1.SaveDepartmentRequest{WorkspaceId: d.o.Workspace.String(), Name: &name, ParentId: &parent})
	return must(d.t, u, err).Id
}

func (d desk) record(r *v1.SaveRecordRequest) *v1.Card {
	d.t.Helper()
	r.WorkspaceId = d.o.Workspace.String()
	c, err := d.Door().SaveRecord(context.Background(), r)
	return must(d.t, c, err)
}

func (d desk) tries(r *v1.SaveRecordRequest) error {
	r.WorkspaceId = d.o.Workspace.String()
	_, err := d.Door().SaveRecord(context.Background(), r)
	return err
}

func (d desk) tree(parent string) *v1.TreeResponse {
	d.t.Helper()
	tree, err := d.Door().Tree(context.Background(), &v1.TreeRequest{WorkspaceId: d.o.Workspace.String(), ParentId: parent})
	return must(d.t, tree, err)
}

func (d desk) card(key string) *v1.Card {
	c, err := d.Door().Person(context.Background(), &v1.CardRequest{WorkspaceId: d.o.Workspace.String(), Key: key})
	if err != nil {
		return &v1.Card{}
	}
	return c
}

func (d desk) people(in string, whom v1.Whom, query string) (names []string) {
	d.t.Helper()
	r, err := d.Door().People(context.Background(), &v1.PeopleRequest{WorkspaceId: d.o.Workspace.String(), DepartmentId: in, Whom: whom, Query: query})
	for _, row := range must(d.t, r, err).Rows {
		names = append(names, row.Name)
	}
	return names
}

func text(s string) *string { return &s }

func post(department, title string, lead bool) *v1.Post {
	return &v1.Post{DepartmentId: department, Title: title, Lead: lead}
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
	}
}

// An administrator writes records of people who are not there yet; one comes by the code of its record.
func TestACodeTiesTheRecord(t *testing.T) {
	o := testspace.New(t, 70)
	o.Founds("li", "远山")
	li := at(t, o, "li")
	sales := li.department("销售部", "")
	east := li.department("华东", sales)
	lab := li.department("研发部", "")
	boss := li.record(&v1.SaveRecordRequest{Name: text("李卓然"), Number: text("1"), PersonId: li.Person().String(),
		Posts: &v1.PostsIn{Posts: []*v1.Post{post(sales, "总监", true)}}})
	if boss.PersonId != li.Person().String() || boss.OwnName != "li" {
		t.Fatalf("%+v", boss)
	}
	wang := li.record(&v1.SaveRecordRequest{Name: text("王小明"), Number: text("2"), Reach: &v1.ReachIn{Phones: []string{"138 0000 0000"}, Email: "wang@example.org"},
		Posts: &v1.PostsIn{Posts: []*v1.Post{post(east, "经理", false), post(lab, "顾问", false)}, ManagerId: boss.RecordId, Place: "上海"}, Note: text("会\n英语")})
	if wang.PersonId != "" || wang.ManagerName != "李卓然" || len(wang.Posts) != 2 || wang.Posts[0].Path[0] != "销售部" {
		t.Fatalf("%+v", wang)
	}
	if err := li.tries(&v1.SaveRecordRequest{Name: text("双"), Number: text("2")}); !errors.Is(err, errcode.NumberTaken) {
		t.Errorf("a number twice: %v", err)
	}
	top := li.tree("")
	if len(top.Departments) != 2 || top.Departments[0].Below != 2 || top.Departments[0].Here != 1 || top.Departments[1].Below != 1 || top.Outside != 1 || top.Total != 2 {
		t.Fatalf("%+v", top)
	}
	same(t, "below", li.people(sales, v1.Whom_WHOM_BELOW, ""), "李卓然", "王小明")
	same(t, "by initials", li.people("", v1.Whom_WHOM_BELOW, "wxm"), "王小明")
	same(t, "by telephone", li.people("", v1.Whom_WHOM_BELOW, "1380000"), "王小明")

	codes, err := li.Door().InviteRecords(context.Background(), &v1.InviteRecordsRequest{WorkspaceId: o.Workspace.String(), RecordIds: []string{wang.RecordId}})
	code := must(t, codes, err).Codes[0]
	o.As("wang").Joins(code.Link)
	o.Settles()
	w := at(t, o, "wang")
	for _, d := range []desk{li, w} {
		o.Eventually("the record is wang", func() bool { return d.card("rec_"+wang.RecordId).PersonId == w.Person().String() })
		if c := d.card(w.Person().String()); c.Name != "王小明" || c.OwnName != "wang" || c.Number != "2" || c.Member == nil || c.Note != "会\n英语" {
			t.Errorf("%+v", c)
		}
	}
	if err := w.tries(&v1.SaveRecordRequest{Id: wang.RecordId, Note: text("mine")}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("a member writes: %v", err)
	}
	if err := w.Directory.SetAway(context.Background(), o.Workspace, away("2999-01-01", "2999-01-05")); err != nil {
		t.Fatal(err)
	}
	o.Eventually("leave is seen", func() bool { a := li.card("rec_" + wang.RecordId).Away; return a != nil && a.ToDay == "2999-01-05" })
}

// A delegate writes below its department, and nowhere else; a member who was bound by an administrator stays bound.
func TestDelegatesAtTheDoor(t *testing.T) {
	o := testspace.New(t, 71)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	li, wang := at(t, o, "li"), at(t, o, "wang")
	sales, lab := li.department("销售部", ""), li.department("研发部", "")
	if _, err := li.Door().SetDelegate(context.Background(), &v1.SetDelegateRequest{WorkspaceId: o.Workspace.String(), DepartmentId: sales, PersonId: wang.Person().String(), On: true}); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	o.Eventually("wang may", func() bool { return wang.tree("").Fills })
	inside := wang.record(&v1.SaveRecordRequest{Name: text("新人"), Posts: &v1.PostsIn{Posts: []*v1.Post{post(sales, "", false)}}})
	if err := wang.tries(&v1.SaveRecordRequest{Name: text("新人"), Posts: &v1.PostsIn{Posts: []*v1.Post{post(lab, "", false)}}}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("elsewhere: %v", err)
	}
	wang.department("华东", sales)
	if _, err := wang.Door().BindRecord(context.Background(), &v1.BindRecordRequest{WorkspaceId: o.Workspace.String(), Id: inside.RecordId, PersonId: o.As("chen").Person().String()}); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	o.Eventually("chen is bound", func() bool { return li.card(o.As("chen").Person().String()).RecordId == inside.RecordId })
	changes, err := li.Door().Changes(context.Background(), &v1.ChangesRequest{WorkspaceId: o.Workspace.String(), Query: "wang"})
	if got := must(t, changes, err); got.Total != 4 {
		t.Errorf("%d changes: %v", got.Total, got.Changes)
	}
	if _, err := wang.Door().Changes(context.Background(), &v1.ChangesRequest{WorkspaceId: o.Workspace.String()}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("a delegate reads them: %v", err)
	}
}

// Two move departments below each other at the same time: both devices cut the same one, and say so.
func TestACycleOfTwo(t *testing.T) {
	o := testspace.New(t, 72)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	o.SetsRole("li", "wang", space.Admin)
	li, wang := at(t, o, "li"), at(t, o, "wang")
	a, b := li.department("甲", ""), li.department("乙", "")
	o.Settles()
	o.Partition([]string{"li"}, []string{"wang"})
	move := func(d desk, x, below string) {
		if _, err := d.Door().SaveDepartment(context.Background(), &v1.SaveDepartmentRequest{WorkspaceId: o.Workspace.String(), Id: x, ParentId: &below}); err != nil {
			t.Fatal(err)
		}
	}
	move(li, a, b)
	move(wang, b, a)
	o.Heal()
	o.Settles()
	one, two := li.tree(""), wang.tree("")
	if len(one.Departments) != 1 || len(two.Departments) != 1 || one.Departments[0].Id != two.Departments[0].Id || !one.Departments[0].Refused {
		t.Errorf("%v\n%v", one, two)
	}
	move2 := &v1.SaveDepartmentRequest{WorkspaceId: o.Workspace.String(), Id: one.Departments[0].Id, ParentId: &li.tree(one.Departments[0].Id).Departments[0].Id}
	if _, err := li.Door().SaveDepartment(context.Background(), move2); !errors.Is(err, errcode.DepartmentCycle) {
		t.Errorf("at the door: %v", err)
	}
}

// Private fields open for administrators, also for who becomes one later, and for nobody else.
func TestPrivateFields(t *testing.T) {
	o := testspace.New(t, 73)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	li, wang := at(t, o, "li"), at(t, o, "wang")
	c := li.record(&v1.SaveRecordRequest{Name: text("陈"), Private: text("家里电话 123")})
	if c.Private != "家里电话 123" || !c.HasPrivate {
		t.Fatalf("%+v", c)
	}
	o.Settles()
	o.Eventually("wang has the record", func() bool { return wang.card(c.Key).HasPrivate })
	if got := wang.card(c.Key); got.Private != "" || got.CanSeePrivate {
		t.Errorf("a member reads %q", got.Private)
	}
	o.SetsRole("li", "wang", space.Admin)
	o.Settles()
	o.Eventually("wang opens it", func() bool { return wang.card(c.Key).Private == "家里电话 123" })
}

func away(from, to string) directory.Away {
	return directory.Away{Kind: directory.Vacation, From: from, To: to}
}

func unhex(t *testing.T, text string) (id [16]byte) {
	t.Helper()
	raw, err := hex.DecodeString(text)
	copy(id[:], must(t, raw, err))
	return id
}
