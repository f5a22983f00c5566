package server_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"crypto/tls"

	"github.com/coder/websocket"

	"roundtable/backend/key"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/wire"
)

func TestADeviceProvesItself(t *testing.T) {
	r := newRig(t, nil)
	d := r.device()
	m := d.connect()
	if m.Ready == nil || !m.Ready.Visitor || m.Ready.Name != "远山" || m.Ready.Store != r.e.Store() {
		t.Fatalf("%+v", m)
	}
	for name, c := range map[string]struct {
		host  string
		token []byte
		code  protocol.Code
	}{
		"another host":  {"relay.example:443", r.token, protocol.CodeProof},
		"another token": {r.host, wire.Random(32), protocol.CodeToken},
		"no token":      {r.host, nil, protocol.CodeProof},
	} {
		d := r.device()
		if m := d.connectAs(c.host, c.token); m.Failed == nil || m.Failed.Code != c.code {
			t.Errorf("%s: %+v", name, m)
		}
		d.ended()
	}
	if boss, clerk, _ := r.office(); boss.ask(protocol.Message{Spaces: &protocol.Spaces{}}).SpaceList == nil ||
		clerk.connect().Ready.Visitor {
		t.Error("a listed device is called a visitor")
	}
}

func TestAnOfficeTalks(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	start := clerk.must(protocol.Message{Subscribe: &protocol.Subscribe{Space: space}}).Position
	stored := boss.publishes(space, "一", "二")
	if len(stored.Heads) != 1 || stored.Heads[0].Seq != 2 || len(stored.Refused) != 0 {
		t.Fatalf("%+v", stored)
	}
	var heard [][]byte
	for len(heard) < 2 {
		heard = append(heard, clerk.unasked(isNews).News.Raws...)
	}
	page := clerk.must(protocol.Message{Read: &protocol.Read{Space: space, After: start.End}}).Page
	if len(page.Raws) != 2 || page.More || !bytes.Equal(page.Raws[1], heard[1]) {
		t.Errorf("%d envelopes after the position", len(page.Raws))
	}
	if again := boss.must(protocol.Message{Publish: &protocol.Publish{Space: space, Raws: page.Raws}}).Stored; again.Heads[0].Seq != 2 {
		t.Errorf("what is stored already: %+v", again)
	}
	heads := clerk.must(protocol.Message{Heads: &protocol.Heads{Space: space}}).HeadList
	if len(heads.Heads) != 1 || heads.Heads[0].Device != boss.name() {
		t.Errorf("%+v", heads)
	}
	clerk.must(protocol.Message{Unsubscribe: &protocol.Unsubscribe{Space: space}})
	boss.publishes(space, "三")
	if page := clerk.must(protocol.Message{Read: &protocol.Read{Space: space, After: page.Next}}).Page; len(page.Raws) != 1 {
		t.Errorf("%+v", page)
	}
	for _, m := range clerk.news {
		if isNews(m) {
			t.Error("news after unsubscribing")
		}
	}
}

// Publishes that are sent without waiting are stored in their order.
func TestRequestsOfOneSpaceKeepTheirOrder(t *testing.T) {
	r := newRig(t, nil)
	boss, _, space := r.office()
	const many = 60
	for i := range many {
		if err := boss.say(protocol.Message{ID: uint64(1000 + i), Publish: &protocol.Publish{Space: space, Raws: boss.writes(space, "x")}}); err != nil {
			t.Fatal(err)
		}
	}
	for range many {
		m := boss.unasked(func(m protocol.Message) bool { return m.ID >= 1000 })
		if m.Stored == nil || len(m.Stored.Refused) > 0 {
			t.Fatalf("%+v", m)
		}
	}
}

