package folders

import (
	"io"

	"roundtable/backend/folders/disk"
)

// maxOpened bounds the files that one reader holds open.
const maxOpened = 16

// treeReader is the part of a tree that reading chunks needs.
type treeReader interface {
	Open(path string) (disk.Content, error)
}

// opened keeps files open that chunks are read from, one after the other. One
// goroutine at a time.
type opened struct {
	tree  treeReader
	files map[string]disk.Content
	order []string
}

// read gives bytes of a file; nil when it has none there.
func (o *opened) read(path string, at int64, n int) []byte {
	c := o.files[path]
	if c == nil {
		var err error
		if c, err = o.tree.Open(path); err != nil {
			return nil
		}
		o.keep(path, c)
	}
	out := make([]byte, n)
	if got, err := c.ReadAt(out, at); got < n || err != nil && err != io.EOF {
		return nil
	}
	return out
}

func (o *opened) keep(path string, c disk.Content) {
	if o.files == nil {
		o.files = map[string]disk.Content{}
	}
	if len(o.order) >= maxOpened {
		_ = o.files[o.order[0]].Close()
		delete(o.files, o.order[0])
		o.order = o.order[1:]
	}
	o.files[path] = c
	o.order = append(o.order, path)
}

func (o *opened) close() {
	for _, c := range o.files {
		_ = c.Close()
	}
	o.files, o.order = nil, nil
}
