package contracts

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"

	"roundtable/backend/blob"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local_judged.sql
var judgedSchema string

// maxWrong is how many deeds with wrong bytes are found at one look: each one found may bring up another.
const maxWrong = 16

// finding is what this device found of the bytes that a deed put behind the document. An event says that somebody signed; that they
// did is for the bytes to say, and those may be late, or never come.
type finding uint8

// The findings, as they are kept.
const (
	unjudged finding = 0
	isGood   finding = 1
	isWrong  finding = 2
)

// judgment is a verdict with whom the certificate names.
type judgment struct {
	verdict finding
	subject string
}

func (c *Contracts) judgments(ctx context.Context, id wire.SpaceID) (map[wire.EventID]judgment, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT event, verdict, subject FROM contractslocal_judged WHERE space = ?`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.EventID]judgment{}
	for rows.Next() {
		var event []byte
		var j judgment
		if err := rows.Scan(&event, &j.verdict, &j.subject); err != nil {
			return nil, store.Classify(err)
		}
		if len(event) == len(wire.EventID{}) {
			out[wire.EventID(event)] = j
		}
	}
	return out, store.Classify(rows.Err())
}

func keepJudgment(tx *store.Tx, id wire.SpaceID, event wire.EventID, sha [32]byte, j judgment) error {
	_, err := tx.Exec(`INSERT OR REPLACE INTO contractslocal_judged VALUES(?, ?, ?, ?, ?)`, id[:], event[:], int64(j.verdict), sha[:], j.subject)
	return err
}

// wrongOnes are the deeds that do not count on this device.
func wrongOnes(all map[wire.EventID]judgment) (out map[wire.EventID]bool) {
	for event, j := range all {
		if j.verdict == isWrong {
			if out == nil {
				out = map[wire.EventID]bool{}
			}
			out[event] = true
		}
	}
	return out
}

// good reports whether this device found the bytes of a deed to be what it says.
func (x *contract) good(event wire.EventID) bool { return x.judged[event].verdict == isGood }

// checked reports whether that is so for all signatures and seals. What only adds to a complete document takes nothing from it.
func (x *contract) checked() bool {
	for _, v := range x.Versions {
		if v.Act != nil && v.Act.What != flow.Preserved && !x.good(v.Event) {
			return false
		}
	}
	return true
}

// done reports whether everybody acted, and this device saw that they did.
func (x *contract) done() bool { return x.Phase == flow.Completed && x.checked() }

// proved gives a contract as it is after everything of its document that is here was judged, and whether something wrong was found.
// The contract is held.
func (c *Contracts) proved(ctx context.Context, x *contract) (_ *contract, wrong bool, err error) {
	for range maxWrong {
		found, bad, err := c.prove(ctx, x)
		if found {
			c.Publish("contracts", topic(x.id))
		}
		if err != nil || !bad {
			return x, wrong, err
		}
		wrong = true
		if x, err = c.contract(ctx, x.id); err != nil {
			return nil, wrong, err
		}
	}
	return x, wrong, nil
}

// proven demands that everything in the document is judged and good, before our party puts something behind it.
// Errors: errcode.DocumentChanged, errcode.DocumentAbsent when something cannot be judged yet, the system's.
func (c *Contracts) proven(ctx context.Context, x *contract) error {
	_, wrong, err := c.prove(ctx, x)
	switch {
	case err != nil:
		return err
	case wrong:
		c.Publish("contracts", topic(x.id))
		return errcode.DocumentChanged
	}
	for _, v := range x.Versions {
		if v.Act != nil && !x.good(v.Event) {
			return errcode.With(errcode.DocumentAbsent, errors.New("a signature cannot be checked yet"))
		}
	}
	return nil
}

// prove judges versions that are here, in order, up to the first that is wrong or cannot be judged yet.
func (c *Contracts) prove(ctx context.Context, x *contract) (found, wrong bool, err error) {
	if x.locked() {
		return false, false, nil
	}
	for i, v := range x.Versions {
		if v.Act == nil || x.good(v.Event) {
			continue
		}
		j, err := c.judgeVersion(ctx, x, i)
		if errors.Is(err, errcode.DocumentAbsent) || err == nil && j.verdict == unjudged {
			return found, false, nil // what follows rests on it
		}
		if err == nil {
			err = c.DB.Write(ctx, func(tx *store.Tx) error { return keepJudgment(tx, x.id, v.Event, v.SHA256, j) })
		}
		if err != nil {
			return found, false, err
		}
		x.judged[v.Event], found = j, true
		if j.verdict == isWrong {
			return true, true, nil
		}
	}
	return found, false, nil
}

// judgeVersion judges one version; those before it are good. Errors: errcode.DocumentAbsent, the system's.
func (c *Contracts) judgeVersion(ctx context.Context, x *contract, i int) (j judgment, err error) {
	path, why, err := c.bytesOf(ctx, x, i)
	if err != nil {
		return j, err
	}
	if why == "" {
		if j, why, err = c.examine(ctx, x, x.Versions[:i+1], path); err != nil {
			return j, err
		}
	}
	if why != "" {
		c.Slog.WarnContext(ctx, "a version of a contract is not what its event says", "contract", x.id.String(), "version", i, "why", why)
		j.verdict = isWrong
	}
	return j, nil
}

// bytesOf gives the file of a version if it is here. why is set when these bytes can never be those that the event says.
func (c *Contracts) bytesOf(ctx context.Context, x *contract, i int) (path, why string, err error) {
	v, before := x.Versions[i], x.Versions[i-1]
	c.assembling.Lock()
	here := c.sound(c.versionPath(x.id, v.SHA256), v)
	c.assembling.Unlock()
	if here {
		return c.versionPath(x.id, v.SHA256), "", nil
	}
	f, err := x.file(v.Act.Tail)
	if err != nil {
		if _, mine := x.file(x.Sent.Document.Blob); mine != nil {
			return "", "", mine
		}
		return "", "the description of its bytes cannot be opened", nil
	}
	if f.Size != v.Size-before.Size {
		return "", "as many bytes do not make this size", nil
	}
	s, err := c.Blobs.State(ctx, f.ID())
	if err != nil {
		return "", "", err
	}
	if s.Phase != blobs.Here {
		return "", "", errcode.DocumentAbsent
	}
	if path, err = c.versionOf(ctx, x, i); err == nil || errors.Is(err, errcode.DocumentAbsent) {
		return path, "", err
	}
	// Whether it is the bytes of the event that are wrong, or this disk, only they can say.
	if base, e := c.versionOf(ctx, x, i-1); e == nil {
		if bad, e := c.otherBytes(ctx, base, f, v); e == nil && bad {
			return "", "the document has another hash with these bytes", nil
		}
	}
	return "", "", err
}

// otherBytes reports whether a file and what goes behind it give another hash than a version has.
func (c *Contracts) otherBytes(ctx context.Context, base string, tail blob.File, v flow.Version) (bool, error) {
	in, err := os.Open(base)
	if err != nil {
		return false, err
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return false, err
	}
	_, err = io.Copy(h, blob.NewReader(ctx, c.Pieces, tail))
	if errors.Is(err, key.ErrSealed) {
		return true, nil // the pieces are those that the event names, and its key does not open them
	}
	return err == nil && sum(h) != v.SHA256, err
}

// examine judges a file as the last of some versions.
func (c *Contracts) examine(ctx context.Context, x *contract, versions []flow.Version, path string) (j judgment, why string, err error) {
	trust, tied, err := c.trustIn(ctx, x)
	if err != nil {
		return j, "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return j, "", diskError(err)
	}
	defer f.Close()
	v := versions[len(versions)-1]
	// What was good when it was made stays so: certificates are asked for that time, and the roots of this system, which differ, for nothing.
	trust.Now = v.At.Time()
	e := &exhibit{r: &watched{r: f}, x: x, versions: versions, trust: trust, tied: tied}
	why = e.examine()
	if e.r.err != nil {
		return j, "", diskError(e.r.err)
	}
	if why == "" && !e.unsure {
		j.verdict = isGood
	}
	j.subject = e.subject
	return j, why, nil
}

// trustIn is whom signatures of a contract are trusted of. tied says that seals have to be the workspace's own; without it nobody here
// knows whose they have to be.
func (c *Contracts) trustIn(ctx context.Context, x *contract) (t verify.Trust, tied bool, err error) {
	if c.documents.trust == nil {
		return t, false, nil
	}
	if x.tied() && c.documents.trustIn != nil {
		t, err = c.documents.trustIn(ctx, x.workspace)
		return t, true, err
	}
	t, err = c.documents.trust(ctx)
	return t, false, err
}

// watched remembers what went wrong with the disk, so that it is not held against a document.
type watched struct {
	r   io.ReaderAt
	err error
}

// ReadAt implements io.ReaderAt.
func (w *watched) ReadAt(p []byte, at int64) (int, error) {
	n, err := w.r.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) && w.err == nil {
		w.err = fmt.Errorf("read document: %w", err)
	}
	return n, err
}
