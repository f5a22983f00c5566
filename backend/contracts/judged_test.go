package contracts_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"slices"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/authority"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/look"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// puts writes an act of a liar, with these bytes behind the document. Without serve nobody ever gets them.
func (x *table) puts(name string, id wire.SpaceID, act *flow.Acted, tail []byte, serve bool) {
	x.t.Helper()
	ctx := context.Background()
	d := x.As(name)
	st, err := d.Contracts.State(ctx, id)
	must(x.t, err)
	w, err := blob.NewWriter(uint64(len(tail)))
	must(x.t, err)
	pieces := d.Pieces
	if !serve {
		pieces, err = blob.Open(x.t.TempDir(), blob.Options{})
		must(x.t, err)
	}
	_, err = w.Write(ctx, pieces, tail)
	must(x.t, err)
	f, err := w.Close(ctx, pieces)
	must(x.t, err)
	act.Prev, act.Tail, act.At = st.Head, flow.Blob{File: &f}, d.Clock.Now().UnixMilli()
	if act.Size == 0 {
		act.Size = st.Latest().Size + uint64(len(tail))
	}
	_, err = d.Log.Append(ctx, id, eventlog.Draft{Kind: flow.KindActed, Body: act, Then: func(tx *store.Tx, e eventlog.Event) error {
		if !serve {
			return nil
		}
		return d.Blobs.Keep(tx, id, e.Feed.Device, f)
	}})
	must(x.t, err)
}

// forges puts a version behind the document that was made by a program of the liar's own.
func (x *table) forges(name string, id wire.SpaceID, act *flow.Acted, r contracts.Forging) {
	x.t.Helper()
	r.Path = x.document(name, id)
	before, err := os.ReadFile(r.Path)
	must(x.t, err)
	whole, err := contracts.Forge(context.Background(), x.t.TempDir(), r)
	must(x.t, err)
	act.SHA256, act.Size = sha256.Sum256(whole), uint64(len(whole))
	if len(r.Identity.Chain) > 0 {
		print := sha256.Sum256(r.Identity.Chain[0].Raw)
		act.Fingerprint = print[:]
	}
	x.puts(name, id, act, whole[len(before):], true)
}

// own is what somebody signs with by right.
func (x *table) own(name string) pades.Identity {
	return x.identity(name, authority.Person{Name: name, Workspace: "远山", ID: x.As(name).Person().String()})
}

func wrong(c *v1.Contract) bool {
	return slices.ContainsFunc(c.Timeline, func(e *v1.ContractEvent) bool { return e.Wrong && e.Void })
}

// refuted waits until everybody found something wrong, and nobody sees it as signed.
func (x *table) refuted(id wire.SpaceID, by string, names ...string) {
	x.t.Helper()
	for _, name := range names {
		c := x.sees(name, id, "it is wrong", wrong)
		if p := x.party(c, by); c.State != running || c.Unchecked || p.Unchecked || p.State == v1.PartyState_PARTY_STATE_SIGNED || c.CompletedUnixMs != 0 {
			x.t.Errorf("%s sees %v, unchecked %v, party %v", name, c.State, c.Unchecked, p)
		}
		rows, err := x.As(name).ContractsAPI().ListContracts(context.Background(), &v1.ContractsRequest{})
		must(x.t, err)
		if len(rows.Rows) != 1 || rows.Rows[0].State != running || rows.Rows[0].Acted != 0 || rows.Completed != 0 {
			x.t.Errorf("%s lists %v", name, rows)
		}
	}
}

// The last signer puts a comment behind the document: nobody takes that for a signature, and the sender can end the contract.
func TestSignedWithAComment(t *testing.T) {
	x := sits(t, 60, "wang", "mallory", "li")
	id := x.sends("wang", nil, part{"mallory", flow.Signer, 1}, part{"li", flow.Viewer, 1})
	x.opens("mallory", id)
	before, err := os.ReadFile(x.document("mallory", id))
	must(t, err)
	x.lies(x.As("mallory"), id, 1, append(bytes.Clone(before), "\n%no signature at all\n"...), x.agrees(x.As("mallory"), id, 1))
	x.refuted(id, "mallory", "wang", "li", "mallory")
	_, err = x.As("wang").ContractsAPI().VoidContract(context.Background(), &v1.ReasonRequest{ContractId: id.String()})
	must(t, err)
	x.is("li", id, voided)
}

