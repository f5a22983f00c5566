package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/coder/websocket"

	"roundtable/backend/key"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	helloContext = key.ContextRelayHello
	// keptBuffer is the largest buffer that is kept between two messages.
	keptBuffer = 256 << 10
)

// inbox reads messages of one WebSocket, one at a time.
type inbox struct{ buf bytes.Buffer }

// next reads one message. Errors: ErrProtocol, the network's, the context's.
func (in *inbox) next(ctx context.Context, ws *websocket.Conn) (protocol.Message, error) {
	kind, r, err := ws.Reader(ctx)
	if err != nil {
		return protocol.Message{}, lineError(err)
	}
	if kind != websocket.MessageBinary {
		return protocol.Message{}, fmt.Errorf("%w: a text message", ErrProtocol)
	}
	if in.buf.Cap() > keptBuffer {
		in.buf = bytes.Buffer{}
	}
	in.buf.Reset()
	if _, err := in.buf.ReadFrom(r); err != nil {
		return protocol.Message{}, lineError(err)
	}
	return parse(in.buf.Bytes())
}

func lineError(err error) error {
	if errors.Is(err, websocket.ErrMessageTooBig) {
		return fmt.Errorf("%w: a message beyond %d bytes", ErrProtocol, protocol.MaxMessage)
	}
	return fmt.Errorf("read from relay: %w", err)
}

// parse reads one message of a relay and holds it against the limits. It copies
// what it keeps. Errors: ErrProtocol.
func parse(raw []byte) (protocol.Message, error) {
	var m protocol.Message
	if err := wire.DecodeLoose(raw, protocol.MaxMessage, &m); err != nil {
		return protocol.Message{}, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	if n := contents(&m); n != 1 {
		return protocol.Message{}, fmt.Errorf("%w: a message with %d contents", ErrProtocol, n)
	}
	if what := beyond(&m); what != "" {
		return protocol.Message{}, fmt.Errorf("%w: %s beyond the limit", ErrProtocol, what)
	}
	return m, nil
}

// contents counts the fields of a message that are set, its ID aside.
func contents(m *protocol.Message) (n int) {
	v := reflect.ValueOf(m).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
			n++
		}
	}
	return n
}

// beyond names what is larger than the protocol allows, "" when nothing is.
// Short items are bounded by number too: they cost more memory than bytes.
func beyond(m *protocol.Message) string {
	switch {
	case m.Page != nil && tooMany(m.Page.Raws), m.News != nil && tooMany(m.News.Raws):
		return "envelopes"
	case m.Page != nil && len(m.Page.Next) > protocol.MaxCursor, m.News != nil && len(m.News.Next) > protocol.MaxCursor,
		m.Position != nil && len(m.Position.End) > protocol.MaxCursor:
		return "cursor"
	case m.Stored != nil && (len(m.Stored.Heads) > protocol.MaxPublish || len(m.Stored.Refused) > protocol.MaxPublish),
		m.HeadList != nil && len(m.HeadList.Heads) > protocol.MaxHeads:
		return "heads"
	case m.AccessList != nil && len(m.AccessList.Entries) > protocol.MaxEntries:
		return "entries"
	case m.SpaceList != nil && len(m.SpaceList.Spaces) > protocol.MaxSubscriptions:
		return "spaces"
	case m.Flags != nil && len(m.Flags.Flags) > protocol.MaxHashes:
		return "flags"
	case m.Chunk != nil && len(m.Chunk.Bytes) > protocol.MaxChunk:
		return "chunk"
	case m.Frame != nil && len(m.Frame.Bytes) > protocol.MaxFrame:
		return "frame"
	case m.Presence != nil && (len(m.Presence.Here) > protocol.MaxWatched || len(m.Presence.Away) > protocol.MaxWatched):
		return "presence"
	case m.HostList != nil && len(m.HostList.Devices) > protocol.MaxHosts:
		return "hosts"
	case m.Servers != nil && len(m.Servers.URLs) > maxServers:
		return "servers"
	}
	return ""
}

const maxServers = 16

func tooMany(raws [][]byte) bool {
	if len(raws) > protocol.MaxPage {
		return true
	}
	for _, raw := range raws {
		if len(raw) > wire.MaxEnvelope {
			return true
		}
	}
	return false
}
