package folders

import "roundtable/backend/folders/disk/disktest"

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
