package folders_test

import (
	"path"
	"strconv"
	"strings"

	"roundtable/backend/folders/disk"
)

// about says what the desks know of the path that a report quotes.
func (s *sim) about(report string) {
	_, p, quoted := strings.Cut(report, `"`)
	p, _, _ = strings.Cut(p, `"`)
	if !quoted {
		p = ""
	}
	for _, u := range s.users {
		rows, err := u.DB.Read().Query(`SELECT 'log', v.parent || '/' || v.name, v.state, v.kind, v.seq, v.other || ' by ' || hex(substr((SELECT device FROM folders_feed d WHERE d.row = v.feed), 1, 2)), hex(v.id), v.modified FROM folders_version v WHERE lower(v.parent || '/' || v.name) IN (lower(?1), '/' || lower(?1))
			UNION ALL SELECT 'disk', f.parent || '/' || f.name, f.settled, f.kind, f.changed, f.lies, hex(f.version), f.modified FROM folderslocal_file f WHERE f.parent = ?1 OR lower(f.parent || '/' || f.name) IN (lower(?1), '/' || lower(?1))`, p)
		s.must(err)
		for rows.Next() {
			var a, b, f, g string
			var c, d, e, h int64
			s.must(rows.Scan(&a, &b, &c, &d, &e, &f, &g, &h))
			s.t.Logf("about %s: %s %q state %d kind %d %d %q %s %d", u.Name, a, b, c, d, e, f, g, h)
		}
		_ = rows.Close()
		for up := path.Dir(p); p != "" && up != "."; up = path.Dir(up) {
			u.above(up)
		}
		u.Walk(func(i disk.Info, _ []byte) {
			if strings.EqualFold(i.Path, p) || strings.HasPrefix(i.Path, p+"/") && p != "" {
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

// above says what a desk knows of a folder that a path lies in.
func (u *user) above(up string) {
	parent, name := path.Split(up)
	parent = path.Clean("/" + parent)[1:]
	var row, inLog int
	u.s.must(u.DB.Read().QueryRow(`SELECT count(*) FROM folderslocal_file WHERE parent = ? AND name = ? AND lies = ''`, parent, name).Scan(&row))
	u.s.must(u.DB.Read().QueryRow(`SELECT count(*) FROM folders_version WHERE parent = ? AND name = ? AND state = 2 AND kind > 0`, parent, name).Scan(&inLog))
	u.Walk(func(i disk.Info, _ []byte) {
		if strings.EqualFold(i.Path, up) {
			u.s.t.Logf("about %s: above it has %q kind %d", u.Name, i.Path, i.Kind)
		}
	})
	u.s.t.Logf("about %s: above it knows %q: %d, the log: %d", u.Name, up, row, inLog)
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

// around says what happened about the time of a deed.
func (s *sim) around(deed int64) {
	for _, line := range s.trail {
		at, _, _ := strings.Cut(line, " ")
		if n, err := strconv.ParseInt(at, 10, 64); err == nil && n >= deed-10 && n < deed+40 {
			s.t.Log("around: ", line)
		}
	}
}

// firstTwo bytes of a device, as told prints them of those who said something.
func firstTwo(u *user) []byte { id := u.ID(); return id[:2] }
