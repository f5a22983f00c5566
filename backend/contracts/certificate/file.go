package certificate

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"roundtable/backend/contracts/pdf"
)

// Attachment is a file that the certificate carries.
type Attachment struct {
	Name string
	// Type is the media type, such as application/json.
	Type string
	// Relation is AFRelationship: Source for the document, Data for the evidence.
	Relation string
	// Text says what it is.
	Text string
	Data io.Reader
	Size int64
}

// file writes objects one after the other.
type file struct {
	w   io.Writer
	at  int64
	xs  []int64 // where each object begins, from number 1
	err error
}

func (f *file) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	f.at += int64(n)
	return n, err
}

func (f *file) print(format string, a ...any) {
	if f.err == nil {
		_, f.err = fmt.Fprintf(f, format, a...)
	}
}

// number keeps the number of an object for later.
func (f *file) number() pdf.Ref {
	f.xs = append(f.xs, 0)
	return pdf.Ref{Num: uint32(len(f.xs))}
}

func (f *file) object(ref pdf.Ref, o pdf.Object) {
	text, err := pdf.Append(nil, o)
	if f.err == nil {
		f.err = err
	}
	f.xs[ref.Num-1] = f.at
	f.print("%d 0 obj\n%s\nendobj\n", ref.Num, text)
}

func (f *file) add(o pdf.Object) pdf.Ref {
	ref := f.number()
	f.object(ref, o)
	return ref
}

// stream writes a compressed stream.
func (f *file) stream(d pdf.Dict, data []byte) pdf.Ref {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(data); err != nil && f.err == nil {
		f.err = err
	}
	if err := z.Close(); err != nil && f.err == nil {
		f.err = err
	}
	d["Filter"] = pdf.Name("FlateDecode")
	return f.open(d, &packed, int64(packed.Len()))
}

// open writes a stream as it is.
func (f *file) open(d pdf.Dict, data io.Reader, size int64) pdf.Ref {
	ref := f.number()
	d["Length"] = pdf.Int(size)
	head, err := pdf.Append(nil, d)
	if f.err == nil {
		f.err = err
	}
	f.xs[ref.Num-1] = f.at
	f.print("%d 0 obj\n%s\nstream\n", ref.Num, head)
	if f.err == nil {
		var n int64
		n, f.err = io.Copy(f, io.LimitReader(data, size))
		if f.err == nil && n != size {
			f.err = fmt.Errorf("write attachment: %d bytes of %d: %w", n, size, io.ErrUnexpectedEOF)
		}
	}
	f.print("\nendstream\nendobj\n")
	return ref
}

// attach writes an attachment. The document (Source) lies open in the file, so that it can be read in place; evidence is compressed.
func (f *file) attach(a Attachment, made time.Time) pdf.Ref {
	d := pdf.Dict{
		"Type": pdf.Name("EmbeddedFile"), "Subtype": pdf.Name(a.Type),
		"Params": pdf.Dict{"Size": pdf.Int(a.Size), "ModDate": pdf.Date(made), "CreationDate": pdf.Date(made)},
	}
	var stream pdf.Ref
	if a.Relation == "Source" {
		stream = f.open(d, a.Data, a.Size)
	} else {
		data, err := io.ReadAll(io.LimitReader(a.Data, a.Size))
		if err == nil && int64(len(data)) != a.Size {
			err = io.ErrUnexpectedEOF
		}
		if f.err == nil && err != nil {
			f.err = fmt.Errorf("write attachment: %w", err)
		}
		stream = f.stream(d, data)
	}
	return f.add(pdf.Dict{
		"Type": pdf.Name("Filespec"), "F": pdf.Text(a.Name), "UF": pdf.Text(a.Name), "Desc": pdf.Text(a.Text),
		"AFRelationship": pdf.Name(a.Relation), "EF": pdf.Dict{"F": stream, "UF": stream},
	})
}

// end writes cross-references and trailer.
func (f *file) end(root, info pdf.Ref, id string) {
	at := f.at
	f.print("xref\n0 %d\n0000000000 65535 f\r\n", len(f.xs)+1)
	for _, x := range f.xs {
		f.print("%010d 00000 n\r\n", x)
	}
	sum := sha256.Sum256([]byte(id))
	name := pdf.String(sum[:16])
	trailer, err := pdf.Append(nil, pdf.Dict{"Size": pdf.Int(len(f.xs) + 1), "Root": root, "Info": info, "ID": pdf.Array{name, name}})
	if f.err == nil {
		f.err = err
	}
	f.print("trailer\n%s\nstartxref\n%d\n%%%%EOF\n", trailer, at)
}
