package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"roundtable/backend/folders/disk"
)

const (
	hugeSize = 100 << 30
	// hugePiece is written at the beginning, in the middle and at the end; between lie holes.
	hugePiece = 16 << 20
	// hugeRoom is what the two copies take on a disk that keeps the holes.
	hugeRoom = 16 * hugePiece
)

// huge sends one sparse file of 100 GiB: sizes beyond 4 GiB, lists of lists, holes.
// It reads 100 GiB of nothing on one side, so it runs only when it is asked for.
func huge(ctx context.Context, s *scene) error {
	o := &ours{s: s}
	if err := o.two(ctx); err != nil {
		return err
	}
	from, to, err := o.share(ctx)
	if err != nil {
		return err
	}
	// A device takes no file that its disk could not hold if it were full of bytes.
	if free, err := disk.FreeAt(to); err != nil || free < hugeSize+hugeSize/8 {
		return errors.Join(fmt.Errorf("huge needs %d bytes of free space, there are %d: choose another place with TMPDIR", int64(hugeSize), free), err)
	}
	a, b := filepath.Join(from, "disk.img"), filepath.Join(to, "disk.img")
	outside := from + "-disk.img"
	defer os.Remove(outside)
	if err := sparse(outside); err != nil {
		return err
	}
	e, err := measure(o)
	if err != nil {
		return err
	}
	if err := os.Rename(outside, a); err != nil {
		return err
	}
	if err := whole(ctx, b, hugeSize, modified(a)); err != nil {
		return err
	}
	seconds, cpu, wire, err := e.since(o)
	if err != nil {
		return err
	}
	figure("folder_100g_sparse_s", seconds, "s")
	figure("folder_100g_sparse_cpu_s", cpu, "s")
	figure("folder_100g_sparse_wire_mib", wire/mib, "MiB")
	taken, err := diskBytes(b)
	if err != nil {
		return err
	}
	figure("folder_100g_sparse_disk_mib", float64(taken)/mib, "MiB")
	if taken > hugeRoom {
		return fmt.Errorf("the holes were filled: %d bytes on the disk", taken)
	}
	return samePieces(a, b)
}

func hugePlaces() []int64 { return []int64{0, hugeSize / 2, hugeSize - hugePiece} }

func sparse(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	for _, at := range hugePlaces() {
		_, e := io.CopyN(io.NewOffsetWriter(f, at), rand.Reader, hugePiece)
		err = errors.Join(err, e)
	}
	return errors.Join(err, f.Close(), os.Chtimes(path, time.Time{}, time.Now().Truncate(time.Microsecond)))
}

// samePieces compares what is not a hole.
func samePieces(a, b string) error {
	x, err := os.Open(a)
	if err != nil {
		return err
	}
	defer x.Close()
	y, err := os.Open(b)
	if err != nil {
		return err
	}
	defer y.Close()
	p, q := make([]byte, hugePiece), make([]byte, hugePiece)
	for _, at := range hugePlaces() {
		if _, err := x.ReadAt(p, at); err != nil {
			return err
		}
		if _, err := y.ReadAt(q, at); err != nil {
			return err
		}
		if string(p) != string(q) {
			return fmt.Errorf("the bytes at %d are others", at)
		}
	}
	return nil
}
