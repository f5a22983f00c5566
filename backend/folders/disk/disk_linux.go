package disk

import (
	"errors"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// openFolder: a path handle needs no right to read the folder.
const openFolder = unix.O_PATH | unix.O_DIRECTORY

func systemRules(root string) Rules {
	return Rules{
		Exec: true, Links: true,
		MaxName: 255,
		// Longer ones can be made, but no other program opens them.
		MaxPath: max(1, unix.PathMax-len(root)-2),
		Grain:   1,
		Tick:    int64(10 * time.Millisecond), // kernels count files' time in ticks, at worst 100 a second
	}
}

// enter opens a folder below this one. The kernel refuses every link on the way.
func (f folder) enter(path string) (in folder, err error) {
	how := unix.OpenHow{Flags: openFolder | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_BENEATH}
	err = again(func() error {
		in.fd, err = unix.Openat2(f.fd, path, &how)
		return err
	})
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.E2BIG) {
		return f.walk(path) // before Linux 5.6, or forbidden by a sandbox
	}
	return in, err
}

func modified(s *unix.Stat_t) (sec, nsec int64) { return s.Mtim.Unix() }
func changed(s *unix.Stat_t) int64              { return s.Ctim.Nano() }

// trueName gives a name as the disk writes it. Linux tells it only in a listing.
func (f folder) trueName(name string) (string, error) {
	info, err := f.look(name)
	if err != nil {
		return "", err
	}
	return f.listedName(name, info.ID)
}

func (f folder) rename(name string, to folder, toName string) error {
	err := again(func() error { return unix.Renameat2(f.fd, name, to.fd, toName, unix.RENAME_NOREPLACE) })
	if unknown(err) {
		return f.renameByHand(name, to, toName)
	}
	return err
}

func (f folder) exchange(name string, to folder, toName string) error {
	err := again(func() error { return unix.Renameat2(f.fd, name, to.fd, toName, unix.RENAME_EXCHANGE) })
	if unknown(err) {
		return errCannot
	}
	return err
}

// unknown reports whether the kernel or the disk does not know a kind of rename.
func unknown(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP)
}

func setModified(fd int, modified time.Time) error {
	times := [2]unix.Timespec{{Nsec: unix.UTIME_OMIT}, unix.NsecToTimespec(modified.UnixNano())}
	// With no name it is the open file's time: no name, no race.
	_, _, code := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
	if code != 0 {
		return code
	}
	return nil
}

func syncFile(fd int) error { return unix.Fsync(fd) }

// flush: on Linux fsync has emptied the drive's own memory.
func (f folder) flush() error { return nil }

// syncAll is syncfs(2): it reports what could not be written since Linux 5.8.
func (f folder) syncAll() (done bool, err error) {
	fd, err := openAt(f.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	return true, again(func() error { return unix.Syncfs(fd) })
}
