package testspace_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
)

func TestInvites(t *testing.T) {
	o := testspace.New(t, 30)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	o.Settles()
	once, _ := o.As("li").Invites(1, time.Hour)
	twice, _ := o.As("wang").Invites(2, time.Hour)
	revoked, id := o.As("li").Invites(5, time.Hour)
	short, _ := o.As("li").Invites(1, time.Minute)
	must(t, o.As("li").People.RevokeInvite(context.Background(), o.Workspace, id))
	o.Settles()

	o.As("chen").Joins(once)
	o.As("zhao").Joins(twice)
	o.Settles()
	for name, c := range map[string]struct {
		link string
		want errcode.Code
	}{
		"a": {once, errcode.InviteUsedUp},
		"b": {revoked, errcode.InviteRevoked},
		"c": {once[:len(once)-2], errcode.InviteGarbled},
		"d": {strings.Replace(once, "join/", "join/A", 1), errcode.InviteGarbled},
		"e": {"", errcode.InviteGarbled},
		"f": {"roundtable://join/", errcode.InviteGarbled},
		"g": {"https://example.org", errcode.InviteGarbled},
	} {
		if got := o.As(name).TriesToJoin(c.link); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := o.As("chen").TriesToJoin(twice); got != errcode.AlreadyMember {
		t.Errorf("a member joins again: %q", got)
	}
	// A mail program broke the line.
	o.As("curie").Joins(twice[:30] + "\n  " + twice[30:])
	// Who is let in by one whose clock says it is late is not let in.
	o.Later(2 * time.Minute)
	if got := o.As("h").TriesToJoin(short); got != errcode.InviteExpired {
		t.Errorf("expired: %q", got)
	}
	o.As("i").Clock.Set(-time.Hour) // it believes that there is time
	if got := o.As("i").TriesToJoin(short); got != errcode.InviteExpired {
		t.Errorf("expired, as the member knows: %q", got)
	}
	o.Settles()
}

// Two members use up the last place of an invite at once: one newcomer is in.
func TestInviteUsedTwiceAtOnce(t *testing.T) {
	o := testspace.New(t, 31)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	link, _ := o.As("li").Invites(1, time.Hour)
	o.Settles()
	o.Partition([]string{"li", "chen"}, []string{"wang", "zhao"})
	o.As("chen").Joins(link)
	o.As("zhao").Joins(link)
	o.As("chen").Posts("陈在")
	o.As("zhao").Posts("赵在")
	o.Heal()
	o.Eventually("one of them is in", func() bool {
		return len(o.As("li").Members(o.Workspace)) == 3 && len(o.As("wang").Members(o.Workspace)) == 3
	})
	o.Settles()
}

// A link of another workspace, and one whose workspace nobody here knows.
func TestInviteToNowhere(t *testing.T) {
	o := testspace.New(t, 32)
	o.Founds("li", "远山")
	link, _ := o.As("li").Invites(1, time.Hour)
	o.Leaves("li")
	o.As("wang")
	if got := o.As("chen").TriesToJoin(link); got != errcode.HostUnreachable && got != errcode.InviteUnknown {
		t.Errorf("nobody is there: %q", got)
	}
	o.Returns("li")
	o.As("chen").Joins(link)
	o.Settles()
}

func TestRefused(t *testing.T) {
	o := testspace.New(t, 33)
	o.Founds("li", "远山")
	if digits := o.Asks("wang", "li"); digits != o.As("li").Request("wang").Digits || len(digits) != 6 {
		t.Errorf("digits %q", digits)
	}
	must(t, o.As("li").People.Answer(context.Background(), o.As("li").Request("wang").ID, false, 0))
	o.Eventually("wang is told", func() bool { return o.As("wang").People.CurrentJoin().State == people.JoinRefused })
	o.As("li").Has(o.Workspace, "li")
	must(t, o.As("wang").People.AskToJoin(o.Workspace, o.As("li").ID()))
	o.Eventually("it has to wait", func() bool { return o.As("wang").People.CurrentJoin().Code == errcode.RequestLimit })
	o.Later(time.Minute)
	o.As("wang").People.CancelJoin()
	o.Admits("li", "wang")
	// Who goes away before the decision is gone from the list.
	o.Asks("chen", "li")
	o.As("li").Request("chen")
	o.As("chen").People.CancelJoin()
	o.Eventually("the request is gone", func() bool { return len(o.As("li").People.Requests()) == 0 })
	o.Settles()
}

// A guest lets nobody in.
func TestGuests(t *testing.T) {
	o := testspace.New(t, 34)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	o.SetsRole("li", "wang", space.Guest)
	o.Settles()
	_, err := o.As("wang").People.CreateInvite(context.Background(), o.Workspace, 0, time.Hour, 1)
	o.Fails(err, errcode.Forbidden, "a guest invites")
	if o.As("wang").People.Joinable() {
		t.Error("a guest takes requests")
	}
	o.Fails(o.As("wang").People.Remove(context.Background(), o.Workspace, o.As("li").Person()), errcode.LastOwner, "a guest removes the last owner")
	o.As("wang").Posts("客人说话")
	o.As("li").Sees("客人说话")
}
