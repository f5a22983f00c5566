// Command roundtable-bench measures the figures of docs/BENCHMARKS.md over real
// processes, which it starts beside itself: roundtable-headless, linked by TCP
// on loopback, every profile on this disk. Latency is from the call of Send at
// one process to the moment when another one's screen has been told of a change
// and has asked for and got the message: HTTP, fsync on both sides, link,
// verification, projection, WebSocket and query are all in it.
//
// Arguments name what to measure (office, history, search, search1m,
// relay, crowd, blobs, directory, conversations, folders, calls, contracts, million, huge, syncthing); without any: everything but huge;
// million is the end of folders; screen is make bench's, in Chromium. What names syncthing
// does the work of folders with two instances of that program, where it is installed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

const limit = time.Hour

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) == 3 && os.Args[1] == callsHub {
		if err := beHub(ctx, os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench: hub:", err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) >= 3 && os.Args[1] == colleaguesHere {
		if err := beColleagues(ctx, os.Args[2], strings.Join(os.Args[3:], ""), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench: colleagues:", err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) == 4 && os.Args[1] == contractsSigner {
		if err := beSigner(ctx, os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, "bench: signer:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, wanted []string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for _, part := range []struct {
		name string
		run  func(context.Context, *scene) error
		// asked: it runs only when it is named.
		asked bool
	}{
		{"office", office, false}, {"history", history, false}, {"search", searchSome, false}, {"search1m", searchMany, false}, {"relay", relay, false}, {"crowd", crowd, false}, {"blobs", blobs, false},
		{"directory", directory, false}, {"conversations", conversations, false}, {"folders", folders, false}, {"calls", calls, false}, {"contracts", contracts, false}, {"million", million, true}, {"huge", huge, true}, {"syncthing", syncthing, false},
	} {
		if !slices.Contains(wanted, part.name) && (part.asked || len(wanted) > 0) {
			continue
		}
		if err := onScene(ctx, part.run); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
