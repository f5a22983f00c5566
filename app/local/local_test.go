package local

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"

	"roundtable/backend/api"
	"roundtable/backend/clock"
)

// fakeBackend answers every call with its path.
type fakeBackend struct{ changes *api.Changes }

func (fakeBackend) API() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) })
}
func (b fakeBackend) Changes() *api.Changes { return b.changes }

func (b fakeBackend) FolderFiles() http.Handler { return b.Files() }

func (b fakeBackend) Documents() http.Handler { return b.Files() }

func (b fakeBackend) Portraits() http.Handler { return b.Files() }

func (fakeBackend) Files() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "file "+r.URL.Path) })
}

func screen() fstest.MapFS {
	return fstest.MapFS{
		"index.html":          {Data: []byte("<title>Roundtable</title>")},
		"assets/main-3f2a.js": {Data: []byte("1")},
		".gitkeep":            {},
	}
}

// office is a running door and what a browser and curl do with it.
type office struct {
	t     *testing.T
	door  *Door
	base  string
	host  string
	clock *clock.Fake
	back  fakeBackend
}

func openOffice(t *testing.T) *office {
	t.Helper()
	listener, err := Listen(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	fake := clock.NewFake(time.Now())
	back := fakeBackend{api.NewChanges()}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	door := Guarded(back, Options{Address: listener.Addr(), Screen: screen(), Log: log, Clock: fake})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- door.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	host := listener.Addr().String()
	return &office{t, door, "http://" + host, host, fake, back}
}

func (o *office) code() string {
	address := o.door.Address()
	code, ok := strings.CutPrefix(address, o.base+"/#boot=")
	if !ok || len(code) != 32 {
		o.t.Fatalf("address %q", address)
	}
	return code
}

// do makes a request; headers are pairs. Host is given as a header.
func (o *office) do(method, path, body string, headers ...string) (*http.Response, string) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), method, o.base+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer, string(data)
}

func (o *office) boot(code string, headers ...string) *http.Response {
	o.t.Helper()
	answer, _ := o.do("POST", "/boot", `{"code":"`+code+`"}`, headers...)
	return answer
}

func (o *office) cookie() string {
	o.t.Helper()
	answer := o.boot(o.code(), "Origin", o.base)
	if answer.StatusCode != http.StatusNoContent || len(answer.Cookies()) != 1 {
		o.t.Fatalf("boot: %v", answer.Status)
	}
	c := answer.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || len(c.Value) != 43 {
		o.t.Errorf("cookie %v", c)
	}
	return c.Name + "=" + c.Value
}

func TestTheCodeWorksOnceAndNotForever(t *testing.T) {
	o := openOffice(t)
	code := o.code()
	last := "x"
	if code[31:] == last { // a code may end in any letter
		last = "y"
	}
	if got := o.boot(code[:31] + last).StatusCode; got != 403 {
		t.Errorf("wrong code: %d", got)
	}
	if got := o.boot("").StatusCode; got != 403 {
		t.Errorf("no code: %d", got)
	}
	if got := o.boot(code).StatusCode; got != 204 {
		t.Errorf("right code: %d", got)
	}
	if got := o.boot(code).StatusCode; got != 403 {
		t.Errorf("used code: %d", got)
	}
	if got := o.boot("").StatusCode; got != 403 {
		t.Errorf("no code after use: %d", got)
	}
	code = o.code()
	o.clock.Advance(CodeLife + time.Second)
	if got := o.boot(code).StatusCode; got != 403 {
		t.Errorf("expired code: %d", got)
	}
	older, newer := o.code(), o.code()
	if got := o.boot(older).StatusCode; got != 403 {
		t.Errorf("replaced code: %d", got)
	}
	if got := o.boot(newer).StatusCode; got != 204 {
		t.Errorf("newer code: %d", got)
	}
}

