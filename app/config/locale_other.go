//go:build !windows

package config

// systemLocale has nothing to add to the environment. (A program that the
// macOS Finder starts has no LANG; it has a screen, which asks the webview.)
func systemLocale() string { return "" }
