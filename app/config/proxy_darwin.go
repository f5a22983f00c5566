package config

import (
	"context"
	"os/exec"
	"time"

	"golang.org/x/net/http/httpproxy"
)

const scutilWithin = 2 * time.Second

// systemProxy reads what System Settings → Network → Proxies says.
func systemProxy() *httpproxy.Config {
	ctx, cancel := context.WithTimeout(context.Background(), scutilWithin)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/usr/sbin/scutil", "--proxy").Output()
	if err != nil {
		return &httpproxy.Config{}
	}
	return fromScutil(string(out))
}
