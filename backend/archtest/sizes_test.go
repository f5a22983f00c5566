package archtest

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

const (
	arguedFile      = 400
	refusedFile     = 600
	arguedComponent = 200
	arguedFunction  = 60
	arguedInterface = 7
	mainLines       = 40
)

// The exceptions: what is larger than we like, how large it may be, and why.
// The lists only shrink: whoever makes an entry untrue takes it out.
var (
	largeFiles      = map[string]exception{}
	largeFunctions  = map[string]exception{}
	largeInterfaces = map[string]exception{}
)

// exception has the most lines (or methods) that are accepted.
type exception struct {
	most   int
	reason string
}

// judge compares sizes with the limit and the exceptions, and finds exceptions
// that are no longer needed.
func judge(t *testing.T, what string, sizes map[string]int, limit int, exceptions map[string]exception) {
	t.Helper()
	for name, size := range sizes {
		e, excepted := exceptions[name]
		switch {
		case !excepted && size > limit:
			t.Errorf("%s: %d %s, more than %d: take it apart, or argue for an exception in archtest", name, size, what, limit)
		case excepted && e.reason == "":
			t.Errorf("%s: an exception gives its reason", name)
		case excepted && size > e.most:
			t.Errorf("%s: %d %s: its exception ends at %d", name, size, what, e.most)
		case excepted && size <= limit:
			t.Errorf("%s: %d %s: it needs no exception any more, take it out", name, size, what)
		}
	}
	for name := range exceptions {
		if _, there := sizes[name]; !there {
			t.Errorf("exception for %s, which is gone: take it out", name)
		}
	}
}

func TestFiles(t *testing.T) {
	sizes := map[string]int{}
	for _, s := range load(t) {
		switch {
		case s.isGenerated():
		case s.isTest():
			if n := s.lines(); n > refusedFile {
				t.Errorf("%s: %d lines, more than %d: a story that long is several", s.path, n, refusedFile)
			}
		default:
			sizes[s.path] = s.lines()
		}
	}
	for _, p := range files(t, isScreenFile) {
		if strings.Contains(p, ".test.") || strings.HasPrefix(p, "frontend/e2e/") {
			continue
		}
		sizes[p] = strings.Count(read(t, p), "\n")
	}
	judge(t, "lines", sizes, arguedFile, largeFiles)
	for p, e := range largeFiles {
		if e.most > refusedFile {
			t.Errorf("%s: nothing argues for more than %d lines", p, refusedFile)
		}
	}
	if n := sizes["main.go"]; n > mainLines || n == 0 {
		t.Errorf("main.go has %d lines: it calls desktop.Main, at most %d", n, mainLines)
	}
}

// isScreenFile tells source that people write: not generated, not words (the
// files of translations are tables).
func isScreenFile(p string) bool {
	return strings.HasPrefix(p, "frontend/") && slices.Contains([]string{".ts", ".tsx", ".css"}, path.Ext(p)) && !strings.Contains(p, "/api/gen/")
}

func TestComponents(t *testing.T) {
	sizes := map[string]int{}
	for _, p := range files(t, isScreenFile) {
		if path.Ext(p) == ".tsx" && !strings.Contains(p, ".test.") {
			sizes[p] = strings.Count(read(t, p), "\n")
		}
	}
	judge(t, "lines", sizes, arguedComponent, largeComponents)
}

var largeComponents = map[string]exception{}

func TestFunctions(t *testing.T) {
	sizes := map[string]int{}
	for _, s := range load(t) {
		if s.isGenerated() || s.isTest() {
			continue
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				name := s.pkg + "." + receiver(f) + f.Name.Name
				sizes[name] = max(sizes[name], s.fset.Position(f.End()).Line-s.fset.Position(f.Pos()).Line+1)
			}
		}
	}
	judge(t, "lines", sizes, arguedFunction, largeFunctions)
}

func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return ""
	}
	e := f.Recv.List[0].Type
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if generic, ok := e.(*ast.IndexExpr); ok {
		e = generic.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name + "."
	}
	return ""
}

func TestInterfaces(t *testing.T) {
	sizes := map[string]int{}
	for _, s := range load(t) {
		if s.isGenerated() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if i, ok := spec.Type.(*ast.InterfaceType); ok {
					sizes[s.pkg+"."+spec.Name.Name] = i.Methods.NumFields()
				}
			}
			return true
		})
	}
	judge(t, "methods", sizes, arguedInterface, largeInterfaces)
}
