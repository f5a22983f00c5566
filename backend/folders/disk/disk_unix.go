//go:build linux || darwin

package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// folder is an open folder. Its methods take single names and follow no link.
type folder struct{ fd int }

// identity tells whether a folder is still the same one.
type identity struct{ disk, id uint64 }

func openRoot(path string) (folder, identity, error) {
	fd, err := openAt(unix.AT_FDCWD, path, openFolder)
	if err != nil {
		return folder{}, identity{}, err
	}
	f := folder{fd}
	var s unix.Stat_t
	if err := unix.Fstat(fd, &s); err != nil {
		f.close()
		return folder{}, identity{}, err
	}
	return f, identity{uint64(s.Dev), s.Ino}, nil //nolint:unconvert // types differ between systems
}

func openAt(at int, name string, flags int) (fd int, err error) {
	err = again(func() error {
		fd, err = unix.Openat(at, name, flags|unix.O_CLOEXEC|unix.O_NOCTTY, 0o666)
		return err
	})
	return fd, err
}

// again repeats a call that a signal broke, as network and user-space disks let happen.
func again(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func (f folder) close() { _ = unix.Close(f.fd) } // nothing was written by it

// again opens the folder once more.
func (f folder) again() (folder, error) {
	fd, err := openAt(f.fd, ".", openFolder)
	return folder{fd}, err
}

// step opens a folder that lies in this one.
func (f folder) step(name string) (folder, error) {
	fd, err := openAt(f.fd, name, openFolder|unix.O_NOFOLLOW)
	if errors.Is(err, unix.ENOTDIR) { // as Linux says of a link, too
		if info, e := f.look(name); e == nil && info.Kind == Link {
			err = unix.ELOOP
		}
	}
	return folder{fd}, err
}

func (f folder) look(name string) (Info, error) {
	var s unix.Stat_t
	if err := again(func() error { return unix.Fstatat(f.fd, name, &s, unix.AT_SYMLINK_NOFOLLOW) }); err != nil {
		return Info{}, err
	}
	info := infoOf(&s)
	if info.Kind == Link {
		target, err := f.readLink(name)
		if err != nil {
			return Info{}, err
		}
		info.Target = target
	}
	return info, nil
}

func (f folder) readLink(name string) (string, error) {
	for size := 256; ; size *= 4 {
		buffer := make([]byte, size)
		n, err := unix.Readlinkat(f.fd, name, buffer)
		if err != nil {
			if errors.Is(err, unix.EINVAL) {
				err = unix.ENOENT // it is no link any more: what was looked at is gone
			}
			return "", err
		}
		if n < size {
			return string(buffer[:n]), nil
		}
	}
}

func (f folder) self() (Info, error) {
	var s unix.Stat_t
	err := unix.Fstat(f.fd, &s)
	return infoOf(&s), err
}

func lookFile(file *os.File) (Info, error) {
	var s unix.Stat_t
	err := unix.Fstat(int(file.Fd()), &s)
	return infoOf(&s), err
}

func infoOf(s *unix.Stat_t) Info {
	info := Info{Kind: Other, ID: s.Ino, Modified: time.Unix(modified(s)), Changed: changed(s)}
	switch s.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		info.Kind, info.Size, info.Exec = File, s.Size, s.Mode&0o100 != 0
	case unix.S_IFDIR:
		info.Kind = Folder
	case unix.S_IFLNK:
		info.Kind = Link
	}
	return info
}

