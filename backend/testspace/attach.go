package testspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob"
	"roundtable/backend/chat"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/wire"
)

// Depot is a relay's store of pieces in memory; it can be away.
type Depot struct {
	mu     sync.Mutex
	away   bool
	lies   bool
	pieces map[wire.SpaceID]map[[32]byte][]byte
	// Puts counts the pieces that were given, Gets those that were taken.
	Puts, Gets int
}

var errAway = errors.New("depot is away")

// Depot puts a depot before some devices. Name them before they sit down.
func (o *Office) Depot(names ...string) *Depot {
	d := &Depot{pieces: map[wire.SpaceID]map[[32]byte][]byte{}}
	for _, name := range names {
		o.depot[name] = d
	}
	return d
}

// Away takes a depot off the network, or back.
func (p *Depot) Away(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
}

// Lies makes a depot give other bytes than it was given.
func (p *Depot) Lies(lies bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lies = lies
}

// Count tells how many pieces of all spaces are in it.
func (p *Depot) Count() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, all := range p.pieces {
		n += len(all)
	}
	return n
}

// Has implements blobs.Depot.
func (p *Depot) Has(_ context.Context, space wire.SpaceID, hashes [][32]byte) ([]bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return nil, errAway
	}
	out := make([]bool, len(hashes))
	for i, h := range hashes {
		_, out[i] = p.pieces[space][h]
	}
	return out, nil
}

// Put implements blobs.Depot.
func (p *Depot) Put(_ context.Context, space wire.SpaceID, hash [32]byte, sealed []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return errAway
	}
	if p.pieces[space] == nil {
		p.pieces[space] = map[[32]byte][]byte{}
	}
	p.pieces[space][hash] = sealed
	p.Puts++
	return nil
}

// Get implements blobs.Depot.
func (p *Depot) Get(_ context.Context, space wire.SpaceID, hash [32]byte) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sealed, ok := p.pieces[space][hash]
	switch {
	case p.away || !ok:
		return nil, errAway
	case p.lies:
		return append([]byte{1}, sealed...), nil
	}
	p.Gets++
	return sealed, nil
}

// openBlobs builds what keeps and moves attachments.
func (d *Desk) openBlobs(ctx context.Context) {
	log := d.journal.logger()
	var err error
	d.Pieces, err = blob.Open(d.BlobFolder(), blob.Options{Log: log})
	d.o.must(err, "open pieces of "+d.Name)
	o := blobs.Options{
		DB: d.DB, Store: d.Pieces, Board: d.Board, Clock: d.Clock, Slog: log, Shares: d.Log.Shares, Linked: d.linked,
		Changed: func(id wire.SpaceID) { d.publish("chat:"+id.String(), "contract:"+id.String()); d.arrived(id) },
	}
	if p := d.o.depot[d.Name]; p != nil {
		o.Depots = func(wire.SpaceID) []blobs.Depot { return []blobs.Depot{p} }
	}
	d.Blobs, err = blobs.Open(ctx, o)
	d.o.must(err, "open blobs of "+d.Name)
}

// BlobFolder is where its pieces lie.
func (d *Desk) BlobFolder() string { return filepath.Join(filepath.Dir(d.path), "blobs") }

func (d *Desk) downloads() (string, error) {
	folder := filepath.Join(filepath.Dir(d.path), "downloads")
	return folder, os.MkdirAll(folder, 0o700)
}

func (d *Desk) linked() (out []wire.DeviceID) {
	for _, l := range d.Board.Links() {
		out = append(out, l.Device)
	}
	return out
}

// Uploads puts a file beside the composer, and gives the upload's name.
func (d *Desk) Uploads(id wire.SpaceID, name string, content []byte) string {
	d.o.t.Helper()
	u, err := d.Chat.StartUpload(context.Background(), id, chat.NewUpload{Name: name, Media: "application/x-test", Size: int64(len(content))})
	d.o.must(err, d.Name+" uploads "+name)
	d.UploadsRest(u.ID, 0, content)
	return u.ID
}

// UploadsRest goes on with an upload.
func (d *Desk) UploadsRest(upload string, from int, content []byte) {
	d.o.t.Helper()
	for at := from; at < len(content); at += blob.PieceSize {
		_, err := d.Chat.UploadPart(context.Background(), upload, int64(at), content[at:min(at+blob.PieceSize, len(content))])
		d.o.must(err, fmt.Sprintf("%s uploads a part at %d", d.Name, at))
	}
}

// Sends posts a text with a file.
func (d *Desk) Sends(id wire.SpaceID, text, name string, content []byte) {
	d.o.t.Helper()
	_, err := d.Chat.PostWith(context.Background(), id, text, "", []string{d.Uploads(id, name, content)})
	d.o.must(err, d.Name+" sends "+name)
	d.o.acknowledged(d, id, text)
}

// Attachment finds a file by its name, with its message; nil while it is not there.
func (d *Desk) Attachment(id wire.SpaceID, name string) (*v1.Message, *v1.Attachment) {
	for _, m := range d.Messages(id) {
		for _, a := range m.Attachments {
			if a.Name == name {
				return m, a
			}
		}
	}
	return nil, nil
}

// Wants fetches a file, once its message has come.
func (d *Desk) Wants(id wire.SpaceID, name string) {
	d.o.t.Helper()
	var m *v1.Message
	var a *v1.Attachment
	d.o.Eventually(d.Name+" sees "+name, func() bool { m, a = d.Attachment(id, name); return a != nil })
	_, err := d.API().FetchAttachment(context.Background(), &v1.AttachmentRequest{ConversationId: id.String(), MessageId: m.Id, Index: a.Index})
	d.o.must(err, d.Name+" fetches "+name)
}

// StateOf a file, as the screen is told.
func (d *Desk) StateOf(id wire.SpaceID, name string) v1.AttachmentState {
	if _, a := d.Attachment(id, name); a != nil {
		return a.State
	}
	return v1.AttachmentState_ATTACHMENT_STATE_UNSPECIFIED
}

// Reaches waits until a file is in a state.
func (d *Desk) Reaches(id wire.SpaceID, name string, want v1.AttachmentState) {
	d.o.t.Helper()
	d.o.Eventually(fmt.Sprintf("%s of %s is %s", name, d.Name, want), func() bool { return d.StateOf(id, name) == want })
}

// Reading reads a file that is here, as the screen does.
func (d *Desk) Reading(id wire.SpaceID, name string) ([]byte, error) {
	m, a := d.Attachment(id, name)
	if a == nil {
		return nil, errors.New("no such file")
	}
	f, err := d.API().OpenFile(context.Background(), id.String(), m.Id, int(a.Index))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(f.Content)
}
