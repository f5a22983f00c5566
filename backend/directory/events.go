package directory

import (
	"time"

	"roundtable/backend/directory/chart"
	"roundtable/backend/event"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

const (
	// Changed says something about departments, records and delegates.
	Changed event.Kind = "directory.changed"
	// AwaySet says from when to when its author is away.
	AwaySet event.Kind = "directory.away_set"
	// VaultMade hands the key of private fields to devices of administrators.
	VaultMade event.Kind = "directory.vault_made"
	// HiddenChanged says who sees fields of records; its body is a chart.Change of hidden fields alone.
	HiddenChanged event.Kind = "directory.hidden_changed"
	// KeysGiven hands on keys of hidden fields.
	KeysGiven event.Kind = "directory.keys_given"
)

// Away is a person's own leave. The zero value: none.
type Away struct {
	Kind AwayKind `cbor:"1,keyasint"`
	// From and To are days of the author's calendar ("2026-01-31"), both included.
	From string `cbor:"2,keyasint,omitempty"`
	To   string `cbor:"3,keyasint,omitempty"`
	Note string `cbor:"4,keyasint,omitempty"`
}

// AwayKind of a leave. Appended, never reordered.
type AwayKind uint8

const (
	Here     AwayKind = 0
	Vacation AwayKind = 1
	Sick     AwayKind = 2
	Trip     AwayKind = 3
	Other    AwayKind = 4
)

// maxAway bounds a leave; who is away for longer says so again.
const maxAway = 366 * 24 * time.Hour

func (a Away) valid() bool {
	if a.Kind == Here {
		return a == Away{}
	}
	from, err := time.Parse(time.DateOnly, a.From)
	to, err2 := time.Parse(time.DateOnly, a.To)
	if err != nil || err2 != nil || a.Kind > Other || to.Before(from) || to.Sub(from) > maxAway {
		return false
	}
	if a.Note == "" {
		return true
	}
	clean, err := name.Check(a.Note, chart.MaxText)
	return err == nil && clean == a.Note
}

// vaultMade wraps a key for devices. Several events may hand on one key.
type vaultMade struct {
	Key   chart.ID `cbor:"1,keyasint"`
	Boxes []box    `cbor:"2,keyasint"`
}

type box struct {
	Device wire.DeviceID `cbor:"1,keyasint"`
	Sealed []byte        `cbor:"2,keyasint"`
}

func (v vaultMade) valid() bool {
	return !v.Key.IsZero() && len(v.Boxes) > 0 && validBoxes(v.Boxes)
}

func validBoxes(all []box) bool {
	if len(all) > wire.MaxBoxes {
		return false
	}
	for _, b := range all {
		if len(b.Sealed) > 4096 {
			return false
		}
	}
	return true
}

// keysGiven hands on keys: those of departments (lines) to devices of their leads, and any key under another one.
// A name of a key is a hash of it, so a wrong key is found out by who opens it.
type keysGiven struct {
	Lines []line `cbor:"1,keyasint,omitempty"`
	Wraps []wrap `cbor:"2,keyasint,omitempty"`
}

// line is the key of one department, wrapped for devices. Several events may hand on one key.
type line struct {
	Key        chart.ID `cbor:"1,keyasint"`
	Department chart.ID `cbor:"2,keyasint"`
	Boxes      []box    `cbor:"3,keyasint,omitempty"`
}

// wrap is a key sealed under another one.
type wrap struct {
	Key    chart.ID `cbor:"1,keyasint"`
	Under  chart.ID `cbor:"2,keyasint"`
	Sealed []byte   `cbor:"3,keyasint"`
}

const (
	// maxGiven bounds the lines and the wraps of one event.
	maxGiven = 1000
	// maxWrapped bounds a sealed key, in bytes.
	maxWrapped = 128
)

func (g keysGiven) valid() bool {
	if len(g.Lines)+len(g.Wraps) == 0 || len(g.Lines)+len(g.Wraps) > maxGiven {
		return false
	}
	for _, l := range g.Lines {
		if l.Key.IsZero() || l.Department.IsZero() || !validBoxes(l.Boxes) {
			return false
		}
	}
	for _, w := range g.Wraps {
		if w.Key.IsZero() || w.Under.IsZero() || w.Key == w.Under || len(w.Sealed) > maxWrapped {
			return false
		}
	}
	return true
}
