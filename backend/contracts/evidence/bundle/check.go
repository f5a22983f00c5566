package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"roundtable/backend/contracts/evidence"
)

// Why is a stable code of what is wrong with a bundle.
type Why string

// The codes.
const (
	// Forked: a log was shown in two versions.
	Forked Why = "forked"
	// Witnesses: nobody but the log itself has seen the entry of the document.
	Witnesses Why = "witnesses"
	// Gap: entries are missing, or stand in another order.
	Gap Why = "gap"
	// NotThere: a proof does not prove its entry.
	NotThere Why = "not_there"
	// Unsigned: a checkpoint is not signed by its log.
	Unsigned Why = "unsigned"
	// Malformed: cannot be read.
	Malformed Why = "malformed"
	// OtherDocument: the document is not the one that the entries end with.
	OtherDocument Why = "other_document"
)

// Verdict is what a bundle proves.
type Verdict struct {
	// Good: the document is the one that the entries end with, and somebody besides who wrote them has seen that.
	Good bool
	Why  Why
	// Number, Contract and Title are what the bundle says.
	Number, Contract, Title string
	Document                Document
	// Entries are all, Unseen those that no witness has seen, in the order of the devices' clocks.
	Entries []Entry
	Unseen  int
	// At is the earliest time at which enough witnesses had seen the entry of the document; zero for none.
	At time.Time
	// Believe are those whom one has to believe: that not all of them signed what they had not seen. Those of the entry of the document.
	Believe []Party
	// Preserved: no witness has seen this version yet, but one that differs from it only in what was added for later checks. At and Believe are
	// of that one.
	Preserved bool
	// Others counts entries that name a version of the document which is no beginning of this one.
	Others int
}

// Entry is one entry and what is proven of it.
type Entry struct {
	evidence.Leaf
	// By is whose log it stands in.
	By Party
	// Seen is when enough witnesses had seen it; zero for none. Witnesses are their names.
	Seen      time.Time
	Witnesses []string
	// Version: the document as it was afterwards is a beginning of this one, or all of it.
	Version bool
	believe []Party
}

// Check says what a bundle proves about a document.
func Check(b Bundle, document io.ReaderAt, size int64) (Verdict, error) {
	v := Verdict{Number: b.Number, Contract: b.Contract, Title: b.Title, Document: b.Document}
	whole, versions, err := hashes(io.NewSectionReader(document, 0, size))
	if err != nil {
		return v, err
	}
	if whole != b.Document.SHA256 {
		v.Why = OtherDocument
	}
	for _, l := range b.Logs {
		if why := v.log(l, b.Contract, whole, versions); why != "" && v.Why == "" {
			v.Why = why
		}
	}
	slices.SortStableFunc(v.Entries, func(a, b Entry) int { return a.Leaf.At.Compare(b.Leaf.At) })
	if v.Why == "" && len(v.Believe) == 0 {
		switch {
		case !slices.ContainsFunc(v.Entries, func(e Entry) bool { return e.Document == whole }):
			v.Why = OtherDocument
		case !v.preserved(document, size, versions):
			v.Why = Witnesses
		}
	}
	v.Good = v.Why == ""
	return v, nil
}

// log checks what one device wrote down.
func (v *Verdict) log(l Log, contract string, whole [32]byte, versions map[[32]byte]int64) Why {
	var texts [][]byte
	for _, p := range l.Proofs {
		texts = append(texts, p.Leaf)
	}
	leaves, err := evidence.Chain(texts)
	if err != nil {
		return reason(err)
	}
	if why := l.forked(); why != "" {
		return why
	}
	var last *Entry
	for i, p := range l.Proofs {
		if leaves[i].Contract != contract || i > 0 && p.Index <= l.Proofs[i-1].Index {
			return Gap
		}
		e, err := l.entry(p)
		if err != nil {
			return reason(err)
		}
		if e.Seen.IsZero() {
			v.Unseen++
		}
		if e.Document != ([32]byte{}) {
			if _, e.Version = versions[e.Document]; !e.Version {
				v.Others++
			}
			last = &e
			if e.Document == whole && !e.Seen.IsZero() && (v.At.IsZero() || e.Seen.Before(v.At)) {
				v.At, v.Believe = e.Seen, e.believe
			}
		}
		v.Entries = append(v.Entries, e)
	}
	// Who wrote down this version and another one later has a newer document.
	if last != nil && last.Document != whole && slices.ContainsFunc(leaves, func(l evidence.Leaf) bool { return l.Document == whole }) {
		return OtherDocument
	}
	return ""
}

