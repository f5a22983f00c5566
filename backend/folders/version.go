package folders

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// VersionID names one version of one path: the place of its entry in the log, so
// that everybody computes it alike and nobody can choose it.
type VersionID [16]byte

// IsZero reports whether it names nothing.
func (v VersionID) IsZero() bool { return v == VersionID{} }

// String is for the screen, which gives it back.
func (v VersionID) String() string { return hex.EncodeToString(v[:]) }

// ParseVersion reads what String wrote. Errors: wire.ErrMalformed.
func ParseVersion(text string) (v VersionID, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(v) {
		return v, fmt.Errorf("version name: %w", wire.ErrMalformed)
	}
	return VersionID(raw), nil
}

// versionAt names the version that an entry of an event is.
func versionAt(f envelope.Feed, seq uint64, index int) VersionID {
	var n [24]byte
	binary.BigEndian.PutUint64(n[:], f.Start)
	binary.BigEndian.PutUint64(n[8:], seq)
	binary.BigEndian.PutUint64(n[16:], uint64(index))
	sum := key.Hash("roundtable folder version v1", f.Device[:], n[:])
	return VersionID(sum[:16])
}

// version is a row of the tables.
type version struct {
	path     string
	id       VersionID
	kind     Kind
	size     int64
	modified int64
	exec     bool
	body     []byte
	stamp    int64
	feed     int64
	state    int
	kept     bool // a copy took its place; of use to those who decide what stands only
	cause    cause
	from     string
}

// What a version is among those of its path.
const (
	replaced = 0 // somebody who had seen it wrote another one
	beside   = 1 // nobody replaced it, and another one stands at the path
	standing = 2 // what everybody sees at the path
)

// rival reports whether somebody's work would be lost if only one of two
// versions were kept: times and marks alone are not work.
func (v version) rival(o version) bool {
	if v.kind == Removed || o.kind == Removed {
		return false
	}
	return v.kind != o.kind || !bytes.Equal(v.body, o.body)
}

// twin reports whether two versions are the same work: two who keep the same copy say
// so both, and who replaces one replaces the other.
func (v version) twin(o version) bool {
	return v.kind == o.kind && !v.rival(o)
}

// content of a file.
func (v version) content() (chunk.Content, error) { return chunk.DecodeContent(v.body) }

// outranks decides which of several versions stands, on every device alike: what
// is there before a removal, a folder before what is in its way, then the later
// change, then the name. A clock that is wrong decides which of two stands, never
// whether both are kept.
func (v version) outranks(o version) bool {
	switch {
	case (v.kind == Removed) != (o.kind == Removed):
		return o.kind == Removed
	case (v.kind == Folder) != (o.kind == Folder):
		return v.kind == Folder
	case v.modified != o.modified:
		return v.modified > o.modified
	}
	return bytes.Compare(v.id[:], o.id[:]) > 0
}

// split gives a path's folder and its name in it; the top has the path "".
func split(path string) (parent, name string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

func parentOf(path string) string {
	parent, _ := split(path)
	return parent
}

func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "/" + name
}

// within reports whether a path lies in a folder, at any depth, or is it.
func within(path, folder string) bool {
	return folder == "" || path == folder || strings.HasPrefix(path, folder+"/")
}
