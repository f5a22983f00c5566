package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

// ours is two linked processes that share folders.
type ours struct {
	s         *scene
	li, wang  *client.Process
	workspace string
	liID      string
	wangID    string
	n         int
}

// folders measures shared folders between two processes.
func folders(ctx context.Context, s *scene) error {
	o := &ours{s: s}
	if err := o.two(ctx); err != nil {
		return err
	}
	if err := folderWork(ctx, "folder_", o); err != nil {
		return err
	}
	return o.million(ctx)
}

// two people who are in one workspace.
func (o *ours) two(ctx context.Context) (err error) {
	s := o.s
	if o.li, o.workspace, err = s.found(ctx, "li"); err != nil {
		return err
	}
	if o.wang, err = s.newcomer(ctx, "wang"); err != nil {
		return err
	}
	link, err := o.li.Invite(ctx, o.workspace, 1)
	if err != nil {
		return err
	}
	if err := o.wang.Join(ctx, link); err != nil {
		return err
	}
	r, err := o.li.People.Members(ctx, &v1.MembersRequest{WorkspaceId: o.workspace})
	if err != nil {
		return err
	}
	for _, m := range r.Members {
		if m.IsMe {
			o.liID = m.PersonId
		} else {
			o.wangID = m.PersonId
		}
	}
	return nil
}

// million alone, when it is asked for.
func million(ctx context.Context, s *scene) error {
	o := &ours{s: s}
	if err := o.two(ctx); err != nil {
		return err
	}
	return o.million(ctx)
}

const (
	millionFiles = 1_000_000
	perFolder    = 1000
)

// million: what one process needs with a million files in one folder that nobody else
// keeps, and how long looking at 90,000 and at all of them takes.
func (o *ours) million(ctx context.Context) error {
	if err := o.s.stop("wang"); err != nil {
		return err
	}
	root := filepath.Join(o.s.folder, "million")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	if err := fill(root, 90_000, 16, perFolder); err != nil {
		return err
	}
	f, err := o.li.Folders.Share(ctx, &v1.ShareRequest{WorkspaceId: o.workspace, LocalPath: root})
	if err != nil {
		return err
	}
	if err := o.level(ctx, f.Id, 90_000); err != nil {
		return err
	}
	seconds, err := o.rescan(ctx, f.Id, 90_000)
	if err != nil {
		return err
	}
	figure("folder_rescan_90k_s", seconds, "s")
	if err := os.MkdirAll(filepath.Join(root, "more"), 0o755); err != nil {
		return err
	}
	begun := time.Now()
	if err := fillFrom(root+"-more-fill", filepath.Join(root, "more"), millionFiles-90_000, 16, perFolder); err != nil {
		return err
	}
	if err := o.level(ctx, f.Id, millionFiles); err != nil {
		return err
	}
	figure("folder_1m_index_files_s", (millionFiles-90_000)/time.Since(begun).Seconds(), "files/s")
	if seconds, err = o.rescan(ctx, f.Id, millionFiles); err != nil {
		return err
	}
	figure("folder_1m_rescan_s", seconds, "s")
	if err := pause(ctx, 10*time.Second); err != nil {
		return err
	}
	mb, err := residentMB(o.li.PID())
	figure("folder_1m_index_rss_mb", mb, "MB")
	return err
}

// rescan starts the process anew, which looks at everything before it says that it is
// up to date.
func (o *ours) rescan(ctx context.Context, id string, files int64) (seconds float64, err error) {
	if err := o.s.stop("li"); err != nil {
		return 0, err
	}
	begun := time.Now()
	if o.li, err = o.s.start(ctx, "li"); err != nil {
		return 0, err
	}
	err = o.level(ctx, id, files)
	return time.Since(begun).Seconds(), err
}

// level waits until a folder is up to date with so many files.
func (o *ours) level(ctx context.Context, id string, files int64) error {
	until := time.Now().Add(wholeWithin)
	for time.Now().Before(until) {
		all, err := o.li.Folders.Folders(ctx, &v1.FoldersRequest{WorkspaceId: o.workspace})
		if err == nil {
			for _, f := range all.Folders {
				if f.Id == id && f.Files == files && f.State == v1.FolderState_FOLDER_STATE_UP_TO_DATE && f.Unsaid == 0 {
					return nil
				}
			}
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("%d files were not taken in time", files)
}

// pids implements rival.
func (o *ours) pids() []int { return []int{o.li.PID(), o.wang.PID()} }

// share implements rival.
func (o *ours) share(ctx context.Context) (from, to string, err error) {
	o.n++
	from, to = filepath.Join(o.s.folder, fmt.Sprintf("from-%d", o.n)), filepath.Join(o.s.folder, fmt.Sprintf("to-%d", o.n))
	for _, root := range []string{from, to} {
		if err := os.MkdirAll(root, 0o755); err != nil {
			return "", "", err
		}
	}
	f, err := o.li.Folders.Share(ctx, &v1.ShareRequest{WorkspaceId: o.workspace, LocalPath: from,
		Members: []*v1.FolderMember{{PersonId: o.wangID, Role: v1.FolderRole_FOLDER_ROLE_WRITE}}})
	if err != nil {
		return "", "", err
	}
	err = o.wang.Until(ctx, func(ctx context.Context) (bool, error) {
		_, err := o.wang.Folders.Keep(ctx, &v1.KeepRequest{FolderId: f.Id, LocalPath: to, Mode: v1.FolderMode_FOLDER_MODE_WHOLE})
		return err == nil, nil
	})
	if err != nil {
		return "", "", err
	}
	return from, to, pause(ctx, time.Second)
}

// unshare implements rival: what was measured is not in the way of what comes next.
func (o *ours) unshare(ctx context.Context) error {
	for _, p := range []*client.Process{o.li, o.wang} {
		all, err := p.Folders.Folders(ctx, &v1.FoldersRequest{WorkspaceId: o.workspace})
		if err != nil {
			return err
		}
		for _, f := range all.Folders {
			if _, err := p.Folders.Unkeep(ctx, &v1.FolderRequest{FolderId: f.Id}); err != nil {
				return err
			}
		}
	}
	return nil
}
