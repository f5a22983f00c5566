package office

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/pem"
	"maps"
	"slices"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// maxShown bounds the certificates that are listed, the newest first; those that are to be revoked come in any case.
const maxShown = 2000

// Authority implements AuthorityService.
func (a API) Authority(ctx context.Context, r *v1.AuthorityRequest) (*v1.WorkspaceAuthority, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return o.authority(ctx, id)
}

// authorityAnswer shows an authority after something was done.
func (o *Office) authorityAnswer(ctx context.Context, id wire.SpaceID, err error) (*v1.WorkspaceAuthority, error) {
	if err != nil {
		return nil, err
	}
	o.Publish("authority:"+id.String(), "seals:"+id.String(), "signing_keys")
	return o.authority(ctx, id)
}

func (o *Office) authority(ctx context.Context, id wire.SpaceID) (*v1.WorkspaceAuthority, error) {
	v, err := o.view(ctx, id)
	if err != nil {
		return nil, err
	}
	owner := o.role(id) >= space.Owner
	out := &v1.WorkspaceAuthority{WorkspaceId: id.String(), CanFound: owner && v.root == nil}
	if v.root != nil {
		sum := v.rootID()
		out.Founded, out.Fingerprint = true, hex.EncodeToString(sum[:])
		out.RootPem = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: v.root.Raw}))
		out.NotAfterUnixMs, out.FoundedUnixMs = v.root.NotAfter.UnixMilli(), v.founded
		out.FounderName = o.Name(ctx, id, v.founder)
		out.HaveRoot = o.rootKey(v) != ""
		out.RootOffered = owner && !out.HaveRoot && o.offered(v) != nil
		if owner {
			out.OfferedTo = o.offeredTo(ctx, v)
		}
		out.Contested = v.contested
		for _, other := range v.others {
			sum := key.Digest(other.root.Raw)
			out.Others = append(out.Others, &v1.OtherRoot{
				Fingerprint: hex.EncodeToString(sum[:]), FoundedUnixMs: clock.Stamp(other.stamp).UnixMilli(), FounderName: o.Name(ctx, id, other.founder), Earlier: other.earlier,
			})
		}
		if !v.listed.IsZero() {
			out.ListUnixMs = v.listed.UnixMilli()
		}
		for _, p := range sortedPeople(v.takers) {
			if v.people[p].active {
				out.Holders = append(out.Holders, o.Name(ctx, id, p))
			}
		}
	}
	out.Requests = o.requestsOf(ctx, v, owner)
	for _, c := range slices.Backward(v.issued) {
		if (owner || c.person == o.Me.Person) && (len(out.Issued) < maxShown || o.toRevoke(v, c) != "") {
			out.Issued = append(out.Issued, o.issuedMessage(ctx, v, c))
		}
	}
	return out, nil
}

// offeredTo names those who have not taken the root's key that they were given.
func (o *Office) offeredTo(ctx context.Context, v *view) (out []string) {
	given := map[wire.PersonID]bool{}
	for _, h := range v.handed {
		if !v.takers[h.To] && v.people[h.To].active {
			given[h.To] = true
		}
	}
	for _, p := range sortedPeople(given) {
		out = append(out, o.Name(ctx, v.workspace, p))
	}
	return out
}

func sortedPeople[T any](m map[wire.PersonID]T) []wire.PersonID {
	return slices.SortedFunc(maps.Keys(m), func(a, b wire.PersonID) int { return bytes.Compare(a[:], b[:]) })
}

// requestsOf are the requests that wait: to an owner all, to others their own. Of several for one key the last one waits.
func (o *Office) requestsOf(ctx context.Context, v *view, owner bool) (out []*v1.CertificateRequest) {
	last := map[string]wire.EventID{}
	for _, r := range v.requests {
		last[string(r.public)] = r.id
	}
	for _, r := range v.requests {
		if r.done || r.refusal != nil || last[string(r.public)] != r.id || !v.people[r.person].active || !owner && r.person != o.Me.Person {
			continue
		}
		m := &v1.CertificateRequest{
			Id: r.id.String(), PersonId: r.person.String(), PersonName: o.Name(ctx, v.workspace, r.person), LegalName: r.Name,
			Department: r.Department, Email: r.Email, AskedUnixMs: clock.Stamp(r.stamp).UnixMilli(), SealName: r.SealName,
		}
		m.Algorithm, _ = key.DocumentPublic(r.key)
		if s := v.seals[r.Seal]; s != nil {
			m.SealName = s.Name // as the register has it, not as who asks says
		}
		out = append(out, m)
	}
	return out
}

