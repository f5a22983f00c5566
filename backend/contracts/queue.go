package contracts

import (
	"slices"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// queueKey names a party of a contract.
type queueKey struct {
	contract wire.SpaceID
	party    uint8
}

// ready is what a party's signature is made with, unlocked for this one contract. It is in memory alone: after a restart the
// key is asked for again.
type ready struct {
	base     [32]byte
	identity pades.Identity
	// signature and initials are what is drawn.
	signature, initials *pades.Look
	// seals are those that are applied with it, by field.
	seals map[string]sealing
	// untimed: without trusted time, if there is none.
	untimed bool
}

// sealing is a seal that is about to be applied.
type sealing struct {
	usable   Usable
	identity pades.Identity
}

// enqueue keeps what a signature is made with until the document is here.
func (c *Contracts) enqueue(id wire.SpaceID, party uint8, r *ready) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue[queueKey{id, party}] = r
	delete(c.stuck, queueKey{id, party})
}

func (c *Contracts) dequeue(id wire.SpaceID, party uint8) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.queue, queueKey{id, party})
	delete(c.stuck, queueKey{id, party})
}

// giveUp drops what a signature is made with, since it cannot be made so: the person decides anew, and is told why.
func (c *Contracts) giveUp(id wire.SpaceID, party uint8, why errcode.Code) {
	c.mu.Lock()
	delete(c.queue, queueKey{id, party})
	c.stuck[queueKey{id, party}] = why
	c.mu.Unlock()
	c.Publish("contracts", topic(id))
}

// delay keeps what a signature is made with, and why it is not made yet: it is tried again, and the person may decide otherwise.
func (c *Contracts) delay(id wire.SpaceID, party uint8, why errcode.Code) {
	c.mu.Lock()
	key := queueKey{id, party}
	news := c.stuck[key] != why
	c.stuck[key] = why
	c.mu.Unlock()
	if news {
		c.Publish("contracts", topic(id))
	}
}

// problem is why a signature that waited was not made; "" for none.
func (c *Contracts) problem(id wire.SpaceID, party uint8) errcode.Code {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stuck[queueKey{id, party}]
}

// hopeless reports whether signing once more would fail alike, and how: what is late or cannot be reached is waited for.
func hopeless(err error) (errcode.Code, bool) {
	code, _ := errcode.From(err)
	return code, slices.Contains([]errcode.Code{errcode.DocumentChanged, errcode.SealForbidden, errcode.CertificateUnfit, errcode.GlyphMissing,
		errcode.FieldInvalid, errcode.FieldMissing, errcode.KeyMissing}, code)
}

func (c *Contracts) queued(id wire.SpaceID, party uint8) *ready {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queue[queueKey{id, party}]
}

// unlockedParty reports whether the key for a party's signature is at hand.
func (c *Contracts) unlockedParty(id wire.SpaceID, party uint8) bool {
	return c.queued(id, party) != nil
}

func (c *Contracts) unlocked(x *contract, p *flow.PartyState) bool {
	r := c.queued(x.id, p.ID)
	return r != nil && r.base == x.Sent.Document.SHA256
}
