package pades_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
)

// What only some files are, made from sound ones.
func TestOddFiles(t *testing.T) {
	o := newOffice(t)
	id := o.person(t, "李", p256(t))
	for name, data := range map[string][]byte{
		"junk behind the end": append(sample(t, "libreoffice.pdf"), "\r\n<!-- from the web -->\r\n\x00\x00"...),
		"hybrid":              hybrid(),
		"no cross-references": broken(t, "libreoffice.pdf"),
		"lost object streams": broken(t, "objstm.pdf"),
		"500 pages":           paper(500),
		"annotations":         annotated(),
		"20 revisions":        revised(t, 20),
		"PDF 2.0":             bytes.Replace(paper(1), []byte("%PDF-1.4"), []byte("%PDF-2.0"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			out := signed(t, data, id, pades.Request{
				Field: "签字", Place: pades.Place{Page: 1, X: 60, Y: 100, Width: 120, Height: 40}, Look: look(), At: time.Now(),
			})
			judge(t, out, 1)
			opensslAgrees(t, out, o.root)
			if f := open(t, out); f.Rebuilt {
				t.Error("the signed file is damaged")
			}
		})
	}
}

// Readers differ on whether places are counted from the header; a signature's range counts
// from the first byte. MuPDF does not find it then, so it is not asked.
func TestBytesBeforeTheHeader(t *testing.T) {
	o := newOffice(t)
	mail := "\x00\x00 mail\r\n"
	data := append([]byte(mail), sample(t, "libreoffice.pdf")...)
	out := signed(t, data, o.person(t, "李", p256(t)), pades.Request{Field: "签字", At: time.Now()})
	soundInPoppler(t, out, 1)
	opensslAgrees(t, out, o.root)
}

func TestTwentyRevisions(t *testing.T) {
	o := newOffice(t)
	id := o.person(t, "李", p256(t))
	for _, name := range []string{"libreoffice.pdf", "objstm.pdf"} {
		data := sample(t, name)
		for i := range 20 {
			data = signed(t, data, id, pades.Request{Field: fmt.Sprintf("第%d次", i), At: time.Now()})
		}
		judge(t, data, 20)
	}
}

func TestRefused(t *testing.T) {
	id := newOffice(t).person(t, "李", p256(t))
	data := sample(t, "libreoffice.pdf")
	encrypted := bytes.Replace(paper(1), []byte("/Root 1 0 R"), []byte("/Root 1 0 R/Encrypt<</Filter/Standard>>"), 1)
	if _, err := pdf.Open(bytes.NewReader(encrypted), int64(len(encrypted))); !errors.Is(err, pdf.ErrEncrypted) {
		t.Errorf("encrypted: %v", err)
	}
	try := func(data []byte, r pades.Request) error {
		_, err := pades.Sign(t.Context(), open(t, data), &bytes.Buffer{}, id, r)
		return err
	}
	for _, place := range []pades.Place{{Page: 3, Width: 1, Height: 1}, {Page: 1}, {Page: 1, X: 590, Width: 100, Height: 10}, {Page: -1, Width: 1, Height: 1, X: -4}} {
		if err := try(data, pades.Request{Field: "a", Place: place}); place.Page > 0 && !errors.Is(err, pades.ErrPlace) {
			t.Errorf("%+v: %v", place, err)
		}
	}
	once := signed(t, data, id, pades.Request{Field: "a"})
	if err := try(once, pades.Request{Field: "a"}); !errors.Is(err, pades.ErrFieldTaken) {
		t.Errorf("twice in a field: %v", err)
	}
	if err := try(once, pades.Request{Field: "b", Certify: pades.NoChanges}); !errors.Is(err, pades.ErrCertified) {
		t.Errorf("certified late: %v", err)
	}
	closed := signed(t, data, id, pades.Request{Field: "a", Certify: pades.NoChanges})
	judge(t, closed, 1)
	if err := try(closed, pades.Request{Field: "b"}); !errors.Is(err, pades.ErrCertified) {
		t.Errorf("after it was closed: %v", err)
	}
	open := signed(t, data, id, pades.Request{Field: "a", Certify: pades.FillForms})
	judge(t, signed(t, open, id, pades.Request{Field: "b"}), 2)
	id.Key = p256(t)
	if err := try(data, pades.Request{Field: "a"}); !errors.Is(err, pades.ErrKey) {
		t.Errorf("a key of somebody else: %v", err)
	}
}

