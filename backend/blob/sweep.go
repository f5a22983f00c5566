package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"roundtable/backend/key"
)

// Shelves is how many parts the store is swept in.
const Shelves = 256

// Shelf lists the pieces of one part of the store. Left-overs of writes that were
// cut short are removed on the way when they are older than a day.
func (s *Store) Shelf(ctx context.Context, part uint8, now time.Time) ([]Hash, error) {
	folder := filepath.Join(s.folder, hex.EncodeToString([]byte{part}))
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("list pieces: %w", err)
	}
	var out []Hash
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		raw, err := hex.DecodeString(e.Name())
		if err == nil && len(raw) == hashSize && raw[0] == part {
			out = append(out, Hash(raw))
			continue
		}
		info, err := e.Info()
		if err == nil && strings.HasSuffix(e.Name(), ".new") && now.Sub(info.ModTime()) > 24*time.Hour {
			_ = os.Remove(filepath.Join(folder, e.Name())) // the next sweep tries again
		}
	}
	return out, nil
}

// Inspect reads every piece in a folder of pieces and tells of those that are not
// what their name says. It changes nothing; the folder need not be there.
func Inspect(ctx context.Context, folder string, damaged func(name string)) (count int, err error) {
	for part := range Shelves {
		shelf := filepath.Join(folder, hex.EncodeToString([]byte{uint8(part)}))
		entries, err := os.ReadDir(shelf)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return count, fmt.Errorf("list pieces: %w", err)
		}
		for _, e := range entries {
			if err := ctx.Err(); err != nil {
				return count, err
			}
			if strings.HasSuffix(e.Name(), ".new") {
				continue // a write that was cut short, and that nobody was answered for
			}
			count++
			sealed, err := readPiece(filepath.Join(shelf, e.Name()), nil)
			if err != nil || Hash(key.Digest(sealed)).String() != e.Name() {
				damaged(filepath.Base(shelf) + "/" + e.Name())
			}
		}
	}
	return count, nil
}
