package chat_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

func (w teller) conversations() chat.ConversationAPI {
	return chat.NewConversationAPI(func() (*chat.Chat, error) { return w.Chat, nil })
}

// row is the conversation as the list shows it; nil while it is not there.
func (w teller) row() *v1.Conversation {
	w.t.Helper()
	r, err := w.API().Conversations(background, &v1.ConversationsRequest{WorkspaceId: w.o.Workspace.String()})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range r.Conversations {
		if v.Id == w.in.String() {
			return v
		}
	}
	return nil
}

// becomes waits until the conversation is so.
func (w teller) becomes(what string, is func(*v1.Conversation) bool) {
	w.t.Helper()
	w.o.Eventually(w.Name+": "+what, func() bool {
		v := w.row()
		return v != nil && is(v)
	})
}

func (w teller) at(id wire.SpaceID) teller { w.in = id; return w }

// groupOf is a group of three that li owns.
func groupOf(t *testing.T, seed uint64) (li, wang, chen teller) {
	li, wang, chen = threeOf(t, seed)
	id := li.Group("值班", "wang", "chen")
	li, wang, chen = li.at(id), wang.at(id), chen.at(id)
	for _, w := range []teller{wang, chen} {
		w.o.Eventually(w.Name+" is in the group", func() bool { return slices.Contains(w.Members(id), "li") })
		w.becomes("its name is known", func(v *v1.Conversation) bool { return v.Name == "值班" })
	}
	return li, wang, chen
}

// Where only managers post, what others write counts nowhere: not where it was
// written by a program that does not ask, and in no order of arrival.
func TestOnlyManagersPost(t *testing.T) {
	li, wang, chen := groupOf(t, 71)
	wang.says(&v1.SendRequest{Text: "以前说的"})
	chen.gets("以前说的")
	_, err := wang.conversations().SetGroupRules(background, &v1.SetGroupRulesRequest{ConversationId: wang.in.String(), Rules: &v1.GroupRules{ManagersPost: true}})
	li.o.Fails(err, errcode.Forbidden, "a member sets rules")
	if _, err := li.conversations().SetGroupRules(background, &v1.SetGroupRulesRequest{ConversationId: li.in.String(), Rules: &v1.GroupRules{ManagersPost: true}}); err != nil {
		t.Fatal(err)
	}
	wang.becomes("it is for announcements", func(v *v1.Conversation) bool { return v.Rules.ManagersPost && !v.MayPost && v.CanWrite })
	_, err = wang.tries(&v1.SendRequest{Text: "不该有的"})
	li.o.Fails(err, errcode.PostForbidden, "a member posts")
	li.says(&v1.SendRequest{Text: "周五停电"})
	wang.gets("周五停电")
	if _, err := wang.API().SetReaction(background, &v1.SetReactionRequest{ConversationId: wang.in.String(), MessageId: wang.gets("周五停电").Id, Emoji: "👌", On: true}); err != nil {
		t.Errorf("a member reacts: %v", err)
	}
	// A program that does not ask writes all the same.
	wang.smuggles("偷偷说的")
	wang.reaches(chen)
	chen.becomes("nothing of it is unread", func(v *v1.Conversation) bool { return v.LastMessage.Text == "周五停电" })
	for _, w := range []teller{li, wang, chen} {
		if texts := w.Texts(w.in); slices.Contains(texts, "偷偷说的") || !slices.Contains(texts, "以前说的") {
			t.Errorf("%s sees %q", w.Name, texts)
		}
	}
	// Where that is allowed, everybody answers in threads, and nowhere else.
	if _, err := li.conversations().SetGroupRules(background, &v1.SetGroupRulesRequest{ConversationId: li.in.String(), Rules: &v1.GroupRules{ManagersPost: true, AllReply: true}}); err != nil {
		t.Fatal(err)
	}
	wang.becomes("answers are allowed", func(v *v1.Conversation) bool { return v.MayReply && !v.MayPost })
	under := wang.gets("周五停电").Id
	wang.says(&v1.SendRequest{Text: "几点？", ThreadId: under})
	_, err = wang.tries(&v1.SendRequest{Text: "大家都看", ThreadId: under, AlsoShow: true})
	li.o.Fails(err, errcode.PostForbidden, "an answer that stands in the conversation as well")
	for _, w := range []teller{li, chen} {
		w.o.Eventually(w.Name+" takes the answer, and still not what was smuggled", func() bool {
			var answers, barred int
			err := w.DB.Read().QueryRow(`SELECT (SELECT count(*) FROM chat_thread t WHERE NOT EXISTS(SELECT 1 FROM chat_changed g WHERE g.feed = t.feed AND g.seq = t.seq)),
				(SELECT count(*) FROM chat_changed)`).Scan(&answers, &barred)
			return err == nil && answers == 1 && barred == 1
		})
	}
	// Who becomes a manager may, and what was smuggled before is then a manager's.
	if _, err := li.conversations().SetGroupRole(background, &v1.SetGroupRoleRequest{ConversationId: li.in.String(), PersonId: wang.Person().String(), Role: v1.Role_ROLE_ADMIN}); err != nil {
		t.Fatal(err)
	}
	wang.becomes("wang manages", func(v *v1.Conversation) bool { return v.MayPost && v.MyRole == v1.Role_ROLE_ADMIN })
	wang.says(&v1.SendRequest{Text: "我来通知"})
	chen.gets("我来通知")
	li.o.Settles()
}

