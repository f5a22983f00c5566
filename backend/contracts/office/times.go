package office

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/keychain"
	"roundtable/backend/wire"
)

const (
	timesFile    = "time-authority.json"
	maxTimesFile = 64 << 10
	maxAddress   = 500
	maxRootPEM   = 32 << 10
	timesAccount = "time-stamp authority"
	// tryTime bounds a try: a call at the door has 30 s.
	tryTime = 20 * time.Second
)

// timeChoice is what this device knows of a time-stamp authority. The password is in the system's keychain.
type timeChoice struct {
	URL         string `json:"url"`
	User        string `json:"user,omitempty"`
	RootPEM     string `json:"root_pem,omitempty"`
	HasPassword bool   `json:"has_password,omitempty"`
	Tried       int64  `json:"tried_unix_ms,omitempty"`
}

// times are the settings of the time-stamp authority.
type times struct {
	path    string
	secrets *keychain.Secrets
	client  *http.Client

	mu       sync.Mutex
	choice   timeChoice
	password string
	fetched  bool // password was asked for
}

func (t *times) open(folder string, ring keychain.Ring) error {
	t.path, t.secrets = filepath.Join(folder, timesFile), keychain.NewSecrets(ring, "Roundtable time stamps")
	t.client = &http.Client{
		Timeout: tryTime,
		// A password must not follow to another place.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	durable.Sweep(t.path)
	f, err := os.Open(t.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open time-stamp settings: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxTimesFile))
	if err != nil {
		return fmt.Errorf("read time-stamp settings: %w", err)
	}
	var c timeChoice
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("read time-stamp settings: %w", err)
	}
	if _, err := c.authority("", nil); err != nil {
		return fmt.Errorf("read time-stamp settings: %w", err)
	}
	t.choice = c
	return nil
}

// authority makes what stamps. Errors: errcode.TimeAddress, errcode.TimeForeign for a root that is no certificate.
func (c timeChoice) authority(password string, client *http.Client) (*pades.Authority, error) {
	u, err := url.Parse(c.URL)
	if err != nil || len(c.URL) > maxAddress || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return nil, errcode.TimeAddress
	}
	if (c.User != "" || password != "" || c.HasPassword) && u.Scheme != "https" {
		return nil, errcode.TimeAddress // a password would be told to everybody on the way
	}
	a := &pades.Authority{URL: c.URL, Client: client, User: c.User, Password: password}
	if c.RootPEM == "" {
		return a, nil
	}
	a.Roots = x509.NewCertPool()
	roots, err := c.roots()
	for _, one := range roots {
		a.Roots.AddCert(one)
	}
	return a, err
}

// roots are the certificates that were given as trusted ones. Errors: errcode.TimeForeign.
func (c timeChoice) roots() (out []*x509.Certificate, err error) {
	rest := []byte(c.RootPEM)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			if len(out) == 0 || len(c.RootPEM) > maxRootPEM {
				return nil, errcode.With(errcode.TimeForeign, errors.New("no certificate given as root"))
			}
			return out, nil
		}
		one, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errcode.With(errcode.TimeForeign, err)
		}
		out = append(out, one)
	}
}

// stampRoots are those whose stamps are trusted by choice, besides what the system trusts.
func (t *times) stampRoots() (out []verify.Root) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.choice.RootPEM == "" {
		return nil
	}
	roots, err := t.choice.roots()
	if err != nil {
		return nil // it was looked at when it was chosen
	}
	for _, one := range roots {
		out = append(out, verify.Root{Name: one.Subject.CommonName, Certificate: one, Stamps: true})
	}
	return out
}

// TimeAuthority stamps times as it was chosen; nil without one. A password that the keychain does not give is left out, and the authority refuses then.
func (o *Office) TimeAuthority() *pades.Authority {
	t := &o.times
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.choice.URL == "" {
		return nil
	}
	if t.choice.HasPassword && !t.fetched {
		ctx, cancel := context.WithTimeout(context.Background(), tryTime)
		defer cancel()
		p, err := t.secrets.Get(ctx, timesAccount)
		if err != nil {
			o.Slog.Warn("keychain does not give the password of the time-stamp authority", "err", err)
		} else {
			t.password, t.fetched = string(p), true
		}
	}
	a, err := t.choice.authority(t.password, t.client)
	if err != nil {
		return nil // it was tried when it was chosen
	}
	return a
}

// SetTimeAuthority chooses one, after it has stamped something random; "" as address chooses none. An empty password is the one that is kept
// already, for the same user and address. Errors: errcode.TimeAddress, errcode.TimeUnreachable, errcode.TimeRefused, errcode.TimeForeign,
// errcode.KeyKeychain where a password cannot be kept.
func (o *Office) SetTimeAuthority(ctx context.Context, c timeChoice, password string) error {
	t := &o.times
	if c.URL == "" {
		return t.keep(ctx, timeChoice{}, "")
	}
	t.mu.Lock()
	same := t.choice.HasPassword && t.choice.User == c.User && t.choice.URL == c.URL
	t.mu.Unlock()
	if password == "" && same {
		kept, err := t.secrets.Get(ctx, timesAccount)
		if err != nil {
			return errcode.With(errcode.KeyKeychain, err)
		}
		password = string(kept)
	}
	c.HasPassword = password != ""
	a, err := c.authority(password, t.client)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	digest := key.Digest(wire.Random(32))
	if _, _, err := a.Stamp(ctx, digest[:]); err != nil {
		return timeCode(err)
	}
	c.Tried = o.now().UnixMilli()
	return t.keep(ctx, c, password)
}

// timeCode gives errors of an authority a code.
func timeCode(err error) error {
	switch {
	case errors.Is(err, pades.ErrRefused):
		return errcode.With(errcode.TimeRefused, err)
	case errors.Is(err, pades.ErrForeign):
		return errcode.With(errcode.TimeForeign, err)
	case errors.Is(err, pades.ErrUnreachable), errors.Is(err, context.DeadlineExceeded):
		return errcode.With(errcode.TimeUnreachable, err)
	}
	return err
}

func (t *times) keep(ctx context.Context, c timeChoice, password string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.HasPassword {
		if err := t.secrets.Put(ctx, timesAccount, []byte(password)); err != nil {
			return errcode.With(errcode.KeyKeychain, err)
		}
	}
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("keep time-stamp settings: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o700); err != nil {
		return fmt.Errorf("keep time-stamp settings: %w", err)
	}
	if err := durable.Write(t.path, 0o600, data); err != nil {
		return err
	}
	if !c.HasPassword && t.choice.HasPassword {
		_ = t.secrets.Delete(ctx, timesAccount) // it is of no use any more
	}
	t.choice, t.password, t.fetched = c, password, c.HasPassword
	return nil
}

// chosen gives the settings.
func (t *times) chosen() timeChoice {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.choice
}
