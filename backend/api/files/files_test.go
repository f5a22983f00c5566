package files_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roundtable/backend/api/files"
	"roundtable/backend/errcode"
)

func encoded(t *testing.T, kind string, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black})
	var err error
	switch kind {
	case "png":
		err = png.Encode(&out, img)
	case "jpeg":
		err = jpeg.Encode(&out, img, nil)
	case "gif":
		err = gif.Encode(&out, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bomb is a small PNG whose head says that it is huge.
func bomb(t *testing.T, width, height uint32) []byte {
	out := encoded(t, "png", 1, 1)
	binary.BigEndian.PutUint32(out[16:], width)
	binary.BigEndian.PutUint32(out[20:], height)
	binary.BigEndian.PutUint32(out[29:], crc32.ChecksumIEEE(out[12:29]))
	if c, err := png.DecodeConfig(bytes.NewReader(out)); err != nil || c.Width != int(width) {
		t.Fatalf("no bomb: %v, %v", c, err)
	}
	return out
}

func webp(kind string, rest ...byte) []byte {
	out := append([]byte("RIFF\x00\x00\x00\x00WEBP"+kind+"\x00\x00\x00\x00"), rest...)
	return append(out, make([]byte, 30)...)
}

func serve(t *testing.T, f files.File, err error, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	h := files.Serve(slog.New(slog.DiscardHandler), func(_ context.Context, conversation, message string, index int) (files.File, error) {
		if conversation != "spc_x" || message != "m1.2.3" || index != 4 {
			t.Errorf("%q %q %d", conversation, message, index)
		}
		return f, err
	})
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const at = "/files/spc_x/m1.2.3/4"

// Only harmless kinds are shown in the page, and only when they are what they say.
func TestWhatIsShown(t *testing.T) {
	small := encoded(t, "png", 3, 2)
	for name, c := range map[string]struct {
		media  string
		data   []byte
		inline bool
	}{
		"png":                      {"image/png", small, true},
		"jpeg":                     {"image/jpeg", encoded(t, "jpeg", 3, 2), true},
		"gif":                      {"image/gif", encoded(t, "gif", 3, 2), true},
		"webp":                     {"image/webp", webp("VP8X", 0, 0, 0, 0, 9, 0, 0, 4, 0, 0), true},
		"lossless webp":            {"image/webp", webp("VP8L", 0x2f, 9, 0, 1, 0), true},
		"lossy webp":               {"image/webp", webp("VP8 ", 0, 0, 0, 0x9d, 1, 0x2a, 9, 0, 5, 0), true},
		"huge webp":                {"image/webp", webp("VP8X", 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), false},
		"no webp":                  {"image/webp", small, false},
		"jpeg that says png":       {"image/png", encoded(t, "jpeg", 3, 2), false},
		"script that says png":     {"image/png", []byte("<script>"), false},
		"bomb":                     {"image/png", bomb(t, 30_000, 30_000), false},
		"large but true":           {"image/gif", append([]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), make([]byte, 50)...), false},
		"svg":                      {"image/svg+xml", []byte("<svg/>"), false},
		"html":                     {"text/html", []byte("<p>"), false},
		"pdf":                      {"application/pdf", []byte("%PDF"), false},
		"film":                     {"video/mp4", []byte("x"), true},
		"nothing that is an image": {"image/png", nil, false},
	} {
		w := serve(t, files.File{Name: "名字.x", Media: c.media, Picture: true, Content: bytes.NewReader(c.data)}, nil, at)
		kind, how := w.Header().Get("Content-Type"), w.Header().Get("Content-Disposition")
		if inline := kind == c.media && strings.HasPrefix(how, "inline"); inline != c.inline || !inline && (kind != "application/octet-stream" || !strings.HasPrefix(how, "attachment")) {
			t.Errorf("%s: %q, %q", name, kind, how)
		}
		if !bytes.Equal(w.Body.Bytes(), c.data) && !(len(c.data) == 0 && w.Body.Len() == 0) {
			t.Errorf("%s: other bytes", name)
		}
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store"} {
			if got := w.Header().Get(header); got != want {
				t.Errorf("%s: %s: %q", name, header, got)
			}
		}
	}
	w := serve(t, files.File{Name: "a.png", Media: "image/png", Picture: true, Content: bytes.NewReader(small)}, nil, at+"?download")
	if !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("to be saved: %v", w.Header())
	}
	w = serve(t, files.File{Name: "a.png", Media: "image/png", Content: bytes.NewReader(small)}, nil, at)
	if w.Header().Get("Content-Type") != "application/octet-stream" {
		t.Error("shown although the message does not say that it is a picture")
	}
}

