package contracts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"roundtable/backend/blob"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// versionFolder holds the versions of a contract's document, each a file named by its SHA-256.
func (c *Contracts) versionFolder(id wire.SpaceID) string {
	return filepath.Join(c.Folder, "contracts", id.String())
}

func (c *Contracts) versionPath(id wire.SpaceID, sha [32]byte) string {
	return filepath.Join(c.versionFolder(id), hex.EncodeToString(sha[:])+".pdf")
}

// shelve puts a file among the versions of a contract, before the event that names it. The file stays where it is.
func (c *Contracts) shelve(id wire.SpaceID, sha [32]byte, from string) error {
	if err := os.MkdirAll(c.versionFolder(id), 0o700); err != nil {
		return diskError(err)
	}
	to := c.versionPath(id, sha)
	if err := remove(to); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return diskError(err)
	}
	defer in.Close()
	return writeFile(to, in) // a copy: what others do to the file does not reach this one
}

// version gives the file of a contract's n-th version: 0 as it was sent, -1 the latest.
// It is assembled from what is here, each hash compared. The file is not to be changed.
// Errors: errcode.NotFound, errcode.DocumentAbsent, errcode.DocumentDamaged, errcode.AccessCodeWrong, errcode.DiskFull.
func (c *Contracts) version(ctx context.Context, id wire.SpaceID, n int) (path string, err error) {
	x, err := c.contract(ctx, id)
	if err != nil {
		return "", err
	}
	return c.versionOf(ctx, x, n)
}

func (c *Contracts) versionOf(ctx context.Context, x *contract, n int) (string, error) {
	if n < 0 {
		n = len(x.Versions) - 1
	}
	if n >= len(x.Versions) {
		return "", errcode.NotFound
	}
	if x.locked() {
		return "", errcode.AccessCodeWrong
	}
	c.assembling.Lock()
	defer c.assembling.Unlock()
	want := x.Versions[n]
	if path := c.versionPath(x.id, want.SHA256); c.sound(path, want) {
		return path, nil
	}
	from := n - 1
	for ; from >= 0; from-- {
		if v := x.Versions[from]; c.sound(c.versionPath(x.id, v.SHA256), v) {
			break
		}
	}
	if err := c.assemble(ctx, x, from, n); err != nil {
		return "", err
	}
	return c.versionPath(x.id, want.SHA256), nil
}

// known is a file whose hash was looked at.
type known struct {
	size, modified int64
}

// sound reports whether a file is there and has the bytes of its version. The hash is taken once for each state of the file.
func (c *Contracts) sound(path string, v flow.Version) bool {
	info, err := os.Stat(path)
	if err != nil || uint64(info.Size()) != v.Size {
		return false
	}
	now := known{info.Size(), info.ModTime().UnixNano()}
	if c.looked[path] == now {
		return true
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil || [32]byte(h.Sum(nil)) != v.SHA256 {
		return false
	}
	c.looked[path] = now
	return true
}

// assemble writes version n: the bytes of version from, which is here (-1: none), and every tail after it.
func (c *Contracts) assemble(ctx context.Context, x *contract, from, n int) (err error) {
	parts, err := x.files(from, n)
	if err != nil {
		return err
	}
	if err := c.have(ctx, x, parts); err != nil {
		return err
	}
	if err := os.MkdirAll(c.versionFolder(x.id), 0o700); err != nil {
		return diskError(err)
	}
	out, err := os.CreateTemp(c.versionFolder(x.id), "part-*")
	if err != nil {
		return diskError(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, remove(out.Name()))
		}
	}()
	err = c.pour(ctx, x, out, from, parts)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return diskError(err)
	}
	if err := os.Rename(out.Name(), c.versionPath(x.id, x.Versions[n].SHA256)); err != nil {
		return err
	}
	return durable.SyncFolder(c.versionFolder(x.id))
}

