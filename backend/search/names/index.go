package names

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Entry is what a person, or anything else with a name, is found by.
type Entry struct {
	// Names of it, in any language; the first is the one that is shown and sorted by.
	Names []string
	// Numbers are found from their beginning: of a telephone, of an employee.
	Numbers []string
	// Words are of this one alone, such as an address of mail.
	Words []string
	// Places are what many have in common: departments, titles.
	Places []string
	// Texts may be long, such as a note: they are found by what stands in them, of two signs and more, and not by pinyin, by which
	// a long one would have something of nearly every question.
	Texts []string
}

// Span is a part of a name, in runes; End is exclusive.
type Span struct{ Start, End int }

// Hit is something that was found.
type Hit[K comparable] struct {
	Key  K
	Rank Rank
	// Name is which of the names was found, -1 none of them; Spans are the parts to mark in it.
	Name  int
	Spans []Span
}

// Index finds entries by names. The zero value is empty; it may be used by many at once.
type Index[K comparable] struct {
	mu      sync.RWMutex
	reader  reader
	at      map[K]int
	entries []entry[K]
	// masks of the names of entries, in their order: most entries are passed over by them alone.
	masks  []mask
	places map[string]int
	kept   []place
	free   []int
}

// mask is what a question must have in common with an entry to be looked for in it: with its names, and with anything of its own.
type mask struct {
	names, starts uint64
	numbers       bool
	words         uint64
}

type entry[K comparable] struct {
	key     K
	names   []text
	numbers []string
	words   []text
	places  []int
	texts   []string // folded, letters and digits alone
	sort    string
}

// text is a name, or a word.
type text struct {
	units       []unit
	all, starts uint64
}

// place is what many have in common; it is looked at once for all of them.
type place struct {
	text
	written string
	users   int
}

func (x *Index[K]) text(written string, name bool) text {
	units := slices.Clip(x.reader.cut(written, name))
	all, starts := masks(units)
	return text{units, all, starts}
}

func (t *text) find(q *question) found {
	if q.text == "" || q.mask&^t.all != 0 || q.first&t.starts == 0 {
		return found{rank: none}
	}
	return q.match(t.units)
}

// Len is how many entries there are.
func (x *Index[K]) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.entries)
}

// Put takes an entry, in place of what had its key.
func (x *Index[K]) Put(k K, e Entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(k)
	n := entry[K]{key: k, numbers: numbers(e.Numbers)}
	for i, written := range e.Names {
		t := x.text(written, true)
		if i == 0 {
			n.sort = key(t.units, written)
		}
		n.names = append(n.names, t)
	}
	for _, written := range e.Words {
		n.words = append(n.words, x.text(written, false))
	}
	for _, written := range e.Places {
		if written != "" {
			n.places = append(n.places, x.place(written))
		}
	}
	for _, written := range e.Texts {
		n.texts = append(n.texts, signs(fold(written)))
	}
	if x.at == nil {
		x.at = map[K]int{}
	}
	x.at[k] = len(x.entries)
	x.entries = append(x.entries, n)
	x.masks = append(x.masks, n.mask())
}

// Delete takes an entry away.
func (x *Index[K]) Delete(k K) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(k)
}

func (x *Index[K]) remove(k K) {
	i, ok := x.at[k]
	if !ok {
		return
	}
	for _, p := range x.entries[i].places {
		if x.kept[p].users--; x.kept[p].users == 0 {
			delete(x.places, x.kept[p].written)
			x.kept[p] = place{}
			x.free = append(x.free, p)
		}
	}
	last := len(x.entries) - 1
	x.entries[i] = x.entries[last]
	x.at[x.entries[i].key] = i
	x.entries[last] = entry[K]{}
	x.entries = x.entries[:last]
	x.masks[i] = x.masks[last]
	x.masks = x.masks[:last]
	delete(x.at, k)
}

func (e *entry[K]) mask() (m mask) {
	for _, t := range e.names {
		m.names |= t.all
		m.starts |= t.starts
	}
	for _, t := range e.words {
		m.words |= t.all
	}
	for _, t := range e.texts {
		for _, r := range t {
			m.words |= bit(r)
		}
	}
	m.numbers = len(e.numbers) > 0
	return m
}

