package local

import (
	"net/http"
	"strings"
	"testing"
)

// Pictures and downloads of the page bring the cookie and no header; nobody else's do.
func TestFilesNeedTheSession(t *testing.T) {
	for _, at := range []string{"/files/spc_x/m1.2.3/0", "/folders/spc_x/-/a/b.txt", "/portraits/spc_x/per_y/00"} {
		o := openOffice(t)
		guarded(o, at, o.cookie())
	}
}

// guarded asks for a file in every way in which it may be and may not be had.
func guarded(o *office, at, cookie string) {
	o.t.Helper()
	for name, c := range map[string]struct {
		status  int
		method  string
		headers []string
	}{
		"the page's":           {http.StatusOK, "GET", []string{"Cookie", cookie}},
		"nobody's":             {http.StatusUnauthorized, "GET", nil},
		"nobody's head":        {http.StatusUnauthorized, "HEAD", nil},
		"with a wrong session": {http.StatusUnauthorized, "GET", []string{"Cookie", cookie[:len(cookie)-1]}},
		"another page's":       {http.StatusForbidden, "GET", []string{"Cookie", cookie, "Sec-Fetch-Site", "cross-site"}},
		"by another name":      {http.StatusMisdirectedRequest, "GET", []string{"Cookie", cookie, "Host", "evil.example"}},
		"with another origin":  {http.StatusForbidden, "GET", []string{"Cookie", cookie, "Origin", "http://evil.example"}},
		"written, not read":    {http.StatusMethodNotAllowed, "POST", []string{"Cookie", cookie}},
		"from another program": {http.StatusForbidden, "GET", []string{"Cookie", cookie, "Sec-Fetch-Site", "same-site"}},
	} {
		answer, body := o.do(c.method, at, "", c.headers...)
		if answer.StatusCode != c.status || (body == "file "+at) != (c.status == http.StatusOK) {
			o.t.Errorf("%s, %s: %s %q", at, name, answer.Status, body)
		}
		// Whether pictures of people may be kept, their own handler says.
		if c.status == http.StatusOK && answer.Header.Get("Cache-Control") != "no-store" && !strings.HasPrefix(at, "/portraits/") {
			o.t.Error("a browser may keep it")
		}
	}
}
