package proof

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"roundtable/backend/api"
	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"

	"roundtable/app/proof/client"
)

// partners is a circle of li's workspace, to which wang belongs as well, and of gu's; a relay is all that is between them.
type partners struct {
	*office
	li, wang, gu         *client.Process
	ours, theirs, circle string
}

// TestACircleOverARelay: a partner comes by a link where nothing but a relay connects the two workspaces. What people do in
// conversations they do there, too; a kill loses nothing, and after a repair the circle comes back from the partner alone.
func TestACircleOverARelay(t *testing.T) {
	t.Parallel()
	o := newRemote(t, "li", "wang", "gu")
	r := o.relay()
	all, ours := o.crew([]*depot{r}, "li", "wang")
	p := &partners{office: o, li: all[0], wang: all[1], ours: ours}
	p.comes()
	p.ruled()
	p.urgent()
	p.thread()
	p.later()
	p.repaired()
	stopAll(o, p.li, p.wang, p.gu)
	o.sound("li", "wang", "gu")
}

// comes: li begins the circle, and gu comes by a link from a workspace of its own.
func (p *partners) comes() {
	p.Helper()
	p.gu = p.newcomer("gu")
	w, err := p.gu.People.CreateWorkspace(p.ctx, &v1.CreateWorkspaceRequest{Name: "临江家具"})
	p.must(err)
	p.theirs = w.Id
	c, err := p.li.Circles.CreateCircle(p.ctx, &v1.CreateCircleRequest{WorkspaceId: p.ours, Name: "展厅采购"})
	p.must(err)
	p.circle = c.Id
	p.says(p.li, p.circle, "以后在这里说")
	link, err := p.li.Circles.InviteToCircle(p.ctx, &v1.InviteToCircleRequest{CircleId: p.circle, ForName: "顾先生"})
	p.must(err)
	if len(link.RelayHosts) != 1 {
		p.Fatalf("the link names %v", link.RelayHosts)
	}
	_, err = p.gu.Circles.JoinCircle(p.ctx, &v1.JoinCircleRequest{Link: link.Link, WorkspaceId: p.theirs})
	p.must(err)
	p.must(p.gu.Joined(p.ctx))
	p.shows(p.gu, p.circle, "以后在这里说")
	p.says(p.gu, p.circle, "样品周三到")
	p.shows(p.li, p.circle, "样品周三到")
	if _, err := p.wang.Chat.Messages(p.ctx, &v1.MessagesRequest{ConversationId: p.circle}); err == nil {
		p.Error("wang, who is not in it, has the circle")
	}
	if _, err := p.gu.Chat.Messages(p.ctx, &v1.MessagesRequest{ConversationId: p.ours}); err == nil {
		p.Error("gu has the workspace of its partners")
	}
}

func (p *partners) set(r *v1.GroupRules) {
	p.Helper()
	_, err := p.li.Conversations.SetGroupRules(p.ctx, &v1.SetGroupRulesRequest{ConversationId: p.circle, Rules: r})
	p.must(err)
	p.must(p.gu.Until(p.ctx, func(ctx context.Context) (bool, error) {
		c := p.listed(p.gu, p.theirs)
		return c != nil && c.Rules.GetManagersPost() == r.ManagersPost && c.Rules.GetManagersAdd() == r.ManagersAdd, nil
	}))
}

func (p *partners) listed(who *client.Process, workspace string) *v1.Conversation {
	p.Helper()
	all, err := who.Chat.Conversations(p.ctx, &v1.ConversationsRequest{WorkspaceId: workspace})
	p.must(err)
	for _, c := range all.Conversations {
		if c.Id == p.circle {
			return c
		}
	}
	return nil
}

