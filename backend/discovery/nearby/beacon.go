package nearby

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"

	"roundtable/backend/wire"
)

const (
	version = 1
	maxTags = 64
)

type tag [8]byte

// beacon is the datagram; see the package comment.
type beacon struct {
	_        struct{} `cbor:",toarray"`
	Version  uint64
	Instance [16]byte
	Port     uint16
	Joinable bool
	Answer   bool
	Nonce    [16]byte
	Tags     []tag
}

func (b *beacon) encode() []byte { return wire.MustEncode(b) }

// decode reads a datagram. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func decode(data []byte) (*beacon, error) {
	var b beacon
	if err := wire.Decode(data, wire.MaxBeacon, &b); err != nil {
		return nil, err
	}
	ascending := slices.IsSortedFunc(b.Tags, func(x, y tag) int {
		if c := bytes.Compare(x[:], y[:]); c != 0 {
			return c
		}
		return -1 // twice the same is out of order too
	})
	if b.Version != version || b.Port == 0 || len(b.Tags) > maxTags || !ascending || b.Instance == [16]byte{} {
		return nil, fmt.Errorf("decode beacon: %w", wire.ErrMalformed)
	}
	return &b, nil
}

// tagOf is what a workspace looks like in one datagram.
func tagOf(secret, nonce, instance []byte) tag {
	mac := hmac.New(sha256.New, secret)
	mac.Write(nonce)
	mac.Write(instance)
	return tag(mac.Sum(nil)[:8])
}

// seal makes a beacon's nonce and tags. Beyond limit a different choice of
// workspaces goes out each time: Go's map order is random.
func (b *beacon) seal(secrets map[wire.SpaceID][32]byte, limit int) {
	b.Nonce = [16]byte(wire.Random(16))
	b.Tags = []tag{}
	for _, s := range secrets {
		if len(b.Tags) == limit {
			break
		}
		b.Tags = append(b.Tags, tagOf(s[:], b.Nonce[:], b.Instance[:]))
	}
	slices.SortFunc(b.Tags, func(x, y tag) int { return bytes.Compare(x[:], y[:]) })
	b.Tags = slices.Compact(b.Tags)
}

// spaces resolves the tags, in a stable order.
func (b *beacon) spaces(secrets map[wire.SpaceID][32]byte) []wire.SpaceID {
	var out []wire.SpaceID
	for id, s := range secrets {
		want := tagOf(s[:], b.Nonce[:], b.Instance[:])
		if _, found := slices.BinarySearchFunc(b.Tags, want, func(x, y tag) int { return bytes.Compare(x[:], y[:]) }); found {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, func(x, y wire.SpaceID) int { return bytes.Compare(x[:], y[:]) })
	return out
}
