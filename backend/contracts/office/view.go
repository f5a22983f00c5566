package office

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/seal"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// view is what counts in a workspace. It does not change once it is made.
type view struct {
	workspace wire.SpaceID
	people    map[wire.PersonID]person
	// root is nil before the authority was founded.
	root    *x509.Certificate
	founder wire.PersonID
	founded int64
	// contested: there is an earlier root than the one that this device has relied on.
	contested bool
	others    []otherRoot // what else owners founded, the earliest first, at most maxOthers
	requests  []*request  // the first asked first
	issued    []*certificate
	bySerial  map[string]*certificate
	revoked   map[string]revocation // by serial
	lists     []*x509.RevocationList
	number    *big.Int // the highest of a list
	listed    time.Time
	handed    []handed
	takers    map[wire.PersonID]bool
	names     map[wire.EventID]sealNamed
	seals     map[wire.EventID]*sealState
}

type person struct {
	owner  bool // is or was
	active bool
}

// request is somebody's wish for a certificate.
type request struct {
	asked
	id      wire.EventID
	person  wire.PersonID
	stamp   int64
	public  []byte // SubjectPublicKeyInfo
	key     any
	done    bool
	refusal *refused
}

// certificate is one that the root signed.
type certificate struct {
	*x509.Certificate
	person   wire.PersonID
	by       wire.PersonID
	verified string
	seal     wire.EventID // zero for a person's own
	outlines [32]byte
	stamp    int64
}

type revocation struct {
	at     time.Time
	reason int
}

// proofs remembers which bytes a root signed: to ask again costs more than all the rest.
type proofs struct {
	mu  sync.Mutex
	all map[[32]byte]bool
}

// maxProofs bounds what is remembered; beyond it, all is asked again.
const maxProofs = 200_000

// hold tells whether what somebody signed verifies.
func (p *proofs) hold(by, der []byte, check func() bool) bool {
	name := key.Hash("roundtable office proof", by, der)
	p.mu.Lock()
	known, there := p.all[name]
	p.mu.Unlock()
	if there {
		return known
	}
	holds := check()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.all) >= maxProofs {
		clear(p.all)
	}
	p.all[name] = holds
	return holds
}

