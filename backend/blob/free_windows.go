package blob

import "golang.org/x/sys/windows"

// free asks the system how many bytes we may still write.
func free(folder string) (uint64, error) {
	path, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, err
	}
	var left uint64
	if err := windows.GetDiskFreeSpaceEx(path, &left, nil, nil); err != nil {
		return 0, err
	}
	return left, nil
}