// After a wrong version the contract goes on from the last good one: somebody else signs for the party, and the next one after it.
func TestGoesOnAfterAWrongVersion(t *testing.T) {
	x := sits(t, 61, "wang", "mallory", "li", "zhao")
	ctx := context.Background()
	id := x.sends("wang", nil, part{"mallory", flow.Signer, 1}, part{"li", flow.Signer, 2})
	x.opens("mallory", id)
	m := x.As("mallory")
	x.puts("mallory", id, &flow.Acted{Party: 1, What: flow.Signed, SHA256: [32]byte{1, 2, 3}, Consent: x.agrees(m, id, 1)}, bytes.Repeat([]byte("%"), 500), true)
	x.refuted(id, "mallory", "wang", "li")
	if _, code := x.tries("li", x.signing1("li", id)); code != errcode.NotYourTurn {
		t.Errorf("li signs: %q", code)
	}
	x.document("li", id) // what was sent, whole
	_, err := x.As("wang").ContractsAPI().ReassignParty(ctx, &v1.ReassignPartyRequest{ContractId: id.String(), Party: 1, PersonId: x.As("zhao").Person().String()})
	must(t, err)
	x.sees("zhao", id, "it is zhao's", func(c *v1.Contract) bool { return c.CanSign })
	x.opens("zhao", id)
	if _, code := x.tries("zhao", x.signing1("mallory", id)); code != "" {
		t.Fatalf("zhao signs: %q", code)
	}
	x.sees("li", id, "it is li's turn", func(c *v1.Contract) bool { return c.CanSign })
	x.signs("li", id)
	for _, name := range []string{"wang", "li", "zhao"} {
		c := x.is(name, id, completed)
		if c.Unchecked || c.CompletedUnixMs == 0 || !slices.ContainsFunc(c.Timeline, func(e *v1.ContractEvent) bool { return e.Kind == "signed" && e.CertificateSubject != "" }) {
			t.Errorf("%s sees %v", name, c.Timeline)
		}
	}
	judged(t, x.document("wang", id), 2)
}

// Nobody approves what is damaged.
func TestApprovalOverDamage(t *testing.T) {
	x := sits(t, 62, "wang", "mallory", "li")
	id := x.sends("wang", nil, part{"mallory", flow.Signer, 1}, part{"li", flow.Approver, 2})
	x.opens("mallory", id)
	x.opens("li", id)
	m := x.As("mallory")
	x.puts("mallory", id, &flow.Acted{Party: 1, What: flow.Signed, SHA256: [32]byte{1, 2, 3}, Consent: x.agrees(m, id, 1)}, bytes.Repeat([]byte("%"), 500), true)
	x.Eventually("li hears of it", func() bool {
		_, err := x.As("li").ContractsAPI().ApproveContract(context.Background(), &v1.ContractRequest{ContractId: id.String()})
		return wrong(x.sees("li", id, "it is there", func(*v1.Contract) bool { return true })) && code(err) == errcode.NotYourTurn
	})
	x.refuted(id, "mallory", "wang", "li")
	c := x.is("wang", id, running)
	if slices.Contains(kinds(c), "approved") || x.party(c, "li").State == v1.PartyState_PARTY_STATE_APPROVED {
		t.Error("approved")
	}
}

// A signature by a certificate that names somebody else is nobody's; one's own program does not even make it.
func TestSignedAsSomebodyElse(t *testing.T) {
	x := sits(t, 63, "wang", "mallory", "li")
	id := x.sends("wang", nil, part{"mallory", flow.Signer, 1}, part{"li", flow.Viewer, 1})
	other := newSigning(t).identity("m", authority.Person{Name: "wang", Workspace: "远山", ID: x.As("wang").Person().String()})
	mine := x.own("mallory")
	x.all["mallory"] = other
	x.opens("mallory", id)
	if _, code := x.tries("mallory", x.signing1("mallory", id)); code != errcode.DocumentChanged {
		t.Errorf("made all the same: %q", code)
	}
	if c := x.is("mallory", id, running); c.Queued != "key" || c.QueuedProblem != string(errcode.DocumentChanged) {
		t.Errorf("queued %q %q", c.Queued, c.QueuedProblem)
	}
	x.forges("mallory", id, &flow.Acted{Party: 1, What: flow.Signed, Consent: x.agrees(x.As("mallory"), id, 1)}, contracts.Forging{Field: "sigmallory", Identity: other})
	x.refuted(id, "mallory", "wang", "li")
	x.all["mallory"] = mine
	if _, code := x.tries("mallory", x.signing1("mallory", id)); code != "" && code != errcode.DocumentChanged {
		t.Errorf("with the right one: %q", code)
	}
	x.Eventually("mallory signs", func() bool {
		_, code := x.tries("mallory", x.signing1("mallory", id))
		return code == "" || code == errcode.AlreadySigned
	})
	x.is("li", id, completed)
}

