package blob_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtable/backend/blob"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
)

func pieceOf(b byte, size int) (blob.Hash, []byte) {
	sealed := bytes.Repeat([]byte{b}, size)
	return blob.Hash(key.Digest(sealed)), sealed
}

// Many pieces at a time, some of them twice: all are there once they were settled, and
// nothing else is.
func TestIntake(t *testing.T) {
	folder := t.TempDir()
	s, err := blob.Open(folder, blob.Options{Log: slog.New(slog.DiscardHandler), Free: func(string) (uint64, error) { return 1 << 40, nil }})
	if err != nil {
		t.Fatal(err)
	}
	in := s.Intake()
	buf := make([]byte, 0, 100_000)
	for i := range 60 {
		h, sealed := pieceOf(byte(i%50), 90_000+i%50)
		buf = append(buf[:0], sealed...) // it is ours again after each Take
		if err := in.Take(t.Context(), h, buf); err != nil {
			t.Fatal(err)
		}
	}
	if h, _ := pieceOf(1, 5); !errors.Is(in.Take(t.Context(), h, []byte("other")), blob.ErrWrong) {
		t.Error("wrong bytes were taken")
	}
	if err := in.Settle(); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		h, sealed := pieceOf(byte(i), 90_000+i)
		if got, err := s.Get(t.Context(), h); err != nil || !bytes.Equal(got, sealed) {
			t.Errorf("piece %d: %d bytes, %v", i, len(got), err)
		}
		if got, err := s.Raw(t.Context(), h, []byte("head")); err != nil || !bytes.Equal(got, append([]byte("head"), sealed...)) {
			t.Errorf("piece %d as it lies: %d bytes, %v", i, len(got), err)
		}
	}
	files := 0
	err = filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files++
			if strings.HasSuffix(path, ".new") {
				t.Errorf("%s is left", path)
			}
		}
		return err
	})
	if err != nil || files != 50 {
		t.Errorf("%d files, %v", files, err)
	}
}

func TestIntakeSaysWhatWentWrong(t *testing.T) {
	folder, left := t.TempDir(), uint64(1<<40)
	s, err := blob.Open(folder, blob.Options{Log: slog.New(slog.DiscardHandler), Free: func(string) (uint64, error) { return left, nil }})
	if err != nil {
		t.Fatal(err)
	}
	in := s.Intake()
	h, sealed := pieceOf(1, 10)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	left = 0
	if err := in.Take(t.Context(), h, sealed); !errors.Is(err, errcode.DiskFull) {
		t.Errorf("full disk: %v", err)
	}
	left = 1 << 40
	// A folder that is not empty stands in the place of the piece.
	if err := os.MkdirAll(filepath.Join(folder, h.String()[:2], h.String(), "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := in.Take(t.Context(), h, sealed); err != nil {
		t.Errorf("written, and not named yet: %v", err)
	}
	if in.Settle() == nil {
		t.Error("said to be on disk")
	}
	if in.Take(t.Context(), h, sealed) == nil {
		t.Error("goes on after a failure")
	}
	if err := s.Take(ended, h, sealed); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// What is longer than any piece is damage, also where nobody hashes.
func TestRawIsBounded(t *testing.T) {
	folder := t.TempDir()
	s, err := blob.Open(folder, blob.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := pieceOf(1, 1)
	if err := os.WriteFile(filepath.Join(folder, h.String()[:2], h.String()), make([]byte, blob.MaxSealed+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := s.Raw(t.Context(), h, nil); err == nil {
		t.Errorf("%d bytes", len(out))
	}
	if _, err := s.Raw(t.Context(), blob.Hash{}, nil); !errors.Is(err, blob.ErrMissing) {
		t.Error(err)
	}
}
