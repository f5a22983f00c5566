package files

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

// PortraitsPrefix is where the pictures of people stand: <workspace>/<person>/<mark>.
const PortraitsPrefix = "/portraits/"

// Portraits gives the handler of everything under PortraitsPrefix. open finds the
// picture of a person, a JPEG that this program drew, and its mark.
func Portraits(log *slog.Logger, open func(ctx context.Context, workspace, person string) (drawn []byte, mark string, err error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "files are read with GET", http.StatusMethodNotAllowed)
			return
		}
		parts := strings.Split(strings.TrimPrefix(r.URL.Path, PortraitsPrefix), "/")
		if len(parts) != 3 {
			http.NotFound(w, r)
			return
		}
		drawn, mark, err := open(r.Context(), parts[0], parts[1])
		if err != nil {
			refuse(w, r, log, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "image/jpeg")
		h.Set("Content-Length", strconv.Itoa(len(drawn)))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		// A list shows many and comes back often. The mark names the bytes; who asks with
		// an old one, between a change and hearing of it, gets the new picture once.
		h.Set("Cache-Control", "no-store")
		if mark == parts[2] {
			h.Set("Cache-Control", "private, max-age=604800, immutable")
		}
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodGet {
			_, _ = w.Write(drawn) // who asks notices
		}
	})
}
