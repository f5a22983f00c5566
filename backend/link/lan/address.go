package lan

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"roundtable/backend/link"
)

// hostPort reads an address that a person may have typed: "host:port", "host",
// "1.2.3.4", "fe80::1%eth0", "[fe80::1]:47800". Errors: link.ErrAddress.
func hostPort(addr string) (string, error) {
	addr = strings.TrimSpace(addr)
	bad := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("/\\@?#\"'<>", r) }
	if len(addr) == 0 || len(addr) > 256 || strings.ContainsFunc(addr, bad) {
		return "", link.ErrAddress
	}
	bare := addr
	if inner, ok := strings.CutPrefix(addr, "["); ok {
		bare, ok = strings.CutSuffix(inner, "]")
		if !ok {
			bare = "" // "[ip]:port" is for SplitHostPort; a zone could swallow the rest
		}
	}
	if ip, err := netip.ParseAddr(bare); err == nil {
		return net.JoinHostPort(ip.String(), strconv.Itoa(Port)), nil
	}
	if !strings.Contains(addr, ":") {
		return net.JoinHostPort(addr, strconv.Itoa(Port)), nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host == "" {
		return "", link.ErrAddress
	}
	if p, err := strconv.ParseUint(port, 10, 16); err != nil || p == 0 {
		return "", fmt.Errorf("%w: port %q", link.ErrAddress, port)
	}
	return addr, nil
}

// ipOf is the other side's address without its port.
func ipOf(conn net.Conn) netip.Addr {
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
