package local

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"roundtable/backend/api"
	"roundtable/backend/api/files"
	"roundtable/backend/clock"
)

// maxBoot bounds the body of POST /boot.
const maxBoot = 4 << 10

// Door is the guarded way in.
type Door struct {
	host    string // "127.0.0.1:PORT"
	cookie  string // name; the port is in it, for cookies do not know ports
	session *session
	log     *slog.Logger
	handler http.Handler
	endLive context.CancelFunc
}

// Options of a Door.
type Options struct {
	Address net.Addr     // where it listens; see Listen
	Screen  fs.FS        // the built screen
	Log     *slog.Logger // never nil
	Clock   clock.Clock  // nil: the system's
}

// Guarded makes the door of a browser.
func Guarded(backend Backend, o Options) *Door {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	host := o.Address.String()
	_, port, _ := net.SplitHostPort(host)
	d := &Door{host: host, cookie: "roundtable_" + port, session: newSession(o.Clock), log: o.Log}
	live := newLive(backend.Changes(), o.Log)
	d.endLive = live.end

	mux := http.NewServeMux()
	mux.HandleFunc("POST /boot", d.boot)
	mux.Handle(api.Prefix, noStore(d.withSession(d.asked(backend.API()))))
	mux.Handle("GET "+files.Prefix, noStore(d.withSession(backend.Files())))
	mux.Handle("POST "+files.UploadsPrefix, noStore(d.withSession(d.asked(backend.Files()))))
	mux.Handle("GET "+files.FoldersPrefix, noStore(d.withSession(backend.FolderFiles())))
	mux.Handle("GET "+files.DocumentsPrefix, noStore(d.withSession(backend.Documents())))
	mux.Handle("GET "+files.PortraitsPrefix, d.withSession(backend.Portraits()))
	mux.Handle("GET /live", noStore(d.withSession(live)))
	mux.Handle("/", newScreen(o.Screen))
	d.handler = headers(policy(" ws://"+host), d.fromHere(mux))
	return d
}

// Address is what the user opens. The code is in the fragment, which browsers
// send to nobody, and the page takes it out of the address at once. Each call
// makes a new code and ends the one before.
func (d *Door) Address() string {
	return fmt.Sprintf("http://%s/#boot=%s", d.host, d.session.newCode())
}

// AddressAt leads to a route of the page, which begins with "/". What is no route leads to the
// beginning: it may be no address of somebody else.
func (d *Door) AddressAt(route string) string {
	if !routes.MatchString(route) {
		return d.Address()
	}
	return d.Address() + "&at=" + url.QueryEscape(route)
}

// routes are those of the page.
var routes = regexp.MustCompile(`^/[\w/?=&.%~-]{0,500}$`)

func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.handler.ServeHTTP(w, r) }

// fromHere refuses requests that were not made for this address by its own page.
func (d *Door) fromHere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != d.host {
			d.refuse(w, r, http.StatusMisdirectedRequest, "wrong host")
			return
		}
		// A request without an Origin is the reading of a file, or comes from a
		// program that is no browser; what needs a session asks for it below.
		if origin, present := r.Header["Origin"]; present && (len(origin) != 1 || origin[0] != "http://"+d.host) {
			d.refuse(w, r, http.StatusForbidden, "wrong origin")
			return
		}
		if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" && !navigates(r) {
			d.refuse(w, r, http.StatusForbidden, "from another site")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// navigates reports whether somebody followed a link to the first page, which
// may stand in a chat or a terminal.
func navigates(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" &&
		r.Header.Get("Sec-Fetch-Dest") == "document"
}

// asked refuses calls without the header that a page of another origin can only
// send after a preflight, which is answered by nobody.
func (d *Door) asked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Roundtable") != "1" {
			d.refuse(w, r, http.StatusForbidden, "header X-Roundtable is missing")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// withSession lets in the holder of the session.
func (d *Door) withSession(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.knows(r) {
			// The form of an error of a call, so that the screen reads it like any other.
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"code":"unauthenticated","message":"open the address that the program printed"}`))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (d *Door) knows(r *http.Request) bool {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return d.session.holds(token)
	}
	cookie, err := r.Cookie(d.cookie)
	return err == nil && d.session.holds(cookie.Value)
}

// boot exchanges the code for the session.
func (d *Door) boot(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	var ask struct {
		Code   string `json:"code"`
		Bearer bool   `json:"bearer"`
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBoot))
	if err := decoder.Decode(&ask); err != nil {
		http.Error(w, "the body is not {\"code\":\"…\"}", http.StatusBadRequest)
		return
	}
	switch d.session.redeem(ask.Code) {
	case refused:
		d.refuse(w, r, http.StatusForbidden, "wrong, used or expired code")
	case tooMany:
		d.refuse(w, r, http.StatusTooManyRequests, "too many wrong codes")
	case accepted:
		d.log.InfoContext(r.Context(), "session opened", "bearer", ask.Bearer)
		if ask.Bearer {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]string{"token": d.session.token})
			return
		}
		http.SetCookie(w, &http.Cookie{
			Name: d.cookie, Value: d.session.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		})
		w.WriteHeader(http.StatusNoContent)
	}
}

func (d *Door) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	d.log.WarnContext(r.Context(), "request refused", "why", why, "method", r.Method, "path", r.URL.Path)
	http.Error(w, why, status)
}
