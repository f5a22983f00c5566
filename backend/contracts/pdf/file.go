package pdf

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// File is a file that was opened. It is for one goroutine.
type File struct {
	r     io.ReaderAt
	size  int64
	shift int64 // of places: bytes before the header, where places are counted from it
	table []entry
	freed []uint32 // by the table that is being read
	cache objectStreams

	// Version is that of the header, or of the catalog where it is later: "1.7".
	Version string
	// Trailer is what all trailers say together, the latest first.
	Trailer Dict
	// Sections are the cross-reference sections, the latest first; none if the file was rebuilt.
	Sections []Section
	// Rebuilt says that the cross-references were damaged and every object was looked for.
	Rebuilt bool
	// Ambiguous says that a dictionary that was read has a key twice; readers differ on what it means.
	Ambiguous bool
}

// Section is one cross-reference section: what one saving of the file added.
type Section struct {
	At      int64 // where it begins
	Stream  bool
	Trailer Dict
}

// entry says where an object is.
type entry struct {
	kind kind
	gen  uint16
	at   int64 // of an object; or the number of its object stream
	slot uint32
}

type kind uint8

const (
	absent kind = iota
	free
	plainly
	compressed
)

// Open reads the cross-references of a file.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &File{r: r, size: size}
	if err := f.header(); err != nil {
		return nil, err
	}
	err := f.readSections()
	if err == nil && !f.hasCatalog() {
		err = fmt.Errorf("%w: no catalog", ErrDamaged)
	}
	if err != nil && damaged(err) {
		if e := f.rebuild(); e != nil {
			return nil, e
		}
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if f.Trailer["Encrypt"] != nil {
		return nil, ErrEncrypted
	}
	if c, err := f.Catalog(); err != nil {
		return nil, err
	} else if v, ok := c["Version"].(Name); ok && string(v) > f.Version && len(v) == 3 {
		f.Version = string(v)
	}
	return f, nil
}

func (f *File) header() error {
	head := make([]byte, min(maxHeader+8, f.size))
	if _, err := f.r.ReadAt(head, 0); err != nil && int64(len(head)) < f.size {
		return fmt.Errorf("read PDF: %w", err)
	}
	at := bytes.Index(head, []byte("%PDF-"))
	if at < 0 || len(head) < at+8 {
		return ErrNotPDF
	}
	f.shift = int64(at)
	f.Version = string(head[at+5 : at+8])
	if _, err := strconv.ParseFloat(f.Version, 64); err != nil {
		return ErrNotPDF
	}
	return nil
}

// Size is how many bytes the file has.
func (f *File) Size() int64 { return f.size }

// Reader gives the bytes of the file.
func (f *File) Reader() io.Reader { return io.NewSectionReader(f.r, 0, f.size) }

// Objects is one more than the greatest object number.
func (f *File) Objects() uint32 { return uint32(len(f.table)) }

func (f *File) hasCatalog() bool {
	_, err := f.Catalog()
	return err == nil
}

// Catalog is the root of the document.
func (f *File) Catalog() (Dict, error) {
	d, err := f.Dict(f.Trailer["Root"])
	if err == nil && d["Pages"] == nil {
		err = fmt.Errorf("%w: no catalog", ErrDamaged)
	}
	return d, err
}

// Get gives an indirect object, nil if there is none of that number and generation.
func (f *File) Get(ref Ref) (Object, error) { return f.get(ref, 0) }

func (f *File) get(ref Ref, depth int) (Object, error) {
	if depth > maxDepth {
		return nil, ErrLimit
	}
	if int64(ref.Num) >= int64(len(f.table)) {
		return nil, nil
	}
	e := f.table[ref.Num]
	switch {
	case e.kind == plainly && e.gen == ref.Gen:
		o, err := f.indirectAt(e.at+f.shift, func(r Ref) (int64, bool) { return f.length(r, depth+1) })
		if err != nil {
			return nil, err
		}
		if o.ref != ref {
			return nil, fmt.Errorf("%w: object %d is not where it should be", ErrDamaged, ref.Num)
		}
		f.Ambiguous = f.Ambiguous || o.twice
		return o.value, nil
	case e.kind == compressed && ref.Gen == 0:
		return f.fromStream(uint32(e.at), ref.Num, depth+1)
	}
	return nil, nil
}

func (f *File) length(ref Ref, depth int) (int64, bool) {
	o, err := f.get(ref, depth)
	n, ok := o.(Int)
	return int64(n), ok && err == nil
}

// Resolve follows references to a value.
func (f *File) Resolve(o Object) (Object, error) {
	for range maxDepth {
		ref, is := o.(Ref)
		if !is {
			return o, nil
		}
		var err error
		if o, err = f.Get(ref); err != nil {
			return nil, err
		}
	}
	return nil, ErrLimit
}

// Dict is a dictionary, or that of a stream, behind references. Nothing gives an empty one.
func (f *File) Dict(o Object) (Dict, error) {
	o, err := f.Resolve(o)
	switch d := o.(type) {
	case Dict:
		return d, err
	case *Stream:
		return d.Dict, err
	case nil:
		return Dict{}, err
	}
	return nil, fmt.Errorf("%w: no dictionary", ErrDamaged)
}

// Array is an array behind references. Nothing gives an empty one.
func (f *File) Array(o Object) (Array, error) {
	o, err := f.Resolve(o)
	switch a := o.(type) {
	case Array:
		return a, err
	case nil:
		return Array{}, err
	}
	return nil, fmt.Errorf("%w: no array", ErrDamaged)
}

// Int is a whole number behind references.
func (f *File) Int(o Object) (int64, bool) {
	o, err := f.Resolve(o)
	n, ok := o.(Int)
	return int64(n), ok && err == nil
}
