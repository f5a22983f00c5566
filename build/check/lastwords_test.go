package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestLastWords(t *testing.T) {
	screen := ` ✓ e2e/directory.e2e.ts (11 tests) 77782ms
⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  e2e/relay.e2e.ts > an office > waits
TimeoutError: locator.waitFor: Timeout exceeded.
Call log:
  - waiting for ` + strings.Repeat("长", 100) + `

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯

 Test Files  1 failed (2)
`
	got := lastWords([]byte(screen))
	if want := 4; len(got) != want || !strings.Contains(got[0], "relay.e2e.ts > an office > waits") || !strings.HasSuffix(got[3], "长 …") {
		t.Errorf("got %q", got)
	}
	var long strings.Builder
	for i := range 100 {
		fmt.Fprintf(&long, "line %d\n\n", i)
	}
	if got := lastWords([]byte(long.String())); len(got) != wordsLines || got[len(got)-1] != "line 99" {
		t.Errorf("got %q", got)
	}
	if got := lastWords(nil); len(got) != 0 {
		t.Errorf("got %q of nothing", got)
	}
	many := strings.Repeat(" FAIL  a.test.ts > b\nError: c\n", 100)
	if got := lastWords([]byte(many)); len(got) != wordsOver || !slices.Contains(got, "Error: c") {
		t.Errorf("got %d lines of many failures", len(got))
	}
}
