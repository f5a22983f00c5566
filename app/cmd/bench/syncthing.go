package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// theirs is two instances of Syncthing (Debian's package), linked over loopback,
// with nothing else on: no discovery, no relays, no reports.
type theirs struct {
	folder string
	a, b   instance
	n      int
	shared []string
}

// instance is one running Syncthing.
type instance struct {
	home, api, listen, id string
	command               *exec.Cmd
}

const theirKey = "roundtable-bench"

func syncthing(ctx context.Context, s *scene) (err error) {
	program, err := exec.LookPath("syncthing")
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: syncthing is not installed: its figures are left out")
		return nil
	}
	t := &theirs{folder: s.folder}
	defer func() { err = errors.Join(err, t.stop()) }()
	for _, one := range []struct {
		i    *instance
		name string
	}{{&t.a, "a"}, {&t.b, "b"}} {
		if err := one.i.start(ctx, program, filepath.Join(s.folder, one.name)); err != nil {
			return err
		}
	}
	if err := t.link(ctx); err != nil {
		return err
	}
	return folderWork(ctx, "syncthing_", t)
}

func (i *instance) start(ctx context.Context, program, home string) (err error) {
	i.home = home
	if i.api, err = freeAddress(ctx); err != nil {
		return err
	}
	if i.listen, err = freeAddress(ctx); err != nil {
		return err
	}
	generate := exec.CommandContext(ctx, program, "generate", "--home", home, "--no-default-folder")
	if out, err := generate.CombinedOutput(); err != nil {
		return fmt.Errorf("generate: %w: %s", err, out)
	}
	i.command = exec.CommandContext(ctx, program, "serve", "--home", home, "--no-browser", "--no-restart", "--gui-address", i.api, "--gui-apikey", theirKey)
	i.command.Env = append(os.Environ(), "STNOUPGRADE=1")
	if err := i.command.Start(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	until := time.Now().Add(time.Minute)
	var status struct{ MyID string }
	for i.call(ctx, http.MethodGet, "/rest/system/status", nil, &status) != nil {
		if time.Now().After(until) {
			return errors.New("syncthing does not answer")
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	i.id = status.MyID
	return i.call(ctx, http.MethodPatch, "/rest/config/options", map[string]any{
		"listenAddresses": []string{"tcp://" + i.listen}, "globalAnnounceEnabled": false, "localAnnounceEnabled": false,
		"relaysEnabled": false, "natEnabled": false, "crashReportingEnabled": false, "urAccepted": -1, "startBrowser": false,
	}, nil)
}

func (i *instance) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+i.api+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("X-API-Key", theirKey)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, strings.TrimSpace(string(raw)))
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// link makes the two know each other.
func (t *theirs) link(ctx context.Context) error {
	for _, pair := range [][2]*instance{{&t.a, &t.b}, {&t.b, &t.a}} {
		err := pair[0].call(ctx, http.MethodPut, "/rest/config/devices/"+pair[1].id, map[string]any{
			"deviceID": pair[1].id, "addresses": []string{"tcp://" + pair[1].listen}, "compression": "metadata"}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// pids implements rival: each instance has a monitor, whose child does the work.
func (t *theirs) pids() (out []int) {
	for _, i := range []*instance{&t.a, &t.b} {
		out = append(out, workers(i.command.Process.Pid)...)
	}
	return out
}

// workers are the children of a monitor, at any depth; itself when it has none.
func workers(pid int) (out []int) {
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return []int{pid}
	}
	for _, stat := range all {
		raw, err := os.ReadFile(stat)
		if err != nil {
			continue // it ended meanwhile
		}
		var child, parent int
		var state string
		// The name, in brackets, may hold anything.
		_, rest, _ := strings.Cut(string(raw), ") ")
		if _, err := fmt.Sscan(string(raw), &child); err != nil {
			continue
		}
		if _, err := fmt.Sscan(rest, &state, &parent); err == nil && parent == pid {
			out = append(out, workers(child)...)
		}
	}
	if len(out) == 0 {
		return []int{pid}
	}
	return out
}

// share implements rival, with Syncthing's default settings.
func (t *theirs) share(ctx context.Context) (from, to string, err error) {
	t.n++
	id := fmt.Sprintf("work-%d", t.n)
	from, to = filepath.Join(t.folder, fmt.Sprintf("their-from-%d", t.n)), filepath.Join(t.folder, fmt.Sprintf("their-to-%d", t.n))
	for _, one := range []struct {
		i    *instance
		path string
	}{{&t.a, from}, {&t.b, to}} {
		if err := os.MkdirAll(one.path, 0o755); err != nil {
			return "", "", err
		}
		err := one.i.call(ctx, http.MethodPut, "/rest/config/folders/"+id, map[string]any{
			"id": id, "path": one.path, "devices": []map[string]string{{"deviceID": t.a.id}, {"deviceID": t.b.id}}}, nil)
		if err != nil {
			return "", "", err
		}
	}
	t.shared = append(t.shared, id)
	return from, to, pause(ctx, 15*time.Second)
}

// unshare implements rival.
func (t *theirs) unshare(ctx context.Context) error {
	for _, id := range t.shared {
		for _, i := range []*instance{&t.a, &t.b} {
			if err := i.call(ctx, http.MethodDelete, "/rest/config/folders/"+id, nil, nil); err != nil {
				return err
			}
		}
	}
	t.shared = nil
	return nil
}

func (t *theirs) stop() error {
	for _, i := range []*instance{&t.a, &t.b} {
		if i.command == nil || i.command.Process == nil {
			continue
		}
		// Ended by its own door, so that the monitor does not start it anew.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		_ = i.call(ctx, http.MethodPost, "/rest/system/shutdown", nil, nil)
		cancel()
		done := make(chan struct{})
		go func() { _ = i.command.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			_ = i.command.Process.Kill()
			<-done
		}
	}
	return nil
}
