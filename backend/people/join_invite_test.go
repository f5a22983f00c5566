package people

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	"roundtable/backend/errcode"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

// elsewhere is a switchboard far from the office: addresses of the office answer
// nothing until the dial is given up, those at a relay answer what hosts says.
type elsewhere struct {
	Board
	hosts map[string]joinMessage
	asked atomic.Int32
}

func (e *elsewhere) Dial(ctx context.Context, addr string, want wire.DeviceID) (wire.DeviceID, error) {
	if _, ok := e.hosts[addr]; ok {
		return want, nil
	}
	<-ctx.Done()
	return wire.DeviceID{}, ctx.Err()
}

func (e *elsewhere) OpenStream(_ context.Context, host wire.DeviceID, _ string) (link.Stream, error) {
	ours, theirs := net.Pipe()
	e.asked.Add(1)
	go func() {
		defer theirs.Close()
		var m joinMessage
		if wire.Receive(theirs, maxJoin, &m) == nil && m.Redeem != nil {
			_ = wire.Send(theirs, e.hosts[fmt.Sprintf("relay:%d", host[0])])
		}
	}()
	return ours, nil
}

// atRelay appear there a moment after the relay was dialled.
type atRelay struct {
	hosts []Host
	looks atomic.Int32
}

func (a *atRelay) Done() {}
func (a *atRelay) Hosts() []Host {
	if a.looks.Add(1) == 1 {
		return nil
	}
	return a.hosts
}

func redeemsElsewhere(t *testing.T, hosts map[string]joinMessage) (*elsewhere, *welcome, error) {
	t.Helper()
	l := anInvite()
	l.Addresses = nil
	for i := range 12 {
		l.Addresses = append(l.Addresses, fmt.Sprintf("192.0.2.%d:41000", i))
	}
	board, relay := &elsewhere{hosts: hosts}, &atRelay{}
	for i := range byte(len(hosts)) {
		relay.hosts = append(relay.hosts, Host{Addr: fmt.Sprintf("relay:%d", i), Device: wire.DeviceID{i}})
	}
	p := &People{Deps: Deps{Board: board, MyName: func() string { return "王" }, Sightings: func() []Sighting { return nil }}}
	_, w, err := p.redeemAnywhere(t.Context(), l, relay)
	return board, w, err
}

// Who is let in over a relay does not wait for what the office's addresses never
// answer, and shows the invite once.
func TestElsewhere(t *testing.T) {
	let := joinMessage{Welcome: &welcome{Workspace: wire.SpaceID{1}}}
	board, w, err := redeemsElsewhere(t, map[string]joinMessage{"relay:0": let, "relay:1": let})
	if err != nil || w == nil || w.Workspace != (wire.SpaceID{1}) {
		t.Fatalf("%v, %v", w, err)
	}
	if n := board.asked.Load(); n != 1 {
		t.Errorf("the invite was shown to %d", n)
	}
}

// One who does not know the invite, or has something against it, does not keep the
// next from letting us in.
func TestSomebodyLetsIn(t *testing.T) {
	for _, code := range []errcode.Code{errcode.InviteUnknown, errcode.InviteUsedUp} {
		hosts := map[string]joinMessage{"relay:0": {Sorry: &sorry{Code: string(code)}}, "relay:1": {Welcome: &welcome{}}}
		if _, w, err := redeemsElsewhere(t, hosts); err != nil || w == nil {
			t.Errorf("after %s: %v", code, err)
		}
	}
	_, _, err := redeemsElsewhere(t, map[string]joinMessage{"relay:0": {Sorry: &sorry{Code: string(errcode.InviteUsedUp)}}})
	if !errors.Is(err, errcode.InviteUsedUp) {
		t.Errorf("used up: %v", err)
	}
}
