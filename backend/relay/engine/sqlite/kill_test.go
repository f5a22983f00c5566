package sqlite

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/wire"
)

// childFolder names the folder for the process that TestKilled starts and kills.
const childFolder = "ROUNDTABLE_TEST_KILLED"

func killedSpace() wire.SpaceID { return key.Hash("space of the kill test") }

// TestKilledChild is the process that is killed: it stores, and says what was acknowledged.
func TestKilledChild(t *testing.T) {
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("runs within TestKilled")
	}
	e, err := Open(context.Background(), folder, engine.Options{})
	if err != nil {
		fmt.Printf("failed %v\n", err)
		return
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			a := enginetest.NewAuthor(killedSpace())
			for n := 1; ; n++ {
				run := a.Write(1+n%3, 300)
				if r, err := e.Append(context.Background(), engine.Tenant{1}, a.Space, []engine.Run{run}); err != nil || r[0].Err != nil {
					fmt.Printf("failed %+v %v\n", r, err)
					return
				}
				fmt.Printf("envelope %x\n", [32]byte(run[len(run)-1].ID))
				if n%10 != 0 {
					continue
				}
				chunk := wire.Random(1000 + n%20*10_000)
				hash := key.Digest(chunk)
				if err := e.PutChunk(context.Background(), engine.Tenant{1}, a.Space, hash, chunk); err != nil {
					fmt.Printf("failed %v\n", err)
					return
				}
				fmt.Printf("chunk %x\n", hash)
			}
		})
	}
	wg.Wait()
}

// TestKilled: kill -9 at a random moment. Whatever was acknowledged is there after
// the next start, each feed without a gap, and what is counted is what is there.
func TestKilled(t *testing.T) {
	rounds := 8
	if testing.Short() {
		rounds = 3
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	folder := t.TempDir()
	envelopes, chunks := map[[32]byte]bool{}, map[[32]byte]bool{}
	for range rounds {
		acknowledged(t, folder, 1+random.IntN(600), envelopes, chunks)
		there(t, folder, envelopes, chunks)
	}
	t.Logf("%d answers of envelopes and %d of chunks, in %d rounds", len(envelopes), len(chunks), rounds)
}

// acknowledged runs the child until it has said so many lines, kills it, and
// reads what else it had said.
func acknowledged(t *testing.T, folder string, lines int, envelopes, chunks map[[32]byte]bool) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledChild$", "-test.v=false")
	child.Env = append(os.Environ(), childFolder+"="+folder)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said, n := bufio.NewReader(out), 0
	for {
		line, err := said.ReadString('\n')
		if err != nil {
			break // the last line may be a part of one: nobody has heard it
		}
		var what, text string
		if _, err := fmt.Sscan(line, &what, &text); err != nil || what == "failed" {
			t.Errorf("the child says %q", line)
			break
		}
		id, err := hex.DecodeString(text)
		if err != nil || len(id) != 32 {
			t.Errorf("the child says %q", line)
			break
		}
		if what == "chunk" {
			chunks[[32]byte(id)] = true
		} else {
			envelopes[[32]byte(id)] = true
		}
		if n++; n == lines {
			if err := child.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = child.Process.Kill() // it may have failed, and then it ends by itself
	_ = child.Wait()
	if n < lines {
		t.Fatalf("the child said %d of %d lines", n, lines)
	}
}

// there opens the store and looks for everything.
func there(t *testing.T, folder string, envelopes, chunks map[[32]byte]bool) {
	t.Helper()
	e, err := Open(t.Context(), folder, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	space := killedSpace()
	items, err := enginetest.ReadAll(t.Context(), e, space, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	spans := enginetest.InOrder(t, items)
	found, size := map[[32]byte]bool{}, int64(0)
	for _, item := range items {
		env, err := envelope.Decode(item.Raw)
		if err != nil || env.Verify() != nil {
			t.Fatalf("an envelope is damaged: %v", err)
		}
		found[env.ID] = true
		size += int64(len(item.Raw))
	}
	for id := range envelopes {
		if !found[id] {
			t.Errorf("an envelope was acknowledged and is lost: %x", id)
		}
	}
	heads, err := e.Heads(t.Context(), space)
	if err != nil || len(heads) != len(spans) {
		t.Errorf("%d heads of %d feeds, %v", len(heads), len(spans), err)
	}
	for _, h := range heads {
		if spans[h.Feed()] != (enginetest.Span{First: 1, Last: h.Seq}) {
			t.Errorf("head %d of %+v", h.Seq, spans[h.Feed()])
		}
	}
	for hash := range chunks {
		if got, err := e.GetChunk(t.Context(), space, hash); err != nil || key.Digest(got) != hash {
			t.Errorf("a chunk was acknowledged and is lost: %v", err)
		}
	}
	hashes, err := e.ChunkHashes(t.Context(), space, [32]byte{}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range hashes {
		got, err := e.GetChunk(t.Context(), space, hash)
		if err != nil || key.Digest(got) != hash {
			t.Errorf("a chunk is damaged: %v", err)
		}
		size += int64(len(got))
	}
	if u, err := e.Usage(t.Context(), engine.Tenant{1}); err != nil || u != (engine.Usage{Bytes: size, Envelopes: int64(len(items)), Chunks: int64(len(hashes))}) {
		t.Errorf("usage %+v, %v: %d envelopes, %d chunks, %d bytes are there", u, err, len(items), len(hashes), size)
	}
}
