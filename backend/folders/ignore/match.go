package ignore

import "strings"

// rules are compiled lines: which one is the last that matches is asked for every
// file of a folder.
type rules struct {
	fold bool
	list []rule
	// names and endings find rules that are one name, or a star and an ending such
	// as ".pyc", without trying them. The others are tried, the last one first.
	names, endings map[string]places
	others         []int
	cut            bool // the file was longer than what counts
}

// places are one more than the index of the last rule for files, and for folders;
// 0: none.
type places struct{ file, folder int }

func (p places) of(folder bool) int {
	if folder {
		return p.folder
	}
	return p.file
}

func (r *rules) add(a rule) {
	r.list = append(r.list, a)
	n := len(r.list)
	key, where := a.base.prefix, r.names
	switch ending := a.base.suffix; {
	case a.path:
		r.others = append(r.others, n)
		return
	case a.base.literal():
	case a.base.pieces == nil && a.base.prefix == "" && strings.LastIndexByte(ending, '.') == 0:
		key, where = ending, r.endings
	default:
		r.others = append(r.others, n)
		return
	}
	p := where[key]
	p.folder = n
	if !a.folder {
		p.file = n
	}
	where[key] = p
}

// last is the last rule that matches; nil if there is none. For folding rules the
// name is folded.
func (r *rules) last(name string, folder bool) *rule {
	if len(r.list) == 0 {
		return nil
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	best := r.names[base].of(folder)
	if len(r.endings) > 0 {
		if dot := strings.LastIndexByte(base, '.'); dot >= 0 {
			best = max(best, r.endings[base[dot:]].of(folder))
		}
	}
	var room [32]string
	var names []string // of the path, parted when the first rule asks
	for i := len(r.others) - 1; i >= 0 && r.others[i] > best; i-- {
		a := &r.list[r.others[i]-1]
		if a.folder && !folder {
			continue
		}
		if a.path && names == nil {
			names = parts(room[:0], name)
		}
		if a.path && a.matchPath(names) || !a.path && a.base.match(base) {
			best = r.others[i]
		}
	}
	if best == 0 {
		return nil
	}
	return &r.list[best-1]
}

// parts are the names of a path.
func parts(out []string, name string) []string {
	for {
		before, rest, more := strings.Cut(name, "/")
		out = append(out, before)
		if !more {
			return out
		}
		name = rest
	}
}

// matchPath takes the first block at the front, the last one at the end, and each
// of the others as early as it comes: what a ** takes too little, the next one
// takes more. So no ** is tried twice.
func (a *rule) matchPath(names []string) bool {
	first, last := a.blocks[0], a.blocks[len(a.blocks)-1]
	if len(a.blocks) == 1 {
		return len(names) == len(first) && all(first, names)
	}
	if len(names) < len(first)+len(last) || !all(first, names) || !all(last, names[len(names)-len(last):]) {
		return false
	}
	names = names[len(first) : len(names)-len(last)]
	for _, block := range a.blocks[1 : len(a.blocks)-1] {
		for ; ; names = names[1:] {
			if len(names) < len(block) {
				return false
			}
			if all(block, names) {
				break
			}
		}
		names = names[len(block):]
	}
	return true
}

// all reports whether the first names match a block.
func all(block []glob, names []string) bool {
	for i := range block {
		if !block[i].match(names[i]) {
			return false
		}
	}
	return true
}
