package contracts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"roundtable/backend/blob"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/form"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
)

const (
	// leastHash and leastPart are how small a hash, and its beginning, may be drawn in a field, in points.
	leastHash, leastPart = 5, 6
	// shownHash is how many characters of a hash its beginning has.
	shownHash = 16
)

// attachedOf is how a field of the document names a file: the signature over the field is one over the file.
func attachedOf(f flow.File) verify.Attached {
	return verify.Attached{Field: f.Field, Name: f.Name, SHA256: f.SHA256}
}

// attachedValue is what a field for a file gets. Its value has the whole hash; so much of that is drawn as can be read in it.
func attachedValue(field string, f flow.File) form.Value {
	sum := hex.EncodeToString(f.SHA256[:])
	return form.Value{Name: field, Text: attachedOf(f).Value(), Shown: []form.Shown{
		{Text: f.Name + "\nSHA-256:" + sum, Least: leastHash}, {Text: f.Name + "\nSHA-256:" + sum[:shownHash] + "…", Least: leastPart}, {Text: f.Name},
	}}
}

// sameBytes reads an attached file to its end and compares it with what the document names. What was compared once is not read again while the
// program runs: pieces do not change behind their hashes. Errors: errcode.DocumentDamaged, errcode.DocumentAbsent.
func (c *Contracts) sameBytes(ctx context.Context, file blob.File, f flow.File) error {
	k := compared{file.ID(), f.SHA256}
	c.mu.Lock()
	same := c.compared[k]
	c.mu.Unlock()
	if same {
		return nil
	}
	h := sha256.New()
	_, err := io.Copy(h, blob.NewReader(ctx, c.Pieces, file))
	switch {
	case errors.Is(err, blob.ErrMissing):
		return errcode.With(errcode.DocumentAbsent, err)
	case err != nil:
		return err
	case sum(h) != f.SHA256:
		return errcode.With(errcode.DocumentDamaged, errors.New("an attached file has another hash than was agreed to"))
	}
	c.mu.Lock()
	c.compared[k] = true
	c.mu.Unlock()
	return nil
}

// compared names a file and the hash that it was found to have.
type compared struct {
	file   blob.ID
	sha256 [32]byte
}
