package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

func open(t testing.TB) (*blob.Store, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "blobs")
	s, err := blob.Open(folder, blob.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s, folder
}

func content(n int) []byte {
	out := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = r.Read(out)
	return out
}

func write(t testing.TB, s *blob.Store, data []byte) blob.File {
	t.Helper()
	w, err := blob.NewWriter(uint64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for rest := data; len(rest) > 0; {
		n := min(len(rest), blob.PieceSize)
		if _, err := w.Write(t.Context(), s, rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	f, err := w.Close(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func path(folder string, h blob.Hash) string {
	return filepath.Join(folder, h.String()[:2], h.String())
}

func TestRoundTrip(t *testing.T) {
	s, _ := open(t)
	for _, n := range []int{0, 1, blob.PieceSize - 1, blob.PieceSize, blob.PieceSize + 1, 3*blob.PieceSize + 7} {
		data := content(n)
		f := write(t, s, data)
		again, err := blob.DecodeFile(f.Encode())
		if err != nil || again.ID() != f.ID() {
			t.Fatalf("%d bytes: %v", n, err)
		}
		got, err := io.ReadAll(blob.NewReader(t.Context(), s, again))
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: read %d, %v", n, len(got), err)
		}
	}
}

func TestLargeFileIsATree(t *testing.T) {
	s, _ := open(t)
	data := content(66*blob.PieceSize + 5)
	f := write(t, s, data)
	if f.Nodes() != 1 || len(f.Hashes()) != 1 || len(f.Encode()) > 200 {
		t.Fatalf("%d nodes, %d hashes, %d bytes", f.Nodes(), len(f.Hashes()), len(f.Encode()))
	}
	h := sha256.New()
	if _, err := io.Copy(h, blob.NewReader(t.Context(), s, f)); err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256(data); !bytes.Equal(h.Sum(nil), want[:]) {
		t.Error("other bytes came back")
	}
	r := blob.NewReader(t.Context(), s, f)
	for _, at := range []int64{0, 1, 65*blob.PieceSize - 3, int64(len(data)) - 4, 7} {
		if _, err := r.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, min(10, int64(len(data))-at))
		if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, data[at:at+int64(len(got))]) {
			t.Errorf("at %d: %v", at, err)
		}
	}
	if at, err := r.Seek(-2, io.SeekEnd); err != nil || at != int64(len(data))-2 {
		t.Errorf("%d, %v", at, err)
	}
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Error("before the start")
	}
}

// A writer that is written down and read again goes on where it was.
func TestWriterGoesOn(t *testing.T) {
	s, _ := open(t)
	data := content(2*blob.PieceSize + 9)
	w, err := blob.NewWriter(uint64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(t.Context(), s, data[:blob.PieceSize]); err != nil {
		t.Fatal(err)
	}
	var again blob.Writer
	if err := wire.Decode(wire.MustEncode(w), 1<<20, &again); err != nil {
		t.Fatal(err)
	}
	if again.Next() != 1 || again.Written() != blob.PieceSize || again.Whole() {
		t.Errorf("next %d, written %d", again.Next(), again.Written())
	}
	if _, err := again.Write(t.Context(), s, data[:9]); !errors.Is(err, blob.ErrOrder) {
		t.Errorf("a short piece in the middle: %v", err)
	}
	if _, err := again.Close(t.Context(), s); !errors.Is(err, blob.ErrOrder) {
		t.Errorf("closed early: %v", err)
	}
	for _, part := range [][]byte{data[blob.PieceSize : 2*blob.PieceSize], data[2*blob.PieceSize:]} {
		if _, err := again.Write(t.Context(), s, part); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := again.Write(t.Context(), s, data[:1]); !errors.Is(err, blob.ErrOrder) {
		t.Errorf("beyond the end: %v", err)
	}
	f, err := again.Close(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(blob.NewReader(t.Context(), s, f)); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestDamageIsFoundAndMissing(t *testing.T) {
	s, folder := open(t)
	for name, damage := range map[string]func(string) error{
		"one bit":   func(p string) error { raw, _ := os.ReadFile(p); raw[100] ^= 1; return os.WriteFile(p, raw, 0o600) },
		"cut short": func(p string) error { return os.Truncate(p, 50) },
		"empty":     func(p string) error { return os.Truncate(p, 0) },
		"too long":  func(p string) error { return os.Truncate(p, 2<<20) },
		"gone":      os.Remove,
	} {
		f := write(t, s, content(500+len(name)))
		h := f.Hashes()[0]
		if err := damage(path(folder, h)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), h); !errors.Is(err, blob.ErrMissing) {
			t.Errorf("%s: %v", name, err)
		}
		if s.Has(h) {
			t.Errorf("%s: still there", name)
		}
		if _, err := io.ReadAll(blob.NewReader(t.Context(), s, f)); !errors.Is(err, blob.ErrMissing) {
			t.Errorf("%s: read: %v", name, err)
		}
	}
}

func TestInspectFindsDamageAndChangesNothing(t *testing.T) {
	s, folder := open(t)
	f := write(t, s, content(2*blob.PieceSize))
	var found []string
	look := func() int {
		found = nil
		n, err := blob.Inspect(t.Context(), folder, func(name string) { found = append(found, name) })
		if err != nil {
			t.Error(err)
		}
		return n
	}
	if n := look(); n != 2 || len(found) != 0 {
		t.Errorf("%d pieces, %v", n, found)
	}
	h := f.Hashes()[1]
	if err := os.Truncate(path(folder, h), 9); err != nil {
		t.Fatal(err)
	}
	if n := look(); n != 2 || len(found) != 1 || found[0] != h.String()[:2]+"/"+h.String() || !s.Has(h) {
		t.Errorf("%d pieces, %v", n, found)
	}
	if n, err := blob.Inspect(t.Context(), filepath.Join(folder, "none"), nil); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestStoreLeavesRoom(t *testing.T) {
	s, err := blob.Open(t.TempDir(), blob.Options{Log: slog.New(slog.DiscardHandler), Free: func(string) (uint64, error) { return 256<<20 + 1000, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), content(1000)); err != nil {
		t.Error(err)
	}
	if _, err := s.Put(t.Context(), content(1001)); !errors.Is(err, errcode.DiskFull) {
		t.Error(err)
	}
	if _, err := s.Put(t.Context(), make([]byte, blob.MaxSealed+1)); !errors.Is(err, wire.ErrTooLarge) {
		t.Error(err)
	}
}

func TestShelfListsPiecesAndClearsLeftOvers(t *testing.T) {
	s, folder := open(t)
	h, err := s.Put(t.Context(), content(10))
	if err != nil {
		t.Fatal(err)
	}
	young, old := path(folder, h)+".new", filepath.Join(folder, h.String()[:2], "x.new")
	for _, p := range []string{young, old} {
		if err := os.WriteFile(p, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	if err := os.Chtimes(old, now, now.Add(-48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	got, err := s.Shelf(context.Background(), h[0], now)
	if err != nil || len(got) != 1 || got[0] != h {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if info, err := os.Stat(path(folder, h)); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestFilesOfNoSenseAreRefused(t *testing.T) {
	k := key.NewPieceKey().Bytes()
	for name, f := range map[string]blob.File{
		"no key":         {Size: 1, Roots: make([]byte, 32)},
		"no pieces":      {Size: 1, Key: k},
		"too many":       {Size: 1, Key: k, Roots: make([]byte, 64)},
		"half a hash":    {Size: 1, Key: k, Roots: make([]byte, 31)},
		"empty with one": {Key: k, Roots: make([]byte, 32)},
		"too large":      {Size: blob.MaxSize + 1, Key: k, Roots: make([]byte, 96)},
		"overflow":       {Size: 1<<64 - 1, Key: k, Roots: make([]byte, 32)},
		"flat tree":      {Size: 65 << 20, Key: k, Roots: make([]byte, 65*32)},
	} {
		if err := f.Check(); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
	if err := (blob.File{Size: 10 << 30, Key: k, Roots: make([]byte, 32)}).Check(); err != nil {
		t.Errorf("10 GiB: %v", err)
	}
}

// FuzzFile: a file from elsewhere is refused, or reads as what is written again,
// and nothing that is opened with it does harm.
func FuzzFile(f *testing.F) {
	k := key.NewPieceKey().Bytes()
	f.Add(blob.File{Size: 5, Key: k, Roots: make([]byte, 32)}.Encode(), []byte("x"))
	f.Add(blob.File{Size: 65 << 20, Key: k, Roots: make([]byte, 32)}.Encode(), []byte{})
	f.Add(blob.File{Size: 1<<64 - 1, Key: k}.Encode(), make([]byte, 41))
	f.Fuzz(func(t *testing.T, raw, sealed []byte) {
		x, err := blob.DecodeFile(raw)
		if err != nil {
			if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		if !bytes.Equal(x.Encode(), raw) {
			t.Error("not canonical")
		}
		if _, err := x.OpenNode(0, sealed); x.Nodes() > 0 && err == nil {
			t.Error("opened what nobody sealed")
		}
		if _, err := x.OpenPiece(0, sealed); x.Pieces() > 0 && err == nil {
			t.Error("opened what nobody sealed")
		}
	})
}
