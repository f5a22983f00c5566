package folders_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/disk/disktest"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// office is some people who share a folder, each with a disk of their own.
type office struct {
	*testspace.Office
	t     *testing.T
	id    wire.SpaceID
	desks []*testspace.Desk
	disks map[string]*disktest.Disk
	roots map[string]string
}

func content(seed uint64, n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}).Read(out)
	return out
}

// share lets the first of some people share a folder with the others, who keep all of it.
func share(t *testing.T, seed uint64, people ...string) *office {
	return shareIn(testspace.New(t, seed), t, people...)
}

func shareIn(in *testspace.Office, t *testing.T, people ...string) *office {
	o := &office{Office: in, t: t, disks: map[string]*disktest.Disk{}, roots: map[string]string{}}
	o.Founds(people[0], "公司")
	o.Admits(people[0], people[1:]...)
	for _, name := range people {
		o.desks = append(o.desks, o.As(name))
	}
	first := o.desks[0]
	members := map[wire.PersonID]space.Role{}
	for _, d := range o.desks[1:] {
		members[d.Person()] = space.Member
	}
	o.disk(first)
	id, err := first.Folders.Share(context.Background(), o.Workspace, o.roots[first.Name], "资料", members)
	o.must(err)
	o.id = id
	for _, d := range o.desks[1:] {
		o.keeps(d)
	}
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) disk(d *testspace.Desk) {
	o.disks[d.Name], o.roots[d.Name] = d.Disk("资料", disktest.Linux)
	var n atomic.Int64
	o.disks[d.Name].Clock(func() time.Time {
		return time.Unix(1_767_225_600, 0).Add(time.Duration(n.Add(1)) * 20 * time.Millisecond)
	})
}

func (o *office) keeps(d *testspace.Desk) {
	o.t.Helper()
	if o.disks[d.Name] == nil {
		o.disk(d)
	}
	o.Eventually(d.Name+" is told of the folder", func() bool { return d.Log.Knows(o.id) })
	o.must(d.Folders.Keep(context.Background(), o.id, o.roots[d.Name], 2, nil))
}

// writes is what a person does with an editor.
func (o *office) writes(d *testspace.Desk, path string, data []byte) {
	o.t.Helper()
	o.must(o.disks[d.Name].Write(path, data))
	d.Hints(o.roots[d.Name], path)
}

func (o *office) deletes(d *testspace.Desk, path string) {
	o.t.Helper()
	o.must(o.disks[d.Name].Delete(path))
	d.Hints(o.roots[d.Name], path)
}

func (o *office) renames(d *testspace.Desk, from, to string) {
	o.t.Helper()
	o.must(o.disks[d.Name].Rename(from, to))
	d.Hints(o.roots[d.Name], from, to)
}

// has waits until a file has this content.
func (o *office) has(d *testspace.Desk, path string, want []byte) {
	o.t.Helper()
	o.Eventually(fmt.Sprintf("%s has %s", d.Name, path), func() bool {
		got, err := o.disks[d.Name].ReadAll(path)
		return err == nil && bytes.Equal(got, want)
	})
}

func (o *office) lacks(d *testspace.Desk, path string) {
	o.t.Helper()
	o.Eventually(fmt.Sprintf("%s has no %s", d.Name, path), func() bool {
		_, err := o.disks[d.Name].ReadAll(path)
		return err != nil
	})
}

// state of the folder as the screen is told.
func (o *office) state(d *testspace.Desk) *v1.Folder {
	o.t.Helper()
	r, err := d.FoldersAPI().Folders(context.Background(), &v1.FoldersRequest{WorkspaceId: o.Workspace.String()})
	o.must(err)
	for _, f := range r.Folders {
		if f.Id == o.id.String() {
			return f
		}
	}
	o.t.Fatalf("%s is told of no folder", d.Name)
	return nil
}

func (o *office) level(all ...*testspace.Desk) {
	o.t.Helper()
	for _, d := range all {
		var last *v1.Folder
		o.Eventually(d.Name+" is up to date", func() bool {
			last = o.state(d)
			return last.State == v1.FolderState_FOLDER_STATE_UP_TO_DATE && last.Unsaid == 0
		})
	}
}