// pour writes a version's bytes, and looks at the hash of every version on the way.
func (c *Contracts) pour(ctx context.Context, x *contract, out io.Writer, from int, parts []named) error {
	h := sha256.New()
	both := io.MultiWriter(out, h)
	if from >= 0 {
		in, err := os.Open(c.versionPath(x.id, x.Versions[from].SHA256))
		if err != nil {
			return err
		}
		_, err = io.Copy(both, in)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
	}
	for i, p := range parts {
		v := x.Versions[from+1+i]
		_, err := io.Copy(both, blob.NewReader(ctx, c.Pieces, p.file))
		if errors.Is(err, blob.ErrMissing) {
			_ = c.Blobs.Lost(context.WithoutCancel(ctx), x.id, p.author, p.file)
			return errcode.With(errcode.DocumentAbsent, err)
		}
		if err != nil {
			return err
		}
		if sum(h) != v.SHA256 {
			return errcode.With(errcode.DocumentDamaged, fmt.Errorf("version %d has another hash than its event says", from+1+i))
		}
	}
	return nil
}

func sum(h hash.Hash) [32]byte { return [32]byte(h.Sum(nil)) }

// have asks for files that are not here. Errors: errcode.DocumentAbsent as long as one is not.
func (c *Contracts) have(ctx context.Context, x *contract, all []named) error {
	absent := false
	for _, f := range all {
		s, err := c.Blobs.State(ctx, f.file.ID())
		if err != nil {
			return err
		}
		if s.Phase == blobs.Here {
			continue
		}
		if err := c.fetch(ctx, x, f, true); err != nil {
			return err
		}
		if s, err = c.Blobs.State(ctx, f.file.ID()); err != nil {
			return err
		}
		absent = absent || s.Phase != blobs.Here
	}
	if absent {
		return errcode.DocumentAbsent
	}
	return nil
}

// fetch wants one file of a contract. What an access code hides is noted first, so that it is served and kept.
func (c *Contracts) fetch(ctx context.Context, x *contract, f named, asked bool) error {
	if len(x.Sent.Document.Salt) > 0 {
		if err := c.DB.Write(ctx, func(tx *store.Tx) error { return learnPieces(tx, x.id, f.file) }); err != nil {
			return err
		}
	}
	return c.Blobs.Fetch(ctx, x.id, f.author, f.file, asked)
}

// missing counts the bytes of the latest version that are not on this device.
func (c *Contracts) missing(ctx context.Context, x *contract) (int64, error) {
	if x.locked() {
		return int64(x.Latest().Size), nil
	}
	parts, err := c.wanting(x)
	total := int64(0)
	if errors.Is(err, errcode.DocumentDamaged) {
		err = nil
		total = 1 // what comes after it is missing for ever, and that is no reason not to show the contract
	}
	if err != nil {
		return 0, err
	}
	for _, p := range parts {
		s, err := c.Blobs.State(ctx, p.file.ID())
		if err != nil {
			return 0, err
		}
		if s.Phase != blobs.Here {
			total += max(0, int64(p.file.Size)-int64(s.Bytes))
			total = max(total, 1)
		}
	}
	return total, nil
}

// forgetVersion removes the file of a version that is older than tidyAfter.
func (c *Contracts) forgetVersion(id wire.SpaceID, sha [32]byte) {
	path := c.versionPath(id, sha)
	if info, err := os.Stat(path); err != nil || c.Clock.Now().Sub(info.ModTime()) < tidyAfter {
		return
	}
	delete(c.looked, path)
	_ = os.Remove(path) // one that is open stays on some systems until the next time
}

// dropVersions removes every file of a contract's document.
func (c *Contracts) dropVersions(id wire.SpaceID) error {
	c.assembling.Lock()
	defer c.assembling.Unlock()
	clear(c.looked)
	return os.RemoveAll(c.versionFolder(id))
}

// wanting are the files that the latest version needs and that are not in the one that is on disk. With an error come those before it.
func (c *Contracts) wanting(x *contract) ([]named, error) {
	from := len(x.Versions) - 1
	for ; from >= 0; from-- {
		if info, err := os.Stat(c.versionPath(x.id, x.Versions[from].SHA256)); err == nil && uint64(info.Size()) == x.Versions[from].Size {
			break
		}
	}
	return x.files(from, len(x.Versions)-1)
}
