// Package files serves the content of attachments to a screen on this machine:
// GET /files/<conversation>/<message>/<index>, with ranges.
//
// What others sent is never trusted: only a few kinds of pictures, sound and film
// are shown in the page; everything else leaves as a file to be saved, whatever it
// says of itself. A picture is looked at before: one that would unpack into more
// pixels than a screen can hold is not shown.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"roundtable/backend/errcode"
)

// Prefix is where files stand.
const Prefix = "/files/"

// File is an attachment that is here.
type File struct {
	Name    string
	Media   string // lower case, no parameters
	Picture bool   // said to be one that may be shown
	Content io.ReadSeeker
}

// Open finds a file. The errors carry a code of package errcode.
type Open func(ctx context.Context, conversation, message string, index int) (File, error)

// Serve gives the handler of everything under Prefix.
func Serve(log *slog.Logger, open Open) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "files are read with GET", http.StatusMethodNotAllowed)
			return
		}
		parts := strings.Split(strings.TrimPrefix(r.URL.Path, Prefix), "/")
		if len(parts) != 3 {
			http.NotFound(w, r)
			return
		}
		index, err := strconv.Atoi(parts[2])
		if err != nil {
			http.NotFound(w, r)
			return
		}
		f, err := open(r.Context(), parts[0], parts[1], index)
		if err != nil {
			refuse(w, r, log, err)
			return
		}
		give(w, r, f)
	})
}

func refuse(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	code, _ := errcode.From(err)
	if code == errcode.Internal && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		code = errcode.NotReady // who asked went away, or the program stops: no fault of anybody
	}
	status := http.StatusNotFound
	switch code {
	case errcode.Internal:
		status = http.StatusInternalServerError
		if r.Context().Err() == nil {
			log.ErrorContext(r.Context(), "file not served", "err", err)
		}
	case errcode.NotReady:
		status = http.StatusServiceUnavailable
	default:
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"code":"`+string(code)+`"}`)
}

func give(w http.ResponseWriter, r *http.Request, f File) {
	h := w.Header()
	media, inline := kind(f)
	if r.URL.Query().Has("download") {
		media, inline = "application/octet-stream", false
	}
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// Opened by itself it is a document without scripts, forms or an origin.
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "no-store") // what is read must not lie about in a browser's folder
	disposition := "attachment"
	if inline {
		disposition = "inline"
	}
	if text := mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}); text != "" {
		disposition = text
	}
	h.Set("Content-Disposition", disposition)
	http.ServeContent(w, bounded(r, media), "", time.Time{}, f.Content)
}

// most is what one answer to a player holds, in bytes.
const most = 4 << 20

// bounded bounds a question of a player for everything from a place on: it gets a part,
// which the answer says, and asks for the next one when it needs it. Some windows hold a
// whole answer in memory before the page sees the first byte, and nobody who moves to
// the end of a film wants what lies between. What is to be saved is given whole.
func bounded(r *http.Request, media string) *http.Request {
	from, all := strings.CutSuffix(strings.TrimPrefix(r.Header.Get("Range"), "bytes="), "-")
	n, err := strconv.ParseInt(from, 10, 64)
	if !all || err != nil || n < 0 || n > math.MaxInt64-most || !strings.HasPrefix(media, "video/") && !strings.HasPrefix(media, "audio/") {
		return r
	}
	r = r.Clone(r.Context())
	r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", n, n+most-1))
	return r
}

// kind is the content type of a file and whether it is shown in the page.
func kind(f File) (media string, inline bool) {
	switch f.Media {
	case "video/mp4", "video/webm", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm", "audio/flac":
		return f.Media, true
	}
	if f.Picture && fits(f) {
		return f.Media, true
	}
	return "application/octet-stream", false
}
