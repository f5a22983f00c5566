package testspace

import (
	"log/slog"
	"strings"
	"sync"
)

// journal keeps what a device logs from Info up, for the message of a failing test
// and for tests that ask whether a reason was logged.
type journal struct {
	mu    sync.Mutex
	lines []string
}

// maxLines bounds what is kept: a hostile peer can make a device say much.
const maxLines = 2000

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.lines) < maxLines {
		j.lines = append(j.lines, strings.TrimRight(string(p), "\n"))
	}
	return len(p), nil
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string(nil), j.lines...)
}
