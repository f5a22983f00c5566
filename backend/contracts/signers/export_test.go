package signers

import (
	"roundtable/backend/clock"
	"roundtable/backend/key"
)

// Fast lowers the cost of passwords to what decode still takes, and goes by a clock of the test's.
func (s *Signers) Fast(c clock.Clock) *Signers {
	s.logN = key.MinLockLogN
	if c != nil {
		s.clock = c
	}
	return s
}

// Decode reads a file, for the fuzz test.
func Decode(data []byte) ([]byte, error) {
	f, _, err := decode(data)
	if err != nil {
		return nil, err
	}
	return f.encode(), nil
}
