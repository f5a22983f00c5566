package proof

import (
	"bytes"
	"context"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

const (
	atRelay   = v1.DeliveryState_DELIVERY_STATE_AT_RELAY
	delivered = v1.DeliveryState_DELIVERY_STATE_DELIVERED
	read      = v1.DeliveryState_DELIVERY_STATE_READ
)

// TestOverARelay: three people whom nothing but a relay connects. They join by
// link and talk; what is begun while somebody is away waits at the relay, files
// included, also when its author is gone by then; who is removed gets no more.
func TestOverARelay(t *testing.T) {
	t.Parallel()
	o := newRemote(t, "li", "wang", "chen")
	r := o.relay()
	all, workspace := o.crew([]*depot{r}, "li", "wang", "chen")
	li, wang, chen := all[0], all[1], all[2]
	talkOver(o, li, wang, chen, workspace)

	stopAll(o, wang, chen)
	file := fileOf(5<<20 + 77)
	away := begins(o, li, workspace, file)
	o.deposited(r, len(file))
	o.must(li.Stop()) // from here on only the relay has it

	wang = o.start("wang")
	o.shows(wang, workspace, "不在", "a.bin")
	o.shows(wang, away.group, "小组里说")
	o.shows(wang, away.direct, "只对你说")
	if got := o.fetches(wang, workspace); !bytes.Equal(got, file) {
		t.Errorf("%d bytes came, other ones", len(got))
	}
	o.says(wang, away.direct, "收到了")
	o.becomes(wang, away.direct, "收到了", atRelay)
	chen = o.start("chen")
	o.shows(chen, workspace, "不在")
	o.shows(chen, away.group, "小组里说")
	if _, err := chen.Chat.Messages(o.ctx, &v1.MessagesRequest{ConversationId: away.direct}); err == nil {
		t.Error("chen has what was said to wang")
	}
	li = o.start("li")
	o.shows(li, away.direct, "收到了")
	o.becomes(li, workspace, "不在", delivered)
	o.becomes(li, away.group, "小组里说", delivered)

	wang = removed(o, li, wang, chen, workspace, away.group)
	unnamed(o, li, chen, workspace)
	stopAll(o, li, wang, chen)
	o.must(r.Stop())
	o.sound("li", "wang", "chen")
}

// talkOver is a conversation of people who are there.
func talkOver(o *office, li, wang, chen *client.Process, workspace string) {
	o.Helper()
	o.says(li, workspace, "你好")
	o.shows(wang, workspace, "你好")
	o.shows(chen, workspace, "你好")
	o.says(wang, workspace, "你好你好")
	o.shows(li, workspace, "你好你好")
	o.shows(chen, workspace, "你好你好")
	o.becomes(li, workspace, "你好", delivered)
	all, err := wang.All(o.ctx, workspace)
	o.must(err)
	_, err = wang.Chat.MarkRead(o.ctx, &v1.MarkReadRequest{ConversationId: workspace, MessageId: all[len(all)-1].Id})
	o.must(err)
	o.becomes(li, workspace, "你好", read)
	o.must(wang.Until(o.ctx, func(ctx context.Context) (bool, error) {
		got, err := wang.System.Connections(ctx, &v1.ConnectionsRequest{})
		for _, c := range got.GetConnections() {
			if c.Via != "relayed" {
				o.Errorf("connected to %s by %q", c.PersonName, c.Via)
			}
		}
		return len(got.GetConnections()) == 2, err
	}))
}

// begun are conversations that were begun while the others were away.
type begun struct{ group, direct string }

func begins(o *office, li *client.Process, workspace string, file []byte) (out begun) {
	o.Helper()
	o.says(li, workspace, "不在")
	wang, chen := o.member(li, workspace, "wang"), o.member(li, workspace, "chen")
	group, err := li.Chat.CreateGroup(o.ctx, &v1.CreateGroupRequest{WorkspaceId: workspace, Name: "小组", PersonIds: []string{wang, chen}})
	o.must(err)
	o.says(li, group.Id, "小组里说")
	direct, err := li.Chat.OpenDirect(o.ctx, &v1.OpenDirectRequest{WorkspaceId: workspace, PersonId: wang})
	o.must(err)
	o.says(li, direct.Id, "只对你说")
	o.sends(li, workspace, "a.bin", file)
	o.becomes(li, workspace, "不在", atRelay)
	o.becomes(li, group.Id, "小组里说", atRelay)
	o.becomes(li, direct.Id, "只对你说", atRelay)
	o.becomes(li, workspace, "a.bin", atRelay)
	return begun{group.Id, direct.Id}
}

// removed: wang is removed and gets nothing that is said afterwards, neither now
// nor after a restart; the others go on.
func removed(o *office, li, wang, chen *client.Process, workspace, group string) *client.Process {
	o.Helper()
	_, err := li.People.RemoveMember(o.ctx, &v1.RemoveMemberRequest{WorkspaceId: workspace, PersonId: o.member(li, workspace, "wang")})
	o.must(err)
	o.says(li, workspace, "只给留下的人")
	o.says(li, group, "小组也是")
	o.shows(chen, workspace, "只给留下的人")
	o.shows(chen, group, "小组也是")
	secret := map[string][]string{workspace: {"只给留下的人", "还是只给留下的人"}, group: {"小组也是"}}
	o.hidden(wang, secret)
	o.must(wang.Stop())
	o.says(li, workspace, "还是只给留下的人")
	o.shows(chen, workspace, "还是只给留下的人")
	wang = o.start("wang")
	o.must(wang.Until(o.ctx, func(ctx context.Context) (bool, error) { // told of the removal, or at the relay again
		mine, err := wang.People.Workspaces(ctx, &v1.WorkspacesRequest{})
		if err != nil || !mine.Workspaces[0].Active {
			return err == nil, err
		}
		relays, err := wang.Relay.Relays(ctx, &v1.RelaysRequest{WorkspaceId: workspace})
		return len(relays.GetRelays()) == 1 && relays.Relays[0].State == v1.RelayState_RELAY_STATE_CONNECTED, err
	}))
	o.hidden(wang, secret)
	return wang
}

// unnamed: the only relay is taken off, and who is connected to nothing else hears
// of it all the same.
func unnamed(o *office, li, chen *client.Process, workspace string) {
	o.Helper()
	got, err := li.Relay.Relays(o.ctx, &v1.RelaysRequest{WorkspaceId: workspace})
	o.must(err)
	_, err = li.Relay.RemoveRelay(o.ctx, &v1.RemoveRelayRequest{WorkspaceId: workspace, RelayId: got.Relays[0].Id})
	o.must(err)
	o.connected(li, workspace, 0)
	o.must(chen.Until(o.ctx, func(ctx context.Context) (bool, error) {
		got, err := chen.Relay.Relays(ctx, &v1.RelaysRequest{WorkspaceId: workspace})
		return err == nil && len(got.Relays) == 0, err
	}))
}
