package verify

import (
	"crypto/x509"
	"time"
)

// Report is all that there is to say of a file.
type Report struct {
	// Signatures in the order in which they were made.
	Signatures []Signature
	// Repaired says that the file's own directory is damaged and its content was looked for; readers may see another one.
	Repaired bool
	// Ambiguous says that the file says something twice, so that readers may differ.
	Ambiguous bool
	// Pages is how many there are.
	Pages int
	// Attached are the files beside the document that its fields name.
	Attached []Attached
}

// Integrity is whether the bytes that were signed are the bytes that are there.
type Integrity string

// The values of Integrity.
const (
	Intact Integrity = "intact"
	// Broken: not a single byte may differ, and some do; or what is signed cannot be told.
	Broken Integrity = "broken"
	// Unknown: by an algorithm or in a form that is not known here.
	Unknown Integrity = "unknown"
)

// Standing is what is known about a certificate.
type Standing string

// The values of Standing.
const (
	// Trusted: leads to a root that is trusted, and was valid at the time that counts.
	Trusted Standing = "trusted"
	// Untrusted: leads to nobody whom one trusts. The signature may still be good.
	Untrusted Standing = "untrusted"
	// Expired: was not valid at the time that counts.
	Expired Standing = "expired"
	// Revoked: was taken back before the time that counts.
	Revoked Standing = "revoked"
	// NotForSigning: the certificate is for something else.
	NotForSigning Standing = "not_for_signing"
)

// Signature is one signature or document time stamp.
type Signature struct {
	Field string
	// Document says that it is a time stamp over the document and nobody's signature.
	Document bool
	// What the signer said; nobody checked it.
	Name, Reason, Location, Contact string
	Claimed                         time.Time
	// Format is the SubFilter, such as ETSI.CAdES.detached.
	Format string

	Integrity Integrity
	// Why is the reason if it is not intact: a stable code.
	Why Why
	// Covers is how many bytes of the file it is over, without itself; End where its version of the file ends.
	Covers, End int64
	// Whole says that nothing was added after it.
	Whole bool

	// Certificate is the signer's, nil if there is none; Chain leads from it to a trusted root.
	Certificate *x509.Certificate
	Chain       []*x509.Certificate
	Standing    Standing
	// Root is the name of the root in [Trust] that it leads to.
	Root string
	// RevokedAt is when it was taken back, if it was.
	RevokedAt time.Time

	// Stamp is the trusted time, nil without one.
	Stamp *Stamp
	// Level is the PAdES level that was reached: "B-B", "B-T", "B-LT", "B-LTA"; empty for others.
	Level string
	// Allows is what a certifying signature allows afterwards (1: nothing, 2: forms, 3: and comments); 0 for others.
	Allows int

	// Seal is the seal that it shows, nil for none; SealStanding whether its signer may use it.
	Seal         *Seal
	SealStanding SealStanding

	// Changes are what was added after it, those that matter first.
	Changes []Change
}

// Stamp is a time stamp of an authority.
type Stamp struct {
	At          time.Time
	Certificate *x509.Certificate
	Standing    Standing
	Root        string
	// Why is set if the stamp is not about this signature or cannot be read.
	Why Why
}

// Good says whether a stamp proves its time.
func (s *Stamp) Good() bool { return s != nil && s.Why == "" && s.Standing == Trusted }

// Valid says whether a signature is whole, by somebody trusted who may use the seal that it shows, and nothing that matters was changed after it.
func (s *Signature) Valid() bool {
	if s.Integrity != Intact || s.Standing != Trusted || s.SealStanding != NoSeal && s.SealStanding != SealRightful {
		return false
	}
	for _, c := range s.Changes {
		if c.Matters {
			return false
		}
	}
	return true
}

// Why is a stable code for what is wrong.
type Why string

// The codes.
const (
	BytesChanged      Why = "bytes_changed"       // a byte that was signed is another one
	ValueBroken       Why = "value_broken"        // the signature does not belong to this content or certificate
	RangeOdd          Why = "range_odd"           // the signed ranges are not all of the file but the signature
	RangeShort        Why = "range_short"         // the signed ranges end within a version of the file
	HoleFilled        Why = "hole_filled"         // something lies where only the signature may be
	Wrapped           Why = "wrapped"             // the signature is not the one that its own version has in this field
	Malformed         Why = "malformed"           // cannot be read
	UnknownAlgorithm  Why = "unknown_algorithm"   // such as SM2
	UnknownFormat     Why = "unknown_format"      // a kind of signature that is not known here
	NoCertificate     Why = "no_certificate"      // the signer's certificate is missing
	CertificateNot    Why = "certificate_unbound" // the signature names another certificate
	StampForeign      Why = "stamp_foreign"       // the stamp is about something else
	StampMalformed    Why = "stamp_malformed"     // the stamp cannot be read
	SeveralSignatures Why = "several"             // one field holds several signatures
)

// Change is one thing that was added or changed after a signature.
type Change struct {
	Kind ChangeKind
	// Page is where, from 1; 0 if it is on none.
	Page int
	// Subject is a field's name, an annotation's kind, or a key of the file.
	Subject string
	// Before and After are a field's value.
	Before, After string
	// Matters says that it may change what somebody reads, or that the signature forbids it.
	Matters bool
}

// ChangeKind is what sort of change it is.
type ChangeKind string

// The kinds.
const (
	SignatureAdded    ChangeKind = "signature_added"
	EvidenceAdded     ChangeKind = "evidence_added"
	FieldFilled       ChangeKind = "field_filled"
	FieldAdded        ChangeKind = "field_added"
	FieldChanged      ChangeKind = "field_changed"
	FieldRemoved      ChangeKind = "field_removed"
	LookChanged       ChangeKind = "look_changed" // what a field or annotation looks like
	PageAdded         ChangeKind = "page_added"
	PageRemoved       ChangeKind = "page_removed"
	PageReplaced      ChangeKind = "page_replaced"
	ContentChanged    ChangeKind = "content_changed"
	AnnotationAdded   ChangeKind = "annotation_added"
	AnnotationRemoved ChangeKind = "annotation_removed"
	AnnotationChanged ChangeKind = "annotation_changed"
	DocumentChanged   ChangeKind = "document_changed" // a key of the catalog, such as scripts or layers
	InfoChanged       ChangeKind = "info_changed"     // title, author, metadata
	CatalogReplaced   ChangeKind = "catalog_replaced"
	Unreadable        ChangeKind = "unreadable" // it cannot be told what was changed
)
