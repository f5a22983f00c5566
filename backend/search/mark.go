package search

import (
	"slices"
	"strings"
	"unicode"
)

// Span is a part of a text, in characters; End is exclusive.
type Span struct{ Start, End int }

// maxMarks bounds what is marked in one text.
const maxMarks = 50

// Mark gives the part of a text around the first place where a piece of a question stands, with so many characters
// before it and three times as many behind it, and what to mark in it. Line ends and runs of spaces are one space.
func Mark(text, question string, around int) (string, []Span) {
	runes := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(text, " ")), " "))
	all := spans(runes, question)
	first := Span{}
	if len(all) > 0 {
		first = all[0]
	}
	left, right := max(0, first.Start-around), min(len(runes), first.End+3*around)
	if left < 4 {
		left = 0
	}
	out, by := string(runes[left:right]), -left
	if left > 0 {
		out, by = "…"+out, by+1
	}
	if right < len(runes) {
		out += "…"
	}
	var marks []Span
	for _, s := range all {
		if s.Start >= left && s.End <= right {
			marks = append(marks, Span{s.Start + by, s.End + by})
		}
	}
	return out, marks
}

// spans lists where the pieces of a question stand in a text, in order and without overlaps.
func spans(runes []rune, question string) (out []Span) {
	// What is compared is folded and has no spaces; where each character of it is from is kept.
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
	pieces := runs(question)
	for n, r := range pieces {
		for at := 0; at+len(r.text) <= len(folded) && len(out) < maxMarks; at++ {
			end := at + len(r.text)
			if !slices.Equal(folded[at:end], r.text) {
				continue
			}
			// A word is found from where it begins, and to its end unless more may follow.
			if !r.chinese && (at > 0 && joined(folded, from, at) || n < len(pieces)-1 && end < len(folded) && joined(folded, from, end)) {
				continue
			}
			out = append(out, Span{from[at], from[end-1] + 1})
			at = end - 1
		}
	}
	slices.SortFunc(out, func(a, b Span) int { return a.Start - b.Start })
	kept := out[:0]
	for _, s := range out {
		if n := len(kept); n > 0 && s.Start < kept[n-1].End {
			kept[n-1].End = max(kept[n-1].End, s.End)
			continue
		}
		kept = append(kept, s)
	}
	return kept
}

// joined says that a character and the one before it are of one word.
func joined(folded []rune, from []int, at int) bool {
	a, b := folded[at-1], folded[at]
	return from[at]-from[at-1] <= 1 && letter(a) && letter(b) && !chinese(a) && !chinese(b)
}
