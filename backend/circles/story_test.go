package circles_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// town is two workspaces: li and wang of one, gu and ren of another.
func town(t *testing.T, seed uint64) (o *testspace.Office, theirs wire.SpaceID) {
	t.Helper()
	o = testspace.New(t, seed)
	o.Founds("li", "青禾建筑")
	o.Admits("li", "wang")
	theirs = o.Founds("gu", "临江家具")
	o.As("ren").Joins(o.As("gu").InvitesTo(theirs, 1))
	return o, theirs
}

// sees waits until a circle is at a desk as it should be.
func sees(o *testspace.Office, name string, id wire.SpaceID, what string, is func(*v1.Circle) bool) *v1.Circle {
	var c *v1.Circle
	o.Eventually(name+" sees that "+what, func() bool {
		c = o.As(name).Circle(id)
		return c != nil && is(c)
	})
	return c
}

func person(c *v1.Circle, d *testspace.Desk) *v1.CirclePerson {
	for _, p := range c.People {
		if p.PersonId == d.Person().String() {
			return p
		}
	}
	return nil
}

// comes: somebody of it says from where it comes, in the view of a desk.
func comes(d *testspace.Desk, from string, external bool) func(*v1.Circle) bool {
	return func(c *v1.Circle) bool {
		p := person(c, d)
		return p != nil && p.WorkspaceName == from && p.IsExternal == external && p.Name == d.Name
	}
}

func listed(t *testing.T, d *testspace.Desk, workspace, id wire.SpaceID) *v1.Conversation {
	t.Helper()
	all, err := d.API().Conversations(context.Background(), &v1.ConversationsRequest{WorkspaceId: workspace.String()})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all.Conversations, func(c *v1.Conversation) bool { return c.Id == id.String() })
	if i < 0 {
		return nil
	}
	return all.Conversations[i]
}

// A partner comes by a link, writes and reads, and learns of nothing else.
func TestAPartnerComes(t *testing.T) {
	o, theirs := town(t, 70)
	li, wang, gu := o.As("li"), o.As("wang"), o.As("gu")
	id := li.BeginsCircle(o.Workspace, "采购协作圈", "wang")
	li.PostsIn(id, "以后在这里说")
	li.Posts("这是公司内部的")
	link := li.CircleLink(id, "顾先生", 9)
	if link.MaxUses != 1 || link.ForName != "顾先生" || !link.Live {
		t.Errorf("a link for one person: %v", link)
	}
	gu.JoinsCircle(link.Link, theirs)
	gu.PostsIn(id, "顾明来了")
	for _, d := range []*testspace.Desk{li, wang, gu} {
		d.SeesIn(id, "以后在这里说", "顾明来了")
	}
	for _, name := range []string{"li", "wang"} {
		c := sees(o, name, id, "gu is external", comes(gu, "临江家具", true))
		if c.ExternalCount != 1 || person(c, wang).IsExternal || person(c, wang).WorkspaceName != "青禾建筑" || c.WorkspaceId != o.Workspace.String() {
			t.Errorf("at %s: %v", name, c)
		}
		if v := listed(t, o.As(name), o.Workspace, id); v == nil || v.ExternalCount != 1 || v.Name != "采购协作圈" || v.Kind != v1.ConversationKind_CONVERSATION_KIND_CIRCLE || len(v.MemberIds) != 3 {
			t.Errorf("in the list of %s: %v", name, v)
		}
	}
	// To the partner the others are external.
	sees(o, "gu", id, "li is external", comes(li, "青禾建筑", true))
	sees(o, "gu", id, "wang is external", comes(wang, "青禾建筑", true))
	if v := listed(t, gu, theirs, id); v == nil || v.ExternalCount != 2 || v.Name != "采购协作圈" {
		t.Errorf("in gu's list: %v", v)
	}
	if code := o.As("zhao").TriesToJoin(link.Link); code != errcode.InviteUsedUp {
		t.Errorf("the link a second time: %q", code)
	}
	o.Settles()
	// What gu and ren learned: the circle for gu, nothing for ren, and of the other workspace nothing at all.
	if all := gu.Log.Spaces(); len(all) != 2 || gu.Log.Knows(o.Workspace) || !gu.Log.Knows(id) {
		t.Errorf("gu keeps %v", all)
	}
	if ren := o.As("ren"); len(ren.Log.Spaces()) != 1 || ren.Log.Colleague(li.ID()) {
		t.Errorf("ren keeps %v", ren.Log.Spaces())
	}
	if li.Log.Knows(theirs) || wang.Log.Knows(theirs) {
		t.Error("they keep gu's workspace")
	}
	door := people.API{Get: func() (*people.People, error) { return gu.People, nil }}
	if all, err := door.Members(context.Background(), &v1.MembersRequest{WorkspaceId: o.Workspace.String()}); err == nil {
		t.Errorf("gu lists the workspace: %v", all)
	}
}

