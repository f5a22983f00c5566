package desktop

import (
	"html"
	"net/http"
	"strings"

	"roundtable/app/local"
)

// sorry is the page of a start that failed: one sentence.
func sorry(sentence string) http.Handler {
	page := strings.Replace(`<!doctype html><meta charset="utf-8"><title>Roundtable 圆桌</title><style>
html{color-scheme:light dark;font:18px/1.6 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f5f4f0;color:#1d2320}
p{max-width:30em;padding:2em;text-align:center}
@media (prefers-color-scheme:dark){body{background:#141716;color:#e9ece9}}
</style><p role="alert">SENTENCE</p>`, "SENTENCE", html.EscapeString(sentence), 1)
	return local.Page(page)
}
