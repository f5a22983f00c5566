package files

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
)

// FoldersPrefix is where the content of shared folders stands:
// GET /folders/<folder>/<version or "-">/<path>, with ranges.
const FoldersPrefix = "/folders/"

// OpenEntry finds a file in a shared folder. Content is closed where it is an
// io.Closer. The errors carry a code of package errcode.
type OpenEntry func(ctx context.Context, folder, version, path string) (File, error)

// ServeFolders gives the handler of everything under FoldersPrefix.
func ServeFolders(log *slog.Logger, open OpenEntry) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "files are read with GET", http.StatusMethodNotAllowed)
			return
		}
		parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, FoldersPrefix), "/", 3)
		if len(parts) != 3 || parts[2] == "" {
			http.NotFound(w, r)
			return
		}
		f, err := open(r.Context(), parts[0], parts[1], parts[2])
		if err != nil {
			refuse(w, r, log, err)
			return
		}
		if c, ok := f.Content.(io.Closer); ok {
			defer c.Close()
		}
		give(w, r, f)
	})
}
