package office

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/signers"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/keychain"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local.sql
var localSchema string

// Deps is everything this feature works with.
type Deps struct {
	Log     *eventlog.Log
	DB      *store.DB
	Clock   clock.Clock
	Slog    *slog.Logger
	Publish func(topics ...string)
	Me      space.Party
	// Opener opens what was wrapped for this device.
	Opener key.Opener
	// Name of a person in a workspace.
	Name func(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) string
	// Signers are this person's keys.
	Signers *signers.Signers
	// Ring keeps the password of the time-stamp authority; nil is the system's.
	Ring keychain.Ring
	// Folder is where the settings of the time-stamp authority lie.
	Folder string
	Fonts  *glyph.Fonts
	// Upload gives the content of what was brought in, at most so many bytes. Errors: errcode.UploadIncomplete, errcode.NotFound,
	// errcode.FieldTooLong.
	Upload func(ctx context.Context, id string, most int64) ([]byte, error)
	Tables *Projection
}

// Office is the feature.
type Office struct {
	Deps
	proofs proofs
	times  times
	noted  chan wire.SpaceID
	// acting is held by what reads, unlocks a root and then writes: two lists made at once would have one number.
	acting sync.Mutex

	mu    sync.Mutex // guards the rest
	views map[wire.SpaceID]*view
	turn  uint64 // counts what was said
}

// Open makes the feature. Errors: the store's, and the system's.
func Open(ctx context.Context, d Deps) (*Office, error) {
	if err := d.DB.Migrate(ctx, "officelocal", localSchema); err != nil {
		return nil, err
	}
	o := &Office{Deps: d, noted: make(chan wire.SpaceID, 256), views: map[wire.SpaceID]*view{}, proofs: proofs{all: map[[32]byte]bool{}}}
	if err := o.times.open(d.Folder, d.Ring); err != nil {
		d.Slog.Error("settings of the time-stamp authority do not read", "err", err)
	}
	if d.Tables != nil {
		d.Tables.Noted = o.heard
	}
	return o, nil
}

// heard drops what was worked out: something was said.
func (o *Office) heard(id wire.SpaceID) {
	o.mu.Lock()
	o.turn++
	clear(o.views)
	o.mu.Unlock()
	select {
	case o.noted <- id:
	default: // Run is behind, and looks at everything when it comes to it
	}
}

// now is the time by this device.
func (o *Office) now() time.Time { return o.Clock.Now() }

// role is ours in a space, 0 without one.
func (o *Office) role(id wire.SpaceID) (role space.Role) {
	_ = o.Log.View(id, func(s *space.State) {
		if m, ok := s.Member(o.Me.Person); ok && m.Active {
			role = m.Role
		}
	})
	return role
}

// member asks that this person belongs to a workspace. Errors: errcode.NotFound, errcode.NotMember.
func (o *Office) member(id wire.SpaceID) error {
	is := false
	err := o.Log.View(id, func(s *space.State) { is = s.Kind == space.Workspace })
	switch {
	case errors.Is(err, eventlog.ErrUnknownSpace), err == nil && !is:
		return errcode.NotFound
	case err != nil:
		return err
	case o.role(id) == 0:
		return errcode.NotMember
	}
	return nil
}

// owner asks that this person is an owner of a workspace now. Errors: errcode.Forbidden, and those of member.
func (o *Office) owner(id wire.SpaceID) error {
	if err := o.member(id); err != nil {
		return err
	}
	if o.role(id) < space.Owner {
		return errcode.Forbidden
	}
	return nil
}

// party gives a member with its devices. Errors: errcode.NotFound.
func (o *Office) party(id wire.SpaceID, person wire.PersonID) (p space.Party, role space.Role, err error) {
	err = errcode.NotFound
	_ = o.Log.View(id, func(s *space.State) {
		if m, in := s.Member(person); in && m.Active {
			p, role, err = space.Party{Person: m.Person, Certificates: m.Certificates}, m.Role, nil
		}
	})
	return p, role, err
}

// say writes one event.
func (o *Office) say(ctx context.Context, id wire.SpaceID, d eventlog.Draft) (wire.EventID, error) {
	if body, err := wire.Encode(d.Body); err != nil || !sound(d.Kind, body) {
		return wire.EventID{}, errcode.InvalidArgument
	}
	out, err := o.Log.Append(ctx, id, d)
	if err != nil || len(out) == 0 {
		return wire.EventID{}, err
	}
	return out[0].ID, nil
}

// certificateOf is the best certificate of a key: one that is not revoked, and of those the one that is valid longest.
func (v *view) certificateOf(public []byte) (best *certificate) {
	for _, c := range v.issued {
		if string(c.RawSubjectPublicKeyInfo) != string(public) {
			continue
		}
		if best == nil || v.isRevoked(best) && !v.isRevoked(c) || v.isRevoked(best) == v.isRevoked(c) && c.NotAfter.After(best.NotAfter) {
			best = c
		}
	}
	return best
}

func (v *view) isRevoked(c *certificate) bool {
	_, is := v.revoked[c.SerialNumber.String()]
	return is
}

// adopt keeps the certificates that were issued for keys of this device.
func (o *Office) adopt(ctx context.Context) error {
	for _, k := range o.Signers.List() {
		if k.Kind != signers.Person && k.Kind != signers.Seal {
			continue
		}
		v, err := o.view(ctx, k.Workspace)
		if err != nil {
			return err
		}
		best := v.certificateOf(k.Public)
		if best == nil || best.person != o.Me.Person || k.Certificate() != nil && k.Certificate().Equal(best.Certificate) {
			continue
		}
		if k.Kind == signers.Seal && (sealHex(best.seal) != k.SealID || best.outlines != k.Outlines) {
			continue
		}
		if _, err := o.Signers.SetCertificate(k.ID, chain(best, v)); err != nil {
			return err
		}
		o.Publish("signing_keys", "seals:"+k.Workspace.String())
	}
	return nil
}

// rootKey is the key of a workspace's root on this device; "" without one.
func (o *Office) rootKey(v *view) string {
	if v.root == nil {
		return ""
	}
	for _, k := range o.Signers.List() {
		if k.Kind == signers.Root && k.Workspace == v.workspace && k.Certificate() != nil && k.Certificate().Equal(v.root) {
			return k.ID
		}
	}
	return ""
}

// contentHash is what a certificate for a seal names.
func (s *sealState) contentHash() [32]byte { return sha256.Sum256(s.Content) }

// holders are who may apply a seal now, with a certificate. Where the register is known here, the right to use it is asked for besides.
func (v *view) holders(id wire.EventID, now time.Time) (out []wire.PersonID) {
	s := v.seals[id]
	if s != nil && s.ended != nil {
		return nil
	}
	for _, c := range v.issued {
		good := c.seal == id && !v.isRevoked(c) && !now.Before(c.NotBefore) && !now.After(c.NotAfter) && v.people[c.person].active
		if good && (s == nil || s.rights[c.person]&Use != 0 && c.outlines == s.contentHash()) && !slices.Contains(out, c.person) {
			out = append(out, c.person)
		}
	}
	return out
}
