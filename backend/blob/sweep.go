package blob

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
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
