package witnessed

import (
	"roundtable/backend/contracts/evidence"
	"roundtable/backend/event"
	"roundtable/backend/wire"

	"golang.org/x/mod/sumdb/tlog"
)

// Kinds of events.
const (
	KindCheckpoint event.Kind = "contracts.checkpoint"
	KindCosigned   event.Kind = "contracts.cosigned"
	KindForked     event.Kind = "contracts.forked"
)

// Bounds of the bodies.
const (
	maxEntries       = 64
	maxHashes        = 64
	maxContinuations = 16
	maxItems         = 64
	maxKey           = 400
)

// checkpoint is the state of its author's log.
type checkpoint struct {
	// Log is the log's key; its name is that of the author's device.
	Log  string `cbor:"1,keyasint"`
	Note string `cbor:"2,keyasint"`
	// Entries of this contract, each proven in Note.
	Entries []entry `cbor:"3,keyasint,omitempty"`
	// Continuations show that earlier states are the beginning of this one.
	Continuations []continuation `cbor:"4,keyasint,omitempty"`
}

type entry struct {
	Index  uint64   `cbor:"1,keyasint"`
	Text   []byte   `cbor:"2,keyasint"`
	Hashes [][]byte `cbor:"3,keyasint,omitempty"`
}

type continuation struct {
	From   uint64   `cbor:"1,keyasint"`
	Hashes [][]byte `cbor:"2,keyasint"`
}

// cosigned is what its author's witness signed.
type cosigned struct {
	// Witness is its key; its name is that of the author's device.
	Witness string        `cbor:"1,keyasint"`
	Items   []cosignature `cbor:"2,keyasint"`
}

type cosignature struct {
	Log string `cbor:"1,keyasint"`
	// Text is the SHA-256 of the checkpoint's text.
	Text [32]byte `cbor:"2,keyasint"`
	Line string   `cbor:"3,keyasint"`
}

// forked has two states of one log that contradict each other.
type forked struct {
	Log    string `cbor:"1,keyasint"`
	First  string `cbor:"2,keyasint"`
	Second string `cbor:"3,keyasint"`
}

// LogName and WitnessName are what the keys of a device are called: nobody can speak in another's name.
func LogName(d wire.DeviceID) string     { return "roundtable/log/" + d.String() }
func WitnessName(d wire.DeviceID) string { return "roundtable/witness/" + d.String() }

// logKey reads the key of a device's log.
func logKey(text string, device wire.DeviceID) (evidence.Key, bool) {
	k, err := evidence.ParseKey(text)
	return k, err == nil && !k.Witness && len(text) <= maxKey && k.Name == LogName(device)
}

func witnessKey(text string, device wire.DeviceID) (evidence.Key, bool) {
	k, err := evidence.ParseKey(text)
	return k, err == nil && k.Witness && len(text) <= maxKey && k.Name == WitnessName(device)
}

func rawHashes(list []tlog.Hash) (out [][]byte) {
	for _, h := range list {
		out = append(out, h[:])
	}
	return out
}

// treeHashes reads hashes; false for those that are none.
func treeHashes(list [][]byte) (out []tlog.Hash, ok bool) {
	if len(list) > maxHashes {
		return nil, false
	}
	for _, raw := range list {
		if len(raw) != tlog.HashSize {
			return nil, false
		}
		out = append(out, tlog.Hash(raw))
	}
	return out, true
}
