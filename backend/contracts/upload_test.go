package contracts

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/clock"
	"roundtable/backend/contracts/convert"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
)

// shelf is the feature as far as documents need it; reopening it is what a restart is.
func shelf(t *testing.T, folder string) *Contracts {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(folder, "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := &Contracts{Deps: Deps{
		DB: db, Clock: clock.NewFake(time.Now()), Slog: slog.New(slog.DiscardHandler), Publish: func(...string) {},
		Folder: filepath.Join(folder, "contracts"), Fonts: glyph.System(),
	}}
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "contractslocal", localSchema); err != nil {
		t.Fatal(err)
	}
	if err := c.openDocuments(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *Contracts) door() API { return API{Get: func() (*Contracts, error) { return c, nil }} }

func samplePDF(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("pades", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// brought is a document that came in as a screen brings it.
func brought(t *testing.T, c *Contracts, name string, data []byte) string {
	t.Helper()
	u, err := c.door().BeginDocument(t.Context(), &v1.BeginDocumentRequest{Name: name, Size: int64(len(data))})
	if err != nil {
		t.Fatal(err)
	}
	const part = 10_000
	for at := 0; at < len(data); at += part {
		if u, err = c.door().PutDocument(t.Context(), &v1.PutDocumentRequest{UploadId: u.UploadId, Offset: int64(at), Data: data[at:min(at+part, len(data))]}); err != nil {
			t.Fatal(err)
		}
	}
	if u.Received != int64(len(data)) {
		t.Fatalf("%d received", u.Received)
	}
	return u.UploadId
}

func TestUpload(t *testing.T) {
	folder, data := t.TempDir(), samplePDF(t, "libreoffice.pdf")
	c := shelf(t, folder)
	ctx := t.Context()
	u, err := c.beginUpload(ctx, `C:\合同\采购.pdf`, int64(len(data)))
	if err != nil || u.Name != "采购.pdf" {
		t.Fatal(u, err)
	}
	if _, err := c.putUpload(ctx, u.ID, 0, data[:5000]); err != nil {
		t.Fatal(err)
	}
	if _, err := c.inspectUpload(ctx, u.ID, false); !errors.Is(err, errcode.UploadIncomplete) {
		t.Errorf("looked at too early: %v", err)
	}
	// After a restart it goes on from there; a part that was taken is answered again.
	_ = c.DB.Close()
	c = shelf(t, folder)
	if u, err = c.putUpload(ctx, u.ID, 0, data[:5000]); err != nil || u.Received != 5000 {
		t.Fatal(u, err)
	}
	for offset, part := range map[int64][]byte{6000: data[6000:7000], -1: data[:1], 5000: append(bytes.Clone(data[5000:]), 1), 4000: nil} {
		if _, err := c.putUpload(ctx, u.ID, offset, part); !errors.Is(err, errcode.InvalidArgument) {
			t.Errorf("a part at %d: %v", offset, err)
		}
	}
	if u, err = c.putUpload(ctx, u.ID, 4000, data[4000:]); err != nil || !u.Whole() {
		t.Fatal(u, err)
	}
	i, err := c.inspectUpload(ctx, u.ID, false)
	if err != nil || i.Pages != 2 || i.Signatures != 0 || i.Closed || i.Size != int64(len(data)) || len(i.Sha256) != 64 {
		t.Errorf("%v %v", i, err)
	}
	if kept, err := os.ReadFile(c.uploadPath(u.ID)); err != nil || !bytes.Equal(kept, data) {
		t.Error("other bytes", err)
	}
	if info, err := os.Stat(c.uploadPath(u.ID)); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Error("others can read it", err)
	}
}

func TestUploadBounds(t *testing.T) {
	c := shelf(t, t.TempDir())
	for _, one := range []struct {
		name string
		size int64
		want errcode.Code
	}{
		{"a.pdf", MaxDocument + 1, errcode.DocumentTooLarge}, {"a.pdf", 0, errcode.InvalidArgument}, {"", 1, errcode.NameInvalid},
		{"..", 1, errcode.NameInvalid}, {"a\nb", 1, errcode.NameInvalid}, {strings.Repeat("a", 201), 1, errcode.NameTooLong},
	} {
		if _, err := c.beginUpload(t.Context(), one.name, one.size); !errors.Is(err, one.want) {
			t.Errorf("%q, %d bytes: %v", one.name, one.size, err)
		}
	}
	if _, err := c.putUpload(t.Context(), "../../etc", 0, []byte{1}); !errors.Is(err, errcode.NotFound) {
		t.Error(err)
	}
}

// What nobody uses goes after a day, with what a crash left.
func TestUploadsAreSwept(t *testing.T) {
	c := shelf(t, t.TempDir())
	id := brought(t, c, "a.pdf", []byte("content"))
	orphan := c.uploadPath("upl_orphan")
	if err := os.WriteFile(orphan, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Clock.(*clock.Fake).Advance(23 * time.Hour)
	if err := c.sweepShelf(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.uploaded(t.Context(), id); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(orphan); err == nil {
		t.Error("what nobody knows of is still there")
	}
	c.Clock.(*clock.Fake).Advance(2 * time.Hour)
	if err := c.sweepShelf(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.uploaded(t.Context(), id); !errors.Is(err, errcode.NotFound) {
		t.Error(err)
	}
	if _, err := os.Stat(c.uploadPath(id)); err == nil {
		t.Error("its bytes are still there")
	}
}

func TestInspect(t *testing.T) {
	c := shelf(t, t.TempDir())
	c.documents.converter = func() (convert.Converter, bool) { return convert.Converter{}, false }
	look := func(name string, data []byte) error {
		_, err := c.inspectUpload(t.Context(), brought(t, c, name, data), false)
		return err
	}
	encrypted := bytes.Replace(samplePDF(t, "mupdf.pdf"), []byte("trailer\n<<"), []byte("trailer\n<</Encrypt<</Filter/Standard>>"), 1)
	for name, one := range map[string]struct {
		data []byte
		want errcode.Code
	}{
		"photo.jpg": {[]byte("\xff\xd8\xff"), errcode.NotPDF}, "letter.docx": {[]byte("PK\x03\x04"), errcode.ConverterMissing},
		"broken.pdf": {[]byte("%PDF-1.4\nnothing"), errcode.PDFDamaged}, "secret.pdf": {encrypted, errcode.PDFEncrypted},
	} {
		if err := look(name, one.data); !errors.Is(err, one.want) {
			t.Errorf("%s: %v, not %s", name, err, one.want)
		}
	}
}

// A document of a word processor becomes a PDF under its name, whoever waits for it.
func TestConverted(t *testing.T) {
	c := shelf(t, t.TempDir())
	program := filepath.Join(t.TempDir(), "soffice")
	source, err := filepath.Abs(filepath.Join("pades", "testdata", "libreoffice.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nwhile [ $# -gt 1 ]; do [ \"$1\" = --outdir ] && out=$2; shift; done\nsleep 1\ncp " + source + " \"$out/document.pdf\"\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	c.documents.converter = func() (convert.Converter, bool) { return convert.Converter{Program: program}, true }
	id := brought(t, c, "采购合同.docx", []byte("PK\x03\x04"))
	i, err := c.inspectUpload(t.Context(), id, false)
	if err != nil || !i.Convertible || i.Pages != 0 {
		t.Fatal(i, err)
	}
	short, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.converted(short, Upload{ID: id, Name: "采购合同.docx"}); !errors.Is(err, errcode.NotReady) {
		t.Errorf("a call that ended: %v", err)
	}
	if i, err = c.inspectUpload(t.Context(), id, true); err != nil || i.Name != "采购合同.pdf" || i.Pages != 2 || i.UploadId == id {
		t.Fatal(i, err)
	}
	left, err := filepath.Glob(filepath.Join(c.Folder, "convert-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// Documents come from conversations and shared folders as well; what says it is small and is not, is refused.
func TestTaken(t *testing.T) {
	c := shelf(t, t.TempDir())
	if _, err := c.door().TakeAttachment(t.Context(), &v1.TakeAttachmentRequest{}); !errors.Is(err, errcode.NotReady) {
		t.Error(err)
	}
	data := samplePDF(t, "libreoffice.pdf")
	closed := false
	c.Attachment = func(_ context.Context, conversation, message string, index int) (string, int64, io.ReadSeeker, error) {
		if conversation != "spc" || message != "evt" || index != 2 {
			return "", 0, nil, errcode.NotFound
		}
		return "../采购.pdf", int64(len(data)), bytes.NewReader(data), nil
	}
	c.FolderFile = func(context.Context, string, string) (string, int64, io.ReadCloser, error) {
		return "endless.pdf", 10, &endless{&closed}, nil
	}
	u, err := c.door().TakeAttachment(t.Context(), &v1.TakeAttachmentRequest{ConversationId: "spc", MessageId: "evt", Index: 2})
	if err != nil || u.Name != "采购.pdf" || u.Received != int64(len(data)) {
		t.Fatal(u, err)
	}
	if i, err := c.inspectUpload(t.Context(), u.UploadId, false); err != nil || i.Pages != 2 {
		t.Error(i, err)
	}
	if _, err := c.door().TakeAttachment(t.Context(), &v1.TakeAttachmentRequest{ConversationId: "spc"}); !errors.Is(err, errcode.NotFound) {
		t.Error(err)
	}
	if _, err := c.door().TakeFolderFile(t.Context(), &v1.TakeFolderFileRequest{}); !errors.Is(err, errcode.DocumentTooLarge) || !closed {
		t.Error(err, closed)
	}
	if left, err := os.ReadDir(filepath.Join(c.Folder, "uploads")); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// endless is a file that goes on.
type endless struct{ closed *bool }

func (endless) Read(p []byte) (int, error) { return len(p), nil }
func (e endless) Close() error             { *e.closed = true; return nil }

func FuzzFileName(f *testing.F) {
	f.Add(`..\..\a.pdf`)
	f.Add("合同.pdf")
	f.Fuzz(func(t *testing.T, text string) {
		if clean, err := fileName(text); err == nil && (clean == "" || clean == "." || clean == ".." || strings.ContainsAny(clean, "/\\\x00\n")) {
			t.Fatalf("%q becomes %q", text, clean)
		}
	})
}
