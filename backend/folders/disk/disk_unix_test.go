//go:build linux || darwin

package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// real is a tree on this machine's disk, with its path.
func real(t *testing.T) (Tree, string) {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, Hidden), 0o700); err != nil {
		t.Fatal(err)
	}
	tree, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree, root
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(content), 0o600))
	must(t, os.Chmod(path, mode))
}

func TestRulesAreTriedOut(t *testing.T) {
	root := t.TempDir()
	tree, err := Open(root)
	must(t, err)
	if tree.Rules() != systemRules(root) {
		t.Errorf("without a place to try: %+v", tree.Rules())
	}
	must(t, os.Mkdir(filepath.Join(root, Hidden), 0o700))
	if r := tree.Rules(); r.Grain < 1 || !r.Exec || !r.Links || r.Windows {
		t.Errorf("%+v", r)
	}
	left, err := os.ReadDir(filepath.Join(root, Hidden))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if _, err := Open(filepath.Join(root, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opened nothing: %v", err)
	}
	put(t, filepath.Join(root, "f"), "", 0o600)
	if _, err := Open(filepath.Join(root, "f")); err == nil {
		t.Error("opened a file as a folder")
	}
}

// Pipes, sockets and devices are told of, and never opened: that would wait for ever,
// or wind a tape.
func TestOddThings(t *testing.T) {
	tree, root := real(t)
	must(t, unix.Mkfifo(filepath.Join(root, "pipe"), 0o600))
	socket, err := net.Listen("unix", filepath.Join(root, "socket"))
	must(t, err)
	defer socket.Close()
	odd := []string{"pipe", "socket"}
	if unix.Mknod(filepath.Join(root, "device"), unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))) == nil {
		odd = append(odd, "device") // only where we are root
	}
	for _, p := range odd {
		if i, err := tree.Look(p); err != nil || i.Kind != Other || i.Size != 0 || i.Exec {
			t.Errorf("%s is %+v, %v", p, i, err)
		}
		if _, err := tree.Open(p); err == nil {
			t.Errorf("%s was opened", p)
		}
		if err := tree.Mark(p, time.Now(), true); err == nil {
			t.Errorf("%s was marked", p)
		}
		must(t, tree.Settle(p))
		must(t, tree.Move(p, p+" moved"))
		must(t, tree.Remove(p+" moved"))
	}
}

// Somebody exchanges a folder for a link to outside, again and again: nothing outside
// is ever seen or changed.
func TestLinksThatComeMeanwhile(t *testing.T) {
	tree, root := real(t)
	outside := t.TempDir()
	put(t, filepath.Join(outside, "f"), "secret", 0o600)
	must(t, os.Mkdir(filepath.Join(root, "folder"), 0o700))
	put(t, filepath.Join(root, "folder", "f"), "inside", 0o600)
	must(t, os.Symlink(outside, filepath.Join(root, "link")))
	var stop atomic.Bool
	swapped := make(chan int)
	go func() {
		n := 0
		for ; !stop.Load(); n++ {
			a, b := filepath.Join(root, "folder"), filepath.Join(root, "link")
			_ = os.Rename(a, a+".x")
			_ = os.Rename(b, a)
			_ = os.Rename(a+".x", b)
		}
		swapped <- n
	}()
	saw := map[string]int{}
	for i := range 3000 {
		c, err := tree.Open("folder/f")
		if err == nil {
			b := make([]byte, 6)
			_, _ = c.ReadAt(b, 0)
			saw[string(b)]++
			c.Close()
		} else {
			saw["error"]++
		}
		if d, err := tree.Create(fmt.Sprintf("folder/new%d", i)); err == nil {
			d.Close()
		}
		_ = tree.Move("folder/f", "folder/g")
		_ = tree.Move("folder/g", "folder/f")
		_ = tree.Mark("folder/f", time.Unix(1, 0), true)
		_ = tree.Remove("folder/none")
	}
	stop.Store(true)
	t.Logf("saw %v while links came %d times", saw, <-swapped)
	if saw["secret"] > 0 {
		t.Error("a file outside was read")
	}
	left, err := os.ReadDir(outside)
	must(t, err)
	info, err := os.Stat(filepath.Join(outside, "f"))
	if err != nil || len(left) != 1 || info.ModTime().Unix() == 1 || info.Mode() != 0o600 {
		t.Errorf("outside there is %v, %v, %v", left, info, err)
	}
}

