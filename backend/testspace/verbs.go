package testspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/errcode"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// API is the door of chat, as the screen uses it.
func (d *Desk) API() chat.API {
	return chat.API{Get: func() (*chat.Chat, error) { return d.Chat, nil }}
}

// Posts writes to everyone in the workspace.
func (d *Desk) Posts(texts ...string) {
	d.o.t.Helper()
	d.PostsIn(d.o.Workspace, texts...)
}

// PostsIn writes to a conversation.
func (d *Desk) PostsIn(id wire.SpaceID, texts ...string) {
	d.o.t.Helper()
	for _, text := range texts {
		d.o.must(d.TriesToPost(id, text), fmt.Sprintf("%s posts %q", d.Name, text))
	}
}

// TriesToPost writes, and gives the error if that is refused.
func (d *Desk) TriesToPost(id wire.SpaceID, text string) error {
	_, err := d.Chat.Post(context.Background(), id, text, "")
	if err == nil {
		d.o.acknowledged(d, id, text)
	}
	return err
}

// Messages of a conversation, oldest first, as the screen gets them.
func (d *Desk) Messages(id wire.SpaceID) (out []*v1.Message) {
	r := &v1.MessagesRequest{ConversationId: id.String(), Limit: 200}
	for {
		page, err := d.API().Messages(context.Background(), r)
		if code, _ := errcode.From(err); code == errcode.NotFound {
			return nil
		}
		d.o.must(err, d.Name+" reads")
		out = append(page.Messages, out...)
		if !page.HasBefore || len(page.Messages) == 0 {
			return out
		}
		r.Before = page.Messages[0].Cursor
	}
}

// Texts of a conversation in the order of the screen.
func (d *Desk) Texts(id wire.SpaceID) (out []string) {
	for _, m := range d.Messages(id) {
		out = append(out, m.Text)
	}
	return out
}

// Sees waits until everyone's conversation has exactly these texts, in this order.
func (d *Desk) Sees(texts ...string) {
	d.o.t.Helper()
	d.SeesIn(d.o.Workspace, texts...)
}

// SeesIn is Sees for any conversation.
func (d *Desk) SeesIn(id wire.SpaceID, texts ...string) {
	d.o.t.Helper()
	var got []string
	for until := time.Now().Add(patience); ; time.Sleep(3 * time.Millisecond) {
		if got = d.Texts(id); slices.Equal(got, texts) {
			return
		}
		if time.Now().After(until) {
			d.o.t.Fatalf("%s sees %q, want %q", d.Name, got, texts)
		}
	}
}

// Message with a text, which must be there once.
func (d *Desk) Message(id wire.SpaceID, text string) *v1.Message {
	d.o.t.Helper()
	var found *v1.Message
	for _, m := range d.Messages(id) {
		if m.Text == text {
			if found != nil {
				d.o.t.Fatalf("%s has %q twice", d.Name, text)
			}
			found = m
		}
	}
	if found == nil {
		d.o.t.Fatalf("%s has no %q", d.Name, text)
	}
	return found
}

// Delivery waits until a message of ours has come as far as wanted.
func (d *Desk) Delivery(id wire.SpaceID, text string, want v1.DeliveryState) {
	d.o.t.Helper()
	d.o.Eventually(fmt.Sprintf("%q is %s", text, want), func() bool { return d.Message(id, text).State == want })
}

// Reads has the whole conversation on screen.
func (d *Desk) Reads(id wire.SpaceID) {
	d.o.t.Helper()
	all := d.Messages(id)
	if len(all) == 0 {
		return
	}
	_, err := d.API().MarkRead(context.Background(), &v1.MarkReadRequest{ConversationId: id.String(), MessageId: all[len(all)-1].Id})
	d.o.must(err, d.Name+" reads")
}

// Unread counts, and names the first unread text.
func (d *Desk) Unread(id wire.SpaceID) (n int, first string) {
	page, err := d.API().Messages(context.Background(), &v1.MessagesRequest{ConversationId: id.String()})
	d.o.must(err, d.Name+" looks at what is unread")
	for _, m := range d.Messages(id) {
		if m.Id == page.FirstUnreadId {
			first = m.Text
		}
	}
	return int(page.Unread), first
}

// Quietly switches receipts and typing off.
func (d *Desk) Quietly() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.quiet = true
}

// Direct opens the conversation with somebody.
func (d *Desk) Direct(name string) wire.SpaceID {
	d.o.t.Helper()
	id, err := d.Chat.OpenDirect(context.Background(), d.o.Workspace, d.o.As(name).Person())
	d.o.must(err, d.Name+" opens a direct conversation with "+name)
	return id
}

