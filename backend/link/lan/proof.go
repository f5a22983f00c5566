package lan

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const alpn = "roundtable/1"

// certificate is the device key as a certificate. It says nothing but the key.
func certificate(signer key.Signer) (tls.Certificate, error) {
	private := signer.TLS()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280: no good end date
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, nil
}

// config is for both sides. want pins the other side's key, zero takes any;
// self is refused.
func config(cert tls.Certificate, self, want wire.DeviceID) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{cert},
		NextProtos:   []string{alpn},
		ClientAuth:   tls.RequireAnyClientCert,
		// No authority is asked. VerifyConnection checks what counts, and TLS
		// itself that the other side holds the key that the certificate shows.
		InsecureSkipVerify:          true, //nolint:gosec // see above
		SessionTicketsDisabled:      true,
		DynamicRecordSizingDisabled: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			device, err := proven(s)
			switch {
			case err != nil:
				return err
			case !want.IsZero() && device != want:
				return link.ErrWrongDevice
			case device == self:
				return link.ErrSelf
			}
			return nil
		},
	}
}

// proven gives the device of a connection. Unlike VerifyPeerCertificate,
// VerifyConnection runs on every connection, so it is called from there.
func proven(s tls.ConnectionState) (wire.DeviceID, error) {
	var none wire.DeviceID
	switch {
	case s.Version != tls.VersionTLS13 || s.DidResume:
		return none, fmt.Errorf("%w: not a full TLS 1.3 handshake", link.ErrHandshake)
	case s.NegotiatedProtocol != alpn:
		return none, fmt.Errorf("%w: another protocol", link.ErrHandshake)
	case len(s.PeerCertificates) != 1:
		return none, fmt.Errorf("%w: %d certificates", link.ErrHandshake, len(s.PeerCertificates))
	}
	cert := s.PeerCertificates[0]
	public, ok := cert.PublicKey.(ed25519.PublicKey)
	if !ok || len(public) != ed25519.PublicKeySize {
		return none, fmt.Errorf("%w: not an Ed25519 key", link.ErrHandshake)
	}
	if err := cert.CheckSignature(x509.PureEd25519, cert.RawTBSCertificate, cert.Signature); err != nil {
		return none, fmt.Errorf("%w: not self-signed", link.ErrHandshake)
	}
	return wire.DeviceID(public), nil
}