func TestGuessingIsSlow(t *testing.T) {
	o := openOffice(t)
	code := o.code()
	for range wrongCodes {
		o.boot("guess")
	}
	if got := o.boot(code).StatusCode; got != 429 {
		t.Errorf("after %d wrong codes: %d", wrongCodes, got)
	}
	o.clock.Advance(wrongTime + time.Second)
	if got := o.boot(code).StatusCode; got != 204 {
		t.Errorf("a minute later: %d", got)
	}
}

func TestWhoMayCall(t *testing.T) {
	o := openOffice(t)
	cookie := o.cookie()
	const call = "/api/roundtable.v1.SystemService/Status"
	for _, c := range []struct {
		what    string
		status  int
		headers []string
	}{
		{"the page", 200, []string{"Cookie", cookie, "X-Roundtable", "1", "Origin", o.base, "Sec-Fetch-Site", "same-origin"}},
		{"curl with the cookie", 200, []string{"Cookie", cookie, "X-Roundtable", "1"}},
		{"no session", 401, []string{"X-Roundtable", "1", "Origin", o.base}},
		{"wrong session", 401, []string{"Cookie", cookie + "x", "X-Roundtable", "1"}},
		{"cookie of another port", 401, []string{"Cookie", "roundtable_1=" + strings.Split(cookie, "=")[1], "X-Roundtable", "1"}},
		{"no header", 403, []string{"Cookie", cookie, "Origin", o.base}},
		{"another origin", 403, []string{"Cookie", cookie, "X-Roundtable", "1", "Origin", "http://evil.example"}},
		{"another port", 403, []string{"Cookie", cookie, "X-Roundtable", "1", "Origin", "http://127.0.0.1:1"}},
		{"origin null", 403, []string{"Cookie", cookie, "X-Roundtable", "1", "Origin", "null"}},
		{"origin by name", 403, []string{"Cookie", cookie, "X-Roundtable", "1", "Origin", strings.Replace(o.base, "127.0.0.1", "localhost", 1)}},
		{"another site", 403, []string{"Cookie", cookie, "X-Roundtable", "1", "Sec-Fetch-Site", "cross-site"}},
		{"a rebound name", 421, []string{"Cookie", cookie, "X-Roundtable", "1", "Host", "evil.example"}},
		{"localhost", 421, []string{"Cookie", cookie, "X-Roundtable", "1", "Host", strings.Replace(o.host, "127.0.0.1", "localhost", 1)}},
		{"wrong bearer", 401, []string{"Authorization", "Bearer x", "Cookie", cookie, "X-Roundtable", "1"}},
	} {
		answer, body := o.do("POST", call, "{}", c.headers...)
		if answer.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", c.what, answer.StatusCode, c.status)
		}
		if (body == call) != (c.status == 200) {
			t.Errorf("%s: %q", c.what, body)
		}
	}
}

func TestCurlGetsABearerToken(t *testing.T) {
	o := openOffice(t)
	answer, body := o.do("POST", "/boot", `{"code":"`+o.code()+`","bearer":true}`)
	var got struct{ Token string }
	if err := json.Unmarshal([]byte(body), &got); err != nil || answer.StatusCode != 200 || len(answer.Cookies()) != 0 {
		t.Fatalf("%d %q", answer.StatusCode, body)
	}
	answer, _ = o.do("POST", "/api/x", "{}", "Authorization", "Bearer "+got.Token, "X-Roundtable", "1")
	if answer.StatusCode != 200 {
		t.Errorf("call: %d", answer.StatusCode)
	}
	for _, body := range []string{"", "{", `{"code":7}`, strings.Repeat(" ", maxBoot+1) + "{}"} {
		if answer, _ := o.do("POST", "/boot", body); answer.StatusCode != 400 {
			t.Errorf("boot with %.8q: %d", body, answer.StatusCode)
		}
	}
	if answer, _ := o.do("GET", "/boot", ""); answer.StatusCode == 204 || len(answer.Cookies()) > 0 {
		t.Errorf("GET /boot: %d", answer.StatusCode)
	}
}

