package verify

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/pdf"
)

// maxSignatures bounds the signatures of a file. Each one's version of the file is compared with the file.
const maxSignatures = 256

// File checks a file. An error means that it cannot be read as a PDF at all.
func File(r io.ReaderAt, size int64, trust Trust) (*Report, error) {
	f, err := pdf.Open(r, size)
	if err != nil {
		return nil, fmt.Errorf("check PDF: %w", err)
	}
	pages, err := f.Pages()
	if err != nil {
		return nil, fmt.Errorf("check PDF: %w", err)
	}
	all, err := fields(f)
	if err != nil {
		return nil, fmt.Errorf("check PDF: %w", err)
	}
	c := &checker{r: r, size: size, f: f, trust: &trust}
	c.store()
	for _, one := range all {
		if one.kind != "Sig" || one.value == nil {
			continue
		}
		if len(c.found) >= maxSignatures {
			return nil, pdf.ErrLimit
		}
		c.found = append(c.found, c.signature(one))
	}
	slices.SortStableFunc(c.found, func(a, b *found) int { return int(min(1, max(-1, a.End-b.End))) })
	report := &Report{Repaired: f.Rebuilt, Pages: len(pages)}
	for i, s := range c.found {
		c.sealed(s)
		c.compare(s)
		c.level(s, c.found[i+1:])
		report.Signatures = append(report.Signatures, s.Signature)
	}
	report.Ambiguous = f.Ambiguous
	if report.Attached, err = c.attached(all); err != nil {
		return nil, fmt.Errorf("check PDF: %w", err)
	}
	return report, nil
}

type checker struct {
	r     io.ReaderAt
	size  int64
	f     *pdf.File
	trust *Trust
	found []*found
	// known are certificates of seals, once they were looked for.
	known *[]*x509.Certificate
	// evidence is what the file's security store holds.
	evidence struct {
		certificates, crls [][]byte
	}
}

// found is a signature with what the check needs besides.
type found struct {
	Signature
	ref   pdf.Ref // of the field
	value pdf.Dict
	cms   *cms.SignedData
	// looks are what its field shows in its own version, allLooks also what that is made of.
	looks, allLooks [][32]byte
}

// signature checks one field's value.
func (c *checker) signature(one field) *found {
	s := &found{Signature: Signature{Field: one.name, Integrity: Broken, Standing: Untrusted}, ref: one.ref}
	var err error
	if s.value, err = c.f.Dict(one.value); err != nil {
		s.Why = Malformed
		return s
	}
	s.describe(c.f)
	contents, err := c.f.Resolve(s.value["Contents"])
	value, is := contents.(pdf.String)
	if err != nil || !is {
		s.Why = Malformed
		return s
	}
	ranges, why := c.ranges(s.value, value)
	if s.Why = why; why != "" {
		return s
	}
	s.Covers, s.End = ranges[1]+ranges[3], ranges[2]+ranges[3]
	s.Whole = s.End == c.size
	if s.Why = c.ownVersion(s); s.Why != "" {
		return s
	}
	switch s.Format {
	case "ETSI.CAdES.detached", "adbe.pkcs7.detached":
		c.detached(s, value, ranges)
	case "ETSI.RFC3161":
		s.Document = true
		c.documentStamp(s, value, ranges)
	default:
		s.Integrity, s.Why = Unknown, UnknownFormat
	}
	return s
}

func (s *found) describe(f *pdf.File) {
	text := func(key pdf.Name) string {
		o, err := f.Resolve(s.value[key])
		if v, is := o.(pdf.String); is && err == nil {
			return pdf.Words(v)
		}
		return ""
	}
	s.Name, s.Reason, s.Location, s.Contact = text("Name"), text("Reason"), text("Location"), text("ContactInfo")
	s.Claimed = date(text("M"))
	if n, is := s.value["SubFilter"].(pdf.Name); is {
		s.Format = string(n)
	}
	s.Allows = allows(f, s.value)
}

// allows reads the level of a certifying signature (ISO 32000-2, 12.8.2.2).
func allows(f *pdf.File, signature pdf.Dict) int {
	refs, err := f.Array(signature["Reference"])
	if err != nil || len(refs) > 16 {
		return 0
	}
	for _, ref := range refs {
		d, err := f.Dict(ref)
		if err != nil || d["TransformMethod"] != pdf.Name("DocMDP") {
			continue
		}
		params, err := f.Dict(d["TransformParams"])
		if err != nil {
			continue
		}
		if p, ok := f.Int(params["P"]); ok && p >= 1 && p <= 3 {
			return int(p)
		}
		return 2
	}
	return 0
}

// ranges checks that what is signed is all of a version of the file but the value itself.
func (c *checker) ranges(d pdf.Dict, value pdf.String) (r [4]int64, why Why) {
	a, err := c.f.Array(d["ByteRange"])
	if err != nil || len(a) != 4 {
		return r, RangeOdd
	}
	for i, o := range a {
		n, is := o.(pdf.Int)
		if !is || n < 0 || int64(n) > c.size {
			return r, RangeOdd
		}
		r[i] = int64(n)
	}
	if r[0] != 0 || r[1] >= r[2] || r[2]+r[3] > c.size || r[1] == 0 || r[3] == 0 {
		return r, RangeOdd
	}
	// The hole holds the value in hexadecimal and nothing else.
	hole := make([]byte, r[2]-r[1])
	if len(hole) != 2*len(value)+2 || len(hole) > 64<<20 {
		return r, HoleFilled
	}
	if n, _ := c.r.ReadAt(hole, r[1]); n < len(hole) {
		return r, RangeOdd
	}
	inner := make([]byte, len(value))
	if hole[0] != '<' || hole[len(hole)-1] != '>' {
		return r, HoleFilled
	}
	if _, err := hex.Decode(inner, hole[1:len(hole)-1]); err != nil || !bytes.Equal(inner, value) {
		return r, HoleFilled
	}
	return r, ""
}

