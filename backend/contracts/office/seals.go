package office

import (
	"bytes"
	"context"
	"crypto"
	"maps"
	"math"
	"slices"

	"roundtable/backend/contracts/seal"
	"roundtable/backend/contracts/signers"
	"roundtable/backend/envelope"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

func sortedDevices[T any](m map[wire.DeviceID]T) []wire.DeviceID {
	return slices.SortedFunc(maps.Keys(m), func(a, b wire.DeviceID) int { return bytes.Compare(a[:], b[:]) })
}

// MakeSeal puts a seal into the register of a workspace, which is begun with the first one. Who makes it manages it.
// Errors: errcode.Forbidden, errcode.NameInvalid.
func (o *Office) MakeSeal(ctx context.Context, workspace wire.SpaceID, name string, kind SealKind, d seal.Drawing) (id wire.EventID, err error) {
	o.acting.Lock()
	defer o.acting.Unlock()
	if err := o.owner(workspace); err != nil {
		return id, err
	}
	body, err := madeBody(name, kind, d)
	if err != nil {
		return id, err
	}
	register, err := o.register(ctx, workspace)
	if err != nil {
		return id, err
	}
	if id, err = o.say(ctx, register, eventlog.Draft{Kind: SealMade, Body: body}); err != nil {
		return id, err
	}
	_, err = o.say(ctx, workspace, eventlog.Draft{Kind: SealNamed, Body: sealNamed{Seal: id, Name: body.Name, Kind: kind}})
	return id, err
}

func madeBody(name string, kind SealKind, d seal.Drawing) (body sealMade, err error) {
	body = sealMade{Kind: kind, Content: d.PDF(), Width: int64(math.Round(d.Width * 1000)), Height: int64(math.Round(d.Height * 1000))}
	if body.Name, err = cleanName(name); err != nil {
		return body, err
	}
	// What others would not read is not written.
	if _, err := (&sealState{sealMade: body}).drawing(); err != nil {
		return body, errcode.With(errcode.SealTextTooLong, err)
	}
	return body, nil
}

// register gives the register that new seals go into, begun when there is none. Who has the root's key is in it.
func (o *Office) register(ctx context.Context, workspace wire.SpaceID) (wire.SpaceID, error) {
	all, err := o.registers(ctx, workspace)
	if err != nil {
		return wire.SpaceID{}, err
	}
	for _, id := range all {
		if o.role(id) >= space.Admin {
			return id, nil
		}
	}
	v, err := o.view(ctx, workspace)
	if err != nil {
		return wire.SpaceID{}, err
	}
	var adds []space.Add
	for person := range v.takers {
		if party, role, err := o.party(workspace, person); err == nil && role >= space.Owner && person != o.Me.Person {
			adds = append(adds, space.Add{Party: party, Role: space.Admin})
		}
	}
	c := space.Create{Kind: space.Register, Nonce: [16]byte(wire.Random(16)), Workspace: workspace, Parties: []space.Party{o.Me}}
	return o.Log.Create(ctx, c, adds)
}

// letIntoRegisters lets an owner who was given the root see what is granted, where this person may let somebody in.
func (o *Office) letIntoRegisters(ctx context.Context, workspace wire.SpaceID, party space.Party) error {
	all, err := o.registers(ctx, workspace)
	if err != nil {
		return err
	}
	for _, id := range all {
		if o.role(id) < space.Admin || party.Person == o.Me.Person {
			continue
		}
		if err := o.letIn(ctx, id, party, space.Admin); err != nil {
			return err
		}
	}
	return nil
}

// letIn makes somebody a member of a register with at least a role.
func (o *Office) letIn(ctx context.Context, register wire.SpaceID, party space.Party, role space.Role) error {
	var now space.Membership
	var since uint64
	err := o.Log.View(register, func(s *space.State) {
		var before bool
		if now, before = s.Member(party.Person); before {
			since = max(uint64(o.now().UnixMilli()), s.Return(party.Person))
		}
	})
	switch {
	case err != nil:
		return err
	case !now.Active:
		return o.Log.Change(ctx, register, space.Op{Add: &space.Add{Party: party, Role: role, Since: since}})
	case now.Role < role && o.role(register) >= space.Admin:
		return o.Log.Change(ctx, register, space.Op{SetRole: &space.SetRole{Person: party.Person, Role: role}})
	}
	return nil
}

// SetRight says what somebody may do with a seal. Errors: errcode.Forbidden, errcode.NotFound.
func (o *Office) SetRight(ctx context.Context, workspace wire.SpaceID, id wire.EventID, person wire.PersonID, rights Rights) error {
	o.acting.Lock()
	defer o.acting.Unlock()
	if err := o.member(workspace); err != nil {
		return err
	}
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	s := v.seals[id]
	body := sealRight{Seal: id, Person: person, Rights: rights}
	switch {
	case s == nil:
		return errcode.NotFound
	case rights > allRights:
		return errcode.InvalidArgument
	case s.ended != nil && rights&Use != 0, !s.may(o.Me.Person, body):
		return errcode.Forbidden
	}
	if s.rights[person] == rights {
		return nil
	}
	if rights != 0 {
		party, _, err := o.party(workspace, person)
		if err != nil {
			return err
		}
		role := space.Member
		if rights&Manage != 0 {
			role = space.Admin
		}
		if err := o.letIn(ctx, s.register, party, role); err != nil {
			return err
		}
	}
	if s.rights[person]&Manage != 0 && rights&Manage == 0 && person != o.Me.Person {
		body.Cuts = o.cuts(s.register, person)
	}
	if _, err := o.say(ctx, s.register, eventlog.Draft{Kind: SealRight, Body: body}); err != nil {
		return err
	}
	return o.letOut(ctx, workspace, s.register, person)
}

// cuts are the ends of somebody's feeds in a register, as far as they are here.
func (o *Office) cuts(register wire.SpaceID, person wire.PersonID) (out []cut) {
	devices := map[wire.DeviceID]bool{}
	_ = o.Log.View(register, func(s *space.State) {
		if m, ok := s.Member(person); ok {
			for _, c := range m.Certificates {
				devices[c.Device] = true
			}
		}
	})
	for f, seq := range o.Log.Frontier(register) {
		if f.Lane == envelope.Content && devices[f.Device] && len(out) < maxCuts {
			out = append(out, cut{f.Device, f.Start, seq})
		}
	}
	slices.SortFunc(out, func(a, b cut) int {
		if c := bytes.Compare(a.Device[:], b.Device[:]); c != 0 {
			return c
		}
		return int(min(max(int64(a.Start)-int64(b.Start), -1), 1))
	})
	return out
}

// letOut takes who has no right to any seal of a register out of it, unless this person is needed there for the root. It is not an error if that is
// not allowed: the rights are gone in any case.
func (o *Office) letOut(ctx context.Context, workspace, register wire.SpaceID, person wire.PersonID) error {
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	manages, any := false, v.takers[person]
	for _, s := range v.seals {
		if s.register == register {
			any = any || s.rights[person] != 0
			manages = manages || s.rights[person]&Manage != 0 || v.takers[person]
		}
	}
	if o.role(register) < space.Admin || person == o.Me.Person {
		return nil
	}
	var op space.Op
	_ = o.Log.View(register, func(s *space.State) {
		switch m, _ := s.Member(person); {
		case m.Active && !any:
			op.Remove = &space.Remove{Person: person}
		case m.Active && !manages && m.Role == space.Admin:
			op.SetRole = &space.SetRole{Person: person, Role: space.Member}
		}
	})
	if op.Remove == nil && op.SetRole == nil {
		return nil
	}
	if err := o.Log.Change(ctx, register, op); err != nil {
		o.Slog.Warn("somebody without rights stays in the register", "err", err)
	}
	return nil
}

// PrepareKey makes this device's key for a seal, and asks for its certificate. Where one waits already, nothing is done.
// Errors: errcode.SealForbidden, errcode.PassphraseTooShort.
func (o *Office) PrepareKey(ctx context.Context, workspace wire.SpaceID, id wire.EventID, password string) error {
	o.acting.Lock()
	defer o.acting.Unlock()
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	s, err := o.mayUse(v, id)
	if err != nil {
		return err
	}
	if _, state := o.sealKey(v, s); state == waits || state == valid {
		return nil
	}
	k, err := o.Signers.Make(ctx, signers.Wanted{
		Kind: signers.Seal, Workspace: workspace, Person: o.Me.Person, SealID: sealHex(id), Outlines: s.contentHash(),
	}, password)
	if err != nil {
		return err
	}
	name, err := cleanName(o.Name(ctx, workspace, o.Me.Person))
	if err != nil {
		name = s.Name
	}
	_, err = o.say(ctx, workspace, eventlog.Draft{Kind: Asked, Body: asked{Request: k.Request, Name: name, Seal: id, Outlines: s.contentHash(), SealName: s.Name}})
	return err
}

// EndSeal ends a seal for good. With the password of the root, where it is here, the certificates for it are revoked at once; else an owner is shown
// that they are to be revoked. Errors: errcode.Forbidden, errcode.NotFound, and those of Unlock.
func (o *Office) EndSeal(ctx context.Context, workspace wire.SpaceID, id wire.EventID, state, reason, password string) error {
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	s := v.seals[id]
	reason, err = cleanField(reason, maxReason)
	switch {
	case s == nil:
		return errcode.NotFound
	case err != nil:
		return err
	case s.rights[o.Me.Person]&Manage == 0 || s.ended != nil:
		return errcode.Forbidden
	}
	if password != "" { // a wrong one is found out before anything is said
		err := func() error {
			o.acting.Lock()
			defer o.acting.Unlock()
			return o.withRoot(ctx, workspace, password, func(*view, crypto.Signer) error { return nil })
		}()
		if err != nil {
			return err
		}
	}
	if _, err := o.say(ctx, s.register, eventlog.Draft{Kind: SealEnded, Body: sealEnded{Seal: id, State: state, Reason: reason}}); err != nil {
		return err
	}
	if password == "" {
		return nil
	}
	var serials []string
	for _, c := range v.issued {
		if c.seal == id && !v.isRevoked(c) {
			serials = append(serials, c.SerialNumber.String())
		}
	}
	if len(serials) == 0 {
		return nil
	}
	code := NoNeed
	if state == Lost {
		code = KeyLost
	}
	return o.Revoke(ctx, workspace, serials, code, password)
}

// Impression is one use of a seal.
type Impression struct {
	Seal     string
	Contract wire.SpaceID
	Title    string
	Document [32]byte
	// Asked is who asked for it; zero when the holder used it of itself.
	Asked  wire.PersonID
	Reason string
}

// RecordUse writes a use into the register, once for each document; when it returns nil, it is on disk.
// Errors: errcode.SealForbidden.
func (o *Office) RecordUse(ctx context.Context, workspace wire.SpaceID, u Impression) error {
	id, err := wire.ParseEventID(u.Seal)
	if err != nil {
		return errcode.With(errcode.SealForbidden, err)
	}
	v, err := o.view(ctx, workspace)
	if err != nil {
		return err
	}
	// A use is a fact, and is written down when the right is gone since.
	s := v.seals[id]
	if s == nil || s.ever[o.Me.Person]&Use == 0 {
		return errcode.SealForbidden
	}
	if s.recorded(u.Document, o.Me.Person) {
		return nil
	}
	title, err := cleanField(shortened(oneLine(u.Title), maxTitle), maxTitle)
	if err != nil {
		title = ""
	}
	// Who asked chooses these words: none of them keeps a use out of the register.
	reason, err := cleanField(shortened(oneLine(u.Reason), maxReason), maxReason)
	if err != nil {
		reason = ""
	}
	_, err = o.say(ctx, s.register, eventlog.Draft{Kind: SealUsed, Body: sealUsed{
		Seal: id, Contract: u.Contract, Title: title, Document: u.Document, Asked: u.Asked, Reason: reason,
	}})
	return err
}
