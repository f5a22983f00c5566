package contracts

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

// What a draft may hold; as package flow has it of what is sent. Texts are in characters.
const (
	maxTitle      = flow.MaxTitle
	maxTags       = 20
	maxTag        = 40
	maxFieldID    = 40
	maxNumberText = 30
)

// clip shortens a text to so many characters.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// cleanDraft brings what somebody said into its form. What is incomplete is fine in a draft; what could not be stored or shown is not.
// Errors: errcode.InvalidArgument, errcode.FieldTooLong (max).
func cleanDraft(d *v1.ContractDraft) error {
	switch {
	case len(d.Parties) > flow.MaxParties, len(d.Fields) > flow.MaxFields, len(d.Tags) > maxTags,
		d.RemindDays < 0, d.RemindDays > flow.MaxRemindDays, !someTime(d.DeadlineUnixMs), !someTime(d.EndsUnixMs), len(d.StraddleSealId) > 80:
		return errcode.InvalidArgument
	}
	if !utf8.ValidString(d.Message) || utf8.RuneCountInString(d.Message) > flow.MaxMessage {
		return errcode.Of(errcode.FieldTooLong, "max", flow.MaxMessage)
	}
	d.Message = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, d.Message))
	if err := cleanLines(maxTitle, &d.Title); err != nil {
		return err
	}
	for i := range d.Tags {
		if err := cleanLines(maxTag, &d.Tags[i]); err != nil {
			return err
		}
	}
	ids := map[int32]bool{}
	for _, p := range d.Parties {
		if p.Id < 1 || ids[p.Id] || p.Role < v1.PartyRole_PARTY_ROLE_UNSPECIFIED || p.Role > v1.PartyRole_PARTY_ROLE_COPY {
			return errcode.InvalidArgument
		}
		ids[p.Id] = true
		if err := cleanParty(p); err != nil {
			return err
		}
	}
	known := map[string]bool{}
	for _, f := range d.Fields {
		if known[f.Id] {
			return errcode.InvalidArgument
		}
		known[f.Id] = true
		if err := cleanField(f); err != nil {
			return err
		}
	}
	return nil
}

func someTime(ms int64) bool { return ms >= 0 && ms < flow.MaxTime }

// cleanLines gives texts of one line their clean form; they may be empty.
func cleanLines(most int, texts ...*string) error {
	for _, t := range texts {
		if strings.TrimSpace(*t) == "" {
			*t = ""
			continue
		}
		clean, err := name.Check(*t, most)
		if errors.Is(err, errcode.NameTooLong) {
			return errcode.Of(errcode.FieldTooLong, "max", most)
		}
		if err != nil {
			return errcode.With(errcode.InvalidArgument, err)
		}
		*t = clean
	}
	return nil
}

// cleanParty keeps what is said of a party before it is sent.
func cleanParty(p *v1.Party) error {
	if p.PersonId != "" {
		if _, err := wire.ParsePersonID(p.PersonId); err != nil {
			return errcode.With(errcode.InvalidArgument, err)
		}
		p.External = false
	}
	p.Step = min(max(p.Step, 1), flow.MaxParties)
	p.State, p.ActedUnixMs, p.Reason, p.Holds, p.Reachable = 0, 0, "", false, false
	if err := cleanLines(wire.MaxName, &p.Name); err != nil {
		return err
	}
	if err := cleanLines(flow.MaxLabel, &p.Label); err != nil {
		return err
	}
	return cleanLines(maxTitle, &p.Organization)
}

func cleanField(f *v1.ContractField) error {
	if f.Id == "" || len(f.Id) > maxFieldID || strings.ContainsFunc(f.Id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	}) {
		return errcode.InvalidArgument
	}
	for _, n := range []float64{f.X, f.Y, f.Width, f.Height} {
		if math.IsNaN(n) || math.Abs(n) > 20_000 {
			return errcode.InvalidArgument
		}
	}
	if f.Type <= v1.FieldType_FIELD_TYPE_UNSPECIFIED || f.Type > v1.FieldType_FIELD_TYPE_ATTACHMENT || len(f.Choices) > flow.MaxChoices ||
		f.MaxLength < 0 || f.MaxLength > flow.MaxValue || len(f.Min) > maxNumberText || len(f.Max) > maxNumberText || len(f.SealId) > 80 {
		return errcode.InvalidArgument
	}
	switch f.Format {
	case "", "email", "phone", "id_card", "credit_code", "digits":
	default:
		return errcode.InvalidArgument
	}
	f.Value = ""
	for i := range f.Choices {
		if err := cleanLines(flow.MaxLabel, &f.Choices[i]); err != nil {
			return err
		}
	}
	return cleanLines(flow.MaxLabel, &f.Label)
}

