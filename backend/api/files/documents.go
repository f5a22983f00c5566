package files

import (
	"context"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"
)

// DocumentsPrefix is where documents of contracts stand, with ranges:
//
//	GET /documents/uploads/<upload>
//	GET /documents/drafts/<draft>
//	GET /documents/contracts/<contract>[/original|/evidence|/files/<field>]
//
// A PDF is given to the page, which draws it itself; everything else is a file to be saved, and so is all with "?download".
const DocumentsPrefix = "/documents/"

// pdfMedia is the only kind that the page gets.
const pdfMedia = "application/pdf"

// OpenDocument finds a document by the path below DocumentsPrefix. Content is closed where it is an
// io.Closer. The errors carry a code of package errcode.
type OpenDocument func(ctx context.Context, path []string) (File, error)

// ServeDocuments gives the handler of everything under DocumentsPrefix.
func ServeDocuments(log *slog.Logger, open OpenDocument) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "documents are read with GET", http.StatusMethodNotAllowed)
			return
		}
		path := strings.Split(strings.TrimPrefix(r.URL.Path, DocumentsPrefix), "/")
		if len(path) < 2 || len(path) > 4 {
			http.NotFound(w, r)
			return
		}
		f, err := open(r.Context(), path)
		if err != nil {
			refuse(w, r, log, err)
			return
		}
		if c, ok := f.Content.(io.Closer); ok {
			defer c.Close()
		}
		media, disposition := "application/octet-stream", "attachment"
		if f.Media == pdfMedia && !r.URL.Query().Has("download") {
			media, disposition = pdfMedia, "inline"
		}
		h := w.Header()
		h.Set("Content-Type", media)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		// Opened by itself it runs no scripts: PDF can have some, and others wrote it.
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Cache-Control", "no-store")
		if text := mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}); text != "" {
			disposition = text
		}
		h.Set("Content-Disposition", disposition)
		http.ServeContent(w, r, "", time.Time{}, f.Content)
	})
}