// may reports whether an entry can have a question in its names, words or numbers.
func (m *mask) may(q *question) bool {
	return q.mask&^m.names == 0 && q.first&m.starts != 0 || q.mask&^m.words == 0 || m.numbers && q.number != ""
}

func (x *Index[K]) place(written string) int {
	if x.places == nil {
		x.places = map[string]int{}
	}
	i, ok := x.places[written]
	if !ok {
		if n := len(x.free); n > 0 {
			i, x.free = x.free[n-1], x.free[:n-1]
		} else {
			i, x.kept = len(x.kept), append(x.kept, place{})
		}
		x.kept[i] = place{text: x.text(written, false), written: written}
		x.places[written] = i
	}
	x.kept[i].users++
	return i
}

// numbers gives numbers as they are compared: letters and digits alone, those of China also without their country.
func numbers(all []string) (out []string) {
	for _, written := range all {
		plain := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, fold(written))
		out = add(out, plain)
		if strings.HasPrefix(strings.TrimSpace(written), "+86") {
			out = add(out, strings.TrimPrefix(plain, "86"))
		}
	}
	return out
}

// DefaultLimit is how many hits Find gives when no limit is said.
const DefaultLimit = 50

// Find gives the best hits of a question, the best first, at most limit. near tells whether somebody has chosen an entry, or used
// it lately (the higher, the more; 0 not); it may be nil. A question without letters and digits finds nothing.
func (x *Index[K]) Find(written string, limit int, near func(K) int) []Hit[K] {
	return x.find(written, limit, near, nil)
}

// FindAmong is Find among those entries that among is true for.
func (x *Index[K]) FindAmong(written string, limit int, among func(K) bool, near func(K) int) []Hit[K] {
	return x.find(written, limit, near, among)
}

func (x *Index[K]) find(written string, limit int, near func(K) int, among func(K) bool) []Hit[K] {
	if limit <= 0 {
		limit = DefaultLimit
	}
	s := newSearch(written)
	if s.joined.text == "" {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	s.lookAtPlaces(x.kept)
	top := newBest(limit)
	for i := range x.entries {
		if !s.inPlaces && len(s.tokens) == 0 && !x.masks[i].may(&s.joined) {
			continue
		}
		e := &x.entries[i]
		if among != nil && !among(e.key) {
			continue
		}
		r := look(e, &s)
		if r.rank == none {
			continue
		}
		c := candidate{at: i, order: order(r, 0), sort: e.sort}
		if near != nil {
			if n := near(e.key); n > 0 {
				c.order = order(r, n)
			}
		}
		top.offer(c)
	}
	out := make([]Hit[K], 0, len(top.all))
	for _, c := range top.sorted() {
		out = append(out, hit(&x.entries[c.at], &s))
	}
	return out
}

// order is what hits are sorted by: exact ones, then what is near, then by rank; the usual reading before others.
func order(f result, near int) int {
	o := int(f.rank)*2 + 1000
	if f.rare {
		o++
	}
	if near > 0 {
		o -= 100 + min(near, 100)
	}
	if f.rank == Exact {
		o -= 500
	}
	return o
}

// candidate is an entry on its way to be a hit.
type candidate struct {
	at, order int
	sort      string
}

func compare(a, b candidate) int {
	return cmp.Or(cmp.Compare(a.order, b.order), strings.Compare(a.sort, b.sort), cmp.Compare(a.at, b.at))
}

// best keeps the first few of many.
type best struct {
	limit int
	all   []candidate
	full  bool
	worst candidate // of those that are kept, once there are enough
}

func newBest(limit int) *best { return &best{limit: limit, all: make([]candidate, 0, 4*limit)} }

func (b *best) offer(c candidate) {
	if b.full && compare(c, b.worst) >= 0 {
		return
	}
	if b.all = append(b.all, c); len(b.all) == cap(b.all) {
		b.all = b.sorted()
		b.full, b.worst = true, b.all[len(b.all)-1]
	}
}

func (b *best) sorted() []candidate {
	slices.SortFunc(b.all, compare)
	return b.all[:min(len(b.all), b.limit)]
}
