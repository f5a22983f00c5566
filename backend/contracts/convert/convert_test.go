//go:build !windows

package convert_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"roundtable/backend/contracts/convert"
)

// fake is a soffice that does as a script says. $out and $in are its arguments.
func fake(t *testing.T, script string) convert.Converter {
	t.Helper()
	path := filepath.Join(t.TempDir(), "soffice")
	text := "#!/bin/sh\nprofile=$1\nwhile [ $# -gt 1 ]; do [ \"$1\" = --outdir ] && out=$2; shift; done\nin=$1\n" + script + "\n"
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return convert.Converter{Program: path}
}

func document(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "up_1")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFake(t *testing.T) {
	folder := t.TempDir()
	path, err := fake(t, `case "$profile" in -env:UserInstallation=file:///*) ;; *) exit 3;; esac
cp "$in" "$out/document.pdf"`).PDF(t.Context(), document(t, "content"), ".docx", folder)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "content" {
		t.Errorf("%q %v", data, err)
	}
	for name, script := range map[string]string{"nothing is made": "exit 0", "it fails": "exit 1", "an empty file": `: > "$out/document.pdf"`} {
		if _, err := fake(t, script).PDF(t.Context(), document(t, "x"), ".doc", t.TempDir()); !errors.Is(err, convert.ErrFailed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := fake(t, "exit 0").PDF(t.Context(), document(t, "x"), ".exe", t.TempDir()); !errors.Is(err, convert.ErrKind) {
		t.Error(err)
	}
}

// A converter that hangs is ended with what it started.
func TestHanging(t *testing.T) {
	folder := t.TempDir()
	c := fake(t, "sleep 600 &\necho $! > "+filepath.Join(folder, "child")+"\nwait")
	var text []byte
	// On a slow machine it may be ended before it has begun; then it gets more time.
	for c.Patience = time.Second; len(text) == 0; c.Patience *= 4 {
		if c.Patience > 5*time.Minute {
			t.Fatal("it does not begin")
		}
		if _, err := c.PDF(t.Context(), document(t, "x"), ".odt", t.TempDir()); !errors.Is(err, convert.ErrFailed) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		text, _ = os.ReadFile(filepath.Join(folder, "child"))
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for range 600 {
		if gone(pid) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("what it started still runs")
}

// gone also counts a process that ended and that nobody waited for.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && bytes.Contains(stat, []byte(") Z "))
}

// With the real one, where it is installed.
func TestLibreOffice(t *testing.T) {
	c, found := convert.Find()
	if !found {
		t.Skip("LibreOffice is not installed")
	}
	c.Patience = 10 * time.Minute
	path, err := c.PDF(t.Context(), document(t, `{\rtf1\ansi The price is 100.}`), ".rtf", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed")
	}
	if text, err := exec.CommandContext(t.Context(), "pdftotext", path, "-").Output(); err != nil || !strings.Contains(string(text), "The price is 100.") {
		t.Errorf("%q %v", text, err)
	}
}
