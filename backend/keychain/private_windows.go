package keychain

import "io/fs"

// private accepts every file: on Windows a file inherits the access list of the
// user's profile folder (user, administrators, system), and mode bits say nothing.
func private(fs.FileInfo) error { return nil }
