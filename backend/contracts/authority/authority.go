package authority

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1" // the name of a key (RFC 5280, 4.2.1.2), no proof
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roundtable/backend/contracts/cms"
)

const (
	// rootYears is how long a root is valid: as long as the longest contracts that it is for.
	rootYears = 25
	// MaxValidity is the longest that a person's certificate may be valid.
	MaxValidity = 5 * 365 * 24 * time.Hour
	// listValidity is until when a list of revoked certificates should have been replaced.
	listValidity = 90 * 24 * time.Hour
	// maxName bounds names, in characters (RFC 5280, ub-common-name and ub-organization-name).
	maxName = 64
	// skew is how far back a certificate or a list begins, for clocks that are behind.
	skew = 10 * time.Minute
)

var (
	// ErrName says that a name cannot be in a certificate.
	ErrName = errors.New("no name for a certificate")
	// ErrValidity says that the time is over, before it begins, or longer than allowed.
	ErrValidity = errors.New("no such validity")
	// ErrRoot says that the certificate given as root is none of this package's, or not of this key.
	ErrRoot = errors.New("no root of a workspace")
)

// NewRoot makes the root certificate of a workspace, signed by its own key.
func NewRoot(key crypto.Signer, workspace string, now time.Time) (*x509.Certificate, error) {
	if err := named(workspace); err != nil {
		return nil, err
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	id, err := keyID(key.Public())
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		// Two workspaces of one name have two names here.
		Subject:   pkix.Name{Organization: []string{workspace}, CommonName: fmt.Sprintf("%s Root %X", cut(workspace, 40), id[:4])},
		NotBefore: now.Add(-skew), NotAfter: now.AddDate(rootYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: id,
	}
	return create(template, template, key.Public(), key)
}

// Person is whom a certificate is for.
type Person struct {
	// Name is the one that was verified; Workspace the organization; Department may be empty.
	Name, Workspace, Department string
	// ID is the person's in Roundtable. It is in the certificate as serialNumber (RFC 4519, 2.31),
	// so that two persons of one name can be told apart.
	ID    string
	Email string
	// Seal makes it a certificate for the use of a seal: Name is the seal's, ID the holder's.
	Seal *cms.SealRight
}

// Issue makes a person's certificate. Errors: ErrName, ErrValidity, ErrRoot.
func Issue(root *x509.Certificate, key crypto.Signer, public crypto.PublicKey, p Person, from time.Time, validity time.Duration) (*x509.Certificate, error) {
	if err := owns(root, key); err != nil {
		return nil, err
	}
	if err := errors.Join(named(p.Name), named(p.Workspace)); err != nil {
		return nil, err
	}
	until := from.Add(validity)
	if validity <= 0 || validity > MaxValidity || until.After(root.NotAfter) {
		return nil, ErrValidity
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	id, err := keyID(public)
	if err != nil {
		return nil, err
	}
	subject := pkix.Name{Organization: []string{p.Workspace}, CommonName: p.Name, SerialNumber: p.ID}
	if p.Department != "" {
		subject.OrganizationalUnit = []string{cut(p.Department, maxName)}
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: subject, NotBefore: from.Add(-skew), NotAfter: until,
		BasicConstraintsValid: true, SubjectKeyId: id,
		// Non-repudiation is what readers look for in a certificate that signs documents.
		KeyUsage:           x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 36}}, // document signing (RFC 9336)
	}
	if p.Seal != nil {
		e, err := p.Seal.Extension()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrName, err)
		}
		template.ExtraExtensions = []pkix.Extension{e}
	}
	if p.Email != "" {
		template.EmailAddresses = []string{p.Email}
	}
	return create(template, root, public, key)
}

// Revocation is a certificate that was taken back.
type Revocation struct {
	Serial *big.Int
	At     time.Time
	// Reason is a code of RFC 5280, 5.3.1: 1 key lost, 3 left the workspace, 4 replaced, 5 no longer needed.
	Reason int
}

// List makes the list of revoked certificates. number grows with each list.
func List(root *x509.Certificate, key crypto.Signer, number int64, all []Revocation, now time.Time) ([]byte, error) {
	if err := owns(root, key); err != nil {
		return nil, err
	}
	template := &x509.RevocationList{Number: big.NewInt(number), ThisUpdate: now.Add(-skew), NextUpdate: now.Add(listValidity)}
	for _, r := range all {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: r.Serial, RevocationTime: r.At, ReasonCode: r.Reason})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, root, key)
	if err != nil {
		return nil, fmt.Errorf("make list of revoked certificates: %w", err)
	}
	return der, nil
}

func create(template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

func owns(root *x509.Certificate, key crypto.Signer) error {
	public, is := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if root == nil || !root.IsCA || !is || !public.Equal(root.PublicKey) {
		return ErrRoot
	}
	return nil
}

func newSerial() (*big.Int, error) {
	// 126 bits (RFC 5280 allows 159, the CA/Browser Forum asks for 64 that are random), and never 0.
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, fmt.Errorf("make serial: %w", err)
	}
	return n.Add(n, big.NewInt(1)), nil
}

func keyID(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	sum := sha1.Sum(der) // see above
	return sum[:], nil
}

func named(s string) error {
	if n := utf8.RuneCountInString(s); n == 0 || n > maxName || !utf8.ValidString(s) || strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("%w: %q", ErrName, s)
	}
	return nil
}

// cut shortens a text to some characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
