package lan

import (
	"net"

	"golang.org/x/sys/unix"
)

// tune gives up bytes that nobody acknowledges for 30 s; keepalive alone does
// not look while bytes are under way.
func tune(conn *net.TCPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { // a socket that cannot is left as it is
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 30_000)
	})
}
