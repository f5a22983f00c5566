package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/api/gen/roundtable/v1/roundtablev1connect"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// fakeSettings answers as a test tells it to.
type fakeSettings struct {
	get func(context.Context) (*v1.Settings, error)
	roundtablev1connect.UnimplementedSettingsServiceHandler
}

func (f fakeSettings) Get(ctx context.Context, _ *v1.GetSettingsRequest) (*v1.Settings, error) {
	return f.get(ctx)
}

func mount(get func(context.Context) (*v1.Settings, error)) (http.Handler, *bytes.Buffer) {
	var log bytes.Buffer
	h := Mount(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), nil,
		Serve[roundtablev1connect.SettingsServiceHandler](roundtablev1connect.NewSettingsServiceHandler, fakeSettings{get: get}))
	return h, &log
}

func TestErrorsLeaveAsCodes(t *testing.T) {
	secret := errors.New("open /home/li/secret: no such file")
	for _, c := range []struct {
		name   string
		err    error
		status int
		code   string
		level  string
	}{
		{"coded", errcode.Of(errcode.NameTooLong, "max", 80), 400, "name_too_long", "DEBUG"},
		{"wrapped", fmt.Errorf("rename: %w", errcode.With(errcode.Forbidden, secret)), 403, "forbidden", "DEBUG"},
		{"bare code", errcode.NotFound, 404, "not_found", "DEBUG"},
		{"bad id", fmt.Errorf("x: %w", wire.ErrID), 400, "invalid_argument", "DEBUG"},
		{"unknown", secret, 500, "internal", "ERROR"},
		{"library's", connect.NewError(connect.CodeUnimplemented, secret), 501, "internal", "ERROR"},
		{"given up", context.Canceled, 499, "internal", "DEBUG"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, log := mount(func(context.Context) (*v1.Settings, error) { return nil, c.err })
			status, body := Call(t.Context(), h, "roundtable.v1.SettingsService/Get", `{}`)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if !strings.Contains(body, "roundtable.v1.ErrorInfo") || !strings.Contains(body, fmt.Sprintf(`"code":%q`, c.code)) {
				t.Errorf("no %s in %s", c.code, body)
			}
			if strings.Contains(body, "secret") {
				t.Errorf("the cause left the door: %s", body)
			}
			if !strings.Contains(log.String(), "level="+c.level) {
				t.Errorf("log: %s", log)
			}
		})
	}
}

func TestAPanicIsOneFailedCall(t *testing.T) {
	h, log := mount(func(context.Context) (*v1.Settings, error) { panic("boom") })
	status, body := Call(t.Context(), h, "/api/roundtable.v1.SettingsService/Get", `{}`)
	if status != 500 || strings.Contains(body, "boom") || !strings.Contains(log.String(), "boom") {
		t.Errorf("%d %s\n%s", status, body, log)
	}
}

func TestACallHasADeadline(t *testing.T) {
	h, _ := mount(func(ctx context.Context) (*v1.Settings, error) {
		at, ok := ctx.Deadline()
		if !ok || time.Until(at) > Deadline {
			t.Errorf("deadline %v %v", at, ok)
		}
		return &v1.Settings{Language: "zh"}, nil
	})
	status, body := Call(t.Context(), h, "roundtable.v1.SettingsService/Get", `{}`)
	if status != 200 || !strings.Contains(body, `"zh"`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestCallRefusesWhatIsNoMethod(t *testing.T) {
	h, _ := mount(func(context.Context) (*v1.Settings, error) { return &v1.Settings{}, nil })
	for _, method := range []string{"", "x", "../static", "roundtable.v1.SettingsService/Get?x=1", "roundtable.v1.SettingsService/Nope", "\x00", "http://example.org/"} {
		if status, _ := Call(t.Context(), h, method, `{}`); status == 200 {
			t.Errorf("%q was answered", method)
		}
	}
	if status, body := Call(t.Context(), h, "roundtable.v1.SettingsService/Get", `{"a`); status != 400 {
		t.Errorf("garbled body: %d %s", status, body)
	}
	if status, _ := Call(t.Context(), h, "roundtable.v1.SettingsService/Set", `{"theme":"`+strings.Repeat("x", MaxRequest)+`"}`); status != 429 {
		t.Errorf("oversized body: %d", status)
	}
}

func TestOnlySimpleCallsPass(t *testing.T) {
	h, _ := mount(func(context.Context) (*v1.Settings, error) { return &v1.Settings{}, nil })
	for _, c := range []struct {
		method, kind string
		status       int
	}{
		{"POST", "application/json; charset=utf-8", 200},
		{"POST", "application/proto", 200},
		{"POST", "application/grpc", 415},
		{"POST", "text/plain", 415},
		{"POST", "", 415},
		{"GET", "application/json", 405},
	} {
		body := "{}"
		if c.kind == "application/proto" {
			body = ""
		}
		r := httptest.NewRequest(c.method, "/api/roundtable.v1.SettingsService/Get", strings.NewReader(body))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s %q: %d, want %d", c.method, c.kind, w.Code, c.status)
		}
	}
}

// A new code must be given a transport code on purpose when it is not a state.
func TestEveryStatusIsMapped(t *testing.T) {
	if got := connectCode(errcode.LastOwner); got != connect.CodeFailedPrecondition {
		t.Errorf("last_owner: %v", got)
	}
	if got := connectCode(errcode.DiskFull); got != connect.CodeResourceExhausted {
		t.Errorf("disk_full: %v", got)
	}
}
