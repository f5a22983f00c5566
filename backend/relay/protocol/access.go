package protocol

import (
	"bytes"
	"fmt"
	"slices"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// Rights of a device in a space, as far as a relay has to know. Whoever has any
// right may read, publish and send frames.
type Rights uint8

const (
	// RightNone marks a former member: nothing is given to it but its Last, what it
	// wrote before is still taken from others.
	RightNone Rights = 0
	RightUse  Rights = 1
	// RightAdd may list devices that were never on the list, with no more rights than its own.
	RightAdd Rights = 2
	// RightManage may change every entry.
	RightManage Rights = 4
)

// Entry of an access list.
type Entry struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Rights Rights
}

// Grant changes an access list. The first has Version 1 and a zero Prev.
type Grant struct {
	Space     wire.SpaceID `cbor:"1,keyasint"`
	Workspace wire.SpaceID `cbor:"2,keyasint"` // the same as Space for a workspace
	Version   uint64       `cbor:"3,keyasint"`
	// Prev is the Hash of the signed grant before.
	Prev [32]byte      `cbor:"4,keyasint"`
	By   wire.DeviceID `cbor:"5,keyasint"`
	Set  []Entry       `cbor:"6,keyasint"`
	// Last is for devices that this grant takes off.
	Last []Last `cbor:"7,keyasint,omitempty"`
}

// Last is what a device that is taken off a list may still be given, however late it
// asks: feeds of the control lane up to a sequence each. It was removed, and has to
// learn of it; a relay, which cannot read the removal, is told where it stands.
type Last struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Heads  []Head
}

// Signed is a grant with its author's signature (key.ContextGrant over Raw).
type Signed struct {
	Raw       []byte `cbor:"1,keyasint"`
	Signature []byte `cbor:"2,keyasint"`
}

// Hash names a signed grant in the Prev of the next.
func (s Signed) Hash() [32]byte { return key.Hash("roundtable relay grant v1", s.Raw, s.Signature) }

// Sign makes a signed grant.
func (g Grant) Sign(signer key.Signer) (Signed, error) {
	raw, err := wire.Encode(g)
	if err != nil {
		return Signed{}, err
	}
	signature, err := signer.Sign(key.ContextGrant, raw)
	if err != nil {
		return Signed{}, fmt.Errorf("sign grant: %w", err)
	}
	return Signed{Raw: raw, Signature: signature}, nil
}

// Open verifies a signed grant and reads it. Errors: key.ErrSignature, wire.ErrMalformed, wire.ErrTooLarge.
func (s Signed) Open() (Grant, error) {
	var g Grant
	if err := wire.Decode(s.Raw, MaxMessage, &g); err != nil {
		return g, fmt.Errorf("read grant: %w", err)
	}
	if len(g.Set) == 0 || len(g.Set) > MaxEntries || g.Version == 0 || (g.Version == 1) != (g.Prev == [32]byte{}) {
		return g, fmt.Errorf("read grant: shape: %w", wire.ErrMalformed)
	}
	if !g.lastFits() {
		return g, fmt.Errorf("read grant: last: %w", wire.ErrMalformed)
	}
	if err := key.Verify(g.By, key.ContextGrant, s.Raw, s.Signature); err != nil {
		return g, fmt.Errorf("read grant: %w", err)
	}
	return g, nil
}

// lastFits: only whom the grant takes off is left anything, only of the control lane,
// and never its author, who could leave itself what is written after it went.
func (g Grant) lastFits() bool {
	if len(g.Last) == 0 {
		return true
	}
	off := map[wire.DeviceID]bool{}
	for _, e := range g.Set {
		if e.Rights == RightNone && e.Device != g.By {
			off[e.Device] = true
		}
	}
	n := 0
	for _, l := range g.Last {
		n += len(l.Heads)
		if !off[l.Device] || len(l.Heads) == 0 || n > MaxHeads {
			return false
		}
		off[l.Device] = false
		for _, h := range l.Heads {
			if h.Feed().Lane != envelope.Control {
				return false
			}
		}
	}
	return true
}