// Who signs later changes nothing that others filled in, and fills nothing in for them.
func TestFieldsOfOthers(t *testing.T) {
	for name, values := range map[string]map[string]string{"changed": {"textli": "999"}, "filled before": {"textzhao": "prefilled"}, "own, not agreed to": {"textmallory": "7"}} {
		t.Run(name, func(t *testing.T) {
			x := sits(t, 64, "wang", "li", "mallory", "zhao")
			id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"mallory", flow.Signer, 2}, part{"zhao", flow.Signer, 3})
			x.signs("li", id)
			x.sees("mallory", id, "turn", func(c *v1.Contract) bool { return c.CanSign })
			x.opens("mallory", id)
			x.forges("mallory", id, &flow.Acted{Party: 2, What: flow.Signed, Consent: x.agrees(x.As("mallory"), id, 2)},
				contracts.Forging{Values: values, Field: "sigmallory", Identity: x.own("mallory")})
			c := x.sees("zhao", id, "it is wrong", wrong)
			if _, code := x.tries("zhao", x.signing1("zhao", id)); code != errcode.NotYourTurn {
				t.Errorf("zhao signs: %q", code)
			}
			if x.party(c, "mallory").State == v1.PartyState_PARTY_STATE_SIGNED || x.party(c, "li").State != v1.PartyState_PARTY_STATE_SIGNED {
				t.Errorf("zhao sees %v", c.Parties)
			}
		})
	}
}

// What the forging tests do passes when nothing is forged.
func TestHonestByAnotherProgram(t *testing.T) {
	x := sits(t, 65, "wang", "mallory")
	id := x.sends("wang", nil, part{"mallory", flow.Signer, 1})
	x.opens("mallory", id)
	x.forges("mallory", id, &flow.Acted{Party: 1, What: flow.Signed, Consent: x.agrees(x.As("mallory"), id, 1)}, contracts.Forging{Field: "sigmallory", Identity: x.own("mallory")})
	x.is("wang", id, completed)
	x.is("mallory", id, completed)
}

// A seal that nobody applied, and one by a certificate of nobody's: neither is shown.
func TestForgedSeals(t *testing.T) {
	x := sits(t, 66, "wang", "mallory")
	ctx := context.Background()
	w := x.As("wang").Contracts
	trust := verify.Trust{Roots: []verify.Root{{Name: "远山", Certificate: x.root, Signs: true}}}
	w.TrustedFrom(func(context.Context) (verify.Trust, error) { return trust, nil })
	w.TrustedIn(func(context.Context, wire.SpaceID) (verify.Trust, error) { return trust, nil })
	id := x.sends("wang", func(s *contracts.Sending) {
		s.Fields = append(s.Fields, flow.Field{ID: "stamp", Type: flow.Seal, Party: 1, Page: 1, Rect: [4]int32{60_000, 400_000, 100_000, 100_000}, Required: true, Seal: seal1})
	}, part{"mallory", flow.Signer, 1})
	x.opens("mallory", id)
	m := x.As("mallory")
	drawn, err := look.Drawn("M 5 5 L 95 5 L 95 95 L 5 95 L 5 5", 100, 100)
	must(t, err)
	foreign := newSigning(t).identity("s", authority.Person{Name: "公章", Workspace: "远山", ID: m.Person().String(),
		Seal: &cms.SealRight{ID: sealBytes(seal1), Outlines: sha256.Sum256(drawn.Content)}})
	for i, r := range []contracts.Forging{{Field: "stamp", Identity: x.own("mallory")},
		{Field: "stamp", Identity: foreign, Look: drawn, Seal: &pades.SealClaim{ID: sealBytes(seal1), Name: "公章"}}} {
		ask, err := m.Log.Append(ctx, id, eventlog.Draft{Kind: flow.KindSealAsked, Body: &flow.SealAsked{Party: 1, Field: "stamp", Seal: seal1, Holder: m.Person()}})
		must(t, err)
		x.forges("mallory", id, &flow.Acted{Party: 1, What: flow.Sealed, Seal: seal1, Field: "stamp", Request: ask[0].ID}, r)
		c := x.sees("wang", id, "it is wrong", func(c *v1.Contract) bool {
			n := 0
			for _, e := range c.Timeline {
				if e.Wrong {
					n++
				}
			}
			return n == i+1
		})
		if c.Fields[2].Value != "" || slices.Contains(kinds(c), "sealed") {
			t.Errorf("%d: wang sees the seal: %v", i, kinds(c))
		}
		x.sees("mallory", id, "it goes on", func(c *v1.Contract) bool { return wrong(c) || i == 1 })
	}
}

