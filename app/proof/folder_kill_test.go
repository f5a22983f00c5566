package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

// tree is what a folder holds, by path.
type tree map[string][]byte

// bundle is many small files and a large one.
func bundle(random *rand.Rand) tree {
	out := tree{"图纸/大.bin": noise(random, 30<<20)}
	for i := range 39 {
		out[fmt.Sprintf("资料/%d/%d.bin", i%5, i)] = noise(random, 1+random.IntN(150<<10))
	}
	return out
}

func noise(random *rand.Rand, n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())}).Read(out)
	return out
}

// write puts files into a folder as programs do that know nothing of sharing.
func (t tree) write(root string) error {
	for path, data := range t {
		at := filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// each calls for every file below a root but for what is Roundtable's own.
func each(root string, do func(path, at string)) {
	_ = filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // it went while we looked
		case d.IsDir() && d.Name() == ".roundtable":
			return fs.SkipDir
		case !d.IsDir():
			path, _ := filepath.Rel(root, at)
			do(filepath.ToSlash(path), at)
		}
		return nil
	})
}

// witness looks at a folder all the time: whatever has a name in it must be whole,
// in one of the versions that were written anywhere.
type witness struct {
	root string
	mu   sync.Mutex
	may  map[string][][]byte
	seen map[string]os.FileInfo // as it was when it was found whole
	bad  map[string]string
	// looks and whole count what was looked at: a witness who saw nothing proves nothing.
	looks, whole int
}

func (w *witness) allow(t tree) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for path, data := range t {
		w.may[path] = append(w.may[path], data)
	}
}

// watch looks until stop is closed.
func (w *witness) watch(stop <-chan struct{}) {
	for {
		each(w.root, w.look)
		w.mu.Lock()
		w.looks++
		w.mu.Unlock()
		select {
		case <-stop:
			return
		case <-time.After(3 * time.Millisecond): // leaves the machine to those who are watched
		}
	}
}

func (w *witness) look(path, at string) {
	f, err := os.Open(at)
	if err != nil {
		return
	}
	defer f.Close()
	now, err := f.Stat()
	if err != nil {
		return
	}
	w.mu.Lock()
	was := w.seen[path]
	may := w.may[path]
	w.mu.Unlock()
	if was != nil && os.SameFile(was, now) && was.Size() == now.Size() && was.ModTime().Equal(now.ModTime()) {
		return
	}
	data := make([]byte, now.Size())
	n, _ := f.ReadAt(data, 0)
	ok := n == len(data) && slices.ContainsFunc(may, func(one []byte) bool { return bytes.Equal(one, data) })
	w.mu.Lock()
	defer w.mu.Unlock()
	if !ok {
		w.bad[path] = fmt.Sprintf("%d bytes, which are none of %d versions", len(data), len(may))
		return
	}
	w.seen[path], w.whole = now, w.whole+1
}

// TestFolderKilled: kill -9 of whoever sends and of whoever receives, at random
// moments while a folder is on its way, and again while its large file is another
// one. After the last start both end with the same bytes; no name ever led to half
// a file, and nothing is left that would be taken for one.
func TestFolderKilled(t *testing.T) {
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 4))
	o := newOffice(t)
	li, wang, workspace := o.pair()
	from, to := filepath.Join(o.folder, "from"), filepath.Join(o.folder, "to")
	want := bundle(random)
	o.must(want.write(from))
	w := &witness{root: to, may: map[string][][]byte{}, seen: map[string]os.FileInfo{}, bad: map[string]string{}}
	w.allow(want)
	stop, watched := make(chan struct{}), make(chan struct{})
	go func() { defer close(watched); w.watch(stop) }()

	p := &sharers{office: o, random: random, who: map[string]*client.Process{"li": li, "wang": wang}, workspace: workspace}
	p.slow(6 << 10) // else all of it is there before anybody can be killed
	p.share(from, to)
	p.kills(rounds)
	p.slow(0)
	p.level(want, from, to)

	p.slow(6 << 10)
	large := bytes.Clone(want["图纸/大.bin"])
	copy(large[7<<20:], noise(random, 16<<20))
	second := tree{"图纸/大.bin": large}
	w.allow(second)
	maps.Copy(want, second)
	o.must(second.write(from))
	p.kills(rounds)
	p.slow(0)
	p.level(want, from, to)

	close(stop)
	<-watched
	for path, why := range w.bad {
		t.Errorf("%s was seen with %s", path, why)
	}
	t.Logf("%d looks, %d files found whole, %d kills while something was on its way, %d in all", w.looks, w.whole, p.caught, p.killed)
	if w.whole < len(want) {
		t.Errorf("of %d files %d were seen", len(want), w.whole)
	}
	for _, one := range p.who {
		o.must(one.Stop())
	}
	o.sound("li", "wang")
	for _, root := range []string{from, to} {
		left, err := os.ReadDir(filepath.Join(root, ".roundtable", "drafts"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) || len(left) > 0 {
			t.Errorf("drafts are left in %s: %v, %v", root, left, err)
		}
	}
}

