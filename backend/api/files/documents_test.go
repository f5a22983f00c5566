package files_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roundtable/backend/api/files"
	"roundtable/backend/errcode"
)

type closed struct {
	io.ReadSeeker
	did *bool
}

func (c closed) Close() error { *c.did = true; return nil }

func TestDocuments(t *testing.T) {
	ended := false
	h := files.ServeDocuments(slog.New(slog.DiscardHandler), func(_ context.Context, path []string) (files.File, error) {
		switch strings.Join(path, "/") {
		case "contracts/a/original":
			return files.File{Name: "采购合同.pdf", Media: "application/pdf", Content: closed{strings.NewReader("%PDF-1.7 body"), &ended}}, nil
		case "contracts/a/files/f":
			return files.File{Name: "a.html", Media: "text/html", Content: strings.NewReader("<script>")}, nil
		}
		return files.File{}, errcode.NotFound
	})
	get := func(url, ranged string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, url, nil)
		if ranged != "" {
			r.Header.Set("Range", ranged)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	r := get("/documents/contracts/a/original", "bytes=5-7")
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusPartialContent || string(body) != "1.7" || !ended {
		t.Errorf("%d %q %v", r.StatusCode, body, err)
	}
	for header, want := range map[string]string{
		"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; sandbox", "Accept-Ranges": "bytes",
		"Content-Disposition": "inline; filename*=utf-8''%E9%87%87%E8%B4%AD%E5%90%88%E5%90%8C.pdf",
	} {
		if got := r.Header.Get(header); got != want {
			t.Errorf("%s: %q", header, got)
		}
	}
	for url, want := range map[string]string{"/documents/contracts/a/original?download": "attachment;", "/documents/contracts/a/files/f": "attachment;"} {
		if r := get(url, ""); !strings.HasPrefix(r.Header.Get("Content-Disposition"), want) || r.Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%s: %v", url, r.Header)
		}
	}
	for _, url := range []string{"/documents/drafts/nothing", "/documents/contracts", "/documents/a/b/c/d/e"} {
		if r := get(url, ""); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", url, r.StatusCode)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/documents/drafts/a", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Error(w.Code)
	}
}