// annotated is a file with annotations of several kinds, the list of them an object of its own on one page and none on the other.
func annotated() []byte {
	w := &writer{}
	w.WriteString("%PDF-1.7\n%\xe5\xe4\xf6\xfc\n")
	w.object("<</Type/Catalog/Pages 2 0 R>>")
	w.object("<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]/MediaBox[0 0 595 842]>>")
	w.object("<</Type/Page/Parent 2 0 R/Resources<<>>/Annots 5 0 R>>")
	w.object("<</Type/Page/Parent 2 0 R/Resources<<>>/Annots[8 0 R]>>")
	w.object("[6 0 R 7 0 R <</Type/Annot/Subtype/Link/Rect[10 10 50 50]/Border[0 0 0]/A<</S/URI/URI(https://example.com)>>>>]")
	w.object("<</Type/Annot/Subtype/Highlight/Rect[72 600 300 620]/QuadPoints[72 620 300 620 72 600 300 600]/C[1 1 0]/Contents<FEFF4E2D>/P 3 0 R/F 4/AP<</N 9 0 R>>>>")
	w.object("<</Type/Annot/Subtype/Popup/Parent 6 0 R/Rect[300 600 400 700]/P 3 0 R>>")
	w.object("<</Type/Annot/Subtype/FreeText/Rect[72 500 300 560]/DA(/Helv 12 Tf)/Contents(a note)/P 4 0 R/F 4/AP<</N 9 0 R>>>>")
	look := "1 1 0 rg 0 0 228 20 re f"
	w.object("<</Type/XObject/Subtype/Form/BBox[0 0 228 20]/Length %d>>\nstream\n%s\nendstream", len(look), look)
	w.table("")
	return w.Bytes()
}

// revised is a file that was saved so often by a program that appends.
func revised(t *testing.T, times int) []byte {
	t.Helper()
	data := annotated()
	for i := range times {
		f := open(t, data)
		u := f.Update()
		f.Trailer["Info"] = u.Add(pdf.Dict{"Title": pdf.Text(fmt.Sprintf("第%d版 𠮷䶮𬭎", i))})
		tail, err := u.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		data = append(bytes.Clone(data), tail...)
	}
	return data
}

// broken takes a file's way to its cross-references.
func broken(t *testing.T, name string) []byte {
	data := regexp.MustCompile(`startxref\s+\d+`).ReplaceAll(sample(t, name), []byte("startxref\n7"))
	return bytes.ReplaceAll(data, []byte("\nxref\n"), []byte("\nxrfe\n"))
}

// writer puts a file together object by object.
type writer struct {
	bytes.Buffer
	at []int
}

func (w *writer) object(format string, a ...any) {
	w.at = append(w.at, w.Len())
	fmt.Fprintf(w, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(w.at)}, a...)...)
}

func (w *writer) table(trailer string) {
	at := w.Len()
	fmt.Fprintf(w, "xref\n0 %d\n0000000000 65535 f\r\n", len(w.at)+1)
	for _, a := range w.at {
		fmt.Fprintf(w, "%010d 00000 n\r\n", a)
	}
	fmt.Fprintf(w, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF", len(w.at)+1, trailer, at)
}

// paper is a file of so many empty pages, without an end of its last line.
func paper(pages int) []byte {
	w := &writer{}
	w.WriteString("%PDF-1.4\n%\xe5\xe4\xf6\xfc\n")
	w.object("<</Type/Catalog/Pages 2 0 R>>")
	var kids bytes.Buffer
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", i+3)
	}
	w.object("<</Type/Pages/Count %d/Kids[%s]/MediaBox[0 0 595 842]>>", pages, kids.String())
	for range pages {
		w.object("<</Type/Page/Parent 2 0 R/Resources<<>>>>")
	}
	w.table("")
	return w.Bytes()
}

// hybrid is a file with a table for old readers, which calls the page free, and a stream that says where it is.
func hybrid() []byte {
	w := &writer{}
	w.WriteString("%PDF-1.5\n%\xe5\xe4\xf6\xfc\n")
	w.object("<</Type/Catalog/Pages 2 0 R>>")
	w.object("<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]>>")
	inner := "3 0 <</Type/Page/Parent 2 0 R/Resources<<>>>>"
	streamAt := w.Len()
	fmt.Fprintf(w, "4 0 obj\n<</Type/ObjStm/N 1/First 4/Length %d>>\nstream\n%s\nendstream\nendobj\n", len(inner), inner)
	hiddenAt := w.Len()
	rows := string([]byte{2, 0, 4, 0, 1, byte(streamAt >> 8), byte(streamAt), 0, 1, byte(hiddenAt >> 8), byte(hiddenAt), 0})
	fmt.Fprintf(w, "5 0 obj\n<</Type/XRef/W[1 2 1]/Index[3 3]/Size 6/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\n", len(rows), rows)
	at := w.Len()
	fmt.Fprintf(w, "xref\n0 6\n0000000000 65535 f\r\n%010d 00000 n\r\n%010d 00000 n\r\n", w.at[0], w.at[1])
	w.WriteString("0000000000 00000 f\r\n0000000000 00000 f\r\n0000000000 00000 f\r\n")
	fmt.Fprintf(w, "trailer\n<</Size 6/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", hiddenAt, at)
	return w.Bytes()
}
