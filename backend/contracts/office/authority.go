package office

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"math/big"
	"slices"
	"time"

	"roundtable/backend/contracts/authority"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/signers"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

const (
	minMonths = 1
	maxMonths = 60
	// renewList is how old a list may be before whatever unlocks the root makes a new one; a list says for 90 days that it is the latest.
	renewList = 30 * 24 * time.Hour
)

// Reasons of a revocation (RFC 5280, 5.3.1).
const (
	KeyLost  = 1
	Left     = 3
	Replaced = 4
	NoNeed   = 5
)

// Found makes the root of a workspace, and an empty list of what is revoked. Errors: errcode.Forbidden, errcode.AuthorityFounded,
// errcode.NameInvalid, errcode.PassphraseTooShort.
func (o *Office) Found(ctx context.Context, workspace wire.SpaceID, organization, password string) error {
	o.acting.Lock()
	defer o.acting.Unlock()
	if err := o.owner(workspace); err != nil {
		return err
	}
	organization, err := cleanName(organization)
	if err != nil {
		return err
	}
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	if v.root != nil {
		return errcode.AuthorityFounded
	}
	var root *x509.Certificate
	var list []byte
	info, err := o.Signers.Make(ctx, signers.Wanted{
		Kind: signers.Root, Workspace: workspace, Person: o.Me.Person,
		Certify: func(k crypto.Signer) (_ []*x509.Certificate, err error) {
			if root, err = authority.NewRoot(k, organization, o.now()); err != nil {
				return nil, err
			}
			list, err = authority.List(root, k, 1, nil, o.now())
			return []*x509.Certificate{root}, err
		},
	}, password)
	if err != nil {
		return coded(err)
	}
	_, err = o.Log.Append(ctx, workspace, eventlog.Draft{Kind: Founded, Body: founded{Root: root.Raw}}, eventlog.Draft{Kind: Listed, Body: listed{List: list}})
	if err != nil {
		return errors.Join(err, o.Signers.Remove(ctx, info.ID))
	}
	return nil
}

// coded gives errors of the authority a code.
func coded(err error) error {
	switch {
	case errors.Is(err, authority.ErrName):
		return errcode.With(errcode.NameInvalid, err)
	case errors.Is(err, authority.ErrValidity):
		return errcode.With(errcode.InvalidArgument, err)
	}
	return err
}

// withRoot unlocks the root for what do does; o.acting is held. Errors: errcode.Forbidden, and those of Unlock.
func (o *Office) withRoot(ctx context.Context, workspace wire.SpaceID, password string, do func(v *view, k crypto.Signer) error) error {
	if err := o.owner(workspace); err != nil {
		return err
	}
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	id := o.rootKey(v)
	if id == "" {
		return errcode.Forbidden
	}
	who, err := o.Signers.Unlock(ctx, id, password)
	if err != nil {
		return err
	}
	return do(v, who.Key)
}

// Ask asks the authority for a certificate for a key of this person, the first one or the next.
// Errors: errcode.KeyMissing, errcode.InvalidArgument, errcode.NameEmpty, errcode.NameInvalid, errcode.NotMember.
func (o *Office) Ask(ctx context.Context, workspace wire.SpaceID, keyID, legalName, department, email string) error {
	if err := o.member(workspace); err != nil {
		return err
	}
	k, err := o.Signers.Info(keyID)
	if err != nil {
		return err
	}
	if k.Kind != signers.Person || k.Workspace != workspace {
		return errcode.InvalidArgument
	}
	body := asked{Request: k.Request}
	if body.Name, err = cleanName(legalName); err != nil {
		return err
	}
	if body.Department, err = cleanField(department, maxName); err != nil {
		return err
	}
	if body.Email, err = cleanField(email, maxEmail); err != nil {
		return err
	}
	_, err = o.say(ctx, workspace, eventlog.Draft{Kind: Asked, Body: body})
	return err
}

