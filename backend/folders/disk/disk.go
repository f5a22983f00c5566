package disk

import (
	"errors"
	"io"
	"time"
)

// Kind of what lies under a name.
type Kind uint8

const (
	// File is a regular file.
	File Kind = 1
	// Folder holds others.
	Folder Kind = 2
	// Link is a symbolic link; it is never followed.
	Link Kind = 3
	// Other is what is never shared: a device, a socket, a pipe, a junction.
	Other Kind = 4
)

var (
	// ErrLocked is returned for a file that another program keeps to itself.
	ErrLocked = errors.New("file is in use")
	// ErrName is returned for a name that this system does not take.
	ErrName = errors.New("name is not allowed here")
	// ErrClash is returned where another name, equal but for case or Unicode form, is taken.
	ErrClash = errors.New("another name differs in case or form only")
	// ErrTooLong is returned for a path that is longer than this system takes.
	ErrTooLong = errors.New("path is too long here")
	// ErrEscapes is returned for a path that leads out of the tree, or through a link.
	ErrEscapes = errors.New("path leads out of the folder")
	// ErrFull is returned when the disk, or the user's share of it, has no room.
	ErrFull = errors.New("disk is full")
	// ErrGone is returned when the tree itself is not there any more: its disk was taken
	// out, it was moved away, or something else stands in its place. It is never also
	// fs.ErrNotExist: a disk that was unplugged has deleted nothing.
	ErrGone = errors.New("the folder itself is gone")
)

// Info is what a look at a name tells.
type Info struct {
	// Path in the tree, with slashes, as the log writes it: Unicode form NFC.
	Path string
	Kind Kind
	// Size of a file in bytes; 0 for the rest.
	Size int64
	// Modified is the time of the last change of content, as exact as the system keeps it.
	Modified time.Time
	// Exec is set for a file that may be run; always false where there is no such mark.
	Exec bool
	// ID names the file on its disk whatever its name is; 0 where there is none.
	ID uint64
	// Changed is the time (ns) of the last change of anything; 0 where there is none.
	Changed int64
	// Target of a link.
	Target string
}

// Same reports whether nothing says that a file's content or marks are others than
// when it was looked at before.
func (i Info) Same(o Info) bool {
	return i.Kind == o.Kind && i.Size == o.Size && i.Modified.Equal(o.Modified) && i.Exec == o.Exec &&
		i.ID == o.ID && i.Changed == o.Changed && i.Target == o.Target
}

// Content is an open file that is read.
type Content interface {
	io.ReaderAt
	io.Closer
	// Look tells what the open file is now; Path is what it was opened by.
	Look() (Info, error)
}

// Draft is a file that is being written. Nobody else knows its name.
type Draft interface {
	io.WriterAt
	// Size sets the length; what was never written reads as zeros.
	Size(n int64) error
	// Mark sets the time of the last change and whether it may be run.
	Mark(modified time.Time, exec bool) error
	// Close ends writing. It does not wait for the disk; Tree.Settle does.
	Close() error
}

// Reader looks at a tree. Paths are as in Info. All errors are wrapped so that
// errors.Is finds fs.ErrNotExist, fs.ErrPermission, ErrLocked, ErrEscapes.
// No method follows a link, in any part of a path.
type Reader interface {
	// Look at a name. The answer carries the name as it is on the disk: of "A.txt" on a
	// disk that ignores case it may be "a.txt".
	Look(path string) (Info, error)
	// List tells of everything directly in a folder, in no order, until each returns an
	// error, which it returns. What vanishes meanwhile is left out. Names that cannot be
	// written in the log (no UTF-8, control characters) are told to bad, which may be nil.
	List(path string, each func(Info) error, bad func(name string)) error
	// Open a file for reading. Errors: ErrLocked.
	Open(path string) (Content, error)
	// Rules of the disk under the tree.
	Rules() Rules
	// Free bytes that this program may still write.
	Free() (uint64, error)
}

// Tree is a folder on a disk that can be looked at and changed. It keeps nothing open
// between calls, so that its disk can be taken out at any time. Its methods may be
// called by several goroutines.
type Tree interface {
	Reader
	Writer
}

// Writer changes a tree. An error that is ErrClash is fs.ErrExist as well.
type Writer interface {
	// Create begins a new file. Errors: fs.ErrExist.
	Create(path string) (Draft, error)
	// Make makes a folder, or a link with a target. Errors: fs.ErrExist, ErrName,
	// errors.ErrUnsupported for a link where Rules.Links is false.
	Make(path string, kind Kind, target string) error
	// Move gives a file, link or folder another name and never takes the place of another
	// one: errors fs.ErrExist, ErrClash, ErrLocked, ErrName. A name that differs from the
	// old one in case or form only is not taken by another.
	Move(from, to string) error
	// Swap puts the file or link at from to the name to, and what lies there to aside: in one
	// step where the system can, else in two, between which to is not there. Nothing is lost
	// in either case. Errors: fs.ErrNotExist when nothing lies at to, fs.ErrExist when
	// something lies at aside, ErrLocked.
	Swap(from, to, aside string) error
	// Remove a file, a link or an empty folder.
	Remove(path string) error
	// Mark sets what Draft.Mark sets, of a file that lies there.
	Mark(path string, modified time.Time, exec bool) error
	// Settle returns once the content of these files and the names in their folders are
	// safe from a loss of power. A path that is gone counts for its folder.
	Settle(paths ...string) error
}
