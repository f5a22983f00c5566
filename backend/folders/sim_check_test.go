package folders_test

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob/chunk"
	"roundtable/backend/folders"
	"roundtable/backend/folders/disk"
)

// ledger remembers every content that somebody wrote.
type ledger struct {
	mu  sync.Mutex
	all map[string]*content1
	n   int
}

// content1 is one content.
type content1 struct {
	by, path string
	deed     int
	forgiven bool
}

func (l *ledger) forgiven() (n int) {
	for _, c := range l.all {
		if c.forgiven {
			n++
		}
	}
	return n
}

// text is a content that was never written before.
func (l *ledger) text(u *user, size int) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	if u.s.rnd.IntN(60) == 0 {
		size = 50_000 + u.s.rnd.IntN(250_000)
	}
	head := fmt.Appendf(nil, "%d/%s ", l.n, u.Name)
	return append(head, content(uint64(l.n), size)...)
}

// written notes what a write makes and what it takes the place of.
func (l *ledger) written(u *user, p string, write func() error) error {
	err := l.removed(u, p, write)
	if now, e := u.ReadAll(p); e == nil {
		l.mu.Lock()
		if l.all[string(now)] == nil {
			l.all[string(now)] = &content1{by: u.Name, path: p, deed: u.s.done}
		}
		l.mu.Unlock()
	}
	return err
}

// removed forgives what was written at this desk and is gone by a person's deed.
func (l *ledger) removed(u *user, p string, do func() error) error {
	before := u.under(p)
	ops := u.changes()
	err := do()
	after := u.under(p)
	meanwhile := u.changes() != ops
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, text := range before {
		c := l.all[text]
		if c != nil && c.by == u.Name && !slices.Contains(after, text) {
			c.forgiven = true
		}
	}
	if meanwhile { // the program put something there between the look and the deed
		for text, c := range l.all {
			if c.by == u.Name && strings.HasPrefix(c.path, p) && !slices.Contains(after, text) {
				c.forgiven = true
			}
		}
	}
	return err
}

// meddled writes in the middle of what the program does; u.mu is held.
func (l *ledger) meddled(u *user, p string, n int) {
	l.mu.Lock()
	l.n++
	text := fmt.Appendf(nil, "%d/%s meanwhile ", l.n, u.Name)
	l.mu.Unlock()
	if old, err := u.ReadAll(p); err == nil && n%2 == 0 && len(old) > len(text) { // of the same length
		text = append(text, old[len(text):]...)
	}
	_ = l.written(u, p, func() error { return u.Write(p, text) })
}

func (u *user) changes() int { return u.Count("swap") + u.Count("move") + u.Count("remove") }

// under lists the contents of a file, or of the files in a folder.
func (u *user) under(p string) (out []string) {
	key := u.Rules().Key(norm.NFC.String(p))
	u.Walk(func(i disk.Info, data []byte) {
		if k := u.Rules().Key(norm.NFC.String(i.Path)); i.Kind == disk.File && (k == key || strings.HasPrefix(k, key+"/")) {
			out = append(out, string(data))
		}
	})
	return out
}

// nothingLost looks for every content that is not forgiven.
func (s *sim) nothingLost() {
	s.t.Helper()
	found := map[string]bool{}
	for _, u := range s.users {
		u.Walk(func(i disk.Info, data []byte) {
			if i.Kind == disk.File && (!hidden(i.Path) || strings.HasPrefix(i.Path, disk.Hidden+"/bin/")) {
				found[string(data)] = true
			}
		})
	}
	lost := 0
	for text, c := range s.ledger.all {
		if !c.forgiven && !found[text] {
			if lost++; lost < 10 {
				s.t.Errorf("lost: what %s wrote to %s as deed %d: %.20q of %d bytes", c.by, c.path, c.deed, text, len(text))
				s.told(text)
			}
		}
	}
	if lost > 0 {
		s.t.Errorf("%d contents are lost", lost)
	}
}

