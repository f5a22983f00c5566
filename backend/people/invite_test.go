package people

import (
	"errors"
	"strings"
	"testing"

	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

func anInvite() inviteLink {
	return inviteLink{Version: 1, Workspace: wire.SpaceID{1}, Seed: make([]byte, 32), Expires: 5, WorkspaceName: "远山", Inviter: "李",
		Device: wire.DeviceID{2}, Addresses: []string{"192.0.2.1:41000"}}
}

// FuzzInviteLink: a text is a link in its one form, or garbled.
func FuzzInviteLink(f *testing.F) {
	f.Add(anInvite().text())
	f.Add(anInvite().text()[:60])
	guests := anInvite()
	guests.into = intoMeeting
	f.Add(guests.text())
	f.Add(linkPrefix)
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := parseLink(text)
		if err != nil {
			if code, _ := errcode.From(err); code != errcode.InviteGarbled {
				t.Errorf("%v", err)
			}
			return
		}
		if l.text() != strings.Join(strings.Fields(text), "") {
			t.Errorf("%q reads as %q", text, l.text())
		}
		_ = l.secret().Public()
		if _, err := parseInvite(text); (err == nil) == (l.into == intoMeeting) {
			t.Errorf("into a workspace: %v", err)
		}
		if _, err := parseGuest(text); (err == nil) != (l.into == intoMeeting) {
			t.Errorf("as a guest: %v", err)
		}
	})
}

func TestLinks(t *testing.T) {
	change := func(f func(*inviteLink)) string {
		l := anInvite()
		f(&l)
		return l.text()
	}
	fine := anInvite().text()
	if l, err := parseInvite("  " + fine[:20] + "\r\n" + fine[20:]); err != nil || l.Expires != 5 || len(l.Addresses) != 1 {
		t.Errorf("%+v, %v", l, err)
	}
	for name, text := range map[string]string{
		"version":        change(func(l *inviteLink) { l.Version = 2 }),
		"seed":           change(func(l *inviteLink) { l.Seed = l.Seed[:31] }),
		"no name":        change(func(l *inviteLink) { l.WorkspaceName = "" }),
		"inviter":        change(func(l *inviteLink) { l.Inviter = strings.Repeat("x", wire.MaxName+1) }),
		"name with NUL":  change(func(l *inviteLink) { l.Inviter = "a\x00" }),
		"many addresses": change(func(l *inviteLink) { l.Addresses = make([]string, 33) }),
		"long":           change(func(l *inviteLink) { l.Addresses = []string{strings.Repeat("a", maxLink)} }),
		"changed":        fine[:40] + "A" + fine[41:],
		"cut":            fine[:len(fine)-1],
		"other scheme":   "http" + strings.TrimPrefix(fine, "roundtable"),
	} {
		if text == fine {
			text += "A"
		}
		if _, err := parseInvite(text); !errors.Is(err, errcode.InviteGarbled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzJoinMessage: a frame of a stranger decodes within limits or is refused, and
// what is computed from it computes.
func FuzzJoinMessage(f *testing.F) {
	id := wire.SpaceID{1}
	for _, m := range []joinMessage{
		{Hello: &struct{}{}}, {Offers: &joinList{Offers: []offer{{Workspace: id, Name: "远山", Members: 3}}}},
		{Ask: &ask{Workspace: id, Name: "王"}}, {Number: &number{}}, {Reveal: &number{Number: [32]byte{1}}},
		{Redeem: &redeem{Workspace: id, Proof: make([]byte, 64)}}, {Welcome: &welcome{Box: []byte{1}}}, {Sorry: &sorry{Code: "internal"}},
	} {
		f.Add(wire.MustEncode(m))
	}
	device := key.NewSigningKey().Public()
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m joinMessage
		if err := wire.DecodeLoose(raw, maxJoin, &m); err != nil {
			if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		if m.Sorry != nil && !sorryCodes[m.Sorry.code()] && m.Sorry.code() != errcode.JoinProtocol {
			t.Errorf("a reason of the other side's making: %q", m.Sorry.code())
		}
		if m.Offers != nil {
			for _, o := range m.Offers.Offers {
				checkOffer(o)
			}
		}
		if m.Ask != nil {
			if checkParty(m.Ask.Party, device) == nil {
				t.Error("somebody else's certificates name our device")
			}
			_ = commit([32]byte{}, m.Ask.Workspace, m.Ask.Party)
			if d := digits([32]byte{}, [32]byte{}, device, device, m.Ask.Workspace, m.Ask.Party); len(d) != 6 {
				t.Errorf("digits %q", d)
			}
		}
	})
}