// names reads the folder.
func (f folder) names(each func([]string) error) error {
	fd, err := openAt(f.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), "")
	defer file.Close()
	for {
		batch, err := file.Readdirnames(1024)
		if e := each(batch); e != nil {
			return e
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// open opens a regular file for reading. Nothing else is ever opened: a pipe would
// block, a tape would wind. Between the look and the call another thing may have come;
// then O_NONBLOCK does not wait for it, and the second look refuses it.
func (f folder) open(name string) (*os.File, error) { return f.openAs(name, unix.O_RDONLY) }

func (f folder) openAs(name string, flags int) (*os.File, error) {
	var s unix.Stat_t
	if err := unix.Fstatat(f.fd, name, &s, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return nil, err
	}
	if err := onlyFile(&s); err != nil {
		return nil, err
	}
	fd, err := openAt(f.fd, name, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	err = unix.Fstat(fd, &s)
	if err == nil {
		err = onlyFile(&s)
	}
	if err == nil {
		err = unix.SetNonblock(fd, false)
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// openToMark opens a file whose marks are to be set.
func (f folder) openToMark(name string) (*os.File, error) { return f.open(name) }

func onlyFile(s *unix.Stat_t) error {
	switch s.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return nil
	case unix.S_IFLNK:
		return unix.ELOOP
	}
	return fmt.Errorf("not a file: %w", fs.ErrInvalid)
}

func (f folder) create(name string) (*os.File, error) {
	fd, err := openAt(f.fd, name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

func (f folder) makeFolder(name string) error { return unix.Mkdirat(f.fd, name, 0o777) }

func (f folder) makeLink(name, target string) error { return unix.Symlinkat(target, f.fd, name) }

func (f folder) remove(name string, kind Kind) error {
	flags := 0
	if kind == Folder {
		flags = unix.AT_REMOVEDIR
	}
	return again(func() error { return unix.Unlinkat(f.fd, name, flags) })
}

// renameOver is the system's own rename, which replaces.
func (f folder) renameOver(name string, to folder, toName string) error {
	return again(func() error { return unix.Renameat(f.fd, name, to.fd, toName) })
}

// renameByHand moves without replacing on a disk that cannot do it in one step: a
// second name, which is never given where one is, then the first away. Folders, links
// and disks without second names are looked at first; there another program that makes
// the name in that instant loses it, unless it is a folder with something in it.
func (f folder) renameByHand(name string, to folder, toName string) error {
	info, err := f.look(name)
	if err != nil {
		return err
	}
	if info.Kind == File {
		err := unix.Linkat(f.fd, name, to.fd, toName, 0)
		if err == nil {
			return unix.Unlinkat(f.fd, name, 0)
		}
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if _, err := to.look(toName); err == nil {
		return unix.EEXIST
	}
	return f.renameOver(name, to, toName)
}

func (f folder) free() (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Fstatfs(f.fd, &s); err != nil {
		return 0, err
	}
	if s.Bsize <= 0 {
		return math.MaxUint64, nil // a disk that does not say
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil //nolint:unconvert // types differ between systems
}

// wrap gives errors of the system the names that this package has for them.
func wrap(err error) error {
	var code syscall.Errno
	if err == nil || !errors.As(err, &code) {
		return err
	}
	switch code {
	case unix.ELOOP:
		return fmt.Errorf("%w: %w", ErrEscapes, err)
	case unix.ENOTDIR: // a file stands where a folder was
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case unix.ENAMETOOLONG:
		return fmt.Errorf("%w: %w", ErrTooLong, err)
	case unix.EILSEQ:
		return fmt.Errorf("%w: %w", ErrName, err)
	case unix.ENOSPC, unix.EDQUOT:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case unix.ETXTBSY, unix.EBUSY:
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return err
}

// impossible tells paths under which nothing can lie here, whatever the system would
// make of them.
func impossible(string) bool { return false }

// refusesName reports whether an error of making a name may be about the name.
func refusesName(err error) bool { return errors.Is(err, unix.EINVAL) }

// walk opens a folder name by name, none of which may be a link.
func (f folder) walk(path string) (folder, error) {
	in, err := f.again()
	if err != nil {
		return in, err
	}
	for name := range strings.SplitSeq(path, "/") {
		next, err := in.step(name)
		in.close()
		if err != nil {
			return folder{}, err
		}
		in = next
	}
	return in, nil
}

var errFound = errors.New("found")

// listedName finds how the disk writes the name of a file in a listing.
func (f folder) listedName(name string, id uint64) (string, error) {
	folds := Rules{FoldsCase: true}
	key, alike := folds.Key(name), ""
	err := f.names(func(batch []string) error {
		for _, there := range batch {
			if there == name {
				alike = name
				return errFound
			}
			if folds.Key(there) != key {
				continue
			}
			if other, err := f.look(there); err == nil && other.ID == id {
				alike = there
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errFound) {
		return "", err
	}
	if alike == "" {
		return name, nil // folded by a rule that we do not know
	}
	return alike, nil
}

// settle makes the content of a file durable, or the names in a folder.
func (f folder) settle(name string) error {
	info, err := f.look(name)
	if err != nil || info.Kind != File && info.Kind != Folder {
		return err
	}
	if info.Kind == Folder {
		in, err := f.step(name)
		if err != nil {
			return err
		}
		defer in.close()
		return in.sync()
	}
	file, err := f.open(name)
	if errors.Is(err, fs.ErrPermission) {
		file, err = f.openAs(name, unix.O_WRONLY)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	return again(func() error { return syncFile(int(file.Fd())) })
}

// sync makes the names in the folder durable.
func (f folder) sync() error {
	fd, err := openAt(f.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	// Some disks (shares, user space) cannot flush a folder; they say EINVAL.
	if err := again(func() error { return syncFile(fd) }); err != nil && !errors.Is(err, unix.EINVAL) {
		return err
	}
	return nil
}
