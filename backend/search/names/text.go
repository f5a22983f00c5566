package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxUnits bounds what is looked at of a text: characters and words.
	maxUnits = 32
	// maxQuestion bounds a question in bytes: where one has got to in it is a bit of a word.
	maxQuestion = 63
)

// unit is what a name consists of: a character, or a word of letters and digits.
type unit struct {
	text     string   // folded
	readings []string // of a character, the usual one first; a word has none
	from, to uint16   // in runes of the name
}

// latin are letters that do not fall apart into one of the alphabet and a mark.
var latin = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ß", "ss", "æ", "ae", "œ", "oe", "ı", "i", "’", "'")

// fold makes the same what is typed in different ways: width, capitals, accents.
func fold(text string) string {
	text = strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(text, " ")))
	plain := true
	for i := range len(text) {
		plain = plain && text[i] < 0x80
	}
	if plain {
		return text
	}
	return latin.Replace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text)))
}

// alone says that a character stands for itself, as Chinese ones do.
func alone(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x20000 && r <= 0x3ffff
}

// cut gives the units of a text. In a name the first character is read as a surname.
func (d *reader) cut(text string, name bool) (out []unit) {
	runes := []rune(text)
	begun := -1 // where a word began
	var word strings.Builder
	end := func(at int) {
		if word.Len() > 0 {
			out = append(out, unit{text: word.String(), from: uint16(begun), to: uint16(at)})
		}
		word.Reset()
		begun = -1
	}
	for i, r := range runes {
		if len(out) >= maxUnits || i > 1<<12 {
			return out
		}
		for _, f := range d.fold(r) {
			switch {
			case alone(f):
				end(i)
				out = append(out, unit{string(f), d.read(f), uint16(i), uint16(i + 1)})
			case unicode.IsLetter(f) || unicode.IsDigit(f):
				if begun < 0 {
					begun = i
				}
				word.WriteRune(f)
			case !unicode.IsMark(f):
				end(i)
			}
		}
	}
	end(len(runes))
	if name {
		d.asSurname(out)
	}
	return out
}

// asSurname puts the readings of surnames first, where a name in characters begins.
func (d *reader) asSurname(units []unit) {
	for i, u := range units {
		if len(u.readings) == 0 && !alone([]rune(u.text)[0]) {
			continue
		}
		second := rune(0)
		if i+1 < len(units) {
			second = []rune(units[i+1].text)[0]
		}
		readings := d.surname([]rune(u.text)[0], second)
		units[i].readings = readings[0]
		if readings[1] != nil {
			units[i+1].readings = readings[1]
		}
		return
	}
}

// key orders names: by pinyin and words, then by the characters themselves.
func key(units []unit, name string) string {
	var b strings.Builder
	for _, u := range units {
		if len(u.readings) > 0 {
			b.WriteString(u.readings[0])
		} else {
			b.WriteString(u.text)
		}
		b.WriteByte(' ')
	}
	b.WriteByte(0)
	b.WriteString(name)
	return b.String()
}

// SortKey gives what names are put in order by: 曾 among the z, Novák among the n.
func SortKey(name string) string { return new(Sorter).Key(name) }

// Sorter gives sort keys of many names; it remembers how their characters are read. It is for one goroutine.
type Sorter struct{ reader reader }

// Key is SortKey.
func (s *Sorter) Key(name string) string { return key(s.reader.cut(name, true), name) }

// Keys are the pinyin of a name by its usual readings: all of it, and the first letters.
type Keys struct{ Full, Initials string }

// KeysOf gives the keys of a name; words of letters are taken as they are.
func KeysOf(name string) (out Keys) {
	var d reader
	for _, u := range d.cut(name, true) {
		text := u.text
		if len(u.readings) > 0 {
			text = u.readings[0]
		}
		out.Full += text
		out.Initials += string([]rune(text)[:1])
	}
	return out
}
