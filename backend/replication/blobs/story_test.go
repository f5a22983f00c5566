package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

const (
	absent  = v1.AttachmentState_ATTACHMENT_STATE_ABSENT
	waiting = v1.AttachmentState_ATTACHMENT_STATE_WAITING
	here    = v1.AttachmentState_ATTACHMENT_STATE_HERE
)

func content(n int) []byte {
	out := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)})
	_, _ = r.Read(out)
	return out
}

func has(t *testing.T, d *testspace.Desk, id wire.SpaceID, name string, want []byte) {
	t.Helper()
	d.Reaches(id, name, here)
	got, err := d.Reading(id, name)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes of %s, %v; want %d", d.Name, len(got), name, err, len(want))
	}
}

func office(t *testing.T, seed uint64, others ...string) *testspace.Office {
	t.Helper()
	o := testspace.New(t, seed)
	o.Founds("li", "远山")
	o.Admits("li", others...)
	return o
}

func TestAFileIsSentAndFetched(t *testing.T) {
	o := office(t, 70, "wang")
	li, wang := o.As("li"), o.As("wang")
	data := content(3*blob.PieceSize + 17)
	li.Sends(o.Workspace, "图纸", "平面图.dwg", data)
	has(t, li, o.Workspace, "平面图.dwg", data)
	wang.Sees("图纸")
	if got := wang.StateOf(o.Workspace, "平面图.dwg"); got != absent {
		t.Errorf("before anybody asked: %s", got)
	}
	if _, err := wang.Reading(o.Workspace, "平面图.dwg"); !errors.Is(err, errcode.AttachmentAbsent) {
		t.Errorf("read before it is here: %v", err)
	}
	wang.Wants(o.Workspace, "平面图.dwg")
	has(t, wang, o.Workspace, "平面图.dwg", data)
	o.Settles()
	o.Restart("wang", "li")
	has(t, wang, o.Workspace, "平面图.dwg", data)
	has(t, li, o.Workspace, "平面图.dwg", data)
}

func TestALargeFileIsATreeOfPieces(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 200 MB")
	}
	o := office(t, 71, "wang", "chen")
	data := content(65*blob.PieceSize + 3)
	o.As("li").Sends(o.Workspace, "大", "大.bin", data)
	o.As("wang").Wants(o.Workspace, "大.bin")
	has(t, o.As("wang"), o.Workspace, "大.bin", data)
	o.Leaves("li") // what a node lists is served on by who fetched it
	o.As("chen").Wants(o.Workspace, "大.bin")
	has(t, o.As("chen"), o.Workspace, "大.bin", data)
}

// The author is away: another member who has the file gives it.
func TestWhoHasItGivesIt(t *testing.T) {
	o := office(t, 72, "wang", "chen")
	data := content(2*blob.PieceSize + 1)
	o.As("li").Sends(o.Workspace, "合同", "合同.pdf", data)
	o.As("wang").Wants(o.Workspace, "合同.pdf")
	has(t, o.As("wang"), o.Workspace, "合同.pdf", data)
	o.Settles()
	o.Leaves("li", "wang")
	o.As("chen").Wants(o.Workspace, "合同.pdf")
	o.As("chen").Reaches(o.Workspace, "合同.pdf", waiting)
	o.Returns("wang")
	has(t, o.As("chen"), o.Workspace, "合同.pdf", data)
}

// A fetch that was cut anywhere goes on from what is on disk, also after a restart.
func TestAFetchGoesOn(t *testing.T) {
	o := office(t, 73, "wang")
	li, wang := o.As("li"), o.As("wang")
	data := content(8 * blob.PieceSize)
	li.Sends(o.Workspace, "录像", "录像.mp4", data)
	wang.Sees("录像")
	o.Leaves("li")
	wang.Wants(o.Workspace, "录像.mp4")
	wang.Reaches(o.Workspace, "录像.mp4", waiting)
	o.Restart("wang")
	wang.Reaches(o.Workspace, "录像.mp4", waiting) // still wanted
	o.Returns("li")
	has(t, wang, o.Workspace, "录像.mp4", data)
}

