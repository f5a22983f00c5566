package proof

import (
	"context"
	"net"
	"strconv"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

// TestADesktopIsTheRelay: li's own program is the relay of the office. It serves
// wang, is there again after a restart, and is taken off when li turns it off.
func TestADesktopIsTheRelay(t *testing.T) {
	t.Parallel()
	o := newRemote(t, "wang") // li listens on loopback, wang nowhere
	li, workspace := o.founder("li")
	address := o.free()
	_, text, err := net.SplitHostPort(address)
	o.must(err)
	port, err := strconv.Atoi(text)
	o.must(err)
	host := &v1.HostRelayRequest{Enabled: true, Port: int32(port), PublicHost: "127.0.0.1", WorkspaceIds: []string{workspace}} //nolint:gosec // a port
	got, err := li.Relay.HostRelay(o.ctx, host)
	o.must(err)
	if !got.Running || got.Address != address || len(got.WorkspaceIds) != 1 || got.Link == "" {
		t.Fatalf("hosted: %v %v %v %q", got.Running, got.Address, got.WorkspaceIds, got.ErrorCode)
	}
	o.connected(li, workspace, 1)
	relays, err := li.Relay.Relays(o.ctx, &v1.RelaysRequest{WorkspaceId: workspace})
	o.must(err)
	if !relays.Relays[0].HostedHere || relays.Relays[0].Host != address {
		t.Errorf("relays: %v", relays.Relays)
	}

	wang := o.newcomer("wang")
	link, err := li.Invite(o.ctx, workspace, 1)
	o.must(err)
	said, err := wang.People.PreviewInvite(o.ctx, &v1.PreviewInviteRequest{Link: link})
	o.must(err)
	if len(said.RelayHosts) != 1 || said.RelayHosts[0] != address {
		t.Errorf("invite names %v", said.RelayHosts)
	}
	o.must(wang.Join(o.ctx, link))
	o.says(li, workspace, "欢迎")
	o.shows(wang, workspace, "欢迎")
	o.says(wang, workspace, "谢谢")
	o.shows(li, workspace, "谢谢")
	li, wang = hostRestarts(o, li, wang, workspace)
	turnedOff(o, li, wang, workspace)
	stopAll(o, li, wang)
	o.sound("li", "wang")
}

// hostRestarts: what wang writes meanwhile comes as soon as li is back.
func hostRestarts(o *office, li, wang *client.Process, workspace string) (*client.Process, *client.Process) {
	o.Helper()
	o.must(wang.Stop())
	o.says(li, workspace, "明天见")
	o.becomes(li, workspace, "明天见", atRelay)
	wang = o.start("wang")
	o.shows(wang, workspace, "明天见")
	o.must(li.Stop())
	o.says(wang, workspace, "你不在")
	li = o.start("li")
	got, err := li.Relay.HostedRelay(o.ctx, &v1.HostedRelayRequest{})
	o.must(err)
	if !got.Enabled || !got.Running || len(got.WorkspaceIds) != 1 || got.StoredBytes == 0 {
		o.Errorf("after a restart: %v %v %v, %d bytes", got.Enabled, got.Running, got.WorkspaceIds, got.StoredBytes)
	}
	o.shows(li, workspace, "你不在") // wang tries again by itself
	o.connected(wang, workspace, 1)
	return li, wang
}

// turnedOff: li's workspaces name it no more, and wang hears of that.
func turnedOff(o *office, li, wang *client.Process, workspace string) {
	o.Helper()
	got, err := li.Relay.HostRelay(o.ctx, &v1.HostRelayRequest{})
	o.must(err)
	if got.Enabled || got.Running || len(got.WorkspaceIds) != 0 || got.Link != "" {
		o.Errorf("turned off: %v %v %v", got.Enabled, got.Running, got.WorkspaceIds)
	}
	for _, p := range []*client.Process{li, wang} {
		o.must(p.Until(o.ctx, func(ctx context.Context) (bool, error) {
			relays, err := p.Relay.Relays(ctx, &v1.RelaysRequest{WorkspaceId: workspace})
			return err == nil && len(relays.Relays) == 0, err
		}))
	}
}
