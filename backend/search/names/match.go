package names

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rank says how well something was found; the lowest is the best.
type Rank uint8

const (
	// Exact is all of a name, or of a number.
	Exact Rank = iota
	// Prefix is its beginning, or that of one of its words.
	Prefix
	// Initials is what begins as the name does, with syllables or words cut short.
	Initials
	// Inside is anything later in the name.
	Inside
	// Other is a department, a title, an address.
	Other
	// none is nothing.
	none
)

// question is what somebody typed, folded and without spaces.
type question struct {
	text   string
	mask   uint64 // its characters
	first  uint64 // the first of them
	number string // its letters and digits; "" without a digit
}

// signs are what is compared of a text.
func signs(text string) string {
	return strings.Map(func(r rune) rune {
		if alone(r) || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

func newQuestion(text string) question {
	text = signs(text)
	for len(text) > maxQuestion {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	q := question{text: text}
	for i, r := range text {
		q.mask |= bit(r)
		if i == 0 {
			q.first = bit(r)
		}
		if unicode.IsDigit(r) {
			q.number = text
		}
	}
	return q
}

// bit of a character, by which most of what cannot match is passed over at once.
func bit(r rune) uint64 {
	switch {
	case r >= 'a' && r <= 'z':
		return 1 << (r - 'a')
	case r >= '0' && r <= '9':
		return 1 << (26 + r - '0')
	}
	return 1 << (36 + uint32(r)%28)
}

// masks gives the characters of units, and those that a unit may begin with.
func masks(units []unit) (all, starts uint64) {
	take := func(text string) {
		for i, r := range text {
			all |= bit(r)
			if i == 0 {
				starts |= bit(r)
			}
		}
	}
	for _, u := range units {
		take(u.text)
		for _, one := range u.readings {
			take(one)
		}
	}
	return all, starts
}

// found is where a question stands in units: the first and the last of them.
type found struct {
	rank        Rank
	rare        bool // only by another than the usual reading
	first, last int
}

func (f found) better(than found) bool {
	return f.rank < than.rank || f.rank == than.rank && !f.rare && than.rare
}

// match looks for a question in units.
func (q *question) match(units []unit) found {
	best := found{rank: none}
	heteronyms := false
	for i := range units {
		heteronyms = heteronyms || len(units[i].readings) > 1
	}
	for _, rare := range []bool{false, true} {
		if rare && (!heteronyms || best.rank <= Prefix) {
			break
		}
		for start := range units {
			if f := q.from(units, start, rare); f.better(best) {
				best = f
			}
			if best.rank <= Prefix {
				break
			}
		}
	}
	return best
}

// from looks for a question that begins with one unit. How far one may have got in it after each unit is kept as
// bits: with every unit whole, and with some cut short.
func (q *question) from(units []unit, start int, rare bool) found {
	end := uint64(1) << len(q.text)
	whole, loose := uint64(1), uint64(0)
	for i := start; i < len(units) && whole|loose != 0; i++ {
		fullWhole, shortWhole, cutWhole := q.step(&units[i], whole, rare)
		fullLoose, shortLoose, cutLoose := q.step(&units[i], loose, rare)
		rank := none
		switch {
		case fullWhole&end != 0 && start == 0 && i == len(units)-1:
			rank = Exact
		case fullWhole&end != 0 || cutWhole:
			rank = Prefix
		case (fullLoose|shortWhole|shortLoose)&end != 0 || cutLoose:
			rank = Initials
		}
		// A word begins anew, a later character is in the middle of a name.
		if rank != none && start > 0 && (rank == Initials || len(units[start].readings) > 0 || utf8.RuneCountInString(units[start].text) < 2) {
			rank = Inside
		}
		if rank != none {
			return found{rank, rare, start, i}
		}
		whole, loose = fullWhole, fullLoose|shortWhole|shortLoose
	}
	return found{rank: none}
}

// step goes over one unit from each place of a question: over all of it, over its first letters, and whether the
// question ends within it.
func (q *question) step(u *unit, from uint64, rare bool) (full, short uint64, ends bool) {
	readings := u.readings
	if !rare && len(readings) > 1 {
		readings = readings[:1]
	}
	for ; from != 0; from &= from - 1 {
		at := bits.TrailingZeros64(from)
		rest := q.text[at:]
		if rest == "" {
			continue
		}
		f, s, e := over(u.text, rest, len(u.readings) == 0)
		full, short, ends = full|f<<at, short|s<<at, ends || e
		for _, one := range readings {
			f, s, e := over(one, rest, true)
			full, short, ends = full|f<<at, short|s<<at, ends || e
		}
	}
	return full, short, ends
}

// over is step for one way to write a unit; letters says that it may be cut short.
func over(text, rest string, letters bool) (full, short uint64, ends bool) {
	if text[0] != rest[0] {
		return 0, 0, false
	}
	if len(rest) >= len(text) {
		if rest[:len(text)] == text {
			full = 1 << len(text)
		}
	} else if letters && text[:len(rest)] == rest {
		ends = true
	}
	if letters && rest[0] < utf8.RuneSelf {
		short = 1 << 1
		if len(text) > 1 && len(rest) > 1 && text[1] == 'h' && rest[1] == 'h' && (text[0] == 'z' || text[0] == 'c' || text[0] == 's') {
			short |= 1 << 2
		}
	}
	return full, short, ends
}

// matchNumber looks for a question in a number.
func (q *question) matchNumber(number string) Rank {
	const enough = 4
	switch {
	case q.number == "":
		return none
	case q.number == number:
		return Exact
	case strings.HasPrefix(number, q.number):
		return Prefix
	case len(q.number) >= enough && strings.Contains(number, q.number):
		return Inside
	}
	return none
}

// inside reports whether a long text has a question of two signs or more.
func (q *question) inside(text string) bool {
	return utf8.RuneCountInString(q.text) > 1 && strings.Contains(text, q.text)
}
