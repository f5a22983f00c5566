package ignore

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// errPattern: git never matches with such a pattern.
var errPattern = errors.New("no name can match")

// piece is one element of a pattern.
type piece struct {
	kind byte // 'c' a character, '?', '*', '[' a set, '/'
	char rune
	set  *set
}

// read takes a pattern apart. Slashes in brackets are not the pattern's.
func read(pattern string) (out []piece, err error) {
	for pattern != "" {
		r, n := utf8.DecodeRuneInString(pattern)
		pattern = pattern[n:]
		switch r {
		case '*', '?', '/':
			out = append(out, piece{kind: byte(r)})
			continue
		case '[':
			var s *set
			if s, pattern, err = readSet(pattern); err != nil {
				return nil, err
			}
			out = append(out, piece{kind: '[', set: s})
			continue
		case '\\':
			if pattern == "" {
				return nil, errPattern
			}
			r, n = utf8.DecodeRuneInString(pattern)
			pattern = pattern[n:]
		}
		if r == '/' { // git takes \/ for a slash
			out = append(out, piece{kind: '/'})
			continue
		}
		out = append(out, piece{kind: 'c', char: r})
	}
	return out, nil
}

// glob matches one name of a path. The common forms have their own way: a literal
// (no pieces), and a star before or behind one.
type glob struct {
	prefix, suffix string // literals at both ends; of a literal, the prefix is all of it
	star           bool   // prefix, anything, suffix
	pieces         []piece
	fold           bool
}

func newGlob(pieces []piece, fold bool) glob {
	g := glob{fold: fold}
	var literals [2]strings.Builder
	simple := true
	for i, p := range pieces {
		switch {
		case p.kind == 'c' && fold:
			pieces[i].char = foldRune(p.char)
			fallthrough
		case p.kind == 'c':
			literals[btoi(g.star)].WriteRune(pieces[i].char)
		case p.kind == '*' && (!g.star || pieces[i-1].kind == '*'):
			g.star = true
		default:
			simple = false
		}
	}
	if simple {
		g.prefix, g.suffix = literals[0].String(), literals[1].String()
	} else {
		g.pieces = pieces
	}
	return g
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// literal reports whether the glob matches one name only.
func (g *glob) literal() bool { return g.pieces == nil && !g.star }

// match reports whether a name matches. Of a folding glob the name is folded.
func (g *glob) match(name string) bool {
	switch {
	case g.pieces != nil:
		return matchPieces(g.pieces, name, g.fold)
	case g.star:
		return len(name) >= len(g.prefix)+len(g.suffix) && strings.HasPrefix(name, g.prefix) && strings.HasSuffix(name, g.suffix)
	}
	return name == g.prefix
}

// matchPieces tries the last star again and no star before it: whatever an earlier
// one took, the last one can make up for it. So it costs at most one product of
// the lengths.
func matchPieces(pieces []piece, name string, fold bool) bool {
	i, at := 0, 0         // the next piece, the next byte
	star, behind := -1, 0 // the piece after the last star, the byte after what it took
	for at < len(name) {
		r, n := utf8.DecodeRuneInString(name[at:])
		if i < len(pieces) && pieces[i].kind == '*' {
			i++
			star, behind = i, at
			continue
		}
		if i < len(pieces) && pieces[i].matches(r, fold) {
			i, at = i+1, at+n
			continue
		}
		if star < 0 {
			return false
		}
		_, n = utf8.DecodeRuneInString(name[behind:])
		behind += n
		i, at = star, behind
	}
	for i < len(pieces) && pieces[i].kind == '*' {
		i++
	}
	return i == len(pieces)
}

func (p *piece) matches(r rune, fold bool) bool {
	switch p.kind {
	case 'c':
		return p.char == r
	case '?':
		return true
	default:
		return p.set.has(r, fold)
	}
}
