package glyph

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// System are the fonts of this system that have Chinese, the preferred first. SimSun-ExtB has the rare characters.
func System() *Fonts {
	root, err := windows.GetSystemWindowsDirectory()
	if err != nil {
		root = `C:\Windows`
	}
	var paths []string
	for _, name := range []string{"simsun.ttc", "simsunb.ttf", "SimsunExtG.ttf", "msyh.ttc", "simhei.ttf", "seguisym.ttf"} {
		paths = append(paths, filepath.Join(root, "Fonts", name))
	}
	return From(paths...)
}
