package flow

import "roundtable/backend/wire"

const (
	// filledStep is of what size what was filled in is a multiple before it is sealed: how long a value is, or whether a box is checked, its length does not tell.
	filledStep = 1 << 10
	// leastPad keeps the length of the padding one of three bytes.
	leastPad = 256
)

// filled is what Consented.Filled is the seal of.
type filled struct {
	Values []Value `cbor:"1,keyasint,omitempty"`
	Files  []File  `cbor:"2,keyasint,omitempty"`
	Pad    []byte  `cbor:"3,keyasint"`
}

// Hide takes out of a consent what was filled in: the bytes that are sealed, and the consent without them.
func (c *Consented) Hide() (raw []byte, bare *Consented) {
	f := filled{Values: c.Values, Files: c.Files, Pad: make([]byte, leastPad)}
	over := len(wire.MustEncode(f)) % filledStep
	f.Pad = make([]byte, leastPad+(filledStep-over)%filledStep)
	out := *c
	out.Values, out.Files, out.Filled = nil, nil, nil
	return wire.MustEncode(f), &out
}

// Reveal gives a consent with what was filled in, by the bytes that Hide gave. Errors: ErrBody, those of wire.Decode.
func (c *Consented) Reveal(raw []byte) (*Consented, error) {
	var f filled
	if err := wire.Decode(raw, MaxConsent, &f); err != nil {
		return nil, err
	}
	out := *c
	out.Values, out.Files, out.Filled = f.Values, f.Files, nil
	if !out.valid() {
		return nil, ErrBody
	}
	return &out, nil
}
