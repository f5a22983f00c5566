package calls_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/calls"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
)

// shelf is a disk that fills up, and counts what is flushed.
type shelf struct {
	mu    sync.Mutex
	room  int
	files map[string]*sheet
}

type sheet struct {
	s       *shelf
	content []byte
	flushed int // bytes that a loss of power leaves
	flushes int
	closed  bool
}

func (s *shelf) create(path string) (calls.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files[path] != nil {
		return nil, os.ErrExist
	}
	f := &sheet{s: s}
	s.files[path] = f
	return f, nil
}

func (f *sheet) Write(p []byte) (int, error) {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	n := min(len(p), f.s.room)
	f.content = append(f.content, p[:n]...)
	f.s.room -= n
	if n < len(p) {
		return n, &os.PathError{Op: "write", Err: syscall.ENOSPC}
	}
	return n, nil
}

func (f *sheet) Sync() error {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	f.flushed, f.flushes = len(f.content), f.flushes+1
	return nil
}

func (f *sheet) Truncate(size int64) error {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	f.s.room += len(f.content) - int(size)
	f.content = f.content[:size]
	return nil
}

func (f *sheet) Close() error { f.closed = true; return nil }

func (f *sheet) safe() int {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	return f.flushed
}

// records is li and wang in a call, on li's made-up disk when there is one.
func records(t *testing.T, seed uint64, s *shelf) (o *testspace.Office, li *testspace.Desk, call string) {
	o = testspace.New(t, seed)
	if s != nil {
		o.CreateFile = s.create
	}
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	o.Settles()
	li = o.As("li")
	call = li.Rings(o.Workspace)
	o.As("wang").Takes(call)
	li.Meets(call, "li", "wang")
	return o, li, call
}

func record(li *testspace.Desk, call, folder string) (*v1.Recording, error) {
	return li.CallsAPI().StartRecording(context.Background(), &v1.StartRecordingRequest{CallId: call, Folder: folder})
}

func add(li *testspace.Desk, id string, data []byte) (*v1.Recording, error) {
	return li.CallsAPI().AddRecording(context.Background(), &v1.AddRecordingRequest{RecordingId: id, Data: data})
}

func TestRecording(t *testing.T) {
	o, li, call := records(t, 31, nil)
	r, err := record(li, call, "")
	must(t, err)
	if !strings.HasSuffix(r.Path, ".webm") || filepath.Base(filepath.Dir(r.Path)) != "downloads" {
		t.Errorf("written to %s", r.Path)
	}
	o.Eventually("wang sees that li records", func() bool { return shows(o.As("wang"), call, "li").GetRecording() })
	if _, err := record(li, call, ""); code(err) != errcode.Forbidden {
		t.Errorf("twice at a time: %v", err)
	}
	want := []byte{}
	for i := range 10 {
		chunk := bytes.Repeat([]byte{byte(i)}, 1000)
		want = append(want, chunk...)
		r, err = add(li, r.RecordingId, chunk)
		must(t, err)
	}
	_, err = li.CallsAPI().SetSelf(context.Background(), &v1.SetSelfRequest{CallId: call, Microphone: true}) // does not end what is shown
	must(t, err)
	if !shows(li, call, "li").GetRecording() {
		t.Error("records, and nobody sees it")
	}
	if got, err := os.ReadFile(r.Path); err != nil || !bytes.Equal(got, want) || r.Bytes != int64(len(want)) {
		t.Errorf("%d bytes are in the file, want %d: %v", len(got), len(want), err)
	}
	end, err := li.CallsAPI().EndRecording(context.Background(), &v1.EndRecordingRequest{RecordingId: r.RecordingId})
	must(t, err)
	o.Eventually("wang sees that it has ended", func() bool { return !shows(o.As("wang"), call, "li").GetRecording() })
	if _, err := add(li, end.RecordingId, []byte{1}); code(err) != errcode.NotFound {
		t.Errorf("goes on: %v", err)
	}
	// The next one in the same minute has another name, and nothing is written over.
	again, err := record(li, call, filepath.Dir(end.Path))
	must(t, err)
	if got, err := os.ReadFile(end.Path); again.Path == end.Path || err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s after %s: %v", again.Path, end.Path, err)
	}
	for what, folder := range map[string]string{"relative": "somewhere", "absent": filepath.Join(t.TempDir(), "no", "such")} {
		_, _ = li.CallsAPI().EndRecording(context.Background(), &v1.EndRecordingRequest{RecordingId: again.RecordingId})
		if _, err := record(li, call, folder); code(err) != errcode.InvalidArgument {
			t.Errorf("%s folder: %v", what, err)
		}
	}
	li.HangsUp(call)
	if _, err := record(li, call, ""); code(err) != errcode.NotFound {
		t.Errorf("after the call: %v", err)
	}
}

// A disk that is full says so, and keeps what plays.
func TestRecordingOnAFullDisk(t *testing.T) {
	s := &shelf{room: 2500, files: map[string]*sheet{}}
	_, li, call := records(t, 32, s)
	r, err := record(li, call, "")
	must(t, err)
	chunk := make([]byte, 1000)
	for range 2 {
		_, err = add(li, r.RecordingId, chunk)
		must(t, err)
	}
	if _, err := add(li, r.RecordingId, chunk); code(err) != errcode.DiskFull {
		t.Errorf("a full disk: %v", err)
	}
	if got := len(s.files[r.Path].content); got != 2000 {
		t.Errorf("half a chunk is in the file: %d bytes", got)
	}
	s.mu.Lock()
	s.room += 5000
	s.mu.Unlock()
	if r, err = add(li, r.RecordingId, chunk); err != nil || r.Bytes != 3000 {
		t.Errorf("there is room again: %d bytes, %v", r.GetBytes(), err)
	}
	if _, err := add(li, r.RecordingId, make([]byte, calls.MaxChunk+1)); code(err) != errcode.InvalidArgument {
		t.Errorf("too much at once: %v", err)
	}
}

// What was added is on the disk after 2 s at most, whether more comes or not.
func TestRecordingIsFlushed(t *testing.T) {
	s := &shelf{room: 1 << 20, files: map[string]*sheet{}}
	o, li, call := records(t, 33, s)
	r, err := record(li, call, "")
	must(t, err)
	f := s.files[r.Path]
	_, err = add(li, r.RecordingId, make([]byte, 1000))
	must(t, err)
	o.Eventually("it is flushed without more", func() bool { return f.safe() == 1000 })
	for range 50 {
		_, err = add(li, r.RecordingId, make([]byte, 10))
		must(t, err)
	}
	li.Clock.Move(3 * time.Second)
	_, err = add(li, r.RecordingId, make([]byte, 10))
	must(t, err)
	if f.safe() != 1510 || f.flushes > 5 {
		t.Errorf("%d bytes are safe after %d flushes", f.safe(), f.flushes)
	}
	li.HangsUp(call)
	// The page's last chunk comes after the call has ended.
	_, err = add(li, r.RecordingId, make([]byte, 10))
	must(t, err)
	end, err := li.CallsAPI().EndRecording(context.Background(), &v1.EndRecordingRequest{RecordingId: r.RecordingId})
	must(t, err)
	if end.Bytes != 1520 || f.safe() != 1520 || !f.closed {
		t.Errorf("%d bytes, %d of them safe", end.Bytes, f.safe())
	}
}
