package proof

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/config"
	"roundtable/app/fsck"
	"roundtable/app/proof/client"
)

// folder of the program, made by TestMain.
var folder string

// program is roundtable-headless, relayProgram roundtable-relay, each built once.
var (
	program      = sync.OnceValues(func() (string, error) { return build("headless") })
	relayProgram = sync.OnceValues(func() (string, error) { return build("relay") })
)

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "roundtable-proof-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

func build(command string) (string, error) {
	path := filepath.Join(folder, "roundtable-"+command)
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	out, err := exec.Command("go", "build", "-o", path, "roundtable/app/cmd/"+command).CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
}

// office is a folder of profiles for one test. Its processes keep to this
// machine's loopback, each person always at the same address, so that colleagues
// find each other again without a network to look around in.
type office struct {
	*testing.T
	ctx       context.Context
	folder    string
	programs  string
	addresses map[string]string
	// environment of all processes, besides this one's.
	environment []string
}

// officeTime bounds a story: a process that waits for something that does not
// come must not hold up the rest.
const officeTime = 50 * time.Second

// loopback gives the arguments of a person's process.
func (o *office) loopback(who string) []string {
	o.Helper()
	if o.addresses[who] == "" {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		o.must(err)
		o.addresses[who] = l.Addr().String()
		o.must(l.Close())
	}
	return []string{"--lan", o.addresses[who], "--no-nearby", "--language", "en", "--log-level", "info"}
}

func newOffice(t *testing.T) *office { return officeFor(t, officeTime) }

func officeFor(t *testing.T, within time.Duration) *office {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), within)
	t.Cleanup(cancel)
	return &office{T: t, ctx: ctx, folder: t.TempDir(), programs: path, addresses: map[string]string{}}
}

func (o *office) profile(who string) string { return filepath.Join(o.folder, who) }

// try starts a process; the test goes on when it does not start.
func (o *office) try(who string, more ...string) (*client.Process, error) {
	o.Helper()
	p, err := client.Start(o.ctx, client.Options{Program: o.programs, Profile: o.profile(who),
		Arguments: append(o.loopback(who), more...), Environment: o.environment})
	if p != nil {
		o.Cleanup(func() {
			if err == nil {
				_ = p.Kill()
			}
			if o.Failed() {
				o.Logf("%s logged:\n%s", who, last(p.Stderr(), 30))
			}
		})
	}
	return p, err
}

func (o *office) start(who string, more ...string) *client.Process {
	o.Helper()
	p, err := o.try(who, more...)
	if err != nil {
		o.Fatalf("%s does not start: %v\n%s", who, err, p.Stderr())
	}
	return p
}

func (o *office) newcomer(who string, more ...string) *client.Process {
	o.Helper()
	p := o.start(who, more...)
	o.must(p.SetUp(o.ctx, who))
	return p
}

// founder starts with a workspace.
func (o *office) founder(who string, more ...string) (*client.Process, string) {
	o.Helper()
	p := o.newcomer(who, more...)
	w, err := p.People.CreateWorkspace(o.ctx, &v1.CreateWorkspaceRequest{Name: "圆桌"})
	o.must(err)
	return p, w.Id
}

// pair is two people who are linked.
func (o *office) pair() (li, wang *client.Process, workspace string) {
	o.Helper()
	li, workspace = o.founder("li")
	wang = o.newcomer("wang")
	link, err := li.Invite(o.ctx, workspace, 5)
	o.must(err)
	o.must(wang.Join(o.ctx, link))
	return li, wang, workspace
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) says(p *client.Process, conversation, text string) {
	o.Helper()
	_, err := p.Chat.Send(o.ctx, &v1.SendRequest{ConversationId: conversation, Text: text})
	o.must(err)
}

// sound runs fsck over profiles that nobody uses.
func (o *office) sound(all ...string) {
	o.Helper()
	for _, who := range all {
		r, err := fsck.Check(o.ctx, o.profile(who), fsck.Options{Temporary: o.folder})
		o.must(err)
		if len(r.Findings) > 0 {
			var text strings.Builder
			fsck.Tell(&text, config.English, who, r)
			o.Errorf("fsck: %s", &text)
		}
	}
}

func last(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(len(lines)-n, 0):], "\n")
}
