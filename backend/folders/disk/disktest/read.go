package disktest

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/folders/disk"
)

// Look at a name.
func (d *Disk) Look(path string) (disk.Info, error) {
	if err := guard(path); err != nil {
		return disk.Info{}, failed("look at", path, err)
	}
	if err := d.begin("look", path, ""); err != nil {
		return disk.Info{}, err
	}
	defer d.mu.Unlock()
	n, err := d.find(path)
	if err != nil {
		return disk.Info{}, failed("look at", path, err)
	}
	return d.info(d.pathOf(n), n), nil
}

// List a folder.
func (d *Disk) List(path string, each func(disk.Info) error, bad func(string)) error {
	if err := guard(path); err != nil {
		return failed("list", path, err)
	}
	infos, ill, err := d.list(path)
	if err != nil {
		return failed("list", path, err)
	}
	for _, name := range ill {
		if bad != nil {
			bad(name)
		}
	}
	for _, info := range infos {
		if err := each(info); err != nil {
			return err
		}
	}
	return nil
}

func (d *Disk) list(path string) (infos []disk.Info, ill []string, err error) {
	if err := d.begin("list", path, ""); err != nil {
		return nil, nil, err
	}
	defer d.mu.Unlock()
	n, err := d.find(path)
	if err != nil {
		return nil, nil, err
	}
	switch n.kind {
	case disk.Folder:
	case disk.Link:
		return nil, nil, disk.ErrEscapes
	default:
		return nil, nil, fs.ErrNotExist
	}
	names := make([]string, 0, len(n.children))
	for key := range n.children {
		names = append(names, key)
	}
	slices.Sort(names)
	// In no order that one may rely on, but the same for the same seed.
	if len(names) > 1 {
		at := d.random.IntN(len(names))
		names = append(names[at:], names[:at]...)
	}
	for _, key := range names {
		child := n.children[key]
		logged := norm.NFC.String(child.name)
		if !utf8.ValidString(child.name) || disk.Portable(logged) != nil {
			ill = append(ill, child.name)
			continue
		}
		if path != "" {
			logged = path + "/" + logged
		}
		infos = append(infos, d.info(logged, child))
	}
	return infos, ill, nil
}

// Open a file.
func (d *Disk) Open(path string) (disk.Content, error) {
	if err := disk.Portable(path); err != nil {
		return nil, failed("open", path, err)
	}
	if err := d.begin("open", path, ""); err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	n, err := d.find(path)
	switch {
	case err != nil:
	case n.kind == disk.Link:
		err = disk.ErrEscapes
	case n.kind != disk.File:
		err = fmt.Errorf("not a file: %w", fs.ErrInvalid)
	case n.locked:
		err = disk.ErrLocked
	}
	if err != nil {
		return nil, failed("open", path, err)
	}
	n.open++
	return &content{handle{disk: d, node: n, path: path, life: d.life}}, nil
}

// handle is an open file.
type handle struct {
	disk   *Disk
	node   *node
	path   string
	life   uint64
	closed bool
}

// begin starts an operation on an open file. Without an error the disk is held.
func (h *handle) begin(op string) error {
	if err := h.disk.begin(op, h.path, ""); err != nil {
		return err
	}
	if h.closed || h.life != h.disk.life {
		h.disk.mu.Unlock()
		return failed(op, h.path, os.ErrClosed)
	}
	return nil
}

// Close ends it. The file is closed even where an error is injected.
func (h *handle) Close() error {
	err := h.disk.begin("close", h.path, "")
	if err != nil {
		h.disk.mu.Lock()
	}
	defer h.disk.mu.Unlock()
	if h.closed {
		return failed("close", h.path, os.ErrClosed)
	}
	h.closed = true
	if h.life == h.disk.life {
		h.node.open--
	}
	return err
}

// content is a file that is read. Like everywhere, it sees what is written meanwhile.
type content struct{ handle }

func (c *content) ReadAt(b []byte, at int64) (int, error) {
	if err := c.begin("read"); err != nil {
		return 0, err
	}
	defer c.disk.mu.Unlock()
	if at < 0 {
		return 0, failed("read", c.path, fs.ErrInvalid)
	}
	if at >= int64(len(c.node.content)) {
		return 0, io.EOF
	}
	n := copy(b, c.node.content[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (c *content) Look() (disk.Info, error) {
	if err := c.begin("look"); err != nil {
		return disk.Info{}, err
	}
	defer c.disk.mu.Unlock()
	return c.disk.info(c.path, c.node), nil
}
