package testspace

import (
	"roundtable/backend/identity"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// Second gives the person at a device one more device, before either is let in anywhere
// or founds anything: both are new.
func (o *Office) Second(first, second string) {
	o.t.Helper()
	a, b := o.newDesk(first, o.low[first]), o.newDesk(second, o.low[second])
	founding := a.Party.Certificates[0]
	c, err := identity.Vouch(a.Sign, a.Party.Person, b.Sign.Public(), b.Seal.SealPublic(), 2)
	o.must(err, first+" vouches for "+second)
	party := space.Party{Person: a.Party.Person, Certificates: []identity.Certificate{founding, c}}
	for _, d := range []*Desk{a, b} {
		d.Party = party
		d.open()
		o.mu.Lock()
		o.desks = append(o.desks, d)
		o.mu.Unlock()
	}
}

// Expects has a second device take a space from the first.
func (o *Office) Expects(second, first string, id wire.SpaceID) {
	o.t.Helper()
	d, from := o.As(second), o.As(first)
	d.Replication.Expect(id, from.ID())
	o.introduce()
	o.Eventually(second+" has the space", func() bool { return d.Log.Begun(id) && d.Log.Shares(id, from.ID()) })
}