// entry checks one proof: with witnesses, and else without.
func (l Log) entry(p evidence.Proof) (e Entry, err error) {
	policy := evidence.Policy{Log: l.Key, Enough: max(1, l.Enough)}
	for _, w := range l.Witnesses {
		policy.Witnesses = append(policy.Witnesses, w.Key)
	}
	seen, err := p.Check(policy)
	if errors.Is(err, evidence.ErrWitnesses) {
		seen, err = p.Check(evidence.Policy{Log: l.Key})
	}
	if err != nil {
		return e, err
	}
	e = Entry{Leaf: seen.Leaf, By: l.Party, Seen: seen.At}
	for _, w := range l.Witnesses {
		if slices.Contains(seen.By, w.Key.Name) {
			e.believe, e.Witnesses = append(e.believe, w), append(e.Witnesses, w.Person)
		}
	}
	return e, nil
}

// forked looks for two states of one size.
func (l Log) forked() Why {
	bySize := map[int64]evidence.Note{}
	for _, p := range l.Proofs {
		c, err := evidence.ParseCheckpoint(p.Note.Text)
		if err != nil {
			return Malformed
		}
		if before, is := bySize[c.Size]; is && before.Text != p.Note.Text {
			if forked, err := evidence.Forked(l.Key, before, p.Note); err != nil {
				return reason(err)
			} else if forked {
				return Forked
			}
		}
		bySize[c.Size] = p.Note
	}
	return ""
}

func reason(err error) Why {
	for target, why := range map[error]Why{
		evidence.ErrGap: Gap, evidence.ErrForked: Forked, evidence.ErrNotThere: NotThere, evidence.ErrUnsigned: Unsigned, evidence.ErrWitnesses: Witnesses,
	} {
		if errors.Is(err, target) {
			return why
		}
	}
	return Malformed
}

// maxVersions bounds the versions of a document: one for each place where a file of this kind can end.
const maxVersions = 4096

// hashes gives the hash of a document and those of all its versions, with where they end: it grows at its end, so each is a beginning of it that ends
// behind an end of file.
func hashes(r io.Reader) (whole [32]byte, versions map[[32]byte]int64, err error) {
	sum := sha256.New()
	done := int64(0) // bytes in sum
	versions = map[[32]byte]int64{}
	mark := []byte("%%EOF")
	var held []byte // not hashed yet: it may hold a mark, or what stands behind one
	buffer := make([]byte, 256<<10)
	for end := false; !end; {
		n, err := io.ReadFull(r, buffer)
		end = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return whole, nil, fmt.Errorf("read document: %w", err)
		}
		held = append(held, buffer[:n]...)
		for {
			i := bytes.Index(held, mark)
			if i < 0 || !end && i+len(mark)+2 > len(held) {
				break
			}
			sum.Write(held[:i+len(mark)])
			done += int64(i + len(mark))
			held = held[i+len(mark):]
			for _, tail := range []string{"", "\n", "\r", "\r\n"} {
				if bytes.HasPrefix(held, []byte(tail)) && len(versions) < maxVersions {
					versions[after(sum, tail)] = done + int64(len(tail))
				}
			}
		}
		if keep := len(mark) + 2; !end && len(held) > keep {
			cut := len(held) - keep
			if i := bytes.Index(held, mark); i >= 0 {
				cut = min(cut, i)
			}
			sum.Write(held[:cut])
			done += int64(cut)
			held = append(held[:0], held[cut:]...)
		}
	}
	sum.Write(held)
	whole = [32]byte(sum.Sum(nil))
	versions[whole] = done + int64(len(held))
	return whole, versions, nil
}

// after gives what a hash would be after some more bytes.
func after(sum hash.Hash, tail string) [32]byte {
	if tail == "" {
		return [32]byte(sum.Sum(nil))
	}
	state, err := sum.(encoding.BinaryMarshaler).MarshalBinary()
	other := sha256.New()
	if err == nil {
		err = other.(encoding.BinaryUnmarshaler).UnmarshalBinary(state)
	}
	if err != nil {
		return [32]byte{} // SHA-256 of the standard library keeps its state
	}
	other.Write([]byte(tail))
	return [32]byte(other.Sum(nil))
}
