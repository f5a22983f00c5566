package contracts

import (
	"context"
	"fmt"
	"io"

	"roundtable/backend/blob"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// accessLogN is the cost of guessing an access code: 128 MiB and a fraction of a second for each try. It is part of the format.
	accessLogN    = 17
	accessPurpose = "roundtable contract access code v1"
)

// codeKey derives the key of sealed descriptions from an access code.
func codeKey(code string, salt []byte) (key.EpochKey, error) {
	return key.Lock{LogN: accessLogN, Salt: salt}.Key(accessPurpose, code, nil)
}

// keep puts bytes into the store of pieces and gives the File of them. They are on disk when it returns.
func (c *Contracts) keep(ctx context.Context, r io.Reader, size int64) (blob.File, error) {
	if err := c.Pieces.Room(uint64(size)); err != nil {
		return blob.File{}, err
	}
	w, err := blob.NewWriter(uint64(size))
	if err != nil {
		return blob.File{}, err
	}
	buffer := make([]byte, min(size, blob.PieceSize))
	for !w.Whole() {
		n := min(size-int64(w.Written()), blob.PieceSize)
		if _, err := io.ReadFull(r, buffer[:n]); err != nil {
			return blob.File{}, diskError(err)
		}
		if _, err := w.Write(ctx, c.Pieces, buffer[:n]); err != nil {
			return blob.File{}, err
		}
	}
	f, err := w.Close(ctx, c.Pieces)
	if err != nil {
		return f, err
	}
	return f, c.Blobs.Learn(ctx, f)
}

// describe makes what an event says of a file: sealed where the contract has an access code.
func describe(f blob.File, salt, code []byte) (flow.Blob, error) {
	if len(salt) == 0 {
		return flow.Blob{File: &f}, nil
	}
	k, err := key.EpochKeyFromBytes(code)
	if err != nil {
		return flow.Blob{}, errcode.With(errcode.AccessCodeWrong, err)
	}
	return flow.Blob{Sealed: k.Seal(salt, f.Encode())}, nil
}

// file opens the description of a file. Errors: errcode.AccessCodeWrong; errcode.DocumentDamaged for one that the right code does not open.
func (x *contract) file(b flow.Blob) (blob.File, error) {
	if b.File != nil {
		return *b.File, nil
	}
	own := string(b.Sealed) == string(x.Sent.Document.Blob.Sealed)
	k, err := key.EpochKeyFromBytes(x.local.code)
	if err != nil {
		return blob.File{}, errcode.With(errcode.AccessCodeWrong, err)
	}
	raw, err := k.Open(x.Sent.Document.Salt, b.Sealed)
	if err != nil && own {
		return blob.File{}, errcode.With(errcode.AccessCodeWrong, err)
	}
	if err != nil { // the code was kept because it opened the document
		return blob.File{}, errcode.With(errcode.DocumentDamaged, err)
	}
	f, err := blob.DecodeFile(raw)
	if err != nil {
		return blob.File{}, errcode.With(errcode.DocumentDamaged, err)
	}
	return f, nil
}

// fileOf is file for one that must have so many bytes: what is sealed says so only here. Errors: as file, errcode.DocumentDamaged.
func (x *contract) fileOf(b flow.Blob, size uint64) (blob.File, error) {
	f, err := x.file(b)
	if err == nil && f.Size != size {
		return blob.File{}, errcode.With(errcode.DocumentDamaged, fmt.Errorf("a file of %d bytes, not %d", f.Size, size))
	}
	return f, err
}

// locked reports whether the access code was not given here yet.
func (x *contract) locked() bool { return len(x.Sent.Document.Salt) > 0 && len(x.local.code) == 0 }

// learnPieces notes, within a write, which pieces a file of a contract with an access code has: its events do not tell.
func learnPieces(tx *store.Tx, id wire.SpaceID, f blob.File) error {
	for _, h := range f.Hashes() {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO contractslocal_piece VALUES(?, ?)`, h[:], id[:]); err != nil {
			return err
		}
	}
	if f.Nodes() == 0 {
		return nil
	}
	name := f.ID()
	_, err := tx.Exec(`INSERT OR IGNORE INTO contractslocal_tree VALUES(?, ?)`, name[:], f.Encode())
	return err
}

// named is a file of a contract, and whose device put it there.
type named struct {
	file   blob.File
	author wire.DeviceID
}

// files are those that lead from version from (-1: none) to version to, in order. With an error come those before it.
// Errors: errcode.AccessCodeWrong, errcode.DocumentDamaged for what cannot be a part of the document.
func (x *contract) files(from, to int) (out []named, err error) {
	for i := from + 1; i <= to; i++ {
		v := x.Versions[i]
		b, size := x.Sent.Document.Blob, v.Size
		if v.Act != nil {
			b, size = v.Act.Tail, v.Size-x.Versions[i-1].Size
		}
		f, err := x.fileOf(b, size)
		if err != nil {
			return out, err
		}
		out = append(out, named{f, v.Device})
	}
	return out, nil
}
