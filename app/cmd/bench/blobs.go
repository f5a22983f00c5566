package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
	"roundtable/backend/api/files"
)

// blobSize is the attachment that is sent: 1 GiB of random bytes.
const blobSize = gib

// blobs measures an attachment of 1 GiB: into the program through the door that
// the screen uses, to a colleague, and to a third one from both at a time.
func blobs(ctx context.Context, s *scene) error {
	li, workspace, err := s.found(ctx, "li")
	if err != nil {
		return err
	}
	desks := []*client.Process{li}
	link, err := li.Invite(ctx, workspace, 2)
	if err != nil {
		return err
	}
	for _, who := range []string{"wang", "chen"} {
		p, err := s.newcomer(ctx, who)
		if err != nil {
			return err
		}
		if err := p.Join(ctx, link); err != nil {
			return err
		}
		desks = append(desks, p)
	}
	m, err := uploaded(ctx, li, workspace)
	if err != nil {
		return err
	}
	if err := fetched(ctx, "blob_lan", desks[1], m, li, desks[1]); err != nil {
		return err
	}
	return fetched(ctx, "blob_lan_of_two", desks[2], m, desks...)
}

// uploaded brings the file to li's disk and sends it. The measuring program makes the
// bytes; its processor time is not counted.
func uploaded(ctx context.Context, li *client.Process, workspace string) (*v1.Message, error) {
	u, err := li.Chat.StartUpload(ctx, &v1.StartUploadRequest{ConversationId: workspace, Name: "1g.bin", Size: blobSize})
	if err != nil {
		return nil, fmt.Errorf("start upload: %w", err)
	}
	part := make([]byte, files.MaxUpload)
	noise := rand.NewChaCha8([32]byte{1})
	var m *v1.Message
	err = charged(ctx, "blob_upload", func(ctx context.Context) error {
		for at := int64(0); at < blobSize; at += int64(len(part)) {
			_, _ = noise.Read(part)
			if _, err := li.Part(ctx, u.Id, at, part); err != nil {
				return err
			}
		}
		m, err = li.Chat.Send(ctx, &v1.SendRequest{ConversationId: workspace, UploadIds: []string{u.Id}})
		return err
	}, li)
	return m, err
}

// fetched waits for the message, asks for its file and waits until that is here: whole and flushed.
func fetched(ctx context.Context, name string, to *client.Process, m *v1.Message, all ...*client.Process) error {
	var theirs *v1.Message
	err := to.Until(ctx, func(ctx context.Context) (bool, error) {
		page, err := to.Chat.Messages(ctx, &v1.MessagesRequest{ConversationId: m.ConversationId, Limit: screen})
		if err != nil {
			return false, err
		}
		for _, one := range page.Messages {
			if len(one.Attachments) > 0 {
				theirs = one
			}
		}
		return theirs != nil, nil
	})
	if err != nil {
		return err
	}
	return charged(ctx, name, func(ctx context.Context) error {
		r := &v1.AttachmentRequest{ConversationId: m.ConversationId, MessageId: theirs.Id, Index: theirs.Attachments[0].Index}
		if _, err := to.Chat.FetchAttachment(ctx, r); err != nil {
			return fmt.Errorf("fetch: %w", err)
		}
		return to.Until(ctx, func(ctx context.Context) (bool, error) {
			page, err := to.Chat.Messages(ctx, &v1.MessagesRequest{ConversationId: m.ConversationId, Limit: screen})
			if err != nil {
				return false, err
			}
			for _, one := range page.Messages {
				if len(one.Attachments) > 0 {
					a := one.Attachments[0]
					if a.State == v1.AttachmentState_ATTACHMENT_STATE_FAILED {
						return false, fmt.Errorf("fetch: %s", a.ErrorCode)
					}
					return a.State == v1.AttachmentState_ATTACHMENT_STATE_HERE, nil
				}
			}
			return false, nil
		})
	}, all...)
}

// charged measures a passage of the file: its speed, the processor time of processes for each GiB, and the largest of them.
func charged(ctx context.Context, name string, do func(context.Context) error, all ...*client.Process) error {
	cpu := func() (sum float64, err error) {
		for _, p := range all {
			one, err := cpuSeconds(p.PID())
			if err != nil {
				return 0, err
			}
			sum += one
		}
		return sum, nil
	}
	before, err := cpu()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := do(ctx); err != nil {
		return err
	}
	took := time.Since(begin).Seconds()
	after, err := cpu()
	if err != nil {
		return err
	}
	var peak float64
	for _, p := range all {
		one, err := peakMB(p.PID())
		if err != nil {
			return err
		}
		peak = max(peak, one)
	}
	figure(name+"_mib_s", float64(blobSize)/(1<<20)/took, "MiB/s")
	spent := name + "_cpu_s_gib"
	if name == "blob_lan" { // the one that has an aim
		spent = "blob_cpu_s_gib"
	}
	figure(spent, (after-before)*gib/blobSize, "s")
	figure(name+"_peak_mb", peak, "MB")
	return nil
}
