package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/appends"
	"golang.org/x/tools/go/analysis/passes/assign"
	"golang.org/x/tools/go/analysis/passes/atomic"
	"golang.org/x/tools/go/analysis/passes/bools"
	"golang.org/x/tools/go/analysis/passes/buildtag"
	"golang.org/x/tools/go/analysis/passes/composite"
	"golang.org/x/tools/go/analysis/passes/copylock"
	"golang.org/x/tools/go/analysis/passes/defers"
	"golang.org/x/tools/go/analysis/passes/directive"
	"golang.org/x/tools/go/analysis/passes/errorsas"
	"golang.org/x/tools/go/analysis/passes/hostport"
	"golang.org/x/tools/go/analysis/passes/httpresponse"
	"golang.org/x/tools/go/analysis/passes/ifaceassert"
	"golang.org/x/tools/go/analysis/passes/loopclosure"
	"golang.org/x/tools/go/analysis/passes/lostcancel"
	"golang.org/x/tools/go/analysis/passes/nilfunc"
	"golang.org/x/tools/go/analysis/passes/printf"
	"golang.org/x/tools/go/analysis/passes/shift"
	"golang.org/x/tools/go/analysis/passes/sigchanyzer"
	"golang.org/x/tools/go/analysis/passes/slog"
	"golang.org/x/tools/go/analysis/passes/stdmethods"
	"golang.org/x/tools/go/analysis/passes/stdversion"
	"golang.org/x/tools/go/analysis/passes/stringintconv"
	"golang.org/x/tools/go/analysis/passes/structtag"
	"golang.org/x/tools/go/analysis/passes/testinggoroutine"
	"golang.org/x/tools/go/analysis/passes/tests"
	"golang.org/x/tools/go/analysis/passes/timeformat"
	"golang.org/x/tools/go/analysis/passes/unmarshal"
	"golang.org/x/tools/go/analysis/passes/unreachable"
	"golang.org/x/tools/go/analysis/passes/unsafeptr"
	"golang.org/x/tools/go/analysis/passes/unusedresult"
	"golang.org/x/tools/go/analysis/passes/waitgroup"
)

// analyzers are those of go vet (cmd/vet), without those for assembly and cgo, of which
// there is none here.
var analyzers = []*analysis.Analyzer{
	appends.Analyzer, assign.Analyzer, atomic.Analyzer, bools.Analyzer, buildtag.Analyzer, composite.Analyzer, copylock.Analyzer, defers.Analyzer,
	directive.Analyzer, errorsas.Analyzer, httpresponse.Analyzer, hostport.Analyzer, ifaceassert.Analyzer, loopclosure.Analyzer, lostcancel.Analyzer,
	nilfunc.Analyzer, printf.Analyzer, shift.Analyzer, sigchanyzer.Analyzer, slog.Analyzer, stdmethods.Analyzer, stdversion.Analyzer,
	stringintconv.Analyzer, structtag.Analyzer, tests.Analyzer, testinggoroutine.Analyzer, timeformat.Analyzer, unmarshal.Analyzer,
	unreachable.Analyzer, unsafeptr.Analyzer, unusedresult.Analyzer, waitgroup.Analyzer,
}

// unit is a package of which everything is known.
type unit struct {
	sources []*ast.File
	checked *types.Package
	info    *types.Info
	sizes   types.Sizes
}

// fact is what one analyzer knows of an object, or of a package.
type fact struct {
	of   any
	kind reflect.Type
}

// analyze runs the analyzers on a package. What they know of functions is kept for the packages
// that import it; of packages of others they know what they know by themselves.
func (e *reading) analyze(p *listed, u unit) {
	results := map[*analysis.Analyzer]any{}
	for _, a := range analyzers {
		// Faults of what is listed once more with its tests are found there.
		if len(a.FactTypes) > 0 || !e.again(p) {
			e.run(a, p, u, results)
		}
	}
}

// again reports whether a package stands in the list once more, with its tests.
func (e *reading) again(p *listed) bool {
	with := p.ImportPath + " [" + p.ImportPath + ".test]"
	return p.ForTest == "" && slices.ContainsFunc(e.all, func(o listed) bool { return o.ImportPath == with })
}

// run is one analyzer, behind those whose results it needs.
func (e *reading) run(a *analysis.Analyzer, p *listed, u unit, results map[*analysis.Analyzer]any) {
	if _, done := results[a]; done {
		return
	}
	for _, need := range a.Requires {
		e.run(need, p, u, results)
	}
	load := func(of any, into analysis.Fact) bool {
		known, ok := e.facts[fact{of, reflect.TypeOf(into)}]
		if ok {
			reflect.ValueOf(into).Elem().Set(reflect.ValueOf(known).Elem())
		}
		return ok
	}
	pass := &analysis.Pass{
		Analyzer: a, Fset: e.files, Files: u.sources, IgnoredFiles: p.absolute(p.IgnoredGoFiles),
		Pkg: u.checked, TypesInfo: u.info, TypesSizes: u.sizes, ResultOf: results, ReadFile: os.ReadFile,
		Module:            &analysis.Module{Path: p.Module.Path, GoVersion: p.Module.GoVersion},
		Report:            func(d analysis.Diagnostic) { e.say(fmt.Sprintf("%s: %s", e.files.Position(d.Pos), d.Message)) },
		ImportObjectFact:  func(of types.Object, into analysis.Fact) bool { return load(of, into) },
		ImportPackageFact: func(of *types.Package, into analysis.Fact) bool { return load(of, into) },
		ExportObjectFact:  func(of types.Object, is analysis.Fact) { e.facts[fact{of, reflect.TypeOf(is)}] = is },
		ExportPackageFact: func(is analysis.Fact) { e.facts[fact{u.checked, reflect.TypeOf(is)}] = is },
		AllObjectFacts:    func() []analysis.ObjectFact { return nil },
		AllPackageFacts:   func() []analysis.PackageFact { return nil },
	}
	r, err := a.Run(pass)
	if err != nil {
		e.say(fmt.Sprintf("%s of %s: %v", a.Name, p.ImportPath, err))
	}
	results[a] = r
}