func TestNamesDoNotLeaveTheirHeader(t *testing.T) {
	for _, name := range []string{"a\"b.txt", "a\r\nX-Evil: 1", "图纸 (终稿).dwg", strings.Repeat("长", 85), ""} {
		w := serve(t, files.File{Name: name, Content: strings.NewReader("x")}, nil, at)
		how := w.Header().Get("Content-Disposition")
		if strings.ContainsAny(how, "\r\n") || !strings.HasPrefix(how, "attachment") || w.Header().Get("X-Evil") != "" {
			t.Errorf("%q: %q", name, how)
		}
	}
}

func TestRanges(t *testing.T) {
	f := files.File{Name: "x", Content: strings.NewReader("0123456789")}
	w := serve(t, f, nil, at, "Range", "bytes=2-4")
	if w.Code != http.StatusPartialContent || w.Body.String() != "234" || w.Header().Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
	if w := serve(t, f, nil, at, "Range", "bytes=99-"); w.Code != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("beyond the end: %d", w.Code)
	}
}

// A player that asks for a whole film gets it in parts, and every byte of it.
func TestPlayersGetParts(t *testing.T) {
	film := bytes.Repeat([]byte("0123456789"), 1_000_000)
	for _, c := range []struct {
		media, ranged, path string
		from, length        int
	}{
		{"video/mp4", "bytes=0-", at, 0, 4 << 20},
		{"video/mp4", "bytes=4194304-", at, 4 << 20, 4 << 20},
		{"audio/mpeg", "bytes=9000000-", at, 9_000_000, 1_000_000},
		{"video/mp4", "bytes=5-8", at, 5, 4},
		{"video/mp4", "bytes=-10", at, len(film) - 10, 10},
		{"video/mp4", "", at, 0, len(film)},
		{"video/mp4", "bytes=0-", at + "?download", 0, len(film)},
		{"application/pdf", "bytes=0-", at, 0, len(film)},
	} {
		var headers []string
		if c.ranged != "" {
			headers = []string{"Range", c.ranged}
		}
		w := serve(t, files.File{Name: "x", Media: c.media, Content: bytes.NewReader(film)}, nil, c.path, headers...)
		if !bytes.Equal(w.Body.Bytes(), film[c.from:c.from+c.length]) {
			t.Errorf("%s %s %s: %d bytes, %s", c.media, c.ranged, c.path, w.Body.Len(), w.Header().Get("Content-Range"))
		}
	}
	w := serve(t, files.File{Name: "x", Media: "video/mp4", Content: bytes.NewReader(film)}, nil, at, "Range", "bytes=99999999999-")
	if w.Code != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("beyond the end: %d", w.Code)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	for err, want := range map[error]int{
		errcode.NotFound: 404, errcode.AttachmentAbsent: 404, errcode.InvalidArgument: 404, errcode.NotReady: 503, errors.New("secret place"): 500,
	} {
		w := serve(t, files.File{}, err, at)
		if w.Code != want || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
	}
	h := files.Serve(slog.New(slog.DiscardHandler), func(context.Context, string, string, int) (files.File, error) {
		t.Error("asked")
		return files.File{}, io.EOF
	})
	for _, path := range []string{"/files/", "/files/a/b", "/files/a/b/c", "/files/a/b/1/2", "/files/../../x"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, at, nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

// FuzzPicture: no head of a picture does harm.
func FuzzPicture(f *testing.F) {
	f.Add("image/png", []byte("\x89PNG\r\n\x1a\n"))
	f.Add("image/webp", webp("VP8X", 0, 0, 0, 0, 1))
	f.Add("image/gif", []byte("GIF89a"))
	f.Add("image/jpeg", []byte("\xff\xd8\xff"))
	f.Fuzz(func(t *testing.T, media string, data []byte) {
		w := serve(t, files.File{Name: "x", Media: media, Picture: true, Content: bytes.NewReader(data)}, nil, at)
		if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), data) && len(data) > 0 {
			t.Errorf("%d", w.Code)
		}
	})
}
