package disktest

import (
	"errors"
	"fmt"
	"io/fs"
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
	d.Crash()
}

func TestWindowsLocks(t *testing.T) {
	d := New(Windows)
	d.Write("a/b", []byte("x"))
	d.Lock("a/b")
	if err := d.Move("a", "c"); !errors.Is(err, disk.ErrLocked) {
		t.Fatal(err)
	}
	if err := d.Make("con.txt", disk.Folder, ""); !errors.Is(err, disk.ErrName) {
		t.Fatal(err)
	}
	if _, err := d.Create("A/B"); !errors.Is(err, disk.ErrClash) || !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
}
