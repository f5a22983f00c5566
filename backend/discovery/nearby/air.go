package nearby

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"roundtable/backend/wire"
)

// group is our IPv6 link-local multicast group: transient (RFC 4291), its
// number in the range for such groups (RFC 3307).
var group = netip.MustParseAddr("ff12::f1a7:7ab1")

// loopGroup is for loopback interfaces that know multicast but no broadcast
// (macOS, Windows); it leaves the machine nowhere (RFC 2365, and bound to loopback).
var loopGroup = netip.MustParseAddr("239.255.71.80")

// everywhere is the fallback where an interface has no directed broadcast.
var everywhere = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// place is one address of one interface, with the port that sends from it.
type place struct {
	iface  net.Interface
	prefix netip.Prefix // our address in it; its zone is iface.Name for link-local
	conn   *net.UDPConn
	dest   netip.Addr
}

// where tells places apart.
type where struct {
	index  int
	name   string
	prefix netip.Prefix
}

// air is the sockets. It is used from one goroutine; readers run in their own.
type air struct {
	ctx     context.Context
	wg      *sync.WaitGroup
	service *Service
	port    int
	places  map[where]*place
	heard4  *net.UDPConn
	heard6  *net.UDPConn
	joined  map[netip.Addr]map[int]bool // which group on which interface
}

func newAir(ctx context.Context, wg *sync.WaitGroup, s *Service) *air {
	return &air{ctx: ctx, wg: wg, service: s, port: s.opt.beaconPort, places: map[where]*place{}}
}

func (a *air) close() {
	for _, p := range a.places {
		p.conn.Close()
	}
	if a.heard4 != nil {
		a.heard4.Close()
	}
	if a.heard6 != nil {
		a.heard6.Close()
	}
}

// refresh brings the sockets in line with the interfaces as they are now.
func (a *air) refresh(choose func(net.Interface) bool) (changed bool, problems []string) {
	multicast := !a.service.opt.DisableMulticast
	a.listen(multicast)
	if a.heard4 == nil && a.heard6 == nil {
		problems = append(problems, PortInUse)
	}
	found := find(choose, multicast)
	network := false
	for w, p := range found {
		network = network || p.iface.Flags&net.FlagLoopback == 0
		if a.places[w] != nil {
			continue
		}
		if a.open(p) {
			a.places[w] = p
			changed = true
		}
	}
	for w, p := range a.places {
		if _, still := found[w]; !still {
			p.conn.Close()
			delete(a.places, w)
			changed = true
		}
	}
	if !network && (len(found) == 0 || !a.service.chosen) { // loopback alone may be what was asked for
		problems = append(problems, NoNetwork)
	}
	a.join()
	return changed, problems
}

// listen opens the shared sockets that are not open.
func (a *air) listen(multicast bool) {
	open := func(network string) *net.UDPConn {
		lc := net.ListenConfig{Control: shared}
		c, err := lc.ListenPacket(a.ctx, network, ":"+strconv.Itoa(a.port))
		if err != nil {
			a.service.opt.Log.Debug("cannot listen for beacons", "network", network, "error", err)
			return nil
		}
		conn := c.(*net.UDPConn)
		a.wg.Go(func() { a.read(conn) })
		return conn
	}
	if a.heard4 == nil {
		a.heard4 = open("udp4")
	}
	if a.heard6 == nil && multicast {
		a.heard6 = open("udp6")
	}
}

// find lists the places of the interfaces that are up.
func find(choose func(net.Interface) bool, multicast bool) map[where]*place {
	out := map[where]*place{}
	interfaces, err := net.Interfaces()
	if err != nil {
		return out
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || !choose(i) {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, text := range addrs {
			prefix, err := netip.ParsePrefix(text.String())
			if err != nil {
				continue
			}
			dest, ok := destination(i, prefix, multicast)
			if ok {
				out[where{i.Index, i.Name, prefix}] = &place{iface: i, prefix: prefix, dest: dest}
			}
		}
	}
	return out
}

// destination is where beacons go from an address, if anywhere.
func destination(i net.Interface, prefix netip.Prefix, multicast bool) (netip.Addr, bool) {
	ip := prefix.Addr()
	loopback := i.Flags&net.FlagLoopback != 0
	switch {
	case ip.Is4() && loopback:
		if i.Flags&net.FlagMulticast != 0 {
			return loopGroup, ip.IsLoopback()
		}
		return netip.AddrFrom4([4]byte{127, 255, 255, 255}), ip.IsLoopback()
	case ip.Is4() && i.Flags&net.FlagBroadcast == 0:
		return netip.Addr{}, false // a tunnel: nobody is nearby there
	case ip.Is4():
		if prefix.Bits() >= 31 {
			return everywhere, true
		}
		b := ip.As4()
		for bit := prefix.Bits(); bit < 32; bit++ {
			b[bit/8] |= 1 << (7 - bit%8)
		}
		return netip.AddrFrom4(b), true
	case ip.IsLinkLocalUnicast() && multicast && !loopback && i.Flags&net.FlagMulticast != 0:
		return group.WithZone(i.Name), true
	}
	return netip.Addr{}, false
}

// open makes the private socket of a place and reads answers from it.
func (a *air) open(p *place) bool {
	network, local := "udp4", p.prefix.Addr()
	if local.Is6() {
		network, local = "udp6", local.WithZone(p.iface.Name)
	}
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0)))
	if err != nil {
		return false // an IPv6 address may still be tentative: the next round tries again
	}
	if p.dest == loopGroup {
		c := ipv4.NewPacketConn(conn)
		if c.SetMulticastInterface(&p.iface) != nil || c.SetMulticastTTL(0) != nil || c.SetMulticastLoopback(true) != nil {
			conn.Close() // it must not go out anywhere else
			return false
		}
	}
	p.conn = conn
	a.wg.Go(func() { a.read(conn) })
	return true
}

