package desktop

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"roundtable/app/config"
	"roundtable/backend/api"
)

// The window itself is tested by build/test-window.sh, in a virtual display.

func TestTheDoorAnswersLikeHTTP(t *testing.T) {
	door := &Door{ctx: t.Context(), api: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(r.Method + " " + r.URL.Path))
	})}
	if got := door.Call("/api/roundtable.v1.ChatService/Send", "{}"); got != (Reply{403, "POST /api/roundtable.v1.ChatService/Send"}) {
		t.Errorf("%+v", got)
	}
	if got := door.Call("/api/x", strings.Repeat("x", api.MaxRequest+1)); got.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %+v", got)
	}
}

func TestEachProfileHasItsInstance(t *testing.T) {
	a, b := instance("/home/li/.config/Roundtable"), instance("/home/li/圆桌")
	if a == b || a != instance("/home/li/.config/Roundtable") || !regexp.MustCompile(`^[a-z0-9_]+$`).MatchString(a) {
		t.Errorf("%q %q", a, b)
	}
}

func TestSorrySaysOneSentence(t *testing.T) {
	w := httptest.NewRecorder()
	sorry("磁盘已满 <b>").ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if !strings.Contains(w.Body.String(), "磁盘已满 &lt;b&gt;") {
		t.Error(w.Body)
	}
}

func TestFlagsThatNeedNoWindow(t *testing.T) {
	for arguments, want := range map[string]int{"--version": config.ExitOK, "--help": config.ExitOK, "--nonsense": config.ExitUsage} {
		var stdout, stderr bytes.Buffer
		if got := run([]string{arguments}, &stdout, &stderr); got != want || stdout.Len()+stderr.Len() == 0 {
			t.Errorf("%s: %d", arguments, got)
		}
	}
}
