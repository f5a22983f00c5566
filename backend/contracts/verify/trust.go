package verify

import (
	"bytes"
	"crypto/x509"
	"math/big"
	"time"
)

// Root is somebody whom one trusts.
type Root struct {
	// Name is what the report calls it.
	Name        string
	Certificate *x509.Certificate
	// Stamps says that it is trusted for time stamps, Signs for signatures.
	Signs, Stamps bool
}

// Trust is whom one trusts and what one knows of revoked certificates.
type Trust struct {
	Roots []Root
	// CRLs are lists of revoked certificates, in DER, besides those in the file.
	CRLs [][]byte
	// Seals are certificates of seals that one knows, also those that are over or were revoked: a look that is one of theirs is recognized.
	// Only those count that lead to one of Roots.
	Seals []*x509.Certificate
	// SystemStamps says that the roots of this system are trusted for time stamps as well.
	SystemStamps bool
	// Now is the time of the check.
	Now time.Time
}

// standing says what is known about a certificate at a time. between are certificates that may
// lead to a root; crls those that came with the file.
func (t *Trust) standing(c *x509.Certificate, between []*x509.Certificate, crls [][]byte, at time.Time, stamps bool) (
	standing Standing, chain []*x509.Certificate, root string, revoked time.Time,
) {
	roots, pool := x509.NewCertPool(), x509.NewCertPool()
	if stamps && t.SystemStamps {
		if system, err := x509.SystemCertPool(); err == nil {
			roots = system
		}
	}
	for _, r := range t.Roots {
		if stamps && r.Stamps || !stamps && r.Signs {
			roots.AddCert(r.Certificate)
		}
	}
	for _, b := range between {
		pool.AddCert(b)
	}
	usage := x509.ExtKeyUsageAny
	if stamps {
		usage = x509.ExtKeyUsageTimeStamping
	} else if !signs(c) {
		return NotForSigning, nil, "", time.Time{}
	}
	chains, err := c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage}})
	if err != nil {
		// Outside of its time it may still lead to somebody: that is another thing to say.
		if at.Before(c.NotBefore) || at.After(c.NotAfter) {
			return Expired, nil, "", time.Time{}
		}
		return Untrusted, nil, "", time.Time{}
	}
	chain = chains[0]
	top := chain[len(chain)-1]
	root = top.Subject.CommonName
	for _, r := range t.Roots {
		if r.Certificate.Equal(top) {
			root = r.Name
		}
	}
	for i, one := range chain[:len(chain)-1] {
		if when, is := t.revoked(one, chain[i+1], crls); is && !when.After(at) {
			return Revoked, chain, root, when
		}
	}
	return Trusted, chain, root, time.Time{}
}

// signs says whether a certificate may sign documents (RFC 5280, 4.2.1.3). One that does not say is for everything.
func signs(c *x509.Certificate) bool {
	return c.KeyUsage == 0 || c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0
}

// maxCRL bounds a list that is read.
const maxCRL = 4 << 20

// revoked looks for a certificate in the lists that its issuer signed.
func (t *Trust) revoked(c, issuer *x509.Certificate, crls [][]byte) (at time.Time, is bool) {
	for _, list := range [][][]byte{t.CRLs, crls} {
		for _, der := range list {
			if len(der) > maxCRL {
				continue
			}
			crl, err := x509.ParseRevocationList(der)
			if err != nil || !bytes.Equal(crl.RawIssuer, c.RawIssuer) || crl.CheckSignatureFrom(issuer) != nil {
				continue
			}
			if when, ok := listed(crl, c.SerialNumber); ok && (!is || when.Before(at)) {
				at, is = when, true
			}
		}
	}
	return at, is
}

func listed(crl *x509.RevocationList, serial *big.Int) (time.Time, bool) {
	for _, e := range crl.RevokedCertificateEntries {
		if e.SerialNumber.Cmp(serial) == 0 {
			return e.RevocationTime, true
		}
	}
	return time.Time{}, false
}
