package local

import (
	"io"
	"io/fs"
	"net/http"

	"roundtable/backend/api"
	"roundtable/backend/api/files"
)

// Backend is what a way in needs of the app.
type Backend interface {
	// API serves everything under api.Prefix.
	API() http.Handler
	// Files serves everything under files.Prefix.
	Files() http.Handler
	// FolderFiles serves everything under files.FoldersPrefix.
	FolderFiles() http.Handler
	// Documents serves everything under files.DocumentsPrefix.
	Documents() http.Handler
	// Portraits serves everything under files.PortraitsPrefix.
	Portraits() http.Handler
	// Changes tells what to ask again.
	Changes() *api.Changes
}

// Plain serves the screen and the calls of a window in this process.
func Plain(backend Backend, screen fs.FS) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(api.Prefix, noStore(backend.API()))
	mux.Handle(files.Prefix, noStore(backend.Files()))
	mux.Handle(files.FoldersPrefix, noStore(backend.FolderFiles()))
	mux.Handle(files.DocumentsPrefix, noStore(backend.Documents()))
	mux.Handle(files.PortraitsPrefix, backend.Portraits())
	mux.Handle("/", newScreen(screen))
	return headers(policy(""), mux)
}

func noStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// policy says what the page may do: run and load what comes from here, and
// nothing else. live is the address of the WebSocket, which some browsers do
// not count as 'self'. WebAssembly may be compiled, which blurring backgrounds
// needs; that allows no eval of scripts, and its bytes, too, come from here alone.
func policy(live string) string {
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; " +
		"img-src 'self' blob:; media-src 'self' blob:; worker-src 'self' blob:; manifest-src 'self'; " +
		"connect-src 'self'" + live + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// headers goes with everything that is served.
func headers(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// Page serves one page of HTML, with its styles in it, at every address. The
// scripts that it may load are those of the window's shell.
func Page(html string) http.Handler {
	return headers("default-src 'none'; script-src 'self'; style-src 'unsafe-inline'", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, html)
	}))
}
