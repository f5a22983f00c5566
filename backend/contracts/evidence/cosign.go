package evidence

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kinds of keys in signed notes (C2SP signed-note).
const (
	algorithmLog     = 0x01 // Ed25519
	algorithmWitness = 0x04 // Ed25519 over a cosignature's text
)

// Key is the public key of a log or a witness, by its name.
type Key struct {
	Name    string
	Witness bool
	Public  ed25519.PublicKey
}

// String is the form of C2SP signed-note: name, ID and key.
func (k Key) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.Name, k.id(), base64.StdEncoding.EncodeToString(append([]byte{k.algorithm()}, k.Public...)))
}

// ParseKey reads what String writes.
func ParseKey(text string) (k Key, err error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 || !named(parts[0]) {
		return k, fmt.Errorf("%w: key", ErrMalformed)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != algorithmLog && raw[0] != algorithmWitness {
		return k, fmt.Errorf("%w: key", ErrMalformed)
	}
	k = Key{Name: parts[0], Witness: raw[0] == algorithmWitness, Public: raw[1:]}
	if k.String() != text {
		return k, fmt.Errorf("%w: key", ErrMalformed)
	}
	return k, nil
}

func named(s string) bool {
	return s != "" && len(s) <= 200 && !strings.ContainsAny(s, " +\n\t\r")
}

func (k Key) algorithm() byte {
	if k.Witness {
		return algorithmWitness
	}
	return algorithmLog
}

func (k Key) id() uint32 {
	h := sha256.New()
	h.Write([]byte(k.Name))
	h.Write([]byte{'\n', k.algorithm()})
	h.Write(k.Public)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// Message is what a key signs of a checkpoint's text: the text, or for a witness with the time (Unix seconds).
func (k Key) Message(text string, at int64) []byte {
	if !k.Witness {
		return []byte(text)
	}
	return []byte("cosignature/v1\ntime " + strconv.FormatInt(at, 10) + "\n" + text)
}

// Line is the line of a signed note that holds a signature.
func (k Key) Line(signature []byte, at int64) string {
	raw := binary.BigEndian.AppendUint32(nil, k.id())
	if k.Witness {
		raw = binary.BigEndian.AppendUint64(raw, uint64(at))
	}
	return "— " + k.Name + " " + base64.StdEncoding.EncodeToString(append(raw, signature...)) + "\n"
}

// Note is a checkpoint's text with the lines of signatures.
type Note struct {
	Text  string
	Lines []string
}

// String is the form of C2SP signed-note.
func (n Note) String() string { return n.Text + "\n" + strings.Join(n.Lines, "") }

// maxLines bounds the signatures of a note.
const maxLines = 100

// ParseNote reads a signed note. Whether a signature is good, its key says.
func ParseNote(text string) (n Note, err error) {
	cut := strings.LastIndex(text, "\n\n")
	if len(text) > maxCheckpoint || cut < 0 || !strings.HasSuffix(text, "\n") {
		return n, fmt.Errorf("%w: note", ErrMalformed)
	}
	n.Text = text[:cut+1]
	for line := range strings.Lines(text[cut+2:]) {
		if !strings.HasPrefix(line, "— ") || len(n.Lines) >= maxLines {
			return n, fmt.Errorf("%w: line of a signature", ErrMalformed)
		}
		n.Lines = append(n.Lines, line)
	}
	return n, nil
}

// SignedBy says whether a note holds a good signature of a key, and for a witness when.
func (n Note) SignedBy(k Key) (at time.Time, ok bool) {
	for _, line := range n.Lines {
		text, mine := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "— "+k.Name+" ")
		if !mine {
			continue
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(raw) < 4 || binary.BigEndian.Uint32(raw) != k.id() {
			continue
		}
		raw = raw[4:]
		var seconds int64
		if k.Witness {
			if len(raw) < 8 {
				continue
			}
			seconds, raw = int64(binary.BigEndian.Uint64(raw)), raw[8:]
		}
		if seconds >= 0 && len(raw) == ed25519.SignatureSize && ed25519.Verify(k.Public, k.Message(n.Text, seconds), raw) {
			return time.Unix(seconds, 0).UTC(), true
		}
	}
	return time.Time{}, false
}
