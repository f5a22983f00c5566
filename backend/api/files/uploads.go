package files

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"roundtable/backend/errcode"
)

// UploadsPrefix is where the next bytes of an upload are sent to:
// POST /files/uploads/<upload>/<offset>, the bytes themselves as the body. The answer
// is {"received":n}, or {"code":…} with a status of 400 or above. It does what the call
// UploadPart does, without its bytes in a text of base64.
const UploadsPrefix = Prefix + "uploads/"

// MaxUpload bounds the bytes of one request.
const MaxUpload = 8 << 20

// TakePart takes the next bytes of an upload and tells how many are on disk now. data is
// the caller's again afterwards. The errors carry a code of package errcode.
type TakePart func(ctx context.Context, upload string, offset int64, data []byte) (received int64, err error)

// Uploads gives the handler of everything under UploadsPrefix.
func Uploads(log *slog.Logger, take TakePart) http.Handler {
	var buffers sync.Pool
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "uploads are sent with POST", http.StatusMethodNotAllowed)
			return
		}
		upload, text, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, UploadsPrefix), "/")
		offset, err := strconv.ParseInt(text, 10, 64)
		if !ok || err != nil || offset < 0 {
			http.NotFound(w, r)
			return
		}
		buf, ok := buffers.Get().(*[MaxUpload + 1]byte)
		if !ok {
			buf = new([MaxUpload + 1]byte)
		}
		defer buffers.Put(buf)
		n, err := io.ReadFull(r.Body, buf[:])
		switch {
		case err == nil:
			err = errcode.InvalidArgument // there is more
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			err = nil
			if r.ContentLength >= 0 && int64(n) != r.ContentLength {
				err = errcode.InvalidArgument // cut short
			}
		default: // the bytes did not come within the time of the server, or the line broke: nothing here is at fault
			w.WriteHeader(http.StatusRequestTimeout)
			return
		}
		var received int64
		if err == nil {
			received, err = take(r.Context(), upload, offset, buf[:n])
		}
		if err != nil {
			refuse(w, r, log, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"received":`+strconv.FormatInt(received, 10)+`}`)
	})
}
