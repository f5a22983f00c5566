package contracts

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"os"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// maxCompared bounds the contracts that a document is looked for among.
const maxCompared = 2000

// TrustedFrom says whom signatures are trusted of: the authorities of all workspaces here, what they revoked, and the
// certificates of their seals. It is called once, before the door opens.
func (c *Contracts) TrustedFrom(trust func(ctx context.Context) (verify.Trust, error)) {
	c.documents.trust = trust
}

// TrustedIn says whom signatures are trusted of in one workspace. It is called once, before the door opens.
func (c *Contracts) TrustedIn(trust func(ctx context.Context, workspace wire.SpaceID) (verify.Trust, error)) {
	c.documents.trustIn = trust
}

// trust is whom this device trusts, and for time stamps the roots of this system besides.
func (c *Contracts) trust(ctx context.Context) (t verify.Trust, err error) {
	if c.documents.trust != nil {
		if t, err = c.documents.trust(ctx); err != nil {
			return t, err
		}
	}
	t.Now, t.SystemStamps = c.Clock.Now(), true
	return t, nil
}

// checkDocument judges an upload or the document of a contract. Errors: those of uploaded, version and openPaper.
func (c *Contracts) checkDocument(ctx context.Context, upload, contract string) (*v1.VerifyReport, error) {
	var name, path string
	if contract != "" {
		id, err := wire.ParseSpaceID(contract)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		x, err := c.contract(ctx, id)
		if err != nil {
			return nil, err
		}
		if path, err = c.versionOf(ctx, x, -1); err != nil {
			return nil, err
		}
		name = x.Sent.Document.Name
	} else {
		u, at, err := c.uploaded(ctx, upload)
		if err != nil {
			return nil, err
		}
		name, path = u.Name, at
	}
	t, err := c.trust(ctx)
	if err != nil {
		return nil, err
	}
	out, sum, err := judge(path, t)
	if err != nil {
		return nil, err
	}
	out.Name, out.ContractId = name, contract
	if contract == "" {
		out.ContractId, err = c.contractOf(ctx, sum)
	}
	if c.documents.proven != nil && err == nil {
		out.Evidence, err = c.documents.proven(ctx, path)
	}
	return out, err
}

// judge asks package verify about a file.
func judge(path string, t verify.Trust) (out *v1.VerifyReport, sum [32]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, sum, diskError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, sum, err
	}
	r, err := verify.File(f, info.Size(), t)
	if err != nil {
		return nil, sum, pdfError(err)
	}
	if sum, err = fileHash(path); err != nil {
		return nil, sum, err
	}
	out = &v1.VerifyReport{
		Size: info.Size(), Pages: int32(r.Pages), Sha256: hex.EncodeToString(sum[:]), Repaired: r.Repaired, Ambiguous: r.Ambiguous, Verdict: overall(r),
	}
	for i := range r.Signatures {
		out.Signatures = append(out.Signatures, signatureOut(&r.Signatures[i], t.Roots))
	}
	for _, a := range r.Attached {
		out.Attached = append(out.Attached, &v1.VerifiedAttachment{Field: a.Field, Name: a.Name, Sha256: hex.EncodeToString(a.SHA256[:]), Signature: int32(a.By)})
	}
	return out, sum, nil
}

// overall is the worst of what was found.
func overall(r *verify.Report) string {
	if len(r.Signatures) == 0 {
		return "unsigned"
	}
	order := []string{"valid", "valid_untrusted", "unknown", "changed", "broken"}
	people := slices.ContainsFunc(r.Signatures, func(s verify.Signature) bool { return !s.Document })
	worst := 0
	for i := range r.Signatures {
		one := verdictOf(&r.Signatures[i])
		if people && r.Signatures[i].Document && one == "valid_untrusted" {
			continue // a time that nobody vouches for takes nothing from those who signed
		}
		worst = max(worst, slices.Index(order, one))
	}
	if r.Ambiguous {
		worst = max(worst, slices.Index(order, "unknown")) // readers differ on what the file says
	}
	return order[worst]
}

