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
	// Foreign: an entry is in the name of somebody else, or of another device.
	Foreign Why = "foreign"
	// TooLong: it had too many entries to be taken along.
	TooLong Why = "too_long"
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
	// Entries are all but those of the logs that were left out, Unseen those that no witness has seen, in the order of the devices' clocks.
	Entries []Entry
	Unseen  int
	// Left are the logs that were left out, since something is wrong with them.
	Left []LeftOut
	// At is the earliest time at which enough witnesses had seen the entry of the document; zero for none. It is never before the entry's
	// own, nor before that of the entry which sent the contract.
	At time.Time
	// Believe are those whom one has to believe: that not all of them signed what they had not seen. Those of the entry of the document.
	Believe []Party
	// People is how many people besides the author At stands on: two, or one where nobody else has signed yet.
	People int
	// Preserved: no witness has seen this version yet, but one that differs from it only in what was added for later checks. At and Believe are
	// of that one.
	Preserved bool
	// Others counts entries that name a version of the document which is no beginning of this one.
	Others int
}

// LeftOut is a log that proves nothing, and why.
type LeftOut struct {
	Party
	Why Why
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
	// Claimed: only the log says so; it proves nothing of the contract.
	Claimed bool
	believe []Party
	people  int
}

// wanted is how many people have to have seen an entry for a time that no single one of them makes up; where fewer have, their time is taken.
const wanted = 2

// Check says what a bundle proves about a document. A log that something is wrong with is left out and named: nobody can spoil what the others
// prove.
func Check(b Bundle, document io.ReaderAt, size int64) (Verdict, error) {
	v := Verdict{Number: b.Number, Contract: b.Contract, Title: b.Title, Document: b.Document}
	whole, versions, err := hashes(io.NewSectionReader(document, 0, size))
	if err != nil {
		return v, err
	}
	for _, l := range b.Logs {
		entries, why := l.check(b.Contract, whole, versions)
		if why != "" {
			v.Left = append(v.Left, LeftOut{l.Party, why})
			continue
		}
		v.Entries = append(v.Entries, entries...)
	}
	v.sum()
	slices.SortStableFunc(v.Entries, func(a, b Entry) int { return a.Leaf.At.Compare(b.Leaf.At) })
	noted := false
	for i := range v.Entries {
		if e := &v.Entries[i]; e.Document == whole && !e.Claimed {
			noted = true
			v.proves(e)
		}
	}
	switch {
	case whole != b.Document.SHA256:
		v.Why = OtherDocument
	case len(v.Believe) > 0:
	case noted && v.preserved(document, size, versions):
	case len(v.Left) > 0:
		v.Why = v.Left[0].Why
	case noted:
		v.Why = Witnesses
	default:
		v.Why = OtherDocument
	}
	v.Good = v.Why == ""
	return v, nil
}

// sum counts, and puts no time before that of the entry itself and that of the one that sent the contract: witnesses' clocks can be wrong, or set.
func (v *Verdict) sum() {
	var sent time.Time
	for _, e := range v.Entries {
		if e.Kind == "sent" && !e.Claimed && (sent.IsZero() || e.Leaf.At.Before(sent)) {
			sent = e.Leaf.At
		}
	}
	for i := range v.Entries {
		e := &v.Entries[i]
		if e.Seen.IsZero() {
			v.Unseen++
		} else {
			e.Seen = latest(e.Seen, e.Leaf.At, sent)
		}
		if e.Document != ([32]byte{}) && !e.Version {
			v.Others++
		}
	}
}

func latest(all ...time.Time) (out time.Time) {
	for _, t := range all {
		if t.After(out) {
			out = t
		}
	}
	return out
}

// proves takes an entry as the one that proves the document, if it does so better than the one before: by more people, or earlier.
func (v *Verdict) proves(e *Entry) {
	if e.Seen.IsZero() || e.people < v.People || e.people == v.People && !e.Seen.Before(v.At) {
		return
	}
	v.At, v.Believe, v.People = e.Seen, e.believe, e.people
}

// check checks what one device wrote down.
func (l Log) check(contract string, whole [32]byte, versions map[[32]byte]int64) (out []Entry, why Why) {
	if l.TooLong {
		return nil, TooLong
	}
	var texts [][]byte
	for _, p := range l.Proofs {
		texts = append(texts, p.Leaf)
	}
	leaves, err := evidence.Chain(texts)
	if err != nil {
		return nil, reason(err)
	}
	if why := l.forked(); why != "" {
		return nil, why
	}
	var last *Entry
	noted := false
	for i, p := range l.Proofs {
		switch {
		case leaves[i].Contract != contract || i > 0 && p.Index <= l.Proofs[i-1].Index:
			return nil, Gap
		case l.ID != "" && (leaves[i].Actor != l.ID || leaves[i].Device != l.Device):
			return nil, Foreign
		}
		e, err := l.entry(p)
		if err != nil {
			return nil, reason(err)
		}
		_, e.Version = versions[e.Document]
		out = append(out, e)
		if e.Document != ([32]byte{}) && !e.Claimed {
			last = &e
			noted = noted || e.Document == whole
		}
	}
	// Who wrote down this version and another one later has a newer document.
	if noted && last.Document != whole {
		return nil, OtherDocument
	}
	return out, ""
}

// entry checks one proof, and who witnessed it. Nobody witnesses their own log, whatever device they use; and many devices of one person are one
// witness.
func (l Log) entry(p evidence.Proof) (e Entry, err error) {
	seen, err := p.Check(evidence.Policy{Log: l.Key})
	if err != nil {
		return e, err
	}
	e = Entry{Leaf: seen.Leaf, By: l.Party, Claimed: slices.Contains(l.Claimed, p.Index)}
	var times []time.Time
	for _, w := range l.Witnesses {
		at, ok := p.Note.SignedBy(w.Key)
		if !ok || w.same(l.Party) {
			continue
		}
		i := slices.IndexFunc(e.believe, w.same)
		if i < 0 {
			e.believe, e.Witnesses, times = append(e.believe, w), append(e.Witnesses, w.Person), append(times, at)
		} else if at.Before(times[i]) {
			times[i] = at
		}
	}
	if slices.SortFunc(times, time.Time.Compare); len(times) > 0 {
		e.people = min(max(wanted, l.Enough), len(times))
		e.Seen = times[e.people-1]
	}
	return e, nil
}

// forked looks for two states of one size.
func (l Log) forked() Why {
	if len(l.Fork) == 2 {
		if is, err := evidence.Forked(l.Key, l.Fork[0], l.Fork[1]); err == nil && is {
			return Forked
		}
	}
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
