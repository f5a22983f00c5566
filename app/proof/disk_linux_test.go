package proof

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"roundtable/backend/api"
	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
)

// TestFullDisk: Send says that the disk is full, what was answered for stays,
// reading goes on, and when there is room again everything works as before,
// without a restart.
func TestFullDisk(t *testing.T) {
	o := newOffice(t)
	disk := o.profile("li")
	o.must(os.Mkdir(disk, 0o700))
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=16m,mode=0700"); err != nil {
		t.Skipf("a small disk cannot be made here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	li, wang, workspace := o.pair()
	o.says(li, workspace, "还有地方")

	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast, disk, 256<<10)
	long := strings.Repeat("长", 10_000)
	var kept []string
	full := false
	for i := 0; i < 100 && !full; i++ {
		text := fmt.Sprint(i, long)
		_, err := li.Chat.Send(o.ctx, &v1.SendRequest{ConversationId: workspace, Text: text, Nonce: fmt.Sprint(i)})
		switch code := api.CodeOf(err); {
		case err == nil:
			kept = append(kept, text)
		case code == errcode.DiskFull:
			full = true
		default:
			t.Fatalf("%s: %v", code, err)
		}
	}
	if !full {
		t.Fatal("the disk did not become full")
	}
	for range 3 { // it stays a clear answer
		if _, err := li.Chat.Send(o.ctx, &v1.SendRequest{ConversationId: workspace, Text: long}); api.CodeOf(err) != errcode.DiskFull {
			t.Errorf("%v", err)
		}
	}
	status, err := li.System.Status(o.ctx, &v1.StatusRequest{})
	o.must(err)
	if status.Phase != v1.Phase_PHASE_READY || len(status.Warnings) != 1 || status.Warnings[0] != string(errcode.DiskFull) {
		t.Errorf("status %v %v", status.Phase, status.Warnings)
	}
	o.says(wang, workspace, "你的磁盘满了吗"+long) // cannot be kept at li, and must come later

	o.must(os.Remove(ballast))
	_, err = li.Chat.Send(o.ctx, &v1.SendRequest{ConversationId: workspace, Text: "又有地方了", Nonce: "room"})
	o.must(err)
	o.must(wang.Shows(o.ctx, workspace, "又有地方了"))
	o.must(li.Shows(o.ctx, workspace, "你的磁盘满了吗"+long))
	all, err := li.All(o.ctx, workspace)
	o.must(err)
	there := map[string]int{}
	for _, m := range all {
		there[m.Text]++
	}
	for _, text := range kept {
		if there[text] != 1 {
			t.Errorf("what was answered for is there %d times", there[text])
		}
	}
	o.must(li.Until(o.ctx, func(ctx context.Context) (bool, error) {
		status, err := li.System.Status(ctx, &v1.StatusRequest{})
		return err == nil && len(status.Warnings) == 1, err // 16 MB are little, room or not
	}))
	o.must(li.Stop())
	o.must(wang.Stop())
	o.sound("li", "wang")
}

// fill leaves so much of a disk.
func fill(t *testing.T, path, disk string, rest uint64) {
	t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(disk, &s); err != nil {
		t.Fatal(err)
	}
	free := s.Bavail * uint64(s.Bsize)
	if err := os.WriteFile(path, make([]byte, free-rest), 0o600); err != nil {
		t.Fatal(err)
	}
}
