package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Listen opens a port of 127.0.0.1. The address is "" (any free port), ":PORT"
// or "127.0.0.1:PORT"; any other host would let the network in, and is refused.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		address = ":0"
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	if host != "" && host != "127.0.0.1" {
		return nil, fmt.Errorf("listen on %q: only 127.0.0.1 is allowed", address)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	return listener, nil
}

// Serve serves until ctx ends, then gives running calls a few seconds.
func (d *Door) Serve(ctx context.Context, listener net.Listener) error {
	const grace = 3 * time.Second
	server := &http.Server{
		Handler:           d,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	server.RegisterOnShutdown(d.endLive) // Shutdown knows nothing of WebSockets
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve the screen: %w", err)
	case <-ctx.Done():
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(wait); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop serving: %w", err)
	}
	_ = server.Close()
	return nil
}
