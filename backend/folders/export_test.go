package folders

import (
	"context"
	"time"

	"roundtable/backend/folders/disk/disktest"
	"roundtable/backend/wire"
)

// What tests outside the package may use of it.
var (
	VersionAt    = versionAt
	ConflictName = conflictName
)

// LinkStays asks the rule for targets of links, on a disk that takes links.
func LinkStays(path, target string) bool {
	k := &keeper{tree: disktest.New(disktest.Linux)}
	return k.linkStays(version{path: path, kind: Link, body: []byte(target)})
}

// FindsWithin looks for names in a folder for so long.
func (f *Folders) FindsWithin(ctx context.Context, id wire.SpaceID, text string, within time.Duration) (found int, unfinished bool, err error) {
	s, err := f.summary(ctx, id)
	if err != nil {
		return 0, false, err
	}
	vs, unfinished, err := f.matching(ctx, s.row, text, 100, within)
	return len(vs), unfinished, err
}
