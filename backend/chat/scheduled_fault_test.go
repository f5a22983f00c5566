package chat_test

import (
	"fmt"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/store"
)

// failing has one kind of write fail until it is mended.
func (w teller) failing(write string) (mend func()) {
	w.t.Helper()
	script := func(text string) {
		if err := w.DB.Write(background, func(tx *store.Tx) error { return tx.Script(text) }); err != nil {
			w.t.Fatal(err)
		}
	}
	script(fmt.Sprintf(`CREATE TRIGGER injected BEFORE %s BEGIN SELECT RAISE(ABORT, 'injected'); END`, write))
	return func() { script(`DROP TRIGGER injected`) }
}

// Whichever write fails: a scheduled message is not there, or is there whole; it is sent once, and never lost.
func TestScheduledWritesFail(t *testing.T) {
	li, wang, _ := threeOf(t, 46)
	for n, write := range []string{"INSERT ON chatlocal_scheduled", "INSERT ON chatlocal_scheduled_upload"} {
		file := li.Uploads(li.in, fmt.Sprintf("表%d.csv", n), []byte("1"))
		r := &v1.ScheduleRequest{AtUnixMs: li.Clock.Now().Add(time.Hour).UnixMilli(), Message: &v1.SendRequest{ConversationId: li.in.String(), Text: "带表", UploadIds: []string{file}, Nonce: write}}
		mend := li.failing(write)
		if _, err := li.Later().Schedule(background, r); err == nil || len(li.scheduled()) != 0 {
			t.Errorf("%s failed: %v, %v", write, err, li.scheduled())
		}
		mend()
		s, err := li.Later().Schedule(background, r)
		if err != nil || len(s.Files) != 1 {
			t.Fatalf("after %s failed: %v, %v", write, s, err)
		}
		if _, err := li.Later().Drop(background, &v1.DropScheduledRequest{Id: s.Id}); err != nil {
			t.Fatal(err)
		}
	}
	for n, write := range []string{"DELETE ON chatlocal_scheduled", "DELETE ON chatlocal_scheduled_upload", "DELETE ON chatlocal_upload", "INSERT ON log_event"} {
		text, file := fmt.Sprint("第 ", n), li.Uploads(li.in, fmt.Sprintf("图%d.csv", n), []byte("1"))
		s := li.schedules(time.Hour, &v1.SendRequest{Text: text, UploadIds: []string{file}})
		mend := li.failing(write)
		if _, err := li.Later().SendNow(background, &v1.ScheduledName{Id: s.Id}); err == nil || li.count(text) != 0 {
			t.Errorf("%s failed: %v, sent %d times", write, err, li.count(text))
		}
		// Its time comes, and it fails again: it stays, and says so.
		li.comes(s)
		li.o.Eventually("it says that it failed", func() bool {
			all := li.scheduled()
			return len(all) == 1 && all[0].State == v1.ScheduledState_SCHEDULED_STATE_FAILED && len(all[0].Files) == 1
		})
		mend()
		if _, err := li.Later().SendNow(background, &v1.ScheduledName{Id: s.Id}); err != nil {
			t.Fatalf("after %s failed: %v", write, err)
		}
		m := wang.gets(text)
		if len(m.Attachments) != 1 || li.count(text) != 1 || len(li.scheduled()) != 0 {
			t.Errorf("after %s failed: %v, sent %d times, left %v", write, m.Attachments, li.count(text), li.scheduled())
		}
	}
}

// The pieces of a file that waits with its message are swept by nobody, over restarts and longer than uploads live.
func TestScheduledFileIsNotSwept(t *testing.T) {
	li, wang, _ := threeOf(t, 47)
	content := []byte("第一季度\n")
	s := li.schedules(20*24*time.Hour, &v1.SendRequest{Text: "季报", UploadIds: []string{li.Uploads(li.in, "季报.csv", content)}})
	for range 3 {
		li.o.Later(3 * 24 * time.Hour)
		if _, err := li.Blobs.Sweep(background); err != nil {
			t.Fatal(err)
		}
		li.o.Leaves("li")
		li.o.Returns("li")
	}
	if _, err := li.Later().SendNow(background, &v1.ScheduledName{Id: s.Id}); err != nil {
		t.Fatal(err)
	}
	wang.gets("季报")
	wang.Wants(wang.in, "季报.csv")
	wang.Reaches(wang.in, "季报.csv", v1.AttachmentState_ATTACHMENT_STATE_HERE)
	if got, err := wang.Reading(wang.in, "季报.csv"); err != nil || string(got) != string(content) {
		t.Errorf("%q, %v", got, err)
	}
}
