package contracts

import (
	"context"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// askSeal asks a holder of a seal to apply it in a field of our party. Who can be reached now is asked first.
// Errors: as asParty, errcode.NotYourTurn, errcode.InvalidArgument, errcode.NotFound when nobody may use it.
func (c *Contracts) askSeal(ctx context.Context, id wire.SpaceID, field, sealID, reason string) error {
	return c.asParty(ctx, id, func(x *contract, p *flow.PartyState) error {
		text, err := reasonText(reason)
		if err != nil {
			return err
		}
		f := x.field(field)
		switch {
		case f == nil || f.Party != p.ID || f.Type != flow.Seal || x.SealedFields[field] || f.Seal != "" && f.Seal != sealID || x.asked(field) != nil:
			return errcode.InvalidArgument
		case !x.pending(p.ID):
			return errcode.NotYourTurn
		case c.Office == nil:
			return errcode.NotFound
		}
		name, holders, err := c.Office.SealHolders(ctx, x.workspace, sealID)
		if err != nil {
			return err
		}
		var holder wire.PersonID
		for _, h := range holders {
			if h != c.Me.Person && (holder.IsZero() || c.Reachable != nil && !c.Reachable(holder) && c.Reachable(h)) {
				holder = h
			}
		}
		if holder.IsZero() {
			return errcode.NotFound
		}
		if err := c.admit(ctx, x, holder, space.Member); err != nil {
			return err
		}
		return c.say(ctx, x, saying{kind: flow.KindSealAsked, body: &flow.SealAsked{Party: p.ID, Field: field, Seal: sealID, Holder: holder, Reason: text, Name: name}})
	})
}

// asked is the open request for a field; nil without.
func (x *contract) asked(field string) *flow.Request {
	for i := range x.Requests {
		if r := &x.Requests[i]; r.Open() && r.Asked.Field == field {
			return r
		}
	}
	return nil
}

// request gives an open one that we have to answer. Errors: errcode.NotFound.
func (c *Contracts) request(x *contract, id wire.EventID) (*flow.Request, error) {
	for i := range x.Requests {
		if r := &x.Requests[i]; r.ID == id && r.Open() && r.Asked.Holder == c.Me.Person {
			return r, nil
		}
	}
	return nil, errcode.NotFound
}

// refuseSeal answers no. Errors: errcode.NotFound, errcode.ContractEnded.
func (c *Contracts) refuseSeal(ctx context.Context, id wire.SpaceID, request wire.EventID, reason string) error {
	x, release, err := c.begin(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	text, err := reasonText(reason)
	if err != nil {
		return err
	}
	if !x.Live(c.Clock.Now().UnixMilli()) {
		return errcode.ContractEnded
	}
	if _, err := c.request(x, request); err != nil {
		return err
	}
	return c.say(ctx, x, saying{kind: flow.KindSealRefused, body: &flow.SealRefused{Request: request, Reason: text}})
}

// approveSeal applies a seal that somebody asked for: our device makes the impression, once, when the party has the document.
// Errors: errcode.NotFound, errcode.ContractEnded, errcode.NotYourTurn (the document is with somebody else), errcode.SealForbidden, those of
// Keys.Unlock and of signing.
func (c *Contracts) approveSeal(ctx context.Context, id wire.SpaceID, request wire.EventID, password string, untimed bool) error {
	x, release, err := c.begin(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	if !x.Live(c.Clock.Now().UnixMilli()) {
		return errcode.ContractEnded
	}
	r, err := c.request(x, request)
	if err != nil {
		return err
	}
	if x.Holder != r.Asked.Party && !x.Holds(r.By, r.Asked.Party) { // or it is with who asked, who keeps it
		return errcode.NotYourTurn
	}
	s, err := c.unlockSeal(ctx, x, r.Asked.Seal, password)
	if err != nil {
		return err
	}
	w, err := c.work(ctx, x)
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.seal(ctx, r.Asked.Field, s, untimed); err != nil {
		return err
	}
	act := &flow.Acted{Prev: x.Head, Party: r.Asked.Party, What: flow.Sealed, Seal: r.Asked.Seal, Field: r.Asked.Field, Request: request}
	if err := w.finish(ctx, act, false); err != nil {
		return err
	}
	c.sealUsed(ctx, x, Use{Seal: s.usable.ID, Contract: id, Title: x.Sent.Title, Document: act.SHA256, Asked: r.By, Reason: r.Asked.Reason})
	return nil
}

// unlockSeal gives a seal with its key. Errors: errcode.SealForbidden, those of Keys.Unlock.
func (c *Contracts) unlockSeal(ctx context.Context, x *contract, sealID, password string) (s sealing, err error) {
	if c.Office == nil || c.Keys == nil {
		return s, errcode.SealForbidden
	}
	if s.usable, err = c.Office.SealFor(ctx, x.workspace, sealID); err != nil {
		return s, err
	}
	s.identity, err = c.Keys.Unlock(ctx, s.usable.KeyID, password)
	return s, err
}

// sealUsed writes into the ledger of a seal. The contract says it, too, so that it is no reason to undo what is done when that fails.
func (c *Contracts) sealUsed(ctx context.Context, x *contract, u Use) {
	if err := c.Office.SealUsed(ctx, x.workspace, u); err != nil {
		c.Slog.ErrorContext(ctx, "use of a seal is not in its ledger", "err", err)
	}
}

// authority stamps times; nil when none is chosen.
func (c *Contracts) authority() *pades.Authority {
	if c.Keys == nil {
		return nil
	}
	return c.Keys.TimeAuthority()
}
