package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

var (
	// ErrNotThere says that a proof does not prove its entry.
	ErrNotThere = errors.New("the entry is not proven")
	// ErrUnsigned says that the log's own key did not sign the checkpoint.
	ErrUnsigned = errors.New("the checkpoint is not signed by its log")
	// ErrWitnesses says that too few of those who are trusted saw the checkpoint.
	ErrWitnesses = errors.New("too few witnesses")
	// ErrForked says that a log has two histories.
	ErrForked = errors.New("the log has two histories")
	// ErrOlder says that a checkpoint is of an earlier state than one that is known.
	ErrOlder = errors.New("the checkpoint is older")
	// ErrGap says that entries of a contract do not follow each other.
	ErrGap = errors.New("entries are missing or in another order")
)

// maxProof bounds a proof file: 64 hashes and a checkpoint are some 4 KiB.
const maxProof = 256 << 10

// Proof shows that an entry is in a log.
type Proof struct {
	Index  int64
	Leaf   []byte
	Hashes []tlog.Hash
	Note   Note
}

// Policy says whom one believes.
type Policy struct {
	Log       Key
	Witnesses []Key
	// Enough is how many of the witnesses must have signed.
	Enough int
}

// Seen is what a proof proves.
type Seen struct {
	Leaf Leaf
	// At is the earliest time at which enough witnesses had seen it; zero without witnesses.
	At time.Time
	// By are the witnesses who signed.
	By []string
}

type proofFile struct {
	Index      int64    `json:"index"`
	Leaf       string   `json:"leaf"`
	Hashes     [][]byte `json:"hashes"`
	Checkpoint string   `json:"checkpoint"`
}

// Bytes is the proof as a file.
func (p Proof) Bytes() ([]byte, error) {
	f := proofFile{Index: p.Index, Leaf: string(p.Leaf), Checkpoint: p.Note.String(), Hashes: [][]byte{}}
	for _, h := range p.Hashes {
		f.Hashes = append(f.Hashes, h[:])
	}
	return json.Marshal(f)
}

// ParseProof reads a proof from a file.
func ParseProof(data []byte) (p Proof, err error) {
	var f proofFile
	if len(data) > maxProof || json.Unmarshal(data, &f) != nil || len(f.Hashes) > 64 {
		return p, fmt.Errorf("%w: proof", ErrMalformed)
	}
	p.Index, p.Leaf = f.Index, []byte(f.Leaf)
	for _, raw := range f.Hashes {
		var h tlog.Hash
		if copy(h[:], raw) != tlog.HashSize || len(raw) != tlog.HashSize {
			return p, fmt.Errorf("%w: proof", ErrMalformed)
		}
		p.Hashes = append(p.Hashes, h)
	}
	p.Note, err = ParseNote(f.Checkpoint)
	return p, err
}

// Check says what a proof proves to somebody with this policy.
func (p Proof) Check(policy Policy) (s Seen, err error) {
	if s.Leaf, err = ParseLeaf(p.Leaf); err != nil {
		return s, err
	}
	c, err := policy.believes(p.Note, &s)
	if err != nil {
		return s, err
	}
	if p.Index < 0 || p.Index >= c.Size || tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(p.Leaf)) != nil {
		return s, ErrNotThere
	}
	return s, nil
}

// believes checks the signatures of a checkpoint.
func (policy Policy) believes(n Note, s *Seen) (Checkpoint, error) {
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return c, err
	}
	if _, ok := n.SignedBy(policy.Log); !ok || c.Origin != policy.Log.Name {
		return c, ErrUnsigned
	}
	var times []time.Time
	for _, w := range policy.Witnesses {
		if at, ok := n.SignedBy(w); ok && w.Witness && !slices.Contains(s.By, w.Name) {
			times, s.By = append(times, at), append(s.By, w.Name)
		}
	}
	if len(times) < policy.Enough {
		return c, fmt.Errorf("%w: %d of %d", ErrWitnesses, len(times), policy.Enough)
	}
	if slices.SortFunc(times, time.Time.Compare); policy.Enough > 0 {
		s.At = times[policy.Enough-1]
	}
	return c, nil
}

// Forked looks whether two checkpoints of one log contradict each other: of one size with two
// roots. Both must be signed by the log, or it is no proof against it.
func Forked(log Key, a, b Note) (bool, error) {
	policy := Policy{Log: log}
	x, err := policy.believes(a, &Seen{})
	if err != nil {
		return false, err
	}
	y, err := policy.believes(b, &Seen{})
	if err != nil {
		return false, err
	}
	return x.Size == y.Size && x.Root != y.Root, nil
}

// Continues checks that a log of one checkpoint is the beginning of that of another.
func Continues(older, newer Checkpoint, proof []tlog.Hash) error {
	switch {
	case older.Origin != newer.Origin:
		return fmt.Errorf("%w: another log", ErrMalformed)
	case newer.Size < older.Size:
		return ErrOlder
	case newer.Size == older.Size && newer.Root != older.Root:
		return ErrForked
	case newer.Size == older.Size, older.Size == 0:
		return nil
	}
	if tlog.CheckTree(proof, newer.Size, newer.Root, older.Size, older.Root) != nil {
		return ErrForked
	}
	return nil
}

// Chain checks that entries are those of one contract, each following the one before it, from the first on.
func Chain(leaves [][]byte) ([]Leaf, error) {
	var out []Leaf
	var before [32]byte
	for _, text := range leaves {
		l, err := ParseLeaf(text)
		if err != nil {
			return nil, err
		}
		if l.Previous != before || len(out) > 0 && l.Contract != out[0].Contract {
			return nil, fmt.Errorf("%w: at entry %d", ErrGap, len(out)+1)
		}
		before = Hash(text)
		out = append(out, l)
	}
	return out, nil
}
