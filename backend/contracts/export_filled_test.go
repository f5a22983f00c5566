package contracts

import (
	"maps"
	"slices"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/form"
)

// Hidden seals what parties filled in under a code, hands what the first one sealed to the second, and gives who can be read then.
func Hidden(code string, salt []byte, one, two *flow.Consented) (first, second *flow.Consented, unreadable map[uint8]bool, err error) {
	k, err := codeKey(code, salt)
	if err != nil {
		return nil, nil, nil, err
	}
	x := &contract{State: &flow.State{Sent: &flow.Sent{Document: flow.Document{Salt: salt}}}, local: local{code: k.Bytes()}}
	a, err := x.hide(one)
	if err != nil {
		return nil, nil, nil, err
	}
	b := *two
	b.Values, b.Filled = nil, a.Filled
	x.Parties = []flow.PartyState{{Party: flow.Party{ID: 1}, Consent: a}, {Party: flow.Party{ID: 2}, Consent: &b}}
	x.reveal()
	return x.Parties[0].Consent, x.Parties[1].Consent, x.unreadable, nil
}

// FieldNames are the fields of a document, in order of their names.
func FieldNames(path string) ([]string, error) {
	p, err := openPaper(path)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	names, err := form.Names(p.File)
	return slices.Sorted(maps.Keys(names)), err
}

// IsHidden is isHidden.
func IsHidden(party uint8, field string) bool { return isHidden(party, field) }
