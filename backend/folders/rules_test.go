package folders_test

import (
	"errors"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
)

// A version whose bytes nobody has any more is not brought back in name alone.
func TestAVersionThatIsGone(t *testing.T) {
	o := share(t, 32, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	o.must(o.disks["wang"].Write("b.txt", []byte("von wang")))
	wang.Hints(o.roots["wang"], "b.txt")
	o.has(li, "b.txt", []byte("von wang"))
	o.Leaves("wang")
	versions := func() []*v1.Version {
		r, err := li.FoldersAPI().Versions(t.Context(), &v1.EntryRequest{FolderId: o.id.String(), Path: "a.txt"})
		o.must(err)
		return r.Versions
	}
	o.writes(li, "a.txt", []byte("erste"))
	o.Eventually("the first is known", func() bool { return len(versions()) == 1 })
	o.writes(li, "a.txt", []byte("zweite")) // nobody had the first one
	o.Eventually("both are known", func() bool { return len(versions()) == 2 })
	_, err := li.FoldersAPI().RestoreVersion(t.Context(), &v1.RestoreVersionRequest{FolderId: o.id.String(), Path: "a.txt", VersionId: versions()[1].Id})
	if !errors.Is(err, errcode.VersionGone) {
		t.Errorf("%v", err)
	}
	o.has(li, "a.txt", []byte("zweite"))
}

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
