package contracts

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
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
	workspace, seal, err := c.straddleOf(ctx, x.id)
	if err != nil {
		return err
	}
	if seal != "" {
		err = c.recordUse(ctx, workspace, Use{Seal: seal, Contract: x.id, Title: x.Sent.Title, Document: x.Sent.Document.SHA256})
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
			err = errors.Join(err, c.recordUse(ctx, x.workspace, u))
		}
	}
	return err
}

func (c *Contracts) recordUse(ctx context.Context, workspace wire.SpaceID, u Use) error {
	err := c.Office.SealUsed(ctx, workspace, u)
	if errors.Is(err, errcode.SealForbidden) {
		return nil // a seal of one person alone has no register
	}
	return err
}

//go:embed local_straddle.sql
var straddleSchema string

// keepStraddle notes, with the event that sends a contract, which seal is over the edges of its pages.
func keepStraddle(tx *store.Tx, id, workspace wire.SpaceID, seal string) error {
	_, err := tx.Exec(`INSERT OR REPLACE INTO contractslocal_straddle VALUES(?, ?, ?)`, id[:], workspace[:], seal)
	return err
}

// straddleOf is the seal over the edges of a contract's pages, if it was sent from here with one; "" for none.
func (c *Contracts) straddleOf(ctx context.Context, id wire.SpaceID) (workspace wire.SpaceID, seal string, err error) {
	var raw []byte
	err = c.DB.Read().QueryRowContext(ctx, `SELECT workspace, seal FROM contractslocal_straddle WHERE space = ?`, id[:]).Scan(&raw, &seal)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(raw) != len(workspace) {
		return workspace, "", nil
	}
	if err != nil {
		return workspace, "", store.Classify(err)
	}
	return wire.SpaceID(raw), seal, nil
}
