package media

import (
	"fmt"

	"roundtable/backend/wire"
)

// message is what engines say to each other, over Options.Send until their connection stands, then
// on its data channel. Exactly one field is set. CBOR, at most 256 KiB.
type message struct {
	Hello     *hello       `cbor:"1,keyasint,omitempty"`
	Offer     *description `cbor:"2,keyasint,omitempty"`
	Answer    *description `cbor:"3,keyasint,omitempty"`
	Candidate *candidate   `cbor:"4,keyasint,omitempty"`
	Restart   *restart     `cbor:"5,keyasint,omitempty"`
	Have      *have        `cbor:"6,keyasint,omitempty"`
	Want      *want        `cbor:"7,keyasint,omitempty"`
	Room      *room        `cbor:"8,keyasint,omitempty"`
}

// hello asks the one who offers for an offer: the other has no session, or only this one.
type hello struct {
	Session uint64 `cbor:"1,keyasint"`
}

// description is an offer or an answer. A session is one PeerConnection; its offers are numbered.
type description struct {
	Session uint64 `cbor:"1,keyasint"`
	Serial  uint64 `cbor:"2,keyasint"`
	SDP     string `cbor:"3,keyasint"`
}

type candidate struct {
	Session uint64 `cbor:"1,keyasint"`
	Text    string `cbor:"2,keyasint"`
}

// restart asks for an offer with new ICE credentials.
type restart struct {
	Session uint64 `cbor:"1,keyasint"`
}

// have lists all that the teller can forward to the told.
type have struct {
	Sources []told `cbor:"1,keyasint"`
}

// told is a source with its number: packets name it in their one CSRC, as Number*4 + layer. So a
// packet says itself what it belongs to, and no map of slots has to arrive before it.
type told struct {
	Number uint32        `cbor:"1,keyasint"`
	Device wire.DeviceID `cbor:"2,keyasint"`
	Kind   Kind          `cbor:"3,keyasint"`
}

// want lists all pictures that the teller wants of the told.
type want struct {
	Pictures []picture `cbor:"1,keyasint"`
}

// picture is wanted for a height; or, by a hub, in the layers whose bits are set.
type picture struct {
	Device wire.DeviceID `cbor:"1,keyasint"`
	Kind   Kind          `cbor:"2,keyasint"`
	Height int           `cbor:"3,keyasint"`
	Layers uint8         `cbor:"4,keyasint"`
}

// room asks the one who offers for at least so many slots.
type room struct {
	Audio int `cbor:"1,keyasint"`
	Video int `cbor:"2,keyasint"`
}

// parse reads a message. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func parse(data []byte) (message, error) {
	var m message
	if err := wire.DecodeLoose(data, maxMessage, &m); err != nil {
		return message{}, err
	}
	return m, m.check()
}

func (m *message) check() error {
	set := 0
	for _, there := range []bool{m.Hello != nil, m.Offer != nil, m.Answer != nil, m.Candidate != nil, m.Restart != nil, m.Have != nil, m.Want != nil, m.Room != nil} {
		if there {
			set++
		}
	}
	if set != 1 {
		return fmt.Errorf("call: %d fields: %w", set, wire.ErrMalformed)
	}
	switch {
	case m.Candidate != nil && len(m.Candidate.Text) > maxCandidate,
		m.Have != nil && len(m.Have.Sources) > maxTold,
		m.Want != nil && len(m.Want.Pictures) > maxTold:
		return fmt.Errorf("call: %w", wire.ErrTooLarge)
	case m.Room != nil && (m.Room.Audio < 0 || m.Room.Audio > maxSlots || m.Room.Video < 0 || m.Room.Video > maxSlots):
		return fmt.Errorf("call: slots: %w", wire.ErrMalformed)
	}
	if m.Have != nil {
		for _, s := range m.Have.Sources {
			if !s.Kind.valid() || s.Number > 1<<30-1 {
				return fmt.Errorf("call: source: %w", wire.ErrMalformed)
			}
		}
	}
	if m.Want != nil {
		for _, p := range m.Want.Pictures {
			if !p.Kind.valid() || p.Kind.Sound() || p.Height < 0 || p.Height > 1<<16 || p.Layers > 7 {
				return fmt.Errorf("call: picture: %w", wire.ErrMalformed)
			}
		}
	}
	return nil
}

func (k Kind) valid() bool { return k >= Microphone && k <= ScreenSound }

// beat is said five times a second on a channel of its own that loses rather than delays.
type beat struct {
	At     int64   `cbor:"1,keyasint"` // of the teller's clock, microseconds
	Echo   int64   `cbor:"2,keyasint"` // the At of the last beat that was heard, 0 for none
	Held   int64   `cbor:"3,keyasint"` // for so many microseconds
	Loss   float64 `cbor:"4,keyasint"` // of what was sent to the told
	Serial uint64  `cbor:"5,keyasint"`
}

func parseBeat(data []byte) (beat, error) {
	var b beat
	if err := wire.DecodeLoose(data, 256, &b); err != nil {
		return beat{}, err
	}
	if b.Held < 0 || b.Held > 60e6 || !(b.Loss >= 0 && b.Loss <= 1) {
		return beat{}, fmt.Errorf("call: beat: %w", wire.ErrMalformed)
	}
	return b, nil
}
