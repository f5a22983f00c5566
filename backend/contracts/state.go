package contracts

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// contract is one contract as this device knows it now.
type contract struct {
	*flow.State
	id   wire.SpaceID
	kind space.Kind
	// workspace in which people have names: the contract's own space when it lies in none.
	workspace wire.SpaceID
	active    bool // we belong to it
	local     local
	// judged is what this device found of the bytes of deeds. State is without those that were found wrong.
	judged map[wire.EventID]judgment
	// pin is the end of the complete chain that this device stays with.
	pin wire.EventID
	// unreadable are parties whose consent hides what the access code does not open.
	unreadable map[uint8]bool
}

// local is what this device alone keeps of a contract.
type local struct {
	archived, deleted      bool
	retain, ends, reminded int64
	code                   []byte
	tags                   []string
}

// contract reads one. Errors: errcode.NotFound.
func (c *Contracts) contract(ctx context.Context, id wire.SpaceID) (*contract, error) {
	x := &contract{id: id}
	var workspace, sender []byte
	var kind int64
	err := c.DB.Read().QueryRowContext(ctx, `SELECT kind, workspace, sender, active FROM contracts_space WHERE space = ?`, id[:]).Scan(&kind, &workspace, &sender, &x.active)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (len(workspace) != len(x.workspace) || len(sender) != len(wire.PersonID{})) {
		return nil, errcode.NotFound
	}
	if err != nil {
		return nil, store.Classify(err)
	}
	x.kind, x.workspace = space.Kind(kind), wire.SpaceID(workspace)
	if x.kind == space.Between {
		x.workspace = id
	}
	rows, err := c.DB.Read().QueryContext(ctx, eventsOf, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	events, err := scanEvents(rows)
	if err != nil {
		return nil, err
	}
	if x.judged, err = c.judgments(ctx, id); err != nil {
		return nil, err
	}
	if x.pin, err = c.pinOf(ctx, id); err != nil {
		return nil, err
	}
	if x.State = flow.FoldHere(wire.PersonID(sender), events, flow.Here{Bad: wrongOnes(x.judged), Pin: x.pin}); x.Phase == flow.Unknown {
		return nil, errcode.NotFound
	}
	if x.local, err = c.localOf(ctx, id); err == nil {
		x.reveal()
	}
	return x, err
}

func (c *Contracts) localOf(ctx context.Context, id wire.SpaceID) (l local, err error) {
	err = c.DB.Read().QueryRowContext(ctx, `SELECT archived, deleted, retain, ends, reminded, code FROM contractslocal_contract WHERE space = ?`, id[:]).
		Scan(&l.archived, &l.deleted, &l.retain, &l.ends, &l.reminded, &l.code)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return l, store.Classify(err)
	}
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT tag FROM contractslocal_tag WHERE space = ? ORDER BY tag`, id[:])
	if err != nil {
		return l, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var tag string
		if err := rows.Scan(&tag); err != nil {
			return l, store.Classify(err)
		}
		l.tags = append(l.tags, tag)
	}
	return l, store.Classify(rows.Err())
}

// hold keeps everything else of this device from writing to a contract until it is called back: what was
// read of it stays true.
func (c *Contracts) hold(id wire.SpaceID) (release func()) {
	c.mu.Lock()
	m := c.held[id]
	if m == nil {
		m = &sync.Mutex{}
		c.held[id] = m
	}
	c.mu.Unlock()
	m.Lock()
	return m.Unlock
}

// mine is the party that is ours and can act soonest; nil when we are none.
func (x *contract) mine(me wire.PersonID) (best *flow.PartyState) {
	rank := func(p *flow.PartyState) int {
		switch {
		case x.Holds(me, p.ID):
			return 4
		case p.Role.Acts() && p.Standing != flow.Later && !p.Acted():
			return 3
		case p.Role.Acts() && !p.Acted():
			return 2
		case p.Role.Acts():
			return 1
		}
		return 0
	}
	for i := range x.Parties {
		if p := &x.Parties[i]; p.Person == me && (best == nil || rank(p) > rank(best)) {
			best = p
		}
	}
	return best
}

// pending reports whether a party can act now, were the document with it.
func (x *contract) pending(party uint8) bool {
	for _, p := range x.Pending {
		if p == party {
			return true
		}
	}
	return false
}
