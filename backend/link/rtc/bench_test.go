package rtc

import (
	"io"
	"testing"
)

// One stream, one direction, loopback. Compare with package lan's.
func BenchmarkStream(b *testing.B) {
	o := newOffice()
	here, there := up(b, at(b, o, Options{Loopback: true}), at(b, o, Options{Loopback: true}))
	x, y := talk(b, here, there)
	part := make([]byte, 1<<20)
	b.SetBytes(int64(len(part)))
	go func() {
		for {
			if _, err := x.Write(part); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, len(part))
	start := spent(b)
	for b.Loop() {
		if _, err := io.ReadFull(y, buf); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((spent(b)-start)/(float64(b.N)/1024), "cpu-s/GiB")
}

// A small message there and back.
func BenchmarkRoundTrip(b *testing.B) {
	o := newOffice()
	here, there := up(b, at(b, o, Options{Loopback: true}), at(b, o, Options{Loopback: true}))
	x, y := talk(b, here, there)
	go io.Copy(y, y)
	msg := make([]byte, 200)
	for b.Loop() {
		x.Write(msg)
		if _, err := io.ReadFull(x, msg); err != nil {
			b.Fatal(err)
		}
	}
}
