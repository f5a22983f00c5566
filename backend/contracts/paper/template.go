package paper

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Field is one that a template asks for.
type Field struct {
	Name, Label string
	// Type is "text", "number", "date", "choice" or "multiline".
	Type     string
	Required bool
	Choices  []string
}

// Template is one that was read.
type Template struct {
	Title, Summary string
	Fields         []Field
	// Parties are those that places to sign name, in order.
	Parties []string
	body    string // Markdown in which each placeholder is one character
	marks   []mark
}

// mark is what stands for a placeholder.
type mark struct {
	field string
	kind  BlockKind
	party int
}

// BlockKind is what a party does at a place.
type BlockKind string

// The kinds.
const (
	Sign     BlockKind = "sign"
	Seal     BlockKind = "seal"
	Date     BlockKind = "date"
	Initials BlockKind = "initials"
	Name     BlockKind = "name"
)

// firstMark is the character that stands for the first placeholder; they lie in a plane for private use, and
// nobody else's text may have any of them.
const firstMark = 0xF0000

var placeholder = regexp.MustCompile(`\{\{([^{}\n]*)\}\}`)

// Parse reads a template. Errors: *Error.
func Parse(source string) (*Template, error) {
	switch {
	case len(source) > maxSource:
		return nil, &Error{0, "too long"}
	case !utf8.ValidString(source):
		return nil, &Error{0, "not UTF-8"}
	}
	source = strings.ReplaceAll(source, "\r\n", "\n")
	t := &Template{}
	rest, skipped, err := t.header(source)
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(rest, "\n") {
		for _, r := range line {
			if r >= firstMark && r <= 0x10ffff || r < ' ' && r != '\t' {
				return nil, &Error{skipped + i + 1, "a character for private use"}
			}
		}
	}
	return t, t.placeholders(rest, skipped)
}

// header reads what stands between two lines of "---", and gives the rest and how many lines were before it.
func (t *Template) header(source string) (rest string, skipped int, err error) {
	lines := strings.Split(source, "\n")
	if strings.TrimSpace(lines[0]) != "---" {
		return source, 0, nil
	}
	for i, line := range lines[1:] {
		line = strings.TrimSpace(line)
		if line == "---" {
			return strings.Join(lines[i+2:], "\n"), i + 2, nil
		}
		if line == "" {
			continue
		}
		key, value, is := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); !is {
			return "", 0, &Error{i + 2, "no key of the header"}
		}
		switch strings.TrimSpace(key) {
		case "title":
			t.Title = cut(value, maxLabel)
		case "summary":
			t.Summary = cut(value, 2*maxLabel)
		case "field":
			f, err := field(value)
			if err != nil {
				return "", 0, &Error{i + 2, err.Error()}
			}
			if slices.ContainsFunc(t.Fields, func(o Field) bool { return o.Name == f.Name }) || len(t.Fields) >= maxFields {
				return "", 0, &Error{i + 2, "a field twice, or too many"}
			}
			t.Fields = append(t.Fields, f)
		default:
			return "", 0, &Error{i + 2, "no key of the header: " + key}
		}
	}
	return "", 0, &Error{len(lines), "the header has no end"}
}

// field reads "name | type | required | label | choice / choice"; all but the name may be left out.
func field(text string) (f Field, err error) {
	parts := strings.Split(text, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	parts = append(parts, make([]string, max(0, 5-len(parts)))...)
	f = Field{Name: parts[0], Type: parts[1], Required: parts[2] == "required", Label: cut(parts[3], maxLabel)}
	if f.Type == "" {
		f.Type = "text"
	}
	if f.Label == "" {
		f.Label = f.Name
	}
	for _, c := range strings.Split(parts[4], "/") {
		if c = strings.TrimSpace(c); c != "" {
			f.Choices = append(f.Choices, cut(c, maxLabel))
		}
	}
	switch {
	case !named(f.Name):
		return f, fmt.Errorf("no name of a field: %q", f.Name)
	case !slices.Contains([]string{"text", "number", "date", "choice", "multiline"}, f.Type):
		return f, fmt.Errorf("no type of a field: %q", f.Type)
	case parts[2] != "" && parts[2] != "required" && parts[2] != "optional":
		return f, fmt.Errorf("neither required nor optional: %q", parts[2])
	case (f.Type == "choice") != (len(f.Choices) > 0) || len(f.Choices) > maxChoices || len(parts) > 5:
		return f, fmt.Errorf("choices of %s", f.Name)
	}
	return f, nil
}

func named(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= maxName && !strings.ContainsAny(s, "{}|:\n")
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// placeholders replaces each by a character, so that Markdown sees nothing of what will stand there.
func (t *Template) placeholders(source string, skipped int) error {
	var failed error
	t.body = placeholder.ReplaceAllStringFunc(source, func(found string) string {
		m, err := t.mark(strings.TrimSpace(found[2 : len(found)-2]))
		if err == nil && len(t.marks) >= maxFields+maxBlocks {
			err = fmt.Errorf("too many placeholders")
		}
		if err != nil {
			if failed == nil {
				line := strings.Count(source[:strings.Index(source, found)], "\n") + 1
				failed = &Error{skipped + line, err.Error()}
			}
			return ""
		}
		t.marks = append(t.marks, m)
		return string(rune(firstMark + len(t.marks) - 1))
	})
	return failed
}

func (t *Template) mark(text string) (mark, error) {
	kind, party, is := strings.Cut(text, ":")
	if !is {
		if !named(text) {
			return mark{}, fmt.Errorf("no name of a field: %q", text)
		}
		if !slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Name == text }) {
			if len(t.Fields) >= maxFields {
				return mark{}, fmt.Errorf("too many fields")
			}
			t.Fields = append(t.Fields, Field{Name: text, Label: text, Type: "text"})
		}
		return mark{field: text}, nil
	}
	kind, party = strings.TrimSpace(kind), strings.TrimSpace(party)
	if !slices.Contains([]BlockKind{Sign, Seal, Date, Initials, Name}, BlockKind(kind)) || !named(party) {
		return mark{}, fmt.Errorf("no place to sign: %q", text)
	}
	at := slices.Index(t.Parties, party)
	if at < 0 {
		if at = len(t.Parties); at >= maxParties {
			return mark{}, fmt.Errorf("too many parties")
		}
		t.Parties = append(t.Parties, party)
	}
	return mark{kind: BlockKind(kind), party: at}, nil
}
