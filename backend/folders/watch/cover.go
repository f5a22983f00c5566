package watch

import "strings"

// cover is what is watched of a tree: a folder of it and those below. Names are as on
// the disk.
type cover struct {
	below map[string]*cover
	// watched: the system watches this folder; weight is what that costs.
	watched bool
	weight  int64
}

// at finds the place of a path; nil if there is none and it is not to be made.
func (c *cover) at(path string, made bool) *cover {
	if path == "" {
		return c
	}
	for name := range strings.SplitSeq(path, "/") {
		next := c.below[name]
		if next == nil {
			if !made {
				return nil
			}
			if c.below == nil {
				c.below = map[string]*cover{}
			}
			next = &cover{}
			c.below[name] = next
		}
		c = next
	}
	return c
}

// cut takes a path out of the tree.
func (c *cover) cut(path string) *cover {
	dir, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, name = path[:i], path[i+1:]
	}
	parent := c.at(dir, false)
	if parent == nil {
		return nil
	}
	was := parent.below[name]
	delete(parent.below, name)
	return was
}

// each tells of every folder, from the top.
func (c *cover) each(path string, tell func(path string, c *cover)) {
	tell(path, c)
	for name, below := range c.below {
		if path != "" {
			name = path + "/" + name
		}
		below.each(name, tell)
	}
}
