package rtc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
	"github.com/pion/transport/v5"
	"github.com/pion/turn/v5"
)

const (
	maxServers  = 8
	turnPerHost = 3 // tried in order, the first that gives an allocation is used
)

// Servers are what helps to find a path, in order of preference.
type Servers struct {
	URLs     []string // "stun:host:port", "turn:host:port?transport=udp"
	User     string   // of TURN
	Password string
}

// sort takes URLs apart. What we do not speak (TLS, TCP) is left out.
func (s Servers) sort() (stuns, turns []*stun.URI) {
	seen := map[string]bool{}
	for _, text := range s.URLs {
		u, err := stun.ParseURI(text)
		if err != nil || u.Proto != stun.ProtoTypeUDP || len(seen) >= maxServers {
			continue
		}
		switch u.Scheme {
		case stun.SchemeTypeTURN:
			turns = append(turns, u)
			u = &stun.URI{Scheme: stun.SchemeTypeSTUN, Host: u.Host, Port: u.Port, Proto: u.Proto} // answers both
		case stun.SchemeTypeSTUN:
		default:
			continue
		}
		if at := net.JoinHostPort(u.Host, strconv.Itoa(u.Port)); !seen[at] {
			seen[at] = true
			stuns = append(stuns, u)
		}
	}
	return stuns, turns[:min(len(turns), turnPerHost)]
}

var errNoTurn = errors.New("no TURN server gave an allocation")

// allocate adds a relay candidate from the first server that gives one. The
// allocation lives as long as the agent.
func allocate(ctx context.Context, agent *ice.Agent, network transport.Net, servers []*stun.URI, user, password string) error {
	var errs []error
	for _, u := range servers {
		err := allocateAt(ctx, agent, network, u, user, password)
		if err == nil || ctx.Err() != nil {
			return err
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, errNoTurn)...)
}

func allocateAt(ctx context.Context, agent *ice.Agent, network transport.Net, u *stun.URI, user, password string) (err error) {
	server, err := network.ResolveUDPAddr("udp", net.JoinHostPort(u.Host, strconv.Itoa(u.Port)))
	if err != nil {
		return fmt.Errorf("resolve TURN server: %w", err)
	}
	family, any := "udp4", "0.0.0.0:0"
	if server.IP.To4() == nil {
		family, any = "udp6", "[::]:0"
	}
	local, err := network.ListenPacket(family, any)
	if err != nil {
		return fmt.Errorf("open socket for TURN: %w", err)
	}
	client, err := turn.NewClient(&turn.ClientConfig{
		TURNServerAddr: server.String(), Conn: local, Username: user, Password: password, Net: network, LoggerFactory: quiet(),
	})
	if err != nil {
		return errors.Join(fmt.Errorf("ask TURN server: %w", err), local.Close())
	}
	end := func() error { client.Close(); return local.Close() }
	if err := client.Listen(); err != nil {
		return errors.Join(fmt.Errorf("ask TURN server: %w", err), end())
	}
	relayed, err := client.AllocateWithContext(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("ask TURN server: %w", err), end())
	}
	at, ok := relayed.LocalAddr().(*net.UDPAddr)
	from, okFrom := local.LocalAddr().(*net.UDPAddr)
	if !ok || !okFrom {
		return errors.Join(errors.New("ask TURN server: no UDP address"), relayed.Close(), end())
	}
	c, err := ice.NewCandidateRelay(&ice.CandidateRelayConfig{
		Network: "udp", Address: at.IP.String(), Port: at.Port, Component: ice.ComponentRTP,
		RelAddr: from.IP.String(), RelPort: from.Port, RelayProtocol: "udp", OnClose: end,
	})
	if err == nil {
		err = agent.AddVirtualCandidate(c, relayed)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("add relay candidate: %w", err), relayed.Close(), end())
	}
	return nil
}
