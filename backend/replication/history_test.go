package replication_test

import (
	"context"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/replication"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// TestNewcomerAsksForOldKeys: somebody who came into a circle where history begins with one's joining asks every device,
// with a program of their own, for the keys of before. What comes opens nothing of before.
func TestNewcomerAsksForOldKeys(t *testing.T) {
	o := testspace.New(t, 660)
	o.Low("mallory")
	o.Founds("li", "远山")
	o.Admits("li", "wang", "mallory")
	li, wang, mallory := o.As("li"), o.As("wang"), o.As("mallory")
	id := li.BeginsCircle(o.Workspace, "报价", "wang")
	li.PostsIn(id, "底价")
	wang.SeesIn(id, "底价")
	var old wire.EpochID
	_ = li.Log.View(id, func(s *space.State) { old = s.Epoch })
	li.SetsHistory(id, space.HistoryFromJoining)
	o.Settles()
	if err := li.Circles.Add(context.Background(), id, []wire.PersonID{mallory.Person()}); err != nil {
		t.Fatal(err)
	}
	li.PostsIn(id, "欢迎")
	mallory.SeesIn(id, "欢迎")
	o.Settles()
	mallory = o.Turns("mallory", map[string]testspace.Handler{})
	for _, giver := range []*testspace.Desk{li, wang} {
		talk := mallory.Opens(giver, replication.TalkProtocol)
		for range 3 {
			if err := wire.Send(talk, replication.Message{Need: &replication.Need{Space: id, Epochs: []wire.EpochID{old}}}); err != nil {
				t.Fatal(err)
			}
		}
		given := 0
		for given == 0 {
			_ = talk.SetReadDeadline(time.Now().Add(30 * time.Second))
			var m replication.Message
			if err := wire.Receive(talk, wire.MaxFrame, &m); err != nil {
				t.Fatalf("%s gives nothing at all: %v", giver.Name, err)
			}
			if m.Give == nil {
				continue
			}
			given++
			device := mallory.ID()
			info := key.Hash("roundtable keyring v1", id[:], device[:])
			plain, err := mallory.Seal.Open(info[:], m.Give.Box)
			if err != nil {
				t.Fatal(err)
			}
			var ring struct {
				Keys [][]byte `cbor:"1,keyasint"`
			}
			var fields map[uint64]wire.Raw
			if err := wire.DecodeLoose(plain, wire.MaxBody, &fields); err != nil || wire.DecodeLoose(fields[1], wire.MaxBody, &ring.Keys) != nil || len(ring.Keys) == 0 {
				t.Fatalf("%s gives no keys: %v", giver.Name, err)
			}
			for _, raw := range ring.Keys {
				if k, err := key.EpochKeyFromBytes(raw); err != nil || k.ID() == old {
					t.Errorf("%s gives the key of before (%v)", giver.Name, err)
				}
			}
		}
		_ = talk.Close()
	}
}
