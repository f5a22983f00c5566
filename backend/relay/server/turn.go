package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
	"github.com/pion/turn/v5"

	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// TurnOptions of the STUN and TURN server, which answer at one UDP port.
type TurnOptions struct {
	// Listen is "host:port", UDP over IPv4.
	Listen string
	// Host is how devices reach it; "": the name under which they dialled the relay.
	Host string
	// Relay is the address that peers see; nil: Host when it is one, else the one
	// listened at, else the first of this machine that is not loopback.
	Relay net.IP
	// AllowPrivate lets devices reach peers in private networks and on this
	// machine through the relay: for branch networks, and for tests.
	AllowPrivate bool
	// Allocations of one device at a time, 0: 8. BytesPerSecond of one device, both
	// directions together, 0: 4 MiB.
	Allocations    int
	BytesPerSecond float64
	// Net is the machine's when nil.
	Net transport.Net
}

const (
	turnRealm = "roundtable"
	// turnLife is how long credentials hold; allocations made with them may be
	// refreshed no longer than that.
	turnLife   = 12 * time.Hour
	kindSecret = "secret"
	keyTurn    = "turn"
)

type turnServer struct {
	s      *Server
	o      TurnOptions
	port   int
	relay  net.IP
	secret atomic.Pointer[[]byte]
	pion   *turn.Server

	mu    sync.Mutex
	users map[string]*turnUser
}

// turnUser is a device with allocations.
type turnUser struct {
	allocations int
	mu          sync.Mutex
	bucket      bucket
}

func startTurn(ctx context.Context, s *Server, o TurnOptions) (*turnServer, error) {
	if o.Net == nil {
		system, err := stdnet.NewNet()
		if err != nil {
			return nil, fmt.Errorf("start turn: %w", err)
		}
		o.Net = system
	}
	o.Allocations, o.BytesPerSecond = or(o.Allocations, 8), or(o.BytesPerSecond, 4<<20)
	secret, err := turnSecret(ctx, s.engine)
	if err != nil {
		return nil, fmt.Errorf("start turn: %w", err)
	}
	t := &turnServer{s: s, o: o, users: map[string]*turnUser{}}
	t.secret.Store(&secret)
	conn, err := o.Net.ListenPacket("udp4", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("start turn: %w", err)
	}
	at, ok := conn.LocalAddr().(*net.UDPAddr)
	if !ok {
		return nil, errors.Join(errors.New("start turn: not a UDP address"), conn.Close())
	}
	if t.port, t.relay = at.Port, relayIP(o, at.IP); t.relay == nil {
		return nil, errors.Join(errors.New("start turn: this machine has no address"), conn.Close())
	}
	within := "0.0.0.0"
	if !at.IP.IsUnspecified() {
		within = at.IP.String()
	}
	t.pion, err = turn.NewServer(turn.ServerConfig{
		Realm: turnRealm, AuthHandler: t.authenticate, QuotaHandler: t.mayAllocate, LoggerFactory: quiet{},
		EventHandler: turn.EventHandler{
			OnAllocationCreated: func(_, _ net.Addr, _, user, _ string, _ net.Addr, _ int) { t.count(user, 1) },
			OnAllocationDeleted: func(_, _ net.Addr, _, user, _ string) { t.count(user, -1) },
		},
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn: conn,
			RelayAddressGenerator: relayed{t, &turn.RelayAddressGeneratorStatic{
				RelayAddress: t.relay, Address: within, Net: o.Net}},
			PermissionHandler: func(_ net.Addr, peer net.IP) bool { return o.AllowPrivate || public(peer) },
		}},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start turn: %w", err), conn.Close())
	}
	return t, nil
}

// turnSecret is one for all processes of a cluster, so that credentials hold at each.
func turnSecret(ctx context.Context, records engine.Records) ([]byte, error) {
	secret, err := records.Record(ctx, kindSecret, keyTurn)
	if errors.Is(err, engine.ErrNotFound) {
		if err = records.SetRecord(ctx, kindSecret, keyTurn, wire.Random(32)); err == nil {
			secret, err = records.Record(ctx, kindSecret, keyTurn) // another process may have been later
		}
	}
	return secret, err
}

// lookAgain takes up the secret that is stored: of two processes that made one at
// the same first start, one remembers what the other has replaced.
func (t *turnServer) lookAgain(ctx context.Context) {
	if t == nil {
		return
	}
	secret, err := t.s.engine.Record(ctx, kindSecret, keyTurn)
	if err == nil && len(secret) > 0 {
		t.secret.Store(&secret)
	}
}

