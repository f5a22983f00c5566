package nats

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/wire"
)

const (
	benchBody   = 1024 - 194
	benchFlight = 256 // what is on its way at a time, bare and through the engine
	benchSpaces = 64
	benchTurn   = 3 * time.Second
)

// BenchmarkCluster compares the durable rate of an engine with that of bare NATS,
// in turns on the same cluster of three servers, with the same bytes and as
// many of them on their way; and measures catching up.
func BenchmarkCluster(b *testing.B) {
	c := newCluster(b, 0)
	e := openOn(b, c.url, engine.Options{})
	defer func() { _ = e.Close() }()
	for b.Loop() {
		var bare, ours, packed []float64
		for range 3 {
			bare = append(bare, bareRate(b, c.url))
			ours = append(ours, engineRate(b, e, 1))
			packed = append(packed, engineRate(b, e, 16))
		}
		b.ReportMetric(middle(bare), "bare-env/s")
		b.ReportMetric(middle(ours), "engine-env/s")
		b.ReportMetric(middle(ours)/middle(bare), "relay_vs_nats_ratio")
		b.ReportMetric(middle(packed), "engine16-env/s")
		b.ReportMetric(catchUp(b, e, 1), "catchup-env/s")
		b.ReportMetric(catchUp(b, e, 16), "catchup16-env/s")
	}
}

func middle(v []float64) float64 {
	a, b, c := v[0], v[1], v[2]
	return max(min(a, b), min(max(a, b), c))
}

// bareRate publishes envelope-sized messages as fast as acknowledgements allow,
// to as many subjects of the same streams.
func bareRate(b *testing.B, url string) float64 {
	nc, err := natsgo.Connect(url)
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(benchFlight), jetstream.WithPublishAsyncTimeout(10*time.Second))
	if err != nil {
		b.Fatal(err)
	}
	payload := wire.Random(benchBody + 194 + 4 + pieceHeader)
	subjects := make([]string, benchFlight)
	for i := range subjects {
		subjects[i] = fmt.Sprintf("ev.%d.bare%d.0.0.0.%s", i%eventShards, i%benchSpaces, text([32]byte{byte(i)}))
	}
	began, n := time.Now(), 0
	for ; time.Since(began) < benchTurn; n++ {
		if _, err := js.PublishAsync(subjects[n%len(subjects)], payload, jetstream.WithStallWait(10*time.Second)); err != nil {
			b.Fatal(err)
		}
	}
	<-js.PublishAsyncComplete()
	return float64(n) / time.Since(began).Seconds()
}

// engineRate has as many feeds append runs of so many envelopes.
func engineRate(b *testing.B, e *Engine, run int) float64 {
	spaces := make([]wire.SpaceID, benchSpaces)
	for i := range spaces {
		spaces[i] = enginetest.NewSpace()
	}
	var stored atomic.Int64
	var wg sync.WaitGroup
	// Envelopes are made beforehand: devices do that.
	runs := make([][]engine.Run, benchFlight)
	for i := range runs {
		wg.Go(func() {
			a := enginetest.NewAuthor(spaces[i%benchSpaces])
			for range 400 / (run + 2) {
				runs[i] = append(runs[i], a.Write(run, benchBody))
			}
		})
	}
	wg.Wait()
	began := time.Now()
	for i := range runs {
		wg.Go(func() {
			for _, r := range runs[i] {
				if time.Since(began) > benchTurn {
					return
				}
				if _, err := e.Append(b.Context(), engine.Tenant{1}, spaces[i%benchSpaces], []engine.Run{r}); err != nil {
					b.Error(err)
					return
				}
				stored.Add(int64(len(r)))
			}
		})
	}
	wg.Wait()
	return float64(stored.Load()) / time.Since(began).Seconds()
}

// catchUp reads a space of 20,000 envelopes that were appended in runs of so many.
func catchUp(b *testing.B, e *Engine, run int) float64 {
	const all = 20_000
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
	defer cancel()
	space := enginetest.NewSpace()
	var wg sync.WaitGroup
	for range 100 {
		a := enginetest.NewAuthor(space)
		wg.Go(func() {
			for range all / 100 / run {
				if _, err := e.Append(ctx, engine.Tenant{1}, space, []engine.Run{a.Write(run, benchBody)}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	began := time.Now()
	items, err := enginetest.ReadAll(ctx, e, space, nil, 0)
	if err != nil {
		b.Fatal(err)
	}
	return float64(len(items)) / time.Since(began).Seconds()
}
