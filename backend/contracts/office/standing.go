package office

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/seal"
	"roundtable/backend/contracts/signers"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// expiring is how long before its end a certificate is said to end soon.
const expiring = 30 * 24 * time.Hour

// State of a key's certificate, as the door says it.
const (
	none     = "none"
	waits    = "asked"
	denied   = "refused"
	valid    = "valid"
	ending   = "expiring"
	expired  = "expired"
	takeBack = "revoked"
)

func chain(c *certificate, v *view) []*x509.Certificate {
	return []*x509.Certificate{c.Certificate, v.root}
}

// standing tells the state of a key's certificate, and why it was refused.
func (v *view) standing(k signers.Info, now time.Time) (state, reason string) {
	state = none
	// The certificate of another root, from before an earlier founding came in, is none.
	if c := k.Certificate(); c != nil && (k.Kind == signers.Imported || v.signed(c)) {
		state = v.fitness(c, now)
	}
	if state == valid || state == ending {
		return state, ""
	}
	var last *request
	for _, r := range v.requests {
		if string(r.public) == string(k.Public) {
			last = r
		}
	}
	switch {
	case last == nil || last.done:
	case last.refusal != nil:
		state, reason = denied, last.refusal.Reason
	default:
		state = waits
	}
	return state, reason
}

// fitness of a certificate, whoever issued it. Of certificates that others issued only the dates are known.
func (v *view) fitness(c *x509.Certificate, now time.Time) string {
	if _, revoked := v.revoked[c.SerialNumber.String()]; revoked && v.signed(c) {
		return takeBack
	}
	switch {
	case now.After(c.NotAfter), now.Before(c.NotBefore):
		return expired
	case c.NotAfter.Sub(now) < expiring:
		return ending
	}
	return valid
}

// signed tells whether the root of the workspace signed a certificate.
func (v *view) signed(c *x509.Certificate) bool {
	had := v.bySerial[c.SerialNumber.String()]
	return had != nil && had.Equal(c)
}

// Standing refuses a certificate that cannot sign now: missing, before or after its time, or revoked. Whether its issuer is trusted is
// another question. Errors: errcode.CertificateUnfit.
func (o *Office) Standing(ctx context.Context, workspace wire.SpaceID, c *x509.Certificate) error {
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	if c == nil {
		return errcode.CertificateUnfit
	}
	if state := v.fitness(c, o.now()); state != valid && state != ending {
		return errcode.CertificateUnfit
	}
	return nil
}

// Unlock gives what a key signs with, if its certificate is good and, for a seal, the seal may be used. It is asked before every signature.
// Errors: errcode.KeyMissing, errcode.CertificateUnfit, errcode.SealForbidden, and those of [signers.Signers.Unlock].
func (o *Office) Unlock(ctx context.Context, keyID, password string) (pades.Identity, error) {
	if err := o.adopt(ctx); err != nil {
		return pades.Identity{}, err
	}
	k, err := o.Signers.Info(keyID)
	if err != nil {
		return pades.Identity{}, err
	}
	if k.Kind == signers.Root {
		return pades.Identity{}, errcode.KeyMissing // it signs certificates, and no documents
	}
	v, err := o.view(ctx, k.Workspace)
	if err != nil {
		return pades.Identity{}, err
	}
	if state, _ := v.standing(k, o.now()); state != valid && state != ending {
		return pades.Identity{}, errcode.CertificateUnfit
	}
	if k.Kind == signers.Seal {
		id, err := sealID(k.SealID)
		if err != nil {
			return pades.Identity{}, errcode.SealForbidden
		}
		if _, err := o.mayUse(v, id); err != nil {
			return pades.Identity{}, err
		}
	}
	return o.Signers.Unlock(ctx, keyID, password)
}

// mayUse gives a seal that this person may use now. Errors: errcode.SealForbidden.
func (o *Office) mayUse(v *view, id wire.EventID) (*sealState, error) {
	s := v.seals[id]
	if s == nil || s.ended != nil || s.rights[o.Me.Person]&Use == 0 || !v.people[o.Me.Person].active {
		return nil, errcode.SealForbidden
	}
	return s, nil
}

// Usable is a seal that this device may apply.
type Usable struct {
	ID, Name string
	// KeyID of this device's key for it, with a certificate that names the seal.
	KeyID string
	// Outlines is the SHA-256 that the certificate names, that of Look.Content.
	Outlines [32]byte
	Look     pades.Look
}

