package disk

import "golang.org/x/sys/windows"

// Volumes lists the disks of this computer, as folders, where somebody may look for
// something: the drives.
func Volumes(string) (out []string) {
	drives, err := windows.GetLogicalDrives()
	if err != nil {
		return nil
	}
	for i := range 26 {
		if drives&(1<<i) != 0 {
			out = append(out, string(rune('A'+i))+`:\`)
		}
	}
	return out
}
