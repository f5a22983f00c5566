package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

const (
	directoryPeople  = 30_000
	directoryTeams   = 1_900 // below 100 divisions: 2,000 departments
	directoryRounds  = 200
	directorySurname = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
	directoryGiven   = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文建国"
)

// sheetOf is a file with everybody.
func sheetOf() string {
	surnames, given := []rune(directorySurname), []rune(directoryGiven)
	var b strings.Builder
	b.WriteString("工号,姓名,部门,职务,手机,邮箱,上级\n")
	for i := range directoryPeople {
		team := i % directoryTeams
		name := string([]rune{surnames[i%len(surnames)], given[i/7%len(given)], given[i/191%len(given)]})
		manager := ""
		if i >= 20 {
			manager = fmt.Sprint(i / 20)
		}
		fmt.Fprintf(&b, "%d,%s,事业部%d/团队%d,工程师,138%08d,p%d@example.org,%s\n", i+1, name, team%100, team, i, i, manager)
	}
	return b.String()
}

// directory measures 30,000 records in 2,000 departments: the import, the first answer after a start, the page
// that opens, and search as one types.
func directory(ctx context.Context, s *scene) error {
	li, ws, err := s.found(ctx, "li")
	if err != nil {
		return err
	}
	if err := imported(ctx, li, ws); err != nil {
		return err
	}
	if err := s.stop("li"); err != nil {
		return err
	}
	if li, err = s.start(ctx, "li"); err != nil {
		return err
	}
	begin := time.Now()
	if err := openPage(ctx, li, ws); err != nil {
		return err
	}
	figure("directory_first_open_ms", ms(begin), "ms")
	var opens, searches []float64
	queries := []string{"w", "wang", "wf", "王", "张伟", "zhangw", "13800", "团队77", "lxm", "chenj"}
	for i := range directoryRounds {
		begin = time.Now()
		if err := openPage(ctx, li, ws); err != nil {
			return err
		}
		opens = append(opens, ms(begin))
		begin = time.Now()
		if _, err := li.Directory.People(ctx, &v1.PeopleRequest{WorkspaceId: ws, Whom: v1.Whom_WHOM_BELOW, Query: queries[i%len(queries)], Limit: 100}); err != nil {
			return err
		}
		searches = append(searches, ms(begin))
	}
	figure("directory_open_ms", part(opens, 50), "ms")
	figure("directory_door_search_p99_ms", part(searches, 99), "ms")
	name := "研发中心"
	begin = time.Now()
	if _, err := li.Directory.SaveDepartment(ctx, &v1.SaveDepartmentRequest{WorkspaceId: ws, Name: &name}); err != nil {
		return err
	}
	figure("directory_change_ms", ms(begin), "ms") // with the chart folded anew
	mb, err := residentMB(li.PID())
	if err != nil {
		return err
	}
	figure("directory_rss_mb", mb, "MB")
	return nil
}

func ms(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

func part(all []float64, percent int) float64 {
	slices.Sort(all)
	return all[min(len(all)*percent/100, len(all)-1)]
}

// openPage asks what the screen asks when it opens.
func openPage(ctx context.Context, p *client.Process, ws string) error {
	if _, err := p.Directory.Tree(ctx, &v1.TreeRequest{WorkspaceId: ws}); err != nil {
		return err
	}
	r, err := p.Directory.People(ctx, &v1.PeopleRequest{WorkspaceId: ws, Whom: v1.Whom_WHOM_BELOW, Limit: 100})
	if err == nil && int(r.Total) < directoryPeople {
		err = fmt.Errorf("%d people are listed", r.Total)
	}
	return err
}

func imported(ctx context.Context, li *client.Process, ws string) error {
	file, id := []byte(sheetOf()), ""
	for len(file) > 0 {
		n := min(len(file), 1<<20)
		u, err := li.Directory.UploadSheet(ctx, &v1.UploadSheetRequest{WorkspaceId: ws, ImportId: id, Part: file[:n]})
		if err != nil {
			return err
		}
		id, file = u.ImportId, file[n:]
	}
	begin := time.Now()
	t, err := li.Directory.ReadSheet(ctx, &v1.ReadSheetRequest{WorkspaceId: ws, ImportId: id})
	if err != nil {
		return err
	}
	p, err := li.Directory.PlanImport(ctx, &v1.PlanImportRequest{WorkspaceId: ws, ImportId: id, Fields: t.Fields})
	if err != nil {
		return err
	}
	figure("directory_import_preview_ms", ms(begin), "ms")
	begin = time.Now()
	done, err := li.Directory.ApplyImport(ctx, &v1.ApplyImportRequest{WorkspaceId: ws, ImportId: id})
	if err != nil {
		return err
	}
	figure("directory_import_apply_ms", ms(begin), "ms")
	if done.Added != directoryPeople || p.Rejected > 0 {
		return fmt.Errorf("%d added, %d rejected", done.Added, p.Rejected)
	}
	return nil
}