// SealFor gives a seal that this person may apply on this device: right, key, certificate and seal are good. Look is to be used as it is; a
// field of another size stretches it. Errors: errcode.SealForbidden.
func (o *Office) SealFor(ctx context.Context, workspace wire.SpaceID, id string) (Usable, error) {
	parsed, err := wire.ParseEventID(id)
	if err != nil {
		return Usable{}, errcode.With(errcode.SealForbidden, err)
	}
	if err := o.adopt(ctx); err != nil {
		return Usable{}, err
	}
	v, err := o.view(ctx, workspace)
	if err != nil {
		return Usable{}, err
	}
	s, err := o.mayUse(v, parsed)
	if err != nil {
		return Usable{}, err
	}
	k, state := o.sealKey(v, s)
	if state != valid && state != ending {
		return Usable{}, errcode.SealForbidden
	}
	d, err := s.drawing()
	if err != nil {
		return Usable{}, errcode.With(errcode.SealForbidden, err)
	}
	return Usable{ID: id, Name: s.Name, KeyID: k.ID, Outlines: s.contentHash(), Look: lookOf(d)}, nil
}

func lookOf(d seal.Drawing) pades.Look {
	return pades.Look{Width: d.Width, Height: d.Height, Content: d.PDF()}
}

// sealKey is the best key of this device for a seal, and the state of its certificate.
func (o *Office) sealKey(v *view, s *sealState) (best signers.Info, state string) {
	state = none
	order := []string{none, denied, expired, takeBack, waits, ending, valid}
	rank := func(state string) int {
		for i, x := range order {
			if x == state {
				return i
			}
		}
		return -1
	}
	for _, k := range o.Signers.List() {
		if k.Kind != signers.Seal || k.Workspace != v.workspace || k.SealID != sealHex(s.id) || k.Outlines != s.contentHash() {
			continue
		}
		if is, _ := v.standing(k, o.now()); best.ID == "" || rank(is) > rank(state) {
			best, state = k, is
		}
	}
	return best, state
}

// Holders are who may apply a seal, whom one can ask: with a certificate for it that is valid. The name is that of the seal.
// Errors: errcode.NotFound.
func (o *Office) Holders(ctx context.Context, workspace wire.SpaceID, id string) (name string, people []wire.PersonID, err error) {
	parsed, err := wire.ParseEventID(id)
	if err != nil {
		return "", nil, errcode.With(errcode.NotFound, err)
	}
	v, err := o.view(ctx, workspace)
	if err != nil {
		return "", nil, err
	}
	people = v.holders(parsed, o.now())
	switch named, there := v.names[parsed]; {
	case v.seals[parsed] != nil:
		name = v.seals[parsed].Name
	case there:
		name = named.Name
	case len(people) == 0:
		return "", nil, errcode.NotFound
	default:
		name = v.sealNameOf(parsed)
	}
	return name, people, nil
}

// sealNameOf is the name that certificates give a seal.
func (v *view) sealNameOf(id wire.EventID) string {
	for _, c := range v.issued {
		if c.seal == id {
			return c.Subject.CommonName
		}
	}
	return ""
}

// Trust is whom a workspace trusts for signatures: its root, what the root revoked, and the certificates of seals, by which a copied seal is known.
type Trust struct {
	Roots []verify.Root
	CRLs  [][]byte
	Seals []*x509.Certificate
}

// Trust gives what a judge needs of a workspace.
func (o *Office) Trust(ctx context.Context, workspace wire.SpaceID) (t Trust, err error) {
	v, err := o.view(ctx, workspace)
	if err != nil || v.root == nil {
		return t, err
	}
	t.Roots = []verify.Root{{Name: v.root.Subject.Organization[0], Certificate: v.root, Signs: true}}
	t.CRLs = v.keptLists()
	for _, c := range v.issued {
		if !c.seal.IsZero() {
			t.Seals = append(t.Seals, c.Certificate)
		}
	}
	return t, nil
}

// TrustAll is whom this device trusts: the authorities of all workspaces that it keeps, also past ones, and for times the one that was chosen.
func (o *Office) TrustAll(ctx context.Context) (t verify.Trust, err error) {
	rows, err := o.DB.Read().QueryContext(ctx, `SELECT space FROM office_space WHERE kind = ? ORDER BY space`, int64(space.Workspace))
	if err != nil {
		return t, store.Classify(err)
	}
	var all []wire.SpaceID
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return t, errors.Join(err, rows.Close())
		}
		all = append(all, wire.SpaceID(raw))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return t, err
	}
	for _, id := range all {
		one, err := o.Trust(ctx, id)
		if err != nil {
			return t, err
		}
		t.Roots, t.CRLs, t.Seals = append(t.Roots, one.Roots...), append(t.CRLs, one.CRLs...), append(t.Seals, one.Seals...)
	}
	t.Roots = append(t.Roots, o.times.stampRoots()...)
	return t, nil
}
