package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/text/unicode/norm"
)

// buffer holds what happens between two reads. Shares on a network refuse more than
// 64 KiB.
const (
	buffer      = 256 << 10
	shareBuffer = 64 << 10
)

// lookups are what a watcher asks the system.
type lookups struct{}

func systemLookups() lookups { return lookups{} }

const changes = windows.FILE_NOTIFY_CHANGE_FILE_NAME | windows.FILE_NOTIFY_CHANGE_DIR_NAME | windows.FILE_NOTIFY_CHANGE_ATTRIBUTES |
	windows.FILE_NOTIFY_CHANGE_SIZE | windows.FILE_NOTIFY_CHANGE_LAST_WRITE | windows.FILE_NOTIFY_CHANGE_CREATION

// session watches the whole tree by one handle. It shares all rights, so nobody is
// kept from renaming or removing anything, the root included.
func (w *Watcher) session(ctx context.Context) end {
	root, err := os.Stat(w.root)
	if err != nil || !root.IsDir() {
		return vanished
	}
	name, err := windows.UTF16PtrFromString(long(w.root))
	if err != nil {
		return vanished
	}
	handle, err := windows.CreateFile(name, windows.FILE_LIST_DIRECTORY,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil,
		windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS|windows.FILE_FLAG_OVERLAPPED, 0)
	if err != nil {
		return w.refuse()
	}
	defer windows.CloseHandle(handle)
	happened, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return w.refuse()
	}
	defer windows.CloseHandle(happened)
	s := &session{w: w, ctx: ctx, handle: handle, root: root, buffer: make([]byte, buffer)}
	s.overlapped.HEvent = happened
	return s.follow()
}

// long takes the bound of 260 characters off.
func long(path string) string {
	switch {
	case strings.HasPrefix(path, `\\?\`):
		return path
	case strings.HasPrefix(path, `\\`):
		return `\\?\UNC` + path[1:]
	}
	return `\\?\` + path
}

func (w *Watcher) refuse() end {
	w.set(State{Limited: true, Reason: Failed}, []string{""})
	return refused
}

type session struct {
	w          *Watcher
	ctx        context.Context
	handle     windows.Handle
	root       os.FileInfo
	buffer     []byte
	overlapped windows.Overlapped
	left       []string // names that something was moved from; the other one is in the next record
}

func (s *session) follow() end {
	if err := s.ask(); err != nil {
		s.buffer = s.buffer[:shareBuffer]
		if s.ask() != nil {
			return s.w.refuse()
		}
	}
	s.w.set(State{}, nil)
	s.w.tell(s.ctx, event{all: true})
	// The system writes into the buffer until it has said that it does not any more.
	defer s.stop()
	stopping := context.AfterFunc(s.ctx, func() { _ = windows.SetEvent(s.overlapped.HEvent) })
	defer stopping()
	for {
		got, err := windows.WaitForSingleObject(s.overlapped.HEvent, uint32(s.w.o.Check/time.Millisecond))
		if s.ctx.Err() != nil {
			return ended
		}
		if got == uint32(windows.WAIT_TIMEOUT) {
			if now, err := os.Stat(s.w.root); err != nil || !os.SameFile(now, s.root) {
				return vanished
			}
			continue
		}
		var n uint32
		if err == nil {
			err = windows.GetOverlappedResult(s.handle, &s.overlapped, &n, false)
		}
		switch {
		case errors.Is(err, windows.ERROR_NOTIFY_ENUM_DIR) || err == nil && n == 0: // the buffer overflowed
			s.w.tell(s.ctx, event{all: true})
		case err != nil:
			return vanished // the folder was removed, or its disk taken out
		default:
			s.read(s.buffer[:n])
		}
		if s.ask() != nil {
			return vanished
		}
	}
}

func (s *session) ask() error {
	if err := windows.ResetEvent(s.overlapped.HEvent); err != nil {
		return err
	}
	return windows.ReadDirectoryChanges(s.handle, &s.buffer[0], uint32(len(s.buffer)), true, changes, nil, &s.overlapped, 0)
}

func (s *session) stop() {
	if windows.CancelIoEx(s.handle, &s.overlapped) == nil {
		var n uint32
		_ = windows.GetOverlappedResult(s.handle, &s.overlapped, &n, true)
	}
}

// read takes the system's records apart. Each has the offset of the next, an action and
// a name that is not ended by a zero.
func (s *session) read(records []byte) {
	defer s.tellLeft()
	const head = uint32(unsafe.Offsetof(windows.FileNotifyInformation{}.FileName))
	for uint32(len(records)) >= head {
		record := (*windows.FileNotifyInformation)(unsafe.Pointer(&records[0]))
		length := record.FileNameLength
		if head+length > uint32(len(records)) {
			return
		}
		name := windows.UTF16ToString(unsafe.Slice(&record.FileName, length/2))
		s.happened(record.Action, norm.NFC.String(filepath.ToSlash(name)))
		if record.NextEntryOffset == 0 || record.NextEntryOffset > uint32(len(records)) {
			return
		}
		records = records[record.NextEntryOffset:]
	}
}

func (s *session) happened(action uint32, path string) {
	if s.w.o.Ignore(path) {
		return
	}
	if action == windows.FILE_ACTION_MODIFIED {
		// Whatever happens in a folder changes its own time: that says nothing, and looking
		// at it deeply costs much.
		if info, err := os.Lstat(filepath.Join(s.w.root, filepath.FromSlash(path))); err == nil && info.IsDir() {
			return
		}
	}
	if action == windows.FILE_ACTION_RENAMED_OLD_NAME {
		s.left = append(s.left, path)
		return
	}
	s.w.tell(s.ctx, event{path: path, from: s.left})
	s.left = nil
}

// tellLeft tells the names whose other one did not come: it is ignored, or in the next buffer.
func (s *session) tellLeft() {
	for _, path := range s.left {
		s.w.tell(s.ctx, event{path: path})
	}
	s.left = nil
}
