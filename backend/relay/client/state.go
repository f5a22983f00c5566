package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/relay/protocol"
)

// Phase of a client.
type Phase string

const (
	// Connecting: for the first time, or again after a connection was lost.
	Connecting Phase = "connecting"
	Connected  Phase = "connected"
	// Unreachable: at least one try failed on the way. It stays until a try succeeds.
	Unreachable Phase = "unreachable"
	// Refused: the relay answers and does not take us.
	Refused Phase = "refused"
)

// State of a client, for people.
type State struct {
	Phase Phase
	// Since is when the phase or the code last changed.
	Since time.Time
	// NextTry is when it tries again by itself; zero while it tries or is connected.
	NextTry time.Time
	// Code says why not: one of errcode.Relay…, "" when there is nothing to say.
	Code errcode.Code

	// While connected:
	RoundTrip time.Duration
	Store     protocol.StoreID
	Name      string
	Visitor   bool
}

// State is how things stand now.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.state
	if c.session != nil {
		st.RoundTrip = c.session.RoundTrip()
	}
	return st
}

func (c *Client) setState(change func(*State)) {
	c.mu.Lock()
	before := c.state
	change(&c.state)
	c.state.Since = before.Since
	if c.state.Phase != before.Phase || c.state.Code != before.Code {
		c.state.Since = c.opt.Clock.Now()
	}
	changed := c.state != before
	c.mu.Unlock()
	if changed && c.opt.Changed != nil {
		c.opt.Changed()
	}
}

var (
	errPin   = errors.New("certificate is not the pinned one")
	errProxy = errors.New("proxy does not let us through")
)

// errStatus is an HTTP answer that opens no WebSocket.
type errStatus int

func (e errStatus) Error() string { return fmt.Sprintf("relay answers with HTTP status %d", int(e)) }

// classify tells people's reasons apart.
func classify(err error) (Phase, errcode.Code) {
	var (
		f      protocol.Failed
		status errStatus
	)
	switch {
	case errors.As(err, &f):
		switch f.Code {
		case protocol.CodeToken:
			return Refused, errcode.RelayToken
		case protocol.CodeQuota:
			return Refused, errcode.RelayFull
		case protocol.CodeBusy, protocol.CodeTooFast:
			return Refused, errcode.RelayBusy
		}
		return Refused, errcode.RelayUnreachable
	case errors.As(err, &status) && (status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests):
		return Refused, errcode.RelayBusy
	case errors.Is(err, errProxy):
		return Unreachable, errcode.RelayProxy
	case badCertificate(err):
		return Unreachable, errcode.RelayCertificate
	}
	return Unreachable, errcode.RelayUnreachable
}

func badCertificate(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		invalid      x509.CertificateInvalidError
		host         x509.HostnameError
	)
	return errors.Is(err, errPin) || errors.As(err, &verification) || errors.As(err, &authority) ||
		errors.As(err, &invalid) || errors.As(err, &host)
}
