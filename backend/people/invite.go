package people

import (
	"encoding/base64"
	"fmt"
	"strings"

	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/name"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	linkPrefix     = "roundtable://join/"
	guestPrefix    = "roundtable://guest/"
	contractPrefix = "roundtable://contract/"
	circlePrefix   = "roundtable://circle/"
	maxLink        = 4096
)

// leads is what a link leads into; the prefix says it. A link whose prefix was changed leads nowhere:
// the space that it names has no such invite.
type leads uint8

const (
	intoWorkspace leads = iota
	intoMeeting
	intoContract
	intoCircle
)

var prefixes = [...]string{intoWorkspace: linkPrefix, intoMeeting: guestPrefix, intoContract: contractPrefix, intoCircle: circlePrefix}

// inviteLink is what an invite link holds. Its text is a prefix and the unpadded URL-safe base64 of the canonical CBOR of this and four bytes of its
// hash, so that a garbled link is known as such before anything is dialled.
type inviteLink struct {
	Version   uint8        `cbor:"1,keyasint"`
	Workspace wire.SpaceID `cbor:"2,keyasint"`
	// Seed of the invite's key: the secret.
	Seed          []byte        `cbor:"3,keyasint"`
	Expires       int64         `cbor:"4,keyasint"`
	WorkspaceName string        `cbor:"5,keyasint"`
	Inviter       string        `cbor:"6,keyasint"`
	Device        wire.DeviceID `cbor:"7,keyasint"`
	Addresses     []string      `cbor:"8,keyasint,omitempty"`
	// Relays by which a newcomer reaches somebody from anywhere, with the token that
	// lets it in there as a visitor.
	Relays []protocol.Address `cbor:"9,keyasint,omitempty"`
	into   leads
}

// maxInviteRelays keeps links and their QR codes short.
const maxInviteRelays = 2

// hosts names the relays of a link for people.
func (l inviteLink) hosts() (out []string) {
	for _, a := range l.Relays {
		out = append(out, a.Host())
	}
	return out
}

func checksum(raw []byte) []byte {
	sum := key.Hash("roundtable invite link v1", raw)
	return sum[:4]
}

func (l inviteLink) text() string {
	raw := wire.MustEncode(l)
	return prefixes[l.into] + base64.RawURLEncoding.EncodeToString(append(raw, checksum(raw)...))
}

// parseInvite reads a link into a workspace, a contract or a circle. Errors: errcode.InviteGarbled, errcode.LinkForGuests.
func parseInvite(text string) (inviteLink, error) {
	l, err := parseLink(text)
	if err == nil && l.into == intoMeeting {
		err = errcode.LinkForGuests
	}
	return l, err
}

// parseGuest reads a link for guests of a meeting. Errors: errcode.InviteGarbled, errcode.LinkForWorkspace.
func parseGuest(text string) (inviteLink, error) {
	l, err := parseLink(text)
	if err == nil && l.into != intoMeeting {
		err = errcode.LinkForWorkspace
	}
	return l, err
}

// parseLink reads a link of any kind. White space inside is forgiven: mail programs break
// lines. Errors: errcode.InviteGarbled.
func parseLink(text string) (inviteLink, error) {
	var l inviteLink
	text = strings.Join(strings.Fields(text), "")
	rest, ok := "", false
	for into, prefix := range prefixes {
		if rest, ok = strings.CutPrefix(text, prefix); ok {
			l.into = leads(into)
			break
		}
	}
	if !ok || len(rest) > maxLink {
		return l, errcode.InviteGarbled
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if err != nil || len(raw) < 5 {
		return l, errcode.InviteGarbled
	}
	body, sum := raw[:len(raw)-4], raw[len(raw)-4:]
	if string(checksum(body)) != string(sum) {
		return l, errcode.InviteGarbled
	}
	if err := wire.Decode(body, maxLink, &l); err != nil {
		return l, errcode.With(errcode.InviteGarbled, err)
	}
	if l.Version != 1 || len(l.Addresses) > 32 || len(l.Relays) > maxInviteRelays {
		return l, errcode.InviteGarbled
	}
	for _, a := range l.Relays {
		if a.Check() != nil {
			return l, errcode.InviteGarbled
		}
	}
	for _, n := range []string{l.WorkspaceName, l.Inviter} {
		if clean, err := name.Check(n, wire.MaxName); err != nil || clean != n {
			return l, errcode.With(errcode.InviteGarbled, fmt.Errorf("name: %w", err))
		}
	}
	if _, err := key.SigningKeyFromSeed(l.Seed); err != nil {
		return l, errcode.InviteGarbled
	}
	return l, nil
}

func (l inviteLink) secret() key.SigningKey {
	k, _ := key.SigningKeyFromSeed(l.Seed) // checked by parseInvite
	return k
}