// sharers are two people with a folder between them.
type sharers struct {
	*office
	random         *rand.Rand
	who            map[string]*client.Process
	workspace, id  string
	caught, killed int
}

// slow bounds what goes between the two, in KiB a second; 0: not at all.
func (s *sharers) slow(kib int32) {
	s.Helper()
	for _, p := range s.who {
		_, err := p.Folders.SetPace(s.ctx, &v1.SetPaceRequest{LanKib: &kib, InternetKib: &kib})
		s.must(err)
	}
}

func (s *sharers) share(from, to string) {
	s.Helper()
	f, err := s.who["li"].Folders.Share(s.ctx, &v1.ShareRequest{WorkspaceId: s.workspace, LocalPath: from,
		Members: []*v1.FolderMember{{PersonId: s.member(s.who["li"], s.workspace, "wang"), Role: v1.FolderRole_FOLDER_ROLE_WRITE}}})
	s.must(err)
	s.id = f.Id
	s.until("wang", "is told of the folder", func(f *v1.Folder) bool { return f.Active })
	_, err = s.who["wang"].Folders.Keep(s.ctx, &v1.KeepRequest{FolderId: s.id, LocalPath: to, Mode: v1.FolderMode_FOLDER_MODE_WHOLE})
	s.must(err)
}

// folder is what somebody is told of it; nil when nothing is.
func (s *sharers) folder(ctx context.Context, who string) (*v1.Folder, error) {
	r, err := s.who[who].Folders.Folders(ctx, &v1.FoldersRequest{WorkspaceId: s.workspace})
	if err != nil {
		return nil, err
	}
	for _, f := range r.Folders {
		if f.Id == s.id {
			return f, nil
		}
	}
	return nil, nil
}

func (s *sharers) until(who, what string, is func(*v1.Folder) bool) {
	s.Helper()
	var last *v1.Folder
	if err := s.who[who].Until(s.ctx, func(ctx context.Context) (bool, error) {
		var err error
		last, err = s.folder(ctx, who)
		return err == nil && last != nil && is(last), err
	}); err != nil {
		s.Fatalf("%s %s: %v; told last: %v", who, what, err, last)
	}
}

// kills ends one of the two again and again, each a while after it came back.
func (s *sharers) kills(rounds int) {
	s.Helper()
	for i := range rounds * 2 {
		who := []string{"wang", "li"}[i%2]
		time.Sleep(time.Duration(s.random.IntN(500)) * time.Millisecond)
		if f, err := s.folder(s.ctx, "wang"); err == nil && f != nil && f.MissingFiles > 0 {
			s.caught++
		}
		s.must(s.who[who].Kill())
		s.killed++
		s.who[who] = s.start(who)
	}
}

// level waits until both are up to date and compares what lies in their folders.
func (s *sharers) level(want tree, roots ...string) {
	s.Helper()
	for _, who := range []string{"li", "wang"} {
		s.until(who, "is up to date", func(f *v1.Folder) bool {
			return f.State == v1.FolderState_FOLDER_STATE_UP_TO_DATE && f.Unsaid == 0 && f.MissingFiles == 0 && f.Files == int64(len(want))
		})
	}
	s.until("li", "hears that wang has everything", func(f *v1.Folder) bool { return f.Holders == 1 })
	for _, root := range roots {
		got := map[string]bool{}
		each(root, func(path, at string) {
			data, err := os.ReadFile(at)
			got[path] = true
			if err != nil || !bytes.Equal(data, want[path]) {
				s.Errorf("%s in %s has %d bytes, not the %d that were written: %v", path, filepath.Base(root), len(data), len(want[path]), err)
			}
		})
		if len(got) != len(want) {
			s.Errorf("%s has %d files: %s", filepath.Base(root), len(got), strings.Join(slices.Sorted(maps.Keys(got)), ", "))
		}
	}
}