// Issue gives who asked a certificate. Errors: errcode.Forbidden, errcode.NotFound, errcode.InvalidArgument, errcode.SealForbidden for a seal
// that the person has no right to, and those of Unlock.
func (o *Office) Issue(ctx context.Context, workspace wire.SpaceID, id wire.EventID, verified string, months int, password string) error {
	o.acting.Lock()
	defer o.acting.Unlock()
	verified, err := cleanField(verified, maxReason)
	if err != nil {
		return err
	}
	if months < minMonths || months > maxMonths || verified == "" {
		return errcode.InvalidArgument
	}
	return o.withRoot(ctx, workspace, password, func(v *view, root crypto.Signer) error {
		r := v.request(id)
		if r == nil || r.done || !v.people[r.person].active {
			return errcode.NotFound
		}
		who, err := v.subject(r)
		if err != nil {
			return err
		}
		now := o.now()
		validity := min(now.AddDate(0, months, 0).Sub(now), authority.MaxValidity, v.root.NotAfter.Sub(now))
		c, err := authority.Issue(v.root, root, r.key, who, now, validity)
		if err != nil {
			return coded(err)
		}
		if _, err := o.say(ctx, workspace, eventlog.Draft{Kind: Issued, Body: issued{Request: id, Certificate: c.Raw, Verified: verified}}); err != nil {
			return err
		}
		if now.Sub(v.listed) > renewList {
			return o.relist(ctx, v, root)
		}
		return nil
	})
}

// subject is whom a certificate is to name. For a seal, the register has to grant what is asked for.
func (v *view) subject(r *request) (authority.Person, error) {
	who := authority.Person{Name: r.Name, Workspace: v.root.Subject.Organization[0], Department: r.Department, Email: r.Email, ID: r.person.String()}
	if r.Seal.IsZero() {
		return who, nil
	}
	s := v.seals[r.Seal]
	if s == nil || s.ended != nil || s.rights[r.person]&Use == 0 || r.Outlines != s.contentHash() {
		return who, errcode.SealForbidden
	}
	return authority.Person{
		Name: s.Name, Workspace: who.Workspace, ID: who.ID, Seal: &cms.SealRight{ID: r.Seal[:], Outlines: r.Outlines},
	}, nil
}

func (v *view) request(id wire.EventID) *request {
	i := slices.IndexFunc(v.requests, func(r *request) bool { return r.id == id })
	if i < 0 {
		return nil
	}
	return v.requests[i]
}

// Refuse says no to who asked. Errors: errcode.Forbidden, errcode.NotFound.
func (o *Office) Refuse(ctx context.Context, workspace wire.SpaceID, id wire.EventID, reason string) error {
	if err := o.owner(workspace); err != nil {
		return err
	}
	reason, err := cleanField(reason, maxReason)
	if err != nil {
		return err
	}
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	if r := v.request(id); r == nil || r.done {
		return errcode.NotFound
	}
	_, err = o.say(ctx, workspace, eventlog.Draft{Kind: Refused, Body: refused{Request: id, Reason: reason}})
	return err
}

// Revoke takes certificates back, by their serials. What is revoked stays so. Errors: errcode.Forbidden, errcode.NotFound, errcode.InvalidArgument for
// another reason than KeyLost, Left, Replaced and NoNeed, and those of Unlock.
func (o *Office) Revoke(ctx context.Context, workspace wire.SpaceID, serials []string, reason int, password string) error {
	o.acting.Lock()
	defer o.acting.Unlock()
	if reason != KeyLost && reason != Left && reason != Replaced && reason != NoNeed {
		return errcode.InvalidArgument
	}
	return o.withRoot(ctx, workspace, password, func(v *view, root crypto.Signer) error {
		var more []authority.Revocation
		for _, serial := range serials {
			c := v.bySerial[serial]
			if c == nil {
				return errcode.NotFound
			}
			if !v.isRevoked(c) {
				more = append(more, authority.Revocation{Serial: c.SerialNumber, At: o.now(), Reason: reason})
			}
		}
		if len(more) == 0 && o.now().Sub(v.listed) <= renewList {
			return nil
		}
		return o.relist(ctx, v, root, more...)
	})
}

