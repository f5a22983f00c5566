package people_test

import (
	"context"
	"testing"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/people"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// Somebody in between holds two conversations: to the newcomer he is a member, to
// the member a newcomer. The two people see different digits, and the newcomer
// does not get in by what he is told.
func TestSomebodyInBetween(t *testing.T) {
	o := testspace.New(t, 40)
	o.Founds("li", "远山")
	li := o.As("li")
	seen := make(chan people.Ask, 1)
	shown := make(chan string, 1)
	var mallory *testspace.Desk
	mallory = o.Outsider("mallory", map[string]testspace.Handler{
		people.JoinProtocol: func(_ context.Context, peer wire.DeviceID, s link.Stream) {
			for {
				var m people.JoinMessage
				if wire.Receive(s, 1<<20, &m) != nil {
					return
				}
				switch {
				case m.Hello != nil:
					_ = wire.Send(s, people.JoinMessage{Offers: &people.Offers{Offers: []people.Offer{
						{Workspace: o.Workspace, Name: "远山", Members: 1, Person: "li", Device: "li"}}}})
				case m.Ask != nil:
					seen <- *m.Ask
					_ = wire.Send(s, people.JoinMessage{Number: &people.Number{Number: [32]byte{1}}})
					var r people.JoinMessage
					if wire.Receive(s, 1<<20, &r) != nil || r.Reveal == nil {
						return
					}
					shown <- people.Digits(r.Reveal.Number, [32]byte{1}, peer, mallory.ID(), m.Ask.Workspace, m.Ask.Party)
					<-time.After(200 * time.Millisecond)
					_ = wire.Send(s, people.JoinMessage{Welcome: &people.Welcome{Workspace: o.Workspace, Box: []byte("garbage")}})
					return
				}
			}
		},
	})
	digits := o.Asks("wang", "mallory")
	theirs := <-seen

	// Towards li he is a newcomer, by his own key, since he has no other.
	s := mallory.Opens(li, people.JoinProtocol)
	defer s.Close()
	mine := people.Number{Number: [32]byte{2}}
	send(t, s, people.JoinMessage{Ask: &people.Ask{Workspace: o.Workspace, Party: mallory.Party,
		Commitment: people.Commit(mine.Number, o.Workspace, mallory.Party), Name: theirs.Name, Device: theirs.Device}})
	if m := receive(t, s); m.Number == nil {
		t.Fatalf("li answers %v", m)
	}
	send(t, s, people.JoinMessage{Reveal: &mine})
	r := li.Request("wang") // the name he gave
	if r.Digits == digits || r.Digits == "" || digits != <-shown {
		t.Errorf("li sees %s, wang sees %s: nobody would notice", r.Digits, digits)
	}
	o.Eventually("wang does not get in", func() bool { return o.As("wang").People.CurrentJoin().State == people.JoinFailed })
	if err := li.People.Answer(context.Background(), r.ID, false, 0); err != nil {
		t.Error(err)
	}
	if m := receive(t, s); m.Sorry == nil || m.Sorry.Code != "join_refused" {
		t.Errorf("li answers %v", m)
	}
	li.Has(o.Workspace, "li")
}

// What a newcomer may not do: each is a sorry with a code, and nobody is let in.
func TestBadNewcomers(t *testing.T) {
	o := testspace.New(t, 41)
	o.Founds("li", "远山")
	li := o.As("li")
	link, invite := li.Invites(3, time.Hour)
	o.As("wang").Joins(link)
	m := o.Outsider("mallory", nil)
	fine := people.Ask{Workspace: o.Workspace, Party: m.Party, Name: "mallory"}
	change := func(f func(*people.Ask)) *people.Ask {
		a := fine
		f(&a)
		return &a
	}
	for name, c := range map[string]struct {
		say  people.JoinMessage
		want string
	}{
		"another's certificates": {people.JoinMessage{Ask: change(func(a *people.Ask) { a.Party = o.As("wang").Party })}, "join_protocol"},
		"person does not fit":    {people.JoinMessage{Ask: change(func(a *people.Ask) { a.Party.Person[0]++ })}, "join_protocol"},
		"no name":                {people.JoinMessage{Ask: change(func(a *people.Ask) { a.Name = "" })}, "join_protocol"},
		"bad name":               {people.JoinMessage{Ask: change(func(a *people.Ask) { a.Name = "x\x00y" })}, "join_protocol"},
		"no such workspace":      {people.JoinMessage{Ask: change(func(a *people.Ask) { a.Workspace[0]++ })}, "not_found"},
		"redeem without proof":   {people.JoinMessage{Redeem: &people.Redeem{Workspace: o.Workspace, Invite: invite, Party: m.Party, Name: "m"}}, "join_protocol"},
		"redeem by a guess":      {people.JoinMessage{Redeem: &people.Redeem{Workspace: o.Workspace, Party: m.Party, Name: "m"}}, "invite_unknown"},
		"redeem for another":     {people.JoinMessage{Redeem: &people.Redeem{Workspace: o.Workspace, Invite: invite, Party: o.As("wang").Party}}, "join_protocol"},
	} {
		s := m.Opens(li, people.JoinProtocol)
		send(t, s, c.say)
		if got := receive(t, s); got.Sorry == nil || got.Sorry.Code != c.want {
			t.Errorf("%s: %+v, want %s", name, got.Sorry, c.want)
		}
		_ = s.Close()
	}
	// A commitment that is not kept.
	s := m.Opens(li, people.JoinProtocol)
	send(t, s, people.JoinMessage{Ask: &fine})
	if got := receive(t, s); got.Number == nil {
		t.Fatalf("%+v", got)
	}
	send(t, s, people.JoinMessage{Reveal: &people.Number{Number: [32]byte{9}}})
	if got := receive(t, s); got.Sorry == nil || got.Sorry.Code != "join_protocol" {
		t.Errorf("another number than committed to: %+v", got.Sorry)
	}
	if len(li.People.Requests()) > 0 {
		t.Error("somebody is asked about it")
	}
	// Bytes that are no message end the conversation.
	for _, raw := range [][]byte{{}, {0xff}, {0, 0, 0, 1, 0xa0}, {0xff, 0xff, 0xff, 0xff}} {
		s := m.Opens(li, people.JoinProtocol)
		_, _ = s.Write(raw)
		_ = s.Close()
		_ = s.SetReadDeadline(time.Now().Add(5 * time.Second))
		if n, err := s.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("%x: an answer", raw)
		}
	}
	li.Has(o.Workspace, "li", "wang")
}

func send(t *testing.T, s link.Stream, m people.JoinMessage) {
	t.Helper()
	if err := wire.Send(s, m); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, s link.Stream) (m people.JoinMessage) {
	t.Helper()
	_ = s.SetReadDeadline(time.Now().Add(time.Minute))
	if err := wire.Receive(s, 1<<20, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
