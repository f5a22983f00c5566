package api

import (
	"bytes"
	"context"
	"net/http"
	"strings"
)

// Call makes one call with a JSON body where there is no HTTP between the
// caller and the handler: the window's bound method, and tests. method is
// "roundtable.v1.ChatService/Send", with or without Prefix. It gives what HTTP
// would have given: a status and the answer's or the error's JSON.
func Call(ctx context.Context, handler http.Handler, method, json string) (status int, body string) {
	method = strings.TrimPrefix(method, Prefix)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, Prefix+method, strings.NewReader(json))
	if err != nil || request.URL.Path != Prefix+method {
		return http.StatusNotFound, `{"code":"not_found"}`
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Connect-Protocol-Version", "1")
	answer := &recorder{header: http.Header{}}
	handler.ServeHTTP(answer, request)
	answer.WriteHeader(http.StatusOK)
	return answer.status, answer.body.String()
}

// recorder keeps an answer in memory. (httptest has one; it belongs in tests,
// and adds a command-line flag to every program that imports it.)
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}