// smuggles writes a message as a program would that asks nobody.
func (w teller) smuggles(words string) {
	w.t.Helper()
	if _, err := w.Log.Append(background, w.in, eventlog.Draft{Kind: chat.MessagePosted, Body: text(words)}); err != nil {
		w.t.Fatal(err)
	}
}

// reaches waits until another device holds all that this one does.
func (w teller) reaches(other teller) {
	w.t.Helper()
	w.o.Eventually(other.Name+" holds what "+w.Name+" wrote", func() bool { return w.Log.Digest(w.in) == other.Log.Digest(w.in) })
}

// Roles, and who may do what with them; a removed member reads nothing new and is told.
func TestRolesInAGroup(t *testing.T) {
	li, wang, chen := groupOf(t, 72)
	id := func(w teller) string { return w.Person().String() }
	to := li.in.String()
	_, err := wang.conversations().RemoveFromGroup(background, &v1.RemoveFromGroupRequest{ConversationId: to, PersonId: id(chen)})
	li.o.Fails(err, errcode.Forbidden, "a member removes")
	_, err = wang.conversations().SetGroupRole(background, &v1.SetGroupRoleRequest{ConversationId: to, PersonId: id(wang), Role: v1.Role_ROLE_ADMIN})
	li.o.Fails(err, errcode.Forbidden, "a member promotes itself")
	if _, err := li.conversations().RemoveFromGroup(background, &v1.RemoveFromGroupRequest{ConversationId: to, PersonId: id(chen)}); err != nil {
		t.Fatal(err)
	}
	chen.becomes("chen was taken out", func(v *v1.Conversation) bool { return !v.CanWrite && !v.Kept.Left })
	li.says(&v1.SendRequest{Text: "陈看不到"})
	wang.gets("陈看不到")
	if slices.Contains(chen.Texts(chen.in), "陈看不到") {
		t.Error("a removed member reads on")
	}
	// The owner hands over while leaving, and comes back by invitation.
	r, err := li.conversations().Leave(background, &v1.LeaveRequest{ConversationId: to, HeirPersonId: id(wang)})
	if err != nil || !r.Kept.Left || r.CanWrite {
		t.Fatalf("li leaves: %v %v", r, err)
	}
	wang.becomes("wang owns it", func(v *v1.Conversation) bool { return v.MyRole == v1.Role_ROLE_OWNER })
	if !slices.Contains(li.Texts(li.in), "陈看不到") {
		t.Error("what li had is gone")
	}
	wang.Adds(wang.in, "li", "chen")
	li.becomes("li is back", func(v *v1.Conversation) bool { return v.CanWrite && !v.Kept.Left && v.MyRole == v1.Role_ROLE_MEMBER })
	wang.says(&v1.SendRequest{Text: "都回来了"})
	li.gets("都回来了")
	chen.gets("都回来了")
	all, err := wang.conversations().GroupMembers(background, &v1.GroupMembersRequest{ConversationId: to})
	if err != nil || len(all.Members) != 3 || all.Members[0].PersonId != id(wang) || !all.Members[1].CanRemove || all.Members[0].CanRemove {
		t.Errorf("members %v %v", all, err)
	}
	if _, err := wang.conversations().TransferGroup(background, &v1.TransferGroupRequest{ConversationId: to, PersonId: id(li)}); err != nil {
		t.Fatal(err)
	}
	li.becomes("li owns it again", func(v *v1.Conversation) bool { return v.MyRole == v1.Role_ROLE_OWNER })
	wang.becomes("wang is an admin", func(v *v1.Conversation) bool { return v.MyRole == v1.Role_ROLE_ADMIN })
	_, err = wang.conversations().SetGroupRole(background, &v1.SetGroupRoleRequest{ConversationId: to, PersonId: id(li), Role: v1.Role_ROLE_MEMBER})
	li.o.Fails(err, errcode.Forbidden, "an admin lowers the owner")
	li.o.Settles()
}

