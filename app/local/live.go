package local

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"roundtable/backend/api"
)

const (
	// maxLive bounds the open WebSockets: tabs of one user.
	maxLive   = 64
	pingEvery = 30 * time.Second
	// writeTime bounds one write or ping: a browser that takes longer is gone,
	// or asleep, and asks for everything when it comes back.
	writeTime = 10 * time.Second
)

// live tells browsers of changes.
type live struct {
	changes *api.Changes
	log     *slog.Logger
	seats   chan struct{}
	ended   context.Context // of all sockets: the server does not know them any more
	end     context.CancelFunc
}

func newLive(changes *api.Changes, log *slog.Logger) *live {
	ended, end := context.WithCancel(context.Background())
	return &live{changes: changes, log: log, seats: make(chan struct{}, maxLive), ended: ended, end: end}
}

func (l *live) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case l.seats <- struct{}{}:
		defer func() { <-l.seats }()
	default:
		http.Error(w, "too many open pages", http.StatusTooManyRequests)
		return
	}
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		l.log.DebugContext(r.Context(), "live refused", "error", err)
		return // Accept has answered
	}
	defer func() { _ = socket.CloseNow() }()
	// Nothing is expected from the page: reading answers pings and sees the end.
	ctx, cancel := context.WithCancel(socket.CloseRead(r.Context()))
	defer cancel()
	defer context.AfterFunc(l.ended, cancel)()
	if err := l.follow(ctx, socket); err != nil && ctx.Err() == nil {
		l.log.DebugContext(ctx, "live ended", "error", err)
	}
	_ = socket.Close(websocket.StatusGoingAway, "")
}

// follow sends topics until the page or the program goes. What a slow page
// misses is merged by Changes, so nothing piles up here.
func (l *live) follow(ctx context.Context, socket *websocket.Conn) error {
	changed := l.changes.Subscribe(ctx)
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case topics, open := <-changed:
			if !open {
				return nil
			}
			err = send(ctx, socket, topics)
		case <-ping.C:
			wait, cancel := context.WithTimeout(ctx, writeTime)
			err = socket.Ping(wait)
			cancel()
		}
		if err != nil {
			return err
		}
	}
}

func send(ctx context.Context, socket *websocket.Conn, topics []string) error {
	frame, err := json.Marshal(map[string][]string{"topics": topics})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	return socket.Write(ctx, websocket.MessageText, frame)
}