func TestNamesInAnotherForm(t *testing.T) {
	tree, root := real(t)
	if tree.Rules().FoldsForm {
		t.Skip("this disk finds them by itself")
	}
	nfd, mixed := "e\u0301", "\u1ebf\u00ea\u0301" // the second: composed, then half composed
	must(t, os.MkdirAll(filepath.Join(root, nfd, nfd), 0o700))
	put(t, filepath.Join(root, nfd, nfd, "a\u030a"), "ring", 0o600)
	put(t, filepath.Join(root, mixed), "mixed", 0o600)
	var all []string
	list := func(path string) {
		t.Helper()
		must(t, tree.List(path, func(i Info) error {
			all = append(all, i.Path)
			return nil
		}, func(name string) { t.Errorf("bad name %q", name) }))
	}
	list("")
	list("é/é")
	slices.Sort(all)
	if want := []string{Hidden, "é", "é/é/å", "ếế"}; !slices.Equal(all, want) {
		t.Fatalf("listed %q, want %q", all, want)
	}
	for _, p := range []string{"é/é/å", "ếế", "é"} {
		if i, err := tree.Look(p); err != nil || i.Path != p {
			t.Errorf("%q: %+v, %v", p, i, err)
		}
	}
	if _, err := tree.Create("ếế"); !errors.Is(err, ErrClash) || !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second form was made: %v", err)
	}
	put(t, filepath.Join(root, "plain"), "plain", 0o600)
	if err := tree.Move("plain", "é"); !errors.Is(err, ErrClash) {
		t.Errorf("moved onto another form: %v", err)
	}
	must(t, tree.Swap("plain", "ếế", "aside"))
	must(t, tree.Move("é/é/å", "é/ö"))
	c, err := tree.Open("é/ö")
	must(t, err)
	c.Close()
	must(t, tree.Settle("é/ö", "é/é"))
	must(t, tree.Remove("é/é"))

	// Two names on the disk, one in the log: one has it, the other is told.
	put(t, filepath.Join(root, nfd, "o\u0308"), "other", 0o600)
	var bad []string
	n := 0
	must(t, tree.List("é", func(i Info) error { n++; return nil }, func(name string) { bad = append(bad, name) }))
	if n != 1 || !slices.Equal(bad, []string{"o\u0308"}) {
		t.Errorf("%d names, bad %q", n, bad)
	}
}

func TestNamesThatNoLogTakes(t *testing.T) {
	tree, root := real(t)
	want := []string{"a\nb", "a\\b", "\x01"}
	for _, name := range want {
		put(t, filepath.Join(root, name), "", 0o600)
	}
	if os.WriteFile(filepath.Join(root, "\xff"), nil, 0o600) == nil {
		want = append(want, "\xff")
	}
	var bad []string
	must(t, tree.List("", func(i Info) error {
		if i.Path != Hidden {
			t.Errorf("listed %q", i.Path)
		}
		return nil
	}, func(name string) { bad = append(bad, name) }))
	slices.Sort(bad)
	slices.Sort(want)
	if !slices.Equal(bad, want) {
		t.Errorf("told of %q, want %q", bad, want)
	}
	must(t, tree.List("", func(Info) error { return nil }, nil))
}

// A disk that was taken out has deleted nothing.
func TestTheFolderItselfIsGone(t *testing.T) {
	tree, root := real(t)
	put(t, filepath.Join(root, "f"), "x", 0o600)
	must(t, os.Rename(root, root+".away"))
	gone := func(err error) {
		t.Helper()
		if !errors.Is(err, ErrGone) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("says %v", err)
		}
	}
	all := func() {
		t.Helper()
		_, err := tree.Look("f")
		gone(err)
		_, err = tree.Look("")
		gone(err)
		gone(tree.List("", func(Info) error { return nil }, nil))
		_, err = tree.Open("f")
		gone(err)
		_, err = tree.Create("g")
		gone(err)
		gone(tree.Remove("f"))
		gone(tree.Settle("f"))
		_, err = tree.Free()
		gone(err)
	}
	all()
	must(t, os.Mkdir(root, 0o700)) // the empty folder that a disk was mounted on
	all()
	must(t, os.Remove(root))
	must(t, os.Rename(root+".away", root))
	_, err := tree.Look("f")
	must(t, err)
}

