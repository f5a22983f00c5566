package proof

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
)

// hiddenHost is a name that no resolver knows: only the proxy finds the relay.
const hiddenHost = "relay.invalid"

// connectProxy is an HTTP proxy that knows CONNECT and one name.
type connectProxy struct {
	*httptest.Server
	mu      sync.Mutex
	targets map[string]int
}

func newProxy(t *testing.T) *connectProxy {
	t.Helper()
	p := &connectProxy{targets: map[string]int{}}
	p.Server = httptest.NewServer(http.HandlerFunc(p.connect))
	t.Cleanup(p.Close)
	return p
}

func (p *connectProxy) connect(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.targets[r.Method+" "+r.Host]++
	p.mu.Unlock()
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil || r.Method != http.MethodConnect || host != hiddenHost {
		http.Error(w, "not from here", http.StatusForbidden)
		return
	}
	there, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		http.Error(w, "nobody there", http.StatusBadGateway)
		return
	}
	defer there.Close()
	w.WriteHeader(http.StatusOK)
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	var both sync.WaitGroup
	both.Go(func() {
		defer there.Close()
		_, _ = io.Copy(there, buffered)
	})
	_, _ = io.Copy(here, there)
	_ = here.Close()
	both.Wait()
}

// TestBehindAProxy: the network lets nothing out but what its HTTP proxy connects.
func TestBehindAProxy(t *testing.T) {
	t.Parallel()
	o := newRemote(t, "li", "wang")
	proxy := newProxy(t)
	o.environment = []string{"HTTPS_PROXY=" + proxy.URL, "https_proxy=" + proxy.URL, "NO_PROXY=", "no_proxy="}
	// Port 0: the link names the port that the relay found.
	r := o.relay("--listen", "127.0.0.1:0", "--public-host", hiddenHost)
	all, workspace := o.crew([]*depot{r}, "li", "wang")
	li, wang := all[0], all[1]
	o.says(li, workspace, "你也在代理后面")
	o.shows(wang, workspace, "你也在代理后面")
	o.says(wang, workspace, "都是")
	o.shows(li, workspace, "都是")
	o.must(wang.Stop())
	o.says(li, workspace, "不在")
	o.becomes(li, workspace, "不在", atRelay)
	wang = o.start("wang")
	o.shows(wang, workspace, "不在")

	relays, err := li.Relay.Relays(o.ctx, &v1.RelaysRequest{WorkspaceId: workspace})
	o.must(err)
	proxy.mu.Lock()
	defer proxy.mu.Unlock()
	if n := proxy.targets["CONNECT "+relays.Relays[0].Host]; n < 3 || len(proxy.targets) != 1 {
		t.Errorf("the proxy was asked for %v", proxy.targets)
	}
	stopAll(o, li, wang)
}
