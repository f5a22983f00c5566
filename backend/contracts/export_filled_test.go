package contracts

import "roundtable/backend/contracts/flow"

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
