package proof

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/backend/api"
	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"

	"roundtable/app/proof/client"
)

// remoteTime bounds a story over relays: they run beside each other.
const remoteTime = 150 * time.Second

// newRemote is an office whose people listen nowhere: a relay is the only way
// from one to another. Its program is there before the story's time begins: on a
// machine that compiles everything for the first time it takes minutes.
func newRemote(t *testing.T, who ...string) *office {
	t.Helper()
	if _, err := relayProgram(); err != nil {
		t.Fatal(err)
	}
	o := officeFor(t, remoteTime)
	for _, w := range who {
		o.addresses[w] = "off"
	}
	return o
}

// depot is a relay of a story: whoever starts it again finds it at the same place.
type depot struct {
	*client.Relay
	o         *office
	listen    string
	arguments []string
	options   client.RelayOptions
	link      string
}

// relay starts one that serves this machine only.
func (o *office) relay(more ...string) *depot {
	o.Helper()
	return o.relayLogging(nil, more...)
}

// relayLogging is relay with all that it prints.
func (o *office) relayLogging(log io.Writer, more ...string) *depot {
	o.Helper()
	path, err := relayProgram()
	o.must(err)
	data, err := os.MkdirTemp(folder, "relay") // short: a socket's path is
	o.must(err)
	d := &depot{o: o, listen: o.free(), arguments: more, options: client.RelayOptions{Program: path, Data: data, Log: log}}
	o.Cleanup(func() {
		if d.Relay == nil {
			return
		}
		_ = d.Kill()
		if o.Failed() {
			o.Logf("the relay at %s logged:\n%s", d.listen, last(strings.ReplaceAll(d.Stderr(), d.link, "(link)"), 30))
		}
	})
	d.start()
	return d
}

// free finds a port below those that the system gives to outgoing connections:
// while a relay is away, nobody else shall have its place.
func (o *office) free() string {
	o.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 12_000+rand.IntN(16_000))
		if l, err := net.Listen("tcp4", address); err == nil {
			o.must(l.Close())
			return address
		}
	}
	o.Fatal("no free port")
	return ""
}

func (d *depot) start() {
	d.o.Helper()
	options := d.options
	options.Arguments = append([]string{"--listen", d.listen, "--public-host", "127.0.0.1", "--turn-listen", "off", "--drain", "2s"}, d.arguments...)
	r, err := client.StartRelay(d.o.ctx, options)
	if err != nil {
		d.o.Fatalf("the relay does not start: %v\n%s", err, r.Stderr())
	}
	d.Relay = r
	if r.Link != "" {
		d.link = r.Link
	}
}

// crew is a workspace that names relays; all but its founder come by a link,
// over the relays.
func (o *office) crew(relays []*depot, who ...string) (all []*client.Process, workspace string) {
	o.Helper()
	founder, workspace := o.founder(who[0])
	for _, d := range relays {
		o.names(founder, workspace, d)
	}
	o.connected(founder, workspace, len(relays))
	link, err := founder.Invite(o.ctx, workspace, 10)
	o.must(err)
	all = append(all, founder)
	for _, w := range who[1:] {
		p := o.newcomer(w)
		o.must(p.Join(o.ctx, link))
		o.connected(p, workspace, len(relays))
		all = append(all, p)
	}
	return all, workspace
}

// names adds a relay to a workspace.
func (o *office) names(p *client.Process, workspace string, d *depot) {
	o.Helper()
	_, err := p.Relay.AddRelay(o.ctx, &v1.AddRelayRequest{WorkspaceId: workspace, Link: d.link})
	o.must(err)
}

// connected waits until somebody is connected to so many relays.
func (o *office) connected(p *client.Process, workspace string, relays int) {
	o.Helper()
	o.must(p.Until(o.ctx, func(ctx context.Context) (bool, error) {
		got, err := p.Relay.Relays(ctx, &v1.RelaysRequest{WorkspaceId: workspace})
		n := 0
		for _, r := range got.GetRelays() {
			if r.State == v1.RelayState_RELAY_STATE_CONNECTED && r.ErrorCode == "" {
				n++
			}
		}
		return n == relays, err
	}))
}

