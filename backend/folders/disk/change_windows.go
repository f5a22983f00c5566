package disk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// renaming is FILE_RENAME_INFORMATION with room for the longest name.
type renaming struct {
	replace uint32
	folder  windows.Handle
	length  uint32
	name    [maxName + 1]uint16
}

func (f folder) rename(name string, to folder, toName string) error {
	return f.renameAs(name, to, toName, 0)
}

// renameOver is the system's own rename, which replaces.
func (f folder) renameOver(name string, to folder, toName string) error {
	return f.renameAs(name, to, toName, 1)
}

func (f folder) renameAs(name string, to folder, toName string, replace uint32) error {
	handle, err := f.call(name, windows.DELETE, windows.FILE_OPEN, 0)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(handle)
	text, err := windows.UTF16FromString(toName)
	if err != nil {
		return err
	}
	into := renaming{replace: replace, folder: to.handle, length: uint32(len(text)-1) * 2}
	if copy(into.name[:], text) < len(text) {
		return ErrTooLong
	}
	var status windows.IO_STATUS_BLOCK
	return plain(windows.NtSetInformationFile(handle, &status, (*byte)(unsafe.Pointer(&into)), uint32(unsafe.Sizeof(into)), windows.FileRenameInformation))
}

// exchange: Windows has no such step.
func (f folder) exchange(string, folder, string) error { return errCannot }

// remove takes a name away at once where the disk can, even if somebody has the file open.
func (f folder) remove(name string, _ Kind) error {
	handle, err := f.call(name, windows.DELETE, windows.FILE_OPEN, 0)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(handle)
	const ignoreReadOnly = 0x10
	flags := uint32(windows.FILE_DISPOSITION_DELETE | windows.FILE_DISPOSITION_POSIX_SEMANTICS | ignoreReadOnly)
	var status windows.IO_STATUS_BLOCK
	err = windows.NtSetInformationFile(handle, &status, (*byte)(unsafe.Pointer(&flags)), uint32(unsafe.Sizeof(flags)), windows.FileDispositionInformationEx)
	switch {
	case errors.Is(err, windows.STATUS_INVALID_INFO_CLASS), errors.Is(err, windows.STATUS_INVALID_PARAMETER),
		errors.Is(err, windows.STATUS_NOT_SUPPORTED), errors.Is(err, windows.STATUS_NOT_IMPLEMENTED):
		away := byte(1) // FAT, shares
		return windows.SetFileInformationByHandle(handle, windows.FileDispositionInfo, &away, 1)
	}
	return plain(err)
}

// markFile sets the time. Windows has no mark that a file may be run.
func markFile(file *os.File, modified time.Time, _, _ bool) error {
	when := windows.NsecToFiletime(modified.UnixNano())
	return windows.SetFileTime(windows.Handle(file.Fd()), nil, nil, &when)
}

// likeBefore: who may do what is inherited from the folder.
func likeBefore(folder, string, folder, string) {}

// settle makes the content of a file durable. Names are in the disk's journal.
func (f folder) settle(name string) error {
	info, err := f.look(name)
	if err != nil || info.Kind != File {
		return err
	}
	file, err := f.openAs(name, windows.FILE_GENERIC_WRITE)
	if err != nil {
		return err
	}
	defer file.Close()
	return windows.FlushFileBuffers(windows.Handle(file.Fd()))
}

func (f folder) sync() error  { return nil }
func (f folder) flush() error { return nil }

// path of the folder or of a name in it, as the disk writes it.
func finalPath(handle windows.Handle) (string, error) {
	buffer := make([]uint16, windows.MAX_PATH)
	for {
		n, err := windows.GetFinalPathNameByHandle(handle, &buffer[0], uint32(len(buffer)), 0)
		if err != nil {
			return "", err
		}
		if n < uint32(len(buffer)) {
			return windows.UTF16ToString(buffer[:n]), nil
		}
		buffer = make([]uint16, n+1)
	}
}

// trueName gives a name as the disk writes it.
func (f folder) trueName(name string) (string, error) {
	handle, err := f.call(name, lookAccess, windows.FILE_OPEN, 0)
	if err != nil {
		return "", err
	}
	defer windows.CloseHandle(handle)
	path, err := finalPath(handle)
	if err != nil {
		return name, nil // a share that does not tell
	}
	there := path[strings.LastIndexByte(path, '\\')+1:]
	if folds := (Rules{FoldsCase: true}); folds.Key(there) != folds.Key(name) {
		return name, nil // a short name, or another name of the file
	}
	return there, nil
}

func (f folder) free() (uint64, error) {
	path, err := finalPath(f.handle)
	if err != nil {
		return 0, err
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(name, &free, nil, nil)
	return free, err
}

// makeLink needs a right that most users have only in the system's developer mode.
func (f folder) makeLink(name, target string) error {
	path, err := finalPath(f.handle)
	if err != nil {
		return err
	}
	link, err := windows.UTF16PtrFromString(path + `\` + name)
	if err != nil {
		return err
	}
	native := filepath.FromSlash(target)
	to, err := windows.UTF16PtrFromString(native)
	if err != nil {
		return err
	}
	const unprivileged = 2 // SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE
	flags := uint32(unprivileged)
	if !filepath.IsAbs(native) {
		native = filepath.Join(path, native)
	}
	if info, err := os.Stat(native); err == nil && info.IsDir() {
		flags |= windows.SYMBOLIC_LINK_FLAG_DIRECTORY
	}
	return windows.CreateSymbolicLink(link, to, flags)
}

// linkTarget reads a symbolic link; false for any other kind of reparse point, as a
// junction or what a cloud program keeps elsewhere.
func linkTarget(handle windows.Handle) (string, bool) {
	buffer := make([]byte, windows.MAXIMUM_REPARSE_DATA_BUFFER_SIZE)
	var n uint32
	err := windows.DeviceIoControl(handle, windows.FSCTL_GET_REPARSE_POINT, nil, 0, &buffer[0], uint32(len(buffer)), &n, nil)
	// Tag, length, reserved; then offset and length of two names, and flags.
	const head, tagged = 20, 8
	if err != nil || n < head {
		return "", false
	}
	u16 := func(at int) int { return int(buffer[at]) | int(buffer[at+1])<<8 }
	if tag := uint32(u16(0)) | uint32(u16(2))<<16; tag != windows.IO_REPARSE_TAG_SYMLINK {
		return "", false
	}
	offset, length := u16(tagged+4), u16(tagged+6) // the name for people
	if head+offset+length > int(n) {
		return "", false
	}
	text := make([]uint16, length/2)
	for i := range text {
		text[i] = uint16(u16(head + offset + 2*i))
	}
	return filepath.ToSlash(windows.UTF16ToString(text)), true
}
