package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"roundtable/backend/api"
	"roundtable/backend/api/gen/roundtable/v1/roundtablev1connect"
)

// Dial opens a connection, as net.Dialer.DialContext does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Desk is a session with one Roundtable.
type Desk struct {
	System        roundtablev1connect.SystemServiceClient
	Settings      roundtablev1connect.SettingsServiceClient
	People        roundtablev1connect.PeopleServiceClient
	Chat          roundtablev1connect.ChatServiceClient
	Conversations roundtablev1connect.ConversationServiceClient
	Search        roundtablev1connect.SearchServiceClient
	Directory     roundtablev1connect.DirectoryServiceClient
	Folders       roundtablev1connect.FoldersServiceClient
	Calls         roundtablev1connect.CallsServiceClient
	Relay         roundtablev1connect.RelayServiceClient
	Guest         roundtablev1connect.GuestServiceClient
	Circles       roundtablev1connect.CircleServiceClient
	Threads       roundtablev1connect.ThreadServiceClient
	Ding          roundtablev1connect.DingServiceClient
	Scheduled     roundtablev1connect.ScheduledServiceClient
	base          string
	http          *http.Client
	cookie        *http.Cookie
}

const (
	callTimeout = 60 * time.Second
	maxFrame    = 1 << 20
)

// services fills in the clients over a transport.
func (d *Desk) services(transport http.RoundTripper) {
	d.http = &http.Client{Transport: transport, Timeout: callTimeout}
	calls := d.base + strings.TrimSuffix(api.Prefix, "/")
	d.System = roundtablev1connect.NewSystemServiceClient(d.http, calls)
	d.Settings = roundtablev1connect.NewSettingsServiceClient(d.http, calls)
	d.People = roundtablev1connect.NewPeopleServiceClient(d.http, calls)
	d.Chat = roundtablev1connect.NewChatServiceClient(d.http, calls)
	d.Conversations = roundtablev1connect.NewConversationServiceClient(d.http, calls)
	d.Directory = roundtablev1connect.NewDirectoryServiceClient(d.http, calls)
	d.Search = roundtablev1connect.NewSearchServiceClient(d.http, calls)
	d.Folders = roundtablev1connect.NewFoldersServiceClient(d.http, calls)
	d.Calls = roundtablev1connect.NewCallsServiceClient(d.http, calls)
	d.Relay = roundtablev1connect.NewRelayServiceClient(d.http, calls)
	d.Guest = roundtablev1connect.NewGuestServiceClient(d.http, calls)
	d.Circles = roundtablev1connect.NewCircleServiceClient(d.http, calls)
	d.Threads = roundtablev1connect.NewThreadServiceClient(d.http, calls)
	d.Ding = roundtablev1connect.NewDingServiceClient(d.http, calls)
	d.Scheduled = roundtablev1connect.NewScheduledServiceClient(d.http, calls)
}

// open exchanges the boot code of a printed address for a session.
func open(ctx context.Context, address string, dial Dial) (*Desk, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("open session: %w", err)
	}
	code, ok := strings.CutPrefix(u.Fragment, "boot=")
	if !ok {
		return nil, fmt.Errorf("open session: %q holds no code", address)
	}
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	d := &Desk{base: "http://" + u.Host}
	pool := &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 128}
	d.services(guest{d, pool})
	body, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		return nil, fmt.Errorf("open session: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+"/boot", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("open session: %w", err)
	}
	answer, err := d.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("open session: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent || len(answer.Cookies()) != 1 {
		return nil, fmt.Errorf("open session: %s", answer.Status)
	}
	d.cookie = answer.Cookies()[0]
	return d, nil
}

// guest gives every request what the door asks for.
type guest struct {
	desk *Desk
	pool http.RoundTripper
}

func (g guest) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Roundtable", "1")
	r.Header.Set("Origin", g.desk.base)
	if g.desk.cookie != nil {
		r.AddCookie(g.desk.cookie)
	}
	return g.pool.RoundTrip(r)
}

// Follow gives the sets of changed topics until ctx or the process ends.
func (d *Desk) Follow(ctx context.Context) (<-chan []string, error) {
	dialing, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	bare := &http.Client{Transport: d.http.Transport} // a socket outlives the timeout of calls
	socket, _, err := websocket.Dial(dialing, strings.Replace(d.base, "http", "ws", 1)+"/live", &websocket.DialOptions{HTTPClient: bare})
	if err != nil {
		return nil, fmt.Errorf("follow changes: %w", err)
	}
	socket.SetReadLimit(maxFrame)
	out := make(chan []string, 64)
	go func() {
		defer close(out)
		defer func() { _ = socket.CloseNow() }()
		for {
			_, frame, err := socket.Read(ctx)
			if err != nil {
				return
			}
			var change struct {
				Topics []string `json:"topics"`
			}
			if json.Unmarshal(frame, &change) != nil {
				return
			}
			select {
			case out <- change.Topics:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// Inside is a session with an app of this process: calls go to its handler and
// no socket is between.
func Inside(handler http.Handler) *Desk {
	d := &Desk{base: "http://inside"}
	d.services(direct{handler})
	return d
}

type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	a := &answer{header: http.Header{}}
	d.handler.ServeHTTP(a, r)
	if r.Body != nil {
		_ = r.Body.Close()
	}
	a.WriteHeader(http.StatusOK)
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: r,
	}, nil
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// Until asks again, at once and whenever something changed, until ask is
// content. Errors: ask's, context's, and io.EOF when the process ends.
func (d *Desk) Until(ctx context.Context, ask func(context.Context) (done bool, err error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, err := d.Follow(ctx)
	if err != nil {
		return err
	}
	for {
		done, err := ask(ctx)
		if err != nil || done {
			return err
		}
		select {
		case _, ok := <-changes:
			if !ok && ctx.Err() == nil {
				return fmt.Errorf("follow changes: %w", io.EOF)
			}
		case <-time.After(time.Second): // what no topic tells of, as time that passes
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return errors.Join(errors.New("did not happen in time"), ctx.Err())
		}
	}
}
