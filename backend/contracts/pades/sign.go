package pades

import (
	"context"
	"crypto"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/pdf"
)

// Request says what one signature is.
type Request struct {
	// Field is the name of the signature field that is filled. If there is none of that name it is made, at Place.
	Field string
	Place Place
	// Look is what is drawn in the field; nil leaves the field as it is.
	Look *Look
	// Name, Reason, Location and Contact are what the signer says; readers show them as such.
	Name, Reason, Location, Contact string
	// At is the signer's clock. It proves nothing.
	At time.Time
	// Seal says that Look is that of a seal. The identity must have a certificate for it with these outlines (ErrSeal).
	Seal *SealClaim
	// Certify says what may change afterwards; only the first signature of a file can.
	Certify Changes
	// Lock names fields whose values nobody may change afterwards (FieldMDP, ISO 32000-2, 12.8.2.4).
	Lock []string
	// Authority stamps the time; nil makes level B-B.
	Authority *Authority
}

// Changes is what a certifying signature allows afterwards (ISO 32000-2, 12.8.2.2).
type Changes int

// The levels of DocMDP.
const (
	Uncertified    Changes = iota
	NoChanges              // no changes
	FillForms              // filling of forms, and signing
	FillAndComment         // and annotations
)

// Result says what was made.
type Result struct {
	// Stamp is the authority's time stamp, nil without one.
	Stamp *cms.TimeStamp
	// Digest is the SHA-256 (SHA-384 for a P-384 key) of what was signed.
	Digest []byte
	// Size is how many bytes the signed file has.
	Size int64
}

var (
	// ErrCertified says that a signature in the file forbids what is asked for.
	ErrCertified = errors.New("an earlier signature allows no such change")
	// ErrFieldTaken says that the field is signed already, or is no signature field.
	ErrFieldTaken = errors.New("the field is taken")
)

// Sign writes a signed copy of a file to out. If the authority cannot be reached nothing is
// written and the error says so: the caller may ask whether to sign without trusted time.
func Sign(ctx context.Context, f *pdf.File, out io.Writer, id Identity, r Request) (*Result, error) {
	a, err := id.algorithms()
	if err != nil {
		return nil, err
	}
	form, err := OpenForm(f)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(form.mayChange(), id.maySeal(r)); err != nil {
		return nil, err
	}
	room := a.room + len(id.certificates()) + 1024
	if r.Authority != nil {
		room += stampRoom
	}
	dict, holes := signature(r, room)
	value := form.update.Add(dict)
	if err := form.sign(r, value); err != nil {
		return nil, err
	}
	if r.Certify != Uncertified {
		if err := form.certify(r.Certify, value, dict); err != nil {
			return nil, err
		}
	}
	form.lock(r.Lock, dict)
	result := &Result{}
	make := func(digest []byte) ([]byte, error) {
		result.Digest = digest
		return id.detached(ctx, a, digest, r.Authority, result)
	}
	result.Size, err = seal(f, form.update, out, holes, a.hash, make)
	if err != nil {
		return nil, err
	}
	return result, nil
}

// holes are what is filled in when the rest of the file is written.
type holes struct{ signature, ranges *pdf.Hole }

// rangesRoom holds four numbers of ten digits and more.
const rangesRoom = 64

func newHoles(room int) holes {
	return holes{&pdf.Hole{Size: 2*room + 2}, &pdf.Hole{Size: rangesRoom}}
}

// signature is the dictionary of a signature (ISO 32000-2, 12.8.1).
func signature(r Request, room int) (pdf.Dict, holes) {
	h := newHoles(room)
	d := pdf.Dict{
		"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.CAdES.detached"),
		"ByteRange": h.ranges, "Contents": h.signature, "M": pdf.Date(r.At),
		"Prop_Build": pdf.Dict{"App": pdf.Dict{"Name": pdf.Name("Roundtable")}},
	}
	for key, text := range map[pdf.Name]string{"Name": r.Name, "Reason": r.Reason, "Location": r.Location, "ContactInfo": r.Contact} {
		if text != "" {
			d[key] = pdf.Text(text)
		}
	}
	if r.Seal != nil {
		d["RTSeal"] = pdf.Dict{"ID": pdf.String(r.Seal.ID), "Name": pdf.Text(r.Seal.Name)}
	}
	return d, h
}

// detached makes the signature of a digest, stamped if there is an authority.
func (id Identity) detached(ctx context.Context, a algorithms, digest []byte, authority *Authority, result *Result) ([]byte, error) {
	attributes, err := signedAttributes(a, id.Chain[0], digest)
	if err != nil {
		return nil, err
	}
	value, err := id.sign(a, attributes)
	if err != nil {
		return nil, err
	}
	var unsigned []byte
	if authority != nil {
		h := crypto.SHA256.New()
		h.Write(value)
		token, stamp, err := authority.Stamp(ctx, h.Sum(nil))
		if err != nil {
			return nil, err
		}
		result.Stamp = stamp
		if unsigned, err = set([]attribute{{cms.OIDTimeStampToken, []any{asn1.RawValue{FullBytes: token}}}}); err != nil {
			return nil, err
		}
	}
	return id.message(a, attributes, value, unsigned)
}

// seal writes the file, its update, and into the update's hole what is made of the digest of all the rest.
func seal(f *pdf.File, u *pdf.Update, out io.Writer, h holes, by crypto.Hash, make func([]byte) ([]byte, error)) (int64, error) {
	tail, err := u.Bytes()
	if err != nil {
		return 0, err
	}
	base, end := f.Size(), f.Size()+int64(len(tail))
	from, to := h.signature.At, h.signature.At+int64(h.signature.Size)
	ranges := fmt.Sprintf("[0 %d %d %d]", from, to, end-to)
	if len(ranges) > h.ranges.Size {
		return 0, pdf.ErrLimit
	}
	copy(tail[h.ranges.At-base:], ranges)
	sum := by.New()
	if err := digest(sum, f, tail[:from-base], tail[to-base:]); err != nil {
		return 0, err
	}
	message, err := make(sum.Sum(nil))
	if err != nil {
		return 0, err
	}
	hole := tail[from-base : to-base]
	if hex.EncodedLen(len(message))+2 > len(hole) {
		return 0, fmt.Errorf("sign PDF: %d bytes do not fit into %d", len(message), len(hole)/2-1)
	}
	for i := range hole {
		hole[i] = '0'
	}
	hole[0], hole[len(hole)-1] = '<', '>'
	hex.Encode(hole[1:], message)
	return end, copyWith(f, tail, out)
}

// copyWith writes a file with what is appended to it.
func copyWith(f *pdf.File, tail []byte, out io.Writer) error {
	if _, err := io.Copy(out, f.Reader()); err != nil {
		return fmt.Errorf("copy PDF: %w", err)
	}
	if _, err := out.Write(tail); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}

func digest(sum hash.Hash, f *pdf.File, parts ...[]byte) error {
	if _, err := io.Copy(sum, f.Reader()); err != nil {
		return fmt.Errorf("read PDF: %w", err)
	}
	for _, p := range parts {
		sum.Write(p)
	}
	return nil
}
