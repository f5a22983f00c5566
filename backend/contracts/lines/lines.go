package lines

import (
	"strings"
	"unicode"
)

const (
	// closing may not begin a line.
	closing = "、。，．・：；？！…—～·）〕］｝〉》」』】〗’”％‰°′″℃,.:;?!)]}%»›々〻ー"
	// opening may not end one.
	opening = "（〔［｛〈《「『【〖‘“([{«‹￥$£€#§№"
)

// wide says that a character stands for itself, so that a line may end before and after it.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo) ||
		r >= 0x2e80 && r <= 0x303f || r >= 0x3200 && r <= 0x33ff || r >= 0xff00 && r <= 0xffef || r == '—' || r == '…'
}

// May says whether a line may end between two characters.
func May(before, after rune) bool {
	switch {
	case after == ' ' || after == '\u00a0' || before == '\u00a0':
		return false // a space hangs at the end of its line
	case before == ' ':
		return true
	case strings.ContainsRune(closing, after) || strings.ContainsRune(opening, before):
		return false
	case (before == '—' || before == '…') && before == after:
		return false
	case before == '-' && unicode.IsLetter(after):
		return true
	}
	return wide(before) || wide(after)
}

// Wrap cuts text into lines that are at most so wide. A piece that fits on no line is cut anywhere. Line feeds
// end lines. width is that of one character at the place i.
func Wrap(text []rune, width func(i int) float64, most float64) (out [][2]int) {
	start, last := 0, -1 // last is where the line may end
	used, held := 0.0, 0.0
	cut := func(end, next int) {
		out = append(out, [2]int{start, end})
		start, last = next, -1
	}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			cut(i, i+1)
			used = 0
			continue
		}
		if i > start && May(text[i-1], text[i]) {
			last, held = i, used
		}
		w := width(i)
		if used+w > most && text[i] != ' ' && i > start {
			if last > start {
				cut(last, last)
				used -= held
			} else {
				cut(i, i)
				used = 0
			}
			if used > 0 { // what was carried over may have places of its own
				for j := start + 1; j <= i; j++ {
					if May(text[j-1], text[j]) {
						last, held = j, total(width, start, j)
					}
				}
			}
		}
		used += w
	}
	return append(out, [2]int{start, len(text)})
}

func total(width func(int) float64, from, to int) (sum float64) {
	for i := from; i < to; i++ {
		sum += width(i)
	}
	return sum
}
