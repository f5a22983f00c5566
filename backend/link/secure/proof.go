package secure

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

// Protocol is the ALPN name of a connection between devices.
const Protocol = "roundtable/1"

// Identity is this device's side of every handshake.
type Identity struct {
	self wire.DeviceID
	cert tls.Certificate
}

// New makes the certificate of a device key.
func New(signer key.Signer) (*Identity, error) {
	cert, err := certificate(signer)
	if err != nil {
		return nil, err
	}
	return &Identity{self: signer.Public(), cert: cert}, nil
}

// Self is the device whose key this is.
func (i *Identity) Self() wire.DeviceID { return i.self }

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

// TLSConfig is for both sides, over TCP or QUIC. want pins the other side's key,
// zero takes any; our own is refused. Ask Proven who it was.
func (i *Identity) TLSConfig(want wire.DeviceID) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{i.cert},
		NextProtos:   []string{Protocol},
		ClientAuth:   tls.RequireAnyClientCert,
		// No authority is asked. VerifyConnection checks what counts, and TLS
		// itself that the other side holds the key that the certificate shows.
		InsecureSkipVerify:          true, //nolint:gosec // see above
		SessionTicketsDisabled:      true,
		DynamicRecordSizingDisabled: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			device, err := Proven(s)
			switch {
			case err != nil:
				return err
			case !want.IsZero() && device != want:
				return link.ErrWrongDevice
			case device == i.self:
				return link.ErrSelf
			}
			return nil
		},
	}
}

// Proven gives the device of a connection made with TLSConfig. Unlike
// VerifyPeerCertificate, VerifyConnection runs on every connection, so it is
// called from there. Errors: link.ErrHandshake.
func Proven(s tls.ConnectionState) (wire.DeviceID, error) {
	var none wire.DeviceID
	switch {
	case s.Version != tls.VersionTLS13 || s.DidResume:
		return none, fmt.Errorf("%w: not a full TLS 1.3 handshake", link.ErrHandshake)
	case s.NegotiatedProtocol != Protocol:
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
