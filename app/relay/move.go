package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"roundtable/app/config"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/move"
	"roundtable/backend/relay/server"
)

// moveAll copies one engine's contents to another. A folder is locked: its relay
// is stopped; a cluster may go on serving.
func moveAll(ctx context.Context, c config.Relay, stdout io.Writer, log *slog.Logger) (err error) {
	for _, name := range []string{c.From, c.To} {
		if at := place(c, name, log); at.engine == sqliteEngine {
			if err := os.MkdirAll(at.folder, 0o700); err != nil {
				return fmt.Errorf("make relay folder: %w", err)
			}
			l, err := lock(at.folder)
			if err != nil {
				return err
			}
			defer l.Close() // it goes with the process
		}
	}
	from, err := place(c, c.From, log).open(ctx, engine.Options{})
	if err != nil {
		return fmt.Errorf("open source: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := place(c, c.To, log).open(ctx, engine.Options{})
	if err != nil {
		return fmt.Errorf("open target: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	var last move.Progress
	told := time.Now()
	tell := func() {
		_, _ = fmt.Fprintf(stdout, "%d spaces (%d checked), %d grants, %d envelopes, %d chunks, %d MiB\n",
			last.Spaces, last.Checked, last.Grants, last.Envelopes, last.Chunks, last.Bytes>>20) // who looks notices
	}
	err = move.Move(ctx, from, to, server.RecordKinds(), func(p move.Progress) {
		if last = p; time.Since(told) > time.Second {
			told = time.Now()
			tell()
		}
	})
	tell()
	return err
}

// place is a folder or a cluster.
func place(c config.Relay, name string, log *slog.Logger) store {
	if strings.HasPrefix(name, "nats://") || strings.HasPrefix(name, "tls://") {
		return store{engine: name, folder: c.Data, replicas: c.Replicas, log: log}
	}
	return store{engine: sqliteEngine, folder: name, log: log}
}
