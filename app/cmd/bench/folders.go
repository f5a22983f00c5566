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
	var err error
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
	return folderWork(ctx, "folder_", o)
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