func square(side int, opaque bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	rnd := rand.New(rand.NewPCG(5, uint64(side)))
	for i := range m.Pix {
		m.Pix[i] = uint8(rnd.Uint32())
		if opaque && i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

func pngOf(m image.Image) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.Bytes()
}

func jpegOf(m image.Image) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, &jpeg.Options{Quality: 80})
	return b.Bytes()
}

// A picture is drawn anew on both sides, and what is no small square picture is refused.
func TestPictureOfAGroup(t *testing.T) {
	li, wang, _ := groupOf(t, 73)
	set := func(w teller, raw []byte) error {
		_, err := w.conversations().SetPicture(background, &v1.SetPictureRequest{ConversationId: w.in.String(), Picture: raw})
		return err
	}
	wide := image.NewNRGBA(image.Rect(0, 0, 64, 32))
	for name, raw := range map[string][]byte{
		"svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), "wide": pngOf(wide), "small": pngOf(square(8, true)), "large": jpegOf(square(1024, true)),
		"cut": pngOf(square(64, true))[:200], "gif": []byte("GIF89a\x40\x00\x40\x00"), "text": []byte("x"),
	} {
		if err := set(li, raw); err == nil {
			t.Errorf("%s became a picture", name)
		}
	}
	secret := []byte("Exif\x00\x00 31.2304,121.4737")
	raw := jpegOf(square(256, true))
	raw = slices.Concat(raw[:2], []byte{0xff, 0xe1, 0, byte(len(secret) + 2)}, secret, raw[2:])
	if err := set(wang, raw); err != nil {
		t.Fatal(err)
	}
	li.becomes("it has a picture", func(v *v1.Conversation) bool { return v.Picture != "" })
	got, err := li.conversations().Picture(background, &v1.PictureRequest{ConversationId: li.in.String()})
	if err != nil || got.MediaType != "image/jpeg" || bytes.Contains(got.Picture, []byte("121.4737")) || len(got.Picture) > 64<<10 {
		t.Fatalf("picture of %d bytes, %s: %v", len(got.GetPicture()), got.GetMediaType(), err)
	}
	if _, err := li.conversations().SetGroupRules(background, &v1.SetGroupRulesRequest{ConversationId: li.in.String(), Rules: &v1.GroupRules{ManagersDescribe: true, ManagersAdd: true}}); err != nil {
		t.Fatal(err)
	}
	wang.becomes("only managers describe", func(v *v1.Conversation) bool { return !v.MayDescribe && !v.CanManage })
	li.o.Fails(set(wang, nil), errcode.Forbidden, "a member takes the picture away")
	_, err = wang.API().RenameGroup(background, &v1.RenameGroupRequest{ConversationId: wang.in.String(), Name: "别的"})
	li.o.Fails(err, errcode.Forbidden, "a member renames")
	_, err = li.conversations().Describe(background, &v1.DescribeRequest{ConversationId: li.in.String(), Topic: " 交接班、停电通知 "})
	if err != nil {
		t.Fatal(err)
	}
	wang.becomes("it has a topic", func(v *v1.Conversation) bool { return v.Topic == "交接班、停电通知" })
	if err := set(li, nil); err != nil {
		t.Fatal(err)
	}
	wang.becomes("the picture is gone", func(v *v1.Conversation) bool { return v.Picture == "" })
	_, err = wang.conversations().Picture(background, &v1.PictureRequest{ConversationId: wang.in.String()})
	li.o.Fails(err, errcode.NotFound, "a picture that is gone")
	li.o.Settles()
}

