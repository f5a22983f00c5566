package chunk

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// BenchmarkCut is cutting and naming: what a scan costs beyond reading.
func BenchmarkCut(b *testing.B) {
	data := random(1, 64<<20)
	for _, class := range []int64{0, 4 << 30, 64 << 30} {
		b.Run(strconv.Itoa(int(class>>30))+"GiB", func(b *testing.B) {
			c := classOf(class)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				for rest := data; len(rest) > 0; {
					n := c.cut(rest)
					Sum(rest[:n])
					rest = rest[n:]
				}
			}
		})
	}
}

// BenchmarkFile reads, cuts and names a file that the system has in memory.
func BenchmarkFile(b *testing.B) {
	for _, size := range []int{1 << 10, 10 << 10, 1 << 20, 128 << 20} {
		b.Run(strconv.Itoa(size>>10)+"KiB", func(b *testing.B) {
			name := filepath.Join(b.TempDir(), "file")
			if err := os.WriteFile(name, random(2, size), 0o600); err != nil {
				b.Fatal(err)
			}
			var k Cutter
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				f, err := os.Open(name)
				if err == nil {
					err = k.Cut(ctx, f, int64(size), func(Chunk, []byte) error { return nil })
				}
				if err != nil {
					b.Fatal(err)
				}
				_ = f.Close()
			}
		})
	}
}

func BenchmarkZeros(b *testing.B) {
	data := make([]byte, 64<<20)
	var k Cutter
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		_ = k.Cut(ctx, bytes.NewReader(data), int64(len(data)), func(Chunk, []byte) error { return nil })
	}
}

func BenchmarkBuilder(b *testing.B) {
	all := chunks(1, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		l := NewBuilder(func(Node) error { return nil })
		for _, c := range all {
			_ = l.Add(c)
		}
		_, _ = l.Finish()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/chunk")
}
