package proof

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

func fileOf(size int) []byte {
	out := make([]byte, size)
	r := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = r.Read(out)
	return out
}

// attachmentOf finds the only file of a conversation.
func attachmentOf(o *office, p *client.Process, conversation string) (m *v1.Message, a *v1.Attachment) {
	o.Helper()
	all, err := p.All(o.ctx, conversation)
	o.must(err)
	for _, x := range all {
		for _, y := range x.Attachments {
			if a != nil {
				o.Fatal("sent more than once")
			}
			m, a = x, y
		}
	}
	return m, a
}

// TestKilledWithFiles: kill -9 at random moments while a file is uploaded, and
// again while it is fetched. What was answered for is there after the next start,
// the rest goes on, and in the end both sides have the same bytes.
func TestKilledWithFiles(t *testing.T) {
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	o := newOffice(t)
	li, wang, workspace := o.pair()
	data := fileOf(24<<20 + 77)
	u, err := li.Chat.StartUpload(o.ctx, &v1.StartUploadRequest{ConversationId: workspace, Name: "a.bin", Size: int64(len(data))})
	o.must(err)
	for range rounds {
		broken, before, from := make(chan *v1.Upload), li, u
		go func() { last, _ := before.Upload(o.ctx, from, data); broken <- last }()
		time.Sleep(time.Duration(random.IntN(150)) * time.Millisecond)
		o.must(li.Kill())
		answered := (<-broken).Received
		li = o.start("li")
		got, err := li.Chat.Uploads(o.ctx, &v1.UploadsRequest{ConversationId: workspace})
		o.must(err)
		if len(got.Uploads) != 1 || got.Uploads[0].Received < answered {
			t.Fatalf("answered for %d bytes, has %v", answered, got.Uploads)
		}
		u = got.Uploads[0]
	}
	u, err = li.Upload(o.ctx, u, data)
	o.must(err)
	send := &v1.SendRequest{ConversationId: workspace, Nonce: "once", UploadIds: []string{u.Id}}
	before := li
	go func() { _, _ = before.Chat.Send(o.ctx, send) }()
	time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
	o.must(li.Kill())
	li = o.start("li")
	_, err = li.Chat.Send(o.ctx, send) // the message or its uploads are there, never neither
	o.must(err)
	_, a := attachmentOf(o, li, workspace)
	if got, err := li.Content(o.ctx, a); err != nil || !bytes.Equal(got, data) {
		t.Fatalf("li has %d bytes, %v", len(got), err)
	}
	wang = fetchKilled(o, wang, workspace, rounds, random)
	_, a = attachmentOf(o, wang, workspace)
	if got, err := wang.Content(o.ctx, a); err != nil || !bytes.Equal(got, data) {
		t.Fatalf("wang has %d bytes, %v", len(got), err)
	}
	o.must(wang.Stop())
	o.must(li.Stop())
	o.sound("li", "wang")
}

// fetchKilled kills who fetches, a few times, and waits until the file is here.
func fetchKilled(o *office, wang *client.Process, workspace string, rounds int, random *rand.Rand) *client.Process {
	o.Helper()
	find := func() (m *v1.Message, a *v1.Attachment) {
		o.must(wang.Until(o.ctx, func(context.Context) (bool, error) {
			m, a = attachmentOf(o, wang, workspace)
			return a != nil, nil
		}))
		return m, a
	}
	m, a := find()
	_, err := wang.Chat.FetchAttachment(o.ctx, &v1.AttachmentRequest{ConversationId: workspace, MessageId: m.Id, Index: a.Index})
	o.must(err)
	for range rounds {
		time.Sleep(time.Duration(random.IntN(150)) * time.Millisecond)
		o.must(wang.Kill())
		wang = o.start("wang")
	}
	o.must(wang.Until(o.ctx, func(context.Context) (bool, error) {
		_, a := find()
		return a.State == v1.AttachmentState_ATTACHMENT_STATE_HERE, nil
	}))
	return wang
}
