package folders_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
)

// Files that went at once are all in the bin, page by page; what lies elsewhere now is not.
func TestBinIsReadPageByPage(t *testing.T) {
	o := share(t, 31, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	for i := range 7 {
		o.writes(li, fmt.Sprintf("草稿/%d.txt", i), content(uint64(i), 100))
	}
	o.writes(li, "旧名.txt", content(9, 5000))
	for i := range 7 {
		o.has(wang, fmt.Sprintf("草稿/%d.txt", i), content(uint64(i), 100))
	}
	o.has(wang, "旧名.txt", content(9, 5000))
	o.level(li, wang)
	o.renames(li, "旧名.txt", "新名.txt")
	o.has(wang, "新名.txt", content(9, 5000))
	o.deletes(li, "草稿")
	o.lacks(wang, "草稿/6.txt")
	o.level(li, wang)
	var got []string
	after, pages := "", 0
	for {
		r, err := wang.FoldersAPI().Bin(context.Background(), &v1.BinRequest{FolderId: o.id.String(), After: after, Limit: 3})
		o.must(err)
		for _, v := range r.Removed {
			got = append(got, v.Path)
		}
		if r.HasMore != (r.Next != "") {
			t.Fatalf("%v", r)
		}
		if pages++; !r.HasMore || pages > 10 {
			break
		}
		after = r.Next
	}
	slices.Sort(got)
	want := []string{"草稿/0.txt", "草稿/1.txt", "草稿/2.txt", "草稿/3.txt", "草稿/4.txt", "草稿/5.txt", "草稿/6.txt"}
	if !slices.Equal(got, want) || pages < 3 {
		t.Errorf("%d pages: %v", pages, got)
	}
	if _, err := wang.FoldersAPI().Bin(context.Background(), &v1.BinRequest{FolderId: o.id.String(), After: "what"}); err == nil {
		t.Error("a position that is none was taken")
	}
}

// Who looks for a name does not wait without end, and learns whether all was looked through.
func TestFindingHasAnEnd(t *testing.T) {
	o := share(t, 36, "li", "wang")
	li := o.desks[0]
	o.writes(li, "合同/报价.xlsx", content(1, 100))
	o.has(o.desks[1], "合同/报价.xlsx", content(1, 100)) // it may not have been looked at yet
	o.level(o.desks...)
	ctx := context.Background()
	r, err := li.FoldersAPI().FindEntries(ctx, &v1.FindEntriesRequest{FolderId: o.id.String(), Text: "报价", WithinMs: 600_000})
	o.must(err)
	if len(r.Entries) != 1 || r.Unfinished {
		t.Errorf("%v", r)
	}
	if n, unfinished, err := li.Folders.FindsWithin(ctx, o.id, "报价", time.Nanosecond); err != nil || !unfinished || n > 1 {
		t.Errorf("%d found, %v, %v", n, unfinished, err)
	}
	if _, err := li.FoldersAPI().FindEntries(ctx, &v1.FindEntriesRequest{FolderId: o.id.String(), Text: "报价", WithinMs: -1}); !errors.Is(err, errcode.InvalidArgument) {
		t.Errorf("%v", err)
	}
	ended, end := context.WithCancel(ctx)
	end()
	if _, _, err := li.Folders.FindsWithin(ended, o.id, "报价", time.Hour); err == nil {
		t.Error("who has gone was answered")
	}
}

func TestPartsAreTold(t *testing.T) {
	o := share(t, 32, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	o.writes(li, "图/一.png", content(1, 100))
	o.writes(li, "图/大/二.png", content(2, 100))
	o.has(wang, "图/大/二.png", content(2, 100))
	o.level(li, wang)
	ctx, id := context.Background(), o.id.String()
	f, err := wang.FoldersAPI().Keep(ctx, &v1.KeepRequest{FolderId: id, Mode: v1.FolderMode_FOLDER_MODE_CHOSEN, Chosen: []string{"图"}})
	o.must(err)
	if !slices.Equal(f.Chosen, []string{"图"}) || f.LeftOut != nil {
		t.Errorf("%v", f)
	}
	o.level(li, wang)
	if f, err = wang.FoldersAPI().KeepEntry(ctx, &v1.KeepEntryRequest{FolderId: id, Path: "图/大"}); err != nil || !slices.Equal(f.LeftOut, []string{"图/大"}) {
		t.Errorf("%v, %v", f, err)
	}
}

func TestBrowseBeginsAtHome(t *testing.T) {
	o := share(t, 33, "li", "wang")
	home := t.TempDir()
	o.must(os.MkdirAll(filepath.Join(home, "Documents", "合同"), 0o755))
	o.must(os.MkdirAll(filepath.Join(home, ".config"), 0o755))
	f := o.desks[0].Folders
	f.Home = home
	browse := func(path string) *v1.BrowseResponse {
		t.Helper()
		r, err := o.desks[0].FoldersAPI().Browse(context.Background(), &v1.BrowseRequest{Path: path})
		o.must(err)
		return r
	}
	first := browse("")
	if first.Path != "" || first.Parent != "" || len(first.Folders) < 2 || first.FreeBytes == 0 {
		t.Fatalf("%v", first)
	}
	if own := first.Folders[0]; own.Path != home || own.Name != filepath.Base(home) || own.ErrorCode != "folder_unsuitable" {
		t.Errorf("%v", own)
	}
	if d := first.Folders[1]; d.Path != filepath.Join(home, "Documents") || d.ErrorCode != "" {
		t.Errorf("%v", d)
	}
	within := browse(home)
	if within.Path != home || within.Parent != filepath.Dir(home) || len(within.Folders) != 1 {
		t.Errorf("%v", within)
	}
	top := home
	for filepath.Dir(top) != top {
		top = filepath.Dir(top)
	}
	if above := browse(top); above.Path != top || above.Parent != "" {
		t.Errorf("a whole disk does not lead back to where one began: %v", above.Parent)
	}
}

// A file that was moved has the versions from before, also those of its names before.
func TestVersionsFollowMoves(t *testing.T) {
	o := share(t, 34, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	first, second := content(1, 3000), content(2, 4000)
	o.writes(li, "说明.txt", first)
	o.has(wang, "说明.txt", first)
	o.writes(wang, "说明.txt", second)
	o.has(li, "说明.txt", second)
	o.level(li, wang)
	o.renames(li, "说明.txt", "使用说明.txt")
	o.has(wang, "使用说明.txt", second)
	o.level(li, wang)
	o.renames(li, "使用说明.txt", "档案/使用说明.txt")
	o.has(wang, "档案/使用说明.txt", second)
	o.writes(li, "说明.txt", content(3, 50)) // another file, with the name of before
	o.has(wang, "说明.txt", content(3, 50))
	o.level(li, wang)
	ctx, id := context.Background(), o.id.String()
	r, err := wang.FoldersAPI().Versions(ctx, &v1.EntryRequest{FolderId: id, Path: "档案/使用说明.txt"})
	o.must(err)
	var got []string
	for _, v := range r.Versions {
		got = append(got, fmt.Sprint(v.Path, " ", v.Size, " ", v.IsPresent, " ", v.IsRemoval))
	}
	if want := []string{"档案/使用说明.txt 4000 true false", "使用说明.txt 4000 false false", "说明.txt 4000 false false", "说明.txt 3000 false false"}; !slices.Equal(got, want) {
		t.Fatalf("%q", got)
	}
	_, err = wang.FoldersAPI().RestoreVersion(ctx, &v1.RestoreVersionRequest{FolderId: id, Path: "档案/使用说明.txt", VersionId: r.Versions[3].Id})
	o.must(err)
	o.has(li, "档案/使用说明.txt", first)
	o.has(wang, "档案/使用说明.txt", first)
}

// A file that was renamed in the moment in which it was written was renamed all the same.
func TestMovesOfWhatIsJustWritten(t *testing.T) {
	o := share(t, 35, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	for i := range 5 {
		from, to, data := fmt.Sprintf("稿/%d.txt", i), fmt.Sprintf("定稿/%d.txt", i), content(uint64(40+i), 3000)
		o.writes(li, from, data)
		o.has(wang, from, data)
		o.renames(li, from, to)
		o.has(wang, to, data)
		o.lacks(wang, from)
		o.level(li, wang)
		r, err := wang.FoldersAPI().FolderChanges(context.Background(), &v1.FolderChangesRequest{FolderId: o.id.String(), Limit: 1})
		o.must(err)
		if c := r.Changes[0]; c.What != "moved" || c.Path != to || c.From != from {
			t.Errorf("%v", c)
		}
	}
}

// A name that no log can carry is told at once, and forgotten when it is gone.
func TestOddNamesAreTold(t *testing.T) {
	o := &office{Office: testspace.New(t, 36), t: t}
	o.Founds("li", "公司")
	li, root, ctx := o.As("li"), filepath.Join(t.TempDir(), "a"), context.Background()
	o.must(os.MkdirAll(filepath.Join(root, "sub"), 0o755))
	id, err := li.Folders.Share(ctx, o.Workspace, root, "", nil)
	o.must(err)
	o.id = id
	o.level(li)
	odd := filepath.Join(root, "sub", "坏\a名字.txt")
	if err := os.WriteFile(odd, nil, 0o644); err != nil {
		t.Skip(err) // not on Windows
	}
	is := func(want ...string) {
		t.Helper()
		o.Eventually(fmt.Sprint("problems are ", want), func() bool {
			r, err := li.FoldersAPI().Problems(ctx, &v1.FolderRequest{FolderId: id.String()})
			o.must(err)
			var got []string
			for _, p := range r.Problems {
				got = append(got, p.Path+" "+p.ErrorCode)
			}
			return slices.Equal(got, want)
		})
	}
	is("sub/坏?名字.txt entry_name")
	o.must(os.Remove(odd))
	is()
}
