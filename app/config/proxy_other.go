//go:build !windows && !darwin

package config

import "golang.org/x/net/http/httpproxy"

// systemProxy: on Linux the environment is the system's setting.
func systemProxy() *httpproxy.Config { return &httpproxy.Config{} }
