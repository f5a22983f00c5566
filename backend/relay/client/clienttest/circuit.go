package clienttest

import (
	"io"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// dial makes the two tickets of a circuit.
func (r *Relay) dial(from wire.DeviceID, m protocol.Message) *protocol.Message {
	p := &pair{done: make(chan struct{})}
	for i := range p.tickets {
		p.tickets[i] = [32]byte(wire.Random(32))
	}
	r.mu.Lock()
	r.dials++
	away := r.devices[m.Dial.To] == nil
	if !away {
		r.tickets[p.tickets[0]], r.tickets[p.tickets[1]] = p, p
	}
	r.mu.Unlock()
	if away {
		return &protocol.Message{ID: m.ID, Failed: &protocol.Failed{Code: protocol.CodeAway}}
	}
	time.AfterFunc(protocol.TicketLife, func() { r.expire(p) })
	to := m.Dial.To
	if r.opt.Misdirect != nil {
		to = r.opt.Misdirect(to)
	}
	if !r.opt.Deaf {
		_ = r.Tell(to, protocol.Message{Incoming: &protocol.Incoming{From: from, Secret: p.tickets[1]}})
	}
	return &protocol.Message{ID: m.ID, Ticket: &protocol.Ticket{Secret: p.tickets[0]}}
}

// expire forgets a circuit that nobody came to.
func (r *Relay) expire(p *pair) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, t := range p.tickets {
		delete(r.tickets, t)
		if p.ends[i] != nil && p.ends[1-i] == nil {
			_ = p.ends[i].Close()
		}
	}
}

// circuit serves protocol.CircuitPath.
func (r *Relay) circuit(w http.ResponseWriter, req *http.Request) {
	ws := r.accept(w, req)
	if ws == nil {
		return
	}
	defer ws.CloseNow()
	m, err := Receive(r.ctx, ws)
	if err != nil || m.Ticket == nil {
		return
	}
	secret := m.Ticket.Secret
	r.mu.Lock()
	p := r.tickets[secret]
	delete(r.tickets, secret)
	if p == nil {
		r.mu.Unlock()
		_ = ws.Close(websocket.StatusPolicyViolation, "")
		return
	}
	i := 0
	if secret == p.tickets[1] {
		i = 1
	}
	p.ends[i] = &end{Conn: websocket.NetConn(r.ctx, ws, websocket.MessageBinary), ws: ws}
	both := p.ends[1-i] != nil
	r.mu.Unlock()
	if both {
		splice := r.opt.Splice
		if splice == nil {
			splice = Splice
		}
		splice(p.ends[0], p.ends[1])
		close(p.done)
		return
	}
	select {
	case <-p.done:
	case <-r.ctx.Done():
	case <-req.Context().Done():
	}
}

// end closes without ceremony.
type end struct {
	net.Conn
	ws *websocket.Conn
}

func (e *end) Close() error {
	_ = e.ws.CloseNow()
	return e.Conn.Close()
}

// Splice carries bytes both ways until either end closes.
func Splice(a, b net.Conn) {
	done := make(chan struct{}, 2)
	carry := func(to, from net.Conn) {
		_, _ = io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, 64<<10))
		_ = to.Close()
		_ = from.Close()
		done <- struct{}{}
	}
	go carry(a, b)
	carry(b, a)
	<-done
	<-done
}

// Other is the ticket of the other end, for tests that hand it out themselves.
func (r *Relay) Other(ticket [32]byte) (other [32]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.tickets[ticket]; p != nil {
		other = p.tickets[0]
		if other == ticket {
			other = p.tickets[1]
		}
	}
	return other
}
