package contracts

import (
	"crypto/x509/pkix"
	"testing"
)

func TestCommonName(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"王敏":                       "王敏",
		"O=青禾":                     "O=青禾",
		"CN=":                      "CN=",
		"CN=王敏":                    "王敏",
		"SERIALNUMBER=per_1,CN=王敏": "王敏",
		"OU=a+CN=b,O=c":            "b",
		`CN=a\`:                    "a",
		`O=a\,CN=b`:                `O=a\,CN=b`,
	} {
		if got := commonName(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	for _, name := range []string{"青禾建筑 Root 82C516DE", `Li, "the" <signer> + 1; \ #`, " spaced "} {
		full := pkix.Name{CommonName: name, SerialNumber: "per_1", Organization: []string{"CN=wrong, really"}}.String()
		if got := commonName(full); got != name {
			t.Errorf("%q: %q of %s", name, got, full)
		}
	}
}
