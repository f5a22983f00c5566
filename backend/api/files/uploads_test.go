package files_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"roundtable/backend/api/files"
	"roundtable/backend/errcode"
)

func TestUploads(t *testing.T) {
	var got []byte
	h := files.Uploads(slog.New(slog.DiscardHandler), func(_ context.Context, upload string, offset int64, data []byte) (int64, error) {
		switch upload {
		case "full":
			return 0, errcode.DiskFull
		case "broken":
			return 0, errors.New("secret place")
		case "up_1":
			got = bytes.Clone(data)
			return offset + int64(len(data)), nil
		}
		return 0, errcode.NotFound
	})
	send := func(method, path string, body io.Reader) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, path, body))
		return w.Code, w.Body.String()
	}
	large := bytes.Repeat([]byte{1, 2}, files.MaxUpload/2)
	for _, c := range []struct {
		method, path string
		body         []byte
		status       int
		says         string
	}{
		{http.MethodPost, "/files/uploads/up_1/100", []byte("abc"), 200, `{"received":103}`},
		{http.MethodPost, "/files/uploads/up_1/0", large, 200, `{"received":8388608}`},
		{http.MethodPost, "/files/uploads/up_1/0", append(large, 1), 404, `{"code":"invalid_argument"}`},
		{http.MethodPost, "/files/uploads/full/0", []byte("x"), 404, `{"code":"disk_full"}`},
		{http.MethodPost, "/files/uploads/nothing/0", []byte("x"), 404, `{"code":"not_found"}`},
		{http.MethodPost, "/files/uploads/broken/0", []byte("x"), 500, `{"code":"internal"}`},
		{http.MethodPost, "/files/uploads/up_1/-1", []byte("x"), 404, "not found"},
		{http.MethodPost, "/files/uploads/up_1", []byte("x"), 404, "not found"},
		{http.MethodGet, "/files/uploads/up_1/0", nil, 405, "POST"},
	} {
		got = nil
		status, body := send(c.method, c.path, bytes.NewReader(c.body))
		if status != c.status || !strings.Contains(body, c.says) || strings.Contains(body, "secret") {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
		if status == http.StatusOK && !bytes.Equal(got, c.body) {
			t.Errorf("%s: %d bytes were taken", c.path, len(got))
		}
	}
	for name, cut := range map[string]error{"too slow": os.ErrDeadlineExceeded, "broken line": syscall.ECONNRESET} {
		if status, _ := send(http.MethodPost, "/files/uploads/up_1/0", io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(cut))); status != http.StatusRequestTimeout {
			t.Errorf("%s: %d", name, status)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/files/uploads/up_1/0", strings.NewReader("short"))
	r.ContentLength = 10
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code == http.StatusOK {
		t.Error("a request that was cut short was taken")
	}
}
