package proof

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/wire"

	"roundtable/app/proof/client"
)

// network makes a bridge in a namespace and hosts plugged into it. Nothing of it
// touches the machine's own network.
func network(t *testing.T, hosts int) (names []string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("network namespaces need iproute2")
	}
	tag := fmt.Sprintf("rp%x", wire.Random(3))
	bridge := tag + "br"
	for i := range hosts {
		names = append(names, fmt.Sprintf("%s%d", tag, i))
	}
	for _, ns := range append([]string{bridge}, names...) {
		if out, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
			t.Skipf("network namespaces cannot be made here: %s", out)
		}
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", ns).Run() })
	}
	ip(t, bridge, "link add br0 type bridge")
	ip(t, bridge, "link set br0 up")
	for i, ns := range names {
		ip(t, bridge, fmt.Sprintf("link add p%d type veth peer name eth0 netns %s", i, ns))
		ip(t, bridge, fmt.Sprintf("link set p%d master br0 up", i))
		ip(t, ns, "link set lo up")
		ip(t, ns, fmt.Sprintf("addr add 10.78.0.%d/24 dev eth0", i+1))
		ip(t, ns, "link set eth0 up")
	}
	return names
}

func ip(t *testing.T, ns, command string) {
	t.Helper()
	if out, err := exec.Command("ip", append([]string{"-n", ns}, strings.Fields(command)...)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %s", command, out)
	}
}

// dialIn opens connections inside a namespace: a socket stays in the one that
// its thread was in when it was made.
func dialIn(ns string) client.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		runtime.LockOSThread()
		here, err := os.Open("/proc/thread-self/ns/net")
		if err != nil {
			runtime.UnlockOSThread()
			return nil, err
		}
		defer here.Close()
		there, err := os.Open(filepath.Join("/run/netns", ns))
		if err != nil {
			runtime.UnlockOSThread()
			return nil, err
		}
		defer there.Close()
		if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
			runtime.UnlockOSThread()
			return nil, err
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if back := unix.Setns(int(here.Fd()), unix.CLONE_NEWNET); back == nil {
			runtime.UnlockOSThread() // else the thread ends with its goroutine
		}
		return conn, err
	}
}

// host starts a person's process on a host of its own, as it is started by
// everybody: on all networks, announcing itself.
func (o *office) host(ns, who string) *client.Process {
	o.Helper()
	p, err := client.Start(o.ctx, client.Options{
		Program: o.programs, Profile: o.profile(who), Wrap: []string{"ip", "netns", "exec", ns}, Dial: dialIn(ns),
		Arguments: []string{"--language", "en", "--log-level", "info"},
	})
	if err != nil {
		o.Fatalf("%s does not start: %v\n%s", who, err, p.Stderr())
	}
	o.Cleanup(func() {
		_ = p.Kill()
		if o.Failed() {
			o.Logf("%s logged:\n%s", who, last(p.Stderr(), 30))
		}
	})
	o.must(p.SetUp(o.ctx, who))
	return p
}

// TestTwoHosts: two machines on one network find each other, compare digits and
// talk, with nothing configured.
func TestTwoHosts(t *testing.T) {
	names := network(t, 2)
	o := newOffice(t)
	li := o.host(names[0], "li")
	w, err := li.People.CreateWorkspace(o.ctx, &v1.CreateWorkspaceRequest{Name: "圆桌"})
	o.must(err)
	wang := o.host(names[1], "wang")

	var device string
	o.must(wang.Until(o.ctx, func(ctx context.Context) (bool, error) {
		seen, err := wang.People.Nearby(ctx, &v1.NearbyRequest{})
		if err != nil || len(seen.Workspaces) != 1 || len(seen.Workspaces[0].Hosts) != 1 {
			return false, err
		}
		device = seen.Workspaces[0].Hosts[0].DeviceId
		return seen.Workspaces[0].WorkspaceId == w.Id && seen.Workspaces[0].Name == "圆桌", nil
	}))
	_, err = wang.People.AskToJoin(o.ctx, &v1.AskToJoinRequest{WorkspaceId: w.Id, DeviceId: device})
	o.must(err)
	var request *v1.JoinRequest
	o.must(li.Until(o.ctx, func(ctx context.Context) (bool, error) {
		all, err := li.People.Requests(ctx, &v1.RequestsRequest{})
		if err == nil && len(all.Requests) == 1 {
			request = all.Requests[0]
		}
		return request != nil, err
	}))
	o.must(wang.Until(o.ctx, func(ctx context.Context) (bool, error) {
		now, err := wang.People.CurrentJoin(ctx, &v1.CurrentJoinRequest{})
		if err == nil && now.State == v1.JoinState_JOIN_STATE_COMPARING && now.Digits != request.Digits {
			t.Errorf("digits are %q here and %q there", now.Digits, request.Digits)
		}
		return err == nil && now.State == v1.JoinState_JOIN_STATE_COMPARING, err
	}))
	if len(request.Digits) != 6 || request.Name != "wang" {
		t.Errorf("request %v", request)
	}
	_, err = li.People.AnswerRequest(o.ctx, &v1.AnswerRequestRequest{Id: request.Id, Admit: true, Role: v1.Role_ROLE_MEMBER})
	o.must(err)
	o.must(wang.Joined(o.ctx))

	o.says(li, w.Id, "欢迎")
	o.must(wang.Shows(o.ctx, w.Id, "欢迎"))
	o.says(wang, w.Id, "大家好")
	o.must(li.Shows(o.ctx, w.Id, "大家好"))
	connections, err := wang.System.Connections(o.ctx, &v1.ConnectionsRequest{})
	o.must(err)
	if len(connections.Connections) != 1 || connections.Connections[0].Via != "lan" || connections.Connections[0].PersonName != "li" {
		t.Errorf("connections: %v", connections)
	}
	o.must(li.Stop())
	o.must(wang.Stop())
	o.sound("li", "wang")
}
