package chat_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob"
	"roundtable/backend/chat"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
)

func alone(t *testing.T, seed uint64) (*testspace.Office, *testspace.Desk) {
	o := testspace.New(t, seed)
	o.Founds("li", "远山")
	return o, o.As("li")
}

func pieces(t *testing.T, d *testspace.Desk) (n int) {
	t.Helper()
	err := filepath.WalkDir(d.BlobFolder(), func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// An upload goes on after a restart, from the last part that was answered.
func TestAnUploadGoesOn(t *testing.T) {
	o, li := alone(t, 60)
	ctx := context.Background()
	data := bytes.Repeat([]byte("0123456789abcdef"), (2*blob.PieceSize+160)/16)
	u, err := li.Chat.StartUpload(ctx, o.Workspace, chat.NewUpload{Name: "a.bin", Size: int64(len(data))})
	if err != nil {
		t.Fatal(err)
	}
	part := func(at int) error {
		_, err := li.Chat.UploadPart(ctx, u.ID, int64(at), data[at:min(at+blob.PieceSize, len(data))])
		return err
	}
	if err := part(0); err != nil {
		t.Fatal(err)
	}
	if _, err := li.Chat.PostWith(ctx, o.Workspace, "", "", []string{u.ID}); !errors.Is(err, errcode.UploadIncomplete) {
		t.Errorf("sent in the middle: %v", err)
	}
	o.Restart("li")
	got, err := li.API().Uploads(ctx, &v1.UploadsRequest{ConversationId: o.Workspace.String()})
	if err != nil || len(got.Uploads) != 1 || got.Uploads[0].Received != blob.PieceSize || got.Uploads[0].PartSize != blob.PieceSize {
		t.Fatalf("%v, %v", got, err)
	}
	for name, at := range map[string]int{"ahead": 2 * blob.PieceSize, "between": blob.PieceSize + 1, "before": -1} {
		if _, err := li.Chat.UploadPart(ctx, u.ID, int64(at), []byte("x")); !errors.Is(err, errcode.InvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := part(0); err != nil {
		t.Errorf("a part that was taken: %v", err)
	}
	if _, err := li.Chat.UploadPart(ctx, u.ID, blob.PieceSize, data[:10]); !errors.Is(err, errcode.InvalidArgument) {
		t.Errorf("a part of another length: %v", err)
	}
	li.UploadsRest(u.ID, blob.PieceSize, data)
	o.Restart("li")
	if _, err := li.Chat.PostWith(ctx, o.Workspace, "", "nonce", []string{u.ID}); err != nil {
		t.Fatal(err)
	}
	if read, err := li.Reading(o.Workspace, "a.bin"); err != nil || !bytes.Equal(read, data) {
		t.Errorf("%d bytes, %v", len(read), err)
	}
	again, err := li.Chat.PostWith(ctx, o.Workspace, "", "nonce", []string{u.ID})
	if n := len(li.Messages(o.Workspace)); err != nil || n != 1 {
		t.Errorf("asked again: %v, %v, %d messages", again, err, n)
	}
	if _, err := li.Chat.PostWith(ctx, o.Workspace, "", "", []string{u.ID}); !errors.Is(err, errcode.NotFound) {
		t.Errorf("sent twice: %v", err)
	}
}

func TestUploadsAreRefused(t *testing.T) {
	o, li := alone(t, 61)
	ctx := context.Background()
	for name, c := range map[string]struct {
		x    chat.NewUpload
		want error
	}{
		"no name":  {chat.NewUpload{Size: 1}, errcode.NameEmpty},
		"too big":  {chat.NewUpload{Name: "x", Size: blob.MaxSize + 1}, errcode.AttachmentTooLarge},
		"negative": {chat.NewUpload{Name: "x", Size: -1}, errcode.InvalidArgument},
		"no room":  {chat.NewUpload{Name: "x", Size: blob.MaxSize}, nil},
	} {
		u, err := li.Chat.StartUpload(ctx, o.Workspace, c.x)
		if c.want == nil {
			if err == nil { // a very large disk
				err = li.Chat.CancelUpload(ctx, u.ID)
			}
			if err != nil && !errors.Is(err, errcode.DiskFull) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var all []string
	for range 2 * chat.MaxAttachments {
		all = append(all, li.Uploads(o.Workspace, "x", nil))
	}
	if _, err := li.Chat.StartUpload(ctx, o.Workspace, chat.NewUpload{Name: "x"}); !errors.Is(err, errcode.AttachmentLimit) {
		t.Errorf("one too many: %v", err)
	}
	for name, c := range map[string]struct {
		ids  []string
		want error
	}{
		"more than a message takes": {all[:chat.MaxAttachments+1], errcode.AttachmentLimit},
		"one twice":                 {[]string{all[0], all[0]}, errcode.NotFound},
		"unknown":                   {[]string{"up_x"}, errcode.NotFound},
	} {
		if _, err := li.Chat.PostWith(ctx, o.Workspace, "x", "", c.ids); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := li.Chat.PostWith(ctx, o.Workspace, " ", "", all[:1]); !errors.Is(err, errcode.MessageEmpty) {
		t.Errorf("blank text: %v", err)
	}
	if _, err := li.Chat.PostWith(ctx, o.Workspace, "", "", nil); !errors.Is(err, errcode.MessageEmpty) {
		t.Errorf("nothing at all: %v", err)
	}
	if _, err := li.Chat.PostWith(ctx, o.Workspace, "", "", all[:chat.MaxAttachments]); err != nil {
		t.Errorf("as many as a message takes: %v", err)
	}
}

// Two calls send the same upload: one of them does.
func TestAnUploadIsSentOnce(t *testing.T) {
	o, li := alone(t, 62)
	a, b := li.Uploads(o.Workspace, "a", []byte("a")), li.Uploads(o.Workspace, "b", []byte("b"))
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		ids := []string{a, b}
		if i%2 > 0 {
			ids = []string{b, a}
		}
		wg.Go(func() { _, errs[i] = li.Chat.PostWith(context.Background(), o.Workspace, "x", "", ids) })
	}
	wg.Wait()
	sent := 0
	for _, err := range errs {
		if err == nil {
			sent++
		} else if !errors.Is(err, errcode.NotFound) {
			t.Error(err)
		}
	}
	if sent != 1 || len(li.Messages(o.Workspace)) != 1 {
		t.Errorf("sent %d times", sent)
	}
}

// What is cancelled or forgotten leaves nothing on the disk.
func TestCancelledUploadsLeaveNothing(t *testing.T) {
	o, li := alone(t, 63)
	ctx := context.Background()
	u := li.Uploads(o.Workspace, "a", make([]byte, blob.PieceSize+1))
	if n := pieces(t, li); n != 2 {
		t.Errorf("%d pieces", n)
	}
	for range 2 {
		if err := li.Chat.CancelUpload(ctx, u); err != nil {
			t.Error(err)
		}
	}
	if _, err := li.Chat.UploadPart(ctx, u, 0, nil); !errors.Is(err, errcode.NotFound) {
		t.Error(err)
	}
	li.Uploads(o.Workspace, "b", []byte("b"))
	o.Later(8 * 24 * time.Hour)
	o.Restart("li")
	o.Eventually("old uploads are dropped", func() bool { return pieces(t, li) == 0 })
}

func TestSaving(t *testing.T) {
	o, li := alone(t, 64)
	li.Sends(o.Workspace, "x", "CON", []byte("one"))
	m, a := li.Attachment(o.Workspace, "CON")
	r := &v1.AttachmentRequest{ConversationId: o.Workspace.String(), MessageId: m.Id, Index: a.Index}
	for _, want := range []string{"_CON", "_CON (1)"} {
		got, err := li.API().SaveAttachment(context.Background(), r)
		if err != nil || got.Name != want {
			t.Errorf("%v, %v", got, err)
		}
	}
	r.Index = 1
	if _, err := li.API().SaveAttachment(context.Background(), r); !errors.Is(err, errcode.NotFound) {
		t.Error(err)
	}
}