func relayIP(o TurnOptions, bound net.IP) net.IP {
	if o.Relay != nil {
		return o.Relay
	}
	if ip := net.ParseIP(o.Host).To4(); ip != nil {
		return ip
	}
	if !bound.IsUnspecified() {
		return bound
	}
	interfaces, err := o.Net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range interfaces {
		addresses, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
				return n.IP.To4()
			}
		}
	}
	return bound
}

// forbiddenPeers are networks that are not the public Internet, beside what
// netip knows as private, loopback, link-local, multicast and unspecified.
var forbiddenPeers = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

func public(ip net.IP) bool {
	a, ok := netip.AddrFromSlice(ip)
	if a = a.Unmap(); !ok || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range forbiddenPeers {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// password of a user, after "A REST API For Access To TURN Services".
func (t *turnServer) password(user string) string {
	mac := hmac.New(sha1.New, *t.secret.Load())
	mac.Write([]byte(user))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// authenticate knows users by their name, "until:device", and nothing else.
func (t *turnServer) authenticate(a *turn.RequestAttributes) (string, []byte, bool) {
	until, device, ok := strings.Cut(a.Username, ":")
	seconds, err := strconv.ParseInt(until, 10, 64)
	if !ok || err != nil || len(device) != 32 || seconds < t.s.clock.Now().Unix() {
		return "", nil, false
	}
	return device, turn.GenerateAuthKey(a.Username, a.Realm, t.password(a.Username)), true
}

func (t *turnServer) mayAllocate(user, _ string, _ net.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.users[user]
	return u == nil || u.allocations < t.o.Allocations
}

func (t *turnServer) count(user string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.users[user]
	if u == nil {
		u = &turnUser{}
		t.users[user] = u
	}
	if u.allocations += n; u.allocations <= 0 {
		delete(t.users, user)
	}
}

// user finds the bucket of a device that is about to get an allocation.
func (t *turnServer) user(name string) *turnUser {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.users[name]
	if u == nil {
		u = &turnUser{}
		t.users[name] = u
	}
	return u
}

func (t *turnServer) allocations() int {
	if t == nil {
		return 0
	}
	return t.pion.AllocationCount()
}

func (t *turnServer) address() string {
	if t == nil {
		return ""
	}
	return net.JoinHostPort(t.relay.String(), strconv.Itoa(t.port))
}

func (t *turnServer) close() {
	if t == nil {
		return
	}
	if err := t.pion.Close(); err != nil {
		t.s.log.Debug("close turn", "error", err)
	}
}

// servers answers with credentials; without STUN and TURN there are no addresses.
func (c *conn) servers() (*protocol.Servers, error) {
	t := c.s.turn
	if t == nil {
		return &protocol.Servers{}, nil
	}
	who := key.Hash("roundtable relay turn v1", c.tenant.id[:], c.device[:])
	until := c.s.clock.Now().Add(turnLife)
	user := strconv.FormatInt(until.Unix(), 10) + ":" + hex.EncodeToString(who[:16])
	at := net.JoinHostPort(or(t.o.Host, c.host), strconv.Itoa(t.port))
	return &protocol.Servers{
		URLs: []string{"stun:" + at, "turn:" + at + "?transport=udp"},
		User: user, Password: t.password(user), ExpiresMS: until.Unix() * 1000,
	}, nil
}

// relayed makes UDP allocations whose traffic counts against their device, and no others.
type relayed struct {
	t *turnServer
	turn.RelayAddressGenerator
}

func (r relayed) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	conn, at, err := r.RelayAddressGenerator.AllocatePacketConn(c)
	if err != nil {
		return nil, nil, err
	}
	return &metered{PacketConn: conn, t: r.t, user: r.t.user(c.UserID)}, at, nil
}

var errNoTCP = errors.New("no TURN over TCP")

func (relayed) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errNoTCP
}

func (relayed) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errNoTCP }

// metered drops datagrams beyond a device's rate, as any full line does.
type metered struct {
	net.PacketConn
	t    *turnServer
	user *turnUser
}

func (m *metered) within(n int) bool {
	m.user.mu.Lock()
	defer m.user.mu.Unlock()
	return m.user.bucket.spare(m.t.s.clock.Now(), float64(n), m.t.o.BytesPerSecond, 2*m.t.o.BytesPerSecond)
}

func (m *metered) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		n, from, err := m.PacketConn.ReadFrom(p)
		if err != nil || m.within(n) {
			return n, from, err
		}
	}
}

func (m *metered) WriteTo(p []byte, to net.Addr) (int, error) {
	if !m.within(len(p)) {
		return len(p), nil
	}
	return m.PacketConn.WriteTo(p, to)
}