// becomes waits until a message of one's own has a state.
func (o *office) becomes(p *client.Process, conversation, text string, state v1.DeliveryState) {
	o.Helper()
	var now v1.DeliveryState
	err := p.Until(o.ctx, func(ctx context.Context) (bool, error) {
		page, err := p.Chat.Messages(ctx, &v1.MessagesRequest{ConversationId: conversation})
		for _, m := range page.GetMessages() {
			if m.Text == text {
				now = m.State
			}
		}
		return now == state, err
	})
	if err != nil {
		o.Fatalf("%q is %s, not %s: %v", text, now, state, err)
	}
}

// shows waits until somebody has all the texts.
func (o *office) shows(p *client.Process, conversation string, texts ...string) {
	o.Helper()
	for _, text := range texts {
		if err := p.Shows(o.ctx, conversation, text); err != nil {
			o.Fatalf("%q does not come: %v", text, err)
		}
	}
}

// unheard is how long we look whether something comes that must not: what comes
// over a relay on this machine takes some milliseconds.
const unheard = 1500 * time.Millisecond

// hidden looks for a while whether texts come that must not; texts by conversation.
func (o *office) hidden(p *client.Process, texts map[string][]string) {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.ctx, unheard)
	defer cancel()
	_ = p.Until(ctx, func(ctx context.Context) (bool, error) {
		for conversation, hidden := range texts {
			page, err := p.Chat.Messages(ctx, &v1.MessagesRequest{ConversationId: conversation})
			if err != nil && ctx.Err() == nil && api.CodeOf(err) != errcode.NotFound {
				o.Error(err)
			}
			for _, m := range page.GetMessages() {
				if slices.Contains(hidden, m.Text) {
					o.Errorf("%q is shown to somebody who was removed", m.Text)
					return true, nil
				}
			}
		}
		return false, nil
	})
}

// poll asks now and then until it is so: for what is too dear to ask at every change.
func (o *office) poll(what string, ask func() bool) {
	o.Helper()
	for !ask() {
		select {
		case <-o.ctx.Done():
			o.Fatalf("%s: did not happen in time", what)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// member finds somebody's person ID by name.
func (o *office) member(p *client.Process, workspace, name string) string {
	o.Helper()
	all, err := p.People.Members(o.ctx, &v1.MembersRequest{WorkspaceId: workspace})
	o.must(err)
	for _, m := range all.Members {
		if m.Name == name {
			return m.PersonId
		}
	}
	o.Fatalf("%s is no member", name)
	return ""
}

// sends uploads a file and sends it.
func (o *office) sends(p *client.Process, conversation, name string, content []byte) {
	o.Helper()
	u, err := p.Chat.StartUpload(o.ctx, &v1.StartUploadRequest{ConversationId: conversation, Name: name, Size: int64(len(content))})
	o.must(err)
	u, err = p.Upload(o.ctx, u, content)
	o.must(err)
	_, err = p.Chat.Send(o.ctx, &v1.SendRequest{ConversationId: conversation, Text: name, UploadIds: []string{u.Id}})
	o.must(err)
}

// fetches fetches the only file of a conversation.
func (o *office) fetches(p *client.Process, conversation string) []byte {
	o.Helper()
	m, a := attachmentOf(o, p, conversation)
	if a == nil {
		o.Fatal("there is no attachment")
	}
	_, err := p.Chat.FetchAttachment(o.ctx, &v1.AttachmentRequest{ConversationId: conversation, MessageId: m.Id, Index: a.Index})
	o.must(err)
	o.must(p.Until(o.ctx, func(context.Context) (bool, error) {
		_, a = attachmentOf(o, p, conversation)
		if a.State == v1.AttachmentState_ATTACHMENT_STATE_FAILED {
			return false, fmt.Errorf("fetch: %s", a.ErrorCode)
		}
		return a.State == v1.AttachmentState_ATTACHMENT_STATE_HERE, nil
	}))
	out, err := p.Content(o.ctx, a)
	o.must(err)
	return out
}

// deposited waits until a relay keeps at least so many bytes.
func (o *office) deposited(d *depot, bytes int) {
	o.Helper()
	o.poll("deposit", func() bool {
		s, err := d.Stored(o.ctx)
		o.must(err)
		return s.Bytes >= int64(bytes) && s.Chunks > 0
	})
}

func stopAll(o *office, all ...*client.Process) {
	o.Helper()
	for _, p := range all {
		o.must(p.Stop())
	}
}