func TestFiles(t *testing.T) {
	o := openOffice(t)
	for _, c := range []struct {
		path, kind, cache string
		status            int
	}{
		{"/", "text/html; charset=utf-8", "no-cache", 200},
		{"/w/spc_abc/messages", "text/html; charset=utf-8", "no-cache", 200},
		{"/assets/main-3f2a.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", 200},
		{"/assets/gone.js", "", "", 404},
		{"/.gitkeep", "", "", 404},
		{"/../../etc/passwd.txt", "", "", 404},
		{"/%2e%2e/%2e%2e/etc/passwd.txt", "", "", 404},
	} {
		answer, _ := o.do("GET", c.path, "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")
		h := answer.Header
		if answer.StatusCode != c.status || c.status == 200 && (h.Get("Content-Type") != c.kind || h.Get("Cache-Control") != c.cache) {
			t.Errorf("%s: %d %q %q", c.path, answer.StatusCode, h.Get("Content-Type"), h.Get("Cache-Control"))
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" ||
			h.Get("Cross-Origin-Opener-Policy") != "same-origin" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: headers %v", c.path, h)
		}
	}
	if answer, _ := o.do("GET", "/", "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"); answer.StatusCode != 403 {
		t.Errorf("embedding from another site: %d", answer.StatusCode)
	}
	if answer, _ := o.do("POST", "/", ""); answer.StatusCode != 405 {
		t.Errorf("POST of a file: %d", answer.StatusCode)
	}
}

func dial(t *testing.T, o *office, header http.Header) (*websocket.Conn, error) {
	t.Helper()
	socket, answer, err := websocket.Dial(t.Context(), "ws://"+o.host+"/live", &websocket.DialOptions{HTTPHeader: header})
	if answer != nil && answer.Body != nil {
		_ = answer.Body.Close()
	}
	return socket, err
}

func TestLiveTellsOfChanges(t *testing.T) {
	o := openOffice(t)
	cookie := o.cookie()
	if _, err := dial(t, o, http.Header{"Origin": {o.base}}); err == nil {
		t.Error("live without a session")
	}
	if _, err := dial(t, o, http.Header{"Origin": {"http://evil.example"}, "Cookie": {cookie}}); err == nil {
		t.Error("live from another origin")
	}
	socket, err := dial(t, o, http.Header{"Origin": {o.base}, "Cookie": {cookie}})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	told := make(chan struct{})
	go func() { // the subscription may start a moment after the handshake
		for {
			o.back.changes.Publish("chat", "people")
			select {
			case <-told:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	kind, frame, err := socket.Read(ctx)
	close(told)
	if err != nil || kind != websocket.MessageText || string(frame) != `{"topics":["chat","people"]}` {
		t.Errorf("%v %q %v", kind, frame, err)
	}
}

func TestTheEndOfTheProgramEndsLive(t *testing.T) {
	o := openOffice(t)
	socket, err := dial(t, o, http.Header{"Cookie": {o.cookie()}})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	o.door.endLive()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if _, _, err = socket.Read(ctx); err != nil {
			break
		}
	}
	if websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("ended by %v", err)
	}
}

func TestListenStaysOnThisMachine(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "localhost:0", "x", "127.0.0.1:99999"} {
		if l, err := Listen(t.Context(), address); err == nil {
			_ = l.Close()
			t.Errorf("%s was opened", address)
		}
	}
	l, err := Listen(t.Context(), ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if ip := l.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		t.Errorf("listens on %v", ip)
	}
}

func TestPlainServesAWindow(t *testing.T) {
	h := Plain(fakeBackend{api.NewChanges()}, screen())
	if status, body := api.Call(t.Context(), h, "roundtable.v1.SystemService/Status", "{}"); status != 200 || body != "/api/roundtable.v1.SystemService/Status" {
		t.Errorf("%d %q", status, body)
	}
}
