package contracts

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
)

func (u Upload) message() *v1.DocumentUpload {
	return &v1.DocumentUpload{UploadId: u.ID, Name: u.Name, Size: u.Size, Received: u.Received}
}

func answer(u Upload, err error) (*v1.DocumentUpload, error) {
	if err != nil {
		return nil, err
	}
	return u.message(), nil
}

// BeginDocument implements ContractsService.
func (a API) BeginDocument(ctx context.Context, r *v1.BeginDocumentRequest) (*v1.DocumentUpload, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return answer(c.beginUpload(ctx, r.Name, r.Size))
}

// PutDocument implements ContractsService.
func (a API) PutDocument(ctx context.Context, r *v1.PutDocumentRequest) (*v1.DocumentUpload, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return answer(c.putUpload(ctx, r.UploadId, r.Offset, r.Data))
}

// InspectDocument implements ContractsService.
func (a API) InspectDocument(ctx context.Context, r *v1.InspectDocumentRequest) (*v1.DocumentInspection, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return c.inspectUpload(ctx, r.UploadId, r.Convert)
}

// TakeAttachment implements ContractsService.
func (a API) TakeAttachment(ctx context.Context, r *v1.TakeAttachmentRequest) (*v1.DocumentUpload, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	if c.Attachment == nil {
		return nil, errcode.NotReady
	}
	name, size, content, err := c.Attachment(ctx, r.ConversationId, r.MessageId, int(r.Index))
	if err != nil {
		return nil, err
	}
	return answer(c.takeUpload(ctx, name, size, content))
}

// TakeFolderFile implements ContractsService.
func (a API) TakeFolderFile(ctx context.Context, r *v1.TakeFolderFileRequest) (*v1.DocumentUpload, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	if c.FolderFile == nil {
		return nil, errcode.NotReady
	}
	name, size, content, err := c.FolderFile(ctx, r.FolderId, r.Path)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return answer(c.takeUpload(ctx, name, size, content))
}