func TestWhatARelayRefuses(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	stranger := r.device()
	stranger.connect()
	raws := boss.writes(space, "一", "二", "三")
	changed := bytes.Clone(raws[2])
	changed[140] ^= 1
	publish := func(raws ...[]byte) *protocol.Stored {
		t.Helper()
		return boss.must(protocol.Message{Publish: &protocol.Publish{Space: space, Raws: raws}}).Stored
	}
	code := func(s *protocol.Stored) protocol.Code {
		if len(s.Refused) != 1 {
			return ""
		}
		return s.Refused[0].Code
	}
	if got := code(publish(raws[1])); got != protocol.CodeGap {
		t.Errorf("a gap: %q", got)
	}
	if got := code(publish(raws[0], raws[1], changed)); got != protocol.CodeSignature {
		t.Errorf("a changed envelope: %q", got)
	}
	if got := code(publish(raws[0], raws[2])); got != protocol.CodeSignature {
		t.Errorf("a run that does not chain: %q", got)
	}
	publish(raws...)
	delete(boss.feed, space)
	if got := code(publish(boss.writes(space, "anders")...)); got != protocol.CodeForked {
		t.Errorf("a fork: %q", got)
	}
	if got := code(publish(stranger.writes(space, "x")...)); got != protocol.CodeForbidden {
		t.Errorf("a feed of nobody: %q", got)
	}
	other := wire.SpaceID(wire.Random(32))
	boss.fails(protocol.CodeUnknown, protocol.Message{Publish: &protocol.Publish{Space: other, Raws: boss.writes(other, "x")}})
	boss.fails(protocol.CodeUnknown, protocol.Message{Subscribe: &protocol.Subscribe{Space: other}})
	boss.must(boss.grants(other, space, with(boss, all)))
	for _, m := range []protocol.Message{
		{Read: &protocol.Read{Space: other}}, {Subscribe: &protocol.Subscribe{Space: other}}, {Heads: &protocol.Heads{Space: other}},
		{Access: &protocol.Access{Space: other}}, {Get: &protocol.Get{Space: other}}, {Has: &protocol.Has{Space: other}},
		{Publish: &protocol.Publish{Space: other, Raws: clerk.writes(other, "x")}}, {Put: &protocol.Put{Space: other, Hash: key.Digest([]byte("x")), Bytes: []byte("x")}},
	} {
		clerk.fails(protocol.CodeForbidden, m)
	}
	boss.fails(protocol.CodeCursor, protocol.Message{Read: &protocol.Read{Space: space, After: []byte("not a cursor of this store")}})
	boss.fails(protocol.CodeSignature, protocol.Message{Put: &protocol.Put{Space: space, Hash: [32]byte{1}, Bytes: []byte("x")}})
	boss.fails(protocol.CodeNotFound, protocol.Message{Get: &protocol.Get{Space: space, Hash: [32]byte{1}}})
}

func TestChunks(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	chunk := wire.Random(1 << 20)
	hash := key.Digest(chunk)
	boss.must(protocol.Message{Put: &protocol.Put{Space: space, Hash: hash, Bytes: chunk}})
	if f := clerk.must(protocol.Message{Has: &protocol.Has{Space: space, Hashes: [][32]byte{{1}, hash}}}).Flags.Flags; len(f) != 2 || f[0] || !f[1] {
		t.Error(f)
	}
	if got := clerk.must(protocol.Message{Get: &protocol.Get{Space: space, Hash: hash}}).Chunk; !bytes.Equal(got.Bytes, chunk) {
		t.Error("another chunk")
	}
}

func TestWhoEndsHearsNothingMore(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	clerk.must(protocol.Message{Subscribe: &protocol.Subscribe{Space: space}})
	before := clerk.writes(space, "vorher")
	boss.must(boss.grants(space, space, with(clerk, protocol.RightNone)))
	if l := clerk.unasked(isListed).Listed; l.Space != space || l.Rights != protocol.RightNone {
		t.Errorf("%+v", l)
	}
	// What it wrote while it belonged is still taken from others.
	if s := boss.must(protocol.Message{Publish: &protocol.Publish{Space: space, Raws: before}}).Stored; len(s.Heads) != 1 {
		t.Errorf("%+v", s)
	}
	boss.publishes(space, "geheim")
	clerk.fails(protocol.CodeForbidden, protocol.Message{Read: &protocol.Read{Space: space}})
	clerk.fails(protocol.CodeForbidden, protocol.Message{Watch: &protocol.Watch{}})
	for _, m := range clerk.news {
		if m.News != nil {
			t.Error("news for a device that was taken off")
		}
	}
	boss.must(boss.grants(space, space, with(clerk, protocol.RightUse)))
	clerk.unasked(func(m protocol.Message) bool { return m.Listed != nil && m.Listed.Rights == protocol.RightUse })
	if p := clerk.must(protocol.Message{Read: &protocol.Read{Space: space}}).Page; len(p.Raws) != 2 {
		t.Errorf("let in again: %d envelopes", len(p.Raws))
	}
}

func TestForgedGrants(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	mallory := r.device()
	mallory.connect()
	fresh := wire.SpaceID(wire.Random(32))
	grant := func(by *device, g protocol.Grant) protocol.Message {
		signed, err := g.Sign(by.key)
		if err != nil {
			t.Fatal(err)
		}
		return protocol.Message{Grant: &signed}
	}
	list := boss.must(protocol.Message{Access: &protocol.Access{Space: space}}).AccessList
	next := func(by *device, set ...protocol.Entry) protocol.Grant {
		return protocol.Grant{Space: space, Workspace: space, Version: list.Version + 1, Prev: list.Head, By: by.name(), Set: set}
	}
	clerk.fails(protocol.CodeForbidden, grant(clerk, next(clerk, with(mallory, protocol.RightUse))))
	clerk.fails(protocol.CodeForbidden, grant(clerk, next(clerk, with(clerk, all))))
	mallory.fails(protocol.CodeForbidden, grant(mallory, next(mallory, with(mallory, all))))
	mallory.fails(protocol.CodeSignature, grant(mallory, next(boss, with(mallory, all))))
	replayed := grant(boss, next(boss, with(mallory, all)))
	mallory.fails(protocol.CodeForbidden, replayed)
	mallory.fails(protocol.CodeStale, grant(mallory, protocol.Grant{Space: space, Workspace: space, Version: 1, By: mallory.name(), Set: []protocol.Entry{with(mallory, all)}}))
	mallory.fails(protocol.CodeForbidden, grant(mallory, protocol.Grant{Space: fresh, Workspace: space, Version: 1, By: mallory.name(), Set: []protocol.Entry{with(mallory, all)}}))
	boss.fails(protocol.CodeForbidden, grant(boss, protocol.Grant{Space: fresh, Workspace: space, Version: 1, By: boss.name(), Set: []protocol.Entry{with(clerk, all)}}))
	boss.fails(protocol.CodeUnknown, grant(boss, protocol.Grant{Space: fresh, Workspace: wire.SpaceID{1}, Version: 1, By: boss.name(), Set: []protocol.Entry{with(boss, all)}}))
	boss.must(grant(boss, next(boss, with(mallory, protocol.RightUse))))
	boss.fails(protocol.CodeStale, grant(boss, next(boss, with(mallory, protocol.RightNone))))
	mallory.unasked(isListed)
	mallory.must(protocol.Message{Read: &protocol.Read{Space: space}})
}