func TestAFetchCanBeStopped(t *testing.T) {
	o := office(t, 74, "wang")
	wang := o.As("wang")
	data := content(2 * blob.PieceSize)
	o.As("li").Sends(o.Workspace, "x", "x.zip", data)
	wang.Sees("x")
	o.Leaves("li")
	wang.Wants(o.Workspace, "x.zip")
	wang.Reaches(o.Workspace, "x.zip", waiting)
	m, a := wang.Attachment(o.Workspace, "x.zip")
	r := &v1.AttachmentRequest{ConversationId: o.Workspace.String(), MessageId: m.Id, Index: a.Index}
	got, err := wang.API().CancelAttachment(context.Background(), r)
	if err != nil || got.State != absent {
		t.Errorf("%v, %v", got, err)
	}
	o.Returns("li")
	o.Settles()
	o.Restart("wang")
	if s := wang.StateOf(o.Workspace, "x.zip"); s != absent {
		t.Errorf("stopped and %s", s)
	}
	wang.Wants(o.Workspace, "x.zip")
	has(t, wang, o.Workspace, "x.zip", data)
}

// Two people who are never there at the same time, and a relay between them.
func TestADepotStandsBetween(t *testing.T) {
	o := testspace.New(t, 75)
	depot := o.Depot("li", "wang")
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	li, wang := o.As("li"), o.As("wang")
	data := content(5*blob.PieceSize + 5)
	depot.Away(true)
	li.Sends(o.Workspace, "报价", "报价.xlsx", data)
	wang.Sees("报价")
	o.Restart("li") // the queue survives
	depot.Away(false)
	li.Blobs.Nudge()
	o.Eventually("all pieces are in the depot", func() bool { return depot.Count() == 6 })
	o.Leaves("li")
	wang.Wants(o.Workspace, "报价.xlsx")
	has(t, wang, o.Workspace, "报价.xlsx", data)
	if depot.Puts != 6 {
		t.Errorf("%d puts", depot.Puts)
	}
	o.Returns("li")
	o.Settles()
	li.Blobs.Nudge()
	if depot.Puts != 6 {
		t.Errorf("%d puts: deposited twice", depot.Puts)
	}
}

func TestALyingDepotIsNotBelieved(t *testing.T) {
	o := testspace.New(t, 76)
	depot := o.Depot("li", "wang")
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	data := content(blob.PieceSize + 5)
	o.As("li").Sends(o.Workspace, "甲", "a.bin", data)
	o.As("wang").Sees("甲")
	o.Eventually("deposited", func() bool { return depot.Count() == 2 })
	o.Leaves("li")
	depot.Lies(true)
	o.As("wang").Wants(o.Workspace, "a.bin")
	o.As("wang").Reaches(o.Workspace, "a.bin", waiting)
	depot.Lies(false)
	o.As("wang").Blobs.Nudge()
	has(t, o.As("wang"), o.Workspace, "a.bin", data)
}

