package folders_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob/chunk"
	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/disk/disktest"
	"roundtable/backend/folders/transfer"
	"roundtable/backend/link"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// heard is a question as it travels.
type heard struct {
	Space  wire.SpaceID `cbor:"1,keyasint"`
	Get    []byte       `cbor:"2,keyasint,omitempty"`
	Held   []any        `cbor:"3,keyasint,omitempty"`
	Packed bool         `cbor:"4,keyasint,omitempty"`
	Check  bool         `cbor:"5,keyasint,omitempty"`
}

// head is the head of an answer.
type head struct {
	Sizes  []uint32 `cbor:"1,keyasint,omitempty"`
	Packed uint32   `cbor:"2,keyasint,omitempty"`
}

// gives answers questions for chunks with whatever answer makes of them, and counts them.
func gives(asked *atomic.Int64, answer func(s link.Stream, want []chunk.Chunk) error) testspace.Handler {
	return func(_ context.Context, _ wire.DeviceID, s link.Stream) {
		for {
			var q heard
			if err := wire.Receive(s, 64<<10, &q); err != nil {
				return
			}
			want, err := transfer.ParseChunks(q.Get)
			if err == nil && len(want) == 0 {
				err = wire.Send(s, head{})
			} else if err == nil {
				asked.Add(1)
				err = answer(s, want)
			}
			if err != nil {
				_ = s.Close()
				return
			}
		}
	}
}

// sizes are those that were asked for.
func sizes(want []chunk.Chunk) (out []uint32, total int) {
	for _, c := range want {
		out = append(out, c.Size)
		total += int(c.Size)
	}
	return out, total
}

func sends(s link.Stream, h head, data []byte) error {
	if err := wire.Send(s, h); err != nil {
		return err
	}
	_, err := s.Write(data)
	return err
}

// hostile are answers that nothing may come of.
var hostile = map[string]func(s link.Stream, want []chunk.Chunk) error{
	"wrong bytes": func(s link.Stream, want []chunk.Chunk) error {
		all, total := sizes(want)
		return sends(s, head{Sizes: all}, bytes.Repeat([]byte("bad!"), total/4+1)[:total])
	},
	"more chunks than were asked for": func(s link.Stream, want []chunk.Chunk) error {
		all, total := sizes(want)
		return sends(s, head{Sizes: append(all, 1<<20)}, make([]byte, total+1<<20))
	},
	"larger chunks": func(s link.Stream, want []chunk.Chunk) error {
		all, total := sizes(want)
		all[0]++
		return sends(s, head{Sizes: all}, make([]byte, total+1))
	},
	"too short": func(s link.Stream, want []chunk.Chunk) error {
		all, total := sizes(want)
		return errors.Join(sends(s, head{Sizes: all}, make([]byte, total/2)), io.EOF)
	},
	"endless": func(s link.Stream, want []chunk.Chunk) error {
		all, _ := sizes(want)
		err := wire.Send(s, head{Sizes: all})
		for junk := bytes.Repeat([]byte("junk"), 16<<10); err == nil; {
			_, err = s.Write(junk)
		}
		return err
	},
	"a bomb": func(s link.Stream, want []chunk.Chunk) error {
		all, total := sizes(want)
		packed := transfer.Pack(make([]byte, 64<<20))
		return sends(s, head{Sizes: all, Packed: uint32(min(len(packed), total-1))}, packed)
	},
	"packed beyond all bounds": func(s link.Stream, want []chunk.Chunk) error {
		all, _ := sizes(want)
		return sends(s, head{Sizes: all, Packed: 1<<32 - 1}, nil)
	},
	"garbage": func(s link.Stream, _ []chunk.Chunk) error { return wire.WriteFrame(s, []byte{0xff, 0xff}) },
	"nothing": func(link.Stream, []chunk.Chunk) error { return io.EOF },
	"not here": func(s link.Stream, want []chunk.Chunk) error {
		return wire.Send(s, head{Sizes: make([]uint32, len(want))})
	},
}

// besieged: mallory wrote a file, li has it, wang wants it, and mallory's device, whose
// author is asked first, runs another program.
func besieged(t *testing.T, seed uint64, path string, data []byte, answer testspace.Handler) *office {
	o := share(t, seed, "li", "wang", "mallory")
	li, wang, mallory := o.desks[0], o.desks[1], o.desks[2]
	o.writes(li, "先.txt", []byte("先"))
	o.has(mallory, "先.txt", []byte("先"))
	o.has(wang, "先.txt", []byte("先"))
	o.pauses(wang, true)
	o.writes(mallory, path, data)
	o.has(li, path, data)
	o.level(li)
	o.Eventually("wang is told of it", func() bool { return o.state(wang).Files == 2 })
	o.pauses(li, true) // gives nothing for now
	o.turns(mallory, answer)
	return o
}

func (o *office) pauses(d *testspace.Desk, paused bool) {
	o.t.Helper()
	_, err := d.FoldersAPI().PauseFolder(context.Background(), &v1.PauseFolderRequest{FolderId: o.id.String(), Paused: paused})
	o.must(err)
}

func (o *office) turns(mallory *testspace.Desk, answer testspace.Handler) {
	o.t.Helper()
	o.Turns(mallory.Name, map[string]testspace.Handler{transfer.Protocol: answer})
	wang := o.As("wang")
	o.Eventually(mallory.Name+" is linked to wang", func() bool {
		_, err := mallory.Board.Dial(context.Background(), wang.Addr(), wang.ID())
		return err == nil && wang.Board.Connected(mallory.ID())
	})
}

// Whatever the author's device answers, nothing of it gets onto the disk: not under the
// name, not into a draft. It is given up after a few questions, and the content comes
// from another device.
func TestHostileSourcesGiveNothing(t *testing.T) {
	for name, answer := range hostile {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			data := content(50, 4<<20) // with lists, and more than one question
			o := besieged(t, 50, "大.bin", data, gives(&asked, answer))
			li, wang := o.desks[0], o.desks[1]
			var landed atomic.Bool
			o.disks["wang"].Hook(func(op disktest.Operation) {
				if strings.HasSuffix(op.To, "大.bin") {
					landed.Store(true)
				}
			})
			o.pauses(wang, false)
			o.Eventually("wang waits for somebody else", func() bool {
				return asked.Load() > 0 && o.state(wang).State == v1.FolderState_FOLDER_STATE_WAITING
			})
			if landed.Load() {
				t.Error("it landed although nobody gave it")
			}
			o.clean(wang, data)
			o.pauses(li, false)
			wang.Folders.Nudge() // as a new link does; else it is tried again after a while
			o.has(wang, "大.bin", data)
			o.clean(wang, data)
			o.Eventually("nothing is asked any more", func() bool { return o.state(wang).State == v1.FolderState_FOLDER_STATE_UP_TO_DATE })
			// At most three times on each of the four ways on which a device is asked at a time, for
			// the lists, for the chunks, and in the round before.
			if n := asked.Load(); n > 36 {
				t.Errorf("mallory was asked %d times", n)
			}
		})
	}
}

// clean looks that drafts hold what belongs there, or nothing yet.
func (o *office) clean(d *testspace.Desk, data []byte) {
	o.t.Helper()
	o.disks[d.Name].Walk(func(i disk.Info, got []byte) {
		if i.Kind != disk.File || i.Path == ".roundtable/folder" || i.Path == "先.txt" {
			return
		}
		for at, b := range got {
			if at >= len(data) || b != data[at] && b != 0 {
				o.t.Fatalf("%s holds at %d what nobody wrote", i.Path, at)
			}
		}
	})
}
