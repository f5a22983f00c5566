package relay

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"roundtable/app/config"
	"roundtable/backend/durable"
)

// shown is what a relay shows to those who dial it; pin is zero when an
// authority vouches for it.
type shown struct {
	config *tls.Config
	pin    [32]byte
	acme   *autocert.Manager
}

// certificateFor chooses: ACME, the operator's own, or one that the relay made.
func certificateFor(c config.Relay) (shown, error) {
	switch {
	case c.ACME != "":
		m := &autocert.Manager{
			Prompt: autocert.AcceptTOS, Email: c.ACMEMail, HostPolicy: autocert.HostWhitelist(c.ACME),
			Cache: autocert.DirCache(filepath.Join(c.Data, "acme")),
		}
		if c.ACMEDirectory != "" {
			m.Client = &acme.Client{DirectoryURL: c.ACMEDirectory}
		}
		return shown{config: m.TLSConfig(), acme: m}, nil
	case c.Cert != "":
		r := &reloaded{cert: c.Cert, key: c.Key}
		first, err := r.get(nil)
		if err != nil {
			return shown{}, err
		}
		out := shown{config: &tls.Config{GetCertificate: r.get, MinVersion: tls.VersionTLS12}}
		if c.PinCert {
			out.pin, err = pinOf(first)
		}
		return out, err
	}
	return ownCertificate(c.Data)
}

// reloaded reads a certificate again when its file has changed: renewals need no restart.
type reloaded struct {
	cert, key string
	mu        sync.Mutex
	loaded    *tls.Certificate
	of        time.Time // the file's
	looked    time.Time
}

const lookAgain = 30 * time.Second

func (r *reloaded) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.loaded != nil && time.Since(r.looked) < lookAgain {
		return r.loaded, nil
	}
	r.looked = time.Now()
	info, err := os.Stat(r.cert)
	if err == nil && r.loaded != nil && info.ModTime().Equal(r.of) {
		return r.loaded, nil
	}
	if err == nil {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(r.cert, r.key); err == nil {
			r.loaded, r.of = &pair, info.ModTime()
		}
	}
	if r.loaded != nil { // half-written files are read again later
		return r.loaded, nil
	}
	return nil, fmt.Errorf("load certificate: %w", err)
}

const ownFile = "tls.pem"

// ownCertificate reads or makes the relay's self-signed certificate. Links pin
// its key, so neither names nor dates in it matter.
func ownCertificate(folder string) (shown, error) {
	path := filepath.Join(folder, ownFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if raw, err = newCertificate(); err == nil {
			err = durable.Write(path, 0o600, raw)
		}
	}
	if err != nil {
		return shown{}, fmt.Errorf("own certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(raw, raw)
	if err != nil {
		return shown{}, fmt.Errorf("own certificate: %w", err)
	}
	pin, err := pinOf(&pair)
	if err != nil {
		return shown{}, err
	}
	return shown{config: &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}, pin: pin}, nil
}

func newCertificate() ([]byte, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Roundtable relay"}, DNSNames: []string{"roundtable-relay.invalid"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(30, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...), nil
}

// pinOf is the SHA-256 of the certificate's SubjectPublicKeyInfo.
func pinOf(c *tls.Certificate) ([32]byte, error) {
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		return [32]byte{}, fmt.Errorf("read certificate: %w", err)
	}
	return sha256.Sum256(leaf.RawSubjectPublicKeyInfo), nil
}

// answerAuthority serves ACME's HTTP challenge until ctx ends.
func answerAuthority(ctx context.Context, m *autocert.Manager, address string, log *slog.Logger) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("%w: %w", config.ErrListen, err)
	}
	plain(ctx, l, m.HTTPHandler(http.NotFoundHandler()), log)
	return nil
}

// plain serves HTTP in the clear until ctx ends.
func plain(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) {
	server := &http.Server{Handler: h, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 8 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("plain HTTP ended", "error", err)
		}
	}()
}
