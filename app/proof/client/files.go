package client

import (
	"context"
	"fmt"
	"io"
	"net/http"

	v1 "roundtable/backend/api/gen/roundtable/v1"
)

// Upload puts a file beside the composer, part by part, from where it is.
func (d *Desk) Upload(ctx context.Context, u *v1.Upload, content []byte) (*v1.Upload, error) {
	for u.Received < u.Size {
		end := min(u.Received+int64(u.PartSize), u.Size)
		next, err := d.Chat.UploadPart(ctx, &v1.UploadPartRequest{UploadId: u.Id, Offset: u.Received, Data: content[u.Received:end]})
		if err != nil {
			return u, fmt.Errorf("upload part: %w", err)
		}
		u = next
	}
	return u, nil
}

// Content reads an attachment that is here.
func (d *Desk) Content(ctx context.Context, a *v1.Attachment) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+a.Path, nil)
	if err != nil {
		return nil, fmt.Errorf("read attachment: %w", err)
	}
	answer, err := d.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("read attachment: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read attachment: %s", answer.Status)
	}
	out, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("read attachment: %w", err)
	}
	return out, nil
}
