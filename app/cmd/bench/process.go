package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Processor time and memory are read from /proc: figures are measured on Linux.

// errProc is returned where /proc does not look as expected.
var errProc = errors.New("processor time and memory are read on Linux only")

// cpuSeconds a process has used, to the nanosecond: the ticks of /proc/PID/stat
// are too coarse for one that idles. Threads that ended are not in it; those of
// a Go program stay.
func cpuSeconds(pid int) (float64, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		return 0, errProc
	}
	var sum float64
	for _, t := range threads {
		raw, err := os.ReadFile(t)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errProc, err)
		}
		first, _, _ := strings.Cut(string(raw), " ")
		n, err := strconv.ParseFloat(first, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errProc, err)
		}
		sum += n / 1e9
	}
	return sum, nil
}

func residentMB(pid int) (float64, error) { return statusMB(pid, "VmRSS:") }
func peakMB(pid int) (float64, error)     { return statusMB(pid, "VmHWM:") }

func statusMB(pid int, field string) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errProc, err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, field); ok {
			kb, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			if err != nil {
				return 0, fmt.Errorf("%w: %w", errProc, err)
			}
			return kb * 1024 / 1e6, nil
		}
	}
	return 0, errProc
}
