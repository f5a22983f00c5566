package nearby

import (
	"context"
	"encoding/hex"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/pion/logging"
	"github.com/pion/mdns/v2"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"roundtable/backend/wire"
)

const (
	dnsService = "_roundtable._tcp"
	dnsPort    = "5353"
	txtKey     = "b"
	// txtTags keeps the beacon below the 255 bytes of one TXT string.
	txtTags = 20
	// browseEvery is how often the network is asked afresh: pion tells of an
	// instance once for each time it browses.
	browseEvery  = 20 * time.Second
	dnsLifetime  = 3*browseEvery + 5*time.Second
	dnsRetryWait = 30 * time.Second
)

// browsed is an instance that DNS-SD resolved.
type browsed struct {
	data []byte // a beacon
	addr netip.Addr
}

// dnssd announces and browses. It is used from Run's goroutine; what pion finds
// comes through Service.browsed.
type dnssd struct {
	service *Service
	conn    *mdns.Conn
	cancel  context.CancelFunc // of the browsing under way
	since   time.Time          // of it
	tried   time.Time
	// What the TXT record was made of.
	joinable bool
	secrets  map[wire.SpaceID][32]byte
}

// refresh follows changes of the interfaces and of what is announced.
func (d *dnssd) refresh(ctx context.Context, interfaces []net.Interface, changed bool) {
	now := d.service.opt.Clock.Now()
	if changed {
		d.close()
	}
	if d.conn == nil && (changed || now.Sub(d.tried) >= dnsRetryWait) {
		d.tried = now
		d.start(interfaces)
	}
	if d.conn == nil {
		return
	}
	joinable, secrets := d.service.opt.Joinable(), d.service.opt.Secrets()
	if joinable != d.joinable || !maps.Equal(secrets, d.secrets) {
		d.joinable, d.secrets = joinable, maps.Clone(secrets)
		if err := d.conn.UpdateTXT(d.name(), dnsService, d.text()); err != nil {
			d.service.opt.Log.Debug("dns-sd not updated", "error", err)
		}
	}
	if d.cancel == nil || now.Sub(d.since) >= browseEvery {
		if d.cancel != nil {
			d.cancel()
		}
		var browsing context.Context
		browsing, d.cancel = context.WithCancel(ctx)
		d.since = now
		if err := d.conn.Browse(browsing, dnsService); err != nil {
			d.service.opt.Log.Debug("dns-sd does not browse", "error", err)
		}
	}
}

// start opens the multicast DNS port. Where that fails discovery goes on with
// beacons alone.
func (d *dnssd) start(interfaces []net.Interface) {
	interfaces = slices.DeleteFunc(interfaces, func(i net.Interface) bool {
		return i.Flags&net.FlagLoopback != 0 || i.Flags&net.FlagMulticast == 0
	})
	if len(interfaces) == 0 {
		return
	}
	lc := net.ListenConfig{Control: shared}
	var v4 *ipv4.PacketConn
	var v6 *ipv6.PacketConn
	if c, err := lc.ListenPacket(context.Background(), "udp4", ":"+dnsPort); err == nil {
		v4 = ipv4.NewPacketConn(c)
	}
	if c, err := lc.ListenPacket(context.Background(), "udp6", ":"+dnsPort); err == nil {
		v6 = ipv6.NewPacketConn(c)
	}
	d.joinable, d.secrets = d.service.opt.Joinable(), maps.Clone(d.service.opt.Secrets())
	conn, err := mdns.NewServer(v4, v6,
		mdns.WithName("roundtable"),
		mdns.WithInterfaces(interfaces...),
		mdns.WithLocalNames(d.name()+".local"),
		mdns.WithQueryInterval(browseEvery),
		mdns.WithResponseTTL(uint32(dnsLifetime/time.Second)),
		mdns.WithLoggerFactory(silent()),
		mdns.WithService(mdns.ServiceInstance{
			Instance: d.name(), Service: dnsService, Port: uint16(d.service.opt.Port), Text: d.text(),
		}))
	if err != nil {
		d.service.opt.Log.Debug("no dns-sd", "error", err)
		if v4 != nil {
			v4.Close()
		}
		if v6 != nil {
			v6.Close()
		}
		return
	}
	d.conn = conn
	found := d.service.browsed
	conn.OnServiceDiscovered(func(e mdns.ServiceEvent) { // called with pion's locks held
		for _, t := range e.Instance.Text {
			if t.Key == txtKey {
				select {
				case found <- browsed{slices.Clone(t.Value), e.Addr}:
				default:
				}
			}
		}
	})
}

// close ends what is under way; refresh may start again.
func (d *dnssd) close() {
	if d.cancel != nil {
		d.cancel()
		d.cancel = nil
	}
	if d.conn != nil {
		_ = d.conn.Close()
		d.conn = nil
	}
}

func (d *dnssd) name() string { return hex.EncodeToString(d.service.instance[:]) }

func (d *dnssd) text() []mdns.TXTEntry {
	return []mdns.TXTEntry{mdns.NewTXTBinary(txtKey, d.service.beacon(true, txtTags))}
}

// silent keeps pion from reading its environment variables and from writing.
func silent() logging.LoggerFactory {
	return &logging.DefaultLoggerFactory{
		Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled, ScopeLevels: map[string]logging.LogLevel{},
	}
}

// resolved takes in what DNS-SD found.
func (s *Service) resolved(f browsed, air *air) {
	now := s.opt.Clock.Now()
	ip := f.addr.Unmap()
	if ip.IsLoopback() || air.placeOf(ip) == nil || ip.IsLinkLocalUnicast() && ip.Is6() && ip.Zone() == "" {
		return
	}
	b, err := decode(f.data)
	if err != nil || b.Instance == s.instance {
		return
	}
	s.sighted(b, addrOf(ip, b.Port), now, dnsLifetime)
}