// Group begins a group.
func (d *Desk) Group(title string, names ...string) wire.SpaceID {
	d.o.t.Helper()
	id, err := d.Chat.CreateGroup(context.Background(), d.o.Workspace, title, d.people(names))
	d.o.must(err, d.Name+" begins a group")
	return id
}

// Adds lets people into a group.
func (d *Desk) Adds(id wire.SpaceID, names ...string) {
	d.o.t.Helper()
	d.o.must(d.Chat.AddToGroup(context.Background(), id, d.people(names)), d.Name+" adds to a group")
}

func (d *Desk) people(names []string) (out []wire.PersonID) {
	for _, n := range names {
		out = append(out, d.o.As(n).Person())
	}
	return out
}

// Members of a space by name, as this device sees them.
func (d *Desk) Members(id wire.SpaceID) (out []string) {
	_ = d.Log.View(id, func(s *space.State) {
		for _, x := range d.o.all() {
			if m, ok := s.Member(x.Person()); ok && m.Active {
				out = append(out, x.Name)
			}
		}
	})
	slices.Sort(out)
	return out
}

// Has waits until a space has exactly these members.
func (d *Desk) Has(id wire.SpaceID, names ...string) {
	d.o.t.Helper()
	slices.Sort(names)
	d.o.Eventually(fmt.Sprintf("%s sees the members %v", d.Name, names), func() bool { return slices.Equal(d.Members(id), names) })
}

// Role of somebody in the workspace, as this device sees it; zero for nobody.
func (d *Desk) Role(name string) (role space.Role) {
	_ = d.Log.View(d.o.Workspace, func(s *space.State) {
		if m, ok := s.MemberOf(d.o.As(name).ID()); ok {
			role = m.Role
		}
	})
	return role
}

// Invites makes an invite link.
func (d *Desk) Invites(uses int, life time.Duration) (link string, id wire.InviteID) {
	d.o.t.Helper()
	ctx := context.Background()
	id, err := d.People.CreateInvite(ctx, d.o.Workspace, 0, life, uses)
	d.o.must(err, d.Name+" makes an invite")
	err = d.DB.Read().QueryRowContext(ctx, `SELECT link FROM peoplelocal_invite WHERE invite = ?`, id[:]).Scan(&link)
	d.o.must(err, "read the link")
	return link, id
}

// Joins by an invite link.
func (d *Desk) Joins(link string) {
	d.o.t.Helper()
	d.o.must(d.begins(link), d.Name+" joins")
	d.enters()
	d.o.introduce()
}

// TriesToJoin gives the reason why an invite link does not let in; "" when it does.
func (d *Desk) TriesToJoin(link string) errcode.Code {
	d.o.t.Helper()
	if err := d.begins(link); err != nil {
		code, _ := errcode.From(err)
		return code
	}
	d.o.Eventually(d.Name+" is told", func() bool { return d.People.CurrentJoin().State >= people.JoinDone })
	return d.People.CurrentJoin().Code
}

// begins asks again while the device is still sitting down.
func (d *Desk) begins(link string) (err error) {
	for range 100 {
		if err = d.People.JoinByInvite(link); !errors.Is(err, errcode.NotReady) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return err
}

// enters waits until our attempt to join has succeeded.
func (d *Desk) enters() {
	d.o.t.Helper()
	d.o.Eventually(d.Name+" is in", func() bool {
		a := d.People.CurrentJoin()
		if a.State == people.JoinFailed || a.State == people.JoinRefused {
			d.o.t.Fatalf("%s does not get in: %d %s", d.Name, a.State, a.Code)
		}
		return a.State == people.JoinDone
	})
}

// request of a newcomer as its host sees it.
func (d *Desk) request(newcomer *Desk) (r people.Request) {
	d.o.t.Helper()
	d.o.Eventually(d.Name+" sees the request of "+newcomer.Name, func() bool {
		for _, r = range d.People.Requests() {
			if r.Name == newcomer.Name {
				return true
			}
		}
		return false
	})
	return r
}

// Request of a newcomer, for tests that answer it themselves.
func (d *Desk) Request(newcomer string) people.Request { return d.request(d.o.As(newcomer)) }

// Typing names who is typing, as this device sees it.
func (d *Desk) Typing(id wire.SpaceID) (out []string) {
	for _, p := range d.Chat.Typing(id) {
		for _, x := range d.o.all() {
			if x.Person() == p {
				out = append(out, x.Name)
			}
		}
	}
	return out
}
