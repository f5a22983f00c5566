package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"roundtable/backend/contracts/pdf"
)

// ErrAbsent says that a PDF file carries no bundle.
var ErrAbsent = errors.New("no evidence is attached")

const (
	// maxAttachments bounds the attachments of a file, maxTree how deep their tree may be.
	maxAttachments = 4096
	maxTree        = 16
)

// Attachment is a file within a PDF file.
type Attachment struct {
	Name string
	// Relation is AFRelationship: Source, Data, Supplement and others.
	Relation string
	stream   *pdf.Stream
	f        *pdf.File
	r        io.ReaderAt
}

// Attachments lists those of a file by the tree of their names (ISO 32000-2, 7.11.4). A name that comes twice is one that readers differ on: ErrMalformed.
func Attachments(f *pdf.File, r io.ReaderAt) (map[string]Attachment, error) {
	catalog, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	names, err := f.Dict(catalog["Names"])
	if err != nil {
		return nil, err
	}
	out, left := map[string]Attachment{}, maxAttachments
	err = walk(f, names["EmbeddedFiles"], 0, &left, func(spec pdf.Dict) error {
		a := Attachment{f: f, r: r}
		for _, key := range []pdf.Name{"UF", "F"} {
			if s, err := f.Resolve(spec[key]); err == nil && a.Name == "" {
				if text, is := s.(pdf.String); is {
					a.Name = pdf.Words(text)
				}
			}
		}
		if n, is := spec["AFRelationship"].(pdf.Name); is {
			a.Relation = string(n)
		}
		ef, err := f.Dict(spec["EF"])
		if err != nil {
			return err
		}
		o, err := f.Resolve(ef["F"])
		s, is := o.(*pdf.Stream)
		if other := ef["UF"]; err != nil || !is || other != nil && other != ef["F"] {
			return fmt.Errorf("%w: attachment %q", ErrMalformed, a.Name)
		}
		if _, twice := out[a.Name]; twice {
			return fmt.Errorf("%w: attachment %q comes twice", ErrMalformed, a.Name)
		}
		a.stream = s
		out[a.Name] = a
		return nil
	})
	return out, err
}

func walk(f *pdf.File, node pdf.Object, depth int, left *int, visit func(pdf.Dict) error) error {
	if depth > maxTree {
		return pdf.ErrLimit
	}
	d, err := f.Dict(node)
	if err != nil {
		return err
	}
	list, err := f.Array(d["Names"])
	if err != nil {
		return err
	}
	for i := 1; i < len(list); i += 2 {
		if *left--; *left < 0 {
			return pdf.ErrLimit
		}
		spec, err := f.Dict(list[i])
		if err == nil {
			err = visit(spec)
		}
		if err != nil {
			return err
		}
	}
	kids, err := f.Array(d["Kids"])
	if err != nil {
		return err
	}
	for _, k := range kids {
		if *left--; *left < 0 {
			return pdf.ErrLimit
		}
		if err := walk(f, k, depth+1, left, visit); err != nil {
			return err
		}
	}
	return nil
}

// Bytes are all of an attachment.
func (a Attachment) Bytes() ([]byte, error) { return a.f.Decoded(a.stream) }

// Open reads an attachment in place where it lies open in the file, as the document in a certificate of ours does: it may be large.
func (a Attachment) Open() (*io.SectionReader, error) {
	if a.stream.Dict["Filter"] == nil && a.stream.Data == nil {
		return io.NewSectionReader(a.r, a.stream.At, a.stream.Size), nil
	}
	data, err := a.Bytes()
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data))), nil
}

// FromPDF reads the bundle that a certificate of evidence carries, and the document in it.
// Errors: ErrAbsent, ErrMalformed, those of package pdf.
func FromPDF(r io.ReaderAt, size int64) (b Bundle, document *io.SectionReader, err error) {
	f, err := pdf.Open(r, size)
	if err != nil {
		return b, nil, err
	}
	all, err := Attachments(f, r)
	if err != nil {
		return b, nil, err
	}
	if _, is := all[Manifest]; !is {
		return b, nil, ErrAbsent
	}
	b, err = Parse(func(name string) ([]byte, error) {
		a, is := all[name]
		if !is {
			return nil, ErrAbsent
		}
		return a.Bytes()
	})
	if err != nil {
		return b, nil, errors.Join(ErrMalformed, err)
	}
	a, is := all[b.Document.Name]
	if !is {
		return b, nil, fmt.Errorf("%w: the document is not attached", ErrMalformed)
	}
	document, err = a.Open()
	return b, document, err
}

// Judge says what a certificate of evidence proves; present is false for a file that is none. document is the one that
// it carries, to be checked like any other; nil when there is none to read.
func Judge(r io.ReaderAt, size int64) (v Verdict, document *io.SectionReader, present bool, err error) {
	b, document, err := FromPDF(r, size)
	switch {
	case errors.Is(err, ErrAbsent) && !errors.Is(err, ErrMalformed):
		return v, nil, false, nil
	case errors.Is(err, ErrMalformed):
		return Verdict{Why: Malformed, Number: b.Number, Contract: b.Contract, Title: b.Title, Document: b.Document}, nil, true, nil
	case err != nil:
		return v, nil, false, err
	}
	v, err = Check(b, document, document.Size())
	return v, document, true, err
}
