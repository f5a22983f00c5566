package fsck

import (
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"roundtable/app"
	"roundtable/app/config"
	"roundtable/app/proof/client"
	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/keychain"
)

const messages = 40

// profile makes a profile with some history and closes it.
func profile(t *testing.T) string {
	t.Helper()
	ctx := t.Context()
	folder := filepath.Join(t.TempDir(), "li")
	a, err := app.Open(ctx, app.Options{Profile: folder, Log: slog.New(slog.DiscardHandler), LANAddress: "off", Keychain: keychain.NoRing{}})
	if err != nil {
		t.Fatal(err)
	}
	li := client.Inside(a.API())
	must(t, li.SetUp(ctx, "李"))
	w, err := li.People.CreateWorkspace(ctx, &v1.CreateWorkspaceRequest{Name: "圆桌"})
	must(t, err)
	for i := range messages {
		_, err := li.Chat.Send(ctx, &v1.SendRequest{ConversationId: w.Id, Text: fmt.Sprint("第 ", i)})
		must(t, err)
	}
	must(t, a.Close())
	return folder
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func copyProfile(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	must(t, os.Mkdir(to, 0o700))
	entries, err := os.ReadDir(from)
	must(t, err)
	for _, e := range entries {
		if e.IsDir() {
			must(t, os.CopyFS(filepath.Join(to, e.Name()), os.DirFS(filepath.Join(from, e.Name()))))
			continue
		}
		if _, err := copyFile(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// execute damages a database with SQL.
func execute(statements ...string) func(t *testing.T, folder string) {
	return func(t *testing.T, folder string) {
		t.Helper()
		db, err := sql.Open("sqlite", filepath.Join(folder, app.DatabaseFile))
		must(t, err)
		defer db.Close()
		for _, s := range statements {
			if _, err := db.Exec(s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
}

func TestSoundProfile(t *testing.T) {
	folder := profile(t)
	before := listing(t, folder)
	for _, every := range []bool{false, true} {
		r, err := Check(t.Context(), folder, Options{Every: every, Temporary: t.TempDir()})
		if err != nil || len(r.Findings) > 0 || r.Counting < messages || r.Spaces != 1 {
			t.Errorf("%+v %v", r, err)
		}
	}
	if after := listing(t, folder); after != before {
		t.Errorf("the check changed\n%s\ninto\n%s", before, after)
	}
}

func listing(t *testing.T, folder string) string {
	t.Helper()
	var out strings.Builder
	entries, err := os.ReadDir(folder)
	must(t, err)
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		fmt.Fprintln(&out, e.Name(), info.Size(), info.Mode(), info.ModTime())
	}
	return out.String()
}

// another is a byte that does not stand at a place of an event: the last one of a signature is zero once in sixteen times.
func another(at int) string {
	return fmt.Sprintf(`iif(substr(bytes, %d, 1) = x'00', x'01', x'00')`, at)
}

func TestDamage(t *testing.T) {
	sound := profile(t)
	content := `(SELECT id FROM log_feed WHERE lane = 1)`
	overwrite := func(name string, at int64, what []byte) func(*testing.T, string) {
		return func(t *testing.T, folder string) {
			f, err := os.OpenFile(filepath.Join(folder, name), os.O_RDWR, 0)
			must(t, err)
			_, err = f.WriteAt(what, at)
			must(t, err)
			must(t, f.Close())
		}
	}
	for _, c := range []struct {
		name, code string
		damage     func(t *testing.T, folder string)
	}{
		{"a byte of a body", "log_key", execute(`UPDATE log_event SET bytes = CAST(substr(bytes, 1, 160) || ` + another(161) + ` || substr(bytes, 162) AS BLOB) WHERE seq = 7 AND feed IN ` + content)},
		{"the chain after it", "log_chain", execute(`UPDATE log_event SET bytes = CAST(substr(bytes, 1, 160) || ` + another(161) + ` || substr(bytes, 162) AS BLOB) WHERE seq = 7 AND feed IN ` + content)},
		{"a short envelope", "log_bytes", execute(`UPDATE log_event SET bytes = substr(bytes, 1, 100) WHERE seq = 7 AND feed IN ` + content)},
		{"two envelopes in each other's place", "log_bytes", execute(
			`UPDATE log_event SET seq = -1 WHERE seq = 7 AND feed IN `+content, `UPDATE log_event SET seq = 7 WHERE seq = 8 AND feed IN `+content,
			`UPDATE log_event SET seq = 8 WHERE seq = -1`)},
		{"an envelope is missing", "log_sequence", execute(`DELETE FROM log_event WHERE seq = 7 AND feed IN ` + content)},
		{"the last one is missing", "log_head", execute(`DELETE FROM log_event WHERE pos = (SELECT max(pos) FROM log_event)`)},
		{"the last signature", "log_signature", execute(
			`UPDATE log_event SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || ` + another(-1) + ` AS BLOB) WHERE pos = (SELECT max(pos) FROM log_event)`)},
		{"an epoch key", "log_key", execute(`UPDATE log_epoch SET key = zeroblob(32)`)},
		{"no epoch key", "log_key", execute(`DELETE FROM log_epoch`)},
		{"set aside for nothing", "log_aside", execute(
			`INSERT INTO log_aside SELECT feed, seq, 1, bytes FROM log_event WHERE pos = (SELECT max(pos) FROM log_event)`,
			`DELETE FROM log_event WHERE pos = (SELECT max(pos) FROM log_event)`)},
		{"a message that nobody wrote", "projection_rows", execute(`INSERT INTO chat_message SELECT space, stamp + 1, feed, 999, 0, 'x', 0 FROM chat_message LIMIT 1`)},
		{"a message that is gone", "projection_rows", execute(`DELETE FROM chat_message WHERE seq = 3`)},
		{"a member with another role", "projection_rows", execute(`UPDATE people_member SET role = 1`)},
		{"no database", "database_missing", func(t *testing.T, folder string) { must(t, os.Remove(filepath.Join(folder, app.DatabaseFile))) }},
		{"a header of garbage", "database_corrupt", overwrite(app.DatabaseFile, 0, []byte("this was a database once"))},
		{"a page of garbage", "database_", overwrite(app.DatabaseFile, 12*4096, []byte(strings.Repeat("garbage!", 512)))},
		{"half of the file", "database_", func(t *testing.T, folder string) {
			must(t, os.Truncate(filepath.Join(folder, app.DatabaseFile), 20*4096))
		}},
		{"identity of garbage", "identity_unreadable", overwrite(app.IdentityFile, 3, []byte("garbage"))},
		{"no identity", "identity_missing", func(t *testing.T, folder string) { must(t, os.Remove(filepath.Join(folder, app.IdentityFile))) }},
		{"keys of garbage", "keys_unreadable", overwrite("keys", 3, []byte("garbage"))},
		{"no keys", "keys_missing", func(t *testing.T, folder string) { must(t, os.Remove(filepath.Join(folder, "keys"))) }},
		{"somebody else's keys", "keys_foreign", func(t *testing.T, folder string) {
			must(t, os.Remove(filepath.Join(folder, "keys")))
			_, err := copyFile(filepath.Join(profile(t), "keys"), filepath.Join(folder, "keys"))
			must(t, err)
		}},
		{"a piece of an attachment", "piece_damaged", func(t *testing.T, folder string) {
			must(t, os.WriteFile(filepath.Join(folder, app.BlobFolder, "ab", "ab"+strings.Repeat("0", 62)), []byte("x"), 0o600))
		}},
		{"readable by others", "mode_open", func(t *testing.T, folder string) {
			must(t, os.Chmod(filepath.Join(folder, app.DatabaseFile), 0o644))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := copyProfile(t, sound)
			c.damage(t, folder)
			r, err := Check(t.Context(), folder, Options{Temporary: t.TempDir()})
			must(t, err)
			if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return strings.HasPrefix(f.Code, c.code) }) {
				t.Errorf("found %+v", r.Findings)
			}
			for _, f := range r.Findings {
				if s := sentences[f.Code]; s[0] == "" || s[1] == "" {
					t.Errorf("%s has no sentence", f.Code)
				}
			}
		})
	}
}

func TestExitCodesAndLanguages(t *testing.T) {
	folder := profile(t)
	for _, c := range []struct {
		arguments []string
		exit      int
		out, err  string
		prepare   func()
	}{
		{[]string{"--profile", folder, "--language", "zh"}, Sound, "没有发现问题", "", nil},
		{[]string{"--profile", folder, "--language", "en", "--all"}, Sound, "Nothing is wrong", "", nil},
		{[]string{"--profile", t.TempDir(), "--language", "zh"}, CannotCheck, "", "没有圆桌资料", nil},
		{[]string{"--profile", folder, "--language", "en", "--what"}, CannotCheck, "", "command line", nil},
		{[]string{"--profile", folder, "--language", "zh"}, Found, "身份文件不见了", "", func() { must(t, os.Remove(filepath.Join(folder, app.IdentityFile))) }},
	} {
		if c.prepare != nil {
			c.prepare()
		}
		var out, err strings.Builder
		if exit := Main(c.arguments, &out, &err); exit != c.exit || !strings.Contains(out.String(), c.out) || !strings.Contains(err.String(), c.err) {
			t.Errorf("%q: %d\n%s\n%s", c.arguments, exit, &out, &err)
		}
	}
}

func TestProfileInUse(t *testing.T) {
	folder := profile(t)
	hold, err := app.Hold(folder)
	must(t, err)
	defer hold.Close()
	var out strings.Builder
	if exit := Main([]string{"--profile", folder, "--language", string(config.English)}, io.Discard, &out); exit != CannotCheck || !strings.Contains(out.String(), "another process") {
		t.Errorf("%d %s", exit, &out)
	}
	if _, err := Check(t.Context(), folder, Options{}); err == nil || !strings.Contains(err.Error(), string(errcode.ProfileInUse)) {
		t.Errorf("%v", err)
	}
}
