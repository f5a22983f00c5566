package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const relayStart = 20 * time.Second

// relayProcess is a relay on this machine.
type relayProcess struct {
	command *exec.Cmd
	address protocol.Address
	program string
}

// startRelay runs roundtable-relay on a folder of its own and takes its link.
func (s *scene) startRelay(ctx context.Context) (*relayProcess, error) {
	suffix := ""
	if runtime.GOOS == "windows" {
		suffix = ".exe"
	}
	r := &relayProcess{program: filepath.Join(filepath.Dir(s.program), "roundtable-relay"+suffix)}
	listen, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	r.command = exec.CommandContext(ctx, r.program, "serve", "--data", filepath.Join(s.folder, "relay"), "--listen", listen,
		"--public-host", "127.0.0.1", "--turn-listen", "off", "--log-level", "warn")
	r.command.Stderr = os.Stderr
	out, err := r.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := r.command.Start(); err != nil {
		return nil, fmt.Errorf("start relay: %w", err)
	}
	links := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			for _, word := range strings.Fields(lines.Text()) {
				if strings.HasPrefix(word, protocol.LinkPrefix) {
					select {
					case links <- word:
					default:
					}
				}
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case link := <-links:
		r.address, err = protocol.ParseLink(link)
		return r, err
	case <-time.After(relayStart):
		return nil, errors.Join(errors.New("relay says no link"), r.stop())
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// freeAddress is one that nobody listens at now.
func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (r *relayProcess) stop() error {
	if err := r.command.Process.Signal(syscall.SIGTERM); err != nil {
		return r.command.Process.Kill()
	}
	ended := make(chan error, 1)
	go func() { ended <- r.command.Wait() }()
	select {
	case <-ended:
		return nil
	case <-time.After(relayStart):
		return r.command.Process.Kill()
	}
}

// device is one device at the relay.
type device struct {
	key    key.SigningKey
	client *client.Client
	up     chan *client.Session
	news   func(protocol.News)
	feed   envelope.Feed
	seq    uint64
	prev   wire.EventID
}

func newDevice(ctx context.Context, a protocol.Address, news func(protocol.News)) *device {
	d := &device{key: key.NewSigningKey(), up: make(chan *client.Session, 8), news: news}
	d.feed = envelope.Feed{Device: d.key.Public(), Start: 1, Lane: envelope.Content}
	d.client = client.New(client.Options{Signer: d.key, Address: a, Events: client.Events{
		Up: func(s *client.Session) { d.up <- s },
		News: func(n protocol.News) {
			if d.news != nil {
				d.news(n)
			}
		},
	}})
	go func() { _ = d.client.Run(ctx) }()
	return d
}

func (d *device) session(ctx context.Context) (*client.Session, error) {
	select {
	case s := <-d.up:
		return s, nil
	case <-time.After(time.Minute):
		return nil, fmt.Errorf("device does not connect: %+v", d.client.State())
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// envelopes makes the next ones of the device's feed.
func (d *device) envelopes(space wire.SpaceID, n, size int) ([][]byte, error) {
	out := make([][]byte, 0, n)
	for range n {
		h := envelope.Header{Space: space, Feed: d.feed, Seq: d.seq + 1, Prev: d.prev, Epoch: wire.EpochID{1}}
		e, err := envelope.Seal(h, wire.Random(size), d.key)
		if err != nil {
			return nil, err
		}
		d.seq, d.prev = e.Seq, e.ID
		out = append(out, e.Raw)
	}
	return out, nil
}

// found begins a workspace's list with devices.
func found(ctx context.Context, s *client.Session, space wire.SpaceID, by *device, others ...*device) error {
	all := protocol.RightUse | protocol.RightAdd | protocol.RightManage
	g := protocol.Grant{Space: space, Workspace: space, Version: 1, By: by.key.Public(), Set: []protocol.Entry{{Device: by.key.Public(), Rights: all}}}
	for _, o := range others {
		g.Set = append(g.Set, protocol.Entry{Device: o.key.Public(), Rights: protocol.RightUse})
	}
	signed, err := g.Sign(by.key)
	if err != nil {
		return err
	}
	return s.Grant(ctx, signed)
}

func newSpace() wire.SpaceID { return wire.SpaceID(wire.Random(32)) }

// relay measures everything about one relay process with its own engine.
func relay(ctx context.Context, s *scene) (err error) {
	r, err := s.startRelay(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stop()) }()
	info, err := os.Stat(r.program)
	if err != nil {
		return err
	}
	figure("relay_binary_mb", float64(info.Size())/(1<<20), "MiB")
	_ = pause(ctx, 2*time.Second)
	idle, err := residentMB(r.command.Process.Pid)
	if err != nil {
		return err
	}
	figure("relay_idle_rss_mb", idle, "MB")
	for _, part := range []func(context.Context, *scene, *relayProcess) error{relayPublish, relayFanOut, relayCatchUp, relayDeliver} {
		if err := part(ctx, s, r); err != nil {
			return err
		}
	}
	return nil
}
