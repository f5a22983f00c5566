package config

import (
	"net"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// fromWindows reads "host:port" or "http=host:port;https=host:port", and the
// exceptions, separated by semicolons, with "<local>" for names without a dot.
func fromWindows(server, except string) *httpproxy.Config {
	c := &httpproxy.Config{}
	for _, part := range strings.Split(server, ";") {
		kind, addr, named := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !named:
			c.HTTPProxy, c.HTTPSProxy = kind, kind
		case kind == "http":
			c.HTTPProxy = addr
		case kind == "https":
			c.HTTPSProxy = addr
		}
	}
	var no []string
	for _, e := range strings.FieldsFunc(except, func(r rune) bool { return r == ';' || r == ',' }) {
		if e = strings.TrimSpace(e); e != "<local>" {
			no = append(no, strings.TrimPrefix(e, "*"))
		}
	}
	c.NoProxy = strings.Join(no, ",")
	return c
}

// fromScutil reads the dictionary that scutil --proxy prints.
func fromScutil(text string) *httpproxy.Config {
	values := map[string]string{}
	var no []string
	inList := false
	for _, line := range strings.Split(text, "\n") {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " : ")
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "}"):
			inList = false
		case ok && name == "ExceptionsList":
			inList = true
		case ok && inList:
			no = append(no, strings.TrimPrefix(value, "*"))
		case ok:
			values[name] = value
		}
	}
	c := &httpproxy.Config{NoProxy: strings.Join(no, ",")}
	if values["HTTPEnable"] == "1" && values["HTTPProxy"] != "" {
		c.HTTPProxy = net.JoinHostPort(values["HTTPProxy"], values["HTTPPort"])
	}
	if values["HTTPSEnable"] == "1" && values["HTTPSProxy"] != "" {
		c.HTTPSProxy = net.JoinHostPort(values["HTTPSProxy"], values["HTTPSPort"])
	}
	return c
}
