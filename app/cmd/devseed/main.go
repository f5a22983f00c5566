// Command devseed fills a profile with a made-up organisation, for benchmarks and pictures: groups, and messages in two
// languages in them and in the conversation of everybody. It starts roundtable-headless, which lies beside it, and writes through
// the door that people write through, so that what it leaves is what a person would have.
//
//	roundtable-devseed PROFILE [messages=10000] [groups=50]
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
	"roundtable/app/proof/seed"
)

// writers write at a time: commits are shared.
const writers = 50

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "devseed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) (err error) {
	if len(arguments) == 0 {
		return errors.New("usage: roundtable-devseed PROFILE [messages=10000] [groups=50]")
	}
	sizes := map[string]int{"messages": 10_000, "groups": 50}
	for _, a := range arguments[1:] {
		name, value, _ := strings.Cut(a, "=")
		n, err := strconv.Atoi(value)
		if _, known := sizes[name]; !known || err != nil || n < 0 {
			return fmt.Errorf("%q is none of messages=N, groups=N", a)
		}
		sizes[name] = n
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	suffix := ""
	if runtime.GOOS == "windows" {
		suffix = ".exe"
	}
	p, err := client.Start(ctx, client.Options{
		Program: filepath.Join(filepath.Dir(self), "roundtable-headless"+suffix), Profile: arguments[0],
		Arguments: []string{"--lan", "off", "--no-nearby", "--log-level", "warn"},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	if err := p.SetUp(ctx, "李卓然"); err != nil {
		return err
	}
	return fill(ctx, p.Desk, sizes["groups"], sizes["messages"])
}

// fill makes the groups, then writes: most into a few of them, as it is.
func fill(ctx context.Context, d *client.Desk, groups, messages int) error {
	w, err := d.People.CreateWorkspace(ctx, &v1.CreateWorkspaceRequest{Name: "青禾集团 Qinghe Group"})
	if err != nil {
		return err
	}
	rooms := []string{w.Id}
	for _, name := range seed.Departments(groups) {
		g, err := d.Chat.CreateGroup(ctx, &v1.CreateGroupRequest{WorkspaceId: w.Id, Name: name})
		if err != nil {
			return err
		}
		rooms = append(rooms, g.Id)
	}
	begin := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for writer := range writers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(11, uint64(writer)))
			for n := writer; n < messages; n += writers {
				room := rooms[min(r.IntN(len(rooms)), r.IntN(len(rooms)))]
				if _, err := d.Chat.Send(ctx, &v1.SendRequest{ConversationId: room, Text: seed.Text(r, n)}); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	fmt.Printf("%d messages in %d conversations, %.0f a second\n", messages, len(rooms), float64(messages)/time.Since(begin).Seconds())
	return nil
}
