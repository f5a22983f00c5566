package verify

import (
	"crypto/x509"

	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/pdf"
)

// maxEvidence bounds the entries of a security store that are read.
const maxEvidence = 256

// store reads the file's security store (ISO 32000-2, 12.8.4.3).
func (c *checker) store() {
	catalog, err := c.f.Catalog()
	if err != nil {
		return
	}
	dss, err := c.f.Dict(catalog["DSS"])
	if err != nil {
		return
	}
	c.evidence.certificates = c.streams(dss["Certs"])
	c.evidence.crls = c.streams(dss["CRLs"])
}

func (c *checker) streams(o pdf.Object) (out [][]byte) {
	list, err := c.f.Array(o)
	if err != nil || len(list) > maxEvidence {
		return nil
	}
	for _, ref := range list {
		v, err := c.f.Resolve(ref)
		if s, is := v.(*pdf.Stream); is && err == nil {
			if data, err := c.f.Decoded(s); err == nil && len(data) <= maxCRL {
				out = append(out, data)
			}
		}
	}
	return out
}

// between are certificates that may lead to a root: those of a signature and of the store.
func (c *checker) between(d *cms.SignedData) []*x509.Certificate {
	out := d.Certificates
	for _, der := range c.evidence.certificates {
		if one, err := x509.ParseCertificate(der); err == nil {
			out = append(out[:len(out):len(out)], one)
		}
	}
	return out
}

func (c *checker) lists(d *cms.SignedData) [][]byte {
	return append(c.evidence.crls[:len(c.evidence.crls):len(c.evidence.crls)], d.CRLs...)
}

// level says which PAdES level a signature reached (EN 319 142-1, 6). later are those made after it.
func (c *checker) level(s *found, later []*found) {
	if s.Format != "ETSI.CAdES.detached" || s.Integrity != Intact || s.cms == nil || !s.cms.Signers[0].Binds() {
		return
	}
	s.Level = "B-B"
	stamped := func(s *found) bool { return s.Document && s.Integrity == Intact && s.Stamp.Good() }
	covered := false
	for _, l := range later {
		covered = covered || stamped(l)
	}
	if !s.Stamp.Good() && !covered {
		return
	}
	s.Level = "B-T"
	if s.Standing != Trusted || !c.complete(s) {
		return
	}
	if s.Level = "B-LT"; covered {
		s.Level = "B-LTA"
	}
}

// complete says whether the file itself holds all that a later check of a signature needs: the
// chain, and for every certificate that can be revoked a list of its issuer.
func (c *checker) complete(s *found) bool {
	have := c.between(s.cms)
	for i, one := range s.Chain {
		if !contains(have, one) {
			return false
		}
		if i+1 < len(s.Chain) && !c.hasList(s.Chain[i+1], s.cms) {
			return false
		}
	}
	return len(s.Chain) > 0 && len(c.evidence.certificates) > 0
}

func contains(list []*x509.Certificate, c *x509.Certificate) bool {
	for _, one := range list {
		if one.Equal(c) {
			return true
		}
	}
	return false
}

func (c *checker) hasList(issuer *x509.Certificate, d *cms.SignedData) bool {
	for _, der := range c.lists(d) {
		if crl, err := x509.ParseRevocationList(der); err == nil && crl.CheckSignatureFrom(issuer) == nil {
			return true
		}
	}
	return false
}
