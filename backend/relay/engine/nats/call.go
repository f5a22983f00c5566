package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"roundtable/backend/relay/engine"
)

// Error codes of the server (nats-server, errors.json).
const (
	codeAccountFull  = 10002
	codeNoPeers      = 10005
	codeNoResources  = 10023
	codeNoMessage    = 10037
	codeStorageFull  = 10047
	codeWrongLast    = 10071
	codeStoreFailed  = 10077
	codeWrongLastNow = 10164
	// anyLast as an expected sequence asks for nothing.
	anyLast = -1
)

// errChanged: the subject's last sequence is another one than expected.
var errChanged = errors.New("subject was written meanwhile")

// apiError is how the server says no.
type apiError struct {
	Code        int    `json:"code"`
	ErrCode     int    `json:"err_code"`
	Description string `json:"description"`
}

// err gives it a meaning.
func (a *apiError) err() error {
	if a == nil {
		return nil
	}
	meaning := engine.ErrUnavailable
	switch a.ErrCode {
	case codeWrongLast, codeWrongLastNow:
		meaning = errChanged
	case codeNoMessage:
		meaning = engine.ErrNotFound
	case codeAccountFull, codeStorageFull, codeNoResources:
		meaning = engine.ErrFull
	case codeStoreFailed:
		if strings.Contains(a.Description, "maximum") {
			meaning = engine.ErrFull
		}
	}
	return fmt.Errorf("%w: %s (%d)", meaning, a.Description, a.ErrCode)
}

// request asks and waits for the answer, which Close does not.
// Errors: ErrUnavailable, ctx's.
func (e *Engine) request(ctx context.Context, m *natsgo.Msg) (*natsgo.Msg, error) {
	if err := e.over(ctx); err != nil {
		return nil, err
	}
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	answer, err := e.send(asking, m)
	if err != nil {
		if err := e.over(ctx); err != nil {
			return nil, err
		}
	}
	return answer, err
}

// send asks, also when the engine is about to close.
func (e *Engine) send(ctx context.Context, m *natsgo.Msg) (*natsgo.Msg, error) {
	try, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	answer, err := e.nc.RequestMsgWithContext(try, m)
	if err == nil {
		return answer, nil
	}
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("%w: %w", engine.ErrUnavailable, err)
}

// over tells that there is no point in going on.
func (e *Engine) over(ctx context.Context) error {
	if err := ctx.Err(); errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", engine.ErrUnavailable, err)
	} else if err != nil {
		return err
	}
	if e.ctx.Err() != nil {
		return fmt.Errorf("closed: %w", engine.ErrUnavailable)
	}
	return nil
}

// patiently repeats what failed with ErrUnavailable, until patience is at its end.
func (e *Engine) patiently(ctx context.Context, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return e.tirelessly(ctx, do)
}

// tirelessly repeats it until ctx ends.
func (e *Engine) tirelessly(ctx context.Context, do func(ctx context.Context) error) error {
	wait := 10 * time.Millisecond
	for {
		err := do(ctx)
		if err == nil || !errors.Is(err, engine.ErrUnavailable) || e.over(ctx) != nil {
			return err
		}
		if e.pause(ctx, jitter(wait)) != nil {
			return err
		}
		wait = min(2*wait, 500*time.Millisecond)
	}
}

// pause waits, unless it is over before.
func (e *Engine) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-e.ctx.Done():
	}
	return e.over(ctx)
}

// publish stores a message; expected is the last sequence of its subject, or
// anyLast. It returns when the stream has it on disk, by a majority.
// Errors: errChanged, ErrFull, ErrUnavailable (it may be stored, or be yet).
func (e *Engine) publish(ctx context.Context, subject string, expected int64, data []byte) (uint64, error) {
	m := &natsgo.Msg{Subject: subject, Data: data}
	if expected != anyLast {
		m.Header = natsgo.Header{"Nats-Expected-Last-Subject-Sequence": {strconv.FormatInt(expected, 10)}}
	}
	return e.publishMessage(ctx, m)
}

// publishMessage is waited for by Close: nothing is stored by a closed engine.
func (e *Engine) publishMessage(ctx context.Context, m *natsgo.Msg) (uint64, error) {
	if err := e.over(ctx); err != nil {
		return 0, err
	}
	if !e.enter(&e.writes) {
		return 0, fmt.Errorf("closed: %w", engine.ErrUnavailable)
	}
	defer e.writes.Done()
	return e.publishNow(ctx, m)
}

