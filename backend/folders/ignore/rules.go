package ignore

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// File is the name of the rules file, at the root of a folder.
	File = ".roundtableignore"
	// Own is the name, at the root, of what we keep in a folder; never shown.
	Own = ".roundtable"
	// Temporary begins the names of files on their way in; never shown.
	Temporary = ".~roundtable-"

	// MaxFile bounds the rules file, MaxRules its rules.
	MaxFile  = 256 << 10
	MaxRules = 10_000
)

// Lines that Match gives when the file has none.
const (
	NoLine  = 0  // no rule matches
	BuiltIn = -1 // one of Litter
	Always  = -2 // not for rules to decide
)

// Rules are those of one folder. They do not change and may be used by several
// goroutines.
type Rules struct {
	own    rules
	litter *rules
}

// litter holds the built-in rules.
var litter = func() *rules {
	r, _ := parse(Litter, true)
	return &r
}()

// Parse reads a rules file. Bad lists the lines that can hide nothing, counted
// from 1: brackets that are not closed, a backslash at the end, no name. A file
// beyond the bounds counts up to them, and its first line beyond is the last one in
// bad: whoever shares a folder should not do so before that is mended.
func Parse(text string) (rules *Rules, bad []int) {
	own, bad := parse(text, false)
	return &Rules{own, litter}, bad
}

// ParseFolding is Parse for disks that ignore case.
func ParseFolding(text string) (rules *Rules, bad []int) {
	own, bad := parse(text, true)
	return &Rules{own, litter}, bad
}

// Whole reports whether every rule of the file counts. Where it is not so, what the
// others would hide is shown.
func (r *Rules) Whole() bool { return !r.own.cut }

// Match reports whether a path is hidden, and by which line of the file: NoLine,
// BuiltIn and Always stand for what is no line. A line that is given for a path
// that is not hidden is one that shows it. The path is relative to the folder, with
// slashes, in Unicode form C.
func (r *Rules) Match(name string, folder bool) (hidden bool, line int) {
	low := folded(name)
	at, lowAt := 0, 0 // folding may change the length of a name, not the number of slashes
	for {
		next := strings.IndexByte(name[at:], '/')
		if next < 0 {
			return r.judge(name, low, folder)
		}
		at, lowAt = at+next, lowAt+strings.IndexByte(low[lowAt:], '/')
		if hidden, line = r.judge(name[:at], low[:lowAt], true); hidden {
			return hidden, line
		}
		at, lowAt = at+1, lowAt+1
	}
}

// MatchEntry is Match for whoever walks a tree: it takes the folder that the path
// is in for shown.
func (r *Rules) MatchEntry(name string, folder bool) (hidden bool, line int) {
	return r.judge(name, folded(name), folder)
}

// judge looks at one path; low is its folded form.
func (r *Rules) judge(name, low string, folder bool) (hidden bool, line int) {
	if name == "" {
		return false, NoLine
	}
	if always(low) {
		return true, Always
	}
	if r.own.fold {
		name = low
	}
	if rule := r.own.last(name, folder); rule != nil {
		return !rule.shows, rule.line
	}
	if rule := r.litter.last(low, folder); rule != nil {
		return !rule.shows, BuiltIn
	}
	return false, NoLine
}

func always(low string) bool {
	return low == Own || strings.HasPrefix(low[strings.LastIndexByte(low, '/')+1:], Temporary)
}

// parse reads lines as git does.
func parse(text string, fold bool) (out rules, bad []int) {
	out = rules{fold: fold, names: map[string]places{}, endings: map[string]places{}}
	whole := len(text) <= MaxFile
	if !whole {
		text = text[:strings.LastIndexByte(text[:MaxFile], '\n')+1]
	}
	text = strings.TrimPrefix(text, "\ufeff")
	line, count := 0, 0
	for row := range strings.SplitSeq(text, "\n") {
		line++
		if strings.HasPrefix(row, "#") {
			continue
		}
		row = withoutSpaces(strings.TrimSuffix(row, "\r"))
		if row == "" {
			continue
		}
		if count++; count > MaxRules {
			out.cut = true
			return out, append(bad, line)
		}
		if rule, err := newRule(row, fold); err != nil {
			bad = append(bad, line)
		} else {
			rule.line = line
			out.add(rule)
		}
	}
	if out.cut = !whole; !whole {
		bad = append(bad, line) // the row after the last line feed is the first one cut off
	}
	return out, bad
}

// withoutSpaces takes the spaces at the end that have no backslash before them.
func withoutSpaces(row string) string {
	end := 0
	for i := 0; i < len(row); i++ {
		switch row[i] {
		case ' ':
			continue
		case '\\':
			i++
		}
		end = i + 1
	}
	return row[:min(end, len(row))]
}

// rule is one line.
type rule struct {
	line   int
	shows  bool // it began with !
	folder bool // it ended with a slash
	// base is the pattern of the last name at any depth. With path set, blocks
	// count instead, from the root: names, and between the blocks any number of folders.
	base   glob
	path   bool
	blocks [][]glob
}

func newRule(row string, fold bool) (r rule, err error) {
	if !utf8.ValidString(row) || strings.ContainsRune(row, 0) {
		return r, errPattern
	}
	row, r.shows = strings.CutPrefix(norm.NFC.String(row), "!")
	row, r.folder = strings.CutSuffix(row, "/")
	if row == "" {
		return r, errPattern
	}
	r.path = strings.Contains(row, "/")
	row = strings.TrimPrefix(row, "/")
	pieces, err := read(row)
	if err != nil {
		return r, err
	}
	if !r.path {
		r.base = newGlob(pieces, fold)
		return r, nil
	}
	r.blocks = [][]glob{nil}
	names := split(pieces)
	for i, name := range names {
		last := &r.blocks[len(r.blocks)-1]
		switch {
		case len(name) == 0:
			return r, errPattern // two slashes
		case len(name) >= 2 && !slices.ContainsFunc(name, func(p piece) bool { return p.kind != '*' }):
			var below []glob
			if i == len(names)-1 { // everything below, not the folder itself
				below = []glob{{star: true}}
			}
			r.blocks = append(r.blocks, below)
		default:
			*last = append(*last, newGlob(name, fold))
		}
	}
	return r, nil
}

// split parts the pieces at the slashes.
func split(pieces []piece) (names [][]piece) {
	for {
		i := slices.IndexFunc(pieces, func(p piece) bool { return p.kind == '/' })
		if i < 0 {
			return append(names, pieces)
		}
		names, pieces = append(names, pieces[:i:i]), pieces[i+1:]
	}
}
