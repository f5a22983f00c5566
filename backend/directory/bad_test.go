package directory_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/testspace"
)

// What comes out of other programs: encodings, formulas, numbers that stand twice, chiefs of each other. Each row has its answer.
func TestBadSheetsAtTheDoor(t *testing.T) {
	o := testspace.New(t, 78)
	o.Founds("li", "远山")
	li := at(t, o, "li")
	const people = "工号,姓名,部门,上级,备注\r\n1,欧阳若兰,总部,2,\"=HYPERLINK(\"\"http://x\"\")\"\r\n2,王敏,总部/销售,1,+86\r\n2,第二个王敏,,,\r\n3,\u202e陈,,,\r\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(strings.ReplaceAll(people, "\u202e", ""))
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := li.reads(gbk, false); p.Rows[1].Name != "欧阳若兰" || p.Added != 3 {
		t.Errorf("GBK: %+v", p)
	}
	p, id := li.reads("\ufeff"+people, false)
	same(t, "why", problems(p), "number_twice", "name_invalid", "manager_cycle", "manager_cycle")
	if p.Added != 2 || p.Rejected != 2 {
		t.Errorf("%+v", p)
	}
	if _, err := li.applies(id); err != nil {
		t.Fatal(err)
	}
	// Nothing is lost on the way out, and nothing runs there.
	for format, runs := range map[string]string{"csv": ",\"=HYPERLINK", "csv-gbk": ",\"=HYPERLINK", "xlsx": ""} {
		out, err := li.Door().Export(context.Background(), &v1.ExportRequest{WorkspaceId: o.Workspace.String(), Format: format, Language: "zh"})
		content := must(t, out, err).Content
		if runs != "" && bytes.Contains(content, []byte(runs)) {
			t.Errorf("%s: a formula", format)
		}
		if p, _ := li.reads(string(content), true); p.Same != 2 || p.Changed+p.Added+p.Rejected+p.Missing != 0 {
			t.Errorf("%s: %+v", format, p)
		}
	}
}
