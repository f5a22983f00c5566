package convert

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

var (
	// ErrKind says that a document is of no kind that is converted.
	ErrKind = errors.New("no document of a word processor")
	// ErrFailed says that LibreOffice made no PDF of it.
	ErrFailed = errors.New("LibreOffice could not convert the document")
)

// Kinds are the endings of names that are taken, in lower case.
func Kinds() []string { return []string{".docx", ".doc", ".odt", ".rtf", ".wps"} }

// Converter is a LibreOffice.
type Converter struct {
	// Program is the path of soffice.
	Program string
	// Patience is how long one document may take; 0: 90 seconds. The first start makes a profile and takes longest.
	Patience time.Duration
}

// Find looks for LibreOffice at the usual places.
func Find() (Converter, bool) {
	for _, pattern := range places() {
		all, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		slices.Sort(all)
		for _, path := range slices.Backward(all) { // the latest of several versions
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				return Converter{Program: path}, true
			}
		}
	}
	return Converter{}, false
}

// Is reports whether a file of this name could be converted, and gives its ending.
func Is(name string) (kind string, is bool) {
	kind = strings.ToLower(filepath.Ext(name))
	return kind, slices.Contains(Kinds(), kind)
}

// PDF converts the document at source, which is of a kind of Kinds. folder is an empty folder of the caller's; the PDF lies in
// it afterwards. It ends with ctx at the latest. Errors: ErrKind, ErrFailed, the system's.
func (c Converter) PDF(ctx context.Context, source, kind, folder string) (path string, err error) {
	if !slices.Contains(Kinds(), kind) {
		return "", ErrKind
	}
	patience := c.Patience
	if patience == 0 {
		patience = 90 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// Under a name of ours: what somebody called a file is no argument for a program.
	in, out := filepath.Join(folder, "document"+kind), filepath.Join(folder, "out")
	if err := os.Mkdir(out, 0o700); err != nil {
		return "", err
	}
	if err := copyFile(source, in); err != nil {
		return "", err
	}
	profile := url.URL{Scheme: "file", Path: slashed(filepath.Join(folder, "profile"))}
	command := exec.CommandContext(ctx, c.Program, "-env:UserInstallation="+profile.String(), "--headless", "--norestore",
		"--nodefault", "--nolockcheck", "--nofirststartwizard", "--convert-to", "pdf", "--outdir", out, in)
	command.Dir = folder
	alone(command)
	command.WaitDelay = 5 * time.Second
	said, err := command.CombinedOutput()
	path = filepath.Join(out, "document.pdf")
	if info, e := os.Stat(path); err == nil && e == nil && info.Size() > 0 {
		return path, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return "", fmt.Errorf("%w: %w: %.300s", ErrFailed, errors.Join(err, errors.New("no PDF")), said)
}

// slashed is a path as it stands in an address.
func slashed(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return path
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = out.ReadFrom(in)
	return errors.Join(err, out.Close())
}
