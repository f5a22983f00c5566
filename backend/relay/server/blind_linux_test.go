package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// Nothing of what people write is on a relay's disk, in its log or in its
// memory, and no token is on its disk.
func TestTheRelayIsBlind(t *testing.T) {
	folder, dump := t.TempDir(), filepath.Join(t.TempDir(), "heap")
	_, host, token, collect := relayProcess(t, folder)
	r := &rig{t: t, host: host, token: token}
	boss, clerk, space := r.office()
	clerk.must(protocol.Message{Subscribe: &protocol.Subscribe{Space: space}})
	epoch := key.NewEpochKey()
	canary := "canary-" + hex.EncodeToString(wire.Random(16))
	h := envelope.Header{Space: space, Feed: envelope.Feed{Device: boss.name(), Start: 1, Lane: envelope.Content}, Epoch: epoch.ID()}
	var raws [][]byte
	for range 20 {
		h.Seq++
		e, _, err := event.Seal(h, epoch, "message_posted", clock.Stamp(1), map[string]string{"text": canary}, boss.key)
		if err != nil {
			t.Fatal(err)
		}
		h.Prev, raws = e.ID, append(raws, e.Raw)
	}
	boss.must(protocol.Message{Publish: &protocol.Publish{Space: space, Raws: raws}})
	clerk.unasked(isNews)
	opened, err := envelope.Decode(clerk.must(protocol.Message{Read: &protocol.Read{Space: space}}).Page.Raws[0])
	if err != nil {
		t.Fatal(err)
	}
	if e, err := event.Open(opened, epoch); err != nil || !bytes.Contains(e.Body, []byte(canary)) {
		t.Fatalf("the device itself cannot read it: %v", err)
	}
	collect(dump)
	memory, err := os.ReadFile(dump)
	if err != nil {
		t.Fatal(err)
	}
	// The dump is one: what the relay was given is in it.
	if !bytes.Contains(memory, space[:]) {
		t.Error("the dump does not show the relay's memory")
	}
	seen := map[string][]byte{"memory": memory}
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			seen[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	stored := false
	for where, data := range seen {
		stored = stored || where != "memory" && bytes.Contains(data, raws[0])
		if bytes.Contains(data, []byte(canary)) {
			t.Errorf("the plaintext is in %s", where)
		}
		for _, form := range [][]byte{token, []byte(hex.EncodeToString(token)), []byte(base64.RawURLEncoding.EncodeToString(token))} {
			if where != "memory" && bytes.Contains(data, form) {
				t.Errorf("the token is in %s", where)
			}
		}
	}
	if !stored {
		t.Error("the envelopes are not on disk: the test looks in the wrong place")
	}
	log := seen[filepath.Join(folder, "log")]
	for _, id := range []string{space.String(), boss.name().String(), hex.EncodeToString(space[:])} {
		if bytes.Contains(log, []byte(id)) {
			t.Errorf("the log names %s", id)
		}
	}
}