// view gives what counts in a workspace now. Errors: the store's.
func (o *Office) view(ctx context.Context, workspace wire.SpaceID) (*view, error) {
	o.mu.Lock()
	v, there := o.views[workspace]
	turn := o.turn
	o.mu.Unlock()
	if there {
		return v, nil
	}
	v = &view{workspace: workspace, revoked: map[string]revocation{}, bySerial: map[string]*certificate{}, takers: map[wire.PersonID]bool{}, names: map[wire.EventID]sealNamed{},
		seals: map[wire.EventID]*sealState{}, number: new(big.Int)}
	var err error
	if v.people, err = o.peopleOf(ctx, workspace); err != nil {
		return nil, err
	}
	all, err := o.saidIn(ctx, workspace)
	if err != nil {
		return nil, err
	}
	if v.judge(all, o.pins(workspace), &o.proofs); v.contested {
		o.Slog.Warn("an earlier root was founded than the one that was relied on; it does not count here", "workspace", workspace)
	}
	registers, err := o.registers(ctx, workspace)
	if err != nil {
		return nil, err
	}
	for _, id := range registers {
		all, err := o.saidIn(ctx, id)
		if err != nil {
			return nil, err
		}
		for id, s := range judged(all, func(p wire.PersonID) bool { return v.people[p].owner }) {
			v.seals[id] = s
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if turn == o.turn { // nothing was said meanwhile
		o.views[workspace] = v
	}
	return v, nil
}

func (o *Office) peopleOf(ctx context.Context, id wire.SpaceID) (map[wire.PersonID]person, error) {
	rows, err := o.DB.Read().QueryContext(ctx, `SELECT person, peak, active FROM office_member WHERE space = ?`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.PersonID]person{}
	for rows.Next() {
		var raw []byte
		var peak int
		var p person
		if err := rows.Scan(&raw, &peak, &p.active); err != nil {
			return nil, err
		}
		p.owner = space.Role(peak) >= space.Owner
		out[wire.PersonID(raw)] = p
	}
	return out, rows.Err()
}

// registers are those of a workspace that this device keeps and belongs to, the first by ID.
func (o *Office) registers(ctx context.Context, workspace wire.SpaceID) (out []wire.SpaceID, err error) {
	rows, err := o.DB.Read().QueryContext(ctx, `SELECT s.space FROM office_space s JOIN office_member m ON m.space = s.space
		WHERE s.kind = ? AND s.workspace = ? AND m.person = ? AND m.active ORDER BY s.space`, int64(space.Register), workspace[:], o.Me.Person[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		out = append(out, wire.SpaceID(raw))
	}
	return out, rows.Err()
}

func (o *Office) saidIn(ctx context.Context, id wire.SpaceID) (out []said, err error) {
	rows, err := o.DB.Read().QueryContext(ctx, `SELECT stamp, device, start, seq, id, person, kind, body FROM office_said
		WHERE space = ? ORDER BY stamp, device, start, seq`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		e := said{space: id}
		var device, event, person, body []byte
		var start, seq int64
		var kind string
		if err := rows.Scan(&e.stamp, &device, &start, &seq, &event, &person, &kind, &body); err != nil {
			return nil, err
		}
		e.device, e.id, e.person = wire.DeviceID(device), wire.EventID(event), wire.PersonID(person)
		e.start, e.seq, e.kind, e.body = uint64(start), uint64(seq), eventKind(kind), body
		out = append(out, e)
	}
	return out, rows.Err()
}

// judge takes what was said in the workspace, in order.
func (v *view) judge(all []said, pins []pin, p *proofs) {
	v.choose(all, pins, p)
	byRequest := map[wire.EventID]*request{}
	for _, e := range all {
		switch {
		case e.kind == Asked:
			read(e.body, func(b *asked) bool {
				if r := readRequest(e, *b, p); r != nil {
					byRequest[e.id] = r
					v.requests = append(v.requests, r)
				}
				return true
			})
		case e.kind == SealNamed && v.people[e.person].owner:
			read(e.body, func(b *sealNamed) bool { v.names[b.Seal] = *b; return true })
		case v.root == nil:
		case e.kind == Issued:
			read(e.body, func(b *issued) bool { v.issue(e, *b, byRequest, p); return true })
		case e.kind == Listed:
			read(e.body, func(b *listed) bool { v.list(b.List, p); return true })
		case e.kind == Refused && v.people[e.person].owner:
			read(e.body, func(b *refused) bool {
				if r := byRequest[b.Request]; r != nil {
					r.refusal = b
				}
				return true
			})
		case e.kind == Handed && v.people[e.person].owner:
			read(e.body, func(b *handed) bool {
				if b.Root == v.rootID() {
					v.handed = append(v.handed, *b)
				}
				return true
			})
		case e.kind == Taken && v.people[e.person].owner:
			read(e.body, func(b *taken) bool {
				if b.Root == v.rootID() {
					v.takers[e.person] = true
				}
				return true
			})
		}
	}
}

func (v *view) rootID() [32]byte { return sha256.Sum256(v.root.Raw) }

// found takes a root that vouches for itself.
func (v *view) found(e said, b founded) {
	c := readRoot(b)
	if c == nil {
		return
	}
	v.root, v.founder, v.founded = c, e.person, clock.Stamp(e.stamp).UnixMilli()
	v.takers[e.person] = true
}

// readRoot reads a root that vouches for itself; nil for any other.
func readRoot(b founded) *x509.Certificate {
	c, err := x509.ParseCertificate(b.Root)
	if err != nil || !c.IsCA || c.CheckSignatureFrom(c) != nil || len(c.Subject.Organization) == 0 {
		return nil
	}
	if _, err := key.DocumentPublic(c.PublicKey); err != nil {
		return nil
	}
	return c
}

// readRequest takes a request that its key signed, for the person who asks. Nil for any other.
func readRequest(e said, b asked, p *proofs) *request {
	c, err := x509.ParseCertificateRequest(b.Request)
	if err != nil || c.Subject.SerialNumber != e.person.String() {
		return nil
	}
	if _, err := key.DocumentPublic(c.PublicKey); err != nil {
		return nil
	}
	if !p.hold(nil, b.Request, func() bool { return c.CheckSignature() == nil }) {
		return nil
	}
	return &request{asked: b, id: e.id, person: e.person, stamp: e.stamp, public: c.RawSubjectPublicKeyInfo, key: c.PublicKey}
}

// issue takes a certificate of the root. What is said about it counts from owners, the first.
func (v *view) issue(e said, b issued, requests map[wire.EventID]*request, p *proofs) {
	c, err := x509.ParseCertificate(b.Certificate)
	if err != nil || c.IsCA || !p.hold(v.root.Raw, c.Raw, func() bool { return c.CheckSignatureFrom(v.root) == nil }) {
		return
	}
	who, err := wire.ParsePersonID(c.Subject.SerialNumber)
	if err != nil {
		return
	}
	one := &certificate{Certificate: c, person: who, stamp: e.stamp}
	if right, is := cms.SealOf(c); is && len(right.ID) == len(one.seal) {
		one.seal, one.outlines = wire.EventID(right.ID), right.Outlines
	}
	if v.people[e.person].owner {
		one.by, one.verified = e.person, b.Verified
		if r := requests[b.Request]; r != nil && string(r.public) == string(c.RawSubjectPublicKeyInfo) {
			r.done = true
		}
	}
	switch had := v.bySerial[c.SerialNumber.String()]; {
	case had == nil:
		v.issued, v.bySerial[c.SerialNumber.String()] = append(v.issued, one), one
	case had.Equal(c) && had.by.IsZero():
		*had = *one
	}
}

// list takes a list of the root: what any list names is revoked, from the earliest time that one says.
func (v *view) list(der []byte, p *proofs) {
	l, err := x509.ParseRevocationList(der)
	if err != nil || l.Number == nil || !p.hold(v.root.Raw, der, func() bool { return l.CheckSignatureFrom(v.root) == nil }) {
		return
	}
	for _, e := range l.RevokedCertificateEntries {
		serial := e.SerialNumber.String()
		if had, there := v.revoked[serial]; !there || e.RevocationTime.Before(had.at) {
			v.revoked[serial] = revocation{e.RevocationTime, e.ReasonCode}
		}
	}
	if len(v.lists) == 0 || l.Number.Cmp(v.number) > 0 {
		v.number, v.listed = l.Number, l.ThisUpdate
	}
	v.lists = append(v.lists, l)
}

// keptLists are the latest list, and those that name what it does not: two owners can make lists apart from each other.
func (v *view) keptLists() (out [][]byte) {
	all := slices.Clone(v.lists)
	slices.SortStableFunc(all, func(a, b *x509.RevocationList) int { return b.Number.Cmp(a.Number) })
	named := map[string]bool{}
	for _, l := range all {
		adds := len(out) == 0
		for _, e := range l.RevokedCertificateEntries {
			adds = adds || !named[e.SerialNumber.String()]
			named[e.SerialNumber.String()] = true
		}
		if adds {
			out = append(out, l.Raw)
		}
	}
	return out
}

// drawing reads what a seal looks like. Errors: seal.ErrContent.
func (s *sealState) drawing() (seal.Drawing, error) {
	return seal.Read(s.Content, float64(s.Width)/1000, float64(s.Height)/1000)
}

func eventKind(s string) event.Kind { return event.Kind(s) }

// line is a seal as text, for comparing devices.
func (s *sealState) line() string {
	var rights []string
	for _, p := range s.people(allRights) {
		rights = append(rights, fmt.Sprintf("%x:%d/%d", p[:4], s.rights[p], s.depth[p]))
	}
	return fmt.Sprintf("%x %s by %x %v ended %v by %x at %d uses %d", s.id[:4], s.Name, s.maker[:4], rights, s.ended, s.endedBy[:4], s.endedAt, len(s.uses))
}
