package config

import (
	"net/http"
	"net/url"

	"golang.org/x/net/http/httpproxy"
)

// Proxy gives the HTTP proxy for a request, nil for none: what the environment
// says, else what the system's settings say now. Automatic configuration files
// (PAC) are not run; where only those are set, a direct connection is tried.
func Proxy(r *http.Request) (*url.URL, error) {
	c := httpproxy.FromEnvironment()
	if c.HTTPProxy == "" && c.HTTPSProxy == "" {
		c = systemProxy()
	}
	u := *r.URL
	switch u.Scheme {
	case "wss":
		u.Scheme = "https"
	case "ws":
		u.Scheme = "http"
	}
	return c.ProxyFunc()(&u)
}
