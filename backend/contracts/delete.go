package contracts

import (
	"context"
	"time"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// delete takes a contract that is over off this device: from the list, its files and text off the disk, and what opens it out of memory.
// One that was declined is not over for its parties: its sender may give the part to somebody else.
// Errors: errcode.ContractRetained (until), errcode.ContractRunning.
func (c *Contracts) delete(ctx context.Context, id wire.SpaceID) error {
	release := c.hold(id)
	defer release()
	x, err := c.contract(ctx, id)
	if err != nil {
		return err
	}
	now := c.Clock.Now().UnixMilli()
	goesOn := x.Live(now) || x.Phase == flow.Refused && x.Sender != c.Me.Person
	switch {
	case x.local.retain > now:
		return errcode.Of(errcode.ContractRetained, "until", time.UnixMilli(x.local.retain).Format(time.DateOnly))
	case x.active && goesOn:
		return errcode.ContractRunning
	}
	next := x.local
	next.deleted, next.code = true, nil
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		if err := keepLocal(tx, id, next, nil); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM contractslocal_piece WHERE space = ?`, id[:]); err != nil {
			return err
		}
		return forgetText(tx, id)
	})
	if err != nil {
		return err
	}
	for _, p := range x.Parties {
		c.dequeue(id, p.ID)
	}
	c.Publish("contracts", topic(id))
	return c.dropVersions(id)
}

// comesBack shows a deleted contract again that asks something of this person after all: its sender moved the deadline, or made this
// person a party. It reports whether the contract is to be looked at.
func (c *Contracts) comesBack(ctx context.Context, x *contract) (bool, error) {
	p := x.mine(c.Me.Person)
	if !x.Live(c.Clock.Now().UnixMilli()) || p == nil || p.Acted() || !x.pending(p.ID) {
		return false, nil
	}
	next := x.local
	next.deleted = false
	err := c.DB.Write(ctx, func(tx *store.Tx) error { return keepLocal(tx, x.id, next, nil) })
	if err != nil {
		return false, err
	}
	x.local = next
	c.Publish("contracts", topic(x.id))
	return true, nil
}
