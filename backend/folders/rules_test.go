package folders_test

import (
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
)

// Rules that are too many to count would show what they should hide: until they are
// fewer, nothing is shared.
func TestTooManyRulesShareNothing(t *testing.T) {
	o := share(t, 31, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	o.writes(li, ".roundtableignore", []byte(strings.Repeat("x\n", 10_001)+"geheim.txt\n"))
	o.Eventually("li is told", func() bool {
		s := o.state(li)
		return s.State == v1.FolderState_FOLDER_STATE_STOPPED && s.ErrorCode == "ignore_too_large"
	})
	o.writes(li, "geheim.txt", []byte("nichts für andere"))
	o.writes(li, ".roundtableignore", []byte("geheim.txt\n"))
	li.Hints(o.roots["li"])
	o.has(wang, ".roundtableignore", []byte("geheim.txt\n"))
	o.writes(li, "b.txt", []byte("offen"))
	o.has(wang, "b.txt", []byte("offen"))
	if _, err := o.disks["wang"].ReadAll("geheim.txt"); err == nil {
		t.Error("what the rules hide was shared")
	}
}
