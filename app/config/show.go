package config

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Home is the folder of the person on this computer; "" when there is none.
func Home() string {
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		return ""
	}
	return filepath.Clean(home)
}

// Show opens files with the programs of the desktop, and shows them in its file
// manager; nil without a desktop.
func Show() func(path string, reveal bool) error {
	if !HasDisplay() {
		return nil
	}
	return show
}

// show starts a program of the system and does not wait for its end. The path is
// one argument, never part of a command line that a shell reads.
func show(path string, reveal bool) error {
	name, args := shower(path, reveal)
	program, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("show file: %w", err)
	}
	// It lives as long as it likes: on Linux it may become the program that shows the file.
	c := exec.CommandContext(context.Background(), program, args...)
	if err := c.Start(); err != nil {
		return fmt.Errorf("show file: %w", err)
	}
	go func() { _ = c.Wait() }() // explorer.exe answers 1 although it showed the file
	return nil
}

// shower is the program that shows a file, and what it is told.
func shower(path string, reveal bool) (name string, args []string) {
	switch runtime.GOOS {
	case "darwin":
		if reveal {
			return "open", []string{"-R", path}
		}
		return "open", []string{path}
	case "windows":
		if reveal {
			return "explorer.exe", []string{"/select," + path}
		}
		return "rundll32.exe", []string{"url.dll,FileProtocolHandler", path}
	}
	if reveal {
		path = filepath.Dir(path) // no file manager in common can do more
	}
	return "xdg-open", []string{path}
}
