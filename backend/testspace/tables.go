package testspace

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// logical are the tables of people and chat without what is only this device's:
// short numbers become the names they stand for. ours adds what depends on who
// looks. Early messages are shown ahead of their turn and are nobody's table yet.
var logical = []struct {
	name  string
	query string
	ours  bool
}{
	{"workspace", `SELECT kind FROM people_workspace WHERE space = ?1`, false},
	{"naming", `SELECT stamp, device, seq, person, name FROM people_naming WHERE space = ?1`, false},
	{"member", `SELECT person, role, peak, active, joined FROM people_member WHERE space = ?1`, false},
	{"profile", `SELECT person, stamp, device, seq, name, title, department, phone, email FROM people_profile WHERE space = ?1`, false},
	{"portrait", `SELECT person, stamp, device, seq, mark FROM portrait_set WHERE space = ?1`, false},
	{"chat", `SELECT kind, workspace, members FROM chat_space WHERE space = ?1`, false},
	{"chat of ours", `SELECT other, active, joined FROM chat_space WHERE space = ?1`, true},
	{"group", `SELECT stamp, device, name FROM chat_naming WHERE space = ?1`, false},
	{"face", `SELECT topic, mark FROM chat_face WHERE space = ?1`, false},
	{"word", `SELECT about, person, stamp, device, seq, hex(value) AS value FROM chat_word WHERE space = ?1`, false},
	{"rule", `SELECT person, stamp, device, seq, describes, adds, pins, posts, replies, mentions FROM chat_rule WHERE space = ?1`, false},
	{"message", `SELECT f.device, f.start, m.seq, f.person, m.stamp, m.flags, m.text FROM chat_message m
		JOIN chat_room r ON r.id = m.space JOIN chat_feed f ON f.feed = m.feed
		WHERE r.space = ?1 AND f.space = ?1 AND m.flags < 2`, false},
	{"attachment", `SELECT a.stamp, a.feed, a.seq, a.n, a.name, a.media, a.width, a.height, a.size, hex(a.file) AS file FROM chat_attachment a
		JOIN chat_room r ON r.id = a.space JOIN chat_message m USING(space, stamp, feed, seq) WHERE r.space = ?1 AND m.flags < 2`, false},
	{"reply", `SELECT p.stamp, p.feed, p.seq, p.rfeed, p.rseq FROM chat_reply p
		JOIN chat_room r ON r.id = p.space JOIN chat_message m USING(space, stamp, feed, seq) WHERE r.space = ?1 AND m.flags < 2`, false},
	{"mention", `SELECT p.stamp, p.feed, p.seq, p.n, p.person, p.label FROM chat_mention p
		JOIN chat_room r ON r.id = p.space JOIN chat_message m USING(space, stamp, feed, seq) WHERE r.space = ?1 AND m.flags < 2`, false},
	{"thread", `SELECT p.stamp, p.feed, p.seq, p.rfeed, p.rseq, p.shown FROM chat_thread p
		JOIN chat_room r ON r.id = p.space JOIN chat_message m USING(space, stamp, feed, seq) WHERE r.space = ?1 AND m.flags < 2`, false},
	{"record", `SELECT p.stamp, p.feed, p.seq, hex(p.body) AS body FROM chat_record p
		JOIN chat_room r ON r.id = p.space JOIN chat_message m USING(space, stamp, feed, seq) WHERE r.space = ?1 AND m.flags < 2`, false},
	{"thread read", `SELECT p.rfeed, p.rseq, p.person, p.feed, p.seq FROM chat_thread_read p JOIN chat_room r ON r.id = p.space WHERE r.space = ?1`, false},
	{"changed", `SELECT g.stamp, g.feed, g.seq, g.edited, g.recaller FROM chat_changed g
		JOIN chat_room r ON r.id = g.space JOIN chat_message m USING(space, stamp, feed, seq) WHERE r.space = ?1 AND m.flags < 2`, false},
	{"edit", `SELECT e.feed, e.seq, e.person, e.stamp, e.efeed, e.eseq, e.text FROM chat_edit e JOIN chat_room r ON r.id = e.space WHERE r.space = ?1`, false},
	{"recall", `SELECT c.feed, c.seq, c.person, c.stamp, c.rfeed, c.rseq FROM chat_recall c JOIN chat_room r ON r.id = c.space WHERE r.space = ?1`, false},
	{"reaction", `SELECT x.feed, x.seq, x.emoji, x.person, x.stamp FROM chat_reaction x JOIN chat_room r ON r.id = x.space WHERE r.space = ?1`, false},
	{"pin", `SELECT p.feed, p.seq, p.person, p.stamp, p.pinned FROM chat_pin p JOIN chat_room r ON r.id = p.space WHERE r.space = ?1`, false},
	{"span", `SELECT person, stamp, feed, seq, seconds FROM chat_span WHERE workspace = ?1`, false},
	{"admin", `SELECT person FROM chat_admin WHERE space = ?1`, false},
	{"origin", `SELECT person, stamp, device, seq, name FROM circles_origin WHERE space = ?1`, false},
	{"ding", `SELECT device, start, seq, person, stamp, mdevice, mstart, mseq FROM ding_notice WHERE space = ?1`, false},
	{"ding round", `SELECT device, start, seq, person, stamp, everybody, ndevice, nstart, nseq FROM ding_round WHERE space = ?1`, false},
	{"ding to", `SELECT device, start, seq, person FROM ding_to WHERE space = ?1`, false},
	{"ding word", `SELECT device, start, seq, what, person, stamp FROM ding_word WHERE space = ?1`, false},
	{"ding rules", `SELECT person, stamp, device, start, seq, who, per_day, per_ten FROM ding_rules WHERE space = ?1`, false},
	{"contract", `SELECT kind, workspace, sender FROM contracts_space WHERE space = ?1`, false},
	{"contract of ours", `SELECT active FROM contracts_space WHERE space = ?1`, true},
	{"contract event", `SELECT id, kind, stamp, device, start, seq, person, hex(body) AS body FROM contracts_event WHERE space = ?1`, false},
	{"contract row", `SELECT title, phase, sender, sent, deadline, ends, completed, changed, document, sha256 FROM contracts_row WHERE space = ?1`, false},
	{"contract party", `SELECT party, role, person, name, standing FROM contracts_party WHERE space = ?1`, false},
	{"contract seal", `SELECT id, holder FROM contracts_asked WHERE space = ?1`, false},
	{"contract piece", `SELECT hash FROM contracts_piece WHERE space = ?1`, false},
	{"read", `SELECT person, device, start, seq FROM chat_read WHERE space = ?1`, false},
}

