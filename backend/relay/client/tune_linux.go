package client

import (
	"net"

	"golang.org/x/sys/unix"
)

// tune gives up bytes that nobody acknowledges for 30 s, keeps little unsent in
// the kernel, so that a ping is not queued behind megabytes and progress can be
// seen, and asks for BBR, which carries far more over a line that loses packets.
func tune(conn *net.TCPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { // a socket that cannot is left as it is
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 30_000)
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, 128<<10)
		_ = unix.SetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION, "bbr")
	})
}