// ruled: who writes and who lets in is set as in a group.
func (p *partners) ruled() {
	p.Helper()
	p.set(&v1.GroupRules{ManagersPost: true, ManagersAdd: true})
	if _, err := p.gu.Chat.Send(p.ctx, &v1.SendRequest{ConversationId: p.circle, Text: "可以吗"}); api.CodeOf(err) != errcode.PostForbidden {
		p.Errorf("gu writes where only managers do: %v", err)
	}
	if _, err := p.gu.Circles.InviteToCircle(p.ctx, &v1.InviteToCircleRequest{CircleId: p.circle}); api.CodeOf(err) != errcode.Forbidden {
		p.Errorf("gu makes a link where only managers do: %v", err)
	}
	p.set(&v1.GroupRules{})
}

// urgent: a partner's notice comes before its people, is listed in their own workspace, and says that it is of somebody external.
func (p *partners) urgent() {
	p.Helper()
	sent, err := p.gu.Ding.Send(p.ctx, &v1.SendDingRequest{ConversationId: p.circle, Text: "车在门口，请开门", ToAll: true})
	p.must(err)
	var got *v1.Ding
	p.must(p.li.Until(p.ctx, func(ctx context.Context) (bool, error) {
		all, err := p.li.Ding.Waiting(ctx, &v1.WaitingDingsRequest{})
		if err == nil && len(all.Dings) == 1 {
			got = all.Dings[0]
		}
		return got != nil, err
	}))
	if got.WorkspaceId != p.ours || !got.IsExternal || !got.Rings || got.PersonName != "gu" || got.ConversationName != "展厅采购" {
		p.Errorf("before li stands %v", got)
	}
	_, err = p.li.Ding.Confirm(p.ctx, &v1.DingName{Id: got.Id})
	p.must(err)
	p.must(p.gu.Until(p.ctx, func(ctx context.Context) (bool, error) {
		x, err := p.gu.Ding.Show(ctx, &v1.DingName{Id: sent.Id})
		return err == nil && x.Confirmed == 1 && x.Receipts[0].IsExternal, err
	}))
	for who, at := range map[*client.Process]*v1.DingsRequest{
		p.li: {WorkspaceId: p.ours, Box: v1.DingBox_DING_BOX_RECEIVED}, p.gu: {WorkspaceId: p.theirs, Box: v1.DingBox_DING_BOX_SENT},
	} {
		all, err := who.Ding.Dings(p.ctx, at)
		p.must(err)
		if len(all.Dings) != 1 {
			p.Errorf("%v lists %v", at, all.Dings)
		}
	}
}

func (p *partners) find(who *client.Process, is func(*v1.Message) bool) (found *v1.Message) {
	p.Helper()
	p.must(who.Until(p.ctx, func(ctx context.Context) (bool, error) {
		page, err := who.Chat.Messages(ctx, &v1.MessagesRequest{ConversationId: p.circle})
		if err != nil {
			return false, err
		}
		if i := slices.IndexFunc(page.Messages, is); i >= 0 {
			found = page.Messages[i]
		}
		return found != nil, nil
	}))
	return found
}

func says(text string) func(*v1.Message) bool {
	return func(m *v1.Message) bool { return m.Text == text }
}

