package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// vet is `go vet` of some packages in a folder, without what go vet does first: it compiles
// everything that is imported, the standard library too, for types that stand in the sources,
// and asks each analyzer about all of it. Here the sources of others are read for their
// declarations alone, and ours are checked whole, with tests, by the same analyzers. That takes
// a tenth of the time for this system, and a thirtieth for another one.
func vet(folder string, environment []string, arguments ...string) func(context.Context) result {
	return check(folder, environment, false, arguments...)
}

// compiles is vet that also checks the bodies of what others wrote, as a compiler would, but for the standard
// library. To compile the backend for macOS as well took a seventh of all processor time of a run with nothing
// cached, and would find only what no code can be made for.
func compiles(folder string, environment []string, arguments ...string) func(context.Context) result {
	return check(folder, environment, true, arguments...)
}

func check(folder string, environment []string, bodies bool, arguments ...string) func(context.Context) result {
	return func(ctx context.Context) result {
		list := program(ctx, folder, environment, "go", append([]string{"list", "-deps", "-test",
			"-json=ImportPath,ForTest,Dir,GoFiles,CgoFiles,IgnoredGoFiles,ImportMap,Module"}, arguments...)...)
		var complaint bytes.Buffer // go tells there what it downloads, too
		list.Stderr = &complaint
		output, err := list.Output()
		if err != nil {
			return result{err: err, output: complaint.Bytes()}
		}
		e := reading{bodies: bodies, files: token.NewFileSet(), packages: map[string]*types.Package{"unsafe": types.Unsafe}, facts: map[fact]any{}, said: map[string]bool{}}
		if e.all, err = packagesIn(output); err != nil {
			return result{err: err}
		}
		for i := range e.all { // a package stands behind what it imports
			if ctx.Err() == nil {
				e.take(&e.all[i])
			}
		}
		if err = ctx.Err(); err == nil && len(e.said) > 0 {
			err = errors.New("vet finds faults")
		}
		return result{err: err, output: []byte(strings.Join(slices.Sorted(maps.Keys(e.said)), "\n"))}
	}
}

func packagesIn(list []byte) (all []listed, err error) {
	for d := json.NewDecoder(bytes.NewReader(list)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("read what go list says: %w", err)
		}
		all = append(all, p)
	}
}

// listed is what go list says of a package. A package that is compiled with its tests, or
// with what those change, is listed once more, under "PATH [FOR.test]".
type listed struct {
	ImportPath, ForTest, Dir          string
	GoFiles, CgoFiles, IgnoredGoFiles []string
	ImportMap                         map[string]string
	Module                            *struct {
		Path, GoVersion string
		Main            bool
	}
}

func (p *listed) ours() bool { return p.Module != nil && p.Module.Main }

// path is the one that the sources know.
func (p *listed) path() string {
	path, _, _ := strings.Cut(p.ImportPath, " ")
	return path
}

func (p *listed) absolute(names []string) (out []string) {
	for _, name := range names {
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		out = append(out, name)
	}
	return out
}

// reading is all packages, as one system would compile them.
type reading struct {
	all      []listed
	bodies   bool // also those of others
	files    *token.FileSet
	packages map[string]*types.Package // by listed.ImportPath
	facts    map[fact]any
	said     map[string]bool
}

// take checks the types of a package, and vets one of ours.
func (e *reading) take(p *listed) {
	if p.ImportPath == "unsafe" || strings.HasSuffix(p.ImportPath, ".test") { // what go test writes itself
		return
	}
	var sources []*ast.File
	sound := true
	for _, name := range p.absolute(slices.Concat(p.GoFiles, p.CgoFiles)) {
		mode := parser.SkipObjectResolution
		if p.ours() {
			mode |= parser.ParseComments
		}
		file, err := parser.ParseFile(e.files, name, nil, mode)
		if err != nil {
			e.say(err.Error())
			sound = false
			continue
		}
		sources = append(sources, file)
	}
	// With tests of another package it is the same once more.
	whole := p.ours() && (p.ForTest == "" || strings.TrimSuffix(p.path(), "_test") == p.ForTest)
	c := types.Config{
		Importer: importer{e, p}, IgnoreFuncBodies: !whole && !(e.bodies && p.Module != nil), FakeImportC: true, Sizes: types.SizesFor("gc", runtime.GOARCH),
		Error: func(err error) { e.say(err.Error()) },
	}
	if p.Module != nil && p.Module.GoVersion != "" {
		c.GoVersion = "go" + p.Module.GoVersion
	}
	var info *types.Info
	if whole {
		info = &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{}, Defs: map[*ast.Ident]types.Object{},
			Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
			Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
		}
	}
	checked, err := c.Check(p.path(), e.files, sources, info)
	e.packages[p.ImportPath] = checked
	if whole && sound && err == nil {
		e.analyze(p, unit{sources, checked, info, c.Sizes})
	}
}

func (e *reading) say(text string) { e.said[text] = true }

// importer gives a package those that it imports.
type importer struct {
	e *reading
	p *listed
}

func (i importer) Import(path string) (*types.Package, error) {
	if mapped, ok := i.p.ImportMap[path]; ok {
		path = mapped
	}
	if found := i.e.packages[path]; found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("%s does not stand before %s", path, i.p.ImportPath)
}
