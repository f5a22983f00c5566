package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/relay/protocol"
)

const (
	crowdGoal = 30_000
	// spareFiles of each process are not for devices.
	spareFiles = 400
	crowdWorks = 24
	crowdFor   = 4 * time.Minute
)

// crowd measures how many idle devices one relay holds: each a real TLS socket
// with its own proven key, up to the goal or the limit of open files of one
// process here.
func crowd(ctx context.Context, s *scene) (err error) {
	r, err := s.startRelay(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stop()) }()
	_ = pause(ctx, time.Second)
	before, err := residentMB(r.command.Process.Pid)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, crowdFor)
	defer cancel()
	held, release := context.WithCancel(ctx)
	defer release()
	begun := time.Now()
	n, why := gatherCrowd(held, r.address, min(crowdGoal, openFiles()-spareFiles))
	took := time.Since(begun)
	if why != nil {
		fmt.Printf("# not every device was taken: %v\n", why)
	}
	if n == 0 {
		return errors.New("no device connected")
	}
	_ = pause(ctx, 5*time.Second)
	after, err := residentMB(r.command.Process.Pid)
	if err != nil {
		return err
	}
	cpu, err := cpuOver(ctx, r.command.Process.Pid, 20*time.Second)
	if err != nil {
		return err
	}
	figure("relay_devices_connected", n, "")
	figure("relay_connects_s", n/took.Seconds(), "1/s")
	figure("relay_rss_mb", after, "MB")
	figure("relay_kb_per_device", (after-before)*1e6/1024/n, "KiB")
	figure("relay_crowd_idle_cpu_percent", cpu*100, "%")
	return nil
}

// gatherCrowd connects so many devices, a few at a time, and says how many stood
// and why one did not.
func gatherCrowd(ctx context.Context, a protocol.Address, want int) (float64, error) {
	var up atomic.Int64
	var why atomic.Pointer[error]
	next := make(chan struct{}, want)
	for range want {
		next <- struct{}{}
	}
	close(next)
	var wg sync.WaitGroup
	for range crowdWorks {
		wg.Go(func() {
			for range next {
				if err := stand(ctx, a); err != nil {
					why.Store(&err)
					continue
				}
				up.Add(1)
			}
		})
	}
	wg.Wait()
	if e := why.Load(); e != nil {
		return float64(up.Load()), *e
	}
	return float64(up.Load()), nil
}

// stand connects one device that then only lives.
func stand(ctx context.Context, a protocol.Address) error {
	_, err := newDevice(ctx, a, nil).session(ctx)
	return err
}

// cpuOver is the share of one core that a process uses.
func cpuOver(ctx context.Context, pid int, d time.Duration) (float64, error) {
	a, err := cpuSeconds(pid)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	_ = pause(ctx, d)
	b, err := cpuSeconds(pid)
	return (b - a) / time.Since(begun).Seconds(), err
}
