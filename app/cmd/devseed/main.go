// Command devseed fills a profile with a made-up organisation in two languages, for benchmarks and pictures: people in departments,
// by the import that an office would use; groups; messages in them and in the conversation of everybody. It starts roundtable-headless,
// which lies beside it, and writes through the door that people write through, so that what it leaves is what a person
// would have.
//
// The same sizes give the same people, groups and texts; names of things (IDs), times, and the order of texts that are written at
// the same moment are new each time.
//
//	roundtable-devseed PROFILE [people=30000] [departments=2000] [groups=5000] [messages=1000000]
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
		return errors.New("usage: roundtable-devseed PROFILE [people=30000] [departments=2000] [groups=5000] [messages=1000000]")
	}
	sizes := map[string]int{"people": 30_000, "departments": 2000, "groups": 5000, "messages": 1_000_000}
	for _, a := range arguments[1:] {
		name, value, _ := strings.Cut(a, "=")
		n, err := strconv.Atoi(value)
		if _, known := sizes[name]; !known || err != nil || n < 0 {
			return fmt.Errorf("%q is none of people=N, departments=N, groups=N, messages=N", a)
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
	w, err := p.People.CreateWorkspace(ctx, &v1.CreateWorkspaceRequest{Name: "青禾集团 Qinghe Group"})
	if err != nil {
		return err
	}
	if sizes["people"] > 0 {
		if err := staff(ctx, p.Desk, w.Id, seed.Sheet(sizes["people"], max(sizes["departments"], 1))); err != nil {
			return fmt.Errorf("import people: %w", err)
		}
	}
	rooms, err := groups(ctx, p.Desk, w.Id, sizes["groups"])
	if err != nil {
		return fmt.Errorf("make groups: %w", err)
	}
	return write(ctx, p.Desk, rooms, sizes["messages"])
}

// staff imports people as an administrator does on the screen.
func staff(ctx context.Context, d *client.Desk, ws string, file []byte) error {
	begin, id := time.Now(), ""
	for len(file) > 0 {
		n := min(len(file), 1<<20)
		u, err := d.Directory.UploadSheet(ctx, &v1.UploadSheetRequest{WorkspaceId: ws, ImportId: id, Part: file[:n]})
		if err != nil {
			return err
		}
		id, file = u.ImportId, file[n:]
	}
	t, err := d.Directory.ReadSheet(ctx, &v1.ReadSheetRequest{WorkspaceId: ws, ImportId: id})
	if err != nil {
		return err
	}
	p, err := d.Directory.PlanImport(ctx, &v1.PlanImportRequest{WorkspaceId: ws, ImportId: id, Fields: t.Fields, Only: "rejected"})
	if err != nil {
		return err
	}
	if p.Rejected > 0 {
		return fmt.Errorf("%d rows are rejected, row %d: %v", p.Rejected, p.Rows[0].Number, p.Rows[0].Problems)
	}
	done, err := d.Directory.ApplyImport(ctx, &v1.ApplyImportRequest{WorkspaceId: ws, ImportId: id})
	if err != nil {
		return err
	}
	fmt.Printf("%d people in %d departments, %.1f s\n", done.Added, done.Departments, time.Since(begin).Seconds())
	return nil
}

// side does something n times, some at a time, until one fails.
func side(ctx context.Context, n int, do func(ctx context.Context, worker, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for worker := range writers {
		wg.Go(func() {
			for i := worker; i < n; i += writers {
				if err := do(ctx, worker, i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// groups makes some, and gives all conversations: that of everybody first.
func groups(ctx context.Context, d *client.Desk, ws string, n int) ([]string, error) {
	begin, names := time.Now(), seed.Departments(n)
	rooms := make([]string, n+1)
	rooms[0] = ws
	err := side(ctx, n, func(ctx context.Context, _, i int) error {
		g, err := d.Chat.CreateGroup(ctx, &v1.CreateGroupRequest{WorkspaceId: ws, Name: names[i]})
		if err == nil {
			rooms[i+1] = g.Id
		}
		return err
	})
	fmt.Printf("%d groups, %.1f s\n", n, time.Since(begin).Seconds())
	return rooms, err
}

// write writes messages: most into a few conversations, as it is.
func write(ctx context.Context, d *client.Desk, rooms []string, messages int) error {
	begin := time.Now()
	chance := make([]*rand.Rand, writers) // one for each writer: what one writes does not depend on how fast others are
	for i := range chance {
		chance[i] = rand.New(rand.NewPCG(11, uint64(i)))
	}
	err := side(ctx, messages, func(ctx context.Context, worker, i int) error {
		r := chance[worker]
		room := rooms[min(r.IntN(len(rooms)), r.IntN(len(rooms)))]
		_, err := d.Chat.Send(ctx, &v1.SendRequest{ConversationId: room, Text: seed.Text(r, i)})
		return err
	})
	if err == nil {
		fmt.Printf("%d messages in %d conversations, %.0f a second\n", messages, len(rooms), float64(messages)/time.Since(begin).Seconds())
	}
	return err
}
