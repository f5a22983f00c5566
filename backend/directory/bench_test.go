package directory_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory"
	"roundtable/backend/testspace"
)

// BenchmarkFirstOpen is the first answer after a start: 30,000 records in 2,000 departments, tree and first page.
func BenchmarkFirstOpen(b *testing.B) {
	o := testspace.New(b, 77)
	o.Founds("li", "远山")
	ctx, ws := context.Background(), o.Workspace.String()
	door := o.As("li").Door()
	imports(b, door, ws, everybody(30_000))
	for b.Loop() {
		anew := directory.Open(o.As("li").Directory.Deps)
		fresh := directory.API{Get: func() (*directory.Directory, error) { return anew, nil }}
		if _, err := fresh.Tree(ctx, &v1.TreeRequest{WorkspaceId: ws}); err != nil {
			b.Fatal(err)
		}
		r, err := fresh.People(ctx, &v1.PeopleRequest{WorkspaceId: ws, Whom: v1.Whom_WHOM_BELOW, Limit: 100})
		if err != nil || r.Total < 30_000 {
			b.Fatal(r, err)
		}
	}
}

// imports takes in a file as an administrator does.
func imports(b *testing.B, door directory.API, ws, text string) {
	b.Helper()
	ctx := context.Background()
	file, id := []byte(text), ""
	for len(file) > 0 {
		n := min(len(file), 1<<20)
		u, err := door.UploadSheet(ctx, &v1.UploadSheetRequest{WorkspaceId: ws, ImportId: id, Part: file[:n]})
		if err != nil {
			b.Fatal(err)
		}
		id, file = u.ImportId, file[n:]
	}
	table, err := door.ReadSheet(ctx, &v1.ReadSheetRequest{WorkspaceId: ws, ImportId: id})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := door.PlanImport(ctx, &v1.PlanImportRequest{WorkspaceId: ws, ImportId: id, Fields: table.Fields}); err != nil {
		b.Fatal(err)
	}
	if _, err := door.ApplyImport(ctx, &v1.ApplyImportRequest{WorkspaceId: ws, ImportId: id}); err != nil {
		b.Fatal(err)
	}
}

// everybody is a file of so many people in 2,000 departments.
func everybody(n int) string {
	surnames, given := []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"), []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文建国")
	var b strings.Builder
	b.WriteString("工号,姓名,部门,职务,手机,邮箱,上级\n")
	for i := range n {
		manager := ""
		if i >= 20 {
			manager = fmt.Sprint(i / 20)
		}
		name := string([]rune{surnames[i%len(surnames)], given[i/7%len(given)], given[i/191%len(given)]})
		fmt.Fprintf(&b, "%d,%s,事业部%d/团队%d,工程师,138%08d,p%d@example.org,%s\n", i+1, name, i%1900%100, i%1900, i, i, manager)
	}
	return b.String()
}
