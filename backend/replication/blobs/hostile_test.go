package blobs_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/link"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// hashOf is the first piece of a file.
func hashOf(t *testing.T, d *testspace.Desk, id wire.SpaceID, name string) blob.Hash {
	t.Helper()
	return hashesOf(t, d, id, name)[0]
}

// hashesOf are the pieces of a file, as its table has them.
func hashesOf(t *testing.T, d *testspace.Desk, id wire.SpaceID, name string) []blob.Hash {
	t.Helper()
	var raw []byte
	must(t, d.DB.Read().QueryRow(`SELECT a.file FROM chat_attachment a JOIN chat_room r ON r.id = a.space WHERE r.space = ? AND a.name = ?`, id[:], name).Scan(&raw))
	f, err := blob.DecodeFile(raw)
	must(t, err)
	return f.Hashes()
}

// asks gets a piece as a program of somebody's own would.
func asks(t *testing.T, from, to *testspace.Desk, space wire.SpaceID, h blob.Hash) []byte {
	t.Helper()
	s := from.Opens(to, blobs.Protocol)
	defer s.Close()
	_ = s.SetDeadline(time.Now().Add(30 * time.Second))
	must(t, wire.Send(s, blobs.Question{Space: space, Has: []blob.Hash{h}}))
	var a blobs.Answer
	must(t, wire.Receive(s, blobs.MaxAnswer, &a))
	flag := len(a.Flags) == 1 && a.Flags[0]
	must(t, wire.Send(s, blobs.Question{Space: space, Get: &h}))
	a = blobs.Answer{}
	must(t, wire.Receive(s, blobs.MaxAnswer, &a))
	if flag != (len(a.Piece) > 0) {
		t.Errorf("said %v and gave %d bytes", flag, len(a.Piece))
	}
	return a.Piece
}

// besieged: wang wants a file that li has; mallory is a member with another program.
func besieged(t *testing.T, seed uint64, handler testspace.Handler) (*testspace.Office, []byte) {
	t.Helper()
	o := office(t, seed, "wang", "mallory")
	data := content(4*blob.PieceSize + 1)
	o.As("mallory").Sends(o.Workspace, "甲", "a.bin", data)
	o.As("li").Wants(o.Workspace, "a.bin")
	has(t, o.As("li"), o.Workspace, "a.bin", data)
	o.As("wang").Sees("甲")
	o.Settles()
	o.Turns("mallory", map[string]testspace.Handler{blobs.Protocol: handler})
	mallory, wang := o.As("mallory"), o.As("wang")
	o.Eventually("mallory is linked to wang", func() bool {
		_, err := mallory.Board.Dial(context.Background(), wang.Addr(), wang.ID())
		return err == nil && wang.Board.Connected(mallory.ID())
	})
	return o, data
}

// answers says yes to every question and gives what give makes.
func answers(give func(s link.Stream, h blob.Hash) error) testspace.Handler {
	return func(_ context.Context, _ wire.DeviceID, s link.Stream) {
		for {
			var q blobs.Question
			if err := wire.Receive(s, blobs.MaxQuestion, &q); err != nil {
				return
			}
			if q.Get != nil {
				if give(s, *q.Get) != nil {
					return
				}
				continue
			}
			flags := make([]bool, len(q.Has))
			for i := range flags {
				flags[i] = true
			}
			if wire.Send(s, blobs.Answer{Flags: flags}) != nil {
				return
			}
		}
	}
}

