package disk

import (
	"errors"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// formsKept is for how long the spellings of a folder are believed. Without it, a
// thousand new accented names in a large folder would list it a thousand times.
const formsKept = time.Second

// forms are the names of one folder that are in neither of the usual two forms, by the
// form of the log.
type forms struct {
	read  time.Time
	names map[string]string
}

// mayDiffer reports whether the disk may write a path otherwise than the log does,
// and does not find it all the same.
func (t *tree) mayDiffer(p string) bool { return hasForms(p) && !t.Rules().FoldsForm }

// spelled finds a name that is on the disk in another form than the log's.
func (t *tree) spelled(f folder, dir, name string) (string, bool) {
	decomposed := norm.NFD.String(name)
	if _, err := f.look(decomposed); err == nil {
		return decomposed, true
	}
	t.mu.Lock()
	kept, found := t.forms[dir]
	t.mu.Unlock()
	if !found || time.Since(kept.read) > formsKept {
		kept = forms{read: time.Now(), names: oddNames(f)}
		t.mu.Lock()
		if t.forms == nil || len(t.forms) >= 64 {
			t.forms = map[string]forms{}
		}
		t.forms[dir] = kept
		t.mu.Unlock()
	}
	spelled, found := kept.names[name]
	if found {
		_, err := f.look(spelled)
		found = err == nil
	}
	return spelled, found
}

func oddNames(f folder) map[string]string {
	odd := map[string]string{}
	// A folder that cannot be read hides its odd names; what is looked for is then not there.
	_ = f.names(func(batch []string) error {
		for _, name := range batch {
			if logged, ok := asLogged(name); ok && logged != name {
				odd[logged] = name
			}
		}
		return nil
	})
	return odd
}

// folderByForm goes to a folder name by name, where one of them is in another form.
func (t *tree) folderByForm(root folder, p string) (folder, error) {
	f, err := root.again()
	if err != nil {
		return f, wrap(err)
	}
	dir := ""
	for name := range strings.SplitSeq(p, "/") {
		in, err := f.enter(name)
		if err != nil && hasForms(name) {
			if spelled, found := t.spelled(f, dir, name); found {
				in, err = f.enter(spelled)
			}
		}
		f.close()
		if err != nil {
			return in, wrap(err)
		}
		f, dir = in, join(dir, name)
	}
	return f, nil
}

// truePath gives a path as the disk writes it, in the form of the log.
func (t *tree) truePath(p string) (string, error) {
	f, err := t.enter()
	if err != nil {
		return p, err
	}
	defer func() { f.close() }()
	dir := ""
	for rest, more := p, true; more; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		there, err := f.trueName(name)
		if errors.Is(wrap(err), fs.ErrNotExist) && t.mayDiffer(name) {
			if spelled, found := t.spelled(f, dir, name); found {
				there, err = f.trueName(spelled)
			}
		}
		if err != nil {
			return p, wrap(err)
		}
		logged, ok := asLogged(there)
		if !ok {
			return p, fs.ErrNotExist // it cannot be told of
		}
		dir = join(dir, logged)
		if !more {
			break
		}
		in, err := f.enter(there)
		if err != nil {
			return p, wrap(err)
		}
		f.close()
		f = in
	}
	return dir, nil
}
