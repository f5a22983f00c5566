package sheet

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

// What other programs find in a workbook of ours: text in every cell, nothing that runs, heads that stay in view.
func TestAWorkbookAsOthersOpenIt(t *testing.T) {
	raw, err := WriteXLSX([][]string{{"工号", "姓名", "备注"}, {"007", "王小明", "=1+1"}, {"+86", "@SUM(A1)", "-2"}, {"8", "\tx", "1e9"}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := map[string]string{"A1": "工号", "A2": "007", "C2": "'=1+1", "A3": "'+86", "B3": "'@SUM(A1)", "C3": "'-2", "B4": "'\tx", "C4": "1e9"}
	for cell, text := range want {
		got, err := f.GetCellValue("Sheet1", cell)
		if err != nil || got != text {
			t.Errorf("%s is %q, want %q (%v)", cell, got, text, err)
		}
		if formula, err := f.GetCellFormula("Sheet1", cell); err != nil || formula != "" {
			t.Errorf("%s runs %q (%v)", cell, formula, err)
		}
		if kind, err := f.GetCellType("Sheet1", cell); err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("%s is of type %d (%v)", cell, kind, err)
		}
	}
	if panes, err := f.GetPanes("Sheet1"); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v, %v", panes, err)
	}
}
