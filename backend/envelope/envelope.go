package envelope

import (
	"encoding/binary"
	"errors"
	"fmt"

	"roundtable/backend/key"
	"roundtable/backend/wire"
)

const (
	version       = 1
	headerSize    = 130
	signatureSize = 64
	// Overhead is what an envelope adds to its sealed body.
	Overhead = headerSize + signatureSize
)

// Lane separates the events that decide who belongs to a space from what its
// members write. Control feeds are short and fetched whole before content,
// so that content can be fetched newest first and still be authorised.
type Lane uint8

const (
	Control Lane = 0
	Content Lane = 1
)

// Feed names one hash-linked sequence of one device in one space.
type Feed struct {
	Device wire.DeviceID
	// Start is the Unix time in ms when the device began the feed. A device
	// starts a new feed after a fork, a repair, or when it is let in again.
	Start uint64
	Lane  Lane
}

// Header is the authenticated, visible part.
type Header struct {
	Space wire.SpaceID
	Feed  Feed
	Seq   uint64
	Prev  wire.EventID
	Epoch wire.EpochID
}

// Envelope is a decoded envelope. Raw holds the exact bytes; Body and Signature
// point into it.
type Envelope struct {
	Header
	ID        wire.EventID
	Raw       []byte
	Body      []byte
	Signature []byte
}

var (
	// ErrChain is returned for a run whose envelopes do not follow each other.
	ErrChain = errors.New("envelopes do not chain")
)

// HeaderBytes is the canonical form of a header: associated data of the body.
func (h Header) HeaderBytes() []byte {
	out := make([]byte, headerSize, headerSize+256)
	out[0], out[1] = version, byte(h.Feed.Lane)
	copy(out[2:], h.Space[:])
	copy(out[34:], h.Feed.Device[:])
	binary.BigEndian.PutUint64(out[66:], h.Feed.Start)
	binary.BigEndian.PutUint64(out[74:], h.Seq)
	copy(out[82:], h.Prev[:])
	copy(out[114:], h.Epoch[:])
	return out
}

// Seal joins header and body and signs them. The body is sealed already, with
// h.HeaderBytes() as associated data.
func Seal(h Header, body []byte, signer key.Signer) (Envelope, error) {
	if len(body) > wire.MaxEnvelope-Overhead {
		return Envelope{}, fmt.Errorf("seal envelope: %w", wire.ErrTooLarge)
	}
	raw := append(h.HeaderBytes(), body...)
	digest := key.Digest(raw)
	signature, err := signer.Sign(key.ContextEnvelope, digest[:])
	if err != nil {
		return Envelope{}, fmt.Errorf("sign envelope: %w", err)
	}
	return Decode(append(raw, signature...))
}

// Decode reads an envelope without verifying its signature. It keeps raw.
// Errors: wire.ErrTooLarge, wire.ErrMalformed.
func Decode(raw []byte) (Envelope, error) {
	if len(raw) > wire.MaxEnvelope {
		return Envelope{}, fmt.Errorf("decode envelope: %w", wire.ErrTooLarge)
	}
	if len(raw) < Overhead || raw[0] != version || raw[1] > byte(Content) {
		return Envelope{}, fmt.Errorf("decode envelope: %w", wire.ErrMalformed)
	}
	e := Envelope{
		Header: Header{
			Space: wire.SpaceID(raw[2:34]),
			Feed: Feed{
				Device: wire.DeviceID(raw[34:66]),
				Start:  binary.BigEndian.Uint64(raw[66:]),
				Lane:   Lane(raw[1]),
			},
			Seq:   binary.BigEndian.Uint64(raw[74:]),
			Prev:  wire.EventID(raw[82:114]),
			Epoch: wire.EpochID(raw[114:130]),
		},
		ID:        key.Digest(raw),
		Raw:       raw,
		Body:      raw[headerSize : len(raw)-signatureSize],
		Signature: raw[len(raw)-signatureSize:],
	}
	// Both numbers live in signed 64-bit columns; no honest feed comes near.
	if e.Seq == 0 || e.Seq >= 1<<62 || e.Feed.Start >= 1<<62 || (e.Seq == 1) != e.Prev.IsZero() {
		return Envelope{}, fmt.Errorf("decode envelope: sequence: %w", wire.ErrMalformed)
	}
	return e, nil
}

// Verify checks the signature. Errors: key.ErrSignature.
func (e Envelope) Verify() error {
	digest := key.Digest(e.Raw[:len(e.Raw)-signatureSize])
	return key.Verify(e.Feed.Device, key.ContextEnvelope, digest[:], e.Signature)
}

// AAD is the associated data of the sealed body.
func (e Envelope) AAD() []byte { return e.Raw[:headerSize] }

// DecodeRun reads a run: envelopes of one feed of one space, in sequence, each
// holding the hash of the one before. Only the last signature is verified; the
// hashes carry it to the others.
// Errors: ErrChain, key.ErrSignature, wire.ErrMalformed, wire.ErrTooLarge.
func DecodeRun(raws [][]byte) ([]Envelope, error) {
	if len(raws) == 0 || len(raws) > wire.MaxRun {
		return nil, fmt.Errorf("decode run of %d: %w", len(raws), wire.ErrMalformed)
	}
	run := make([]Envelope, len(raws))
	for i, raw := range raws {
		e, err := Decode(raw)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			last := run[i-1]
			if e.Space != last.Space || e.Feed != last.Feed || e.Seq != last.Seq+1 || e.Prev != last.ID {
				return nil, fmt.Errorf("decode run at %d: %w", i, ErrChain)
			}
		}
		run[i] = e
	}
	if err := run[len(run)-1].Verify(); err != nil {
		return nil, fmt.Errorf("decode run: %w", err)
	}
	return run, nil
}
