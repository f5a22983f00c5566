package folders

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"roundtable/backend/blob"
	"roundtable/backend/blob/chunk"
	"roundtable/backend/event"
	"roundtable/backend/folders/disk"
	"roundtable/backend/wire"
)

const (
	// EntriesChanged tells of files, folders and links that are others now, or gone.
	EntriesChanged event.Kind = "folders.entries_changed"
	// FolderNamed names the shared folder.
	FolderNamed event.Kind = "folders.named"
	// ChunksPacked tells which chunks lie in which sealed packs at the relays.
	ChunksPacked event.Kind = "folders.chunks_packed"

	// maxEntries bounds the entries of one event, maxEntryBytes their canonical bytes
	// together.
	maxEntries    = 1000
	maxEntryBytes = 512 << 10
	// maxReplaces bounds the versions that one entry replaces.
	maxReplaces = 64
	// maxTarget bounds the target of a link.
	maxTarget = 4096
	// maxPacks bounds the packs of one event.
	maxPacks = 64
)

// Kind of an entry. Appended, never reordered.
type Kind uint8

const (
	// Removed: nothing lies under the path any more.
	Removed Kind = 0
	File    Kind = 1
	Folder  Kind = 2
	Link    Kind = 3
)

func (k Kind) disk() disk.Kind { return disk.Kind(k) } // the same numbers but for Removed

// cause says why an entry is as it is, for people.
type cause uint8

const (
	ordinary cause = 0
	// movedFrom: the content lay at another path, which is removed in the same event.
	movedFrom cause = 1
	// conflictOf: a copy that keeps what somebody wrote under another path while
	// somebody else wrote there too.
	conflictOf cause = 2
	// restored from an earlier version.
	restored cause = 3
)

type entriesChanged struct {
	Entries []entry `cbor:"1,keyasint"`
}

// entry is one new version of one path.
type entry struct {
	Path string `cbor:"1,keyasint"`
	Kind Kind   `cbor:"2,keyasint,omitempty"`
	// Modified is the time of the last change (Unix ns).
	Modified int64 `cbor:"3,keyasint,omitempty"`
	Exec     bool  `cbor:"4,keyasint,omitempty"`
	// Content of a file.
	Content *chunk.Content `cbor:"5,keyasint,omitempty"`
	Target  string         `cbor:"6,keyasint,omitempty"`
	// Replaces names the versions that the author had seen at this path; of a conflictOf
	// the version that it keeps, at the other path.
	Replaces []VersionID `cbor:"7,keyasint,omitempty"`
	Cause    cause       `cbor:"8,keyasint,omitempty"`
	// From is the other path of a cause.
	From string `cbor:"9,keyasint,omitempty"`
}

// check reports whether an entry makes sense, from whomever it comes.
// Errors: wire.ErrMalformed.
func (e entry) check() error {
	bad := func(why string) error { return fmt.Errorf("entry %s: %w", why, wire.ErrMalformed) }
	switch {
	case !shareable(e.Path) || e.From != "" && !shareable(e.From):
		return bad("path")
	case e.Kind > Link || e.Cause > restored || len(e.Replaces) > maxReplaces:
		return bad("shape")
	case (e.Kind == File) != (e.Content != nil) || (e.Kind == Link) != (e.Target != ""):
		return bad("content")
	case len(e.Target) > maxTarget || !utf8.ValidString(e.Target) || strings.ContainsRune(e.Target, 0):
		return bad("target")
	case e.Content != nil && e.Content.Check() != nil:
		return bad("content")
	case (e.Cause == movedFrom || e.Cause == conflictOf) != (e.From != ""):
		return bad("cause")
	}
	return nil
}

// body is what the tables keep of what lies there: equal bodies are no conflict.
func (e entry) body() []byte {
	if e.Content != nil {
		return e.Content.Encode()
	}
	return []byte(e.Target)
}

type folderNamed struct {
	Name string `cbor:"1,keyasint"`
}

type chunksPacked struct {
	Packs []pack `cbor:"1,keyasint"`
	// Upto is how far the author's own feed was when everything it told of before was packed.
	Upto uint64 `cbor:"2,keyasint,omitempty"`
}

// pack is a sealed piece with chunks, one after the other, perhaps compressed.
type pack struct {
	File blob.File `cbor:"1,keyasint"`
	// Chunks are chunk.ID and size (4 bytes), as in a list of package chunk.
	Chunks []byte `cbor:"2,keyasint"`
	Zstd   bool   `cbor:"3,keyasint,omitempty"`
}

// decodeEntries reads a body. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func decodeEntries(raw []byte) ([]entry, error) {
	var body entriesChanged
	if err := wire.Decode(raw, wire.MaxBody, &body); err != nil {
		return nil, err
	}
	if len(body.Entries) == 0 {
		return nil, fmt.Errorf("no entries: %w", wire.ErrMalformed)
	}
	if len(body.Entries) > maxEntries {
		return nil, fmt.Errorf("%d entries: %w", len(body.Entries), wire.ErrTooLarge)
	}
	seen := make(map[string]bool, len(body.Entries))
	for _, e := range body.Entries {
		if err := e.check(); err != nil {
			return nil, err
		}
		if seen[e.Path] {
			return nil, fmt.Errorf("path twice: %w", wire.ErrMalformed)
		}
		seen[e.Path] = true
	}
	return body.Entries, nil
}
