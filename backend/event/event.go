// Package event is what an envelope carries once it is open: a kind, a stamp
// and a body, as one deterministic CBOR array [kind, stamp, body]. Events are
// pure values; what a body means is its feature's business.
//
// A body is sealed with the epoch key that the header names. The one exception
// is the kind Keys, whose body stands open (epoch zero) because it consists of
// boxes that are wrapped for single devices already, and must be readable to
// a device that does not have the epoch key yet.
package event

import (
	"fmt"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// Kind names a body: "<feature>.<past tense>". Kinds are added, never reused.
type Kind string

const (
	// Space carries a space.Op; control lane.
	Space Kind = "space.changed"
	// Keys carries wrapped epoch keys; control lane, open body.
	Keys Kind = "space.keys_wrapped"
)

const maxKind = 64

// Event is an opened event.
type Event struct {
	envelope.Header
	ID    wire.EventID
	Kind  Kind
	Stamp clock.Stamp
	Body  wire.Raw
}

type inner struct {
	_     struct{} `cbor:",toarray"`
	Kind  string
	Stamp uint64
	Body  wire.Raw
}

// Seal makes a signed envelope of a body. With an open kind the key is not used.
// Errors: wire.ErrTooLarge.
func Seal(h envelope.Header, k key.EpochKey, kind Kind, stamp clock.Stamp, body any, signer key.Signer) (envelope.Envelope, Event, error) {
	raw, err := wire.Encode(body)
	if err != nil {
		return envelope.Envelope{}, Event{}, err
	}
	plain, err := wire.Encode(inner{Kind: string(kind), Stamp: uint64(stamp), Body: raw})
	if err != nil {
		return envelope.Envelope{}, Event{}, err
	}
	if len(plain) > wire.MaxBody {
		return envelope.Envelope{}, Event{}, fmt.Errorf("seal %s: %w", kind, wire.ErrTooLarge)
	}
	sealed := plain
	if kind != Keys {
		h.Epoch = k.ID()
		sealed = k.Seal(h.HeaderBytes(), plain)
	}
	env, err := envelope.Seal(h, sealed, signer)
	if err != nil {
		return envelope.Envelope{}, Event{}, err
	}
	return env, Event{Header: env.Header, ID: env.ID, Kind: kind, Stamp: stamp, Body: raw}, nil
}

// Opener opens a sealed body: an epoch key, or the key of this body alone.
type Opener interface {
	Open(header, sealed []byte) ([]byte, error)
}

// Open reads the event of an envelope whose chain and signature are verified.
// Errors: key.ErrSealed, wire.ErrMalformed.
func Open(env envelope.Envelope, k Opener) (Event, error) {
	plain := env.Body
	if !env.Epoch.IsZero() {
		opened, err := k.Open(env.AAD(), env.Body)
		if err != nil {
			return Event{}, fmt.Errorf("open event: %w", err)
		}
		plain = opened
	}
	var in inner
	if err := wire.DecodeLoose(plain, wire.MaxBody, &in); err != nil {
		return Event{}, fmt.Errorf("open event: %w", err)
	}
	kind := Kind(in.Kind)
	// An open body may only hold what is wrapped by itself, and the reverse:
	// otherwise whoever stores envelopes could write plain ones.
	if len(kind) > maxKind || env.Epoch.IsZero() != (kind == Keys) {
		return Event{}, fmt.Errorf("open event: kind: %w", wire.ErrMalformed)
	}
	return Event{Header: env.Header, ID: env.ID, Kind: kind, Stamp: clock.Stamp(in.Stamp), Body: in.Body}, nil
}
