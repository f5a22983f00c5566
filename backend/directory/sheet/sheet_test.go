package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"roundtable/backend/errcode"
)

var rows = [][]string{{"工号", "姓名", "备注"}, {"007", "王小明", "=1+1"}, {"8", "-@x", "'=a"}, {"+86", "O'Neil, \"Pat\"", "a\tb"}, {"'", "''-1", "'quoted"}}

func TestRoundTrips(t *testing.T) {
	for name, write := range map[string]func() ([]byte, error){
		"csv":  func() ([]byte, error) { return WriteCSV(rows, false) },
		"gbk":  func() ([]byte, error) { return WriteCSV(rows, true) },
		"xlsx": func() ([]byte, error) { return WriteXLSX(rows) },
	} {
		raw, err := write()
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := Read(raw, How{})
		if err != nil || !reflect.DeepEqual(got.Rows, rows) {
			t.Errorf("%s: %q, %v", name, got.Rows, err)
		}
		if name != "xlsx" && bytes.Contains(raw, []byte(",=1")) {
			t.Errorf("%s: a cell runs", name)
		}
	}
}

func TestCSVAsItComes(t *testing.T) {
	want := [][]string{{"工号", "姓名"}, {"1", "王"}, {}, {"2", "李"}}
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("工号;姓名\n1;王\n\n2;李\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"plain": "工号,姓名\n1,王\n\n2,李", "mark, CRLF": "\ufeff工号,姓名\r\n1,王\r\n\r\n2,李\r\n\r\n", "tabs": "工号\t姓名\n1\t王\t\n\n2\t李", "gbk": gbk,
		"utf-16": "\xff\xfe\xe5\x5d\xf7\x53,\x00\xd3\x59\x0d\x54\n\x001\x00,\x00\x8b\x73\n\x00\n\x002\x00,\x00\x4e\x67",
	} {
		got, err := Read([]byte(text), How{})
		if err != nil || !reflect.DeepEqual(got.Rows, want) {
			t.Errorf("%s: %q, %v", name, got.Rows, err)
		}
	}
}

func TestHostileFiles(t *testing.T) {
	bomb := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, n := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
			w, _ := z.Create(n)
			for range 200 {
				_, _ = w.Write(make([]byte, 1<<20))
			}
		}
		_ = z.Close()
		return b.Bytes()
	}
	for name, c := range map[string]struct {
		raw  []byte
		want errcode.Code
	}{
		"empty":           {nil, errcode.SheetUnreadable},
		"white":           {[]byte("\n\n ,,\n"), errcode.SheetUnreadable},
		"an old workbook": {[]byte("\xd0\xcf\x11\xe0rest"), errcode.SheetUnreadable},
		"half a zip":      {[]byte("PK\x03\x04rest"), errcode.SheetUnreadable},
		"rows":            {[]byte(strings.Repeat("a,b\n", MaxRows+1)), errcode.SheetTooLarge},
		"columns":         {[]byte(strings.Repeat("a,", MaxColumns) + "a\n"), errcode.SheetTooLarge},
		"bytes":           {make([]byte, MaxFile+1), errcode.SheetTooLarge},
		"a bomb":          {bomb(), errcode.SheetTooLarge},
	} {
		if _, err := Read(c.raw, How{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// FuzzRead: any bytes are a table within its bounds, or refused with a code.
func FuzzRead(f *testing.F) {
	xlsx, _ := WriteXLSX(rows)
	f.Add(xlsx)
	f.Add([]byte("工号,姓名\n1,\"王\n\""))
	f.Add([]byte{0xb9, 0xa4, ';', 0xba, 0xc5})
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := Read(raw, How{})
		if err != nil {
			if code, _ := errcode.From(err); code != errcode.SheetUnreadable && code != errcode.SheetTooLarge {
				t.Errorf("%v", err)
			}
			return
		}
		if len(got.Rows) > MaxRows {
			t.Error("too many rows")
		}
	})
}
