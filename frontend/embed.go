// Package frontend carries the built screen inside the binary. Without a build of the screen, dist holds only a
// placeholder, so that Go code compiles and tests on a machine without Node.
package frontend

import (
	"compress/gzip"
	"embed"
	"errors"
	"io"
)

// Dist is the built screen below "dist"; index.html is missing from it until `npm run build` has run.
//
//go:embed all:dist
var Dist embed.FS

// PaperFont gives the font of documents that are made of templates. Errors: fs.ErrNotExist without a build of the screen.
func PaperFont() ([]byte, error) {
	f, err := Dist.Open("dist/fonts/paper.ttf.gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	const most = 32 << 20 // it is ours; a broken build shall not fill the memory
	data, err := io.ReadAll(io.LimitReader(z, most))
	return data, errors.Join(err, z.Close())
}
