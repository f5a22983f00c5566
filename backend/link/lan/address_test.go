package lan

import (
	"errors"
	"testing"

	"roundtable/backend/link"
)

func TestHostPort(t *testing.T) {
	for addr, want := range map[string]string{
		"192.168.1.5":      "192.168.1.5:47800",
		"192.168.1.5:1":    "192.168.1.5:1",
		" 192.168.1.5 ":    "192.168.1.5:47800",
		"li-pc.local":      "li-pc.local:47800",
		"li-pc.local:9":    "li-pc.local:9",
		"fe80::1%eth0":     "[fe80::1%eth0]:47800",
		"[fe80::1%eth0]":   "[fe80::1%eth0]:47800",
		"[fe80::1%eth0]:9": "[fe80::1%eth0]:9",
		"[2001:db8::1]:9":  "[2001:db8::1]:9",
		"":                 "",
		":47800":           "",
		"host:":            "",
		"host:0":           "",
		"host:65536":       "",
		"host:http":        "",
		"memory:li":        "",
		"wss://relay/":     "",
		"a b":              "",
		"[::1":             "",
		"host\x00:1":       "",
	} {
		got, err := hostPort(addr)
		if got != want || (err != nil) != (want == "") || err != nil && !errors.Is(err, link.ErrAddress) {
			t.Errorf("%q: %q, %v; want %q", addr, got, err, want)
		}
	}
}