// problems says what has to be done before a draft can be sent, as stable codes:
//
//	title_empty  no_signer  deadline_past  document_closed  straddle_signed  straddle_one_page
//	party_without_person:<id>  party_without_field:<id>
//	field_without_party:<id>  field_outside:<id>  field_without_choices:<id>  field_bounds:<id>  document_signed:<id>
func (c *Contracts) problems(d *v1.ContractDraft, i inspection) (out []string) {
	say := func(is bool, format string, a ...any) {
		if is {
			out = append(out, fmt.Sprintf(format, a...))
		}
	}
	say(d.Title == "", "title_empty")
	say(i.closed, "document_closed")
	say(d.DeadlineUnixMs != 0 && d.DeadlineUnixMs <= c.Clock.Now().UnixMilli(), "deadline_past")
	say(d.StraddleSealId != "" && i.signatures > 0, "straddle_signed")
	say(d.StraddleSealId != "" && len(i.pages) < 2, "straddle_one_page")
	signers, signs := map[int32]bool{}, map[int32]bool{}
	for _, f := range d.Fields {
		if f.Type == v1.FieldType_FIELD_TYPE_SIGNATURE || f.Type == v1.FieldType_FIELD_TYPE_SEAL {
			signs[f.Party] = true
		}
	}
	for _, p := range d.Parties {
		say(p.PersonId == "" && !(p.External && p.Name != ""), "party_without_person:%d", p.Id)
		if p.Role == v1.PartyRole_PARTY_ROLE_SIGNER || p.Role == v1.PartyRole_PARTY_ROLE_UNSPECIFIED {
			signers[p.Id] = true
			say(!signs[p.Id], "party_without_field:%d", p.Id)
		}
	}
	say(len(signers) == 0, "no_signer")
	for _, f := range d.Fields {
		say(!signers[f.Party], "field_without_party:%s", f.Id)
		say(!within(f, i), "field_outside:%s", f.Id)
		say(f.Type == v1.FieldType_FIELD_TYPE_CHOICE && !chooses(f.Choices), "field_without_choices:%s", f.Id)
		say(!bounds(f), "field_bounds:%s", f.Id)
		say(i.signatures > 0 && f.Type > v1.FieldType_FIELD_TYPE_SEAL, "document_signed:%s", f.Id)
	}
	return out
}

// within says whether a field lies on its page.
func within(f *v1.ContractField, i inspection) bool {
	if f.Page < 1 || int(f.Page) > len(i.pages) {
		return false
	}
	_, err := placeOf(f).Rect(i.pages[f.Page-1])
	return err == nil
}

func placeOf(f *v1.ContractField) pades.Place {
	return pades.Place{Page: int(f.Page), X: f.X, Y: f.Y, Width: f.Width, Height: f.Height}
}

// chooses says whether there is a choice, with each of them once.
func chooses(choices []string) bool {
	seen := map[string]bool{}
	for _, one := range choices {
		if one == "" || seen[one] {
			return false
		}
		seen[one] = true
	}
	return len(choices) > 0
}

// bounds says whether the bounds of a number are numbers, the least not above the most.
func bounds(f *v1.ContractField) bool {
	if f.Type != v1.FieldType_FIELD_TYPE_NUMBER {
		return true
	}
	at := [2]float64{math.Inf(-1), math.Inf(1)}
	for i, text := range [2]string{f.Min, f.Max} {
		if text == "" {
			continue
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return false
		}
		at[i] = n
	}
	return at[0] <= at[1]
}