func TestOrganisationsDoNotMeet(t *testing.T) {
	r := newRig(t, func(o *server.Options) { o.Limits.Refresh = 20 * time.Millisecond })
	boss, clerk, space := r.office()
	token, err := server.CreateTenant(t.Context(), r.e, server.Tenant{Name: "近水"})
	if err != nil {
		t.Fatal(err)
	}
	// The same device, listed by the first organisation, comes with the token of the second.
	guest := r.device()
	guest.key = clerk.key
	if m := guest.connectAs(r.host, token); m.Ready == nil || !m.Ready.Visitor {
		t.Fatalf("%+v", m)
	}
	guest.fails(protocol.CodeForbidden, protocol.Message{Read: &protocol.Read{Space: space}})
	guest.fails(protocol.CodeUnknown, protocol.Message{Hosts: &protocol.Hosts{Workspace: space}})
	if l := guest.must(protocol.Message{Spaces: &protocol.Spaces{}}).SpaceList; len(l.Spaces) != 0 {
		t.Errorf("%+v", l)
	}
	guest.fails(protocol.CodeForbidden, protocol.Message{Dial: &protocol.Dial{To: boss.name()}})
	if err := server.SuspendTenant(t.Context(), r.e, server.TenantOf(r.token), true); err != nil {
		t.Fatal(err)
	}
	m := clerk.unasked(func(m protocol.Message) bool { return m.Failed != nil })
	if m.Failed.Code != protocol.CodeToken {
		t.Errorf("%+v", m)
	}
	clerk.ended()
	boss.ended()
	guest.must(protocol.Message{Spaces: &protocol.Spaces{}})
	if m := r.device().connect(); m.Failed == nil || m.Failed.Code != protocol.CodeToken {
		t.Errorf("%+v", m)
	}
}

func TestQuota(t *testing.T) {
	r := newRig(t, nil)
	token, err := server.CreateTenant(t.Context(), r.e, server.Tenant{Name: "klein", MaxBytes: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	r.token = token
	boss, _, space := r.office()
	boss.publishes(space, strings.Repeat("x", 5000))
	boss.fails(protocol.CodeQuota, protocol.Message{Publish: &protocol.Publish{Space: space, Raws: boss.writes(space, strings.Repeat("x", 6000))}})
	boss.must(protocol.Message{Read: &protocol.Read{Space: space}})
}

func TestDoorsForPeopleAndMachines(t *testing.T) {
	r := newRig(t, func(o *server.Options) { o.Hosts = []string{"127.0.0.1"}; o.Name = "<远山>" })
	r.office()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	get := func(path, host string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+r.host+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			req.Host = host
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if code, body := get("/healthz", ""); code != 200 || body != "ok\n" {
		t.Errorf("%d %q", code, body)
	}
	if code, body := get("/metrics", ""); code != 200 || !strings.Contains(body, "roundtable_relay_devices_connected 2") {
		t.Errorf("%d %s", code, body)
	}
	if code, body := get("/", ""); code != 200 || !strings.Contains(body, "&lt;远山&gt;") || !strings.Contains(body, "<dd>2") {
		t.Errorf("%d %s", code, body)
	}
	if code, _ := get(protocol.Path, ""); code != http.StatusUpgradeRequired {
		t.Errorf("no WebSocket: %d", code)
	}
	if code, _ := get(protocol.Path, "evil.example"); code != http.StatusMisdirectedRequest {
		t.Errorf("another name: %d", code)
	}
}

func TestDraining(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	boss.publishes(space, "一")
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.s.Drain(t.Context())
	}()
	for _, d := range []*device{boss, clerk} {
		if m := d.unasked(func(m protocol.Message) bool { return m.Bye != nil }); m.Bye.WithinMS > 5000 {
			t.Errorf("%+v", m.Bye)
		}
		if err := d.ws.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Log(err)
		}
	}
	<-done
	if _, err := r.dial(protocol.Path); err == nil {
		t.Error("let in while draining")
	}
}