// join enters the groups on interfaces that are new.
func (a *air) join() {
	now := map[netip.Addr]map[int]bool{}
	for _, p := range a.places {
		if !p.dest.IsMulticast() {
			continue
		}
		at := p.dest.WithZone("")
		if now[at] == nil {
			now[at] = map[int]bool{}
		}
		if now[at][p.iface.Index] {
			continue
		}
		now[at][p.iface.Index] = true
		if a.joined[at][p.iface.Index] {
			continue
		}
		var err error
		to := &net.UDPAddr{IP: at.AsSlice()}
		switch {
		case at.Is4() && a.heard4 != nil:
			err = ipv4.NewPacketConn(a.heard4).JoinGroup(&p.iface, to)
		case at.Is6() && a.heard6 != nil:
			err = ipv6.NewPacketConn(a.heard6).JoinGroup(&p.iface, to)
		}
		if err != nil {
			a.service.opt.Log.Debug("cannot join the group", "interface", p.iface.Name, "error", err)
		}
	}
	a.joined = now
}

// send puts a beacon on every place and says whether all of the network's refused it.
func (a *air) send(data []byte) (blocked bool) {
	tried, failed := 0, 0
	for _, p := range a.places {
		err := a.write(p, data, netip.AddrPortFrom(p.dest, uint16(a.port)))
		if err != nil && p.dest.Is4() && p.dest != everywhere && p.iface.Flags&net.FlagLoopback == 0 {
			err = a.write(p, data, netip.AddrPortFrom(everywhere, uint16(a.port)))
		}
		if p.iface.Flags&net.FlagLoopback != 0 {
			continue
		}
		tried++
		if err != nil {
			failed++
			a.service.opt.Log.Debug("beacon not sent", "interface", p.iface.Name, "error", err)
		}
	}
	return tried > 0 && failed == tried
}

func (a *air) write(p *place, data []byte, to netip.AddrPort) error {
	_ = p.conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	_, err := p.conn.WriteToUDPAddrPort(data, to)
	return err
}

// answer sends to one instance from the place that shares its subnet.
func (a *air) answer(data []byte, to netip.AddrPort) {
	if p := a.placeOf(to.Addr()); p != nil {
		if err := a.write(p, data, to); err != nil {
			a.service.opt.Log.Debug("answer not sent", "addr", to.Addr(), "error", err)
		}
	}
}

// neighbour checks that a datagram comes from a subnet of ours.
func (a *air) neighbour(from *net.UDPAddr) (netip.AddrPort, bool) {
	ap := from.AddrPort()
	ap = netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	return ap, ap.IsValid() && ap.Port() != 0 && a.placeOf(ap.Addr()) != nil
}

func (a *air) placeOf(ip netip.Addr) *place {
	for _, p := range a.places {
		if ip.Zone() != "" && ip.Zone() != p.iface.Name {
			continue
		}
		if p.prefix.Contains(ip.WithZone("")) {
			return p
		}
	}
	return nil
}

// interfaces are those in use, for DNS-SD.
func (a *air) interfaces() []net.Interface {
	byIndex := map[int]net.Interface{}
	for _, p := range a.places {
		byIndex[p.iface.Index] = p.iface
	}
	out := make([]net.Interface, 0, len(byIndex))
	for i := range maps.Values(byIndex) {
		out = append(out, i)
	}
	return out
}

// read hands on what arrives until the socket is closed. What comes faster than
// it is looked at is dropped.
func (a *air) read(conn *net.UDPConn) {
	buf := make([]byte, wire.MaxBeacon+1)
	for {
		n, from, err := conn.ReadFromUDP(buf)
		if err != nil {
			if a.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			select { // Windows reports an unreachable port on the next read
			case <-time.After(10 * time.Millisecond):
			case <-a.ctx.Done():
				return
			}
			continue
		}
		if n > wire.MaxBeacon {
			continue
		}
		select {
		case a.service.heard <- datagram{append([]byte(nil), buf[:n]...), from}:
		default:
		}
	}
}
