package desktop

import (
	"context"
	"html"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"roundtable/app"
	"roundtable/app/local"
)

// The page leads to a door that answers, its file is the user's alone, and both go with the app.
func TestBrowserOpensTheSameApp(t *testing.T) {
	profile := t.TempDir()
	a, err := app.Open(t.Context(), app.Options{Profile: profile, Log: slog.New(slog.DiscardHandler), LANAddress: "off"})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	shown := ""
	b := &browser{profile: profile, log: slog.New(slog.DiscardHandler), show: func(path string, reveal bool) error { shown = path; return nil }}
	if err := b.open(""); err == nil {
		t.Error("opened before the app runs")
	}
	ctx, cancel := context.WithCancel(t.Context())
	var backend local.Backend = a
	b.ready(ctx, backend, fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}})
	if err := b.possible()("/w/spc_a/meetings?x=1"); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(shown)
	if err != nil {
		t.Fatal(err)
	}
	if i, err := os.Stat(shown); err != nil || i.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v %v", i.Mode(), err)
	}
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+/#boot=[^"]+`).FindString(html.UnescapeString(string(page)))
	if !strings.HasSuffix(address, "&at=%2Fw%2Fspc_a%2Fmeetings%3Fx%3D1") {
		t.Fatalf("%s", page)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.SplitN(address, "#", 2)[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	_ = answer.Body.Close()
	cancel()
	b.wait()
	if _, err := os.Stat(filepath.Join(profile, pageFile)); err == nil {
		t.Error("the page is left")
	}
	if err := b.open(""); err == nil {
		t.Error("opened after the app has ended")
	}
}
