package proof

import (
	"bytes"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/wire"

	"roundtable/app/proof/client"
)

// canary is a word that stands nowhere else in the world.
func canary() string { return "canary" + hex.EncodeToString(wire.Random(12)) }

// TestARelayIsBlind: names, messages and files with canaries in them go over a
// relay; none is on its disk, in what it logs at its most talkative, or in its memory.
func TestARelayIsBlind(t *testing.T) {
	t.Parallel()
	words := map[string]string{}
	for _, of := range []string{"person", "colleague", "workspace", "title", "message", "direct", "group", "file name", "file"} {
		words[of] = canary()
	}
	li, wang := "李"+words["person"], "王"+words["colleague"]
	o := newRemote(t, li, wang)
	known := canary() // the relay's own name: what is searched must be able to show it
	var log bytes.Buffer
	r := o.relayLogging(&log, "--name", known, "--log-level", "debug")

	a := o.newcomer(li)
	w, err := a.People.CreateWorkspace(o.ctx, &v1.CreateWorkspaceRequest{Name: "所" + words["workspace"]})
	o.must(err)
	_, err = a.People.SetProfile(o.ctx, &v1.SetProfileRequest{WorkspaceId: w.Id, Title: &[]string{words["title"]}[0]})
	o.must(err)
	o.names(a, w.Id, r)
	o.connected(a, w.Id, 1)
	link, err := a.Invite(o.ctx, w.Id, 1)
	o.must(err)
	b := o.newcomer(wang)
	o.must(b.Join(o.ctx, link))
	o.connected(b, w.Id, 1)
	converse(o, r, a, b, w.Id, wang, words)

	inMemory(o, r, known, words)
	stopAll(o, a, b)
	o.must(r.Stop())
	workspace, err := wire.ParseSpaceID(w.Id)
	o.must(err)
	if !onDisk(o, r, string(workspace[:])) {
		t.Error("what is searched on the disk is not found there")
	}
	if !strings.Contains(log.String(), `"msg":"ready"`) || !strings.Contains(log.String(), `"msg":"draining"`) {
		t.Error("the log is not whole")
	}
	for of, word := range words {
		if onDisk(o, r, word) {
			t.Errorf("the relay's disk shows the %s", of)
		}
		if strings.Contains(log.String(), word) {
			t.Errorf("the relay's log shows the %s", of)
		}
	}
}

// converse has canaries travel in all ways that there are: while both are there,
// and for somebody who is away.
func converse(o *office, r *depot, a, b *client.Process, workspace, wang string, words map[string]string) {
	o.Helper()
	_, err := b.Chat.SetTyping(o.ctx, &v1.SetTypingRequest{ConversationId: workspace})
	o.must(err)
	o.says(b, workspace, words["message"])
	o.shows(a, workspace, words["message"])
	o.must(b.Stop())
	colleague := o.member(a, workspace, wang)
	group, err := a.Chat.CreateGroup(o.ctx, &v1.CreateGroupRequest{WorkspaceId: workspace, Name: words["group"], PersonIds: []string{colleague}})
	o.must(err)
	content := []byte(strings.Repeat(words["file"]+"\n", 3<<20/len(words["file"])))
	o.sends(a, group.Id, words["file name"]+".txt", content)
	direct, err := a.Chat.OpenDirect(o.ctx, &v1.OpenDirectRequest{WorkspaceId: workspace, PersonId: colleague})
	o.must(err)
	o.says(a, direct.Id, words["direct"])
	o.becomes(a, direct.Id, words["direct"], atRelay)
	o.deposited(r, len(content))
	back := o.start(wang)
	*b = *back
	o.shows(b, direct.Id, words["direct"])
	o.shows(b, group.Id, words["file name"]+".txt")
	if got := o.fetches(b, group.Id); !bytes.Equal(got, content) {
		o.Errorf("%d bytes came, other ones", len(got))
	}
}

// onDisk reports whether a file in a relay's folder has a word in it or in its name.
func onDisk(o *office, r *depot, word string) (found bool) {
	o.Helper()
	o.must(filepath.WalkDir(r.options.Data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		found = found || strings.Contains(path, word)
		if !d.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path)
		found = found || bytes.Contains(content, []byte(word))
		return err
	}))
	return found
}
