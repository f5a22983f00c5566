package contracts

import (
	"context"
	_ "embed"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// inviteLife is how long a link for a party from outside may be used.
const inviteLife = 14 * 24 * time.Hour

//go:embed outside.sql
var outsideSchema string

// Outside lets people from outside the workspace into a contract.
type Outside interface {
	// Beginning is what the space of such a contract says first.
	Beginning(ctx context.Context, workspace wire.SpaceID, title string) []eventlog.Draft
	// Invite makes a link for one person. expires in Unix ms. Errors: errcode.Forbidden, errcode.NotFound, errcode.DiskFull.
	Invite(ctx context.Context, contract wire.SpaceID, life time.Duration) (link string, id wire.InviteID, expires int64, err error)
}

// outsiders reports whether a contract has parties from outside, who come by a link.
func (s Sending) outsiders() bool {
	return slices.ContainsFunc(s.Parties, func(p flow.Party) bool { return p.Person.IsZero() })
}

// InviteParty makes a link for a party that nobody has come for yet. Whoever uses it first becomes that party.
// Errors: errcode.Forbidden (not the sender), errcode.InvalidArgument (no such party, or somebody has come), errcode.ContractEnded.
func (a API) InviteParty(ctx context.Context, r *v1.PartyRequest) (*v1.InvitePartyResponse, error) {
	c, id, err := a.contract(r.ContractId)
	if err != nil {
		return nil, err
	}
	x, err := c.contract(ctx, id)
	if err != nil {
		return nil, err
	}
	p := x.party(r.Party)
	switch {
	case x.Sender != c.Me.Person || x.kind != space.Between || c.Outside == nil:
		return nil, errcode.Forbidden
	case p == nil || !p.Person.IsZero():
		return nil, errcode.InvalidArgument
	case !x.Live(c.Clock.Now().UnixMilli()):
		return nil, errcode.ContractEnded
	}
	link, invite, expires, err := c.Outside.Invite(ctx, id, inviteLife)
	if err != nil {
		return nil, err
	}
	// Nobody has the link before this is on disk.
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT OR IGNORE INTO contractsoutside_invite VALUES(?, ?, ?)`, id[:], invite[:], int64(p.ID))
		return err
	})
	if err != nil {
		return nil, err
	}
	return &v1.InvitePartyResponse{Link: link, ExpiresUnixMs: expires}, nil
}

// welcome makes those who came by a link the parties that the links were for. The device that made the links does it.
func (c *Contracts) welcome(ctx context.Context, x *contract) error {
	if x.kind != space.Between || !x.Live(c.Clock.Now().UnixMilli()) {
		return nil
	}
	links, err := c.links(ctx, x.id)
	if err != nil || len(links) == 0 {
		return err
	}
	came := map[uint8]space.Membership{}
	_ = c.Log.View(x.id, func(s *space.State) {
		for _, m := range s.Members() { // of several links for one party, the one that was used first
			first, before := came[links[m.Invite]]
			if party, ours := links[m.Invite]; ours && m.Active && (!before || m.Joined < first.Joined) {
				came[party] = m
			}
		}
	})
	for party, member := range came {
		person := member.Person
		p := x.party(int32(party))
		if p == nil || !p.Person.IsZero() {
			continue
		}
		called := c.Name(ctx, x.workspace, person)
		if called == "" { // it says its name a moment later, or never
			called = p.Name
		}
		if err := c.say(ctx, x, saying{kind: flow.KindReassigned, body: &flow.Reassigned{Party: party, To: person, Name: called}}); err != nil {
			return err
		}
	}
	return nil
}

// links are the parties that links of this device are for.
func (c *Contracts) links(ctx context.Context, id wire.SpaceID) (map[wire.InviteID]uint8, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT invite, party FROM contractsoutside_invite WHERE space = ?`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.InviteID]uint8{}
	for rows.Next() {
		var raw []byte
		var party int64
		if err := rows.Scan(&raw, &party); err != nil {
			return nil, store.Classify(err)
		}
		if len(raw) == len(wire.InviteID{}) {
			out[wire.InviteID(raw)] = uint8(party)
		}
	}
	return out, store.Classify(rows.Err())
}

// external reports whether a party is of no workspace of ours.
func (c *Contracts) external(x *contract, person wire.PersonID) bool {
	if x.kind != space.Between || person == c.Me.Person {
		return false
	}
	_, colleague := c.PartyOf(x.id, person)
	return !colleague
}