// Bytes that never come are no signature; the sender can end such a contract.
func TestBytesThatNeverCome(t *testing.T) {
	x := sits(t, 67, "wang", "mallory")
	ctx := context.Background()
	id := x.sends("wang", nil, part{"mallory", flow.Signer, 1})
	x.opens("mallory", id)
	x.puts("mallory", id, &flow.Acted{Party: 1, What: flow.Signed, SHA256: [32]byte{1}, Consent: x.agrees(x.As("mallory"), id, 1)}, bytes.Repeat([]byte("%"), 500), false)
	c := x.sees("wang", id, "it is said to be signed", func(c *v1.Contract) bool { return c.Unchecked })
	if p := c.Parties[0]; c.State != running || !c.CanVoid || !p.Unchecked || p.State != v1.PartyState_PARTY_STATE_CONSENTED || p.ActedUnixMs != 0 || slices.Contains(kinds(c), "completed") {
		t.Errorf("wang sees %v %v", c.State, p)
	}
	rows, err := x.As("wang").ContractsAPI().ListContracts(ctx, &v1.ContractsRequest{})
	must(t, err)
	if len(rows.Rows) != 1 || !rows.Rows[0].Unchecked || rows.Rows[0].State != running || rows.Rows[0].Acted != 0 || rows.Running != 1 {
		t.Errorf("wang lists %v", rows)
	}
	_, err = x.As("wang").ContractsAPI().VoidContract(ctx, &v1.ReasonRequest{ContractId: id.String()})
	must(t, err)
	x.is("wang", id, voided)
}

// The right to a seal is taken away before the signature that waited with it is made: neither is made, and the person hears why.
func TestSealIsGoneMeanwhile(t *testing.T) {
	x := sits(t, 68, "wang", "li", "zhao")
	x.seals[seal1] = []string{"li"}
	id := x.sends("wang", func(s *contracts.Sending) {
		s.Fields = append(s.Fields, flow.Field{ID: "stamp", Type: flow.Seal, Party: 1, Page: 1, Rect: [4]int32{60_000, 400_000, 100_000, 100_000}, Required: true, Seal: seal1})
	}, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 1})
	x.opens("li", id)
	x.Partition([]string{"wang"}, []string{"li"}, []string{"zhao"})
	r := x.signing1("li", id)
	r.Seals = map[string]string{"stamp": seal1}
	if c, code := x.tries("li", r); code != "" || c.Queued != "turn" {
		t.Fatalf("queued %q %q", c.GetQueued(), code)
	}
	x.mu.Lock()
	x.seals[seal1] = nil
	x.mu.Unlock()
	x.Heal()
	c := x.sees("li", id, "it is not made", func(c *v1.Contract) bool { return c.QueuedProblem == string(errcode.SealForbidden) })
	if c.Queued != "key" || !c.CanSign || c.Fields[4].Value != "" || len(x.uses) != 0 {
		t.Errorf("li sees %q %v", c.Queued, c.Fields)
	}
	if c := x.is("wang", id, running); x.party(c, "li").State == v1.PartyState_PARTY_STATE_SIGNED {
		t.Error("signed")
	}
}
