package chunk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/iotest"

	"lukechampine.com/blake3"

	"roundtable/backend/wire"
)

var ctx = context.Background()

// random gives bytes that are the same in every run.
func random(seed byte, n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(out)
	return out
}

// cuts cuts content as if it had another size.
func (c class) cuts(data []byte) (lengths []int) {
	for len(data) > 0 {
		n := c.cut(data)
		lengths, data = append(lengths, n), data[n:]
	}
	return lengths
}

// slowly is cut as the package's doc says it, byte by byte.
func slowly(c class, data []byte) int {
	for n := c.least + 1; n <= min(len(data), c.most); n++ {
		var h uint64
		for _, b := range data[n-window : n] {
			h = h<<1 + gear[b]
		}
		if n <= c.normal && h < c.early || n > c.normal && h < c.late {
			return n
		}
	}
	return min(len(data), c.most)
}

// The cuts are part of the protocol: whoever changes them sends everything again.
func TestCutsAreForEver(t *testing.T) {
	if gear[0] != 0x1cac1067c05b646 || gear[255] != 0x511b50cf997c3f8f {
		t.Errorf("gear is %#x … %#x", gear[0], gear[255])
	}
	data := random(1, 4<<20)
	for i, want := range []string{
		"[32130 82587 100451 67522 119082 19322] 60",
		"[215168 205926 422264 266304 330274 452267] 14",
		"[421094 688568 822091 437919 245043 1048576] 8",
	} {
		lengths := classes[i].cuts(data)
		if got := fmt.Sprint(lengths[:min(6, len(lengths))], len(lengths)); got != want {
			t.Errorf("class %d cuts at\n%s, want\n%s", i, got, want)
		}
	}
	var names bytes.Buffer
	if err := Cut(ctx, bytes.NewReader(data), int64(len(data)), func(c Chunk, _ []byte) error {
		names.Write(c.appendEntry(nil))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := Sum(names.Bytes()).String(); got != "950c212e8642a9d5ad6504d1d8613ac810956e242f3cc6ac3a64625b102bca16" {
		t.Errorf("the list of the chunks is %s", got)
	}
}

func TestCutsAreWhatTheDocSays(t *testing.T) {
	small := class{0, 128, 5000, 20_000, oneIn(14), oneIn(12)} // many ends in both lanes
	for _, c := range append([]class{small}, classes[:2]...) {
		for rest := random(2, 512<<10); len(rest) > 0; {
			n := c.cut(rest)
			if want := slowly(c, rest); n != want {
				t.Fatalf("%d bytes, want %d, %d before the end", n, want, len(rest))
			}
			rest = rest[n:]
		}
	}
}

func TestLengthsOfChunks(t *testing.T) {
	data := random(3, 32<<20)
	for i, c := range classes {
		lengths := c.cuts(data)
		for _, n := range lengths[:len(lengths)-1] {
			if n <= c.least || n > c.most {
				t.Errorf("class %d: a chunk of %d bytes", i, n)
			}
		}
		mean := len(data) / len(lengths)
		if mean < c.normal || mean > 2*c.normal {
			t.Errorf("class %d: %d bytes on average", i, mean)
		}
		t.Logf("class %d: %d KiB on average", i, mean>>10)
	}
	for size, want := range map[int64]int{0: 0, 4<<30 - 1: 0, 4 << 30: 1, 64<<30 - 1: 1, 64 << 30: 2, MaxSize: 2} {
		if got := classOf(size); got.least != classes[want].least {
			t.Errorf("content of %d bytes is cut as %+v", size, got)
		}
	}
}

func TestContentOfAnyLengthComesBackWhole(t *testing.T) {
	data := random(4, 3<<20)
	var k Cutter
	for _, size := range []int{0, 1, 63, 64, 65, 1024, 1025, 16 << 10, 16<<10 + 1, 100_000, 1 << 20, 1<<20 + 256<<10, 1<<20 + 256<<10 + 1, len(data)} {
		for name, r := range map[string]io.Reader{
			"at once":      bytes.NewReader(data[:size]),
			"in halves":    iotest.HalfReader(bytes.NewReader(data[:size])),
			"end with end": iotest.DataErrReader(bytes.NewReader(data[:size])),
		} {
			var back []byte
			err := k.Cut(ctx, r, int64(size), func(c Chunk, part []byte) error {
				if int(c.Size) != len(part) || ID(blake3.Sum256(part)) != c.ID {
					t.Fatalf("%d bytes %s: %v is not the entry of its data", size, name, c)
				}
				back = append(back, part...)
				return nil
			})
			if err != nil || !bytes.Equal(back, data[:size]) {
				t.Errorf("%d bytes %s: %d came back, %v", size, name, len(back), err)
			}
		}
	}
}

func TestContentThatIsNotAsLongAsWasSaid(t *testing.T) {
	data := random(5, 400_000)
	none := func(Chunk, []byte) error { return nil }
	for _, size := range []int64{0, 1, 100, 399_999, 400_001, 5 << 20} {
		if err := Cut(ctx, bytes.NewReader(data), size, none); !errors.Is(err, ErrLength) {
			t.Errorf("said to have %d bytes: %v", size, err)
		}
	}
	for _, size := range []int64{-1, MaxSize + 1} {
		if err := Cut(ctx, bytes.NewReader(nil), size, none); !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	broken := errors.New("broken")
	if err := Cut(ctx, io.MultiReader(bytes.NewReader(data), iotest.ErrReader(broken)), 1<<20, none); !errors.Is(err, broken) {
		t.Errorf("a disk that fails: %v", err)
	}
	if err := Cut(ctx, bytes.NewReader(data), 400_000, func(Chunk, []byte) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("a receiver that fails: %v", err)
	}
	ended, end := context.WithCancel(ctx)
	end()
	if err := Cut(ended, bytes.NewReader(data), 400_000, none); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func TestZerosStayHoles(t *testing.T) {
	for i, c := range classes {
		if still := -gear[0]; still < c.late || still < c.early {
			t.Errorf("class %d cuts zeros", i)
		}
		zeros := make([]byte, 3*c.most+1)
		if n := slowly(c, zeros[:c.most]); n != c.most || c.cut(zeros) != n {
			t.Errorf("class %d cuts zeros after %d", i, n)
		}
		if hole := (Chunk{Sum(zeros[:c.most]), uint32(c.most)}); !hole.Hole() || Zero(hole.Size) != hole.ID {
			t.Errorf("class %d does not know its hole", i)
		}
	}
	if Zero(12345) != Sum(make([]byte, 12345)) || (Chunk{Zero(12345), 12345}).Hole() || (Chunk{Zero(MaxChunk), 256 << 10}).Hole() {
		t.Error("another length")
	}
	// Data, a hole of 40 MiB, data.
	sparse := append(append(random(6, 300_000), make([]byte, 40<<20)...), random(7, 300_000)...)
	holes := 0
	if err := Cut(ctx, bytes.NewReader(sparse), int64(len(sparse)), func(c Chunk, _ []byte) error {
		if c.Hole() {
			holes += int(c.Size)
		}
		return nil
	}); err != nil || holes < 39<<20 {
		t.Errorf("%d bytes of holes, %v", holes, err)
	}
}

func TestSumIsBlake3(t *testing.T) {
	data := random(8, 1<<20)
	for _, n := range []int{0, 1, 64, 65, 1023, 1024, 1025, 2048, 5000, 16383, 16384, 16385, 20_000, 32768, 32769, 49152, 65536, 100_000, 262144, 1<<20 - 1, 1 << 20} {
		if got, want := Sum(data[:n]), ID(blake3.Sum256(data[:n])); got != want {
			t.Errorf("%d bytes: %v, want %v", n, got, want)
		}
		if tight := bytes.Clone(data[:n]); Sum(tight[:n:n]) != Sum(data[:n]) {
			t.Errorf("%d bytes: another name without room behind them", n)
		}
	}
}

// fresh counts the bytes of the chunks of data that are not known yet.
func fresh(t *testing.T, known map[ID]bool, data []byte) (sum int) {
	t.Helper()
	if err := Cut(ctx, bytes.NewReader(data), int64(len(data)), func(c Chunk, _ []byte) error {
		if !known[c.ID] {
			sum += int(c.Size)
		}
		known[c.ID] = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestAnInsertionMovesFewCuts(t *testing.T) {
	known, data := map[ID]bool{}, random(9, 64<<20)
	fresh(t, known, data)
	n := fresh(t, known, append(random(10, 1024), data...))
	t.Logf("1 KiB at the front of 64 MiB: %d KiB are new", n>>10)
	if n > len(data)/50 {
		t.Errorf("%d of %d bytes are new", n, len(data))
	}
}

func TestAChangeTouchesWhatItChanges(t *testing.T) {
	known, data := map[ID]bool{}, random(11, 8<<20)
	fresh(t, known, data)
	const rounds = 8
	sum, worst := 0, 0
	for i := range byte(rounds) {
		changed := bytes.Clone(data)
		copy(changed[3<<20+int(i)*12_345:], random(100+i, 1<<20))
		n := fresh(t, known, changed)
		sum, worst = sum+n, max(worst, n)
	}
	t.Logf("1 MiB in the middle: %d KiB are new, %d at worst", sum/rounds>>10, worst>>10)
	if sum/rounds > 1200<<10 || worst > 13<<20/10 {
		t.Errorf("%d KiB on average, %d at worst", sum/rounds>>10, worst>>10)
	}
}

func TestCuttingAllocatesOnce(t *testing.T) {
	data := random(12, 8<<20)
	var k Cutter
	cutAll := func() {
		_ = k.Cut(ctx, bytes.NewReader(data), int64(len(data)), func(Chunk, []byte) error { return nil })
	}
	cutAll()
	if n := testing.AllocsPerRun(3, cutAll); n > 4 {
		t.Errorf("%v allocations for 110 chunks", n)
	}
	if runtime.GOARCH == "amd64" && testing.AllocsPerRun(10, func() { Sum(data[:70_000]) }) > 0 {
		t.Error("Sum allocates")
	}
}