func verdictOf(s *verify.Signature) string {
	matters := func(c verify.Change) bool { return c.Matters }
	switch {
	case s.Integrity == verify.Broken, s.SealStanding == verify.SealWithoutRight, s.Standing == verify.Revoked:
		return "broken" // somebody made it who may not: nobody should rely on it
	case slices.ContainsFunc(s.Changes, matters):
		return "changed"
	case s.Integrity != verify.Intact:
		return "unknown"
	case s.Valid():
		return "valid"
	}
	return "valid_untrusted"
}

func signatureOut(s *verify.Signature, roots []verify.Root) *v1.VerifiedSignature {
	out := &v1.VerifiedSignature{
		Field: s.Field, DocumentStamp: s.Document, Name: s.Name, Reason: s.Reason, Location: s.Location, ClaimedUnixMs: milli(s.Claimed),
		Format: s.Format, Integrity: string(s.Integrity), Why: string(s.Why), Whole: s.Whole, Valid: s.Valid(), Standing: string(s.Standing),
		Root: s.Root, RevokedUnixMs: milli(s.RevokedAt), Level: s.Level, Allows: int32(s.Allows), Seal: string(s.SealStanding),
	}
	if s.Seal != nil {
		out.SealName = s.Seal.Name
	}
	if c := s.Certificate; c != nil {
		sum := sha256.Sum256(c.Raw)
		out.Subject, out.Issuer, out.Fingerprint = named509(c.Subject.CommonName, c.Subject.String()), named509(c.Issuer.CommonName, c.Issuer.String()), hex.EncodeToString(sum[:])
		out.NotBeforeUnixMs, out.NotAfterUnixMs = milli(c.NotBefore), milli(c.NotAfter)
		if _, is := cms.SealOf(c); is && out.SealName == "" {
			out.SealName = c.Subject.CommonName
		}
	}
	if len(s.Chain) > 0 {
		out.Kind = kindOfRoot(s.Chain[len(s.Chain)-1], roots)
	}
	if s.Stamp != nil {
		out.StampedUnixMs, out.StampStanding, out.StampWhy = milli(s.Stamp.At), string(s.Stamp.Standing), string(s.Stamp.Why)
		if s.Stamp.Certificate != nil {
			out.StampAuthority = named509(s.Stamp.Certificate.Subject.CommonName, s.Stamp.Certificate.Subject.String())
		}
	}
	for _, c := range s.Changes {
		out.Changes = append(out.Changes, &v1.VerifiedChange{
			Kind: string(c.Kind), Page: int32(c.Page), Subject: c.Subject, Before: c.Before, After: c.After, Matters: c.Matters,
		})
	}
	return out
}

// kindOfRoot says whose root it is: an authority of a workspace here, or another one.
func kindOfRoot(root *x509.Certificate, roots []verify.Root) string {
	if slices.ContainsFunc(roots, func(r verify.Root) bool { return r.Signs && r.Certificate.Equal(root) }) {
		return "workspace"
	}
	return "ca"
}

// named509 is what a certificate calls somebody.
func named509(common, all string) string {
	if common != "" {
		return common
	}
	return all
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// contractOf finds the contract that has a document of this hash among its versions; "" if there is none.
func (c *Contracts) contractOf(ctx context.Context, sum [32]byte) (string, error) {
	all, err := c.rows(ctx, wire.SpaceID{})
	if err != nil {
		return "", err
	}
	slices.SortFunc(all, func(a, b *row) int { return int(b.changed - a.changed) })
	for _, r := range all[:min(len(all), maxCompared)] {
		x, err := c.contract(ctx, r.id)
		if err != nil {
			continue // one that cannot be read is not it
		}
		for _, v := range x.Versions {
			if v.SHA256 == sum {
				return r.id.String(), nil
			}
		}
	}
	return "", nil
}

// VerifyDocument implements ContractsService.
func (a API) VerifyDocument(ctx context.Context, r *v1.VerifyDocumentRequest) (*v1.VerifyReport, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return c.checkDocument(ctx, r.UploadId, r.ContractId)
}
