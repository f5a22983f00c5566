package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"roundtable/backend/api/files"
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

// Part sends the next bytes of an upload as the screen does, as they are, and tells how many are there.
func (d *Desk) Part(ctx context.Context, upload string, offset int64, data []byte) (int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+files.UploadsPrefix+upload+"/"+strconv.FormatInt(offset, 10), bytes.NewReader(data))
	if err != nil {
		return 0, fmt.Errorf("send part: %w", err)
	}
	answer, err := d.http.Do(r)
	if err != nil {
		return 0, fmt.Errorf("send part: %w", err)
	}
	defer answer.Body.Close()
	var body struct {
		Received int64
		Code     string
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("send part: %s %s %w", answer.Status, body.Code, err)
	}
	return body.Received, nil
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
