package local

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"strings"
	"sync"
	"time"

	"roundtable/backend/clock"
)

const (
	// CodeLife is how long a boot code can be exchanged.
	CodeLife = 10 * time.Minute
	// wrongCodes is how many wrong codes are looked at in wrongTime. Codes have
	// 160 bits, so this spares the log, not the secret.
	wrongCodes = 10
	wrongTime  = time.Minute
)

// session is the secret of one run and the code that is exchanged for it.
type session struct {
	clock clock.Clock
	token string // 256 bits

	mu      sync.Mutex
	code    string // "" once used
	expires time.Time
	wrong   []time.Time // of the last wrongTime, at most wrongCodes
}

func newSession(c clock.Clock) *session {
	return &session{clock: c, token: base64.RawURLEncoding.EncodeToString(random(32))}
}

func random(n int) []byte {
	out := make([]byte, n)
	rand.Read(out) // aborts the program rather than fail
	return out
}

// newCode makes the code that works from now on; an earlier one stops to.
func (s *session) newCode() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = strings.ToLower(base32.StdEncoding.EncodeToString(random(20)))
	s.expires = s.clock.Now().Add(CodeLife)
	return s.code
}

// exchange says what became of an attempt.
type exchange int

const (
	accepted exchange = iota
	refused
	tooMany
)

// redeem uses the code up.
func (s *session) redeem(code string) exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	for len(s.wrong) > 0 && now.Sub(s.wrong[0]) > wrongTime {
		s.wrong = s.wrong[1:]
	}
	if len(s.wrong) >= wrongCodes {
		return tooMany
	}
	if s.code == "" || now.After(s.expires) || subtle.ConstantTimeCompare([]byte(code), []byte(s.code)) != 1 {
		s.wrong = append(s.wrong, now)
		return refused
	}
	s.code = ""
	return accepted
}

// holds reports whether a token is the session's.
func (s *session) holds(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 1
}
