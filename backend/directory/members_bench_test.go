package directory_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory"
	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// BenchmarkMembers is what pages ask of a workspace with very many members (MEMBERS, 2,000 when nothing is said: letting 30,000 in
// takes minutes): whom an "@" and some letters find, whom a text mentions, the first page of a picker, and 50 names.
func BenchmarkMembers(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("MEMBERS"))
	if err != nil {
		n = 2000
	}
	o := testspace.New(b, 83)
	o.Founds("li", "远山")
	li, ctx, ws := o.As("li"), context.Background(), o.Workspace.String()
	surnames, given := []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"), []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文建国")
	var ids []string
	for from := 0; from < n; from += 100 {
		var ops []space.Op
		for range 100 {
			c, err := identity.Found(key.NewSigningKey(), key.NewSealingKey().SealPublic(), 1)
			if err != nil {
				b.Fatal(err)
			}
			party := space.Party{Certificates: []identity.Certificate{c}}
			if party.Person, err = identity.Person(party.Certificates); err != nil {
				b.Fatal(err)
			}
			ops = append(ops, space.Op{Add: &space.Add{Party: party, Role: space.Member}})
			ids = append(ids, party.Person.String())
		}
		if err := li.Log.Change(ctx, o.Workspace, ops...); err != nil {
			b.Fatal(err)
		}
	}
	// Profiles are told by their devices, which are not here: what they would be is said beside.
	deps, called := li.Directory.Deps, map[wire.PersonID]directory.Profile{}
	for i, id := range ids {
		p, _ := wire.ParsePersonID(id)
		called[p] = directory.Profile{Name: string([]rune{surnames[i%len(surnames)], given[i/7%len(given)], given[i/191%len(given)]}), Department: fmt.Sprint("团队", i%2000), Phone: fmt.Sprintf("138%08d", i)}
	}
	deps.Profiles = func(context.Context, wire.SpaceID) (map[wire.PersonID]directory.Profile, error) { return called, nil }
	d := directory.Open(deps)
	door := directory.MemberAPI{API: directory.API{Get: func() (*directory.Directory, error) { return d, nil }}}
	find := func(b *testing.B, r *v1.FindMembersRequest) {
		for r.WorkspaceId = ws; b.Loop(); {
			if found, err := door.FindMembers(ctx, r); err != nil || len(found.Members) == 0 {
				b.Fatal(found, err)
			}
		}
	}
	find(b, &v1.FindMembersRequest{Query: "z"})
	for _, query := range []string{"z", "zhang", "zw", "张", "1380000"} {
		b.Run("find "+query, func(b *testing.B) { find(b, &v1.FindMembersRequest{Query: query, Limit: 100}) })
	}
	b.Run("page", func(b *testing.B) { find(b, &v1.FindMembersRequest{Limit: 100}) })
	b.Run("mentioned", func(b *testing.B) {
		for b.Loop() {
			if r, err := door.Mentioned(ctx, &v1.MentionedRequest{WorkspaceId: ws, Text: "@张伟芳 @王芳娜 早上好"}); err != nil {
				b.Fatal(r, err)
			}
		}
	})
	b.Run("names", func(b *testing.B) {
		for b.Loop() {
			if r, err := door.SomeMembers(ctx, &v1.SomeMembersRequest{WorkspaceId: ws, PersonIds: ids[:50]}); err != nil || len(r.Members) != 50 {
				b.Fatal(r, err)
			}
		}
	})
}
