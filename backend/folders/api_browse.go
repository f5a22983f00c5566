package folders

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/folders/disk"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

func (a API) Browse(_ context.Context, r *v1.BrowseRequest) (*v1.BrowseResponse, error) {
	f, err := a.Get()
	if err != nil {
		return nil, err
	}
	return f.browse(r.Path)
}

// usual are folders of a person that systems make, where they go by these names.
var usual = []string{"Desktop", "Documents", "Downloads", "Pictures", "桌面", "文档", "下载", "图片"}

// maxBrowsed bounds the folders of an answer.
const maxBrowsed = 5000

// browse lists the folders in a folder of this computer; "" lists where to begin: the
// person's own folders and the disks.
func (f *Folders) browse(path string) (*v1.BrowseResponse, error) {
	home := f.Home
	if home == "" {
		home = string(filepath.Separator)
	}
	out := &v1.BrowseResponse{Suggested: filepath.Join(home, "Roundtable")}
	var err error
	if path == "" {
		out.Folders, path = f.begins(home), home
	} else if out.Path = filepath.Clean(path); !filepath.IsAbs(out.Path) {
		return nil, errcode.FolderMissing
	} else if out.Folders, err = f.subfolders(out.Path); err != nil {
		return nil, err
	}
	// Above a whole disk stands where one began.
	if parent := filepath.Dir(out.Path); out.Path != "" && parent != out.Path {
		out.Parent = parent
	}
	if free, err := disk.FreeAt(path); err == nil {
		out.FreeBytes = int64(min(free, 1<<62))
	}
	return out, nil
}

func (f *Folders) localFolder(full string) *v1.LocalFolder {
	title := filepath.Base(full)
	if filepath.Dir(full) == full { // a whole disk
		title = strings.TrimSuffix(full, `\`)
	}
	return &v1.LocalFolder{Name: title, Path: full, ErrorCode: string(f.unsuitable(full, wire.SpaceID{}))}
}

func (f *Folders) begins(home string) []*v1.LocalFolder {
	out := []*v1.LocalFolder{f.localFolder(home)}
	for _, n := range usual {
		full := filepath.Join(home, n)
		if i, err := os.Stat(full); err == nil && i.IsDir() {
			out = append(out, f.localFolder(full))
		}
	}
	for _, full := range disk.Volumes(home) {
		out = append(out, f.localFolder(full))
	}
	return out
}

// subfolders lists what can be chosen in a folder. Errors: errcode.FolderMissing, FolderUnreadable.
func (f *Folders) subfolders(path string) (out []*v1.LocalFolder, err error) {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, errcode.With(errcode.FolderUnreadable, err)
	case err != nil:
		return nil, errcode.With(errcode.FolderMissing, err)
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && len(out) < maxBrowsed {
			out = append(out, f.localFolder(filepath.Join(path, e.Name())))
		}
	}
	slices.SortFunc(out, func(a, b *v1.LocalFolder) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return out, nil
}

func (a API) MakeLocalFolder(_ context.Context, r *v1.MakeLocalFolderRequest) (*v1.BrowseResponse, error) {
	f, err := a.Get()
	if err != nil {
		return nil, err
	}
	title, err := name.Check(r.Name, wire.MaxName)
	if err != nil {
		return nil, err
	}
	if !filepath.IsAbs(r.Parent) || title != filepath.Base(title) || title == "." || title == ".." || strings.ContainsAny(title, `/\<>:"|?*`) {
		return nil, errcode.NameInvalid
	}
	full := filepath.Join(r.Parent, title)
	if err := os.Mkdir(full, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		if errors.Is(err, fs.ErrPermission) {
			return nil, errcode.With(errcode.FolderUnreadable, err)
		}
		return nil, errcode.With(errcode.FolderMissing, err)
	}
	return f.browse(full)
}