// relist makes the next list: all that was revoked, and more.
func (o *Office) relist(ctx context.Context, v *view, root crypto.Signer, more ...authority.Revocation) error {
	all := more
	for serial, r := range v.revoked {
		n, ok := new(big.Int).SetString(serial, 10)
		if ok {
			all = append(all, authority.Revocation{Serial: n, At: r.at, Reason: r.reason})
		}
	}
	slices.SortFunc(all, func(a, b authority.Revocation) int { return a.Serial.Cmp(b.Serial) })
	number := v.number.Int64() + 1
	if !v.number.IsInt64() || number <= 0 {
		return errcode.InvalidArgument
	}
	list, err := authority.List(v.root, root, number, all, o.now())
	if err != nil {
		return err
	}
	_, err = o.say(ctx, v.workspace, eventlog.Draft{Kind: Listed, Body: listed{List: list}})
	return err
}

// handInfo binds a box to the root and the workspace.
func handInfo(v *view) []byte {
	sum := key.Hash("roundtable office root v1", v.workspace[:], v.root.Raw)
	return sum[:]
}

// Hand seals the root's key for the devices of another owner, or for further ones of this person. Errors: errcode.Forbidden, errcode.NotFound,
// and those of Unlock.
func (o *Office) Hand(ctx context.Context, workspace wire.SpaceID, person wire.PersonID, password string) error {
	o.acting.Lock()
	defer o.acting.Unlock()
	if err := o.owner(workspace); err != nil {
		return err
	}
	party, role, err := o.party(workspace, person)
	if err != nil {
		return err
	}
	if role < space.Owner {
		return errcode.Forbidden
	}
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	id := o.rootKey(v)
	if id == "" {
		return errcode.Forbidden
	}
	devices := map[wire.DeviceID][]byte{}
	for _, c := range party.Certificates {
		if c.Device != o.Log.Self() {
			devices[c.Device] = c.Seal
		}
	}
	if len(devices) == 0 {
		return errcode.NotFound
	}
	boxes, err := o.Signers.HandOver(ctx, id, password, handInfo(v), devices)
	if err != nil {
		return err
	}
	body := handed{To: person, Root: v.rootID()}
	for _, device := range sortedDevices(boxes) {
		body.Boxes = append(body.Boxes, box{device, boxes[device]})
	}
	if _, err := o.say(ctx, workspace, eventlog.Draft{Kind: Handed, Body: body}); err != nil {
		return err
	}
	return o.letIntoRegisters(ctx, workspace, party)
}

// offered is the box with the root's key for this device; nil without one.
func (o *Office) offered(v *view) []byte {
	for _, h := range slices.Backward(v.handed) {
		if h.To != o.Me.Person {
			continue
		}
		for _, b := range h.Boxes {
			if b.Device == o.Log.Self() {
				return b.Sealed
			}
		}
	}
	return nil
}

// Take keeps a root's key that was handed to this person, under a password of its own. Errors: errcode.NotFound, errcode.PassphraseTooShort.
func (o *Office) Take(ctx context.Context, workspace wire.SpaceID, password string) error {
	o.acting.Lock()
	defer o.acting.Unlock()
	if err := o.owner(workspace); err != nil {
		return err
	}
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	if v.root == nil || o.rootKey(v) != "" {
		return errcode.NotFound
	}
	sealed := o.offered(v)
	if sealed == nil {
		return errcode.NotFound
	}
	wanted := signers.Wanted{Workspace: workspace, Person: o.Me.Person}
	if _, err := o.Signers.TakeOver(ctx, o.Opener, o.Log.Self(), handInfo(v), sealed, v.root, wanted, password); err != nil {
		return err
	}
	_, err = o.say(ctx, workspace, eventlog.Draft{Kind: Taken, Body: taken{Root: v.rootID()}})
	return err
}