// A damaged piece is found when it is read, and fetched anew.
func TestDamageIsRepaired(t *testing.T) {
	o := office(t, 77, "wang")
	wang := o.As("wang")
	data := content(3*blob.PieceSize + 100)
	o.As("li").Sends(o.Workspace, "甲", "a.bin", data)
	wang.Wants(o.Workspace, "a.bin")
	has(t, wang, o.Workspace, "a.bin", data)
	o.Leaves("li")
	err := filepath.WalkDir(wang.BlobFolder(), func(p string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(p)
		raw[len(raw)/2] ^= 4
		return errors.Join(err, os.WriteFile(p, raw, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := wang.Reading(o.Workspace, "a.bin"); err == nil {
		t.Errorf("read %d damaged bytes", len(got))
	}
	wang.Reaches(o.Workspace, "a.bin", waiting)
	o.Returns("li")
	has(t, wang, o.Workspace, "a.bin", data)
}

// Who was removed gets nothing more, and who never belonged to a group nothing at all.
func TestOnlyMembersAreServed(t *testing.T) {
	o := office(t, 78, "wang", "chen")
	li, chen := o.As("li"), o.As("chen")
	group := li.Group("两人", "wang")
	data := content(1000)
	li.Sends(group, "密", "密.txt", data)
	li.Sends(o.Workspace, "公", "公.txt", data)
	o.As("wang").Wants(group, "密.txt")
	has(t, o.As("wang"), group, "密.txt", data)
	chen.Sees("公")
	o.Settles()
	secret, public := hashOf(t, li, group, "密.txt"), hashOf(t, li, o.Workspace, "公.txt")
	for name, c := range map[string]struct {
		space wire.SpaceID
		hash  blob.Hash
		given bool
	}{
		"of the workspace":                     {o.Workspace, public, true},
		"of a group that is not ours":          {group, secret, false},
		"of that group, asked for elsewhere":   {o.Workspace, secret, false},
		"of the workspace, asked in the group": {group, public, false},
		"that nobody knows":                    {o.Workspace, blob.Hash{1}, false},
		"of a space that nobody knows":         {wire.SpaceID{1}, public, false},
	} {
		if got := asks(t, chen, li, c.space, c.hash); (len(got) > 0) != c.given {
			t.Errorf("a piece %s: %d bytes", name, len(got))
		}
	}
	o.Removes("li", "chen")
	o.Eventually("li has removed chen", func() bool { return !li.Log.Shares(o.Workspace, chen.ID()) })
	if got := asks(t, chen, li, o.Workspace, public); len(got) > 0 {
		t.Error("a removed device was given a piece")
	}
}

// What nothing refers to goes after a week, and not before.
func TestSweep(t *testing.T) {
	o := office(t, 79)
	li := o.As("li")
	data := content(blob.PieceSize + 1)
	li.Sends(o.Workspace, "留", "留.bin", data)
	upload := li.Uploads(o.Workspace, "等.bin", content(50))
	stray, err := li.Pieces.Put(context.Background(), content(77))
	must(t, err)
	sweep := func(want int) {
		t.Helper()
		if n, err := li.Blobs.Sweep(context.Background()); err != nil || n != want {
			t.Errorf("swept %d, %v; want %d", n, err, want)
		}
	}
	sweep(0)
	o.Later(6 * 24 * time.Hour)
	sweep(0)
	if !li.Pieces.Has(stray) {
		t.Error("gone within the week")
	}
	o.Later(2 * 24 * time.Hour)
	sweep(1)
	has(t, li, o.Workspace, "留.bin", data)
	if _, err := li.Chat.PostWith(context.Background(), o.Workspace, "等到了", "", []string{upload}); err != nil {
		t.Error(err)
	}
	has(t, li, o.Workspace, "等.bin", content(50))
}

// The projection is made anew: attachments are as they were.
func TestRebuildKeepsAttachments(t *testing.T) {
	o := office(t, 80, "wang")
	wang := o.As("wang")
	data := content(blob.PieceSize + 9)
	o.As("li").Sends(o.Workspace, "甲", "a.bin", data)
	wang.Wants(o.Workspace, "a.bin")
	has(t, wang, o.Workspace, "a.bin", data)
	o.Settles()
	before, err := wang.Runner.Tables(context.Background())
	must(t, err)
	must(t, wang.Runner.Rebuild(context.Background(), "chat"))
	after, err := wang.Runner.Tables(context.Background())
	must(t, err)
	for name, rows := range before {
		if n := rows.Differ(after[name]); n > 0 {
			t.Errorf("%s: %d rows differ", name, n)
		}
	}
	has(t, wang, o.Workspace, "a.bin", data)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