// LastOf is what a grant leaves to a device: nil for nothing.
func (g Grant) LastOf(d wire.DeviceID) map[envelope.Feed]uint64 {
	for _, l := range g.Last {
		if l.Device != d {
			continue
		}
		out := make(map[envelope.Feed]uint64, len(l.Heads))
		for _, h := range l.Heads {
			out[h.Feed()] = max(out[h.Feed()], h.Seq)
		}
		return out
	}
	return nil
}

// Roll is an access list as grants have made it.
type Roll struct {
	Space     wire.SpaceID
	Workspace wire.SpaceID
	Version   uint64
	Head      [32]byte // Hash of the last grant
	Rights    map[wire.DeviceID]Rights
	// Former are devices that were left something (Last) when they were taken off: by
	// the grant of which version.
	Former map[wire.DeviceID]uint64
}

// Apply judges a grant and carries it out. For a first grant the caller has
// judged whether its author may begin a list. Failed: CodeStale, CodeForbidden, CodeTooLarge.
func (r *Roll) Apply(s Signed, g Grant) error {
	if g.Version != r.Version+1 || g.Prev != r.Head || r.Version > 0 && (g.Space != r.Space || g.Workspace != r.Workspace) {
		return Failed{Code: CodeStale}
	}
	own, first := r.Rights[g.By], r.Version == 0
	known := len(r.Rights)
	for _, e := range g.Set {
		old, listed := r.Rights[e.Device]
		if !listed {
			known++
		}
		switch {
		case first || own&RightManage != 0:
		case e.Device == g.By && listed && e.Rights == RightNone && old != RightNone: // leaves
		case !listed && own&RightAdd != 0 && e.Rights&^own == 0:
		default:
			return Failed{Code: CodeForbidden}
		}
	}
	if known > MaxListed {
		return Failed{Code: CodeTooLarge}
	}
	if first {
		r.Space, r.Workspace, r.Rights = g.Space, g.Workspace, map[wire.DeviceID]Rights{}
	}
	for _, e := range g.Set {
		r.Rights[e.Device] = e.Rights
		delete(r.Former, e.Device)
	}
	for _, l := range g.Last {
		if r.Former == nil {
			r.Former = map[wire.DeviceID]uint64{}
		}
		r.Former[l.Device] = g.Version
	}
	r.Version, r.Head = g.Version, s.Hash()
	return nil
}

// Entries lists the roll, by device.
func (r *Roll) Entries() []Entry {
	out := make([]Entry, 0, len(r.Rights))
	for d, rights := range r.Rights {
		out = append(out, Entry{Device: d, Rights: rights})
	}
	slices.SortFunc(out, func(a, b Entry) int { return bytes.Compare(a.Device[:], b.Device[:]) })
	return out
}

// Sum is the exclusive or of a hash of each entry: equal lists have equal sums.
func Sum(entries []Entry) (out [16]byte) {
	for _, e := range entries {
		h := key.Hash("roundtable relay entry v1", e.Device[:], []byte{byte(e.Rights)})
		for i := range out {
			out[i] ^= h[i]
		}
	}
	return out
}

// Access asks for a list. The answer has entries only when Sum differs.
type Access struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	Sum   [16]byte     `cbor:"2,keyasint,omitempty"`
	Page  uint32       `cbor:"3,keyasint,omitempty"`
}

// AccessList answers Access. Version 0: there is none.
type AccessList struct {
	Version uint64   `cbor:"1,keyasint,omitempty"`
	Head    [32]byte `cbor:"2,keyasint,omitempty"`
	Same    bool     `cbor:"3,keyasint,omitempty"`
	Entries []Entry  `cbor:"4,keyasint,omitempty"`
	More    bool     `cbor:"5,keyasint,omitempty"`
}

// Spaces asks for the spaces on whose lists the device stands, after one of them.
type Spaces struct {
	After wire.SpaceID `cbor:"1,keyasint,omitempty"`
}

// SpaceList answers Spaces, in the order of IDs.
type SpaceList struct {
	Spaces []wire.SpaceID `cbor:"1,keyasint,omitempty"`
	More   bool           `cbor:"2,keyasint,omitempty"`
}

// Listed tells a device that its rights in a space have changed. RightNone: it
// was taken off and is subscribed no more.
type Listed struct {
	Space  wire.SpaceID `cbor:"1,keyasint"`
	Rights Rights       `cbor:"2,keyasint,omitempty"`
}