func (o *Office) issuedMessage(ctx context.Context, v *view, c *certificate) *v1.IssuedCertificate {
	sum := key.Digest(c.Raw)
	m := &v1.IssuedCertificate{
		Serial: c.SerialNumber.String(), PersonId: c.person.String(), Name: c.Subject.CommonName, NotBeforeUnixMs: c.NotBefore.UnixMilli(),
		NotAfterUnixMs: c.NotAfter.UnixMilli(), Fingerprint: hex.EncodeToString(sum[:]), Verified: c.verified, ToRevoke: o.toRevoke(v, c),
	}
	if !c.by.IsZero() {
		m.IssuedBy = o.Name(ctx, v.workspace, c.by)
	}
	if !c.seal.IsZero() {
		m.SealName, m.Name = c.Subject.CommonName, o.Name(ctx, v.workspace, c.person)
	}
	if r, is := v.revoked[m.Serial]; is {
		m.RevokedUnixMs = r.at.UnixMilli()
	}
	return m
}

// toRevoke tells why a certificate that is valid should be taken back: its person left, its seal ended, or the right to it was taken away.
func (o *Office) toRevoke(v *view, c *certificate) string {
	s := v.seals[c.seal]
	switch {
	case v.isRevoked(c) || o.now().After(c.NotAfter):
		return ""
	case !v.people[c.person].active:
		return "left"
	case c.seal.IsZero() || s == nil:
		return ""
	case s.ended != nil:
		return "seal_" + s.ended.State
	case s.rights[c.person]&Use == 0:
		return "right_withdrawn"
	}
	return ""
}

// FoundAuthority implements AuthorityService.
func (a API) FoundAuthority(ctx context.Context, r *v1.FoundAuthorityRequest) (*v1.WorkspaceAuthority, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return o.authorityAnswer(ctx, id, o.Found(ctx, id, r.Organization, r.Password))
}

// IssueCertificate implements AuthorityService.
func (a API) IssueCertificate(ctx context.Context, r *v1.IssueCertificateRequest) (*v1.WorkspaceAuthority, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	request, err := wire.ParseEventID(r.RequestId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return o.authorityAnswer(ctx, id, o.Issue(ctx, id, request, r.Verified, int(r.Months), r.Password))
}

// RefuseCertificate implements AuthorityService.
func (a API) RefuseCertificate(ctx context.Context, r *v1.RefuseCertificateRequest) (*v1.WorkspaceAuthority, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	request, err := wire.ParseEventID(r.RequestId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return o.authorityAnswer(ctx, id, o.Refuse(ctx, id, request, r.Reason))
}

// RevokeCertificate implements AuthorityService.
func (a API) RevokeCertificate(ctx context.Context, r *v1.RevokeCertificateRequest) (*v1.WorkspaceAuthority, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return o.authorityAnswer(ctx, id, o.Revoke(ctx, id, []string{r.Serial}, int(r.Reason), r.Password))
}

// HandRoot implements AuthorityService.
func (a API) HandRoot(ctx context.Context, r *v1.HandRootRequest) (*v1.WorkspaceAuthority, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	person, err := wire.ParsePersonID(r.PersonId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return o.authorityAnswer(ctx, id, o.Hand(ctx, id, person, r.Password))
}

// TakeRoot implements AuthorityService.
func (a API) TakeRoot(ctx context.Context, r *v1.TakeRootRequest) (*v1.WorkspaceAuthority, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return o.authorityAnswer(ctx, id, o.Take(ctx, id, r.Password))
}
