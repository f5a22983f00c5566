package contracts

import (
	"context"
	"slices"
	"time"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/look"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// turn does what this device can do in a contract now, until that is nothing: it signs what waits for the document, approves what was
// agreed to, and passes the document on. The contract is held.
func (c *Contracts) turn(ctx context.Context, id wire.SpaceID) error {
	for range flow.MaxParties + 1 {
		x, err := c.contract(ctx, id)
		if err != nil {
			return err
		}
		if x, _, err = c.proved(ctx, x); err != nil {
			return err
		}
		if !x.active || !x.Live(c.Clock.Now().UnixMilli()) {
			return nil
		}
		did, err := c.act(ctx, x)
		if err != nil || !did {
			return err
		}
	}
	return nil
}

// act does one thing, and reports whether it did.
func (c *Contracts) act(ctx context.Context, x *contract) (bool, error) {
	for _, id := range x.Pending {
		p := x.Party(id)
		if !x.Holds(c.Me.Person, id) || p.Consent == nil {
			continue
		}
		switch {
		case p.Role == flow.Approver:
			return true, c.approveNow(ctx, x, p)
		case c.unlocked(x, p) && !slices.ContainsFunc(x.Requests, func(r flow.Request) bool { return r.Open() && r.Asked.Party == id }):
			q := c.queued(x.id, id)
			if x.lacksSeal(id, q) {
				c.giveUp(x.id, id, errcode.SealRefused) // by who was asked
				continue
			}
			err := c.signNow(ctx, x, p, q)
			if why, is := hopeless(err); is {
				c.giveUp(x.id, id, why)
			} else if why == errcode.TimeUnreachable {
				c.delay(x.id, id, why)
			}
			return true, err
		}
	}
	next := c.ripe(x)
	if next == 0 || !c.passes(x) {
		return false, nil
	}
	if h := x.Party(x.Holder); h != nil && h.Consent != nil {
		return false, nil // ours, and waits for its key, a seal or the document
	}
	return true, c.say(ctx, x, saying{kind: flow.KindPassed, body: &flow.Passed{Prev: x.Head, Next: next}})
}

// lacksSeal reports whether a seal that is required is neither there nor at hand.
func (x *contract) lacksSeal(party uint8, q *ready) bool {
	return slices.ContainsFunc(x.Sent.Fields, func(f flow.Field) bool {
		_, own := q.seals[f.ID]
		return f.Party == party && f.Type == flow.Seal && f.Required && !x.SealedFields[f.ID] && !own
	})
}

// ripe is the party of this step, of somebody else, that consented first; 0 for none.
func (c *Contracts) ripe(x *contract) (best uint8) {
	for _, id := range x.Pending {
		p := x.Party(id)
		if p.Consent == nil || c.handed(x, id) {
			continue
		}
		if best == 0 || p.At < x.Party(best).At {
			best = id
		}
	}
	return best
}

// next is who gets the document after a party of ours has acted: somebody of the same step who has consented. 0 leaves it to the rules.
func (c *Contracts) next(x *contract, done uint8) (best uint8) {
	for _, id := range x.Pending {
		if p := x.Party(id); id != done && p.Consent != nil && (best == 0 || p.At < x.Party(best).At) {
			best = id
		}
	}
	return best
}

// completes reports whether nobody is left to act after a party.
func (x *contract) completes(done uint8) bool {
	return !slices.ContainsFunc(x.Parties, func(p flow.PartyState) bool { return p.Role.Acts() && p.ID != done && !p.Acted() })
}

func (c *Contracts) approveNow(ctx context.Context, x *contract, p *flow.PartyState) error {
	if err := c.proven(ctx, x); err != nil {
		return err
	}
	v := x.Latest()
	return c.say(ctx, x, saying{kind: flow.KindActed, completes: x.completes(p.ID),
		body: &flow.Acted{Prev: x.Head, Party: p.ID, What: flow.Approved, Next: c.next(x, p.ID), SHA256: v.SHA256, Size: v.Size, At: c.Clock.Now().UnixMilli()}})
}

// signNow fills the party's fields, applies its seals, and signs.
func (c *Contracts) signNow(ctx context.Context, x *contract, p *flow.PartyState, q *ready) error {
	w, err := c.work(ctx, x)
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.fill(c.formValues(ctx, x, p, p.Consent, q)); err != nil {
		return err
	}
	act := &flow.Acted{Prev: x.Head, Party: p.ID, What: flow.Signed, Next: c.next(x, p.ID), Consent: p.ConsentID}
	var uses []Use
	for _, f := range x.Sent.Fields {
		s, mine := q.seals[f.ID]
		if !mine || x.SealedFields[f.ID] {
			continue
		}
		// It was unlocked when the person consented; the right may have been taken away since.
		if _, err := c.Office.SealFor(ctx, x.workspace, s.usable.ID); err != nil {
			return err
		}
		if err := w.seal(ctx, f.ID, s, q.untimed); err != nil {
			return err
		}
		act.Seals = append(act.Seals, flow.Impression{Field: f.ID, Seal: s.usable.ID})
		uses = append(uses, Use{Seal: s.usable.ID, Contract: x.id, Title: x.Sent.Title})
	}
	if err := c.signFields(ctx, w, x, p, q); err != nil {
		return err
	}
	if err := w.finish(ctx, act, x.completes(p.ID)); err != nil {
		return err
	}
	c.dequeue(x.id, p.ID)
	for _, u := range uses {
		u.Document = act.SHA256
		c.sealUsed(context.WithoutCancel(ctx), x, u)
	}
	return nil
}

// signFields signs in every field of the party for signatures; without one the signature is not shown.
func (c *Contracts) signFields(ctx context.Context, w *work, x *contract, p *flow.PartyState, q *ready) error {
	called := c.nameIn(ctx, x, p.Person)
	lock, err := w.own(p.ID)
	if err != nil {
		return err
	}
	signed := false
	for _, f := range x.Sent.Fields {
		if f.Party != p.ID || f.Type != flow.Signature || q.signature == nil {
			continue
		}
		shown := look.Fit(q.signature, boxOf(f), true)
		if with, err := look.Caption(q.signature, called+"  "+c.Clock.Now().Format(time.DateOnly), c.Fonts, boxOf(f)); err == nil {
			shown = with // a name that no font here has stands in the signature's dictionary only
		}
		if err := w.sign(ctx, q.identity, pades.Request{Field: f.ID, Look: shown, Name: called, Lock: lock}, q.untimed); err != nil {
			return err
		}
		signed = true
	}
	if signed {
		return nil
	}
	hidden, err := w.hidden(p.ID)
	if err != nil {
		return err
	}
	return w.sign(ctx, q.identity, pades.Request{Field: hidden, Name: called, Lock: lock}, q.untimed)
}

// approve agrees to a document for our party. It counts when the document is with it; until then it waits, also over a restart.
// Errors: as asParty, errcode.Forbidden, errcode.NotYourTurn, errcode.AccessCodeWrong, those of version.
func (c *Contracts) approve(ctx context.Context, id wire.SpaceID) error {
	return c.asParty(ctx, id, func(x *contract, p *flow.PartyState) error {
		switch {
		case p.Role != flow.Approver:
			return errcode.Forbidden
		case !x.pending(p.ID):
			return errcode.NotYourTurn
		}
		if _, err := c.versionOf(ctx, x, 0); err != nil {
			return err // nobody agrees to what they cannot have read
		}
		if p.Consent == nil {
			if err := c.say(ctx, x, saying{kind: flow.KindConsented, body: &flow.Consented{Party: p.ID, Base: x.Sent.Document.SHA256}}); err != nil {
				return err
			}
		}
		return c.turn(ctx, id)
	})
}
