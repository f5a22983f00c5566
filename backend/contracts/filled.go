package contracts

import (
	"slices"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
)

// filledHeader has what is filled in belong to one party of one contract: nobody passes another one's off as their own.
func filledHeader(salt []byte, party uint8) []byte {
	return append(append(slices.Clone(salt), "roundtable contract consent v1"...), party)
}

// hide is a consent as its event says it: with an access code, what was filled in is sealed. Errors: errcode.AccessCodeWrong.
func (x *contract) hide(c *flow.Consented) (*flow.Consented, error) {
	salt := x.Sent.Document.Salt
	if len(salt) == 0 {
		return c, nil
	}
	k, err := key.EpochKeyFromBytes(x.local.code)
	if err != nil {
		return nil, errcode.With(errcode.AccessCodeWrong, err)
	}
	raw, bare := c.Hide()
	bare.Filled = k.Seal(filledHeader(salt, c.Party), raw)
	return bare, nil
}

// reveal opens what consents hide, as far as the access code was given here. The contract was just read and is nobody else's.
func (x *contract) reveal() {
	if x.locked() {
		return
	}
	x.unreadable = map[uint8]bool{}
	for i := range x.Parties {
		p := &x.Parties[i]
		if p.Consent == nil || len(p.Consent.Filled) == 0 {
			continue
		}
		if open, err := x.revealed(p.Consent); err == nil {
			p.Consent = open
		} else {
			x.unreadable[p.ID] = true
		}
	}
}

func (x *contract) revealed(c *flow.Consented) (*flow.Consented, error) {
	k, err := key.EpochKeyFromBytes(x.local.code)
	if err != nil {
		return nil, err
	}
	raw, err := k.Open(filledHeader(x.Sent.Document.Salt, c.Party), c.Filled)
	if err != nil {
		return nil, err
	}
	return c.Reveal(raw)
}
