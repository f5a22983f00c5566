package local

import (
	"bytes"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

const index = "index.html"

// built serves the built screen.
type built struct{ screen fs.FS }

func newScreen(screen fs.FS) http.Handler { return built{screen} }

// ServeHTTP gives a file, and the first page for every address that could be a
// place in the screen (it has no extension).
func (f built) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "files are read with GET", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	data, err := fs.ReadFile(f.screen, name)
	if err != nil && path.Ext(name) == "" {
		name = index
		data, err = fs.ReadFile(f.screen, name)
	}
	switch {
	case err != nil && name == index:
		notBuilt(w)
		return
	case err != nil || strings.HasPrefix(path.Base(name), "."):
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentType(name))
	// Names below assets/ carry a hash of their content: they never change.
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// contentType knows the screen's own kinds by itself: the tables of the system
// differ, and on Windows any program may have changed them.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".woff2":
		return "font/woff2"
	case ".wasm":
		return "application/wasm"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// notBuilt speaks to developers: a binary that was made without the screen.
func notBuilt(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte("<!doctype html><meta charset=utf-8><title>Roundtable</title>" +
		"<p>This program was built without its screen. Run <code>make build</code>.</p>"))
}
