// Package frontend carries the built screen inside the binary. Without a build of the screen, dist holds only a
// placeholder, so that Go code compiles and tests on a machine without Node.
package frontend

import "embed"

// Dist is the built screen below "dist"; index.html is missing from it until `npm run build` has run.
//
//go:embed all:dist
var Dist embed.FS
