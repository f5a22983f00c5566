package protocol

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// LinkPrefix begins a relay link.
const LinkPrefix = "roundtable://relay/"

const maxLink = 2048

// ErrLink is returned for text that is no relay link.
var ErrLink = errors.New("not a relay link")

// Address is how a device reaches a relay and is admitted by it. It holds a
// secret (Token): it travels sealed in a workspace's log, in invite links, and in
// the relay link that an operator hands over.
type Address struct {
	Version uint8 `cbor:"1,keyasint"`
	// URL is "wss://host:port" or "wss://host", no path; "ws://" on loopback only.
	URL string `cbor:"2,keyasint"`
	// Pin is the SHA-256 of the certificate's SubjectPublicKeyInfo; zero: the
	// system's certificate authorities decide.
	Pin   [32]byte `cbor:"3,keyasint"`
	Token []byte   `cbor:"4,keyasint"`
	// Name for people, may be empty.
	Name string `cbor:"5,keyasint,omitempty"`
}

// Link is the text form: LinkPrefix and the unpadded URL-safe base64 of the
// canonical CBOR and four bytes of its hash.
func (a Address) Link() string {
	raw := wire.MustEncode(a)
	return LinkPrefix + base64.RawURLEncoding.EncodeToString(append(raw, checksum(raw)...))
}

func checksum(raw []byte) []byte {
	sum := key.Hash("roundtable relay link v1", raw)
	return sum[:4]
}

// ParseLink reads a relay link; white space inside is forgiven. Errors: ErrLink.
func ParseLink(text string) (Address, error) {
	var a Address
	rest, ok := strings.CutPrefix(strings.Join(strings.Fields(text), ""), LinkPrefix)
	if !ok || len(rest) > maxLink {
		return a, ErrLink
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if err != nil || len(raw) < 5 {
		return a, ErrLink
	}
	body, sum := raw[:len(raw)-4], raw[len(raw)-4:]
	if string(checksum(body)) != string(sum) {
		return a, ErrLink
	}
	if err := wire.Decode(body, maxLink, &a); err != nil {
		return a, fmt.Errorf("%w: %w", ErrLink, err)
	}
	return a, a.Check()
}

// Check reports whether an address may be used. Errors: ErrLink.
func (a Address) Check() error {
	u, err := url.Parse(a.URL)
	if err != nil || a.Version != 1 || len(a.Token) != 32 || len(a.URL) > 300 || len([]rune(a.Name)) > wire.MaxName ||
		(u.Scheme != "wss" && u.Scheme != "ws") || u.Hostname() == "" || u.User != nil ||
		u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return ErrLink
	}
	if u.Scheme == "ws" && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" {
		return ErrLink // nothing unsealed beyond this machine
	}
	return nil
}

// Host is the "host:port" part of the URL as an HTTP request names it.
func (a Address) Host() string {
	u, err := url.Parse(a.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// ID names an address in tables and logs without telling its token.
func (a Address) ID() [32]byte {
	return key.Hash("roundtable relay address v1", []byte(a.URL), a.Pin[:], a.Token)
}
