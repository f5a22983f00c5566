package contracts

import (
	"context"
	"errors"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// tally is what was judged of one contract.
type tally struct {
	good  map[[32]byte]bool // versions, by their hash
	wrong bool
}

// vouch has rows say what this device vouches for. The tables of events say what everybody says; in most contracts all of that was
// judged, and those that are left are few.
func (c *Contracts) vouch(ctx context.Context, all []*row) ([]*row, error) {
	known, err := c.tallies(ctx)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, r := range all {
		if t := known[r.id]; t.wrong || r.signed() && !(len(r.sha256) == 32 && t.good[[32]byte(r.sha256)]) {
			x, err := c.contract(ctx, r.id)
			if errors.Is(err, errcode.NotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			r.follow(c, x)
		}
		out = append(out, r)
	}
	return out, nil
}

// signed reports whether somebody says that something is in the document.
func (r *row) signed() bool {
	for _, p := range r.parties {
		if p.standing == flow.HasSigned {
			return true
		}
	}
	return false
}

// follow takes what is known of a contract over from its events.
func (r *row) follow(c *Contracts, x *contract) {
	r.phase, r.unchecked, r.changed = x.shown(), !x.checked(), x.Last.UnixMilli()
	r.completed = 0
	if x.done() {
		r.completed = x.Completed.UnixMilli()
	}
	r.parties = r.parties[:0]
	for i := range x.Parties {
		p := &x.Parties[i]
		r.parties = append(r.parties, rowParty{id: p.ID, role: p.Role, person: p.Person, name: p.Name, standing: x.standing(p), signed: p.Acted()})
	}
	r.asked = false
	for _, q := range x.Requests {
		r.asked = r.asked || q.Open() && q.Asked.Holder == c.Me.Person
	}
}

// tallies reads what was judged of all contracts.
func (c *Contracts) tallies(ctx context.Context) (map[wire.SpaceID]tally, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT space, verdict, sha256 FROM contractslocal_judged`)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.SpaceID]tally{}
	for rows.Next() {
		var id, sha []byte
		var v finding
		if err := rows.Scan(&id, &v, &sha); err != nil {
			return nil, store.Classify(err)
		}
		if len(id) != len(wire.SpaceID{}) || len(sha) != 32 {
			continue
		}
		t := out[wire.SpaceID(id)]
		if t.good == nil {
			t.good = map[[32]byte]bool{}
		}
		if v == isGood {
			t.good[[32]byte(sha)] = true
		}
		t.wrong = t.wrong || v == isWrong
		out[wire.SpaceID(id)] = t
	}
	return out, store.Classify(rows.Err())
}
