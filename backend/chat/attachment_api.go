package chat

import (
	"context"

	"roundtable/backend/api/files"
	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob"
	"roundtable/backend/wire"
)

func (c *Chat) uploadOut(x *Upload) *v1.Upload {
	written, _ := c.uploads.progress(x)
	return &v1.Upload{Id: x.ID, Name: x.Name, MediaType: x.Media, Size: int64(x.writer.Size), Received: int64(written), PartSize: blob.PieceSize}
}

func (a API) StartUpload(ctx context.Context, r *v1.StartUploadRequest) (*v1.Upload, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	x, err := c.StartUpload(ctx, id, NewUpload{Name: r.Name, Media: r.MediaType, Size: r.Size, Width: int64(r.Width), Height: int64(r.Height)})
	if err != nil {
		return nil, err
	}
	return c.uploadOut(x), nil
}

func (a API) UploadPart(ctx context.Context, r *v1.UploadPartRequest) (*v1.Upload, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	x, err := c.UploadPart(ctx, r.UploadId, r.Offset, r.Data)
	if err != nil {
		return nil, err
	}
	return c.uploadOut(x), nil
}

func (a API) Uploads(_ context.Context, r *v1.UploadsRequest) (*v1.UploadsResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	out := &v1.UploadsResponse{}
	for _, x := range c.uploads.of(id) {
		out.Uploads = append(out.Uploads, c.uploadOut(x))
	}
	return out, nil
}

func (a API) CancelUpload(ctx context.Context, r *v1.CancelUploadRequest) (*v1.CancelUploadResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return &v1.CancelUploadResponse{}, c.CancelUpload(ctx, r.UploadId)
}

// attachmentOf reads which attachment a request means.
func (a API) attachmentOf(conversation, text string) (*Chat, wire.SpaceID, MessageKey, error) {
	c, id, err := a.in(conversation)
	if err != nil {
		return nil, id, MessageKey{}, err
	}
	k, err := parseKey(text)
	return c, id, k, err
}

func (a API) FetchAttachment(ctx context.Context, r *v1.AttachmentRequest) (*v1.Attachment, error) {
	return a.change(ctx, r, func(c *Chat, id wire.SpaceID, m message, f blob.File) error {
		return c.Blobs.Fetch(ctx, id, m.device, f, true)
	})
}

func (a API) CancelAttachment(ctx context.Context, r *v1.AttachmentRequest) (*v1.Attachment, error) {
	return a.change(ctx, r, func(c *Chat, _ wire.SpaceID, _ message, f blob.File) error { return c.Blobs.Cancel(ctx, f.ID()) })
}

func (a API) change(ctx context.Context, r *v1.AttachmentRequest, do func(*Chat, wire.SpaceID, message, blob.File) error) (*v1.Attachment, error) {
	c, id, k, err := a.attachmentOf(r.ConversationId, r.MessageId)
	if err != nil {
		return nil, err
	}
	m, f, err := c.attachment(ctx, id, k, int(r.Index))
	if err != nil {
		return nil, err
	}
	if err := do(c, id, m, f.file); err != nil {
		return nil, err
	}
	return c.attachmentOut(ctx, id, m, f)
}

func (a API) SaveAttachment(ctx context.Context, r *v1.AttachmentRequest) (*v1.SaveAttachmentResponse, error) {
	c, id, k, err := a.attachmentOf(r.ConversationId, r.MessageId)
	if err != nil {
		return nil, err
	}
	text, err := c.Save(ctx, id, k, int(r.Index))
	return &v1.SaveAttachmentResponse{Name: text}, err
}

// TakePart serves package files: the next bytes of an upload. It tells how many are here.
// Errors: those of UploadPart.
func (a API) TakePart(ctx context.Context, upload string, offset int64, data []byte) (int64, error) {
	x, err := a.UploadPart(ctx, &v1.UploadPartRequest{UploadId: upload, Offset: offset, Data: data})
	return x.GetReceived(), err
}

// OpenFile serves package files. Errors: errcode.NotFound, errcode.InvalidArgument,
// errcode.AttachmentAbsent.
func (a API) OpenFile(ctx context.Context, conversation, text string, n int) (files.File, error) {
	c, id, k, err := a.attachmentOf(conversation, text)
	if err != nil {
		return files.File{}, err
	}
	at, r, err := c.Open(ctx, id, k, n)
	if err != nil {
		return files.File{}, err
	}
	return files.File{Name: at.Name, Media: at.MediaType, Picture: at.IsPicture, Content: r}, nil
}
