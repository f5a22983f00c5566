package contracts

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// exhibit is a version of a document that is judged: the last of versions. Those before it are good. Every device that has the bytes
// comes to the same, as far as it knows the same authority.
type exhibit struct {
	r        *watched
	x        *contract
	versions []flow.Version
	trust    verify.Trust
	tied     bool

	// signed are the fields of the version itself that hold a signature of whom the event names, sealed those with a seal.
	signed, sealed map[string]bool
	subject        string
	// unsure: whose the seals are is not known here yet.
	unsure bool
}

// tied reports whether the contract lies in a workspace, whose authority says who may use its seals.
func (x *contract) tied() bool { return x.kind == space.Contract }

func (e *exhibit) last() flow.Version { return e.versions[len(e.versions)-1] }

// before is how large the file was before this version, base how large it was when it was sent.
func (e *exhibit) before() int64 { return int64(e.versions[len(e.versions)-2].Size) }
func (e *exhibit) base() int64   { return int64(e.versions[0].Size) }

// examine says what is wrong; "" for nothing.
func (e *exhibit) examine() string {
	size := int64(e.last().Size)
	report, err := verify.File(io.NewSectionReader(e.r, 0, size), size, e.trust)
	if err != nil {
		return "it cannot be read: " + err.Error()
	}
	old, err := verify.File(io.NewSectionReader(e.r, 0, e.base()), e.base(), verify.Trust{Now: e.trust.Now})
	if err != nil {
		return "what was sent cannot be read: " + err.Error()
	}
	if report.Ambiguous && !old.Ambiguous || report.Repaired && !old.Repaired {
		return "readers may see different documents"
	}
	changes, err := verify.Since(io.NewSectionReader(e.r, 0, size), size, e.base())
	if err != nil {
		return "it cannot be compared: " + err.Error()
	}
	if why := mattering(changes); why != "" {
		return why
	}
	e.signed, e.sealed = map[string]bool{}, map[string]bool{}
	for i := range report.Signatures {
		s := &report.Signatures[i]
		if slices.ContainsFunc(old.Signatures, func(o verify.Signature) bool { return o.Field == s.Field }) {
			continue // who signed what was sent was there for everybody to see
		}
		if why := e.signature(s); why != "" {
			return fmt.Sprintf("signature %s: %s", s.Field, why)
		}
	}
	if why := e.complete(); why != "" {
		return why
	}
	return e.values(size)
}

func mattering(all []verify.Change) string {
	for _, c := range all {
		if c.Matters {
			return fmt.Sprintf("%s on page %d: %s", c.Kind, c.Page, c.Subject)
		}
	}
	return ""
}

// signature looks at one that is not in what was sent.
func (e *exhibit) signature(s *verify.Signature) string {
	v := e.last()
	if s.Integrity != verify.Intact {
		return string(s.Integrity) + " " + string(s.Why)
	}
	if why := mattering(s.Changes); why != "" {
		return why
	}
	switch {
	case s.End <= e.before():
		return "" // of a version that was judged
	case s.Document != (v.Act.What == flow.Preserved):
		return "it is none that the event tells of"
	case s.Document:
		return ""
	}
	if why := e.person(s); why != "" {
		return why
	}
	print := sha256.Sum256(s.Certificate.Raw)
	own := string(v.Act.Fingerprint) == string(print[:])
	if seal, is := e.impression(s.Field); is {
		if v.Act.What == flow.Sealed && !own {
			return "by another certificate than the event says"
		}
		if own {
			e.subject = s.Certificate.Subject.String()
		}
		e.sealed[s.Field] = true
		return e.seal(s, seal)
	}
	switch {
	case v.Act.What != flow.Signed || !e.own(s.Field):
		return "in a field that is not the party's"
	case !own:
		return "by another certificate than the event says"
	case s.SealStanding != verify.NoSeal:
		return "it shows a seal where none belongs"
	}
	e.signed[s.Field], e.subject = true, s.Certificate.Subject.String()
	return ""
}

// person: a certificate that names a person of ours by its ID names the one who acted. Of other authorities nobody here knows
// whom they mean; the certificate's subject is shown.
func (e *exhibit) person(s *verify.Signature) string {
	if s.Certificate == nil {
		return "without a certificate"
	}
	named := s.Certificate.Subject.SerialNumber
	_, err := wire.ParsePersonID(named)
	ours := err == nil || s.Standing == verify.Trusted || s.Standing == verify.Revoked
	if ours && named != e.last().Person.String() {
		return "the certificate names somebody else"
	}
	return ""
}

// impression is the seal that the event says was put into a field.
func (e *exhibit) impression(field string) (seal string, is bool) {
	a := e.last().Act
	if a.What == flow.Sealed && a.Field == field {
		return a.Seal, true
	}
	for _, i := range a.Seals {
		if a.What == flow.Signed && i.Field == field {
			return i.Seal, true
		}
	}
	return "", false
}