// thread: a reply stands aside, a message is pinned and recalled, a file goes over the relay.
func (p *partners) thread() {
	p.Helper()
	begun := p.find(p.gu, says("以后在这里说"))
	reply, err := p.gu.Chat.Send(p.ctx, &v1.SendRequest{ConversationId: p.circle, Text: "在讨论里", ThreadId: begun.Id})
	p.must(err)
	p.must(p.li.Until(p.ctx, func(ctx context.Context) (bool, error) {
		t, err := p.li.Threads.Thread(ctx, &v1.ThreadRequest{ConversationId: p.circle, ThreadId: p.find(p.li, says("以后在这里说")).Id})
		return err == nil && len(t.Messages) == 1 && t.Messages[0].Text == "在讨论里", err
	}))
	_, err = p.gu.Chat.Pin(p.ctx, &v1.PinRequest{ConversationId: p.circle, MessageId: begun.Id, On: true})
	p.must(err)
	_, err = p.gu.Chat.Recall(p.ctx, &v1.MessageName{ConversationId: p.circle, MessageId: reply.Id})
	p.must(err)
	p.must(p.li.Until(p.ctx, func(ctx context.Context) (bool, error) {
		pinned, err := p.li.Chat.Pinned(ctx, &v1.PinnedRequest{ConversationId: p.circle})
		if err != nil {
			return false, err
		}
		t, err := p.li.Threads.Thread(ctx, &v1.ThreadRequest{ConversationId: p.circle, ThreadId: p.find(p.li, says("以后在这里说")).Id})
		return err == nil && len(pinned.Pinned) == 1 && (len(t.Messages) == 0 || t.Messages[0].Recalled != nil), err
	}))
	content := bytes.Repeat([]byte("图纸"), 300_000)
	p.sends(p.li, p.circle, "一层.dwg", content)
	p.shows(p.gu, p.circle, "一层.dwg")
	if got := p.fetches(p.gu, p.circle); !bytes.Equal(got, content) {
		p.Errorf("%d bytes came", len(got))
	}
}

// later: a message with a file waits over a kill, and is sent once.
func (p *partners) later() {
	p.Helper()
	content := []byte("报价,单位\n12,元\n")
	u, err := p.gu.Chat.StartUpload(p.ctx, &v1.StartUploadRequest{ConversationId: p.circle, Name: "报价.csv", Size: int64(len(content))})
	p.must(err)
	u, err = p.gu.Upload(p.ctx, u, content)
	p.must(err)
	_, err = p.gu.Scheduled.Schedule(p.ctx, &v1.ScheduleRequest{AtUnixMs: time.Now().Add(2 * time.Second).UnixMilli(),
		Message: &v1.SendRequest{ConversationId: p.circle, Text: "报价在附件", UploadIds: []string{u.Id}}})
	p.must(err)
	p.must(p.gu.Kill())
	p.gu = p.start("gu")
	m := p.find(p.li, says("报价在附件"))
	if len(m.Attachments) != 1 || m.Attachments[0].Name != "报价.csv" {
		p.Errorf("it came with %v", m.Attachments)
	}
	all, err := p.li.All(p.ctx, p.circle)
	p.must(err)
	if n := len(slices.DeleteFunc(all, func(m *v1.Message) bool { return m.Text != "报价在附件" })); n != 1 {
		p.Errorf("it came %d times", n)
	}
	left, err := p.gu.Scheduled.List(p.ctx, &v1.ScheduledListRequest{ConversationId: p.circle})
	p.must(err)
	if len(left.Scheduled) != 0 {
		p.Errorf("still scheduled: %v", left.Scheduled)
	}
}

// repaired: li's database is damaged. The workspace comes back from wang, the circle from gu, whom only the relay connects;
// it is shown in the workspace again.
func (p *partners) repaired() {
	p.Helper()
	p.must(p.li.Stop())
	damage(p.office, "li", damages["cut to none"])
	p.li = p.start("li")
	damaged(p.office, p.li)
	_, err := p.li.System.Repair(p.ctx, &v1.RepairRequest{})
	p.must(err)
	p.shows(p.li, p.circle, "以后在这里说", "样品周三到", "车在门口，请开门")
	p.must(p.li.Until(p.ctx, func(ctx context.Context) (bool, error) {
		all, err := p.li.People.Workspaces(ctx, &v1.WorkspacesRequest{})
		if err != nil || len(all.Workspaces) != 1 {
			return false, err
		}
		c := p.listed(p.li, p.ours)
		s, err := p.li.System.Status(ctx, &v1.StatusRequest{})
		return c != nil && c.ExternalCount == 1 && !slices.Contains(s.GetWarnings(), string(errcode.HistoryAwaited)), err
	}))
	p.says(p.li, p.circle, "我回来了")
	p.shows(p.gu, p.circle, "我回来了")
}
