package ignore

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// set is what stands in brackets.
type set struct {
	not     bool
	ranges  [][2]rune
	classes []string
}

// classNames are those of [[:name:]].
var classNames = []string{"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"}

// readSet reads what follows a bracket, up to the one that closes it, in the order
// in which git does: a bracket that comes first is a member, and so is a minus that
// has no character before or behind it.
func readSet(text string) (s *set, rest string, err error) {
	s = &set{}
	next := func() (r rune) {
		r, n := utf8.DecodeRuneInString(text)
		text = text[n:]
		return r
	}
	escaped := func(r rune) (rune, error) {
		if r == '\\' && text != "" {
			return next(), nil
		}
		if r == '\\' {
			return 0, errPattern
		}
		return r, nil
	}
	if strings.HasPrefix(text, "!") || strings.HasPrefix(text, "^") {
		s.not = true
		text = text[1:]
	}
	var before rune // the member that a range may begin with; 0: none
	for first := true; ; first = false {
		if text == "" {
			return nil, "", errPattern
		}
		r := next()
		switch {
		case r == ']' && !first:
			return s, text, nil
		case r == '-' && before != 0 && text != "" && text[0] != ']':
			to, err := escaped(next())
			if err != nil {
				return nil, "", err
			}
			s.ranges = append(s.ranges, [2]rune{before, to})
			before = 0
			continue
		case r == '[' && strings.HasPrefix(text, ":"):
			name, behind, closed := strings.Cut(text[1:], "]")
			if !closed {
				return nil, "", errPattern
			}
			if class, ok := strings.CutSuffix(name, ":"); ok {
				if !slices.Contains(classNames, class) {
					return nil, "", errPattern
				}
				s.classes = append(s.classes, class)
				text, before = behind, 0
				continue
			}
		}
		if r, err = escaped(r); err != nil {
			return nil, "", err
		}
		s.ranges = append(s.ranges, [2]rune{r, r})
		before = r
	}
}

// has reports whether a character is in the set. With fold, r is folded, and it is
// in the set if one of its cases is.
func (s *set) has(r rune, fold bool) bool {
	found := s.names(r)
	if fold {
		for other := unicode.SimpleFold(r); other != r && !found; other = unicode.SimpleFold(other) {
			found = s.names(other)
		}
	}
	return found != s.not
}

func (s *set) names(r rune) bool {
	for _, span := range s.ranges {
		if span[0] <= r && r <= span[1] {
			return true
		}
	}
	return slices.ContainsFunc(s.classes, func(name string) bool { return inClass(r, name) })
}

func inClass(r rune, name string) bool {
	switch name {
	case "alnum":
		return unicode.IsLetter(r) || unicode.IsDigit(r)
	case "alpha":
		return unicode.IsLetter(r)
	case "blank":
		return r == ' ' || r == '\t'
	case "cntrl":
		return unicode.IsControl(r)
	case "digit":
		return '0' <= r && r <= '9'
	case "graph":
		return unicode.IsGraphic(r) && !unicode.IsSpace(r)
	case "lower":
		return unicode.IsLower(r)
	case "print":
		return unicode.IsGraphic(r)
	case "punct":
		return unicode.IsPunct(r) || unicode.IsSymbol(r)
	case "space":
		return unicode.IsSpace(r)
	case "upper":
		return unicode.IsUpper(r)
	default: // xdigit
		return '0' <= r && r <= '9' || 'a' <= r && r <= 'f' || 'A' <= r && r <= 'F'
	}
}

// foldRune gives all cases of a character one form.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		return unicode.ToLower(r)
	}
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	if least < utf8.RuneSelf {
		return unicode.ToLower(least)
	}
	return least
}

// folded is a text in which case is gone. It allocates only where there is some.
func folded(text string) string { return strings.Map(foldRune, text) }
