package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rival is a program that keeps a folder level between two of its processes.
type rival interface {
	pids() []int
	// share gives two empty folders that are kept level from now on.
	share(ctx context.Context) (from, to string, err error)
	unshare(ctx context.Context) error
}

const (
	gib       = 1 << 30
	mib       = 1 << 20
	smallTrys = 30
	manyFiles = 10_000
	tinyFiles = 80_000
	idleOver  = 30 * time.Second
	// wholeWithin bounds every wait for the other side.
	wholeWithin = 15 * time.Minute
)

// folderWork does everything that is compared, with a program.
func folderWork(ctx context.Context, prefix string, r rival) error {
	for _, part := range []func(context.Context, string, rival) error{smallLatency, oneLarge, manySmall, manyTiny} {
		if err := part(ctx, prefix, r); err != nil {
			return err
		}
		if err := r.unshare(ctx); err != nil {
			return err
		}
	}
	return nil
}

func randomFile(path string, size int64, seed byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	_, err = io.CopyN(w, rand.NewChaCha8([32]byte{seed}), size)
	return errors.Join(err, w.Flush(), f.Close())
}

// whole waits until a file has a size on the other side; it is put there whole or
// not at all, and content of the same size is told apart by its time.
func whole(ctx context.Context, path string, size int64, modified time.Time) error {
	until := time.Now().Add(wholeWithin)
	for time.Now().Before(until) {
		if i, err := os.Stat(path); err == nil && i.Size() == size && i.ModTime().Truncate(time.Microsecond).Equal(modified.Truncate(time.Microsecond)) {
			return nil
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s did not come in time", filepath.Base(path))
}

func modified(path string) time.Time {
	i, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return i.ModTime()
}

// smallLatency: 10 KiB are written → they are whole on the other side.
func smallLatency(ctx context.Context, prefix string, r rival) error {
	from, to, err := r.share(ctx)
	if err != nil {
		return err
	}
	var took []time.Duration
	trys := smallTrys
	if strings.HasPrefix(prefix, "syncthing") {
		trys = 3 // it waits ten seconds each time
	}
	for i := range trys + 1 {
		name := fmt.Sprintf("small-%d.bin", i)
		begun := time.Now()
		if err := randomFile(filepath.Join(from, name), 10<<10, byte(i)); err != nil {
			return err
		}
		if err := whole(ctx, filepath.Join(to, name), 10<<10, modified(filepath.Join(from, name))); err != nil {
			return err
		}
		if i > 0 { // the first one waits for the folder itself
			took = append(took, time.Since(begun))
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	figure(prefix+"small_latency_p50_ms", percentile(took, 0.5), "ms")
	figure(prefix+"small_latency_p99_ms", percentile(took, 0.99), "ms")
	return nil
}

// effort is processor time and bytes on the loopback interface.
type effort struct {
	begun time.Time
	cpu   float64
	wire  float64
}

func measure(r rival) (effort, error) {
	e := effort{begun: time.Now()}
	for _, pid := range r.pids() {
		s, err := cpuSeconds(pid)
		if err != nil {
			return e, err
		}
		e.cpu += s
	}
	raw, err := os.ReadFile("/proc/net/dev")
	if err != nil {
		return e, fmt.Errorf("%w: %w", errProc, err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "lo:"); ok {
			fields := strings.Fields(rest)
			if len(fields) > 8 {
				e.wire, err = strconv.ParseFloat(fields[8], 64)
			}
		}
	}
	return e, err
}

func (e effort) since(r rival) (seconds, cpu, wire float64, err error) {
	now, err := measure(r)
	return now.begun.Sub(e.begun).Seconds(), now.cpu - e.cpu, now.wire - e.wire, err
}

// oneLarge: 1 GiB for the first time, with 1 MiB changed in the middle, and with
// 1 KiB put in front.
func oneLarge(ctx context.Context, prefix string, r rival) error {
	from, to, err := r.share(ctx)
	if err != nil {
		return err
	}
	a, b := filepath.Join(from, "large.bin"), filepath.Join(to, "large.bin")
	outside := from + "-large.bin"
	defer os.Remove(outside)
	if err := randomFile(outside, gib, 7); err != nil {
		return err
	}
	step := func(name string, do func() error, size int64) error {
		e, err := measure(r)
		if err != nil {
			return err
		}
		if err := do(); err != nil {
			return err
		}
		if err := whole(ctx, b, size, modified(a)); err != nil {
			return err
		}
		seconds, cpu, wire, err := e.since(r)
		if err != nil {
			return err
		}
		if name == "1g_first" {
			figure(prefix+"1g_first_mib_s", float64(size)/mib/seconds, "MiB/s")
		} else {
			figure(prefix+name+"_s", seconds, "s")
		}
		figure(prefix+name+"_cpu_s", cpu, "s")
		figure(prefix+name+"_wire_mib", wire/mib, "MiB")
		return pause(ctx, 2*time.Second)
	}
	if err := step("1g_first", func() error { return os.Rename(outside, a) }, gib); err != nil {
		return err
	}
	if err := step("mid_change", func() error {
		f, err := os.OpenFile(a, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		fresh := make([]byte, mib)
		_, _ = rand.NewChaCha8([32]byte{9}).Read(fresh)
		_, err = f.WriteAt(fresh, gib/2)
		return errors.Join(err, f.Close())
	}, gib); err != nil {
		return err
	}
	return step("shift", func() error { return inFront(a, outside) }, gib+1024)
}

// inFront puts 1 KiB before a file, as a program that saves anew does.
func inFront(path, beside string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(beside)
	if err != nil {
		return err
	}
	fresh := make([]byte, 1024)
	_, _ = rand.NewChaCha8([32]byte{11}).Read(fresh)
	_, err = out.Write(fresh)
	if err == nil {
		_, err = io.Copy(out, in)
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(beside, path)
}

// fill writes many files outside and moves them in, folder by folder.
func fill(root string, files, each, perFolder int) error {
	return fillFrom(root+"-fill", root, files, each, perFolder)
}

// fillFrom is fill with a place that must not be in a folder that is kept.
func fillFrom(outside, root string, files, each, perFolder int) error {
	defer os.RemoveAll(outside)
	random := rand.NewChaCha8([32]byte{13})
	data := make([]byte, each)
	for i := range files {
		folder := filepath.Join(outside, fmt.Sprintf("d%04d", i/perFolder))
		if i%perFolder == 0 {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return err
			}
		}
		_, _ = random.Read(data)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("f%05d.bin", i)), data, 0o644); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(outside)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(outside, e.Name()), filepath.Join(root, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func count(root string) (n int) {
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		if err == nil && d.Type().IsRegular() && !strings.HasPrefix(d.Name(), ".") {
			n++
		}
		return nil
	})
	return n
}

func counted(ctx context.Context, root string, files int) error {
	until := time.Now().Add(wholeWithin)
	for time.Now().Before(until) {
		begun := time.Now()
		if count(root) >= files {
			return nil
		}
		// Looking shall not cost what it measures.
		if err := pause(ctx, max(20*time.Millisecond, 10*time.Since(begun))); err != nil {
			return err
		}
	}
	return fmt.Errorf("%d files did not come in time", files)
}

func manySmall(ctx context.Context, prefix string, r rival) error {
	_, _, err := bulk(ctx, prefix+"10k_", r, manyFiles, 10<<10)
	return err
}

// bulk: many files arrive at once → all are on the other side.
func bulk(ctx context.Context, prefix string, r rival, files, each int) (from, to string, err error) {
	if from, to, err = r.share(ctx); err != nil {
		return from, to, err
	}
	outside := from + "-all"
	if err := os.MkdirAll(outside, 0o755); err != nil {
		return from, to, err
	}
	defer os.RemoveAll(outside)
	if err := fill(outside, files, each, 100); err != nil {
		return from, to, err
	}
	e, err := measure(r)
	if err != nil {
		return from, to, err
	}
	if err := os.Rename(outside, filepath.Join(from, "all")); err != nil {
		return from, to, err
	}
	if err := counted(ctx, to, files); err != nil {
		return from, to, err
	}
	seconds, cpu, _, err := e.since(r)
	figure(prefix+"files_s", float64(files)/seconds, "files/s")
	figure(prefix+"cpu_s", cpu, "s")
	return from, to, err
}

// manyTiny: 80,000 files of 1 KiB, then what 90,000 files cost while nothing happens,
// and while one of them changes.
func manyTiny(ctx context.Context, prefix string, r rival) error {
	from, to, err := bulk(ctx, prefix+"80k_1k_", r, tinyFiles, 1<<10)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(from, "more"), 0o755); err != nil {
		return err
	}
	if err := fill(filepath.Join(from, "more"), 10_000, 1<<10, 100); err != nil {
		return err
	}
	if err := counted(ctx, to, tinyFiles+10_000); err != nil {
		return err
	}
	if err := pause(ctx, 20*time.Second); err != nil {
		return err
	}
	e, err := measure(r)
	if err != nil {
		return err
	}
	if err := pause(ctx, idleOver); err != nil {
		return err
	}
	seconds, cpu, _, err := e.since(r)
	if err != nil {
		return err
	}
	figure(prefix+"idle_90k_cpu_s_min", cpu*60/seconds, "s")
	var most float64
	for _, pid := range r.pids() {
		mb, err := residentMB(pid)
		if err != nil {
			return err
		}
		most = max(most, mb)
	}
	figure(prefix+"rss_90k_mb", most, "MB")
	return oneOfMany(ctx, prefix, r, from, to)
}

func oneOfMany(ctx context.Context, prefix string, r rival, from, to string) error {
	name := filepath.Join("all", "d0400", "f40000.bin")
	e, err := measure(r)
	if err != nil {
		return err
	}
	var took []time.Duration
	for i := range 10 {
		begun := time.Now()
		if err := randomFile(filepath.Join(from, name), 1500+int64(i), byte(i)); err != nil {
			return err
		}
		if err := whole(ctx, filepath.Join(to, name), 1500+int64(i), modified(filepath.Join(from, name))); err != nil {
			return err
		}
		took = append(took, time.Since(begun))
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	_, cpu, _, err := e.since(r)
	slices.Sort(took)
	figure(prefix+"one_of_90k_p50_ms", percentile(took, 0.5), "ms")
	figure(prefix+"one_of_90k_ten_cpu_s", cpu, "s")
	return err
}
