package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"roundtable/app/relay"
	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	hostedFolder = "relay"
	hostedFile   = "relay.cbor"
	maxHosted    = 4096
	hostedPort   = 47820
)

// hosted is the relay that this device can be for its office.
type hosted struct {
	a *App

	mu      sync.Mutex
	choice  hostedChoice
	running *relay.Running
	problem errcode.Code
}

// hostedChoice is what has to survive a restart.
type hostedChoice struct {
	Version    uint8  `cbor:"1,keyasint"`
	Enabled    bool   `cbor:"2,keyasint"`
	Port       int    `cbor:"3,keyasint"`
	PublicHost string `cbor:"4,keyasint,omitempty"`
	// Address that was told last: whose token it is, it stays.
	Address protocol.Address `cbor:"5,keyasint"`
}

// openHosted reads the choice. A file that does not read is as none: the relay's
// own folder, with its keys, is untouched by that.
func openHosted(a *App) *hosted {
	h := &hosted{a: a, choice: hostedChoice{Version: 1, Port: hostedPort}}
	raw, err := os.ReadFile(filepath.Join(a.Profile, hostedFile))
	if err != nil {
		return h
	}
	var c hostedChoice
	if err := wire.Decode(raw, maxHosted, &c); err != nil || c.Version != 1 {
		a.Log.Warn("choice of the hosted relay does not read", "err", err)
		return h
	}
	h.choice = c
	return h
}

// begin starts the relay if it was on.
func (h *hosted) begin(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.choice.Enabled || h.running != nil {
		return
	}
	if err := h.startLocked(ctx); err != nil {
		h.a.Log.Error("hosted relay does not start", "err", err)
	}
}

// set starts, moves or stops it. Errors: errcode.RelayPortTaken,
// errcode.InvalidArgument, errcode.DiskFull.
func (h *hosted) set(ctx context.Context, enabled bool, port int, host string) error {
	host = strings.TrimSpace(host)
	if port < 0 || port > 65535 || len(host) > 253 || strings.ContainsAny(host, "/:@?# ") && net.ParseIP(host) == nil {
		return errcode.InvalidArgument
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	next := h.choice
	next.Enabled, next.PublicHost = enabled, host
	if port != 0 {
		next.Port = port
	}
	h.stopLocked()
	before := h.choice
	h.choice = next
	if enabled {
		if err := h.startLocked(ctx); err != nil {
			h.choice = before
			if before.Enabled { // what worked goes on
				_ = h.startLocked(ctx)
			}
			return err
		}
	}
	return h.keepLocked()
}

func (h *hosted) keepLocked() error {
	raw, err := wire.Encode(h.choice)
	if err != nil {
		return err
	}
	if err := durable.Write(filepath.Join(h.a.Profile, hostedFile), 0o600, raw); err != nil {
		return fmt.Errorf("keep choice of the hosted relay: %w", err)
	}
	return nil
}

func (h *hosted) startLocked(ctx context.Context) error {
	listen := ":" + strconv.Itoa(h.choice.Port)
	if lan := h.a.LANAddress; lan != "" && lan != "off" { // where links listen, it listens
		if host, _, err := net.SplitHostPort(lan); err == nil {
			listen = net.JoinHostPort(host, strconv.Itoa(h.choice.Port))
		}
	}
	running, err := relay.Start(context.WithoutCancel(ctx), relay.Hosted{
		Folder: filepath.Join(h.a.Profile, hostedFolder), Listen: listen, PublicHost: h.choice.PublicHost, Log: h.a.Log})
	if err != nil {
		h.problem = errcode.Internal
		var op *net.OpError
		code, _ := errcode.From(err)
		switch {
		case errors.As(err, &op) && op.Op == "listen":
			h.problem = errcode.RelayPortTaken
		case code != errcode.Internal:
			h.problem = code
		}
		return errcode.With(h.problem, err)
	}
	h.running, h.problem, h.choice.Address = running, "", running.Address()
	return nil
}

func (h *hosted) stopLocked() {
	if h.running == nil {
		return
	}
	if err := h.running.Close(); err != nil {
		h.a.Log.Warn("stop hosted relay", "err", err)
	}
	h.running = nil
}

func (h *hosted) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopLocked()
}

// address that others use, and whether the relay runs.
func (h *hosted) address() (protocol.Address, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.choice.Address, h.running != nil
}

// addressID is zero as long as there never was one.
func (h *hosted) addressID() [32]byte {
	a, _ := h.address()
	if a.URL == "" {
		return [32]byte{}
	}
	return a.ID()
}

func (h *hosted) status(ctx context.Context) *v1.HostedRelayResponse {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := &v1.HostedRelayResponse{
		Enabled: h.choice.Enabled, Running: h.running != nil, Port: int32(h.choice.Port), ErrorCode: string(h.problem), //nolint:gosec // a port
		Address: h.choice.PublicHost,
	}
	if h.running == nil {
		return out
	}
	a := h.running.Address()
	out.Address, out.Link = a.Host(), a.Link()
	out.Port = int32(h.running.Port())       //nolint:gosec // a port
	out.Devices = int32(h.running.Devices()) //nolint:gosec // bounded by open files
	out.StoredBytes = h.running.StoredBytes(ctx)
	out.Addresses = h.running.Addresses()
	return out
}
