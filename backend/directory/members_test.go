package directory_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

func (d desk) members() directory.MemberAPI {
	return directory.MemberAPI{API: directory.API{Get: func() (*directory.Directory, error) { return d.Directory, nil }}}
}

func (d desk) finds(r *v1.FindMembersRequest) (names []string) {
	d.t.Helper()
	r.WorkspaceId = d.o.Workspace.String()
	found, err := d.members().FindMembers(context.Background(), r)
	for _, m := range must(d.t, found, err).Members {
		names = append(names, m.Name)
	}
	return names
}

// Members are found by name and number, in a conversation or out of it; people with a record alone are no members.
func TestFindMembers(t *testing.T) {
	o := testspace.New(t, 78)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen", "zhao")
	o.SetsRole("li", "chen", space.Owner)
	o.Settles()
	li := at(t, o, "li")
	li.record(&v1.SaveRecordRequest{Name: text("王外人"), Number: text("9")})
	li.record(&v1.SaveRecordRequest{Name: text("赵一鸣"), Number: text("RT77"), PersonId: o.As("zhao").Person().String()})
	group, err := li.Chat.CreateGroup(context.Background(), o.Workspace, "采购", []wire.PersonID{o.As("wang").Person(), o.As("chen").Person()})
	in := must(t, group, err).String()
	same(t, "all", li.finds(&v1.FindMembersRequest{}), "chen", "wang", "zhao")
	same(t, "with oneself", li.finds(&v1.FindMembersRequest{WithMe: true}), "chen", "li", "wang", "zhao")
	same(t, "a page", li.finds(&v1.FindMembersRequest{Offset: 1, Limit: 1}), "wang")
	same(t, "in a group", li.finds(&v1.FindMembersRequest{InSpaceId: in}), "chen", "wang")
	same(t, "not in it", li.finds(&v1.FindMembersRequest{WithoutSpaceId: in}), "zhao")
	same(t, "not somebody", li.finds(&v1.FindMembersRequest{WithoutIds: []string{o.As("zhao").Person().String()}}), "chen", "wang")
	same(t, "owners", li.finds(&v1.FindMembersRequest{Role: v1.Role_ROLE_OWNER}), "chen")
	same(t, "by pinyin of the office's name", li.finds(&v1.FindMembersRequest{Query: "zym"}), "zhao")
	same(t, "by number", li.finds(&v1.FindMembersRequest{Query: "rt77"}), "zhao")
	same(t, "in a group by name", li.finds(&v1.FindMembersRequest{Query: "zhao", InSpaceId: in}))
	same(t, "nobody is made up", li.finds(&v1.FindMembersRequest{Query: "外人"}))

	ctx, ws := context.Background(), o.Workspace.String()
	hit, err := li.members().FindMembers(ctx, &v1.FindMembersRequest{WorkspaceId: ws, Query: "wa"})
	if m := must(t, hit, err).Members; len(m) != 1 || len(m[0].Marks) != 2 || m[0].Marks[0] != 0 || m[0].Marks[1] != 2 {
		t.Errorf("marks: %v", m)
	}
	if _, err := li.members().FindMembers(ctx, &v1.FindMembersRequest{WorkspaceId: ws, InSpaceId: wire.SpaceID{1}.String()}); !errors.Is(err, errcode.NotFound) {
		t.Errorf("in no space: %v", err)
	}
	me, err := li.members().Me(ctx, &v1.MeRequest{WorkspaceId: ws})
	if m := must(t, me, err); !m.IsMe || m.PersonId != li.Person().String() || m.Name != "li" {
		t.Errorf("me: %v", m)
	}
}

// Names of who left are still known; of who was never here nothing is said.
func TestSomeMembers(t *testing.T) {
	o := testspace.New(t, 79)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	o.Removes("li", "chen")
	o.Settles()
	li := at(t, o, "li")
	ids := []string{o.As("chen").Person().String(), wire.PersonID{7}.String(), o.As("wang").Person().String()}
	r, err := li.members().SomeMembers(context.Background(), &v1.SomeMembersRequest{WorkspaceId: o.Workspace.String(), PersonIds: ids})
	m := must(t, r, err).Members
	if len(m) != 2 || m[0].Name != "chen" || !m[0].Left || m[1].Name != "wang" || m[1].Left {
		t.Fatalf("%v", m)
	}
	// A conversation is no workspace, and its people have names all the same.
	group, err := li.Chat.CreateGroup(context.Background(), o.Workspace, "采购", []wire.PersonID{o.As("wang").Person()})
	r, err = li.members().SomeMembers(context.Background(), &v1.SomeMembersRequest{WorkspaceId: must(t, group, err).String(), PersonIds: ids})
	if m := must(t, r, err).Members; len(m) != 1 || m[0].PersonId != ids[2] {
		t.Fatalf("%v", m)
	}
}

// What follows an "@" names the longest name that fits, and only who is in the conversation.
func TestMentioned(t *testing.T) {
	o := testspace.New(t, 80)
	o.Founds("li", "远山")
	o.Admits("li", "an", "anna", "wang")
	o.Settles()
	li := at(t, o, "li")
	group, err := li.Chat.CreateGroup(context.Background(), o.Workspace, "采购", []wire.PersonID{o.As("an").Person()})
	in := must(t, group, err).String()
	mentioned := func(space, words string) (names []string) {
		r, err := li.members().Mentioned(context.Background(), &v1.MentionedRequest{WorkspaceId: o.Workspace.String(), InSpaceId: space, Text: words})
		for _, m := range must(t, r, err).Members {
			names = append(names, m.Name)
		}
		return names
	}
	same(t, "the longest", mentioned("", "@anna 早, @wang @wang"), "anna", "wang")
	same(t, "in the group", mentioned(in, "@anna 早, @wang"), "an")
	same(t, "no mention", mentioned("", "wang@"))
	same(t, "many signs", mentioned("", strings.Repeat("@", 60_000)))
}
