//go:build linux || darwin

package disk

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// markFile sets the time and the exec mark. Who may read may run: that is what the
// user's umask, or what the file had before, says of it.
func markFile(file *os.File, modified time.Time, exec, keepsExec bool) error {
	fd := int(file.Fd())
	if keepsExec {
		var s unix.Stat_t
		if err := unix.Fstat(fd, &s); err != nil {
			return err
		}
		mode := uint32(s.Mode) & 0o7777 //nolint:unconvert // types differ between systems
		want := mode &^ 0o111
		if exec {
			want = mode | mode&0o444>>2
		}
		if want != mode {
			if err := unix.Fchmod(fd, want); err != nil {
				return err
			}
		}
	}
	return setModified(fd, modified)
}

// likeBefore gives a file that is to replace another one the permissions of that one,
// so that what the user hid from others stays hidden. It may not be ours to change.
func likeBefore(source folder, name string, target folder, toName string) {
	var before, now unix.Stat_t
	if unix.Fstatat(target.fd, toName, &before, unix.AT_SYMLINK_NOFOLLOW) != nil ||
		unix.Fstatat(source.fd, name, &now, unix.AT_SYMLINK_NOFOLLOW) != nil ||
		onlyFile(&before) != nil || onlyFile(&now) != nil || before.Mode&0o666 == now.Mode&0o666 {
		return
	}
	file, err := source.open(name)
	if err != nil {
		return
	}
	defer file.Close()
	mode := uint32(before.Mode) & 0o666
	if now.Mode&0o100 != 0 {
		mode |= mode & 0o444 >> 2
	}
	_ = unix.Fchmod(int(file.Fd()), mode)
}
