package app

import (
	"context"
	"errors"
	"io"
	"net/http"

	"roundtable/backend/api/files"
	"roundtable/backend/chat"
	"roundtable/backend/contracts"
	"roundtable/backend/errcode"
	"roundtable/backend/folders"
)

// Documents serves documents of contracts.
func (a *App) Documents() http.Handler {
	return files.ServeDocuments(a.Log, contracts.API{Get: func() (*contracts.Contracts, error) { return a.shown().contractsPart() }}.OpenDocument)
}

// equipContracts gives contracts what other features have of documents.
func (c *core) equipContracts() {
	c.contracts.PaperFrom(func() ([]byte, error) {
		if c.app.PaperFont == nil {
			return nil, errcode.NotReady
		}
		return c.app.PaperFont()
	})
	c.contracts.Attachment = func(ctx context.Context, conversation, message string, index int) (string, int64, io.ReadSeeker, error) {
		f, err := chat.API{Get: func() (*chat.Chat, error) { return c.chat, nil }}.OpenFile(ctx, conversation, message, index)
		if err != nil {
			return "", 0, nil, err
		}
		size, err := sizeOf(f.Content)
		return f.Name, size, f.Content, err
	}
	c.contracts.FolderFile = func(ctx context.Context, folder, path string) (string, int64, io.ReadCloser, error) {
		f, err := folders.API{Get: func() (*folders.Folders, error) { return c.folders, nil }}.OpenFile(ctx, folder, "-", path)
		if err != nil {
			return "", 0, nil, err
		}
		out := closable{f.Content}
		size, err := sizeOf(f.Content)
		if err != nil {
			return "", 0, nil, errors.Join(err, out.Close())
		}
		return f.Name, size, out, nil
	}
}

func sizeOf(s io.ReadSeeker) (int64, error) {
	size, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	_, err = s.Seek(0, io.SeekStart)
	return size, err
}

// closable closes what can be closed.
type closable struct{ io.ReadSeeker }

func (c closable) Close() error {
	if closer, is := c.ReadSeeker.(io.Closer); is {
		return closer.Close()
	}
	return nil
}
