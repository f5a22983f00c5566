package calls

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"roundtable/backend/calls/room"
	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

const (
	// MaxChunk bounds what is added to a recording at once, MaxRecording all of it.
	MaxChunk     = 8 << 20
	MaxRecording = 32 << 30
	// flushEvery is how much of a recording a loss of power may cost.
	flushEvery = 2 * time.Second
	// lastChunks is how long the page may still add to a recording whose call is over.
	lastChunks = 10 * time.Second
	maxNames   = 1000
)

// Recording is a file that is being written, or was.
type Recording struct {
	ID    string
	Path  string
	Bytes int64
}

// recording appends what the page encodes. A WebM file that ends anywhere plays up to
// there, so what is on the disk after a crash is a recording.
type recording struct {
	mu sync.Mutex
	Recording
	call    wire.CallID
	file    File
	flushed time.Time
	dirty   bool // a flush is on its way
}

// recordings of this run.
type recordings struct {
	mu  sync.Mutex
	all map[string]*recording
	c   *Calls
}

func createFile(path string) (File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// StartRecording begins a file in a folder, the one for downloads when it is empty. Everybody sees
// that this device records. Errors: errcode.NotFound, Forbidden, InvalidArgument, DiskFull.
func (c *Calls) StartRecording(ctx context.Context, id wire.CallID, folder string) (Recording, error) {
	c.mu.Lock()
	m := c.mine
	if m == nil || m.id != id || m.over() {
		c.mu.Unlock()
		return Recording{}, errcode.NotFound
	}
	v := m.room.View(c.Clock.Now())
	space, start := m.room.Space, m.room.Start
	c.mu.Unlock()
	if v.Mine != room.Inside || c.records.busy(id) {
		return Recording{}, errcode.Forbidden
	}
	if folder == "" && c.Downloads != nil {
		var err error
		if folder, err = c.Downloads(); err != nil {
			return Recording{}, err
		}
	}
	if !filepath.IsAbs(folder) || len(folder) > 4096 {
		return Recording{}, errcode.InvalidArgument
	}
	title := c.title(ctx, start)
	if title == "" && c.Title != nil {
		title = c.Title(ctx, space)
	}
	file, path, err := c.createFree(folder, title)
	if err != nil {
		return Recording{}, diskError(err)
	}
	r := &recording{Recording: Recording{ID: fmt.Sprintf("rec_%x", wire.Random(16)), Path: path}, call: id, file: file, flushed: c.Clock.Now()}
	c.records.mu.Lock()
	c.records.all[r.ID] = r
	c.records.mu.Unlock()
	if err := c.recording(id, true); err != nil {
		_, _ = c.EndRecording(r.ID)
		return Recording{}, err
	}
	return r.Recording, nil
}

// createFree makes a file of a name that is not taken: "Title 2026-11-27 14.05.webm".
func (c *Calls) createFree(folder, title string) (File, string, error) {
	base := strings.TrimSpace(fileName(title) + " " + c.Clock.Now().Format("2006-01-02 15.04"))
	for n := 1; n <= maxNames; n++ {
		path := filepath.Join(folder, base+".webm")
		if n > 1 {
			path = filepath.Join(folder, fmt.Sprintf("%s (%d).webm", base, n))
		}
		file, err := c.Create(path)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		return file, path, err
	}
	return nil, "", os.ErrExist
}

// fileName keeps of a title what every system allows in a name.
func fileName(title string) string {
	clean := strings.Map(func(r rune) rune {
		if r < 0x20 || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, title)
	if runes := []rune(clean); len(runes) > 60 {
		clean = string(runes[:60])
	}
	return strings.Trim(clean, ". ")
}

// diskError gives what the disk refused its code.
func diskError(err error) error {
	switch {
	case err == nil:
		return nil
	case durable.IsFull(err):
		return errcode.With(errcode.DiskFull, err)
	case errors.Is(err, os.ErrPermission):
		return errcode.With(errcode.Forbidden, err)
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrExist):
		return errcode.With(errcode.InvalidArgument, err)
	}
	return err
}

func (s *recordings) busy(call wire.CallID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.all {
		if r.call == call {
			return true
		}
	}
	return false
}

func (s *recordings) get(id string) *recording {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[id]
}

// add appends. Errors: errcode.NotFound, InvalidArgument, DiskFull.
func (s *recordings) add(id string, data []byte) (Recording, error) {
	r := s.get(id)
	if r == nil {
		return Recording{}, errcode.NotFound
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.file == nil:
		return Recording{}, errcode.NotFound
	case len(data) > MaxChunk || r.Bytes+int64(len(data)) > MaxRecording:
		return r.Recording, errcode.InvalidArgument
	}
	n, err := r.file.Write(data)
	if err != nil {
		if n > 0 { // half a chunk would make what follows it unreadable
			err = errors.Join(err, r.file.Truncate(r.Bytes))
		}
		return r.Recording, diskError(err)
	}
	r.Bytes += int64(n)
	return r.Recording, diskError(s.flush(r))
}

// flush has what was added on the disk soon: now when the last time is long ago, else when its time has come.
func (s *recordings) flush(r *recording) error {
	now := s.c.Clock.Now()
	if now.Sub(r.flushed) >= flushEvery {
		r.flushed, r.dirty = now, false
		return r.file.Sync()
	}
	if r.dirty {
		return nil
	}
	r.dirty = true
	due := s.c.Clock.After(flushEvery - now.Sub(r.flushed))
	go func() {
		<-due
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.file != nil && r.dirty {
			r.flushed, r.dirty = s.c.Clock.Now(), false
			if err := r.file.Sync(); err != nil {
				s.c.Slog.Warn("flush a recording", "err", err)
			}
		}
	}()
	return nil
}

// EndRecording ends a file. Errors: errcode.NotFound, DiskFull.
func (c *Calls) EndRecording(id string) (Recording, error) {
	r := c.records.get(id)
	if r == nil {
		return Recording{}, errcode.NotFound
	}
	out, err := c.records.close(r)
	if on := c.recording(r.call, false); on != nil && !errors.Is(on, errcode.NotFound) {
		err = errors.Join(err, on)
	}
	return out, err
}

// close ends a file; what was added to it is on the disk.
func (s *recordings) close(r *recording) (Recording, error) {
	s.mu.Lock()
	delete(s.all, r.ID)
	s.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return r.Recording, nil
	}
	err := errors.Join(r.file.Sync(), r.file.Close())
	r.file = nil
	return r.Recording, diskError(err)
}

// endOf ends the recordings of a call that is over for us: the page adds its last chunks
// within this time, or not at all.
func (s *recordings) endOf(call wire.CallID) {
	s.mu.Lock()
	var all []*recording
	for _, r := range s.all {
		if r.call == call {
			all = append(all, r)
		}
	}
	s.mu.Unlock()
	for _, r := range all {
		due := s.c.Clock.After(lastChunks)
		go func() {
			<-due
			if _, err := s.close(r); err != nil {
				s.c.Slog.Warn("end a recording", "err", err)
			}
		}()
	}
}

// endAll ends every file: the program ends.
func (s *recordings) endAll() {
	s.mu.Lock()
	all := make([]*recording, 0, len(s.all))
	for _, r := range s.all {
		all = append(all, r)
	}
	s.mu.Unlock()
	for _, r := range all {
		if _, err := s.close(r); err != nil {
			s.c.Slog.Warn("end a recording", "err", err)
		}
	}
}
