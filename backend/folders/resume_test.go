package folders_test

import (
	"strings"
	"testing"

	"roundtable/backend/folders/disk"
)

// A program may end at any step of going on with a draft. What had come by then is not
// asked for again, and no draft is left.
func TestGoingOnWithADraftIsCutShort(t *testing.T) {
	data := content(90, 3<<20)
	for name, c := range map[string]struct{ draft, part []byte }{
		"before":                {data, nil},
		"between":               {nil, data},
		"while it is read":      {data[:1<<20], data},
		"when it was read":      {data, data},
		"after a loss of power": {make([]byte, 3<<20), data},
	} {
		t.Run(name, func(t *testing.T) {
			o := share(t, 90, "li", "wang")
			li, wang := o.desks[0], o.desks[1]
			o.pauses(wang, true)
			o.writes(li, "大.bin", data)
			o.Eventually("wang is told of it", func() bool { return o.state(wang).Files == 1 })
			var id string
			o.must(wang.DB.Read().QueryRow(`SELECT lower(hex(id)) FROM folders_version WHERE name = '大.bin'`).Scan(&id))
			for at, one := range map[string][]byte{"": c.draft, ".part": c.part} {
				if one != nil {
					o.must(o.disks["wang"].Write(".roundtable/drafts/"+id+at, one))
				}
			}
			o.pauses(wang, false)
			o.has(wang, "大.bin", data)
			o.level(wang)
			if n := o.fetched(wang); n > 64<<10 { // the lists
				t.Errorf("%d bytes were asked for again", n)
			}
			o.disks["wang"].Walk(func(i disk.Info, _ []byte) {
				if strings.HasPrefix(i.Path, ".roundtable/drafts/") {
					t.Errorf("%s is left", i.Path)
				}
			})
		})
	}
}
