package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const module = "roundtable"

// source is one Go file.
type source struct {
	path string // "backend/chat/api.go"
	pkg  string // "backend/chat"; "." for the root
	text string
	file *ast.File
	fset *token.FileSet
}

func (s source) isTest() bool      { return strings.HasSuffix(s.path, "_test.go") }
func (s source) isGenerated() bool { return ast.IsGenerated(s.file) }
func (s source) inBackend() bool   { return strings.HasPrefix(s.path, "backend/") }
func (s source) lines() int        { return strings.Count(s.text, "\n") }

func (s source) at(p token.Pos) string {
	where := s.fset.Position(p)
	return s.path + ":" + itoa(where.Line)
}

// imports gives the paths without the module's name: "backend/wire", "net/http".
func (s source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		out = append(out, strings.TrimPrefix(strings.Trim(i.Path.Value, `"`), module+"/"))
	}
	return out
}

// files gives the paths of all files below the root that are ours.
func files(t *testing.T, wanted func(string) bool) []string {
	t.Helper()
	root := filepath.Join("..", "..")
	var out []string
	err := filepath.WalkDir(root, func(p string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if p != root && (strings.HasPrefix(name, ".") && name != ".ci" || name == "node_modules" || name == "dist" || name == "bin" || name == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		relative, err := filepath.Rel(root, p)
		if slashed := filepath.ToSlash(relative); err == nil && wanted(slashed) {
			out = append(out, slashed)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, p string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(p)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// load parses every Go file of the repository, whatever system it is for.
func load(t *testing.T) []source {
	t.Helper()
	var out []source
	for _, p := range files(t, func(p string) bool { return path.Ext(p) == ".go" }) {
		out = append(out, parse(t, p, read(t, p)))
	}
	if len(out) < 50 {
		t.Fatalf("found %d Go files: the tests look in the wrong place", len(out))
	}
	return out
}

func parse(t *testing.T, p, text string) source {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, p, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return source{path: p, pkg: path.Dir(p), text: text, file: file, fset: fset}
}
