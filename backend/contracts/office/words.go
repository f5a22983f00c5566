package office

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"roundtable/backend/errcode"
	"roundtable/backend/name"
)

// within tells whether a text that may be empty is fit to be shown, and short enough.
func within(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, unicode.IsControl)
}

// named tells whether a text can be a name in a certificate.
func named(text string) bool {
	clean, err := name.Check(text, maxName)
	return err == nil && clean == text && strings.TrimSpace(text) == text
}

// cleanName reads a name that somebody typed. Errors: errcode.NameEmpty, errcode.NameTooLong, errcode.NameInvalid.
func cleanName(text string) (string, error) { return name.Check(text, maxName) }

// cleanField reads a text that may be empty. Errors: errcode.FieldTooLong (max), errcode.NameInvalid.
func cleanField(text string, most int) (string, error) {
	clean, err := name.Check(text, most)
	switch {
	case errors.Is(err, errcode.NameEmpty):
		return "", nil
	case errors.Is(err, errcode.NameTooLong):
		return "", errcode.Of(errcode.FieldTooLong, "max", most)
	}
	return clean, err
}

// shortened is a text cut after some characters.
func shortened(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

// oneLine is a text without line breaks and other control characters.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, ""), func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
}
