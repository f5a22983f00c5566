package office_test

import (
	"bytes"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/pades/tsatest"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
)

func TestTimeAuthority(t *testing.T) {
	o := room{testspace.New(t, 1), t}
	o.As("li")
	door := o.door("li")
	if o.As("li").Office.TimeAuthority() != nil {
		t.Fatal("none was chosen")
	}
	tsa := tsatest.New(t)
	root := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tsa.Root.Raw}))
	set := must[*v1.TimeAuthoritySettings](t)(door.SetTimeAuthority(ctx, &v1.TimeAuthoritySettings{Url: tsa.URL, RootPem: root}))
	if set.TriedUnixMs == 0 || set.HasPassword || tsa.Asked != 1 {
		t.Fatal(set, tsa.Asked)
	}
	o.Restart("li")
	a := o.As("li").Office.TimeAuthority()
	if _, stamp, err := a.Stamp(ctx, make([]byte, 32)); err != nil || stamp == nil {
		t.Fatal(err)
	}
	// Whom stamps were chosen of is trusted where documents are judged, for times alone.
	trust, err := o.As("li").Office.TrustAll(ctx)
	if err != nil || !slices.ContainsFunc(trust.Roots, func(r verify.Root) bool { return r.Certificate.Equal(tsa.Root) && r.Stamps && !r.Signs }) {
		t.Fatal(trust.Roots, err)
	}
	// What does not work is not kept.
	stopped := httptest.NewServer(http.NotFoundHandler())
	stopped.Close()
	moved := httptest.NewServer(http.RedirectHandler(tsa.URL, http.StatusTemporaryRedirect))
	defer moved.Close()
	for want, r := range map[errcode.Code][]*v1.TimeAuthoritySettings{
		errcode.TimeAddress:     {{Url: "ftp://a"}, {Url: "http://"}, {Url: "x"}, {Url: tsa.URL, User: "li", Password: "secret"}, {Url: "https://li:secret@a"}},
		errcode.TimeUnreachable: {{Url: stopped.URL, RootPem: root}},
		errcode.TimeForeign:     {{Url: tsa.URL}, {Url: tsa.URL, RootPem: "no certificate"}},
	} {
		for _, one := range r {
			_, err := door.SetTimeAuthority(ctx, one)
			o.Fails(err, want, one.Url)
		}
	}
	if _, err := door.SetTimeAuthority(ctx, &v1.TimeAuthoritySettings{Url: moved.URL, RootPem: root}); err == nil {
		t.Fatal("led to another place")
	}
	tsa.Refuse = true
	_, err = door.SetTimeAuthority(ctx, &v1.TimeAuthoritySettings{Url: tsa.URL, RootPem: root})
	o.Fails(err, errcode.TimeRefused, "refused")
	if got := must[*v1.TimeAuthoritySettings](t)(door.TimeAuthority(ctx, nil)); got.Url != tsa.URL || got.RootPem != root {
		t.Fatal(got)
	}
	must[*v1.TimeAuthoritySettings](t)(door.SetTimeAuthority(ctx, &v1.TimeAuthoritySettings{}))
	if o.As("li").Office.TimeAuthority() != nil {
		t.Fatal("none is chosen")
	}
}

// The password is in the keychain and nowhere else, and is not given back.
func TestTimePassword(t *testing.T) {
	o := room{testspace.New(t, 1), t}
	tsa := tsatest.New(t)
	asked := ""
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, asked, _ = r.BasicAuth()
		forward(t, w, r, tsa.URL)
	}))
	defer secure.Close()
	o.As("li").Office.TrustsTLS(secure.Client())
	root := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tsa.Root.Raw}))
	set := must[*v1.TimeAuthoritySettings](t)(o.door("li").SetTimeAuthority(ctx, &v1.TimeAuthoritySettings{Url: secure.URL, User: "li", Password: "of the authority", RootPem: root}))
	if !set.HasPassword || set.Password != "" || asked != "of the authority" {
		t.Fatal(set, asked)
	}
	data, err := os.ReadFile(o.As("li").Office.TimesFile())
	if err != nil || len(data) == 0 || bytes.Contains(data, []byte("of the authority")) {
		t.Fatalf("%v %s", err, data)
	}
	o.Restart("li")
	o.As("li").Office.TrustsTLS(secure.Client())
	asked = ""
	if _, _, err := o.As("li").Office.TimeAuthority().Stamp(ctx, make([]byte, 32)); err != nil || asked != "of the authority" {
		t.Fatal(err, asked)
	}
	asked = ""
	must[*v1.TimeAuthoritySettings](t)(o.door("li").SetTimeAuthority(ctx, &v1.TimeAuthoritySettings{Url: secure.URL, User: "li", RootPem: root})) // unchanged
	if asked != "of the authority" {
		t.Fatal(asked)
	}
}

// forward asks the authority behind a server.
func forward(t *testing.T, w http.ResponseWriter, r *http.Request, to string) {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, to, r.Body)
	if err != nil {
		t.Error(err)
		return
	}
	request.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	answer, err := (&http.Client{Timeout: time.Minute}).Do(request)
	if err != nil {
		t.Error(err)
		return
	}
	defer answer.Body.Close()
	w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
	_, _ = w.Write(readAll(t, answer))
}

func readAll(t *testing.T, r *http.Response) []byte {
	data, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		t.Error(err)
	}
	return data
}
