package search

import (
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxWord bounds a word in bytes; the rest of a longer one is left out.
const maxWord = 64

// Terms are what a text is indexed by: the values of the columns pairs and singles.
type Terms struct{ Pairs, Singles string }

// run is a piece of text of one sort: Chinese characters, or a word.
type run struct {
	text    []rune
	chinese bool
}

// chinese says that a character stands for itself.
func chinese(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo) || r >= 0x20000 && r <= 0x3ffff
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// fold makes characters that mean the same the same: full width and half, capitals and small.
func fold(text string) string {
	return strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(text, " ")))
}

// runs cuts a text. Spaces within Chinese are passed over.
func runs(text string) (out []run) {
	var now run
	end := func() {
		if len(now.text) > 0 {
			out = append(out, now)
		}
		now = run{}
	}
	spaces := false
	for _, r := range fold(text) {
		switch {
		case chinese(r):
			if !now.chinese {
				end()
			}
			now = run{append(now.text, r), true}
		case letter(r):
			if now.chinese || spaces {
				end()
			}
			now.text = append(now.text, r)
		case unicode.IsSpace(r):
			if !now.chinese {
				end()
			}
			spaces = true
			continue
		default:
			end()
		}
		spaces = false
	}
	end()
	return out
}

// term writes a term in ASCII.
func term(text string) string {
	if len(text) > maxWord {
		text = text[:maxWord]
	}
	if !ascii(text) {
		return "u" + hex.EncodeToString([]byte(text))
	}
	return "a" + text
}

// pairs gives the terms of neighbours.
func (r run) pairs() (out []string) {
	for i := range len(r.text) - 1 {
		out = append(out, term(string(r.text[i:i+2])))
	}
	return out
}

// Cut gives the terms of a text.
func Cut(text string) Terms {
	var pairs, singles strings.Builder
	for _, r := range runs(text) {
		if !r.chinese {
			pairs.WriteString(term(string(r.text)) + " ")
			continue
		}
		for _, p := range r.pairs() {
			pairs.WriteString(p + " ")
		}
		// A gap, so that the ends of two pieces are no phrase.
		pairs.WriteString("g ")
		for _, c := range r.text {
			singles.WriteString(term(string(c)) + " ")
		}
	}
	return Terms{pairs.String(), singles.String()}
}

// Match gives the expression of FTS5 that a question is: every piece of it must be there. "" means that there is nothing to look for.
func Match(question string) string { return MatchWith(question, nil) }

// MatchWith is Match for an index that keeps a list of its words: words gives terms that begin with the last word of the question,
// which are looked for one by one. FTS5 by itself gathers every place of every such word before it gives the first.
func MatchWith(question string, words func(beginning string) []string) string {
	var parts []string
	all := runs(question)
	for i, r := range all {
		last := i == len(all)-1
		switch {
		case !r.chinese && last && words != nil:
			t := term(string(r.text))
			either := []string{`"` + t + `"`}
			for _, w := range words(t) {
				if w != t && ascii(w) {
					either = append(either, `"`+w+`"`)
				}
			}
			parts = append(parts, "pairs : ("+strings.Join(either, " OR ")+")")
		case !r.chinese:
			part := `pairs : "` + term(string(r.text)) + `"`
			if last {
				part += " *"
			}
			parts = append(parts, part)
		case len(r.text) == 1:
			parts = append(parts, `singles : "`+term(string(r.text))+`"`)
		default:
			parts = append(parts, `pairs : "`+strings.Join(r.pairs(), " ")+`"`)
		}
	}
	return strings.Join(parts, " AND ")
}

// ascii says that a term is one: letters and digits.
func ascii(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return text != ""
}

// Words gives the terms of the words of a text, each once; those of Chinese are not among them.
func Words(text string) (out []string) {
	seen := map[string]bool{}
	for _, r := range runs(text) {
		if t := term(string(r.text)); !r.chinese && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

// Excerpt gives the part of a text around the first place where a piece of a question stands, with so many characters
// on both sides; the beginning if there is none. Line ends and runs of spaces are one space.
func Excerpt(text, question string, around int) string {
	runes := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(text, " ")), " "))
	// What is compared has no spaces and is folded; where each character of it is from is kept.
	var folded []rune
	var from []int
	for i, r := range runes {
		if unicode.IsSpace(r) {
			continue
		}
		for _, f := range fold(string(r)) {
			folded, from = append(folded, f), append(from, i)
		}
	}
	start, end := 0, 0
	for _, r := range runs(question) {
		if at := index(folded, r.text); at >= 0 {
			start, end = from[at], from[at+len(r.text)-1]+1
			break
		}
	}
	left, right := max(0, start-around), min(len(runes), end+around)
	out := strings.TrimSpace(string(runes[left:right]))
	if left > 0 {
		out = "…" + out
	}
	if right < len(runes) {
		out += "…"
	}
	return out
}

func index(text, part []rune) int {
	for i := 0; i+len(part) <= len(text); i++ {
		if string(text[i:i+len(part)]) == string(part) {
			return i
		}
	}
	return -1
}
