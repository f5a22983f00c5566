package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"roundtable/app/config"
	"roundtable/backend/contracts/verify"
)

const (
	// attachedFolder is how the folders begin in which an exported contract has what was attached.
	attachedFolder = "attached "
	// maxBeside bounds the files of such folders.
	maxBeside = 400
)

// beside is a file that was given with a document.
type beside struct {
	name string
	sum  [32]byte
	// told: somebody said that the document names it.
	told bool
}

// subject is the report on the document itself: of evidence, on that in it.
func (r *result) subject() *verify.Report {
	if r.document != nil {
		return r.document
	}
	return r.report
}

// give takes files that the document is said to name.
func (r *result) give(paths []string) error {
	for _, path := range paths {
		sum, err := hashOf(path)
		if err != nil {
			return err
		}
		r.beside = append(r.beside, beside{filepath.Base(path), sum, true})
	}
	return nil
}

// find takes what lies in the folders for attached files of an exported contract.
func (r *result) find(folder string) error {
	all, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, below := range all {
		if !below.IsDir() || !strings.HasPrefix(below.Name(), attachedFolder) {
			continue
		}
		files, err := os.ReadDir(filepath.Join(folder, below.Name()))
		if err != nil {
			return err
		}
		for _, f := range files {
			if !f.Type().IsRegular() {
				continue
			}
			if len(r.beside) >= maxBeside {
				return fmt.Errorf("more than %d attached files", maxBeside)
			}
			sum, err := hashOf(filepath.Join(folder, below.Name(), f.Name()))
			if err != nil {
				return err
			}
			r.beside = append(r.beside, beside{below.Name() + "/" + f.Name(), sum, false})
		}
	}
	return nil
}

func hashOf(path string) (sum [32]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return [32]byte(h.Sum(nil)), err
}

// named reports whether a field of the document names a file.
func (r *result) named(b beside) bool {
	s := r.subject()
	return s != nil && slices.ContainsFunc(s.Attached, func(a verify.Attached) bool { return a.SHA256 == b.sum })
}

// here reports whether a file that the document names was given.
func (r *result) here(a verify.Attached) bool {
	return slices.ContainsFunc(r.beside, func(b beside) bool { return b.sum == a.SHA256 })
}

// exchanged reports whether a file is there that the document does not name: one of which that was said, or one in the place of another that it
// names. Contracts of before name files by their names alone.
func (r *result) exchanged() bool {
	s := r.subject()
	lacks := s != nil && slices.ContainsFunc(s.Attached, func(a verify.Attached) bool { return !r.here(a) })
	return slices.ContainsFunc(r.beside, func(b beside) bool { return !r.named(b) && (b.told || lacks) })
}

func tellAttached(w io.Writer, l config.Language, r *result) {
	s := r.subject()
	if s == nil {
		return
	}
	for _, a := range s.Attached {
		mark, what := "·", say(l, "附件", "attached file")
		if r.here(a) {
			mark, what = "✓", say(l, "附件（文件在此，与文档所载一致）", "attached file, which is here and the one that the document names")
		}
		fmt.Fprintf(w, "%s %s: %s\n", mark, what, clean(a.Name))
		fmt.Fprintln(w, "     SHA-256 "+hex.EncodeToString(a.SHA256[:]))
		if a.By > 0 {
			fmt.Fprintln(w, "     "+say(l, "由签名 %d 覆盖", "signature %d is over it", a.By))
		} else {
			fmt.Fprintln(w, "     ! "+say(l, "没有签名覆盖它", "no signature is over it"))
		}
	}
	for _, b := range r.beside {
		if !r.named(b) {
			fmt.Fprintf(w, "✗ %s: %s\n", say(l, "文档没有载明这个文件", "the document does not name this file"), clean(b.name))
			fmt.Fprintln(w, "     SHA-256 "+hex.EncodeToString(b.sum[:]))
		}
	}
}

type jsonAttached struct {
	Field, Name, SHA256 string
	Signature           int // the number of the first that is over it; 0: none
	Here                bool
}

type jsonBeside struct {
	Name, SHA256 string
	Named        bool
}

func attachedJSON(r *result) (attached []jsonAttached, files []jsonBeside) {
	s := r.subject()
	if s == nil {
		return nil, nil
	}
	for _, a := range s.Attached {
		attached = append(attached, jsonAttached{a.Field, a.Name, hex.EncodeToString(a.SHA256[:]), a.By, r.here(a)})
	}
	for _, b := range r.beside {
		files = append(files, jsonBeside{b.name, hex.EncodeToString(b.sum[:]), r.named(b)})
	}
	return attached, files
}
