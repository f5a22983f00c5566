package proof

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"

	"roundtable/app"
	"roundtable/app/proof/client"
)

// damages are what can happen to a file while nobody uses it.
var damages = map[string]func(f *os.File, size int64) error{
	"pages in the middle": func(f *os.File, size int64) error {
		page := []byte(strings.Repeat("garbage!", 512))
		for at := size / 4 / 4096 * 4096; at < size*3/4; at += 3 * 4096 {
			if _, err := f.WriteAt(page, at); err != nil {
				return err
			}
		}
		return nil
	},
	"cut off":     func(f *os.File, size int64) error { return f.Truncate(size / 2 / 4096 * 4096) },
	"cut to none": func(f *os.File, _ int64) error { return f.Truncate(100) },
	"header of garbage": func(f *os.File, _ int64) error {
		_, err := f.WriteAt([]byte("this was a database once"), 0)
		return err
	},
}

func damage(o *office, who string, how func(*os.File, int64) error) {
	o.Helper()
	f, err := os.OpenFile(filepath.Join(o.profile(who), app.DatabaseFile), os.O_RDWR, 0)
	o.must(err)
	info, err := f.Stat()
	o.must(err)
	o.must(how(f, info.Size()))
	o.must(f.Close())
}

// TestDamagedDatabase: the program starts, says so and offers the repair; the
// history comes back from a colleague, one's own messages included.
func TestDamagedDatabase(t *testing.T) {
	for name, how := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			li, wang, workspace := o.pair()
			said := history(o, li, wang, workspace)
			o.must(li.Stop())
			damage(o, "li", how)
			li = o.start("li")
			damaged(o, li)
			o.must(li.Kill()) // and again: it does not get worse by starting
			li = o.start("li")
			damaged(o, li)
			_, err := li.System.Repair(o.ctx, &v1.RepairRequest{})
			o.must(err)
			back(o, li, workspace, said)
			o.says(li, workspace, "都回来了")
			o.must(wang.Shows(o.ctx, workspace, "都回来了"))
			o.says(wang, workspace, "好")
			o.must(li.Shows(o.ctx, workspace, "好"))
			o.must(li.Stop())
			o.must(wang.Stop())
			o.sound("li", "wang")
			aside, err := filepath.Glob(filepath.Join(o.profile("li"), app.DatabaseFile+".damaged-*"))
			if err != nil || len(aside) == 0 {
				t.Errorf("the damaged file is not kept: %v %v", aside, err)
			}
		})
	}
}

// history writes enough to fill pages.
func history(o *office, li, wang *client.Process, workspace string) (said []string) {
	o.Helper()
	for i := range 300 {
		from, text := li, fmt.Sprintf("第 %d 句 %s", i, strings.Repeat("字", 100))
		if i%3 == 0 {
			from = wang
		}
		o.says(from, workspace, text)
		said = append(said, text)
	}
	o.says(wang, workspace, "完")
	o.must(li.Shows(o.ctx, workspace, "完"))
	o.says(li, workspace, "完了")
	o.must(wang.Shows(o.ctx, workspace, "完了"))
	return append(said, "完", "完了")
}

// damaged waits until the process says that its database is.
func damaged(o *office, p *client.Process) {
	o.Helper()
	o.must(p.Until(o.ctx, func(ctx context.Context) (bool, error) {
		s, err := p.System.Status(ctx, &v1.StatusRequest{})
		return err == nil && s.Phase == v1.Phase_PHASE_DAMAGED && s.DamageCode == string(errcode.DatabaseCorrupt), err
	}))
}

// back waits until a conversation holds what was said.
func back(o *office, p *client.Process, workspace string, said []string) {
	o.Helper()
	o.must(p.Shows(o.ctx, workspace, said[len(said)-1]))
	o.must(p.Until(o.ctx, func(ctx context.Context) (bool, error) {
		all, err := p.All(ctx, workspace)
		if err != nil || len(all) < len(said) {
			return false, err
		}
		var texts []string
		for _, m := range all {
			texts = append(texts, m.Text)
		}
		slices.Sort(texts)
		want := slices.Sorted(slices.Values(said))
		if !slices.Equal(texts, want) {
			o.Errorf("%d messages came back, %d were said", len(texts), len(want))
		}
		return true, nil
	}))
	s, err := p.System.Status(o.ctx, &v1.StatusRequest{})
	o.must(err)
	if s.Phase != v1.Phase_PHASE_READY || slices.Contains(s.Warnings, string(errcode.HistoryAwaited)) {
		o.Errorf("after the repair: %v %v", s.Phase, s.Warnings)
	}
}

// TestRepairAlone: with no colleague online the repaired profile says that its
// history is awaited, and takes it when somebody comes.
func TestRepairAlone(t *testing.T) {
	o := newOffice(t)
	li, wang, workspace := o.pair()
	said := history(o, li, wang, workspace)
	o.must(wang.Stop())
	o.must(li.Stop())
	damage(o, "li", damages["cut off"])
	li = o.start("li")
	damaged(o, li)
	r, err := li.System.Repair(o.ctx, &v1.RepairRequest{})
	o.must(err)
	if r.Status.Phase != v1.Phase_PHASE_READY || !slices.Contains(r.Status.Warnings, string(errcode.HistoryAwaited)) {
		t.Errorf("status %v %v", r.Status.Phase, r.Status.Warnings)
	}
	o.must(li.Stop())
	li = o.start("li") // still awaited after a restart
	s, err := li.System.Status(o.ctx, &v1.StatusRequest{})
	o.must(err)
	if !slices.Contains(s.Warnings, string(errcode.HistoryAwaited)) {
		t.Errorf("warnings %v", s.Warnings)
	}
	o.start("wang")
	back(o, li, workspace, said)
}
