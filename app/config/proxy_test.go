package config

import "testing"

func TestProxyOfWindows(t *testing.T) {
	for _, c := range []struct{ server, except, http, https, no string }{
		{"proxy.example:3128", "", "proxy.example:3128", "proxy.example:3128", ""},
		{"http=a:1;https=b:2;ftp=c:3", "<local>;*.example.org; 192.0.2.7", "a:1", "b:2", ".example.org,192.0.2.7"},
		{"", "", "", "", ""},
	} {
		got := fromWindows(c.server, c.except)
		if got.HTTPProxy != c.http || got.HTTPSProxy != c.https || got.NoProxy != c.no {
			t.Errorf("%q: %+v", c.server, got)
		}
	}
}

func TestProxyOfMacOS(t *testing.T) {
	got := fromScutil(`<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  FTPPassive : 1
  HTTPEnable : 0
  HTTPProxy : off.example
  HTTPSEnable : 1
  HTTPSPort : 3128
  HTTPSProxy : proxy.example
}
`)
	if got.HTTPProxy != "" || got.HTTPSProxy != "proxy.example:3128" || got.NoProxy != ".local,169.254/16" {
		t.Errorf("%+v", got)
	}
}
