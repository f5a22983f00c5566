package main

import (
	"bytes"
	"regexp"
	"strings"
)

// Where only a part of a long output is kept, that is its beginning and its end. So what failed is said once
// more, in few lines, before the sum.
const (
	wordsLines = 14  // of one failure
	wordsOver  = 42  // of a step
	wordsWide  = 180 // bytes of a line
)

// vitest says " FAIL  e2e/office.e2e.ts > a > b" before each failure's message, and a ruler behind it.
var (
	vitestFailed = regexp.MustCompile(`^\s*FAIL\s`)
	vitestRuler  = regexp.MustCompile(`^⎯{4}`)
)

// lastWords gives the lines of a failed step's output that say what failed: of the screen's tests each failure's name and the
// beginning of its message, of anything else the end.
func lastWords(output []byte) (words []string) {
	left := 0 // lines of the failure that is told
	var all []string
	for line := range bytes.Lines(output) {
		text := strings.TrimRight(string(line), " \r\n")
		if strings.TrimSpace(text) == "" {
			continue
		}
		text = cut(text)
		all = append(all, text)
		switch {
		case vitestFailed.MatchString(text):
			left = wordsLines
		case vitestRuler.MatchString(text):
			left = 0
		}
		if left > 0 {
			words, left = append(words, text), left-1
		}
	}
	if len(words) == 0 {
		words = all[max(0, len(all)-wordsLines):]
	}
	return words[:min(len(words), wordsOver)]
}

// cut shortens a line, at the end of a character.
func cut(text string) string {
	if len(text) <= wordsWide {
		return text
	}
	return strings.ToValidUTF8(text[:wordsWide], "") + " …"
}