// Rules, names, topics, pictures and messages give the same tables in whatever order
// they come. (Roles that become known last: package testspace.)
func TestRulesInAnyOrder(t *testing.T) {
	people := []string{"li", "wang", "chen"}
	picture := pngOf(image.NewNRGBA(image.Rect(0, 0, 16, 16)))
	barred := 0
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		var feeds [3][]func(*testspace.Bench)
		stamp := 100
		for n := range 90 {
			who := rnd.IntN(3)
			stamp += rnd.IntN(3)
			kind, body := "message_posted", any(text(fmt.Sprint(people[who], n)))
			switch rnd.IntN(9) {
			case 0, 1:
				kind, body = "group_ruled", map[int]int{}
				for _, rule := range []int{1, 3, 4, 6} {
					if rnd.IntN(2) == 0 {
						body.(map[int]int)[rule] = 1
					}
				}
			case 2:
				kind, body = "group_named", text(fmt.Sprint("群 ", n))
			case 3:
				kind, body = "group_described", text(fmt.Sprint("关于 ", n))
			case 4:
				kind, body = "group_pictured", map[int][]byte{1: picture}
			case 5:
				kind, body = "message_recalled", deed(people[who], rnd.Uint64N(uint64(len(feeds[who])+1))+1)
			}
			line := fmt.Sprintf("G %s@1:%d %d chat.%s", people[who], len(feeds[who])+1, stamp, kind)
			feeds[who] = append(feeds[who], func(b *testspace.Bench) { b.Takes(b.Event(line, body)) })
		}
		want := ""
		for order := range 5 {
			b := testspace.NewBench(t, chat.NewProjection(testspace.Person("li")))
			b.Do(func(tx *store.Tx) (err error) {
				for _, who := range people[:2] {
					space, person := testspace.Space("G"), testspace.Person(who)
					_, e := tx.Exec(`INSERT INTO chat_admin VALUES(?, ?)`, space[:], person[:])
					err = errors.Join(err, e)
				}
				return err
			})
			next := [3]int{}
			for left := 90; left > 0; {
				if who := rnd.IntN(3); next[who] < len(feeds[who]) {
					feeds[who][next[who]](b)
					next[who]++
					left--
				}
			}
			got := b.Rows(tables...)
			if order == 0 {
				want = got
			} else if diff := testspace.Differ(want, got); diff != "" {
				t.Fatalf("seed %d, order %d: %s", seed, order, diff)
			}
		}
		barred += strings.Count(want, "edited=0 recaller= ")
	}
	if barred < 10 {
		t.Fatalf("%d messages judged", barred)
	}
}
