package app

import (
	"context"
	"net/http"
	"path/filepath"

	"roundtable/backend/api/files"
	"roundtable/backend/blob"
	"roundtable/backend/chat"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/wire"
)

// BlobFolder holds the sealed pieces of files, beside the database.
const BlobFolder = "blobs"

// attachments are what keeps and what moves the pieces of files.
type attachments struct {
	pieces *blob.Store
	blobs  *blobs.Engine
}

func (c *core) openAttachments(ctx context.Context) error {
	var err error
	if c.attachments.pieces, err = blob.Open(filepath.Join(c.app.Profile, BlobFolder), blob.Options{Log: c.app.Log}); err != nil {
		return err
	}
	c.attachments.blobs, err = blobs.Open(ctx, blobs.Options{
		DB: c.db, Store: c.attachments.pieces, Board: c.board, Clock: c.app.Clock, Slog: c.app.Log,
		Shares: c.log.Shares, Linked: c.linked, Depots: c.depots,
		Changed: func(id wire.SpaceID) {
			c.publish("chat:"+id.String(), "contract:"+id.String())
			if c.contracts != nil {
				c.contracts.Arrived(id)
			}
		},
	})
	return err
}

func (c *core) linked() (out []wire.DeviceID) {
	for _, l := range c.board.Links() {
		out = append(out, l.Device)
	}
	return out
}

// Files serves the content of attachments, and takes that of uploads.
func (a *App) Files() http.Handler {
	chats := chat.API{Get: func() (*chat.Chat, error) { return part(a.shown(), func(c *core) *chat.Chat { return c.chat }) }}
	mux := http.NewServeMux()
	mux.Handle(files.Prefix, files.Serve(a.Log, chats.OpenFile))
	mux.Handle(files.UploadsPrefix, files.Uploads(a.Log, chats.TakePart))
	return mux
}
