package testspace

import (
	"context"
	"path/filepath"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/chat"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/people"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// openContracts builds contracts. Documents lie beside the database and survive a restart.
func (d *Desk) openContracts(ctx context.Context, chats *chat.Chat) {
	deps := contracts.Deps{
		Log: d.Log, DB: d.DB, Clock: d.Clock, Slog: d.journal.logger(), Publish: d.publish, Me: d.Party, Name: d.People.Name, AtRelay: d.Relaying.AtRelay,
		PartyOf: d.partyOf, Outside: outside{d.People},
		Pieces: d.Pieces, Blobs: d.Blobs, Folder: d.DocumentFolder(), Fonts: glyph.System(), Tables: d.signings, Evidence: d.Witnessed,
	}
	deps.Keys, deps.Office, deps.Standing = d.Office, sealing{d.Office}, d.Office.Standing
	if d.o.Signing != nil {
		deps.Standing = nil
		deps.Keys, deps.Office = d.o.Signing(d)
	}
	all, err := contracts.Open(ctx, deps)
	d.o.must(err, "open contracts of "+d.Name)
	if d.o.Signing == nil {
		all.TrustedFrom(d.Office.TrustAll)
		all.TrustedIn(func(ctx context.Context, workspace wire.SpaceID) (verify.Trust, error) {
			t, err := d.Office.Trust(ctx, workspace)
			return verify.Trust{Roots: t.Roots, CRLs: t.CRLs, Seals: t.Seals}, err
		})
	}
	d.mu.Lock()
	d.Contracts = all // the engine of pieces reads it
	d.mu.Unlock()
	sound := func() bool { return len(d.Runner.Failed()) == 0 }
	d.Blobs.Follow(both{chat.References{Chat: chats, Sound: sound}, contracts.References{Contracts: all, Sound: sound}})
}

// partyOf gives a member of a workspace, or of any for a contract that lies in none, as the app does.
func (d *Desk) partyOf(of wire.SpaceID, person wire.PersonID) (p space.Party, ok bool) {
	between := false
	_ = d.Log.View(of, func(s *space.State) { between = s.Kind == space.Between })
	for _, workspace := range d.Log.Spaces() {
		_ = d.Log.View(workspace, func(s *space.State) {
			if m, in := s.Member(person); in && m.Active && (workspace == of && !between || between && s.Kind == space.Workspace) {
				p, ok = space.Party{Person: m.Person, Certificates: m.Certificates}, true
			}
		})
	}
	return p, ok
}

// outside lets parties from outside into contracts, as the app does.
type outside struct{ *people.People }

func (o outside) Invite(ctx context.Context, contract wire.SpaceID, life time.Duration) (string, wire.InviteID, int64, error) {
	g, err := o.InviteToContract(ctx, contract, life)
	return g.Link, g.ID, g.Expires, err
}

// DocumentFolder is where its documents lie.
func (d *Desk) DocumentFolder() string { return filepath.Join(filepath.Dir(d.path), "documents") }

// ContractsAPI is the door of contracts, as the screen uses it.
func (d *Desk) ContractsAPI() contracts.API {
	return contracts.API{Get: func() (*contracts.Contracts, error) { return d.Contracts, nil }}
}

// arrived tells contracts that pieces came.
func (d *Desk) arrived(id wire.SpaceID) {
	d.mu.Lock()
	c := d.Contracts
	d.mu.Unlock()
	if c != nil {
		c.Arrived(id)
	}
}

// both are the references of two features.
type both [2]blobs.References

// Complete implements blobs.References.
func (b both) Complete() bool { return b[0].Complete() && b[1].Complete() }

// Refers implements blobs.References.
func (b both) Refers(ctx context.Context, id wire.SpaceID, hashes []blob.Hash) ([]bool, error) {
	return b.either(func(r blobs.References) ([]bool, error) { return r.Refers(ctx, id, hashes) })
}

// Referenced implements blobs.References.
func (b both) Referenced(ctx context.Context, hashes []blob.Hash) ([]bool, error) {
	return b.either(func(r blobs.References) ([]bool, error) { return r.Referenced(ctx, hashes) })
}

func (b both) either(ask func(blobs.References) ([]bool, error)) ([]bool, error) {
	out, err := ask(b[0])
	if err != nil {
		return nil, err
	}
	more, err := ask(b[1])
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i] = out[i] || more[i]
	}
	return out, nil
}

// Trees implements blobs.References.
func (b both) Trees(ctx context.Context) ([]blob.File, error) {
	out, err := b[0].Trees(ctx)
	if err != nil {
		return nil, err
	}
	more, err := b[1].Trees(ctx)
	return append(out, more...), err
}
