package contracts

import (
	"context"
	"errors"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// recordAll looks at the contracts that are not over for long.
func (c *Contracts) recordAll(ctx context.Context) error {
	all, err := c.rows(ctx, wire.SpaceID{})
	for _, r := range all {
		if ctx.Err() != nil || c.Clock.Now().UnixMilli()-max(r.completed, r.changed) > doneAfter.Milliseconds() {
			continue
		}
		err = errors.Join(err, c.recordOne(ctx, r.id))
	}
	return err
}

func (c *Contracts) recordOne(ctx context.Context, id wire.SpaceID) error {
	defer c.hold(id)()
	x, err := c.contract(ctx, id)
	if err != nil || x.local.deleted || !x.active {
		return nil //nolint:nilerr // it is gone
	}
	return c.recordUses(ctx, x)
}

// recordUses writes the uses of seals that this device made in a contract into their registers, where they are not there yet: the program may have
// ended between the two. What is there already stays as it is.
func (c *Contracts) recordUses(ctx context.Context, x *contract) (err error) {
	if c.Office == nil {
		return nil
	}
	for _, v := range x.Versions {
		if v.Act == nil || v.Device != c.Log.Self() {
			continue
		}
		u := Use{Contract: x.id, Title: x.Sent.Title, Document: v.SHA256}
		var seals []string
		switch v.Act.What {
		case flow.Sealed:
			seals = append(seals, v.Act.Seal)
			for _, r := range x.Requests {
				if r.ID == v.Act.Request {
					u.Asked, u.Reason = r.By, r.Asked.Reason
				}
			}
		case flow.Signed:
			for _, i := range v.Act.Seals {
				seals = append(seals, i.Seal)
			}
		}
		for _, u.Seal = range seals {
			// A seal of one person alone has no register.
			if e := c.Office.SealUsed(ctx, x.workspace, u); e != nil && !errors.Is(e, errcode.SealForbidden) {
				err = errors.Join(err, e)
			}
		}
	}
	return err
}