// told says what the log knows of a content.
func (s *sim) told(text string) {
	rows, err := s.desks[0].DB.Read().Query(`SELECT v.parent || '/' || v.name, v.state, v.cause, v.other, hex(v.id), hex(substr((SELECT device FROM folders_feed d WHERE d.row = v.feed), 1, 2)), v.seq, v.modified
		FROM folders_version v WHERE v.body = ?`, []byte(bodyOf([]byte(text))))
	s.must(err)
	defer rows.Close()
	for rows.Next() {
		var path, other, id, by string
		var state, cause, seq, modified int64
		s.must(rows.Scan(&path, &state, &cause, &other, &id, &by, &seq, &modified))
		s.t.Logf("lost: it was %s, state %d, cause %d %q, %s by %s %d, %d", path, state, cause, other, id, by, seq, modified)
		for _, line := range s.trail {
			if strings.Contains(line, `"`+strings.TrimPrefix(path, "/")+`"`) {
				s.t.Log("lost: ", line)
			}
		}
	}
	for _, u := range s.users {
		s.t.Logf("lost: %s is %X", u.Name, firstTwo(u))
		rows, err := u.DB.Read().Query(`SELECT parent || '/' || name, lies, hex(version), inode, changed FROM folderslocal_file WHERE body = ?`, []byte(bodyOf([]byte(text))))
		s.must(err)
		for rows.Next() {
			var path, lies, version string
			var inode, changed int64
			s.must(rows.Scan(&path, &lies, &version, &inode, &changed))
			s.t.Logf("lost: %s knows it at %s (%s), %s, inode %d, changed %d", u.Name, path, lies, version, inode, changed)
			u.Walk(func(i disk.Info, data []byte) {
				if i.Path == lies || i.ID == uint64(inode) {
					s.t.Logf("lost: %s has at %s: %.30q of %d bytes, id %d changed %d, modified %d", u.Name, i.Path, data, len(data), i.ID, i.Changed, i.Modified.UnixNano())
				}
			})
		}
		_ = rows.Close()
	}
}

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

// about says what the desks know of the path that a report quotes.
func (s *sim) about(report string) {
	_, p, quoted := strings.Cut(report, `"`)
	p, _, _ = strings.Cut(p, `"`)
	if !quoted {
		p = ""
	}
	for _, u := range s.users {
		rows, err := u.DB.Read().Query(`SELECT 'log', v.parent || '/' || v.name, v.state, v.kind, v.seq, v.other || ' by ' || hex(substr((SELECT device FROM folders_feed d WHERE d.row = v.feed), 1, 2)), hex(v.id), v.modified FROM folders_version v WHERE lower(v.parent || '/' || v.name) IN (lower(?1), '/' || lower(?1))
			UNION ALL SELECT 'disk', f.parent || '/' || f.name, f.settled, f.kind, f.changed, f.lies, hex(f.version), f.modified FROM folderslocal_file f WHERE f.parent = ?1 OR f.parent || '/' || f.name IN (?1, '/' || ?1)`, p)
		s.must(err)
		for rows.Next() {
			var a, b, f, g string
			var c, d, e, h int64
			s.must(rows.Scan(&a, &b, &c, &d, &e, &f, &g, &h))
			s.t.Logf("about %s: %s %q state %d kind %d %d %q %s %d", u.Name, a, b, c, d, e, f, g, h)
		}
		_ = rows.Close()
		u.Walk(func(i disk.Info, _ []byte) {
			if i.Path == p || strings.HasPrefix(i.Path, p+"/") && p != "" {
				s.t.Logf("about %s: has %q kind %d id %d changed %d modified %d", u.Name, i.Path, i.Kind, i.ID, i.Changed, i.Modified.UnixNano())
			}
		})
		st := s.state(u.Desk)
		s.t.Logf("about %s: %s %s missing %d", u.Name, st.State, st.ErrorCode, st.MissingFiles)
		s.t.Logf("about %s %X: problems %v, locked %v", u.Name, firstTwo(u), u.problems(), u.locked)
	}
	body := s.users[0].log()[p].body
	for text, c := range s.ledger.all {
		if bodyOf([]byte(text)) == body {
			s.told(text)
			s.t.Logf("about the content: %.12q by %s at %s, deed %d, forgiven %v", text, c.by, c.path, c.deed, c.forgiven)
			for _, u := range s.users {
				u.Walk(func(i disk.Info, data []byte) {
					if string(data) == text {
						s.t.Logf("about the content: %s has it at %s", u.Name, i.Path)
					}
				})
			}
		}
	}
	for _, line := range s.trail {
		if p != "" && strings.Contains(line, `"`+p) {
			s.t.Log("about ", line)
		}
	}
}

// calm lets every desk look at everything once more: nothing comes of it.
func (s *sim) calm() {
	s.t.Helper()
	before := s.users[0].Log.Digest(s.id)
	for _, u := range s.users {
		lists := u.Count("list")
		folders := len(u.seen(disk.Folder)) + 1
		u.Hints(u.root)
		s.Eventually(u.Name+" looks at everything", func() bool { return u.Count("list") >= lists+folders && s.apart() == "" })
	}
	if s.users[0].Log.Digest(s.id) != before {
		s.t.Error("a look at what had not changed said something")
	}
}

func firstTwo(u *user) []byte { id := u.ID(); return id[:2] }
