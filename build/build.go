// Package build carries what packaging and the window share: the app's icon.
// The rest of the folder is read by the Makefile and by packagers.
package build

import _ "embed"

// Icon is the app's icon, PNG, 256 pixels. Nobody writes to it.
//
//go:embed icons/icon-256.png
var Icon []byte
