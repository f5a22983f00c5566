package flow

import (
	"math/big"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Fault of a value; "" is none.
type Fault string

// The faults.
const (
	Fine    Fault = ""
	Missing Fault = "missing"
	Invalid Fault = "invalid"
)

// ByValue reports whether a field is filled by a text, not by a signature, a seal or a file.
func (t FieldType) ByValue() bool { return t >= Date && t <= Choice }

// Check says whether a text may stand in a field.
func (f Field) Check(value string) Fault {
	switch {
	case !f.Type.ByValue():
		return Fine
	case value == "" || f.Type == Checkbox && value != "1":
		if f.Required {
			return Missing
		}
		if value == "" || value == "0" {
			return Fine
		}
		return Invalid
	case !words(value, MaxValue) || f.MaxLength > 0 && utf8.RuneCountInString(value) > int(f.MaxLength):
		return Invalid
	}
	good := true
	switch f.Type {
	case Date:
		_, err := time.Parse(time.DateOnly, value)
		good = err == nil
	case Name:
		good = line(value, 80)
	case Number:
		good = f.within(value)
	case Choice:
		good = slices.Contains(f.Choices, value)
	case Text:
		good = hasFormat(f.Format, value)
	}
	if !good {
		return Invalid
	}
	return Fine
}

// decimal reads a number as people write it in a contract: a sign, digits, a point; no exponent.
func decimal(text string) (*big.Rat, bool) {
	if len(text) > 40 || text == "" || strings.Trim(text, "0123456789.-") != "" || strings.LastIndex(text, "-") > 0 {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func (f Field) within(value string) bool {
	n, ok := decimal(value)
	if !ok {
		return false
	}
	if low, bound := decimal(f.Min); bound && n.Cmp(low) < 0 {
		return false
	}
	high, bound := decimal(f.Max)
	return !bound || n.Cmp(high) <= 0
}

func hasFormat(format, value string) bool {
	switch format {
	case "email":
		a, err := mail.ParseAddress(value)
		return err == nil && a.Address == value
	case "phone":
		digits := strings.Count(value, "") - 1 - strings.Count(value, " ") - strings.Count(value, "-")
		rest := strings.TrimPrefix(value, "+")
		return strings.Trim(rest, "0123456789 -()") == "" && digits >= 6 && digits <= 20
	case "digits":
		return strings.Trim(value, "0123456789") == ""
	case "id_card":
		return IDCard(value)
	case "credit_code":
		return CreditCode(value)
	}
	return true
}

// IDCard reports whether a text is a Chinese citizen's identity number: 17 digits and a check digit (GB 11643-1999), with a
// date of birth that exists.
func IDCard(text string) bool {
	if len(text) != 18 {
		return false
	}
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
		sum += int(text[i]-'0') * weight
	}
	if _, err := time.Parse("20060102", text[6:14]); err != nil {
		return false
	}
	last := text[17]
	if last == 'x' {
		last = 'X'
	}
	return "10X98765432"[sum%11] == last
}

// creditAlphabet has no I, O, S, V and Z.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CreditCode reports whether a text is a unified social credit code 统一社会信用代码: 18 characters with a check character (GB 32100-2015).
func CreditCode(text string) bool {
	if len(text) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(creditAlphabet, text[i])
		if v < 0 {
			return false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return strings.IndexByte(creditAlphabet, text[17]) == (31-sum%31)%31
}

// Clean gives a value in the form in which it is kept: identity numbers and credit codes in capitals.
func (f Field) Clean(value string) string {
	value = strings.TrimSpace(value)
	if f.Type == Text && (f.Format == "id_card" || f.Format == "credit_code") {
		return strings.ToUpper(value)
	}
	return value
}
