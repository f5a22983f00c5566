package local

import (
	"net/http"
	"testing"
)

// Pictures and downloads of the page bring the cookie and no header; nobody else's do.
func TestFilesNeedTheSession(t *testing.T) {
	o := openOffice(t)
	const at = "/files/spc_x/m1.2.3/0"
	cookie := o.cookie()
	for name, c := range map[string]struct {
		status  int
		method  string
		headers []string
	}{
		"the page's":           {http.StatusOK, "GET", []string{"Cookie", cookie}},
		"nobody's":             {http.StatusUnauthorized, "GET", nil},
		"another page's":       {http.StatusForbidden, "GET", []string{"Cookie", cookie, "Sec-Fetch-Site", "cross-site"}},
		"by another name":      {http.StatusMisdirectedRequest, "GET", []string{"Cookie", cookie, "Host", "evil.example"}},
		"with another origin":  {http.StatusForbidden, "GET", []string{"Cookie", cookie, "Origin", "http://evil.example"}},
		"written, not read":    {http.StatusMethodNotAllowed, "POST", []string{"Cookie", cookie}},
		"from another program": {http.StatusForbidden, "GET", []string{"Cookie", cookie, "Sec-Fetch-Site", "same-site"}},
	} {
		answer, body := o.do(c.method, at, "", c.headers...)
		if answer.StatusCode != c.status || c.status == http.StatusOK && body != "file "+at {
			t.Errorf("%s: %s %q", name, answer.Status, body)
		}
		if c.status == http.StatusOK && answer.Header.Get("Cache-Control") != "no-store" {
			t.Error("a browser may keep it")
		}
	}
}
