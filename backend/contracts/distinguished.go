package contracts

import "strings"

// commonName is the common name within a distinguished name as Go writes it (RFC 2253), for people; all of it where there is none.
// It comes out of events, so it may be any text.
func commonName(distinguished string) string {
	var part strings.Builder
	quoted := false
	end := func() (string, bool) {
		name, is := strings.CutPrefix(part.String(), "CN=")
		part.Reset()
		return name, is && name != ""
	}
	for _, r := range distinguished {
		switch {
		case quoted:
			quoted = false
			part.WriteRune(r)
		case r == '\\':
			quoted = true
		case r == ',' || r == '+':
			if name, is := end(); is {
				return name
			}
		default:
			part.WriteRune(r)
		}
	}
	if name, is := end(); is {
		return name
	}
	return distinguished
}