// Tables is everything that people and chat derive from a space, as text.
func Tables(t testing.TB, db *store.DB, id wire.SpaceID, ours bool) string {
	t.Helper()
	var b strings.Builder
	for _, l := range logical {
		if l.ours && !ours {
			continue
		}
		rows, err := db.Read().QueryContext(context.Background(), l.query, id[:])
		if err != nil {
			t.Fatalf("read %s: %v", l.name, err)
		}
		for _, line := range lines(t, rows) {
			fmt.Fprintf(&b, "%s: %s\n", l.name, line)
		}
	}
	return b.String()
}

// lines gives rows as sorted text.
func lines(t testing.TB, rows *sql.Rows) []string {
	t.Helper()
	return formatted(t, rows, func(b []byte) string { return hex.EncodeToString(b[:min(len(b), 6)]) })
}

// readable is lines for IDs that are names.
func readable(t testing.TB, rows *sql.Rows) []string {
	t.Helper()
	return formatted(t, rows, func(b []byte) string { return strings.TrimRight(string(b), "\x00") })
}

func formatted(t testing.TB, rows *sql.Rows, blob func([]byte) string) (out []string) {
	t.Helper()
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var cells []string
		for i, v := range values {
			switch v := v.(type) {
			case []byte:
				cells = append(cells, columns[i]+"="+blob(v))
			default:
				cells = append(cells, fmt.Sprintf("%s=%v", columns[i], v))
			}
		}
		out = append(out, strings.Join(cells, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// Differ names the first line in which two dumps differ.
func Differ(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(x), len(y)) {
		var l, r string
		if i < len(x) {
			l = x[i]
		}
		if i < len(y) {
			r = y[i]
		}
		if l != r {
			return fmt.Sprintf("line %d\n  %s\n  %s", i, l, r)
		}
	}
	return ""
}
