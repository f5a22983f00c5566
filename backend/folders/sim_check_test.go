package folders_test

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob/chunk"
	"roundtable/backend/folders"
	"roundtable/backend/folders/disk"
)

// stands is one entry that everybody sees.
type stands struct {
	kind     disk.Kind
	modified int64
	exec     bool
	body     string
}

// log reads what stands, as a desk has it.
func (u *user) log() map[string]stands {
	rows, err := u.DB.Read().Query(`SELECT v.parent, v.name, v.kind, v.modified, v.exec, v.body FROM folders_version v JOIN folders_space s ON s.row = v.folder
		WHERE s.space = ? AND v.state = 2 AND v.kind > 0`, u.s.id[:])
	u.s.must(err)
	defer rows.Close()
	out := map[string]stands{}
	for rows.Next() {
		var parent, name string
		var body []byte
		var one stands
		u.s.must(rows.Scan(&parent, &name, &one.kind, &one.modified, &one.exec, &body))
		one.body = string(body)
		out[path.Join(parent, name)] = one
	}
	u.s.must(rows.Err())
	return out
}

func (s *sim) versions() (n int) {
	s.must(s.desks[0].DB.Read().QueryRow(`SELECT count(*) FROM folders_version`).Scan(&n))
	return n
}

var bodies sync.Map // contents, by their bytes

// bodyOf is what an entry says of a file with these bytes.
func bodyOf(data []byte) string {
	if body, ok := bodies.Load(string(data)); ok {
		return body.(string)
	}
	b := chunk.NewBuilder(func(chunk.Node) error { return nil })
	err := chunk.Cut(context.Background(), bytes.NewReader(data), int64(len(data)), func(c chunk.Chunk, _ []byte) error { return b.Add(c) })
	if err != nil {
		panic(err)
	}
	c, err := b.Finish()
	if err != nil {
		panic(err)
	}
	bodies.Store(string(data), string(c.Encode()))
	return string(c.Encode())
}

func (u *user) problems() map[string]string {
	r, err := u.FoldersAPI().Problems(context.Background(), &v1.FolderRequest{FolderId: u.s.id.String()})
	u.s.must(err)
	out := map[string]string{}
	for _, p := range r.Problems {
		out[p.Path] = p.ErrorCode
	}
	return out
}

// differs tells the first thing in which a disk is not what the log says, "" for none.
func (u *user) differs(all map[string]stands) string {
	problems := u.problems()
	left := map[string]stands{}
	for p, one := range all {
		left[p] = one
	}
	rules := u.Rules()
	out := ""
	u.Walk(func(i disk.Info, data []byte) {
		p := norm.NFC.String(i.Path)
		if out != "" || hidden(p) {
			return
		}
		one, ok := left[p]
		delete(left, p)
		is := stands{kind: i.Kind, modified: i.Modified.UnixNano(), exec: i.Exec, body: i.Target}
		if i.Kind == disk.File {
			is.body = bodyOf(data)
		}
		switch {
		case problems[p] != "" && u.expects(p, problems[p], all):
		case !ok:
			out = fmt.Sprintf("%s has %q, which the log has not", u.Name, p)
		case is.kind != one.kind || is.body != one.body:
			out = fmt.Sprintf("%s has another %q: kind %d, of the log %d", u.Name, p, is.kind, one.kind)
		case one.kind == disk.File && (is.modified/rules.Grain != one.modified/rules.Grain || rules.Exec && is.exec != one.exec):
			out = fmt.Sprintf("%s has other marks of %q: %d %v, of the log %d %v", u.Name, p, is.modified, is.exec, one.modified, one.exec)
		}
	})
	for _, p := range sortedKeys(left) {
		if out == "" && (problems[p] == "" || !u.expects(p, problems[p], all)) {
			out = fmt.Sprintf("%s lacks %q (problem %q)", u.Name, p, problems[p])
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// expects reports whether a problem is one that this disk has with this path.
func (u *user) expects(p, code string, all map[string]stands) bool {
	rules := u.Rules()
	switch code {
	case "entry_name", "entry_too_long":
		return rules.Check(p) != nil
	case "entry_link":
		return all[p].kind == disk.Link && (!rules.Links || !folders.LinkStays(p, all[p].body))
	case "entry_clash":
		for at := p; at != "."; at = path.Dir(at) {
			for other := range all {
				if other != at && path.Dir(other) == path.Dir(at) && rules.Key(other) == rules.Key(at) {
					return true
				}
			}
		}
	}
	return false
}

// apart tells the first reason why not everything is level, "" for none.
func (s *sim) apart() string {
	first := s.users[0]
	for _, u := range s.users {
		if u.Log.Digest(s.id) != first.Log.Digest(s.id) {
			return u.Name + " has not heard everything"
		}
	}
	all := first.log()
	for _, u := range s.users {
		if diff := u.differs(all); diff != "" {
			return diff
		}
		if st := s.state(u.Desk); st.State != v1.FolderState_FOLDER_STATE_UP_TO_DATE || st.Unsaid != 0 {
			return fmt.Sprintf("%s says %s, %s, %d missing, %d unsaid", u.Name, st.State, st.ErrorCode, st.MissingFiles, st.Unsaid)
		}
	}
	return ""
}

// level waits until all have the same.
func (s *sim) level(limit time.Duration) {
	s.t.Helper()
	last := ""
	for until := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		if last = s.apart(); last == "" {
			s.note("all is level")
			return
		}
		if time.Now().After(until) {
			s.about(last)
			if *simStacks {
				buf := make([]byte, 4<<20)
				s.t.Logf("%s", buf[:runtime.Stack(buf, true)])
			}
			s.t.Fatalf("not level in time: %s", last)
		}
	}
}

// calm lets every desk look at everything once more: nothing comes of it.
func (s *sim) calm() {
	s.t.Helper()
	before := s.users[0].Log.Digest(s.id)
	for _, u := range s.users {
		folders := len(u.seen(disk.Folder)) + 1
		lists := u.Count("list")
		u.Hints(u.root)
		s.Eventually(u.Name+" looks at everything", func() bool { return u.Count("list") >= lists+folders && s.apart() == "" })
	}
	if s.users[0].Log.Digest(s.id) != before {
		s.t.Error("a look at what had not changed said something")
	}
}
