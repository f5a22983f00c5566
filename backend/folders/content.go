package folders

import (
	"context"
	"errors"
	"io"
	"mime"
	"path/filepath"
	"sort"
	"strings"

	"roundtable/backend/api/files"
	"roundtable/backend/blob/chunk"
	"roundtable/backend/errcode"
	"roundtable/backend/folders/disk"
	"roundtable/backend/wire"
)

// Content is a version of a file that can be read here.
type Content struct {
	Name string
	Size int64
	// Picture is set where the name says that it is one.
	Picture bool
	io.ReadSeeker
	io.Closer
}

// Open reads what stands at a path, or an earlier version of it, as far as its
// bytes are on this disk. Errors: errcode.NotFound, errcode.EntryAbsent.
func (f *Folders) OpenContent(ctx context.Context, id wire.SpaceID, which, path string) (Content, error) {
	folder, err := folderRow(f.DB.Read(), id)
	if err != nil {
		return Content{}, err
	}
	k := f.keeper(id)
	if disk.Portable(path) != nil || folder == 0 {
		return Content{}, errcode.NotFound
	}
	if k == nil {
		return Content{}, errcode.EntryAbsent
	}
	tree := k.standingTree()
	if tree == nil {
		return Content{}, errcode.EntryAbsent
	}
	_, name := split(path)
	out := Content{Name: name, Picture: previewOf(name) == "picture"}
	if which == "-" {
		return k.openStanding(tree, path, out)
	}
	version, err := ParseVersion(which)
	if err != nil {
		return out, errcode.NotFound
	}
	all, err := versionsOf(f.DB.Read(), folder, path)
	if err != nil {
		return out, err
	}
	for _, v := range all {
		if v.id == version && v.kind == File {
			return k.openVersion(ctx, tree, v, out)
		}
	}
	return out, errcode.NotFound
}

func (k *keeper) openStanding(tree disk.Tree, path string, out Content) (Content, error) {
	if _, known, err := localAt(k.f.DB.Read(), k.row, path); err != nil || !known {
		return out, errors.Join(err, errcode.EntryAbsent)
	}
	c, err := tree.Open(path)
	if err != nil {
		return out, errcode.With(errcode.EntryAbsent, err)
	}
	info, err := c.Look()
	if err != nil {
		return out, errors.Join(err, c.Close())
	}
	out.Size, out.ReadSeeker, out.Closer = info.Size, io.NewSectionReader(c, 0, info.Size), c
	return out, nil
}

func (k *keeper) openVersion(ctx context.Context, tree disk.Tree, v version, out Content) (Content, error) {
	chunks, err := k.localChunks(ctx, v)
	if err != nil {
		return out, err
	}
	r := &pieces{ctx: ctx, k: k, chunks: chunks, from: k.reads(tree)}
	out.Size, out.ReadSeeker, out.Closer = v.size, io.NewSectionReader(r, 0, v.size), r
	return out, nil
}

// localChunks lists the chunks of a version when all of them lie on this disk.
// Errors: errcode.EntryAbsent.
func (k *keeper) localChunks(ctx context.Context, v version) (out []placed, err error) {
	content, err := v.content()
	if err != nil {
		return nil, err
	}
	err = chunk.Walk(ctx, content, func(id chunk.ID, _ uint32) ([]byte, error) {
		body, err := node(k.f.DB.Read(), k.row, id)
		if err == nil && body == nil {
			err = errcode.EntryAbsent
		}
		return body, err
	}, func(c chunk.Chunk, at int64) error {
		out = append(out, placed{c, at})
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := make([]chunk.Chunk, len(out))
	for i, c := range out {
		all[i] = c.Chunk
	}
	known, err := holders(ctx, k.f.DB, k.row, all)
	for _, c := range all {
		if err == nil && len(known[c.ID]) == 0 {
			err = errcode.EntryAbsent
		}
	}
	return out, err
}

// pieces reads a version from wherever its chunks lie. One goroutine at a time.
type pieces struct {
	ctx    context.Context
	k      *keeper
	chunks []placed
	from   *reads
	held   int // index + 1 of what is in data
	data   []byte
}

// ReadAt implements io.ReaderAt. Errors: errcode.EntryAbsent.
func (p *pieces) ReadAt(into []byte, at int64) (n int, err error) {
	for n < len(into) {
		i := sort.Search(len(p.chunks), func(i int) bool { return p.chunks[i].at+int64(p.chunks[i].Size) > at })
		if i == len(p.chunks) {
			return n, io.EOF
		}
		if p.held != i+1 {
			c := p.chunks[i].Chunk
			if err := p.from.learn(p.ctx, []chunk.Chunk{c}); err != nil {
				return n, err
			}
			data, err := p.from.read(c, make([]byte, c.Size), false)
			if err != nil {
				return n, err
			}
			if data == nil {
				return n, errcode.EntryAbsent
			}
			p.data, p.held = data, i+1
		}
		m := copy(into[n:], p.data[at-p.chunks[i].at:])
		n, at = n+m, at+int64(m)
	}
	return n, nil
}

// Close ends reading.
func (p *pieces) Close() error {
	p.from.close()
	return nil
}

// OpenFile serves files.ServeFolders.
func (a API) OpenFile(ctx context.Context, folder, version, path string) (files.File, error) {
	f, id, err := a.in(folder)
	if err != nil {
		return files.File{}, err
	}
	c, err := f.OpenContent(ctx, id, version, path)
	if err != nil {
		return files.File{}, err
	}
	media := mime.TypeByExtension(strings.ToLower(filepath.Ext(c.Name)))
	media, _, _ = strings.Cut(media, ";")
	return files.File{Name: c.Name, Media: media, Picture: c.Picture, Content: c}, nil
}