func TestPermissionsOfUsersFiles(t *testing.T) {
	tree, root := real(t)
	mode := func(name string) fs.FileMode {
		info, err := os.Stat(filepath.Join(root, name))
		must(t, err)
		return info.Mode().Perm()
	}
	put(t, filepath.Join(root, "usual"), "", 0o600)
	must(t, os.Remove(filepath.Join(root, "usual")))
	f, err := os.Create(filepath.Join(root, "usual"))
	must(t, err)
	f.Close()
	draft := func(name string, exec bool) {
		d, err := tree.Create(name)
		must(t, err)
		must(t, d.Mark(time.Unix(1, 0), exec))
		must(t, d.Close())
	}
	draft("plain", false)
	draft("run", true)
	if mode("plain") != mode("usual") || mode("run") != mode("usual")|mode("usual")&0o444>>2 {
		t.Errorf("%v and %v, other programs make %v", mode("plain"), mode("run"), mode("usual"))
	}
	// What the user kept to herself stays so when a new version comes.
	put(t, filepath.Join(root, "secret"), "old", 0o600)
	must(t, tree.Swap("run", "secret", "old"))
	if mode("secret") != 0o700 || mode("old") != 0o600 {
		t.Errorf("the secret is %v now, the old one %v", mode("secret"), mode("old"))
	}
	must(t, tree.Mark("secret", time.Unix(1, 0), false))
	if mode("secret") != 0o600 {
		t.Errorf("%v", mode("secret"))
	}
}

// What a disk does that knows nothing but the oldest calls.
func TestByHand(t *testing.T) {
	_, root := real(t)
	f, _, err := openRoot(root)
	must(t, err)
	defer f.close()
	for _, name := range []string{"a", "b"} {
		put(t, filepath.Join(root, name), name, 0o600)
		must(t, os.Mkdir(filepath.Join(root, "dir "+name), 0o700))
	}
	must(t, os.Symlink("a", filepath.Join(root, "link")))
	for _, from := range []string{"a", "dir a", "link"} {
		for _, to := range []string{"b", "dir b"} {
			if err := f.renameByHand(from, f, to); !errors.Is(err, fs.ErrExist) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
		must(t, f.renameByHand(from, f, "new "+from))
	}
	if content, err := os.ReadFile(filepath.Join(root, "new a")); err != nil || string(content) != "a" {
		t.Errorf("%q %v", content, err)
	}
	if err := f.renameByHand("none", f, "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	must(t, respell(f, "b", f, "B"))
	if _, err := f.look("B"); err != nil {
		t.Error(err)
	}

	must(t, os.MkdirAll(filepath.Join(root, "1/2/3"), 0o700))
	must(t, os.Symlink("2", filepath.Join(root, "1/link")))
	in, err := f.walk("1/2/3")
	must(t, err)
	in.close()
	for path, want := range map[string]error{"1/link/3": ErrEscapes, "1/none/3": fs.ErrNotExist, "B/2": fs.ErrNotExist} {
		if _, err := f.walk(path); !errors.Is(wrap(err), want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}

func TestDeepAndLong(t *testing.T) {
	tree, root := real(t)
	path := ""
	for strings.Count(path, "/") < 17 {
		path = join(path, strings.Repeat("d", 200))
		must(t, tree.Make(path, Folder, ""))
	}
	if len(root)+len(path) < 3500 {
		t.Fatal("not long enough to say anything")
	}
	must(t, tree.Settle(path))
	if _, err := tree.Create(join(path, strings.Repeat("f", 255)+"/"+strings.Repeat("g", 255))); !errors.Is(err, ErrTooLong) {
		t.Errorf("longer than any program opens: %v", err)
	}
}

// Files of which nobody told keep no descriptor open: the disk can be taken out.
func TestNothingStaysOpen(t *testing.T) {
	open := func() int {
		entries, err := os.ReadDir("/dev/fd")
		if err != nil {
			t.Skip("cannot count open files here")
		}
		return len(entries)
	}
	tree, root := real(t)
	put(t, filepath.Join(root, "f"), "x", 0o600)
	must(t, os.Symlink("x", filepath.Join(root, "l")))
	before := open()
	for range 20 {
		_, _ = tree.Look("f")
		_, _ = tree.Look("none/é")
		_, _ = tree.Open("l")
		_, _ = tree.Open("")
		_, _ = tree.Create("f")
		_, _ = tree.Create("l/x")
		_ = tree.Make("é", Folder, "")
		_ = tree.Move("f", "é/f")
		_ = tree.Move("é/f", "f")
		_ = tree.Swap("f", "l", "f2")
		_ = tree.Swap("l", "f2", "f")
		_ = tree.Settle("f", "l", "é", "none/x")
		_ = tree.List("é", func(Info) error { return errFound }, nil)
		_ = tree.List("l", nil, nil)
	}
	if after := open(); after > before {
		t.Errorf("%d files are open, %d before", after, before)
	}
}
