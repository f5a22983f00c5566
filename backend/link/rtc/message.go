package rtc

import (
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/pion/ice/v4"

	"roundtable/backend/wire"
)

const (
	// protocol names the stream of the signalling.
	protocol = "rtc/1"

	maxFrame      = 4 << 10
	maxCandidate  = 512
	maxCandidates = 48
	maxAddresses  = 4
	// RFC 8445, 5.3: what credentials are made of.
	minUfrag, minPassword, maxCredential = 4, 22, 256
)

// message is one frame of the signalling: exactly one field is set.
type message struct {
	Hello     *hello `cbor:"1,keyasint,omitempty"`
	Candidate string `cbor:"2,keyasint,omitempty"`
	Refused   bool   `cbor:"3,keyasint,omitempty"`
}

// hello is what a side says first.
type hello struct {
	Ufrag    string `cbor:"1,keyasint"`
	Password string `cbor:"2,keyasint"`
	// Addresses are "ip:port" of plain TCP, best first.
	Addresses []string `cbor:"3,keyasint,omitempty"`
}

// receive reads one frame. Errors: the stream's, wire.ErrMalformed.
func receive(r io.Reader) (message, error) {
	var m message
	if err := wire.Receive(r, maxFrame, &m); err != nil {
		return message{}, err
	}
	return m, m.check()
}

// check says whether a message has the shape that the other side may send.
func (m *message) check() error {
	set := 0
	for _, there := range []bool{m.Hello != nil, m.Candidate != "", m.Refused} {
		if there {
			set++
		}
	}
	switch {
	case set != 1:
		return fmt.Errorf("signalling: %d fields: %w", set, wire.ErrMalformed)
	case len(m.Candidate) > maxCandidate:
		return fmt.Errorf("signalling: candidate: %w", wire.ErrTooLarge)
	case m.Hello == nil:
		return nil
	case !credential(m.Hello.Ufrag, minUfrag) || !credential(m.Hello.Password, minPassword):
		return fmt.Errorf("signalling: credentials: %w", wire.ErrMalformed)
	case len(m.Hello.Addresses) > maxAddresses:
		return fmt.Errorf("signalling: addresses: %w", wire.ErrTooLarge)
	}
	return nil
}

func credential(s string, least int) bool {
	return len(s) >= least && len(s) <= maxCredential && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/'
	})
}

// candidate reads what the other side names. It gives nil for what we do not
// use: names, TCP, addresses that nobody far away has.
func candidate(text string, loopback bool) ice.Candidate {
	c, err := ice.UnmarshalCandidate(text)
	if err != nil || !c.NetworkType().IsUDP() || c.Port() == 0 {
		return nil
	}
	ip, err := netip.ParseAddr(c.Address())
	if err != nil || !reachable(ip, loopback) {
		return nil
	}
	return c
}

// reachable says whether an address may belong to another device.
func reachable(ip netip.Addr, loopback bool) bool {
	ip = ip.Unmap()
	return !ip.IsUnspecified() && !ip.IsMulticast() && !ip.IsLinkLocalUnicast() && ip.Zone() == "" && (loopback || !ip.IsLoopback()) &&
		ip != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// worth gives those of the other side's addresses that are worth a TCP dial. A
// private address of another network is not: it belongs to nobody, or to
// somebody else, and a dial to it hangs. So it takes a path straight to the
// other machine, or none at all, as where UDP is forbidden.
func (h *hello) worth(found *route, loopback bool) (out []string) {
	for _, text := range h.Addresses {
		at, err := netip.ParseAddrPort(text)
		if err != nil || at.Port() == 0 || !reachable(at.Addr(), loopback) {
			continue
		}
		if ip := at.Addr().Unmap(); found == nil || found.straight || found.ip == ip || !ip.IsPrivate() && !ip.IsLoopback() {
			out = append(out, at.String())
		}
	}
	return out
}