// seal: the signature shows the seal that the event names, by a certificate for it.
func (e *exhibit) seal(s *verify.Signature, want string) string {
	id, err := wire.ParseEventID(want)
	if err != nil || s.Seal == nil || !bytes.Equal(s.Seal.ID, id[:]) {
		return "it does not show the seal that the event names"
	}
	switch s.SealStanding {
	case verify.SealRightful:
		return ""
	case verify.SealUnknown:
		if !e.tied {
			return "" // nobody here knows whose seal it is; that its certificate is for it is certain
		}
		if len(e.trust.Roots) == 0 {
			e.unsure = true
			return ""
		}
	case verify.NoSeal, verify.SealWithoutRight, verify.SealRevoked:
	}
	return "the seal is used without right"
}

// own reports whether a field for a signature is the party's: one that was placed for it, or the one that shows nothing.
func (e *exhibit) own(field string) bool {
	party := e.last().Act.Party
	if f := e.x.field(field); f != nil {
		return f.Party == party && f.Type == flow.Signature
	}
	return isHidden(party, field)
}

// complete: all signatures and seals are there that the event tells of, and those without which the party cannot have acted.
func (e *exhibit) complete() string {
	a := e.last().Act
	for _, i := range a.Seals {
		if a.What == flow.Signed && !e.sealed[i.Field] {
			return "without the seal in " + i.Field
		}
	}
	switch {
	case a.What == flow.Sealed && !e.sealed[a.Field]:
		return "without the seal in " + a.Field
	case a.What == flow.Signed && len(e.signed) == 0:
		return "without a signature"
	case a.What != flow.Signed:
		return ""
	}
	all := e.allSealed()
	for _, f := range e.x.Sent.Fields {
		if f.Party == a.Party && f.Required && (f.Type == flow.Signature && !e.signed[f.ID] || f.Type == flow.Seal && !all[f.ID]) {
			return "nothing is in " + f.ID
		}
	}
	return ""
}

// allSealed are the fields with seals up to this version.
func (e *exhibit) allSealed() map[string]bool {
	out := map[string]bool{}
	for _, v := range e.versions {
		if v.Act == nil {
			continue
		}
		if v.Act.What == flow.Sealed {
			out[v.Act.Field] = true
		}
		for _, i := range v.Act.Seals {
			out[i.Field] = true
		}
	}
	return out
}

// values compares what stands in the fields: of who signed what they agreed to, of all others what was there when it was sent.
func (e *exhibit) values(size int64) string {
	was, err := verify.Filled(io.NewSectionReader(e.r, 0, e.base()), e.base())
	if err != nil {
		return "what was sent cannot be read: " + err.Error()
	}
	is, err := verify.Filled(io.NewSectionReader(e.r, 0, size), size)
	if err != nil {
		return "it cannot be read: " + err.Error()
	}
	agreed := e.agreed()
	for party := range agreed {
		if e.x.unreadable[party] {
			return "what was agreed to cannot be opened"
		}
	}
	for name := range was {
		if _, still := is[name]; !still {
			return "there is no field " + name
		}
	}
	for name, value := range is {
		f := e.x.field(name)
		var consent *flow.Consented
		if f != nil {
			consent = agreed[f.Party]
		}
		switch {
		case consent == nil:
			if value != was[name] {
				return "who has field " + name + " did not fill it"
			}
		case f.Type == flow.Initials:
			if f.Required && value == "" {
				return "no initials in " + name
			}
		case !slices.Contains(agreedValues(consent, f), value):
			return "another value in " + name + " than was agreed to"
		}
	}
	return ""
}

// agreed are the consents of those who signed, by party.
func (e *exhibit) agreed() map[uint8]*flow.Consented {
	out := map[uint8]*flow.Consented{}
	for _, v := range e.versions {
		if v.Act == nil || v.Act.What != flow.Signed {
			continue
		}
		if p := e.x.Party(v.Act.Party); p != nil {
			out[v.Act.Party] = p.Consent
		}
	}
	return out
}

// agreedValues are what may stand in a field when its party has signed. Files were bound by their names alone once.
func agreedValues(c *flow.Consented, f *flow.Field) []string {
	for _, one := range c.Files {
		if one.Field == f.ID && f.Type == flow.Attachment {
			return []string{attachedOf(one).Value(), one.Name}
		}
	}
	for _, v := range c.Values {
		switch {
		case v.Field != f.ID || !f.Type.ByValue():
		case f.Type == flow.Checkbox:
			return []string{"Yes"}
		default:
			return []string{v.Value}
		}
	}
	return []string{""}
}
