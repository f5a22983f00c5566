package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"roundtable/backend/errcode"
)

// Bounds of a file.
const (
	MaxFile    = 16 << 20 // bytes
	MaxRows    = 50_000   // with the heads
	MaxColumns = 64
	MaxCell    = 4096 // bytes of one cell; longer ones are cut
	maxUnzip   = 128 << 20
)

// How a file is read; empty fields are guessed.
type How struct {
	Encoding  string // "utf-8", "gbk"
	Separator string // ",", ";", "tab"
	Sheet     string
}

// Table is what a file holds.
type Table struct {
	Format string // "csv", "xlsx"
	How
	Sheets []string
	Rows   [][]string
}

func tooLarge() error {
	return errcode.Of(errcode.SheetTooLarge, "rows", MaxRows, "columns", MaxColumns, "mib", MaxFile>>20)
}

// Read reads a file. Errors: errcode.SheetUnreadable, errcode.SheetTooLarge.
func Read(raw []byte, how How) (Table, error) {
	switch {
	case len(raw) > MaxFile:
		return Table{}, tooLarge()
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return readXLSX(raw, how)
	case bytes.HasPrefix(raw, []byte{0xd0, 0xcf, 0x11, 0xe0}): // an old or a locked workbook
		return Table{}, errcode.SheetUnreadable
	}
	return readCSV(raw, how)
}

func readXLSX(raw []byte, how How) (t Table, err error) {
	defer func() {
		if recover() != nil { // the library reads what strangers made
			t, err = Table{}, errcode.SheetUnreadable
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: maxUnzip, UnzipXMLSizeLimit: maxUnzip})
	if err != nil {
		if strings.Contains(err.Error(), "unzip size exceeds") {
			return t, tooLarge()
		}
		return t, errcode.With(errcode.SheetUnreadable, err)
	}
	defer f.Close()
	t = Table{Format: "xlsx", How: How{Sheet: how.Sheet}, Sheets: f.GetSheetList()}
	if len(t.Sheets) == 0 || len(t.Sheets) > 256 {
		return t, errcode.SheetUnreadable
	}
	if !slices.Contains(t.Sheets, t.Sheet) {
		t.Sheet = t.Sheets[0]
	}
	rows, err := f.Rows(t.Sheet)
	if err != nil {
		return t, errcode.With(errcode.SheetUnreadable, err)
	}
	defer rows.Close()
	for rows.Next() {
		cells, err := rows.Columns()
		if err != nil {
			return t, errcode.With(errcode.SheetUnreadable, err)
		}
		if err := t.take(cells); err != nil {
			return t, err
		}
	}
	return t, t.end(rows.Error())
}

// take adds a row; rows without content keep their place, so that numbers are those of the file.
func (t *Table) take(cells []string) error {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) > MaxColumns || len(t.Rows) >= MaxRows {
		return tooLarge()
	}
	row := make([]string, len(cells))
	for i, c := range cells {
		if len(c) > MaxCell {
			c = strings.ToValidUTF8(c[:MaxCell], "")
		}
		row[i] = open(strings.TrimSpace(c))
	}
	t.Rows = append(t.Rows, row)
	return nil
}

func (t *Table) end(err error) error {
	for len(t.Rows) > 0 && len(t.Rows[len(t.Rows)-1]) == 0 {
		t.Rows = t.Rows[:len(t.Rows)-1]
	}
	if err != nil || len(t.Rows) == 0 {
		return errcode.SheetUnreadable
	}
	return nil
}

func readCSV(raw []byte, how How) (Table, error) {
	t := Table{Format: "csv", How: how}
	text, err := t.decode(raw)
	if err != nil {
		return t, err
	}
	if t.Separator == "" {
		t.Separator = guess(text)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma(t.Separator), -1, true
	line := 0
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return t, errcode.With(errcode.SheetUnreadable, err)
		}
		// The reader passes over empty lines; they count.
		for at, _ := r.FieldPos(0); line < at-1 && len(cells) > 0 && !strings.Contains(strings.Join(cells, ""), "\n"); line++ {
			if err := t.take(nil); err != nil {
				return t, err
			}
		}
		line++
		if err := t.take(cells); err != nil {
			return t, err
		}
	}
	return t, t.end(nil)
}

// decode gives the text of a file in the encoding that was asked for, or that it is in.
func (t *Table) decode(raw []byte) (string, error) {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(raw, []byte(mark)) && len(raw)%2 == 0 {
			units := make([]uint16, 0, len(raw)/2)
			for i := 2; i+1 < len(raw); i += 2 {
				if mark[0] == 0xff {
					units = append(units, uint16(raw[i])|uint16(raw[i+1])<<8)
				} else {
					units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
				}
			}
			t.Encoding = "utf-16"
			return string(utf16.Decode(units)), nil
		}
	}
	marked := bytes.HasPrefix(raw, []byte("\xef\xbb\xbf"))
	if marked || t.Encoding == "utf-8" || t.Encoding != "gbk" && utf8.Valid(raw) {
		t.Encoding = "utf-8"
		return strings.ToValidUTF8(strings.TrimPrefix(string(raw), "\ufeff"), "\ufffd"), nil
	}
	t.Encoding = "gbk"
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	if err != nil || bytes.IndexByte(out, 0) >= 0 {
		return "", errcode.SheetUnreadable
	}
	return string(out), nil
}

func comma(name string) rune {
	switch name {
	case ";":
		return ';'
	case "tab":
		return '\t'
	}
	return ','
}

// guess takes the separator that stands most often in the first line.
func guess(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	best, most := ",", strings.Count(first, ",")
	for _, s := range []string{";", "tab"} {
		if n := strings.Count(first, string(comma(s))); n > most {
			best, most = s, n
		}
	}
	return best
}

func runs(text string) bool { return text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) }

// close makes a cell that no program runs; open takes that away again.
func closed(text string) string {
	if rest := strings.TrimLeft(text, "'"); runs(text) || rest != text && runs(rest) {
		return "'" + text
	}
	return text
}

func open(text string) string {
	if after, ok := strings.CutPrefix(text, "'"); ok && runs(strings.TrimLeft(after, "'")) {
		return after
	}
	return text
}

// WriteCSV writes rows with a byte order mark, which spreadsheet programs look for; or in GBK, where what it lacks becomes "?".
func WriteCSV(rows [][]string, gbk bool) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, c := range row {
			safe[i] = closed(c)
		}
		if err := w.Write(safe); err != nil {
			return nil, err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, err
	}
	if gbk {
		return simplifiedchinese.GB18030.NewEncoder().Bytes(out.Bytes())
	}
	return append([]byte("\xef\xbb\xbf"), out.Bytes()...), nil
}

// WriteXLSX writes rows as text, the first one bold and fixed.
func WriteXLSX(rows [][]string) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(w.SetColWidth(1, 10, 18), w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})); err != nil {
		return nil, err
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for j, c := range row {
			if cells[j] = closed(c); i == 0 {
				cells[j] = excelize.Cell{StyleID: bold, Value: c}
			}
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return nil, err
		}
		if err := w.SetRow(at, cells); err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = f.Write(&out)
	return out.Bytes(), err
}
