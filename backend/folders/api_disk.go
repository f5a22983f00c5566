package folders

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/ignore"
)

func (a API) KeepEntry(ctx context.Context, r *v1.KeepEntryRequest) (*v1.Folder, error) {
	f, k, err := a.kept(r.FolderId)
	if err != nil {
		return nil, err
	}
	if err := inner(r.Path); err != nil {
		return nil, err
	}
	if r.Keep {
		return f.answer(ctx, k.space, k.keepEntry(ctx, r.Path))
	}
	return f.answer(ctx, k.space, k.unkeepEntry(ctx, r.Path))
}

// entryPath finds where an entry lies. Errors: errcode.NotFound, EntryAbsent, NoDisplay.
func (a API) entryPath(r *v1.EntryRequest) (*Folders, string, error) {
	f, k, err := a.kept(r.FolderId)
	if err != nil {
		return nil, "", err
	}
	if err := inner(r.Path); err != nil {
		return nil, "", err
	}
	tree := k.standingTree()
	if tree == nil {
		return nil, "", errcode.EntryAbsent
	}
	if r.Path != "" {
		if _, here, err := k.seen(r.Path); err != nil || !here {
			return nil, "", errcode.EntryAbsent
		}
	}
	if f.Show == nil {
		return nil, "", errcode.NoDisplay
	}
	return f, filepath.Join(k.root, filepath.FromSlash(r.Path)), nil
}

func (a API) OpenEntry(_ context.Context, r *v1.EntryRequest) (*v1.OpenEntryResponse, error) {
	f, path, err := a.entryPath(r)
	if err != nil {
		return nil, err
	}
	return &v1.OpenEntryResponse{}, f.Show(path, false)
}

func (a API) RevealEntry(_ context.Context, r *v1.EntryRequest) (*v1.OpenEntryResponse, error) {
	f, path, err := a.entryPath(r)
	if err != nil {
		return nil, err
	}
	return &v1.OpenEntryResponse{}, f.Show(path, true)
}

// maxHidden bounds the entries that an answer names, maxHiddenLook those that are looked at.
const (
	maxHidden     = 100
	maxHiddenLook = 200_000
)

// ignoreOut tells what rules hide on this disk.
func (k *keeper) ignoreOut(ctx context.Context, text string) (*v1.IgnoreResponse, error) {
	rules, bad := ignore.Parse(text)
	out := &v1.IgnoreResponse{Text: text}
	for _, n := range bad {
		out.BadLines = append(out.BadLines, int32(n))
	}
	tree := k.standingTree()
	if tree == nil {
		return out, nil
	}
	looked := 0
	var walk func(folder string) error
	walk = func(folder string) error {
		var below []string
		err := tree.List(folder, func(i disk.Info) error {
			if looked++; looked > maxHiddenLook {
				return fs.SkipAll
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			hidden, line := rules.Match(i.Path, i.Kind == disk.Folder)
			if hidden && !within(i.Path, hiddenFolder) {
				if out.HiddenCount++; len(out.Hidden) < maxHidden {
					out.Hidden = append(out.Hidden, &v1.HiddenEntry{Path: i.Path, Line: int32(line), Kind: v1.EntryKind(i.Kind)})
				}
			} else if i.Kind == disk.Folder && !hidden {
				below = append(below, i.Path)
			}
			return nil
		}, nil)
		for _, b := range below {
			if err == nil {
				err = walk(b)
			}
		}
		return err
	}
	if err := walk(""); err != nil && !errors.Is(err, fs.SkipAll) {
		return nil, err
	}
	return out, nil
}

func (a API) Ignore(ctx context.Context, r *v1.FolderRequest) (*v1.IgnoreResponse, error) {
	_, k, err := a.kept(r.FolderId)
	if err != nil {
		return nil, err
	}
	text := []byte{}
	if tree := k.standingTree(); tree != nil {
		if text, err = readSmall(tree, ignore.File, ignore.MaxFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return k.ignoreOut(ctx, string(text))
}

func (a API) PreviewIgnore(ctx context.Context, r *v1.SetIgnoreRequest) (*v1.IgnoreResponse, error) {
	_, k, err := a.kept(r.FolderId)
	if err != nil {
		return nil, err
	}
	if len(r.Text) > ignore.MaxFile {
		return nil, errcode.InvalidArgument
	}
	return k.ignoreOut(ctx, r.Text)
}

func (a API) SetIgnore(ctx context.Context, r *v1.SetIgnoreRequest) (*v1.IgnoreResponse, error) {
	_, k, err := a.kept(r.FolderId)
	if err != nil {
		return nil, err
	}
	if len(r.Text) > ignore.MaxFile {
		return nil, errcode.InvalidArgument
	}
	if err := k.writeRules(r.Text); err != nil {
		return nil, err
	}
	return k.ignoreOut(ctx, r.Text)
}

// writeRules writes the ignore file as a person would; the survey says it.
func (k *keeper) writeRules(text string) error {
	tree := k.standingTree()
	if tree == nil {
		return errcode.FolderGone
	}
	k.ground.Lock()
	defer k.ground.Unlock()
	draft := draftFolder + "/rules"
	_ = tree.Remove(draft)
	d, err := tree.Create(draft)
	if err != nil {
		return err
	}
	_, err = d.WriteAt([]byte(text), 0)
	if err = errors.Join(err, d.Close()); err != nil {
		return err
	}
	if _, here, _ := k.seen(ignore.File); here {
		old := draftFolder + "/rules.old"
		_ = tree.Remove(old)
		if err := tree.Swap(draft, ignore.File, old); err != nil {
			return err
		}
		_ = tree.Remove(old)
	} else if err := tree.Move(draft, ignore.File); err != nil {
		return err
	}
	k.look.at(ignore.File)
	return tree.Settle(ignore.File)
}
