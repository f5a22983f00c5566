package media

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pion/ice/v4"
	"github.com/pion/sdp/v3"

	"roundtable/backend/wire"
)

// section is one m-line.
type section struct {
	mid       string
	kind      string // "audio", "video", "application"
	direction string
}

// described is what a session description says, as far as it is looked at here.
type described struct {
	session     uint64
	sections    []section
	fingerprint string
	ufrag       string
	text        string // without candidates
}

// describe reads a foreign session description before pion does: its size, what its sections are,
// and its one fingerprint. Errors: ErrSDP.
func describe(text string) (d described, err error) {
	if len(text) == 0 || len(text) > maxSDP {
		return d, fmt.Errorf("%d bytes: %w", len(text), ErrSDP)
	}
	var s sdp.SessionDescription
	if err := s.UnmarshalString(text); err != nil {
		return d, fmt.Errorf("%w: %w", ErrSDP, err)
	}
	if len(s.MediaDescriptions) == 0 || len(s.MediaDescriptions) > maxMids {
		return d, fmt.Errorf("%d sections: %w", len(s.MediaDescriptions), ErrSDP)
	}
	d.session = s.Origin.SessionID
	d.fingerprint, _ = s.Attribute("fingerprint")
	seen := map[string]bool{}
	for _, m := range s.MediaDescriptions {
		one := section{kind: m.MediaName.Media, direction: direction(m)}
		one.mid, _ = m.Attribute("mid")
		if one.mid == "" || len(one.mid) > maxMid || seen[one.mid] || !slices.Contains([]string{"audio", "video", "application"}, one.kind) {
			return d, fmt.Errorf("section %q: %w", one.kind, ErrSDP)
		}
		seen[one.mid] = true
		d.sections = append(d.sections, one)
		if ufrag, ok := m.Attribute("ice-ufrag"); ok && d.ufrag == "" {
			d.ufrag = ufrag
		}
		if print, ok := m.Attribute("fingerprint"); ok {
			if d.fingerprint != "" && print != d.fingerprint {
				return d, fmt.Errorf("two fingerprints: %w", ErrSDP)
			}
			d.fingerprint = print
		}
		m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool { return a.Key == "candidate" })
	}
	way, value, ok := strings.Cut(d.fingerprint, " ")
	if !ok || !strings.EqualFold(way, "sha-256") {
		return d, fmt.Errorf("fingerprint: %w", ErrSDP)
	}
	if d.fingerprint = normal(value); len(d.fingerprint) != 32*3-1 {
		return d, fmt.Errorf("fingerprint: %w", ErrSDP)
	}
	bytes, err := s.Marshal()
	if err != nil {
		return d, fmt.Errorf("%w: %w", ErrSDP, err)
	}
	d.text = string(bytes)
	return d, nil
}

func direction(m *sdp.MediaDescription) string {
	for _, a := range m.Attributes {
		switch a.Key {
		case sdp.AttrKeySendRecv, sdp.AttrKeySendOnly, sdp.AttrKeyRecvOnly, sdp.AttrKeyInactive:
			return a.Key
		}
	}
	return sdp.AttrKeySendRecv
}

// discontinuous puts usedtx=1 (RFC 7587, 6.1) into those sections of an answer of ours that are named.
func discontinuous(answer string, mids map[string]bool) (string, error) {
	var s sdp.SessionDescription
	if err := s.UnmarshalString(answer); err != nil {
		return "", fmt.Errorf("read own answer: %w", err)
	}
	for _, m := range s.MediaDescriptions {
		if mid, _ := m.Attribute("mid"); !mids[mid] {
			continue
		}
		for i, a := range m.Attributes {
			if a.Key == "fmtp" && strings.Contains(a.Value, "useinbandfec=1") && !strings.Contains(a.Value, "usedtx=") {
				m.Attributes[i].Value += ";usedtx=1"
			}
		}
	}
	bytes, err := s.Marshal()
	if err != nil {
		return "", fmt.Errorf("write own answer: %w", err)
	}
	return string(bytes), nil
}

// count gives how many sections of a kind there are.
func (d described) count(kind string) (n int) {
	for _, s := range d.sections {
		if s.kind == kind {
			n++
		}
	}
	return n
}

// usable says whether a candidate of another engine is worth a packet.
func usable(text string, loopback bool) bool {
	c, err := ice.UnmarshalCandidate(strings.TrimPrefix(text, "candidate:"))
	if err != nil || !c.NetworkType().IsUDP() || c.Port() == 0 {
		return false
	}
	ip, err := netip.ParseAddr(c.Address())
	if err != nil {
		return false // mDNS names
	}
	ip = ip.Unmap()
	return !ip.IsUnspecified() && !ip.IsMulticast() && !ip.IsLinkLocalUnicast() && ip.Zone() == "" && (loopback || !ip.IsLoopback()) &&
		ip != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// digits are what two people read to each other: the same at both ends when nobody stands between.
func digits(a wire.DeviceID, printA string, b wire.DeviceID, printB string) string {
	ends := []string{string(a[:]) + printA, string(b[:]) + printB}
	slices.Sort(ends)
	sum := sha256.Sum256([]byte("roundtable call digits\x00" + ends[0] + "\x00" + ends[1]))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(sum[:])%1_000_000)
}
