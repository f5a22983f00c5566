package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Downloads gives the folder that people look for saved files in. On Linux the
// desktop says which that is, since its name is of the user's language.
func Downloads() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find downloads: %w", err)
	}
	folder := filepath.Join(home, "Downloads")
	if base, err := os.UserConfigDir(); err == nil {
		if raw, err := os.ReadFile(filepath.Join(base, "user-dirs.dirs")); err == nil {
			folder = downloadsOf(string(raw), home, folder)
		}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make downloads: %w", err)
	}
	return folder, nil
}

// downloadsOf reads a file of xdg-user-dirs: XDG_DOWNLOAD_DIR="$HOME/下载".
func downloadsOf(text, home, otherwise string) string {
	for line := range strings.Lines(text) {
		value, ok := strings.CutPrefix(strings.TrimSpace(line), "XDG_DOWNLOAD_DIR=")
		if !ok {
			continue
		}
		value = strings.Trim(value, `"`)
		if rest, ok := strings.CutPrefix(value, "$HOME/"); ok && rest != "" {
			return filepath.Join(home, rest)
		}
		if filepath.IsAbs(value) {
			return filepath.Clean(value)
		}
	}
	return otherwise
}
