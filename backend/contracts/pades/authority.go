package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"net/http"
	"time"

	"roundtable/backend/contracts/cms"
)

const (
	// maxAnswer is the most that an authority may answer; a token is some 3 to 8 KiB.
	maxAnswer = 64 << 10
	// stampRoom is what is kept free for a token.
	stampRoom = 16 << 10
	// nonceBits is the size of a request's nonce.
	nonceBits = 64
	// stampTime is how long an authority may take.
	stampTime = 20 * time.Second
)

var (
	// ErrUnreachable says that the authority gave no answer: there is no trusted time.
	ErrUnreachable = errors.New("the time-stamp authority cannot be reached")
	// ErrRefused says that the authority answered that it does not stamp.
	ErrRefused = errors.New("the time-stamp authority refused")
	// ErrForeign says that an answer is not one to the question, or not of a trusted authority.
	ErrForeign = errors.New("the time stamp is not to be trusted")
)

// Authority is a time-stamp authority that answers over HTTP (RFC 3161, 3.4).
type Authority struct {
	URL    string
	Client *http.Client // nil: the default one
	// Roots are whom the authority's certificate must lead to; nil means those of the system.
	Roots *x509.CertPool
	// Policy is asked for if it is given.
	Policy asn1.ObjectIdentifier
	// User and Password are for authorities that want them (HTTP Basic); over https only.
	User, Password string
}

type stampRequest struct {
	Version int
	Imprint imprint
	Policy  asn1.ObjectIdentifier `asn1:"optional"`
	Nonce   *big.Int
	Certs   bool
}

type imprint struct {
	Digest pkix.AlgorithmIdentifier
	Value  []byte
}

type stampResponse struct {
	Status struct {
		Status int
		Text   []asn1.RawValue `asn1:"optional"`
		Fail   asn1.BitString  `asn1:"optional"`
	}
	Token asn1.RawValue `asn1:"optional"`
}

// Stamp asks for a token over a digest by SHA-256, and gives it only if it is an answer to this question, from
// an authority that is trusted.
func (a *Authority) Stamp(ctx context.Context, digest []byte) (token []byte, stamp *cms.TimeStamp, err error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), nonceBits))
	if err != nil {
		return nil, nil, fmt.Errorf("make nonce: %w", err)
	}
	question, err := asn1.Marshal(stampRequest{
		Version: 1, Imprint: imprint{pkix.AlgorithmIdentifier{Algorithm: cms.OIDSHA256, Parameters: asn1.NullRawValue}, digest},
		Policy: a.Policy, Nonce: nonce, Certs: true,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("encode request: %w", err)
	}
	answer, err := a.ask(ctx, question)
	if err != nil {
		return nil, nil, err
	}
	var r stampResponse
	if rest, err := asn1.Unmarshal(answer, &r); err != nil || len(rest) > 0 {
		return nil, nil, fmt.Errorf("%w: malformed answer", ErrForeign)
	}
	if r.Status.Status != 0 && r.Status.Status != 1 { // granted, granted with changes
		return nil, nil, fmt.Errorf("%w: status %d", ErrRefused, r.Status.Status)
	}
	token = r.Token.FullBytes
	if stamp, err = cms.ParseTimeStamp(token); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	if err := a.answers(stamp, digest, nonce); err != nil {
		return nil, nil, err
	}
	return token, stamp, nil
}

func (a *Authority) ask(ctx context.Context, question []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, stampTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(question))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	request.Header.Set("Content-Type", "application/timestamp-query")
	request.Header.Set("Accept", "application/timestamp-reply")
	if a.User != "" && request.URL.Scheme == "https" {
		request.SetBasicAuth(a.User, a.Password)
	}
	client := a.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: HTTP %d", ErrUnreachable, response.StatusCode)
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != "application/timestamp-reply" {
		return nil, fmt.Errorf("%w: the answer is no time stamp", ErrUnreachable)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	case len(answer) > maxAnswer:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrForeign, maxAnswer)
	}
	return answer, nil
}

// answers checks that a token is about this digest, asked for just now, by a trusted authority.
func (a *Authority) answers(t *cms.TimeStamp, digest []byte, nonce *big.Int) error {
	switch {
	case t.Hash != crypto.SHA256 || !t.Stamps(digest):
		return fmt.Errorf("%w: it is about something else", ErrForeign)
	case t.Nonce == nil || t.Nonce.Cmp(nonce) != 0:
		return fmt.Errorf("%w: it is the answer to another question", ErrForeign)
	case len(a.Policy) > 0 && !t.Policy.Equal(a.Policy):
		return fmt.Errorf("%w: it follows policy %s", ErrForeign, t.Policy)
	}
	between := x509.NewCertPool()
	for _, c := range t.Token.Certificates {
		between.AddCert(c)
	}
	if _, err := t.Authority.Verify(x509.VerifyOptions{
		Roots: a.Roots, Intermediates: between, CurrentTime: t.At, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	}); err != nil {
		return fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return nil
}
