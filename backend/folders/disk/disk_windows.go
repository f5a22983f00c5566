package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// folder is an open folder. Its methods take single names, which the system's inner
// calls look up in it: no link is followed, no length bounds a path, no name is a
// device, and none is rewritten.
type folder struct{ handle windows.Handle }

// identity tells whether a folder is still the same one.
type identity struct{ disk, id uint64 }

const (
	shareAll   = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	lookAccess = windows.FILE_READ_ATTRIBUTES | windows.SYNCHRONIZE
	listAccess = lookAccess | windows.FILE_LIST_DIRECTORY | windows.FILE_TRAVERSE
)

func systemRules(root string) Rules {
	return Rules{
		FoldsCase: true, Windows: true,
		MaxName: 255, Units: true,
		MaxPath: max(1, 32767-16-len(root)),
		Grain:   100,
		Tick:    int64(16 * time.Millisecond),
	}
}

// long takes the bound of 260 characters off a path.
func long(path string) string {
	switch {
	case strings.HasPrefix(path, `\\?\`):
		return path
	case strings.HasPrefix(path, `\\`):
		return `\\?\UNC` + path[1:]
	}
	return `\\?\` + path
}

// openRoot follows a link that the user chose as the folder itself.
func openRoot(path string) (folder, identity, error) {
	name, err := windows.UTF16PtrFromString(long(path))
	if err != nil {
		return folder{}, identity{}, err
	}
	handle, err := windows.CreateFile(name, listAccess, shareAll, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return folder{}, identity{}, err
	}
	var info windows.ByHandleFileInformation
	err = windows.GetFileInformationByHandle(handle, &info)
	if err == nil && info.FileAttributes&windows.FILE_ATTRIBUTE_DIRECTORY == 0 {
		err = windows.ERROR_DIRECTORY
	}
	if err != nil {
		_ = windows.CloseHandle(handle)
		return folder{}, identity{}, err
	}
	return folder{handle}, identity{uint64(info.VolumeSerialNumber), idOf(&info)}, nil
}

func idOf(i *windows.ByHandleFileInformation) uint64 {
	return uint64(i.FileIndexHigh)<<32 | uint64(i.FileIndexLow)
}

// call opens or makes a name in the folder, never what it may point to.
func (f folder) call(name string, access, disposition, options uint32) (windows.Handle, error) {
	text, err := windows.NewNTUnicodeString(name)
	if err != nil {
		return 0, err
	}
	object := windows.OBJECT_ATTRIBUTES{RootDirectory: f.handle, ObjectName: text, Attributes: windows.OBJ_CASE_INSENSITIVE}
	object.Length = uint32(unsafe.Sizeof(object))
	var handle windows.Handle
	var status windows.IO_STATUS_BLOCK
	err = windows.NtCreateFile(&handle, access|windows.SYNCHRONIZE|windows.FILE_READ_ATTRIBUTES, &object, &status, nil,
		windows.FILE_ATTRIBUTE_NORMAL, shareAll, disposition,
		options|windows.FILE_OPEN_REPARSE_POINT|windows.FILE_OPEN_FOR_BACKUP_INTENT|windows.FILE_SYNCHRONOUS_IO_NONALERT, 0, 0)
	return handle, plain(err)
}

// plain turns an inner status into the error that programs know.
func plain(err error) error {
	var status windows.NTStatus
	if !errors.As(err, &status) {
		return err
	}
	if status == windows.STATUS_DELETE_PENDING { // removed, but somebody has it open still
		return windows.ERROR_SHARING_VIOLATION
	}
	return status.Errno()
}

func (f folder) close() { _ = windows.CloseHandle(f.handle) } // nothing was written by it

// again opens the folder once more.
func (f folder) again() (folder, error) {
	handle, err := f.call("", listAccess, windows.FILE_OPEN, windows.FILE_DIRECTORY_FILE)
	return folder{handle}, err
}

// step opens a folder that lies in this one.
func (f folder) step(name string) (folder, error) {
	handle, err := f.call(name, listAccess, windows.FILE_OPEN, windows.FILE_DIRECTORY_FILE)
	if err != nil {
		return folder{}, err
	}
	info, _, err := ask(handle)
	if err == nil && info.FileAttributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0 {
		err = ErrEscapes
	}
	if err != nil {
		_ = windows.CloseHandle(handle)
		return folder{}, err
	}
	return folder{handle}, nil
}

// enter opens a folder below this one, name by name.
func (f folder) enter(path string) (folder, error) {
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

// basic is FILE_BASIC_INFO.
type basic struct {
	created, read, written, changed int64
	attributes, _                   uint32
}

func ask(handle windows.Handle) (info windows.ByHandleFileInformation, times basic, err error) {
	if err := windows.GetFileInformationByHandle(handle, &info); err != nil {
		return info, times, err
	}
	// Not every disk keeps the time of change.
	_ = windows.GetFileInformationByHandleEx(handle, windows.FileBasicInfo, (*byte)(unsafe.Pointer(&times)), uint32(unsafe.Sizeof(times)))
	return info, times, nil
}

func lookHandle(handle windows.Handle) (Info, error) {
	raw, times, err := ask(handle)
	if err != nil {
		return Info{}, err
	}
	info := Info{Kind: File, ID: idOf(&raw), Modified: time.Unix(0, raw.LastWriteTime.Nanoseconds())}
	if times.changed != 0 {
		changed := windows.Filetime{LowDateTime: uint32(times.changed), HighDateTime: uint32(times.changed >> 32)}
		info.Changed = changed.Nanoseconds()
	}
	switch attributes := raw.FileAttributes; {
	case attributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0:
		info.Kind = Other
		if target, ok := linkTarget(handle); ok {
			info.Kind, info.Target = Link, target
		}
	case attributes&windows.FILE_ATTRIBUTE_DIRECTORY != 0:
		info.Kind = Folder
	case attributes&windows.FILE_ATTRIBUTE_DEVICE != 0:
		info.Kind = Other
	default:
		info.Size = int64(raw.FileSizeHigh)<<32 | int64(raw.FileSizeLow)
	}
	return info, nil
}

func (f folder) look(name string) (Info, error) {
	handle, err := f.call(name, lookAccess, windows.FILE_OPEN, 0)
	if err != nil {
		return Info{}, err
	}
	defer windows.CloseHandle(handle)
	return lookHandle(handle)
}

func (f folder) self() (Info, error) { return lookHandle(f.handle) }

func lookFile(file *os.File) (Info, error) { return lookHandle(windows.Handle(file.Fd())) }

// names reads the folder.
func (f folder) names(each func([]string) error) error {
	in, err := f.again()
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(in.handle), "folder")
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

func (f folder) open(name string) (*os.File, error) {
	return f.openAs(name, windows.FILE_GENERIC_READ)
}

// openToMark opens a file whose marks are to be set.
func (f folder) openToMark(name string) (*os.File, error) {
	return f.openAs(name, windows.FILE_WRITE_ATTRIBUTES)
}

func (f folder) openAs(name string, access uint32) (*os.File, error) {
	handle, err := f.call(name, access, windows.FILE_OPEN, 0)
	if err != nil {
		return nil, err
	}
	info, err := lookHandle(handle)
	switch {
	case err != nil:
	case info.Kind == Link:
		err = ErrEscapes
	case info.Kind != File:
		err = fmt.Errorf("not a file: %w", fs.ErrInvalid)
	}
	if err != nil {
		_ = windows.CloseHandle(handle)
		return nil, err
	}
	return os.NewFile(uintptr(handle), name), nil
}

func (f folder) create(name string) (*os.File, error) {
	handle, err := f.call(name, windows.FILE_GENERIC_READ|windows.FILE_GENERIC_WRITE, windows.FILE_CREATE, windows.FILE_NON_DIRECTORY_FILE)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(handle), name), nil
}

func (f folder) makeFolder(name string) error {
	handle, err := f.call(name, windows.FILE_LIST_DIRECTORY, windows.FILE_CREATE, windows.FILE_DIRECTORY_FILE)
	if err != nil {
		return err
	}
	return windows.CloseHandle(handle)
}

// wrap gives errors of the system the names that this package has for them.
func wrap(err error) error {
	var code syscall.Errno
	if err == nil || !errors.As(err, &code) {
		return err
	}
	switch code {
	case windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION, windows.ERROR_USER_MAPPED_FILE:
		return fmt.Errorf("%w: %w", ErrLocked, err)
	case windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case windows.ERROR_DIRECTORY: // a file stands where a folder was
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case windows.ERROR_FILENAME_EXCED_RANGE, windows.ERROR_BUFFER_OVERFLOW:
		return fmt.Errorf("%w: %w", ErrTooLong, err)
	case windows.ERROR_INVALID_NAME:
		return fmt.Errorf("%w: %w", ErrName, err)
	}
	return err
}

// impossible tells paths under which nothing can lie here, whatever the system would
// make of them: "a.txt:b" is a second content of a.txt.
func impossible(path string) bool { return strings.ContainsAny(path, `:<>"|?*`) }

// refusesName reports whether an error of making a name may be about the name.
func refusesName(err error) bool { return errors.Is(err, windows.ERROR_INVALID_NAME) }

// syncAll: this system flushes file by file.
func (f folder) syncAll() (done bool, err error) { return false, nil }
