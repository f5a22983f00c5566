package desktop

import (
	"context"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// look waits until the page shows a heading and a field, makes a call through
// the bound method, and tells what it found. It runs in the page.
const look = `(async () => {
	const text = (query) => document.querySelector(query)?.textContent?.trim() ?? "";
	for (let i = 0; i < 300 && !(document.querySelector("input") && text("h1")); i++) {
		await new Promise((done) => setTimeout(done, 100));
	}
	const answer = await window.go.desktop.Door.Call("/api/roundtable.v1.SettingsService/Get", "{}");
	window.runtime.EventsEmit("smoke", text("h1"), document.querySelectorAll("input").length, answer.status, document.body.innerText.slice(0, 300));
})()`

// smoke serves the flag --smoke: it logs one line, "screen ready", once the
// first screen is there and the bound method has answered. Tests wait for it.
func (w window) smoke(window context.Context) {
	runtime.EventsOnce(window, "smoke", func(found ...any) {
		if len(found) != 4 {
			w.log.Error("screen not ready", "found", found)
			return
		}
		fields, _ := found[1].(float64)
		status, _ := found[2].(float64)
		if found[0] == "" || fields < 1 || status != 200 {
			w.log.Error("screen not ready", "heading", found[0], "fields", fields, "call", status, "text", found[3])
			return
		}
		w.log.Info("screen ready", "heading", found[0], "fields", fields, "call", status)
	})
	runtime.WindowExecJS(window, look)
}
