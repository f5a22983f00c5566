package folders_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/folders/disk/disktest"
	"roundtable/backend/folders/transfer"
	"roundtable/backend/link"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// chunkOf names content that is one chunk.
func chunkOf(data []byte) chunk.Chunk {
	return chunk.Chunk{ID: chunk.Sum(data), Size: uint32(len(data))}
}

// talk is a stream on which a program of somebody's own asks for chunks.
type talk struct {
	*office
	link.Stream
}

func (o *office) talks(from, to *testspace.Desk) talk {
	s := from.Opens(to, transfer.Protocol)
	o.t.Cleanup(func() { _ = s.Close() })
	_ = s.SetDeadline(time.Now().Add(30 * time.Second))
	return talk{o, s}
}

// asks gives what comes of a question: nil for each chunk that is not given.
func (s talk) asks(id wire.SpaceID, want ...chunk.Chunk) (out [][]byte) {
	s.t.Helper()
	var list []byte
	for _, c := range want {
		list = transfer.AppendChunk(list, c)
	}
	s.must(wire.Send(s, heard{Space: id, Get: list}))
	var a head
	s.must(wire.Receive(s, 64<<10, &a))
	if len(a.Sizes) != len(want) {
		s.t.Fatalf("%d answers to %d questions", len(a.Sizes), len(want))
	}
	for _, n := range a.Sizes {
		var data []byte
		if n > 0 {
			data = make([]byte, n)
			_, err := io.ReadFull(s, data)
			s.must(err)
		}
		out = append(out, data)
	}
	return out
}

// To know the name of a chunk is not enough: whoever is no member of the folder, or is
// none any more, is told that nothing is here, and so is a member who asks for what lies
// in another folder.
func TestOnlyMembersAreGivenContent(t *testing.T) {
	o := share(t, 60, "li", "wang", "mallory")
	li := o.desks[0]
	data, other := content(60, 5000), content(61, 6000)
	o.writes(li, "薪资.txt", data)
	o.has(o.As("mallory"), "薪资.txt", data)
	o.level(li)
	o.Admits("li", "zhao")
	made, root := li.Disk("别的", disktest.Linux)
	o.must(made.Write("密.txt", other))
	secret, err := li.Folders.Share(context.Background(), o.Workspace, root, "别的", map[wire.PersonID]space.Role{o.As("wang").Person(): space.Member})
	o.must(err)
	o.Eventually("the other folder is said", func() bool { return o.held(li, secret, other) })

	mallory := o.talks(o.Turns("mallory", nil), li)
	if got := mallory.asks(o.id, chunkOf(data), chunkOf(other)); !bytes.Equal(got[0], data) || got[1] != nil {
		t.Errorf("a member is given %d and %d bytes", len(got[0]), len(got[1]))
	}
	if got := mallory.asks(secret, chunkOf(data), chunkOf(other)); got[0] != nil || got[1] != nil {
		t.Errorf("no member of the other folder, and is given %d and %d bytes", len(got[0]), len(got[1]))
	}
	zhao := o.talks(o.Turns("zhao", nil), li)
	if got := zhao.asks(o.id, chunkOf(data)); got[0] != nil {
		t.Errorf("a colleague who is no member is given %d bytes", len(got[0]))
	}
	o.must(wire.Send(zhao, map[int]any{1: o.id, 3: [][]uint64{{1, 1}}})) // holds everything, it says
	var a head
	o.must(wire.Receive(zhao, 64<<10, &a))
	var n int
	zhaos := o.As("zhao").ID()
	o.must(li.DB.Read().QueryRow(`SELECT count(*) FROM folderslocal_held WHERE device = ?`, zhaos[:]).Scan(&n))
	if n != 0 {
		t.Error("who is no member is believed to hold the content")
	}

	o.must(li.Folders.RemoveMember(context.Background(), o.id, o.As("mallory").Person()))
	if got := mallory.asks(o.id, chunkOf(data)); got[0] != nil { // on the stream from before
		t.Errorf("who was removed is given %d bytes", len(got[0]))
	}
}

// held reports whether content lies in a folder as far as its device knows.
func (o *office) held(d *testspace.Desk, id wire.SpaceID, data []byte) bool {
	o.t.Helper()
	sum := chunk.Sum(data)
	var n int
	o.must(d.DB.Read().QueryRow(`SELECT count(*) FROM folderslocal_chunk c JOIN folderslocal_file f ON f.row = c.file
		JOIN folderslocal_place p ON p.row = f.place WHERE p.space = ? AND c.id = ?`, id[:], sum[:]).Scan(&n))
	return n > 0
}

// What is no question closes the stream and gives nothing; the device stays well.
func TestBadQuestionsCloseTheStream(t *testing.T) {
	o := share(t, 61, "li", "mallory")
	li := o.desks[0]
	data := content(62, 5000)
	o.writes(li, "a.txt", data)
	o.Eventually("the file is known", func() bool { return o.held(li, o.id, data) })
	mallory := o.Turns("mallory", nil)
	one := transfer.AppendChunk(nil, chunkOf(data))
	for name, raw := range map[string][]byte{
		"nothing asked":   wire.MustEncode(heard{Space: o.id}),
		"both at once":    wire.MustEncode(map[int]any{1: o.id, 2: one, 3: [][]uint64{{1, 1}}}),
		"half a name":     wire.MustEncode(heard{Space: o.id, Get: one[:35]}),
		"too many":        wire.MustEncode(heard{Space: o.id, Get: bytes.Repeat(one, transfer.MaxAsk+1)}),
		"too many bytes":  wire.MustEncode(heard{Space: o.id, Get: bytes.Repeat(one, transfer.MaxAskBytes/len(data)+1)}),
		"a huge chunk":    wire.MustEncode(heard{Space: o.id, Get: transfer.AppendChunk(nil, chunk.Chunk{Size: 1<<32 - 1})}),
		"too many heads":  wire.MustEncode(map[int]any{1: o.id, 3: make([][2]uint64, 65)}),
		"an unknown one":  wire.MustEncode(map[int]any{1: o.id, 2: one, 9: 1}),
		"garbage":         {0xff},
		"a frame too big": make([]byte, 65<<10),
	} {
		s := o.talks(mallory, li)
		o.must(wire.WriteFrame(s, raw))
		if n, err := io.Copy(io.Discard, s); n > 0 || err != nil && !errors.Is(err, link.ErrClosed) && !errors.Is(err, link.ErrReset) {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
	}
	// A wrong size is no way to have other bytes either.
	wrong := chunkOf(data)
	wrong.Size = 100
	s := o.talks(mallory, li)
	if got := s.asks(o.id, wrong); got[0] != nil {
		t.Logf("a part of a chunk is given to a member: %d bytes", len(got[0]))
	}
	if got := s.asks(o.id, chunkOf(data)); !bytes.Equal(got[0], data) {
		t.Error("does not answer any more")
	}
}
