package desktop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"path/filepath"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"roundtable/app/config"
	"roundtable/app/local"
	"roundtable/backend/api"
	"roundtable/build"
)

const (
	name  = "Roundtable"
	title = "Roundtable 圆桌"
)

// window is the one window and what it shows.
type window struct {
	config  config.Config
	log     *slog.Logger
	pages   http.Handler
	backend local.Backend // nil when the start failed
}

// show opens the window and returns when it is closed, or when ctx ends.
func (w window) show(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o := w.options()
	// A second start of the same profile ends itself and calls here.
	again := make(chan struct{}, 1)
	front := func() {
		select {
		case again <- struct{}{}:
		default:
		}
	}
	o.SingleInstanceLock.OnSecondInstanceLaunch = func(options.SecondInstanceData) { front() }
	o.OnStartup = func(window context.Context) {
		// Who presses a notice of the system wants to see the window.
		runtime.OnNotificationResponse(window, func(r runtime.NotificationResult) {
			front()
			runtime.EventsEmit(window, "pressed", r.Response.ID) // the page knows where it leads
		})
		go w.follow(ctx, window)
		go toFront(ctx, window, again)
		// Quit waits for the main loop, which runs only after OnStartup.
		context.AfterFunc(ctx, func() { runtime.Quit(window) })
	}
	o.OnShutdown = runtime.CleanupNotifications
	if w.backend != nil {
		o.Bind = []any{&Door{ctx: ctx, api: w.backend.API()}}
	}
	if w.config.Smoke {
		o.OnDomReady = w.smoke
	}
	return wails.Run(o)
}

func (w window) options() *options.App {
	return &options.App{
		Title: title, Width: 1280, Height: 800, MinWidth: 640, MinHeight: 480,
		AssetServer:      &assetserver.Options{Handler: w.pages},
		BackgroundColour: w.background(),
		Logger:           wailsLog{w.log},
		// Shown for text and inputs only; without it nobody pastes with the mouse.
		EnableDefaultContextMenu: true,
		// A file dropped beside its target must not replace the page.
		DragAndDrop:        &options.DragAndDrop{DisableWebViewDrop: true},
		SingleInstanceLock: &options.SingleInstanceLock{UniqueId: instance(w.config.Profile)},
		// Menu is nil: on macOS that gives the app, edit and window menus, without
		// which copy and paste have no shortcuts; elsewhere it gives none.
		Mac: &mac.Options{About: &mac.AboutInfo{Title: title, Message: config.Version(), Icon: build.Icon}},
		Windows: &windows.Options{
			Theme: windows.SystemDefault,
			// One webview folder per profile: two of them cannot share one.
			WebviewUserDataPath: filepath.Join(w.config.Profile, "webview"),
			DisablePinchZoom:    true,
			WindowClassName:     name,
		},
		Linux: &linux.Options{
			Icon: build.Icon, ProgramName: "roundtable",
			// Accelerated compositing leaves the window blank with some drivers.
			WebviewGpuPolicy: linux.WebviewGpuPolicyNever,
		},
	}
}

// instance names the profile, so that each has one window. The name must suit
// D-Bus and a Windows mutex.
func instance(profile string) string {
	sum := sha256.Sum256([]byte(profile))
	return "roundtable_" + hex.EncodeToString(sum[:8])
}

// background is the colour before the page has painted: of the theme that was
// chosen, light when it follows the system (Wails cannot tell which that is).
func (w window) background() *options.RGBA {
	paper, night := options.NewRGB(0xf5, 0xf4, 0xf0), options.NewRGB(0x14, 0x17, 0x16)
	if w.backend == nil {
		return paper
	}
	var settings struct{ Theme string }
	status, body := api.Call(context.Background(), w.backend.API(), "roundtable.v1.SettingsService/Get", "{}")
	if status == http.StatusOK && json.Unmarshal([]byte(body), &settings) == nil && settings.Theme == "dark" {
		return night
	}
	return paper
}

// follow passes changes on to the page.
func (w window) follow(ctx, window context.Context) {
	if w.backend == nil {
		return
	}
	for topics := range w.backend.Changes().Subscribe(ctx) {
		runtime.EventsEmit(window, "changed", topics)
	}
}

// toFront shows the window to who tried to open it a second time.
func toFront(ctx, window context.Context, again <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
			runtime.WindowUnminimise(window)
			runtime.Show(window)
		}
	}
}

// Door is bound to the page: window.go.desktop.Door.
type Door struct {
	ctx context.Context
	api http.Handler
}

// Reply is what HTTP would have answered.
type Reply struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// Call makes one call: path "/api/roundtable.v1.ChatService/Send", body JSON.
func (d *Door) Call(path, json string) Reply {
	if len(json) > api.MaxRequest {
		return Reply{http.StatusRequestEntityTooLarge, `{"code":"resource_exhausted"}`}
	}
	status, body := api.Call(d.ctx, d.api, path, json)
	return Reply{status, body}
}
