package pdf_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"roundtable/backend/contracts/pdf"
)

func FuzzOpen(f *testing.F) {
	names, err := filepath.Glob("../pades/testdata/*.pdf")
	if err != nil || len(names) == 0 {
		f.Fatal("no samples", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		// Big ones only slow the fuzzer down.
		if len(data) < 16<<10 {
			f.Add(data)
		}
	}
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[2 0 R 3 0 R]>>endobj 3 0 obj<</Type/ObjStm/N 3 0 R/First 3 0 R/Length 3 0 R>>stream\nx\nendstream\nendobj trailer<</Root 1 0 R>>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		_, _ = file.Pages()
		for num := range min(file.Objects(), 200) {
			o, err := file.Get(pdf.Ref{Num: num})
			if s, is := o.(*pdf.Stream); is && err == nil {
				_, _ = file.Decoded(s)
			}
		}
		// What is appended is found again.
		u := file.Update()
		ref := u.Add(pdf.Dict{"Words": pdf.Text("好"), "N": pdf.Array{pdf.Int(1), pdf.Number(0.5), pdf.Name("a b")}})
		tail, err := u.Bytes()
		if err != nil {
			return
		}
		whole := append(bytes.Clone(data), tail...)
		again, err := pdf.Open(bytes.NewReader(whole), int64(len(whole)))
		if err != nil {
			return // an object that was not read before may be damaged
		}
		if o, err := again.Get(ref); !again.Rebuilt && err == nil {
			d, _ := o.(pdf.Dict)
			if s, _ := d["Words"].(pdf.String); pdf.Words(s) != "好" {
				t.Errorf("%v", o)
			}
		}
	})
}
