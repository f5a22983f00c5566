package api

import (
	"context"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"time"

	"connectrpc.com/connect"

	"roundtable/backend/errcode"
)

const (
	// Prefix is where every call stands: Prefix + "roundtable.v1.ChatService/Send".
	Prefix = "/api/"
	// MaxRequest bounds the body of one call.
	MaxRequest = 2 << 20
	// Deadline bounds the time of one call. Whatever takes longer (a join, the
	// fetching of history) goes on in the background and tells of itself by topics.
	Deadline = 30 * time.Second
)

// Service is one service with its implementation, ready to be mounted.
type Service func(...connect.HandlerOption) (path string, handler http.Handler)

// Serve pairs a generated constructor with an implementation:
//
//	api.Serve[roundtablev1connect.ChatServiceHandler](roundtablev1connect.NewChatServiceHandler, chat)
func Serve[T any](construct func(T, ...connect.HandlerOption) (string, http.Handler), impl T) Service {
	return func(options ...connect.HandlerOption) (string, http.Handler) { return construct(impl, options...) }
}

// Mount gives the handler of everything under Prefix. failed, where it is not
// nil, is told of every error that a call ends with.
func Mount(log *slog.Logger, failed func(error), services ...Service) http.Handler {
	options := []connect.HandlerOption{
		connect.WithInterceptors(interceptor{log: log, failed: failed, deadline: Deadline}),
		connect.WithReadMaxBytes(MaxRequest),
		// Nothing here crosses a network, so compression would only cost, and a
		// small compressed request could grow large.
		connect.WithCompression("gzip", nil, nil),
	}
	mux := http.NewServeMux()
	for _, service := range services {
		path, handler := service(options...)
		mux.Handle(path, handler)
	}
	return http.StripPrefix(Prefix[:len(Prefix)-1], unaryOnly(mux))
}

// unaryOnly lets through the two content types of simple calls. The library
// would answer gRPC as well; nobody here speaks it, so nobody may try.
func unaryOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "calls are POST requests", http.StatusMethodNotAllowed)
			return
		}
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" && kind != "application/proto" {
			http.Error(w, "calls are application/json or application/proto", http.StatusUnsupportedMediaType)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// interceptor stands around every call: deadline, panics, errors, log.
type interceptor struct {
	log      *slog.Logger
	failed   func(error)
	deadline time.Duration
}

func (i interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		ctx, cancel := context.WithTimeout(ctx, i.deadline)
		defer cancel()
		method, start := request.Spec().Procedure, time.Now()
		response, err := i.safely(ctx, next, request)
		took := slog.Duration("took", time.Since(start))
		if err == nil {
			i.log.DebugContext(ctx, "call", "method", method, took)
			return response, nil
		}
		if i.failed != nil {
			i.failed(err)
		}
		out, code := outward(err)
		level := slog.LevelDebug
		if code == errcode.Internal && out.Code() != connect.CodeCanceled {
			level = slog.LevelError // nobody expected this one: the log is the only place that tells of it
		}
		i.log.Log(ctx, level, "call failed", "method", method, took, "code", string(code), "status", out.Code().String(), "error", err)
		return nil, out
	}
}

// safely turns a panic into an error, so that a fault in one call is not the
// end of the program; transactions are rolled back by their own defers.
func (i interceptor) safely(ctx context.Context, next connect.UnaryFunc, request connect.AnyRequest) (response connect.AnyResponse, err error) {
	defer func() {
		if r := recover(); r != nil {
			response, err = nil, fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return next(ctx, request)
}

// The services have no streams: changes travel as topics.
func (interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (interceptor) WrapStreamingHandler(connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(context.Context, connect.StreamingHandlerConn) error {
		return connect.NewError(connect.CodeUnimplemented, errcode.Internal)
	}
}
