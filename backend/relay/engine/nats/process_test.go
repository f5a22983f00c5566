package nats

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// The test program starts itself again as what it wants to kill: a server of the
// cluster, or a relay process, which is an engine behind a socket.
const (
	roleServer = "ROUNDTABLE_TEST_NATS_SERVER" // configuration file
	roleRelay  = "ROUNDTABLE_TEST_NATS_RELAY"  // address to listen at, then the cluster's URL
	roleCrowd  = "ROUNDTABLE_TEST_NATS_CROWD"  // how many devices, then a relay's link
)

func TestMain(m *testing.M) {
	if file := os.Getenv(roleServer); file != "" {
		os.Exit(runServer(file))
	}
	if args := os.Getenv(roleRelay); args != "" {
		os.Exit(runRelay(args))
	}
	if args := os.Getenv(roleCrowd); args != "" {
		os.Exit(runCrowd(args))
	}
	os.Exit(m.Run())
}

// runServer runs until the parent is gone.
func runServer(file string) int {
	o, err := natsserver.ProcessConfigFile(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	o.NoSigs = true
	s, err := natsserver.NewServer(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s.ConfigureLogger()
	s.Start()
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.Shutdown()
	return 0
}

// request to a relay process: a run to append, or a member who wants everything
// after a cursor and then the news.
type request struct {
	Space wire.SpaceID
	Raws  [][]byte
	After protocol.Cursor
}

// answer to an append (Head), or what a member is given (Items).
type answer struct {
	Head  uint64
	Err   string
	Items []engine.Item
}

// runRelay runs until the parent is gone.
func runRelay(args string) int {
	address, url, _ := strings.Cut(args, " ")
	r := &relay{members: map[wire.SpaceID]map[*member]bool{}}
	e, err := Open(context.Background(), Options{URL: url, Options: engine.Options{News: r.news}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	r.e = e
	l, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.serve(c)
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

type relay struct {
	e       *Engine
	mu      sync.Mutex
	members map[wire.SpaceID]map[*member]bool
}

// member is given what it lacks by reading, then news, from where it has come to.
type member struct {
	mu     sync.Mutex
	news   []engine.Item
	wake   chan struct{}
	last   position
	stream *gob.Encoder
}

func (r *relay) news(space wire.SpaceID, items []engine.Item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for m := range r.members[space] {
		m.mu.Lock()
		m.news = append(m.news, items...)
		m.mu.Unlock()
		select {
		case m.wake <- struct{}{}:
		default:
		}
	}
}

func (r *relay) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	in, out := gob.NewDecoder(c), gob.NewEncoder(c)
	for {
		var q request
		if in.Decode(&q) != nil {
			return
		}
		if len(q.Raws) == 0 {
			r.member(c, q, out)
			return
		}
		if out.Encode(r.append(q)) != nil {
			return
		}
	}
}

func (r *relay) append(q request) (a answer) {
	run, err := envelope.DecodeRun(q.Raws)
	if err != nil {
		return answer{Err: err.Error()}
	}
	results, err := r.e.Append(context.Background(), engine.Tenant{1}, q.Space, []engine.Run{run})
	if err != nil {
		return answer{Err: err.Error()}
	}
	if err := results[0].Err; err != nil {
		a.Err = err.Error()
	}
	a.Head = results[0].Head.Seq
	return a
}

func (r *relay) member(c net.Conn, q request, out *gob.Encoder) {
	m := &member{wake: make(chan struct{}, 1), stream: out}
	r.mu.Lock()
	if r.members[q.Space] == nil {
		r.members[q.Space] = map[*member]bool{}
	}
	r.members[q.Space][m] = true
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.members[q.Space], m)
	}()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { _, _ = io.Copy(io.Discard, c); cancel() }()
	stop, err := r.e.Follow(ctx, q.Space)
	if err != nil {
		return
	}
	defer stop()
	for after := q.After; ; {
		page, err := r.e.Read(ctx, q.Space, after, 0)
		if err != nil || out.Encode(answer{Items: page.Items}) != nil {
			return
		}
		if after = page.Next; !page.More {
			m.last, _ = r.e.position(after)
			break
		}
	}
	for {
		m.mu.Lock()
		news := m.news
		m.news = nil
		m.mu.Unlock()
		if out.Encode(answer{Items: m.later(r.e, news)}) != nil {
			return
		}
		select {
		case <-m.wake:
		case <-ctx.Done():
			return
		}
	}
}

// later leaves out what the member has read before.
func (m *member) later(e *Engine, items []engine.Item) (out []engine.Item) {
	for _, i := range items {
		p, err := e.position(i.Cursor)
		if err != nil || p.stream < m.last.stream || p.stream == m.last.stream && p.given <= m.last.given {
			continue
		}
		out, m.last = append(out, i), p
	}
	return out
}

// process is one that the test starts and kills.
type process struct {
	name string
	env  string
	cmd  *exec.Cmd
	in   io.WriteCloser
}

func (p *process) start(t testing.TB) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(self)
	p.cmd.Env = append(os.Environ(), p.env)
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	_ = p.in.Close()
}

// cluster is three servers and two relays.
type cluster struct {
	url       string
	relays    []string // addresses
	processes []*process
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func newCluster(t testing.TB, relays int) *cluster {
	t.Helper()
	c := &cluster{}
	var urls, routes []string
	for range 3 {
		urls = append(urls, freeAddress(t))
		routes = append(routes, freeAddress(t))
	}
	c.url = "nats://" + strings.Join(urls, ",")
	folder := t.TempDir()
	for i := range 3 {
		file := filepath.Join(folder, fmt.Sprintf("n%d.conf", i))
		text := fmt.Sprintf(`
server_name: n%d
listen: %q
max_payload: 8MB
log_file: %q
jetstream { store_dir: %q, sync_interval: always }
cluster { name: relays, listen: %q, routes: ["nats://%s"] }
`, i, urls[i], filepath.Join(folder, fmt.Sprintf("n%d.log", i)), filepath.Join(folder, fmt.Sprintf("n%d", i)), routes[i], strings.Join(routes, `", "nats://`))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c.processes = append(c.processes, &process{name: fmt.Sprintf("server %d", i), env: roleServer + "=" + file})
	}
	for i := range relays {
		c.relays = append(c.relays, freeAddress(t))
		c.processes = append(c.processes, &process{name: fmt.Sprintf("relay %d", i), env: roleRelay + "=" + c.relays[i] + " " + c.url})
	}
	for _, p := range c.processes {
		p.start(t)
		t.Cleanup(p.kill)
	}
	return c
}

// dial connects to any relay.
func (c *cluster) dial() (net.Conn, error) {
	return net.DialTimeout("tcp", c.relays[rand.IntN(len(c.relays))], 5*time.Second)
}