func TestFilesTravel(t *testing.T) {
	o := share(t, 1, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	small, large := content(1, 10<<10), content(2, 5<<20)
	o.writes(li, "报告.txt", small)
	o.writes(li, "图纸/a/b.bin", large)
	o.has(wang, "报告.txt", small)
	o.has(wang, "图纸/a/b.bin", large)
	o.writes(wang, "报告.txt", []byte("改过"))
	o.has(li, "报告.txt", []byte("改过"))
	o.writes(li, "空.txt", nil)
	o.has(wang, "空.txt", []byte{})
	o.deletes(wang, "图纸")
	o.lacks(li, "图纸/a/b.bin")
	o.level(li, wang)
	if s := o.state(li); s.Files != 2 || s.Bytes != 6 || s.Name != "资料" || s.Role != v1.FolderRole_FOLDER_ROLE_MANAGE {
		t.Errorf("%v", s)
	}
	if s := o.state(li); s.BinBytes != 10<<10+5<<20 {
		t.Errorf("in the bin of who did not delete it: %v", s)
	}
}

// What moved is moved: no bytes are sent.
func TestMovesSendNothing(t *testing.T) {
	o := share(t, 2, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	data := content(3, 3<<20)
	o.writes(li, "旧/文件.bin", data)
	o.has(wang, "旧/文件.bin", data)
	o.level(li, wang)
	before := o.fetched(wang)
	o.renames(li, "旧/文件.bin", "新/改名.bin")
	o.has(wang, "新/改名.bin", data)
	o.lacks(wang, "旧/文件.bin")
	o.renames(li, "新", "更新")
	o.has(wang, "更新/改名.bin", data)
	o.level(li, wang)
	if got := o.fetched(wang); got != before {
		t.Errorf("%d bytes were sent for a move", got-before)
	}
}

func (o *office) fetched(d *testspace.Desk) int64 {
	o.t.Helper()
	r, err := d.FoldersAPI().Transfers(context.Background(), &v1.FolderRequest{FolderId: o.id.String()})
	o.must(err)
	return r.FetchedBytes
}

// Only what changed is sent.
func TestOnlyChangedChunksAreSent(t *testing.T) {
	o := share(t, 3, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	data := content(4, 24<<20)
	o.writes(li, "库.bin", data)
	o.has(wang, "库.bin", data)
	o.level(li, wang)
	before := o.fetched(wang)
	shifted := append(content(5, 1<<10), data...)
	o.writes(li, "库.bin", shifted)
	o.has(wang, "库.bin", shifted)
	if sent := o.fetched(wang) - before; sent > 1<<20 {
		t.Errorf("%d bytes were sent for one inserted KiB", sent)
	}
}

// Two people write the same file without knowing of each other: both are kept, under
// the same names everywhere.
func TestConflictKeepsBoth(t *testing.T) {
	o := share(t, 4, "li", "wang", "zhao")
	li, wang, zhao := o.desks[0], o.desks[1], o.desks[2]
	o.writes(li, "合同.txt", []byte("第一稿"))
	o.has(wang, "合同.txt", []byte("第一稿"))
	o.has(zhao, "合同.txt", []byte("第一稿"))
	o.level(li, wang, zhao)
	o.Leaves("wang")
	o.writes(li, "合同.txt", []byte("李的"))
	o.writes(wang, "合同.txt", []byte("王的"))
	o.has(zhao, "合同.txt", []byte("李的"))
	o.Returns("wang")
	wang.Hints(o.roots["wang"])
	for _, d := range o.desks {
		o.Eventually(d.Name+" sees the conflict", func() bool { return o.state(d).Conflicts == 1 })
		o.Eventually(d.Name+" has both", func() bool {
			texts := map[string]bool{}
			o.disks[d.Name].Walk(func(i disk.Info, data []byte) {
				if strings.HasPrefix(i.Path, "合同") {
					texts[string(data)] = true
				}
			})
			return texts["李的"] && texts["王的"] && len(texts) == 2
		})
	}
	o.level(li, wang, zhao)
	r, err := zhao.FoldersAPI().Conflicts(context.Background(), &v1.FolderRequest{FolderId: o.id.String()})
	o.must(err)
	one := r.Conflicts[0]
	if one.Original == nil || one.Copy.PersonName == one.Original.PersonName || !strings.Contains(one.Copy.Path, "conflict "+one.Copy.PersonName) {
		t.Errorf("%v", one)
	}
	kept, err := o.disks["zhao"].ReadAll(one.Copy.Path)
	o.must(err)
	_, err = zhao.FoldersAPI().Resolve(context.Background(), &v1.ResolveRequest{FolderId: o.id.String(), CopyPath: one.Copy.Path, Resolution: v1.Resolution_RESOLUTION_KEEP_COPY})
	o.must(err)
	for _, d := range o.desks {
		o.has(d, "合同.txt", kept)
		o.lacks(d, one.Copy.Path)
		o.Eventually(d.Name+" has no conflict", func() bool { return o.state(d).Conflicts == 0 })
	}
}

func TestReadersDoNotWrite(t *testing.T) {
	o := share(t, 5, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	o.writes(li, "a.txt", []byte("一"))
	o.has(wang, "a.txt", []byte("一"))
	o.must(li.Folders.SetMember(context.Background(), o.id, wang.Person(), space.Guest))
	o.Eventually("wang only reads", func() bool { return o.state(wang).Role == v1.FolderRole_FOLDER_ROLE_READ && o.state(wang).Active })
	o.writes(wang, "a.txt", []byte("偷改"))
	o.writes(li, "b.txt", []byte("二"))
	o.has(wang, "b.txt", []byte("二"))
	o.writes(li, "a.txt", []byte("三"))
	o.has(wang, "a.txt", []byte("三")) // what wang wrote lies beside it, here only
	if got, err := o.disks["li"].ReadAll("a.txt"); err != nil || string(got) != "三" {
		t.Errorf("%q, %v", got, err)
	}
	o.must(li.Folders.SetMember(context.Background(), o.id, wang.Person(), space.Member))
	o.Eventually("wang writes", func() bool { return o.state(wang).Role == v1.FolderRole_FOLDER_ROLE_WRITE })
	o.writes(wang, "c.txt", []byte("四"))
	o.has(li, "c.txt", []byte("四"))
}

// A folder that is attached again is not sent again.
func TestAttachedAgain(t *testing.T) {
	o := share(t, 6, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	for i := range 30 {
		o.writes(li, fmt.Sprintf("f%d.bin", i), content(uint64(i), 20<<10))
	}
	o.Eventually("wang has all", func() bool { return o.state(wang).Files == 30 })
	o.level(li, wang)
	o.must(wang.Folders.Unkeep(context.Background(), o.id))
	o.writes(li, "f3.bin", []byte("anders"))
	o.Eventually("the change is known", func() bool { return o.held(li, o.id, []byte("anders")) })
	o.level(li)
	o.must(wang.Folders.Keep(context.Background(), o.id, o.roots["wang"], 2, nil))
	o.has(wang, "f3.bin", []byte("anders"))
	o.level(wang)
	if n := o.fetched(wang); n > 1000 {
		t.Errorf("%d bytes were sent again", n)
	}
	if c := o.state(wang).Conflicts; c != 0 {
		t.Errorf("%d conflicts", c)
	}
}

func TestVersionsAndRestore(t *testing.T) {
	o := share(t, 7, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	for _, text := range []string{"一", "二", "三"} {
		o.writes(li, "稿.txt", []byte(text))
		o.has(wang, "稿.txt", []byte(text))
		o.level(li, wang)
	}
	o.deletes(li, "稿.txt")
	o.lacks(wang, "稿.txt")
	api := wang.FoldersAPI()
	vs, err := api.Versions(context.Background(), &v1.EntryRequest{FolderId: o.id.String(), Path: "稿.txt"})
	o.must(err)
	if len(vs.Versions) != 4 || !vs.Versions[0].IsRemoval || !vs.Versions[3].Here {
		t.Fatalf("%v", vs)
	}
	_, err = api.RestoreVersion(context.Background(), &v1.RestoreVersionRequest{FolderId: o.id.String(), Path: "稿.txt", VersionId: vs.Versions[3].Id})
	o.must(err)
	o.has(wang, "稿.txt", []byte("一"))
	o.has(li, "稿.txt", []byte("一"))
	_, err = api.RestoreAsOf(context.Background(), &v1.RestoreAsOfRequest{FolderId: o.id.String(), UnixMs: vs.Versions[2].UnixMs})
	o.must(err)
	o.has(li, "稿.txt", []byte("二"))
	o.has(wang, "稿.txt", []byte("二"))
}

// Everything goes through the real disk as well.
func TestRealDisk(t *testing.T) {
	o := &office{Office: testspace.New(t, 8), t: t}
	o.Founds("li", "公司")
	o.Admits("li", "wang")
	li, wang := o.As("li"), o.As("wang")
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	o.must(os.MkdirAll(filepath.Join(a, "sub"), 0o755))
	o.must(os.WriteFile(filepath.Join(a, "sub", "x.txt"), []byte("hello"), 0o644))
	id, err := li.Folders.Share(context.Background(), o.Workspace, a, "", map[wire.PersonID]space.Role{wang.Person(): space.Member})
	o.must(err)
	o.Eventually("wang is told", func() bool { return wang.Log.Knows(id) })
	o.must(wang.Folders.Keep(context.Background(), id, b, 2, nil))
	is := func(path, want string) {
		t.Helper()
		o.Eventually(path, func() bool { got, err := os.ReadFile(path); return err == nil && string(got) == want })
	}
	is(filepath.Join(b, "sub", "x.txt"), "hello")
	o.must(os.WriteFile(filepath.Join(b, "sub", "y.txt"), []byte("again"), 0o644))
	is(filepath.Join(a, "sub", "y.txt"), "again")
	o.must(os.Rename(filepath.Join(a, "sub"), filepath.Join(a, "SUB")))
	is(filepath.Join(b, "SUB", "y.txt"), "again")
	// A file that landed in the folder in the very moment of the rename follows at the
	// next retry: time goes on.
	o.Eventually("the old name is gone", func() bool {
		_, err := os.Stat(filepath.Join(b, "sub"))
		if err == nil {
			o.Later(time.Second)
		}
		return os.IsNotExist(err)
	})
}