func TestHostileSourcesDoNotStopAFetch(t *testing.T) {
	for name, h := range map[string]testspace.Handler{
		"wrong bytes": answers(func(s link.Stream, _ blob.Hash) error {
			return wire.Send(s, blobs.Answer{Piece: content(blob.MaxSealed)})
		}),
		"too many bytes": answers(func(s link.Stream, _ blob.Hash) error {
			return wire.WriteFrame(s, make([]byte, wire.MaxFrame))
		}),
		"garbage":  answers(func(s link.Stream, _ blob.Hash) error { return wire.WriteFrame(s, []byte{0xff, 0xff}) }),
		"nothing":  answers(func(link.Stream, blob.Hash) error { return errors.New("closed") }),
		"not here": answers(func(s link.Stream, _ blob.Hash) error { return wire.Send(s, blobs.Answer{}) }),
		"too many flags": func(_ context.Context, _ wire.DeviceID, s link.Stream) {
			_ = wire.Send(s, blobs.Answer{Flags: make([]bool, 500)})
			_, _ = io.Copy(io.Discard, s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, data := besieged(t, 90, h)
			o.As("wang").Wants(o.Workspace, "a.bin")
			has(t, o.As("wang"), o.Workspace, "a.bin", data)
		})
	}
}

// A source that takes a question and never answers holds its piece up for a while, not the fetch.
func TestASilentSourceIsGivenUp(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a time-out")
	}
	o, data := besieged(t, 91, answers(func(s link.Stream, _ blob.Hash) error {
		_, err := io.Copy(io.Discard, s)
		return errors.Join(io.EOF, err)
	}))
	o.As("wang").Wants(o.Workspace, "a.bin")
	o.Eventually("most of it comes meanwhile", func() bool {
		_, a := o.As("wang").Attachment(o.Workspace, "a.bin")
		return a.Fetched >= 2*blob.PieceSize
	})
	has(t, o.As("wang"), o.Workspace, "a.bin", data)
}

// What is no question closes the stream; the device stays well.
func TestBadQuestionsCloseTheStream(t *testing.T) {
	o := office(t, 92, "mallory")
	li := o.As("li")
	data := content(100)
	li.Sends(o.Workspace, "甲", "a.bin", data)
	o.Settles()
	h := hashOf(t, li, o.Workspace, "a.bin")
	mallory := o.Turns("mallory", nil)
	many := make([]blob.Hash, blobs.MaxHashes+1)
	for name, raw := range map[string][]byte{
		"no question":   wire.MustEncode(blobs.Question{Space: o.Workspace}),
		"two questions": wire.MustEncode(blobs.Question{Space: o.Workspace, Has: []blob.Hash{h}, Get: &h}),
		"too many":      wire.MustEncode(blobs.Question{Space: o.Workspace, Has: many}),
		"garbage":       {0xff},
		"unknown field": {0xa1, 0x18, 0x63, 0x01},
	} {
		s := mallory.Opens(li, blobs.Protocol)
		_ = s.SetDeadline(time.Now().Add(30 * time.Second))
		must(t, wire.WriteFrame(s, raw))
		if n, err := io.Copy(io.Discard, s); n > 0 || err != nil && !errors.Is(err, link.ErrClosed) && !errors.Is(err, link.ErrReset) {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
		s.Close()
	}
	if got := asks(t, mallory, li, o.Workspace, h); len(got) == 0 {
		t.Error("does not answer any more")
	}
}

// FuzzFrames: a frame of another device decodes within limits or is refused with
// an error of a kind.
func FuzzFrames(f *testing.F) {
	h := blob.Hash{1}
	f.Add(wire.MustEncode(blobs.Question{Space: wire.SpaceID{2}, Has: []blob.Hash{h, h}}))
	f.Add(wire.MustEncode(blobs.Question{Space: wire.SpaceID{2}, Get: &h}))
	f.Add(wire.MustEncode(blobs.Answer{Flags: []bool{true, false}}))
	f.Add(wire.MustEncode(blobs.Answer{Piece: []byte("x")}))
	f.Add([]byte{0xa1, 0x02, 0x9a, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		frame[blobs.Question](t, raw)
		frame[blobs.Answer](t, raw)
	})
}

func frame[T any](t *testing.T, raw []byte) {
	t.Helper()
	var v, again T
	if err := wire.DecodeLoose(raw, blobs.MaxAnswer, &v); err != nil {
		if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("an error of no kind: %v", err)
		}
		return
	}
	if err := wire.Decode(wire.MustEncode(v), 2*blobs.MaxAnswer, &again); err != nil {
		t.Errorf("what was read cannot be written: %v", err)
	}
}
