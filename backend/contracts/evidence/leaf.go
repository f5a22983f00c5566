package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ErrMalformed says that bytes are no evidence.
var ErrMalformed = errors.New("malformed evidence")

// maxLeaf bounds an entry's text, maxValue one of its values.
const (
	maxLeaf  = 8 << 10
	maxValue = 1 << 10
)

// heading is the first line of an entry. The form of entries is fixed for ever; a new one gets a new heading.
const heading = "roundtable-evidence/1"

// Leaf is one thing that happened to a contract.
type Leaf struct {
	// Kind is what happened: prepared, sent, opened, consented, signed, sealed, declined, reassigned, voided, completed, …
	Kind string
	// Contract is its ID.
	Contract string
	// Document is the SHA-256 of the file as it was afterwards; zero if there is none yet.
	Document [32]byte
	// Actor and Device are IDs of who did it, Name what they are called.
	Actor, Device, Name string
	// Note is what they said, such as the reason for which they declined.
	Note string
	// Previous is the hash of the entry of this contract before this one; zero for the first.
	Previous [32]byte
	// At is the device's clock, in milliseconds. It proves nothing: checkpoints have times.
	At time.Time
}

// Bytes is the entry's text: one form for one entry.
// Errors: ErrMalformed for a value that is too long or has control characters.
func (l Leaf) Bytes() ([]byte, error) {
	if !kindly(l.Kind) || l.At.UnixMilli() < 0 {
		return nil, fmt.Errorf("%w: kind %q", ErrMalformed, l.Kind)
	}
	var b strings.Builder
	b.WriteString(heading + "\n")
	for _, line := range [][2]string{
		{"kind", l.Kind}, {"contract", strconv.Quote(l.Contract)}, {"document", digest(l.Document)}, {"actor", strconv.Quote(l.Actor)},
		{"device", strconv.Quote(l.Device)}, {"name", strconv.Quote(l.Name)}, {"note", strconv.Quote(l.Note)},
		{"previous", digest(l.Previous)}, {"at", strconv.FormatInt(l.At.UnixMilli(), 10)},
	} {
		b.WriteString(line[0] + " " + line[1] + "\n")
	}
	for _, s := range []string{l.Contract, l.Actor, l.Device, l.Name, l.Note} {
		if len(s) > maxValue || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			return nil, fmt.Errorf("%w: a value", ErrMalformed)
		}
	}
	if b.Len() > maxLeaf {
		return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, b.Len())
	}
	return []byte(b.String()), nil
}

// ParseLeaf reads an entry and refuses every other form of it.
func ParseLeaf(text []byte) (l Leaf, err error) {
	if len(text) > maxLeaf {
		return l, fmt.Errorf("%w: %d bytes", ErrMalformed, len(text))
	}
	lines := strings.Split(string(text), "\n")
	names := []string{"kind", "contract", "document", "actor", "device", "name", "note", "previous", "at"}
	if len(lines) != len(names)+2 || lines[0] != heading || lines[len(lines)-1] != "" {
		return l, fmt.Errorf("%w: lines", ErrMalformed)
	}
	values := map[string]string{}
	for i, name := range names {
		value, ok := strings.CutPrefix(lines[i+1], name+" ")
		if !ok {
			return l, fmt.Errorf("%w: no %s", ErrMalformed, name)
		}
		values[name] = value
	}
	l.Kind = values["kind"]
	for name, to := range map[string]*string{"contract": &l.Contract, "actor": &l.Actor, "device": &l.Device, "name": &l.Name, "note": &l.Note} {
		if *to, err = strconv.Unquote(values[name]); err != nil {
			return l, fmt.Errorf("%w: %s", ErrMalformed, name)
		}
	}
	for name, to := range map[string]*[32]byte{"document": &l.Document, "previous": &l.Previous} {
		if *to, err = undigest(values[name]); err != nil {
			return l, fmt.Errorf("%w: %s", ErrMalformed, name)
		}
	}
	ms, err := strconv.ParseInt(values["at"], 10, 64)
	if err != nil {
		return l, fmt.Errorf("%w: at", ErrMalformed)
	}
	l.At = time.UnixMilli(ms).UTC()
	again, err := l.Bytes()
	if err != nil || string(again) != string(text) {
		return l, fmt.Errorf("%w: not as it is written", ErrMalformed)
	}
	return l, nil
}

// Hash names an entry in the next one of its contract.
func Hash(text []byte) [32]byte { return sha256.Sum256(text) }

func kindly(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

func digest(h [32]byte) string {
	if h == ([32]byte{}) {
		return "-"
	}
	return "sha256:" + hex.EncodeToString(h[:])
}

func undigest(s string) (h [32]byte, err error) {
	if s == "-" {
		return h, nil
	}
	text, ok := strings.CutPrefix(s, "sha256:")
	raw, err := hex.DecodeString(text)
	if !ok || err != nil || len(raw) != len(h) {
		return h, ErrMalformed
	}
	copy(h[:], raw)
	return h, nil
}
