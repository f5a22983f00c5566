package folders

import "testing"

func TestAnEventIsToldInOneLine(t *testing.T) {
	file := func(path string) entry { return entry{Path: path, Kind: File} }
	folder := func(path string) entry { return entry{Path: path, Kind: Folder} }
	gone := func(path string) entry { return entry{Path: path, Replaces: make([]VersionID, 1)} }
	moved := func(from, to string) entry { return entry{Path: to, Kind: File, Cause: movedFrom, From: from} }
	changed := entry{Path: "图/一.png", Kind: File, Replaces: make([]VersionID, 1)}
	for name, one := range map[string]struct {
		all  []entry
		want gist
	}{
		"a file":                       {[]entry{file("a")}, gist{whatAdded, "a", "", 1}},
		"another version":              {[]entry{changed}, gist{whatChanged, "图/一.png", "", 1}},
		"an empty folder":              {[]entry{folder("图")}, gist{whatAdded, "图", "", 1}},
		"a folder with a file":         {[]entry{folder("图"), file("图/一.png")}, gist{whatAdded, "图/一.png", "", 1}},
		"a folder with files":          {[]entry{folder("图"), file("图/一"), folder("图/内"), file("图/内/二")}, gist{whatSeveralAdded, "图", "", 2}},
		"a folder that is gone":        {[]entry{gone("图/二"), gone("图/一"), gone("图")}, gist{whatSeveralRemoved, "图", "", 2}},
		"files in different folders":   {[]entry{file("a/b/c"), file("a/bc"), file("a/b/d")}, gist{whatSeveralAdded, "a", "", 3}},
		"files with nothing in common": {[]entry{file("a/x"), file("ab/x")}, gist{whatSeveralAdded, "", "", 2}},
		"some new, some not":           {[]entry{file("图/二.png"), changed}, gist{whatSeveral, "图", "", 2}},
		"another name":                 {[]entry{moved("a", "b"), gone("a")}, gist{whatMoved, "b", "a", 1}},
		"into another folder":          {[]entry{moved("a/x", "b/x"), gone("a/x")}, gist{whatMoved, "b/x", "a/x", 1}},
		"a copy beside":                {[]entry{{Path: "a (2)", Kind: File, Cause: conflictOf, From: "a", Replaces: make([]VersionID, 1)}}, gist{whatAdded, "a (2)", "a", 1}},
		"a folder with another name": {[]entry{moved("a/x", "b/x"), gone("a/x"), moved("a/s/y", "b/s/y"), gone("a/s/y"), folder("b"), folder("b/s"), gone("a/s"), gone("a")},
			gist{whatMoved, "b", "a", 2}},
		"a folder in another one":  {[]entry{moved("a/x", "c/a/x"), gone("a/x"), folder("c/a"), gone("a")}, gist{whatMoved, "c/a", "a", 1}},
		"into a new folder":        {[]entry{moved("a/x", "b/x"), gone("a/x"), moved("a/y", "b/y"), gone("a/y"), folder("b")}, gist{whatSeveral, "b", "", 2}},
		"moved, and something new": {[]entry{moved("a/x", "b/x"), gone("a/x"), file("b/y"), folder("b"), gone("a")}, gist{whatSeveral, "b", "", 2}},
	} {
		if got := gistOf(one.all); got != one.want {
			t.Errorf("%s: %+v, want %+v", name, got, one.want)
		}
	}
}
