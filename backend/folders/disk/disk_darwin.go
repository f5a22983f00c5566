package disk

import (
	"bytes"
	"errors"
	"path"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const openFolder = unix.O_RDONLY | unix.O_DIRECTORY

func systemRules(root string) Rules {
	return Rules{
		FoldsCase: true, FoldsForm: true, Exec: true, Links: true,
		MaxName: 255, Units: true,
		MaxPath: max(1, unix.PathMax-len(root)-2), // other programs open nothing longer
		Grain:   int64(time.Microsecond),          // as exactly as it can be set by an open file
		Tick:    int64(time.Millisecond),
	}
}

// enter opens a folder below this one, name by name.
func (f folder) enter(path string) (folder, error) { return f.walk(path) }

func modified(s *unix.Stat_t) (sec, nsec int64) { return s.Mtim.Unix() }
func changed(s *unix.Stat_t) int64              { return s.Ctim.Nano() }

// trueName gives a name as the disk writes it. The system tells an open file's path; of
// a file with several names that may be another one.
func (f folder) trueName(name string) (string, error) {
	info, err := f.look(name)
	if err != nil {
		return "", err
	}
	if fd, err := openAt(f.fd, name, unix.O_EVTONLY|unix.O_SYMLINK|unix.O_NONBLOCK); err == nil {
		defer unix.Close(fd)
		buffer := make([]byte, unix.PathMax)
		var pin runtime.Pinner // the system is given an address as a number
		pin.Pin(&buffer[0])
		_, err := unix.FcntlInt(uintptr(fd), unix.F_GETPATH, int(uintptr(unsafe.Pointer(&buffer[0]))))
		pin.Unpin()
		there, _, ended := bytes.Cut(buffer, []byte{0})
		told := path.Base(string(there))
		if folds := (Rules{FoldsCase: true}); err == nil && ended && folds.Key(told) == folds.Key(name) {
			return told, nil
		}
	}
	return f.listedName(name, info.ID)
}

func (f folder) rename(name string, to folder, toName string) error {
	err := again(func() error { return unix.RenameatxNp(f.fd, name, to.fd, toName, unix.RENAME_EXCL) })
	if unknown(err) {
		return f.renameByHand(name, to, toName)
	}
	return err
}

func (f folder) exchange(name string, to folder, toName string) error {
	err := again(func() error { return unix.RenameatxNp(f.fd, name, to.fd, toName, unix.RENAME_SWAP) })
	if unknown(err) {
		return errCannot
	}
	return err
}

// unknown reports whether the disk does not know a kind of rename.
func unknown(err error) bool {
	return errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS)
}

func setModified(fd int, modified time.Time) error {
	var s unix.Stat_t
	if err := unix.Fstat(fd, &s); err != nil {
		return err
	}
	read := unix.NsecToTimeval(s.Atim.Nano()) // stays as it was
	return unix.Futimes(fd, []unix.Timeval{read, unix.NsecToTimeval(modified.UnixNano())})
}

// syncFile hands a file to the drive, which may keep it in its own memory until flush.
func syncFile(fd int) error { return unix.Fsync(fd) }

// flush empties the drive's memory: once for all files, as it takes long.
func (f folder) flush() error {
	_, err := unix.FcntlInt(uintptr(f.fd), unix.F_FULLFSYNC, 0)
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.ENOTTY) || errors.Is(err, unix.EINVAL) {
		return nil // a disk of a network or another system
	}
	return err
}

// syncAll: this system flushes file by file.
func (f folder) syncAll() (done bool, err error) { return false, nil }
