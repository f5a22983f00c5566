package blobs_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/link"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// A file comes from several members at once: two that have it give nothing before both were asked for a piece.
func TestAFileComesFromSeveralAtOnce(t *testing.T) {
	o := office(t, 76, "wang", "chen")
	li, chen, wang := o.As("li"), o.As("chen"), o.As("wang")
	data := content(24*blob.PieceSize + 5)
	li.Sends(o.Workspace, "录像", "录像.mp4", data)
	chen.Wants(o.Workspace, "录像.mp4")
	has(t, chen, o.Workspace, "录像.mp4", data)
	wang.Sees("录像")
	o.Settles()
	sealed := map[blob.Hash][]byte{}
	for _, h := range hashesOf(t, li, o.Workspace, "录像.mp4") {
		sealed[h] = asks(t, chen, li, o.Workspace, h)
	}

	var mu sync.Mutex
	given := map[string]int{}
	both := make(chan struct{})
	gives := func(name string) testspace.Handler {
		return answers(func(s link.Stream, h blob.Hash) error {
			mu.Lock()
			given[name]++
			if given[name] == 1 && len(given) == 2 {
				close(both)
			}
			mu.Unlock()
			select {
			case <-both:
			case <-time.After(20 * time.Second): // one after the other: the fetch gives up on the first
			}
			return wire.Send(s, blobs.Answer{Piece: sealed[h]})
		})
	}
	for _, name := range []string{"li", "chen"} {
		o.Turns(name, map[string]testspace.Handler{blobs.Protocol: gives(name)})
		d := o.As(name)
		o.Eventually(name+" is linked to wang", func() bool {
			_, err := d.Board.Dial(context.Background(), wang.Addr(), wang.ID())
			return err == nil && wang.Board.Connected(d.ID())
		})
	}
	wang.Wants(o.Workspace, "录像.mp4")
	has(t, wang, o.Workspace, "录像.mp4", data)
	mu.Lock()
	defer mu.Unlock()
	if given["li"] < 2 || given["chen"] < 2 || given["li"]+given["chen"] > len(sealed)+6 {
		t.Errorf("of %d pieces each gave %v", len(sealed), given)
	}
}
