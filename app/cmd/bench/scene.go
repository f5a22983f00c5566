package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

// scene is a folder of profiles and the processes on them.
type scene struct {
	folder, program string
	running         map[string]*client.Process
}

func onScene(ctx context.Context, fn func(context.Context, *scene) error) (err error) {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find programs: %w", err)
	}
	suffix := ""
	if runtime.GOOS == "windows" {
		suffix = ".exe"
	}
	folder, err := os.MkdirTemp("", "roundtable-bench-")
	if err != nil {
		return fmt.Errorf("make profiles: %w", err)
	}
	s := &scene{folder: folder, program: filepath.Join(filepath.Dir(self), "roundtable-headless"+suffix), running: map[string]*client.Process{}}
	defer func() {
		for who := range s.running {
			err = errors.Join(err, s.stop(who))
		}
		err = errors.Join(err, os.RemoveAll(folder))
	}()
	return fn(ctx, s)
}

// start a person's process.
func (s *scene) start(ctx context.Context, who string) (*client.Process, error) {
	p, err := client.Start(ctx, client.Options{
		Program: s.program, Profile: filepath.Join(s.folder, who),
		Arguments: []string{"--lan", "127.0.0.1:0", "--no-nearby", "--log-level", "warn"},
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, p.Stderr())
	}
	s.running[who] = p
	return p, nil
}

// newcomer starts a new person.
func (s *scene) newcomer(ctx context.Context, who string) (*client.Process, error) {
	p, err := s.start(ctx, who)
	if err != nil {
		return nil, err
	}
	return p, p.SetUp(ctx, who)
}

func (s *scene) stop(who string) error {
	p := s.running[who]
	if p == nil {
		return nil
	}
	delete(s.running, who)
	return p.Stop()
}

// found makes a workspace with one person in it and gives its ID, which is the
// ID of everybody's conversation too.
func (s *scene) found(ctx context.Context, who string) (*client.Process, string, error) {
	p, err := s.newcomer(ctx, who)
	if err != nil {
		return nil, "", err
	}
	w, err := p.People.CreateWorkspace(ctx, &v1.CreateWorkspaceRequest{Name: "Bench"})
	if err != nil {
		return nil, "", fmt.Errorf("create workspace: %w", err)
	}
	return p, w.Id, nil
}

// figure prints one line. Nothing else goes to standard output.
func figure(name string, value float64, unit string) {
	format := "figure %s %.1f %s\n"
	if value < 10 {
		format = "figure %s %.3f %s\n"
	}
	fmt.Printf(format, name, value, unit)
}

// percentile of sorted or unsorted times, in ms.
func percentile(all []time.Duration, p float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	if len(sorted) == 0 {
		return 0
	}
	i := min(int(float64(len(sorted))*p), len(sorted)-1)
	return float64(sorted[i]) / float64(time.Millisecond)
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
