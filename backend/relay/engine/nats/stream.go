package nats

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"roundtable/backend/relay/engine"
)

// streams are all streams of a store. Nothing old is dropped to make room, and
// nothing by its age: that would take the heads of feeds along. Sweep removes.
func (e *Engine) streams() []jetstream.StreamConfig {
	base := jetstream.StreamConfig{
		Storage:     jetstream.FileStorage,
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardNew,
		Replicas:    e.replicas(),
		AllowDirect: true,
		AllowRollup: true,
		MaxMsgs:     -1, MaxBytes: -1, MaxMsgsPerSubject: -1,
	}
	var out []jetstream.StreamConfig
	for i := range eventShards {
		s, n := base, strconv.Itoa(i)
		s.Name, s.Subjects = "EV_"+n, []string{"ev." + n + ".>", "hd." + n + ".>"}
		s.RePublish = &jetstream.RePublish{Source: "ev." + n + ".>", Destination: "lv." + n + ".>", HeadersOnly: true}
		out = append(out, s)
	}
	for i := range chunkShards {
		s, n := base, strconv.Itoa(i)
		s.Name, s.Subjects = "CK_"+n, []string{"ck." + n + ".>"}
		out = append(out, s)
	}
	grants, table, usage := base, base, base
	grants.Name, grants.Subjects = streamGrants, []string{"gr.>"}
	grants.RePublish = &jetstream.RePublish{Source: "gr.>", Destination: "lg.>", HeadersOnly: true}
	table.Name, table.Subjects, table.MaxMsgsPerSubject = streamTable, []string{"tb.>", "ls.>", "ok.>", "tn.>", "rc.>"}, 1
	usage.Name, usage.Subjects, usage.MaxMsgsPerSubject = streamUsage, []string{"us.>"}, 1
	usage.Discard, usage.AllowMsgCounter = jetstream.DiscardOld, true
	return append(out, grants, table, usage)
}

func (e *Engine) replicas() int {
	switch {
	case e.o.Replicas > 0:
		return e.o.Replicas
	case e.nc != nil && e.nc.ConnectedClusterName() != "":
		return 3
	}
	return 1
}

// makeStreams makes the streams that are missing. Those that are there are left
// as they are: an operator may have changed what is his to change.
func (e *Engine) makeStreams(ctx context.Context) error {
	js, err := jetstream.New(e.nc)
	if err != nil {
		return fmt.Errorf("make streams: %w", err)
	}
	all := e.streams()
	err = inParallel(len(all), func(i int) error {
		err := e.tirelessly(ctx, func(ctx context.Context) error { return makeStream(ctx, js, all[i]) })
		if err != nil {
			return fmt.Errorf("make stream %s: %w", all[i].Name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return e.markShards(ctx)
}

func makeStream(ctx context.Context, js jetstream.JetStream, s jetstream.StreamConfig) error {
	ctx, cancel := context.WithTimeout(ctx, 2*attempt) // a cluster without a leader does not answer
	defer cancel()
	_, err := js.Stream(ctx, s.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = js.CreateStream(ctx, s)
	}
	if err == nil || errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return nil
	}
	var api *jetstream.APIError
	if errors.As(err, &api) && api.Code == 400 && api.ErrorCode != codeNoPeers {
		return err // trying again makes it no better
	}
	return fmt.Errorf("%w: %w", engine.ErrUnavailable, err)
}

// markShards writes what a direct read can always find, in every shard.
func (e *Engine) markShards(ctx context.Context) error {
	return inParallel(eventShards, func(i int) error {
		n := strconv.Itoa(i)
		err := e.tirelessly(ctx, func(ctx context.Context) error {
			_, err := e.leaderLast(ctx, "EV_"+n, "hd."+n+".0")
			if errors.Is(err, engine.ErrNotFound) {
				_, err = e.publish(ctx, "hd."+n+".0", 0, nil)
			}
			if errors.Is(err, errChanged) {
				return nil
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("mark shard %s: %w", n, err)
		}
		return nil
	})
}

// inParallel does n things, a few at a time.
func inParallel(n int, do func(i int) error) error {
	failed := make([]error, n)
	slots := make(chan struct{}, 8)
	var wg sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			failed[i] = do(i)
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}
