package names

import (
	"slices"
	"strings"
)

// maxTokens bounds the words of a question; what comes after them is one with the last.
const maxTokens = 5

// search is a question: all of it in one, and its words, each with the places that it finds.
type search struct {
	joined question
	tokens []question // none when there is only one
	places [][]bool   // of joined, then of each token
	// inPlaces: joined is found in one of them.
	inPlaces bool
}

func newSearch(written string) search {
	words := strings.Fields(fold(written))
	if len(words) > maxTokens {
		words = append(words[:maxTokens-1], strings.Join(words[maxTokens-1:], ""))
	}
	s := search{joined: newQuestion(strings.Join(words, ""))}
	for _, w := range words {
		if q := newQuestion(w); q.text != "" {
			s.tokens = append(s.tokens, q)
		}
	}
	if len(s.tokens) < 2 {
		s.tokens = nil
	}
	return s
}

func (s *search) lookAtPlaces(kept []place) {
	for _, q := range append([]question{s.joined}, s.tokens...) {
		in := make([]bool, len(kept))
		for i := range kept {
			in[i] = kept[i].find(&q).rank != none
			s.inPlaces = s.inPlaces || in[i]
		}
		s.places = append(s.places, in)
	}
}

// result is the best of an entry for a search.
type result struct {
	found
	name int // which, -1 none
}

// look finds a search in an entry: all of it at one place, or each word somewhere.
func look[K comparable](e *entry[K], s *search) result {
	r := ask(e, &s.joined, s.places[0])
	if r.rank != none || len(s.tokens) == 0 {
		return r
	}
	r = result{found{rank: none}, -1}
	for i := range s.tokens {
		one := ask(e, &s.tokens[i], s.places[i+1])
		switch {
		case one.rank == none:
			return one
		case i == 0, one.rank < r.rank:
			r = one
		}
	}
	r.rank = max(r.rank, Prefix)
	return r
}

// ask finds one question in an entry.
func ask[K comparable](e *entry[K], q *question, places []bool) result {
	r := result{found{rank: none}, -1}
	for i := range e.names {
		if f := e.names[i].find(q); f.better(r.found) {
			r = result{f, i}
		}
	}
	if r.rank == Exact {
		return r
	}
	if q.number != "" {
		for _, n := range e.numbers {
			if rank := q.matchNumber(n); rank < r.rank {
				r = result{found{rank: rank}, -1}
			}
		}
	}
	if r.rank != none {
		return r
	}
	for i := range e.words {
		if e.words[i].find(q).rank != none {
			return result{found{rank: Other}, -1}
		}
	}
	for _, t := range e.texts {
		if q.inside(t) {
			return result{found{rank: Other}, -1}
		}
	}
	for _, p := range e.places {
		if places[p] {
			return result{found{rank: Other}, -1}
		}
	}
	return r
}

// hit says of an entry that was found what to mark in its name.
func hit[K comparable](e *entry[K], s *search) Hit[K] {
	r := look(e, s)
	out := Hit[K]{Key: e.key, Rank: r.rank, Name: r.name}
	if r.name < 0 {
		return out
	}
	questions := []question{s.joined}
	if e.names[r.name].find(&s.joined).rank == none {
		questions = s.tokens
	}
	for _, q := range questions {
		if f := e.names[r.name].find(&q); f.rank != none {
			out.Spans = append(out.Spans, q.spans(e.names[r.name].units, f)...)
		}
	}
	slices.SortFunc(out.Spans, func(a, b Span) int { return a.Start - b.Start })
	return out
}

// spans gives the parts of a name that a question stands for: characters whole, of words what was typed.
func (q question) spans(units []unit, f found) (out []Span) {
	for i := f.first; i <= f.last; i++ {
		u := units[i]
		s := Span{int(u.from), int(u.to)}
		switch {
		case len(u.readings) > 0: // a character
		case f.first == f.last:
			s.End = min(s.End, s.Start+len([]rune(q.text)))
		case f.rank == Initials || i == f.last:
			s.End = min(s.End, s.Start+typed(q, units, f, i))
		}
		if n := len(out); n > 0 && out[n-1].End == s.Start {
			out[n-1].End = s.End
		} else {
			out = append(out, s)
		}
	}
	return out
}

// typed is how many characters of a word were typed, one at least: what of the question is left for it when those
// before and after it take the least they can.
func typed(q question, units []unit, f found, at int) int {
	if at != f.last {
		return 1
	}
	for n := min(len(units[at].text), len(q.text)); n > 1; n-- {
		if strings.HasSuffix(q.text, units[at].text[:n]) {
			return len([]rune(units[at].text[:n]))
		}
	}
	return 1
}

// Match finds a question in one name, where there is no index. Spans are the parts to mark.
func Match(name, written string) (rank Rank, spans []Span, ok bool) {
	var x Index[int]
	x.Put(0, Entry{Names: []string{name}})
	for _, h := range x.Find(written, 1, nil) {
		return h.Rank, h.Spans, true
	}
	return none, nil, false
}
