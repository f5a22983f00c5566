package config

import (
	"golang.org/x/net/http/httpproxy"
	"golang.org/x/sys/windows/registry"
)

const internetSettings = `Software\Microsoft\Windows\CurrentVersion\Internet Settings`

// systemProxy reads what Settings → Network → Proxy says for this user.
func systemProxy() *httpproxy.Config {
	k, err := registry.OpenKey(registry.CURRENT_USER, internetSettings, registry.QUERY_VALUE)
	if err != nil {
		return &httpproxy.Config{}
	}
	defer k.Close()
	on, _, err := k.GetIntegerValue("ProxyEnable")
	if err != nil || on == 0 {
		return &httpproxy.Config{}
	}
	server, _, _ := k.GetStringValue("ProxyServer")
	except, _, _ := k.GetStringValue("ProxyOverride")
	return fromWindows(server, except)
}
