package files_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"roundtable/backend/api/files"
	"roundtable/backend/errcode"
)

// A list shows many pictures and comes back often, so a page may keep them; it is told when there is another one.
func TestPortraitsMayBeKept(t *testing.T) {
	h := files.Portraits(slog.New(slog.DiscardHandler), func(_ context.Context, workspace, person string) ([]byte, string, error) {
		if workspace == "spc_stops" {
			return nil, "", fmt.Errorf("read portrait: %w", context.Canceled)
		}
		if workspace != "spc_a" || person != "per_b" {
			return nil, "", errcode.NotFound
		}
		return []byte("jpeg"), "0a", nil
	})
	for at, want := range map[string]struct {
		status int
		cache  string
	}{
		"/portraits/spc_a/per_b/0a":     {http.StatusOK, "private, max-age=604800, immutable"},
		"/portraits/spc_a/per_b/old":    {http.StatusOK, "no-store"},
		"/portraits/spc_a/per_c/0a":     {http.StatusNotFound, ""},
		"/portraits/spc_stops/per_b/0a": {http.StatusServiceUnavailable, ""},
		"/portraits/spc_a/per_b":        {http.StatusNotFound, ""},
		"/portraits/spc_a/per_b/0a/x":   {http.StatusNotFound, ""},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, at, nil))
		body, _ := io.ReadAll(w.Body)
		if w.Code != want.status || w.Header().Get("Cache-Control") != want.cache || w.Code == http.StatusOK && (string(body) != "jpeg" || w.Header().Get("Content-Type") != "image/jpeg") {
			t.Errorf("%s: %d, kept %q, %q", at, w.Code, w.Header().Get("Cache-Control"), body)
		}
	}
}
