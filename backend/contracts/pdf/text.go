package pdf

import (
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Text makes a text string (ISO 32000-2, 7.9.2.2): ASCII as it is, the rest in UTF-16, which every version reads.
func Text(s string) String {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			out := String{0xfe, 0xff}
			for _, u := range utf16.Encode([]rune(s)) {
				out = append(out, byte(u>>8), byte(u))
			}
			return out
		}
	}
	return String(s)
}

// Words reads a text string. Bytes that are of no encoding are read as Latin 1, which is
// PDFDocEncoding but for some signs.
func Words(s String) string {
	switch {
	case len(s) >= 2 && s[0] == 0xfe && s[1] == 0xff:
		var units []uint16
		for i := 2; i+1 < len(s); i += 2 {
			units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
		}
		return string(utf16.Decode(units))
	case len(s) >= 3 && s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf && utf8.Valid(s[3:]):
		return string(s[3:])
	}
	out := make([]rune, 0, len(s))
	for _, c := range s {
		out = append(out, rune(c))
	}
	return string(out)
}

// Date makes a date (ISO 32000-2, 7.9.4).
func Date(t time.Time) String {
	if _, offset := t.Zone(); offset == 0 {
		return String(t.Format("D:20060102150405Z"))
	}
	zone := t.Format("-07:00")
	return String(t.Format("D:20060102150405") + zone[:3] + "'" + zone[4:] + "'")
}
