package verify

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"slices"
	"time"

	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/pdf"
)

// Seal is a seal that a signature shows.
type Seal struct {
	ID   []byte
	Name string
}

// SealStanding is what is known about the right to use a seal.
type SealStanding string

// The values of SealStanding.
const (
	// NoSeal: the signature shows none.
	NoSeal SealStanding = ""
	// SealRightful: by a certificate for this seal, with these outlines, of somebody trusted.
	SealRightful SealStanding = "right"
	// SealWithoutRight: the signature shows a seal, and its certificate is not for that seal or not for these outlines.
	SealWithoutRight SealStanding = "without_right"
	// SealRevoked: the certificate for the seal was taken back before.
	SealRevoked SealStanding = "revoked"
	// SealUnknown: nobody whom one trusts says who may use this seal.
	SealUnknown SealStanding = "unknown"
)

// maxLooks bounds the forms of an appearance that are looked at.
const maxLooks = 64

// looksOf gives the hashes of what a field's widgets show: the first of each is that of its own
// form, the others are of forms within it.
func looksOf(f *pdf.File, fieldDict pdf.Dict) (own, all [][32]byte) {
	widgets := []pdf.Dict{fieldDict}
	if kids, err := f.Array(fieldDict["Kids"]); err == nil && len(kids) <= maxLooks {
		for _, k := range kids {
			if d, err := f.Dict(k); err == nil {
				widgets = append(widgets, d)
			}
		}
	}
	left := maxLooks
	for _, w := range widgets {
		ap, err := f.Dict(w["AP"])
		if err != nil {
			continue
		}
		n, err := f.Resolve(ap["N"])
		if err != nil {
			continue
		}
		// A dictionary has an appearance for every state of a button; a signature has none of those, and readers show one all the same.
		forms := []pdf.Object{n}
		if states, is := n.(pdf.Dict); is {
			forms = nil
			for _, s := range states {
				forms = append(forms, s)
			}
		}
		for _, form := range forms {
			inner := formHashes(f, form, 0, &left)
			if len(inner) > 0 {
				own = append(own, inner[0])
			}
			all = append(all, inner...)
		}
	}
	return own, all
}

func formHashes(f *pdf.File, o pdf.Object, depth int, left *int) (out [][32]byte) {
	if *left--; *left < 0 || depth > 4 {
		return nil
	}
	v, err := f.Resolve(o)
	s, is := v.(*pdf.Stream)
	if err != nil || !is {
		return nil
	}
	data, err := f.Decoded(s)
	if err != nil {
		return nil
	}
	out = append(out, sha256.Sum256(data))
	resources, err := f.Dict(s.Dict["Resources"])
	if err != nil {
		return out
	}
	objects, err := f.Dict(resources["XObject"])
	if err != nil {
		return out
	}
	for _, inner := range objects {
		out = append(out, formHashes(f, inner, depth+1, left)...)
	}
	return out
}

// sealed says what there is to say of a seal that a signature shows. It shows one if it says so, if its look is
// that of a seal that is known, or if its certificate is for one.
func (c *checker) sealed(s *found) {
	claim := c.claim(s)
	known, isKnown := c.knownSeal(s, claim)
	var right cms.SealRight
	var rightful bool
	if s.Certificate != nil {
		right, rightful = cms.SealOf(s.Certificate)
	}
	switch {
	case rightful && (claim == nil || bytes.Equal(claim.ID, right.ID)):
		s.Seal = &Seal{ID: right.ID, Name: s.Certificate.Subject.CommonName}
	case claim != nil:
		s.Seal = claim
	case isKnown:
		s.Seal = &Seal{Name: known.Subject.CommonName}
	default:
		return
	}
	if isKnown {
		k, _ := cms.SealOf(known)
		s.Seal = &Seal{ID: k.ID, Name: known.Subject.CommonName}
	}
	named := rightful && bytes.Equal(right.ID, s.Seal.ID) && (claim == nil || bytes.Equal(claim.ID, right.ID)) &&
		len(s.looks) == 1 && s.looks[0] == right.Outlines
	switch {
	case s.Integrity != Intact:
		s.SealStanding = SealUnknown
	case !named:
		s.SealStanding = SealWithoutRight
	case s.Standing == Revoked:
		s.SealStanding = SealRevoked
	case isKnown && (len(s.Chain) == 0 || !c.sameRoot(known, s.Chain[len(s.Chain)-1])):
		// Another authority has nothing to say of this seal.
		s.SealStanding = SealWithoutRight
	case s.Standing == Trusted:
		s.SealStanding = SealRightful
	case s.Standing == Untrusted:
		s.SealStanding = SealUnknown
	default:
		s.SealStanding = SealWithoutRight
	}
}

// claim is the seal that a signature says it shows.
func (c *checker) claim(s *found) *Seal {
	if s.value["RTSeal"] == nil {
		return nil
	}
	d, err := c.f.Dict(s.value["RTSeal"])
	if err != nil {
		return &Seal{}
	}
	id, err := c.f.Resolve(d["ID"])
	raw, is := id.(pdf.String)
	if err != nil || !is || len(raw) > 32 {
		return &Seal{}
	}
	out := &Seal{ID: raw}
	if name, err := c.f.Resolve(d["Name"]); err == nil {
		if text, is := name.(pdf.String); is {
			out.Name = pdf.Words(text)
		}
	}
	return out
}

// knownSeal looks for the seal of a look, or of a claim, among the certificates that are known for sure.
func (c *checker) knownSeal(s *found, claim *Seal) (*x509.Certificate, bool) {
	var claimed *x509.Certificate
	for _, one := range c.seals() {
		right, _ := cms.SealOf(one)
		if slices.Contains(s.allLooks, right.Outlines) {
			return one, true
		}
		if claim != nil && bytes.Equal(claim.ID, right.ID) {
			claimed = one
		}
	}
	return claimed, claimed != nil
}

// seals are certificates of seals that lead to a trusted root: those that one knows, and those that the file brings.
func (c *checker) seals() []*x509.Certificate {
	if c.known != nil {
		return *c.known
	}
	list := c.trust.Seals
	for _, der := range c.evidence.certificates {
		if one, err := x509.ParseCertificate(der); err == nil {
			list = append(list[:len(list):len(list)], one)
		}
	}
	for _, s := range c.found {
		if s.cms != nil {
			list = append(list[:len(list):len(list)], s.cms.Certificates...)
		}
	}
	out := []*x509.Certificate{}
	for _, one := range list {
		if _, is := cms.SealOf(one); is && c.top(one) != nil {
			out = append(out, one)
		}
	}
	c.known = &out
	return out
}

// top is the trusted root that a certificate leads to. It asks for the end of its validity: what is known of a seal does not end with it.
func (c *checker) top(one *x509.Certificate) *x509.Certificate {
	standing, chain, _, _ := c.trust.standing(one, nil, nil, one.NotAfter.Add(-time.Second), false)
	if standing != Trusted || len(chain) == 0 {
		return nil
	}
	return chain[len(chain)-1]
}

func (c *checker) sameRoot(known, root *x509.Certificate) bool {
	top := c.top(known)
	return top != nil && top.Equal(root)
}
