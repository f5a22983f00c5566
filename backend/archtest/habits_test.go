package archtest

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestBackendHasNoCgoAndNoEnvironment(t *testing.T) {
	environment := []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv", "Setenv", "UserConfigDir", "UserHomeDir", "UserCacheDir", "Args", "Exit"}
	for _, s := range load(t) {
		if slices.Contains(s.imports(), "C") {
			t.Errorf("%s uses cgo: one pure Go binary is what makes cross builds and static relays easy", s.path)
		}
		if !s.inBackend() || s.isTest() || s.isGenerated() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok {
				if from, ok := call.X.(*ast.Ident); ok && from.Name == "os" && from.Obj == nil && slices.Contains(environment, call.Sel.Name) {
					t.Errorf("%s: os.%s: backend is a library; what the environment says comes through app/config", s.at(call.Pos()), call.Sel.Name)
				}
			}
			return true
		})
	}
}

func TestNoInit(t *testing.T) {
	for _, s := range load(t) {
		if s.isGenerated() {
			continue
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: func init: main tells the story, nothing starts by being imported", s.at(f.Pos()))
			}
		}
	}
}

// Package variables of backend hold what never changes: errors, tables,
// encoders. One without a value, or one that somebody assigns to, is state.
func TestNoMutableGlobals(t *testing.T) {
	packages := map[string][]source{}
	for _, s := range load(t) {
		if s.inBackend() && !s.isTest() && !s.isGenerated() {
			packages[s.pkg] = append(packages[s.pkg], s)
		}
	}
	for _, all := range packages {
		for _, problem := range mutable(all) {
			t.Error(problem)
		}
	}
}

// mutable finds the globals of one package that can change.
func mutable(all []source) (problems []string) {
	globals := map[string]bool{}
	specs := map[any]bool{}
	for _, s := range all {
		for _, d := range s.file.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.VAR {
				continue
			}
			for _, spec := range decl.Specs {
				v := spec.(*ast.ValueSpec)
				specs[v] = true
				embedded := strings.Contains(v.Doc.Text()+docText(decl.Doc), "go:embed")
				if len(v.Values) == 0 && !embedded {
					problems = append(problems, s.at(v.Pos())+": var "+v.Names[0].Name+" has no value, so somebody will give it one: pass state in, keep none")
				}
				for _, name := range v.Names {
					globals[name.Name] = name.Name != "_"
				}
			}
		}
	}
	for _, s := range all {
		ast.Inspect(s.file, func(n ast.Node) bool {
			var targets []ast.Expr
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					targets = n.Lhs
				}
			case *ast.IncDecStmt:
				targets = []ast.Expr{n.X}
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					targets = []ast.Expr{n.X}
				}
			}
			// The parser links local names to where they are declared in the file;
			// the others are the package's, from another file.
			for _, target := range targets {
				if id := base(target); id != nil && globals[id.Name] && (id.Obj == nil || specs[id.Obj.Decl]) {
					problems = append(problems, s.at(target.Pos())+": "+id.Name+" is a package variable: nothing assigns to one after the start")
				}
			}
			return true
		})
	}
	return problems
}

// docText keeps directives, which CommentGroup.Text drops.
func docText(doc *ast.CommentGroup) (text string) {
	if doc != nil {
		for _, c := range doc.List {
			text += c.Text + "\n"
		}
	}
	return text
}

// base is the variable that an assignment changes: x of x[1].field.
func base(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.IndexExpr:
		return base(e.X)
	case *ast.SelectorExpr:
		return base(e.X)
	case *ast.ParenExpr:
		return base(e.X)
	}
	return nil
}

func TestMutableGlobalsAreFound(t *testing.T) {
	text := `package p
var ok = 1
var table = map[string]int{}
var counter int
func f(ok int) { ok = 2; table["a"]++; local := 1; local = 2; _ = local; x.y = 3; { var ok int; ok = 3; _ = ok }; _ = &shared }
var x, shared = struct{ y int }{}, 0
`
	got := mutable([]source{parse(t, "backend/p/p.go", text)})
	for _, want := range []string{"var counter has no value", "table is a package variable", "x is a package variable", "shared is a package variable"} {
		if !slices.ContainsFunc(got, func(p string) bool { return strings.Contains(p, want) }) {
			t.Errorf("not found: %s in %q", want, got)
		}
	}
	if len(got) != 4 {
		t.Errorf("found %q", got)
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	for _, s := range load(t) {
		if s.isGenerated() || strings.HasSuffix(s.file.Name.Name, "_test") {
			continue
		}
		said[s.pkg] = said[s.pkg] || s.file.Doc != nil && !s.isTest()
	}
	for pkg, ok := range said {
		if !ok {
			t.Errorf("%s has no package comment: build a package on the day its doc.go has something true to say", pkg)
		}
	}
}

func TestNames(t *testing.T) {
	empty := []string{"utils", "util", "common", "helper", "helpers", "models", "types", "misc", "base", "manager", "handlers", "impl"}
	for _, s := range load(t) {
		if slices.Contains(empty, path.Base(s.pkg)) {
			t.Errorf("%s: a package called %s is about nothing", s.path, path.Base(s.pkg))
		}
		if s.isGenerated() || s.isTest() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				for _, suffix := range []string{"Manager", "Helper", "Impl", "Util"} {
					if strings.HasSuffix(spec.Name.Name, suffix) {
						t.Errorf("%s: type %s: name it for what it is", s.at(spec.Pos()), spec.Name.Name)
					}
				}
			}
			return true
		})
	}
}
