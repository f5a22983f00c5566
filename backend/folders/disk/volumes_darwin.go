package disk

// Volumes lists the disks of this computer, as folders, where somebody may look for
// something.
func Volumes(string) []string { return foldersIn("/Volumes", "") }