// ownVersion opens the file as it was when the signature was made and looks whether the
// signature is in this field there, too.
func (c *checker) ownVersion(s *found) Why {
	tail := make([]byte, min(64, s.End))
	if n, _ := c.r.ReadAt(tail, s.End-int64(len(tail))); n < len(tail) || !strings.Contains(string(tail), "%%EOF") {
		return RangeShort
	}
	old, err := pdf.Open(io.NewSectionReader(c.r, 0, s.End), s.End)
	if err != nil || old.Rebuilt && !c.f.Rebuilt {
		return RangeShort
	}
	d, err := old.Dict(s.ref)
	if err != nil {
		return Wrapped
	}
	v, err := old.Dict(d["V"])
	if err != nil || !same(v["ByteRange"], s.value["ByteRange"]) || !same(v["Contents"], s.value["Contents"]) {
		return Wrapped
	}
	s.looks, s.allLooks = looksOf(old, d)
	return ""
}

func same(a, b pdf.Object) bool {
	x, err1 := pdf.Append(nil, a)
	y, err2 := pdf.Append(nil, b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// digest is over the two ranges.
func (c *checker) digest(h crypto.Hash, r [4]int64) ([]byte, error) {
	sum := h.New()
	for _, part := range [][2]int64{{0, r[1]}, {r[2], r[3]}} {
		if _, err := io.Copy(sum, io.NewSectionReader(c.r, part[0], part[1])); err != nil {
			return nil, fmt.Errorf("read PDF: %w", err)
		}
	}
	return sum.Sum(nil), nil
}

// detached checks a signature of a person.
func (c *checker) detached(s *found, value []byte, r [4]int64) {
	d, err := cms.Parse(value)
	if err != nil {
		s.Integrity, s.Why = failed(err)
		return
	}
	if len(d.Signers) != 1 || d.Content != nil {
		s.Why = SeveralSignatures
		return
	}
	s.cms = d
	signer := d.Signers[0]
	cert, ok := d.Certificate(signer)
	if !ok {
		s.Integrity, s.Why = Unknown, NoCertificate
		if d.Unreadable > 0 {
			s.Why = UnknownAlgorithm
		}
		return
	}
	s.Certificate = cert
	h, err := signer.DigestOf()
	if err != nil {
		s.Integrity, s.Why = failed(err)
		return
	}
	sum, err := c.digest(h, r)
	if err == nil {
		err = signer.Check(cert, sum, cms.OIDData)
	}
	if err != nil {
		s.Integrity, s.Why = failed(err)
		return
	}
	s.Integrity = Intact
	c.stampOf(s, signer)
	at := c.trust.Now
	if s.Stamp.Good() {
		at = s.Stamp.At
	}
	s.Standing, s.Chain, s.Root, s.RevokedAt = c.trust.standing(cert, c.between(d), c.lists(d), at, false)
}

// stampOf checks the time stamp of a signature's value.
func (c *checker) stampOf(s *found, signer cms.Signer) {
	v, ok := signer.Unsigned.Get(cms.OIDTimeStampToken)
	if !ok {
		return
	}
	t, err := cms.ParseTimeStamp(v.FullBytes)
	if err != nil {
		s.Stamp = &Stamp{Why: StampMalformed, Standing: Untrusted}
		return
	}
	h := t.Hash.New()
	h.Write(signer.Value)
	s.Stamp = c.stamp(t, h.Sum(nil))
}

func (c *checker) stamp(t *cms.TimeStamp, imprint []byte) *Stamp {
	out := &Stamp{At: t.At, Certificate: t.Authority}
	if !t.Stamps(imprint) {
		out.Why = StampForeign
	}
	out.Standing, _, out.Root, _ = c.trust.standing(t.Authority, c.between(t.Token), c.lists(t.Token), t.At, true)
	return out
}

// documentStamp checks a time stamp over the document.
func (c *checker) documentStamp(s *found, value []byte, r [4]int64) {
	t, err := cms.ParseTimeStamp(value)
	if err != nil {
		s.Integrity, s.Why = failed(err)
		return
	}
	sum, err := c.digest(t.Hash, r)
	if err != nil {
		s.Integrity, s.Why = failed(err)
		return
	}
	s.Stamp, s.Certificate = c.stamp(t, sum), t.Authority
	s.Standing, s.Root = s.Stamp.Standing, s.Stamp.Root
	if s.Integrity = Intact; s.Stamp.Why != "" {
		s.Integrity, s.Why = Broken, BytesChanged
	}
}

// failed says what an error of reading or checking means.
func failed(err error) (Integrity, Why) {
	switch {
	case errors.Is(err, cms.ErrUnknownAlgorithm):
		return Unknown, UnknownAlgorithm
	case errors.Is(err, cms.ErrMalformed):
		return Broken, Malformed
	case errors.Is(err, cms.ErrChanged):
		return Broken, BytesChanged
	case errors.Is(err, cms.ErrOtherCertificate):
		return Broken, CertificateNot
	}
	return Broken, ValueBroken
}

// date reads a date of a PDF; nothing if it is none.
func date(s string) time.Time {
	s = strings.TrimPrefix(s, "D:")
	s = strings.ReplaceAll(s, "'", "")
	for _, layout := range []string{"20060102150405Z0700", "20060102150405-0700", "20060102150405Z", "20060102150405", "200601021504", "20060102"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
