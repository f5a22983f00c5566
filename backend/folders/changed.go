package folders

import (
	"strings"

	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
)

// What a change was, for people.
const (
	whatAdded          = 1
	whatChanged        = 2
	whatRemoved        = 3
	whatMoved          = 4
	whatSeveral        = 5 // not all of them the same
	whatSeveralAdded   = 6
	whatSeveralRemoved = 7
)

// gist is what the list of recent changes says of an event.
type gist struct {
	what        int
	path, other string // other: from where, of a move
	count       int
}

// changed notes an event for the list of recent changes.
func changed(tx *projection.Tx, folder, feed int64, e eventlog.Event, all []entry) error {
	g := gistOf(all)
	_, err := tx.Exec(`INSERT OR REPLACE INTO folders_change VALUES(?, ?, ?, ?, ?, ?, ?, ?)`,
		folder, int64(e.Stamp), feed, int64(e.Seq), g.what, g.path, g.other, g.count)
	return err
}

// gistOf tells an event in one line. A folder is not counted beside what is in it, and
// where something lay before is a part of its move.
func gistOf(all []entry) gist {
	holds, left, made, gone := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, one := range all {
		parent, _ := split(one.Path)
		holds[parent] = true
		made[one.Path], gone[one.Path] = one.Kind == Folder, one.Kind == Removed
		if one.Cause == movedFrom {
			left[one.From] = true
		}
	}
	var told []entry
	for _, one := range all {
		if !holds[one.Path] && !(left[one.Path] && one.Kind == Removed) {
			told = append(told, one)
		}
	}
	if len(told) == 0 {
		told = all
	}
	if from, to := told[0].moved(made, gone); from != "" && allMoved(told, from, to) {
		return gist{whatMoved, to, from, len(told)}
	}
	if len(told) == 1 {
		return gist{told[0].what(), told[0].Path, told[0].From, 1}
	}
	return gist{several(told), common(told), "", len(told)}
}

// several says what was done to all of them, if it was the same: who shares a folder
// has changed nothing in it.
func several(told []entry) int {
	what := told[0].what()
	for _, one := range told[1:] {
		if one.what() != what {
			return whatSeveral
		}
	}
	switch what {
	case whatAdded:
		return whatSeveralAdded
	case whatRemoved:
		return whatSeveralRemoved
	}
	return whatSeveral
}

func (e entry) what() int {
	switch {
	case e.Cause == movedFrom:
		return whatMoved
	case e.Kind == Removed:
		return whatRemoved
	case len(e.Replaces) == 0 || e.Cause == conflictOf:
		return whatAdded
	}
	return whatChanged
}

// moved finds the folder with which an entry was moved: the highest one that is gone
// from where it was, and was made where it is. "" when it was moved by itself.
func (e entry) moved(made, gone map[string]bool) (from, to string) {
	if e.Cause != movedFrom {
		return "", ""
	}
	a, b := e.From, e.Path
	for {
		upA, nameA := split(a)
		upB, nameB := split(b)
		if nameA != nameB || upA == "" || upB == "" {
			return from, to
		}
		if a, b = upA, upB; gone[a] && made[b] {
			from, to = a, b
		}
	}
}

func allMoved(told []entry, from, to string) bool {
	for _, one := range told {
		rest, in := strings.CutPrefix(one.Path, to+"/")
		if !in || one.Cause != movedFrom || one.From != from+"/"+rest {
			return false
		}
	}
	return true
}

// common is the folder in which everything lies that entries tell of.
func common(told []entry) string {
	at, _ := split(told[0].Path)
	for _, one := range told[1:] {
		for at != "" && !strings.HasPrefix(one.Path, at+"/") {
			at, _ = split(at)
		}
	}
	return at
}
