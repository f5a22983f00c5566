package office

import (
	"bytes"
	"crypto/x509"
	"slices"

	"roundtable/backend/contracts/signers"
	"roundtable/backend/wire"
)

// pin is a root that this device has relied on.
type pin struct {
	root []byte // DER
	// own: its key is here. It is relied on once it has signed a certificate.
	own bool
}

// maxOthers bounds the other roots that are shown: whoever is an owner can write down many.
const maxOthers = 16

// otherRoot is a root that does not count here.
type otherRoot struct {
	root    *x509.Certificate
	founder wire.PersonID
	stamp   int64
	earlier bool // than the one that counts
}

// pins are the roots by which keys of this device were certified, and those whose keys are here. Stamps are what devices say: somebody who was an
// owner once could write down an earlier root, and void every certificate of the one that people use.
func (o *Office) pins(workspace wire.SpaceID) (out []pin) {
	for _, k := range o.Signers.List() {
		if k.Workspace != workspace || len(k.Chain) == 0 || k.Kind == signers.Imported {
			continue
		}
		root := k.Chain[len(k.Chain)-1]
		one := pin{root.Raw, k.Kind == signers.Root}
		if one.own {
			out = append(out, one) // after those that certified somebody
		} else {
			out = append([]pin{one}, out...)
		}
	}
	return out
}

// choose takes the first root, or the one that this device has relied on already.
func (v *view) choose(all []said, pins []pin, p *proofs) {
	var foundings []said
	for _, e := range all {
		if e.kind != Founded || !v.people[e.person].owner {
			continue
		}
		foundings = append(foundings, e)
		if v.root == nil {
			read(e.body, func(b *founded) bool { v.found(e, *b); return true })
		}
	}
	if v.root == nil {
		return
	}
	v.prefer(foundings, all, pins, p)
	v.compare(foundings)
}

// prefer takes a root that this device has relied on in place of an earlier one.
func (v *view) prefer(foundings, all []said, pins []pin, p *proofs) {
	for _, one := range pins {
		if bytes.Equal(one.root, v.root.Raw) {
			return
		}
		for _, e := range foundings {
			var root []byte
			read(e.body, func(b *founded) bool { root = b.Root; return true })
			if bytes.Equal(root, one.root) && (!one.own || hasSigned(all, one.root, p)) {
				v.takers = map[wire.PersonID]bool{}
				v.found(e, founded{Root: root})
				v.contested = true
				return
			}
		}
	}
}

// compare notes what else was founded. Those that were said before the one that counts are earlier.
func (v *view) compare(foundings []said) {
	var seen [][]byte
	earlier := true
	for _, e := range foundings {
		read(e.body, func(b *founded) bool {
			c := readRoot(*b)
			if c == nil || slices.ContainsFunc(seen, func(der []byte) bool { return bytes.Equal(der, c.Raw) }) {
				return true
			}
			if seen = append(seen, c.Raw); bytes.Equal(c.Raw, v.root.Raw) {
				earlier = false
			} else if len(v.others) < maxOthers {
				v.others = append(v.others, otherRoot{c, e.person, e.stamp, earlier})
			}
			return true
		})
	}
}

// hasSigned reports whether a root has signed a certificate of somebody.
func hasSigned(all []said, der []byte, p *proofs) (is bool) {
	root, err := x509.ParseCertificate(der)
	if err != nil {
		return false
	}
	for _, e := range all {
		if e.kind != Issued {
			continue
		}
		read(e.body, func(b *issued) bool {
			c, err := x509.ParseCertificate(b.Certificate)
			is = is || err == nil && !c.IsCA && p.hold(root.Raw, c.Raw, func() bool { return c.CheckSignatureFrom(root) == nil })
			return true
		})
	}
	return is
}