func (e *Engine) publishNow(ctx context.Context, m *natsgo.Msg) (uint64, error) {
	answer, err := e.send(ctx, m)
	if err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	var ack struct {
		Error *apiError `json:"error"`
		Seq   uint64    `json:"seq"`
	}
	if err := json.Unmarshal(answer.Data, &ack); err != nil {
		return 0, fmt.Errorf("publish: read answer: %w: %w", engine.ErrUnavailable, err)
	}
	if err := ack.Error.err(); err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	if ack.Seq == 0 {
		return 0, fmt.Errorf("publish: no sequence: %w", engine.ErrUnavailable)
	}
	return ack.Seq, nil
}

// message is a stored message.
type message struct {
	subject string
	seq     uint64
	at      time.Time
	data    []byte
}

// api asks the JetStream API; out has a field for the error.
func (e *Engine) api(ctx context.Context, subject string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("ask cluster: %w", err)
	}
	answer, err := e.request(ctx, &natsgo.Msg{Subject: "$JS.API." + subject, Data: body})
	if err != nil {
		return fmt.Errorf("ask cluster: %w", err)
	}
	if err := json.Unmarshal(answer.Data, out); err != nil {
		return fmt.Errorf("ask cluster: read answer: %w: %w", engine.ErrUnavailable, err)
	}
	return nil
}

// leaderGet reads one message from the stream's leader: what was acknowledged
// before is seen. Errors: ErrNotFound, ErrUnavailable.
func (e *Engine) leaderGet(ctx context.Context, stream string, request getRequest) (message, error) {
	var answer struct {
		Error   *apiError `json:"error"`
		Message struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
	}
	if err := e.api(ctx, "STREAM.MSG.GET."+stream, request, &answer); err != nil {
		return message{}, err
	}
	if err := answer.Error.err(); err != nil {
		return message{}, fmt.Errorf("read message: %w", err)
	}
	m := answer.Message
	return message{subject: m.Subject, seq: m.Seq, at: m.Time, data: m.Data}, nil
}

func (e *Engine) leaderLast(ctx context.Context, stream, subject string) (message, error) {
	return e.leaderGet(ctx, stream, getRequest{LastFor: subject})
}

// leaderNext reads the first message of a subject at or after a sequence.
func (e *Engine) leaderNext(ctx context.Context, stream, subject string, seq uint64) (message, error) {
	return e.leaderGet(ctx, stream, getRequest{NextFor: subject, Seq: seq})
}

// lastSeq asks a stream's leader for its last sequence.
func (e *Engine) lastSeq(ctx context.Context, stream string) (uint64, error) {
	var info struct {
		Error *apiError `json:"error"`
		State struct {
			Last uint64 `json:"last_seq"`
		} `json:"state"`
	}
	if err := e.api(ctx, "STREAM.INFO."+stream, struct{}{}, &info); err != nil {
		return 0, err
	}
	return info.State.Last, info.Error.err()
}

// subjects lists the subjects of a stream that match, as its leader knows them.
func (e *Engine) subjects(ctx context.Context, stream, filter string) (out []string, err error) {
	err = e.patiently(ctx, func(ctx context.Context) error {
		out = out[:0]
		for {
			var answer struct {
				Error *apiError `json:"error"`
				Total int       `json:"total"`
				State struct {
					Subjects map[string]uint64 `json:"subjects"`
				} `json:"state"`
			}
			in := map[string]any{"subjects_filter": filter, "offset": len(out)}
			if err := e.api(ctx, "STREAM.INFO."+stream, in, &answer); err != nil {
				return err
			}
			if err := answer.Error.err(); err != nil {
				return fmt.Errorf("list subjects: %w", err)
			}
			for s := range answer.State.Subjects {
				out = append(out, s)
			}
			if len(answer.State.Subjects) == 0 || len(out) >= answer.Total {
				return nil
			}
		}
	})
	return out, err
}

// purge removes the messages of a filter below a sequence (0: all) and counts them.
func (e *Engine) purge(ctx context.Context, stream, filter string, below uint64) (n int64, err error) {
	in := map[string]any{"filter": filter}
	if below > 0 {
		in["seq"] = below
	}
	err = e.patiently(ctx, func(ctx context.Context) error {
		var answer struct {
			Error  *apiError `json:"error"`
			Purged int64     `json:"purged"`
		}
		if err := e.api(ctx, "STREAM.PURGE."+stream, in, &answer); err != nil {
			return err
		}
		n += answer.Purged
		return answer.Error.err()
	})
	return n, err
}
