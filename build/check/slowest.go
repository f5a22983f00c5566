package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// told is how many of the slowest are printed.
const told = 15

// spent is how long a package's tests or a file of the screen's took, beside whatever else ran.
type spent struct {
	what string
	took time.Duration
}

// vitest says " ✓ e2e/office.e2e.ts (12 tests) 34567ms" at the end of a file.
var vitestFile = regexp.MustCompile(`(?m)^\s*\S\s(\S+\.tsx?)\s\([^)]*\)\s(\d+)ms`)

func spentByFile(output []byte) (all []spent) {
	for _, m := range vitestFile.FindAllSubmatch(output, -1) {
		if ms, err := strconv.Atoi(string(m[2])); err == nil {
			all = append(all, spent{string(m[1]), time.Duration(ms) * time.Millisecond})
		}
	}
	return all
}

// slowest tells where the time went, for whoever wants the whole to be shorter.
func slowest(all []spent) (lines []string) {
	all = slices.SortedFunc(slices.Values(all), func(a, b spent) int { return cmp.Compare(b.took, a.took) })
	for _, s := range all[:min(told, len(all))] {
		lines = append(lines, fmt.Sprintf("slow    %6.1fs  %s", s.took.Seconds(), s.what))
	}
	return lines
}
