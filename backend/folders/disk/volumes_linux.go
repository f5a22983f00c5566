package disk

import "path/filepath"

// Volumes lists the disks of this computer, as folders, where somebody may look for
// something: what the system put in for the person whose home is given.
func Volumes(home string) (out []string) {
	user := filepath.Base(home)
	out = foldersIn("/media", user)
	for _, media := range []string{"/media", "/run/media"} {
		out = append(out, foldersIn(filepath.Join(media, user), "")...)
	}
	return out
}