// A file that was attached in a circle is fetched from its people, by its people; then its partner leaves.
func TestFilesInACircle(t *testing.T) {
	o, theirs := town(t, 71)
	li, gu := o.As("li"), o.As("gu")
	id := li.BeginsCircle(o.Workspace, "图纸", "wang")
	gu.JoinsCircle(li.CircleLink(id, "", 1).Link, theirs)
	content := bytes.Repeat([]byte("图纸"), 40_000)
	li.Sends(id, "见附件", "一层.dwg", content)
	gu.SeesIn(id, "见附件")
	gu.Wants(id, "一层.dwg")
	gu.Reaches(id, "一层.dwg", v1.AttachmentState_ATTACHMENT_STATE_HERE)
	if got, err := gu.Reading(id, "一层.dwg"); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := gu.Circles.Leave(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	sees(o, "wang", id, "gu is gone", func(c *v1.Circle) bool { return len(c.People) == 2 && c.ExternalCount == 0 })
	o.Settles()
}

// Whoever is removed reads nothing more, and reads all of it after coming back.
func TestAPartnerIsRemovedAndComesBack(t *testing.T) {
	o, theirs := town(t, 72)
	li, gu := o.As("li"), o.As("gu")
	id := li.BeginsCircle(o.Workspace, "招标", "wang")
	gu.JoinsCircle(li.CircleLink(id, "", 1).Link, theirs)
	gu.PostsIn(id, "报价见周一")
	li.SeesIn(id, "报价见周一")
	if _, err := gu.CirclesAPI().RemoveFromCircle(context.Background(), &v1.RemoveFromCircleRequest{CircleId: id.String(), PersonId: li.Person().String()}); err == nil {
		t.Error("a partner removes who manages")
	}
	if err := li.Circles.Remove(context.Background(), id, gu.Person()); err != nil {
		t.Fatal(err)
	}
	li.PostsIn(id, "只有我们")
	o.As("wang").SeesIn(id, "报价见周一", "只有我们")
	o.Eventually("gu hears that it is out", func() bool { v := listed(t, gu, theirs, id); return v != nil && !v.CanWrite })
	gu.SeesIn(id, "报价见周一")
	if err := gu.TriesToPost(id, "还在吗"); err == nil {
		t.Error("who was removed writes")
	}
	o.Settles()
	gu.JoinsCircle(li.CircleLink(id, "", 1).Link, theirs)
	gu.SeesIn(id, "报价见周一", "只有我们")
	o.Settles()
}

// A partner is let in by one member while another, who is cut off, lets in a second one and removes a third: both sides
// come to the same circle.
func TestCirclesInAnyOrder(t *testing.T) {
	for seed := range uint64(3) {
		o, theirs := town(t, 80+seed)
		li, wang := o.As("li"), o.As("wang")
		id := li.BeginsCircle(o.Workspace, "协作", "wang")
		// Wang manages it, too, so that both sides can remove.
		if err := li.People.SetRole(context.Background(), id, wang.Person(), space.Admin); err != nil {
			t.Fatal(err)
		}
		link := li.CircleLink(id, "", 5)
		o.As("ren").JoinsCircle(link.Link, theirs)
		o.Settles()
		o.Partition([]string{"li", "gu"}, []string{"wang", "ren"})
		o.As("gu").JoinsCircle(link.Link, theirs)
		o.As("gu").PostsIn(id, "顾在")
		li.PostsIn(id, "李在")
		if err := wang.Circles.Remove(context.Background(), id, o.As("ren").Person()); err != nil {
			t.Fatal(err)
		}
		wang.PostsIn(id, "王在")
		o.Heal()
		for _, name := range []string{"li", "wang", "gu"} {
			sees(o, name, id, "three are in it", func(c *v1.Circle) bool { return len(c.People) == 3 && person(c, o.As("ren")) == nil })
			o.Eventually(name+" has all of it", func() bool { return len(o.As(name).Texts(id)) == 3 })
		}
		o.Settles()
	}
}

// What a link does not do.
func TestLinksIntoCircles(t *testing.T) {
	o, theirs := town(t, 73)
	li, gu := o.As("li"), o.As("gu")
	ctx := context.Background()
	id := li.BeginsCircle(o.Workspace, "协作", "wang")
	link := li.CircleLink(id, "", 3)
	code := func(err error) errcode.Code { c, _ := errcode.From(err); return c }
	if got := code(gu.Circles.Join(ctx, "roundtable://circle/xyz", theirs)); got != errcode.InviteGarbled {
		t.Errorf("garbled: %q", got)
	}
	if got := code(gu.Circles.Join(ctx, link.Link, o.Workspace)); got != errcode.NotMember {
		t.Errorf("as of a workspace that is not gu's: %q", got)
	}
	into, _ := li.Invites(1, 0)
	if got := code(gu.Circles.Join(ctx, into, theirs)); got != errcode.LinkForWorkspace {
		t.Errorf("a link into a workspace: %q", got)
	}
	if _, err := li.CirclesAPI().RevokeCircleLink(ctx, &v1.RevokeCircleLinkRequest{CircleId: id.String(), LinkId: link.Id}); err != nil {
		t.Fatal(err)
	}
	o.Settles() // wang, who may let people in, too, has heard of it
	if got := o.As("gu").TriesToJoin(link.Link); got != errcode.InviteRevoked {
		t.Errorf("revoked: %q", got)
	}
	// A workspace is no circle, and a person of another workspace is nobody whom one could add.
	if got := code(li.Circles.Remove(ctx, o.Workspace, o.As("wang").Person())); got != errcode.NotFound {
		t.Errorf("a workspace as a circle: %q", got)
	}
	if got := code(li.Circles.Add(ctx, id, []wire.PersonID{gu.Person()})); got != errcode.NotFound {
		t.Errorf("a stranger is added: %q", got)
	}
	if _, err := li.Circles.Begin(ctx, o.Workspace, " ", nil); code(err) != errcode.NameEmpty {
		t.Errorf("without a name: %v", err)
	}
	if err := li.Circles.Rename(ctx, id, "协作二"); err != nil {
		t.Fatal(err)
	}
	o.Eventually("wang sees the new name", func() bool { v := listed(t, o.As("wang"), o.Workspace, id); return v != nil && v.Name == "协作二" })
	if err := o.As("wang").Circles.Rename(ctx, id, "王的"); code(err) != errcode.Forbidden {
		t.Errorf("somebody who does not manage it renames it: %v", err)
	}
	o.Settles()
}

// A circle names the relays of the workspace that it was begun in: partners who have no link with anybody hear of
// everything over them, and the relay carries for them this space alone.
func TestACircleOverARelay(t *testing.T) {
	o, theirs := town(t, 74)
	li, gu := o.As("li"), o.As("gu")
	r := o.Relay("relay.example")
	o.NamesRelays("li", r)
	o.Settles()
	id := li.BeginsCircle(o.Workspace, "远方", "wang")
	link := li.CircleLink(id, "", 1)
	if len(link.RelayHosts) != 1 {
		t.Errorf("the link names %v", link.RelayHosts)
	}
	gu.JoinsCircle(link.Link, theirs)
	o.Settles()
	o.Partition([]string{"li"}, []string{"wang"}, []string{"gu"}, []string{"ren"})
	li.PostsIn(id, "听得到吗")
	gu.SeesIn(id, "听得到吗")
	gu.PostsIn(id, "听得到")
	for _, name := range []string{"li", "wang"} {
		o.As(name).SeesIn(id, "听得到吗", "听得到")
	}
	li.Posts("公司内部的")
	o.As("wang").Sees("公司内部的")
	if gu.Log.Knows(o.Workspace) {
		t.Error("gu keeps the workspace of its partners")
	}
	o.Heal()
	o.Settles()
}

// Whoever leaves our workspace stays in the circle until somebody removes them, and is external from then on, by their own word.
func TestAColleagueWhoLeavesIsExternal(t *testing.T) {
	o, theirs := town(t, 75)
	li, wang := o.As("li"), o.As("wang")
	id := li.BeginsCircle(o.Workspace, "协作", "wang")
	o.As("gu").JoinsCircle(li.CircleLink(id, "", 1).Link, theirs)
	sees(o, "li", id, "wang is a colleague", comes(wang, "青禾建筑", false))
	o.Settles()
	o.Removes("li", "wang")
	c := sees(o, "li", id, "wang is external", func(c *v1.Circle) bool { return c.ExternalCount == 2 && person(c, wang).IsExternal })
	if !person(c, wang).CanRemove {
		t.Error("who manages the circle cannot remove wang")
	}
	if err := o.As("gu").TriesToPost(id, "在吗"); err != nil {
		t.Error(err)
	}
	o.Settles()
}

// Nobody calls in a circle; a meeting with partners goes by a link for guests.
func TestNobodyCallsInACircle(t *testing.T) {
	o, _ := town(t, 76)
	id := o.As("li").BeginsCircle(o.Workspace, "协作", "wang")
	if _, err := o.As("li").Calls.Start(context.Background(), id, false, wire.EventID{}); err == nil {
		t.Error("a call began")
	}
	o.Settles()
}

// Somebody who has no workspace yet comes by a link, and makes one afterwards: there the circle is shown.
func TestAPartnerWithoutAWorkspace(t *testing.T) {
	o, _ := town(t, 77)
	li, qin := o.As("li"), o.As("qin")
	id := li.BeginsCircle(o.Workspace, "协作", "wang")
	qin.Joins(li.CircleLink(id, "", 1).Link)
	sees(o, "li", id, "qin has not said from where", comes(qin, "", true))
	own := o.Founds("qin", "秦越工作室")
	sees(o, "li", id, "qin has said it", comes(qin, "秦越工作室", true))
	o.Eventually("it is in qin's list", func() bool { return listed(t, qin, own, id) != nil })
	o.Settles()
}

// A pinned circle has its place among the conversations beside which it is shown.
func TestPinnedCircle(t *testing.T) {
	o, _ := town(t, 75)
	li, ctx := o.As("li"), context.Background()
	first := li.BeginsCircle(o.Workspace, "协作", "wang")
	all := []wire.SpaceID{o.Workspace, first, li.BeginsCircle(o.Workspace, "物流", "wang")}
	for _, id := range all {
		if err := li.Chat.SetPinned(ctx, id, true, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := li.Chat.SetPinned(ctx, all[2], true, 1); err != nil {
		t.Fatal(err)
	}
	r, err := li.API().Conversations(ctx, &v1.ConversationsRequest{WorkspaceId: o.Workspace.String()})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []wire.SpaceID{all[2], all[0], all[1]} {
		if v := r.Conversations[i]; v.Id != want.String() || v.Kept.Pinned != int32(i+1) {
			t.Errorf("place %d is %s, pinned as %d", i, v.Name, v.Kept.GetPinned())
		}
	}
}
