package disktest

import (
	"fmt"
	"testing"
	"time"

	"roundtable/backend/folders/disk"
)

func TestSuite(t *testing.T) {
	for _, system := range []string{Linux, Darwin, Windows} {
		t.Run(system, func(t *testing.T) { Run(t, func(*testing.T) disk.Tree { return New(system) }) })
	}
}

func TestFast(t *testing.T) {
	d := New(Linux)
	start := time.Now()
	for i := range 10_000 {
		if err := d.Write(fmt.Sprintf("folder%d/file%d", i%100, i), []byte("content")); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for round := range 3 {
		for i := range 10_000 {
			p := fmt.Sprintf("folder%d/file%d", i%100, i)
			if _, err := d.Look(p); err != nil {
				t.Fatal(err)
			}
			if i%10 == round {
				if err := d.Move(p, p+"x"); err != nil {
					t.Fatal(err)
				}
				if err := d.Move(p+"x", p); err != nil {
					t.Fatal(err)
				}
				if err := d.Settle(p); err != nil {
					t.Fatal(err)
				}
				n += 3
			}
			n++
		}
	}
	rate := float64(n) / time.Since(start).Seconds()
	t.Logf("%.0f operations a second", rate)
	if rate < 5_000 { // 20,000 are wanted, and 70,000 usual; other tests run at the same time
		t.Error("too slow for a simulator")
	}
}
