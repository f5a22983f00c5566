package contracts_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

const (
	running   = v1.ContractState_CONTRACT_STATE_RUNNING
	completed = v1.ContractState_CONTRACT_STATE_COMPLETED
	declined  = v1.ContractState_CONTRACT_STATE_DECLINED
	voided    = v1.ContractState_CONTRACT_STATE_VOIDED
	expired   = v1.ContractState_CONTRACT_STATE_EXPIRED
)

// table is a story of people who sign.
type table struct {
	*testspace.Office
	*signing
	t *testing.T
}

// sits gathers people; the first one founds the workspace.
func sits(t *testing.T, seed uint64, names ...string) *table {
	o := testspace.New(t, seed)
	s := newSigning(t)
	o.Signing = s.of
	o.Founds(names[0], "远山")
	for _, name := range names[1:] {
		o.Admits(names[0], name)
	}
	for _, name := range names {
		s.people[name] = o.As(name).Person()
	}
	return &table{o, s, t}
}

// part of somebody in a contract that is sent.
type part struct {
	name string
	role flow.Role
	step uint8
}

// sends makes a contract with a field for signature and one for text for every signer.
func (x *table) sends(from string, change func(*contracts.Sending), parts ...part) wire.SpaceID {
	x.t.Helper()
	s := contracts.Sending{Workspace: x.Workspace, Title: "采购合同", Message: "请签署", Language: "zh", Name: "合同.pdf", Pages: 2}
	for i, p := range parts {
		id := uint8(i + 1)
		s.Parties = append(s.Parties, flow.Party{ID: id, Role: p.role, Step: p.step, Person: x.As(p.name).Person(), Name: p.name})
		if p.role == flow.Signer {
			y := int32(60_000 + 80_000*i)
			s.Fields = append(s.Fields, flow.Field{ID: "sig" + p.name, Type: flow.Signature, Party: id, Page: 1, Rect: [4]int32{60_000, y, 150_000, 40_000}, Required: true},
				flow.Field{ID: "text" + p.name, Type: flow.Text, Party: id, Page: 1, Rect: [4]int32{250_000, y, 150_000, 20_000}})
		}
	}
	if change != nil {
		change(&s)
	}
	s.Path = filepath.Join(x.t.TempDir(), "placed.pdf")
	must(x.t, contracts.PlaceFields(filepath.Join("pades", "testdata", "libreoffice.pdf"), s.Path, s.Fields))
	id, err := x.As(from).Contracts.Send(context.Background(), s)
	must(x.t, err)
	return id
}

// sees waits until a contract is as wanted at somebody's.
func (x *table) sees(name string, id wire.SpaceID, what string, is func(*v1.Contract) bool) *v1.Contract {
	x.t.Helper()
	var out *v1.Contract
	x.Eventually(name+" sees that "+what, func() bool {
		got, err := x.As(name).ContractsAPI().ReadContract(context.Background(), &v1.ContractRequest{ContractId: id.String()})
		if err != nil {
			return false
		}
		out = got
		return is(got)
	})
	return out
}

func (x *table) is(name string, id wire.SpaceID, state v1.ContractState) *v1.Contract {
	x.t.Helper()
	return x.sees(name, id, "it is "+state.String(), func(c *v1.Contract) bool { return c.State == state })
}

// opens fetches the document.
func (x *table) opens(name string, id wire.SpaceID) {
	x.t.Helper()
	x.Eventually(name+" has the document", func() bool {
		_, err := x.As(name).ContractsAPI().OpenContract(context.Background(), &v1.OpenContractRequest{ContractId: id.String()})
		return err == nil
	})
}

func drawnLook() *v1.SignatureLook {
	return &v1.SignatureLook{Kind: "drawn", Path: "M 5 20 L 40 5 L 70 30 L 110 10", Width: 120, Height: 40}
}

func (x *table) signing1(name string, id wire.SpaceID) *v1.SignContractRequest {
	return &v1.SignContractRequest{ContractId: id.String(), Values: map[string]string{"text" + name: "value of " + name}, Signature: drawnLook(), KeyId: "mine", KeyPassword: password,
		ConsentVersion: "consent.1", ConsentLanguage: "zh"}
}

func (x *table) tries(name string, r *v1.SignContractRequest) (*v1.Contract, errcode.Code) {
	out, err := x.As(name).ContractsAPI().SignContract(context.Background(), r)
	if err == nil {
		return out, ""
	}
	code, _ := errcode.From(err)
	if code == errcode.Internal {
		x.t.Fatalf("%s signs: %v", name, err)
	}
	return out, code
}

// signs consents and signs, or queues.
func (x *table) signs(name string, id wire.SpaceID) *v1.Contract {
	x.t.Helper()
	x.opens(name, id)
	out, err := x.As(name).ContractsAPI().SignContract(context.Background(), x.signing1(name, id))
	must(x.t, err)
	return out
}

func (x *table) party(c *v1.Contract, name string) *v1.Party {
	for _, p := range c.Parties {
		if p.PersonId == x.As(name).Person().String() {
			return p
		}
	}
	x.t.Fatalf("%s has no part", name)
	return nil
}

func kinds(c *v1.Contract) (out []string) {
	for _, e := range c.Timeline {
		if !e.Void {
			out = append(out, e.Kind)
		}
	}
	return out
}

// document is the latest version at somebody's.
func (x *table) document(name string, id wire.SpaceID) string {
	x.t.Helper()
	path := ""
	x.Eventually("the document is at "+name+"'s", func() (ok bool) {
		var err error
		path, err = x.As(name).Contracts.Version(context.Background(), id, -1)
		return err == nil
	})
	return path
}

// judged asks pdfsig, where it is installed: every signature of a document is good, and so many there are.
func judged(t *testing.T, path string, signatures int) {
	t.Helper()
	program, err := exec.LookPath("pdfsig")
	if err != nil {
		t.Log("pdfsig is not installed")
		return
	}
	out, err := exec.Command(program, path).CombinedOutput()
	if n := strings.Count(string(out), "Signature is Valid."); n != signatures {
		t.Errorf("pdfsig finds %d good signatures, not %d (%v):\n%s", n, signatures, err, out)
	}
}

// Two in any order, then one.
func TestTwoAndThenOne(t *testing.T) {
	x := sits(t, 1, "wang", "li", "zhao", "chen", "sun")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 1}, part{"chen", flow.Signer, 2}, part{"sun", flow.Copy, 1})
	x.opens("chen", id)
	if _, code := x.tries("chen", x.signing1("chen", id)); code != errcode.NotYourTurn {
		t.Errorf("too early: %q", code)
	}
	x.signs("zhao", id)
	x.sees("zhao", id, "zhao signed", func(c *v1.Contract) bool { return x.party(c, "zhao").State == v1.PartyState_PARTY_STATE_SIGNED })
	x.sees("li", id, "li holds it", func(c *v1.Contract) bool { return x.party(c, "li").Holds })
	x.signs("li", id)
	x.sees("chen", id, "it is chen's turn", func(c *v1.Contract) bool { return c.CanSign && x.party(c, "chen").Holds })
	if rows, err := x.As("chen").ContractsAPI().ListContracts(context.Background(), &v1.ContractsRequest{Box: v1.ContractBox_CONTRACT_BOX_MINE_TO_DO}); err != nil || rows.MineToDo != 1 || len(rows.Rows) != 1 {
		t.Errorf("to do: %v %v", rows, err)
	}
	x.signs("chen", id)
	for _, name := range []string{"wang", "li", "zhao", "chen", "sun"} {
		c := x.sees(name, id, "it is complete and preserved", func(c *v1.Contract) bool { return c.State == completed && slices.Contains(kinds(c), "preserved") })
		if c.Parties[0].State != v1.PartyState_PARTY_STATE_SIGNED || c.Fields[1].Value != "value of li" {
			t.Errorf("at %s: %v", name, c.Parties[0])
		}
	}
	judged(t, x.document("sun", id), 3)
	original, err := x.As("sun").Contracts.Version(context.Background(), id, 0)
	must(t, err)
	whole, err := os.ReadFile(x.document("sun", id))
	must(t, err)
	first, err := os.ReadFile(original)
	must(t, err)
	if !strings.HasPrefix(string(whole), string(first)) {
		t.Error("the document does not begin with what was sent")
	}
	x.Settles()
}

// Who consents while another one has the document is signed for when it comes, without being there again.
func TestQueuedOffline(t *testing.T) {
	x := sits(t, 2, "wang", "li", "zhao")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 1})
	x.opens("zhao", id)
	x.opens("li", id)
	x.Partition([]string{"wang"}, []string{"li"}, []string{"zhao"})
	c, code := x.tries("li", x.signing1("li", id))
	if code != "" || c.Queued != "turn" || x.party(c, "li").State != v1.PartyState_PARTY_STATE_CONSENTED || c.Unsent == 0 {
		t.Fatalf("li queued: %q %q", code, c.GetQueued())
	}
	if c, code = x.tries("zhao", x.signing1("zhao", id)); code != "" || c.Queued != "turn" {
		t.Fatalf("zhao queued: %q", code)
	}
	x.Heal()
	x.is("wang", id, completed)
	c = x.is("zhao", id, completed)
	if c.Queued != "" {
		t.Error("still queued")
	}
	judged(t, x.document("zhao", id), 2)
}

// After a restart the key is asked for again; the consent stands.
func TestRestartAsksForTheKey(t *testing.T) {
	x := sits(t, 3, "wang", "li", "zhao")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 1})
	x.opens("li", id)
	x.Partition([]string{"wang"}, []string{"li"}, []string{"zhao"})
	_, code := x.tries("li", x.signing1("li", id))
	if code != "" {
		t.Fatal(code)
	}
	x.Restart("li")
	c := x.sees("li", id, "the key is asked for", func(c *v1.Contract) bool { return c.Queued == "key" && c.CanSign })
	if x.party(c, "li").State != v1.PartyState_PARTY_STATE_CONSENTED {
		t.Error("the consent is gone")
	}
	r := &v1.SignContractRequest{ContractId: id.String(), KeyId: "mine", KeyPassword: "wrong", Signature: nil}
	if _, code := x.tries("li", r); code != errcode.KeyPasswordWrong && code != errcode.FieldMissing {
		t.Errorf("%q", code)
	}
	if c, code = x.tries("li", x.signing1("li", id)); code != "" || c.Queued != "turn" {
		t.Errorf("unlocked again: %q %q", code, c.GetQueued())
	}
	x.Heal()
	x.sees("li", id, "li signed", func(c *v1.Contract) bool { return x.party(c, "li").State == v1.PartyState_PARTY_STATE_SIGNED })
}

func TestDeclinedReplacedDelegated(t *testing.T) {
	x := sits(t, 4, "wang", "li", "zhao", "chen")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1})
	x.opens("li", id)
	ctx := context.Background()
	_, err := x.As("li").ContractsAPI().DeclineContract(ctx, &v1.ReasonRequest{ContractId: id.String(), Reason: "金额不对"})
	must(t, err)
	c := x.is("wang", id, declined)
	if c.Parties[0].Reason != "金额不对" {
		t.Error(c.Parties[0])
	}
	if _, code := x.tries("li", x.signing1("li", id)); code != errcode.ContractEnded {
		t.Errorf("after the refusal: %q", code)
	}
	_, err = x.As("wang").ContractsAPI().ReassignParty(ctx, &v1.ReassignPartyRequest{ContractId: id.String(), Party: 1, PersonId: x.As("zhao").Person().String(), Reason: "换人"})
	must(t, err)
	x.sees("zhao", id, "it is zhao's", func(c *v1.Contract) bool { return c.MyParty == 1 })
	x.opens("zhao", id)
	if _, err := x.As("li").ContractsAPI().ReassignParty(ctx, &v1.ReassignPartyRequest{ContractId: id.String(), Party: 1, PersonId: x.As("chen").Person().String()}); err == nil {
		x.sees("li", id, "it is zhao's", func(c *v1.Contract) bool { return c.Parties[0].PersonId == x.As("zhao").Person().String() })
	}
	_, err = x.As("zhao").ContractsAPI().ReassignParty(ctx, &v1.ReassignPartyRequest{ContractId: id.String(), Party: 1, PersonId: x.As("chen").Person().String(), Reason: "出差"})
	must(t, err)
	x.sees("chen", id, "it is chen's", func(c *v1.Contract) bool { return c.MyParty == 1 })
	x.opens("chen", id)
	r := x.signing1("li", id) // the fields are those of the party
	if _, code := x.tries("chen", r); code != "" {
		t.Fatal(code)
	}
	c = x.is("wang", id, completed)
	if c.Parties[0].PersonId != x.As("chen").Person().String() {
		t.Error("not by chen")
	}
	x.is("li", id, completed)
}

// A void that was said before the last signature was heard of comes too late.
func TestVoidRacesWithTheLastSignature(t *testing.T) {
	x := sits(t, 5, "wang", "li")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1})
	x.opens("li", id)
	x.Partition([]string{"wang"}, []string{"li"})
	ctx := context.Background()
	_, err := x.As("wang").ContractsAPI().VoidContract(ctx, &v1.ReasonRequest{ContractId: id.String(), Reason: "作废"})
	must(t, err)
	x.is("wang", id, voided)
	x.signs("li", id)
	x.is("li", id, completed)
	x.Heal()
	for _, name := range []string{"wang", "li"} {
		c := x.is(name, id, completed)
		if !slices.ContainsFunc(c.Timeline, func(e *v1.ContractEvent) bool { return e.Kind == "voided" && e.Void }) {
			x.sees(name, id, "the void came too late", func(c *v1.Contract) bool {
				return slices.ContainsFunc(c.Timeline, func(e *v1.ContractEvent) bool { return e.Kind == "voided" && e.Void })
			})
		}
	}
	second := x.sends("wang", nil, part{"li", flow.Signer, 1})
	x.opens("li", second)
	_, err = x.As("wang").ContractsAPI().VoidContract(ctx, &v1.ReasonRequest{ContractId: second.String()})
	must(t, err)
	x.is("li", second, voided)
	if _, code := x.tries("li", x.signing1("li", second)); code != errcode.ContractEnded {
		t.Errorf("%q", code)
	}
}

func TestAccessCode(t *testing.T) {
	x := sits(t, 6, "wang", "li", "zhao")
	id := x.sends("wang", func(s *contracts.Sending) { s.AccessCode = "八月桂花遍地开" }, part{"li", flow.Signer, 1}, part{"zhao", flow.Viewer, 1})
	ctx := context.Background()
	x.sees("li", id, "it is locked", func(c *v1.Contract) bool { return c.Locked && !c.DocumentHere && !c.CanSign })
	for _, code := range []string{"", "wrong code"} {
		_, err := x.As("li").ContractsAPI().OpenContract(ctx, &v1.OpenContractRequest{ContractId: id.String(), AccessCode: code})
		if got, _ := errcode.From(err); err == nil || got != errcode.AccessCodeWrong {
			t.Errorf("code %q: %v", code, err)
		}
	}
	if _, code := x.tries("li", x.signing1("li", id)); code != errcode.AccessCodeWrong {
		t.Errorf("signs what is locked: %q", code)
	}
	x.Eventually("li opens it", func() bool {
		_, err := x.As("li").ContractsAPI().OpenContract(ctx, &v1.OpenContractRequest{ContractId: id.String(), AccessCode: "八月桂花遍地开"})
		return err == nil
	})
	x.signs("li", id)
	x.is("wang", id, completed)
	judged(t, x.document("wang", id), 1)
	x.is("zhao", id, completed)
	if _, err := x.As("zhao").Contracts.Version(ctx, id, 0); err == nil {
		t.Error("read without the code")
	}
	x.Restart("li")
	judged(t, x.document("li", id), 1)
}

func TestApproverAndDeadline(t *testing.T) {
	x := sits(t, 7, "wang", "li", "zhao")
	id := x.sends("wang", func(s *contracts.Sending) { s.Deadline = time.Now().Add(time.Hour).UnixMilli() }, part{"li", flow.Approver, 1}, part{"zhao", flow.Signer, 2})
	x.opens("li", id)
	ctx := context.Background()
	_, err := x.As("li").ContractsAPI().ApproveContract(ctx, &v1.ContractRequest{ContractId: id.String()})
	must(t, err)
	x.sees("zhao", id, "it is zhao's turn", func(c *v1.Contract) bool { return c.CanSign })
	x.opens("zhao", id)
	x.Later(2 * time.Hour)
	x.is("zhao", id, expired)
	if _, code := x.tries("zhao", x.signing1("zhao", id)); code != errcode.ContractEnded {
		t.Errorf("%q", code)
	}
	_, err = x.As("wang").ContractsAPI().SetContractDeadline(ctx, &v1.SetContractDeadlineRequest{ContractId: id.String(), DeadlineUnixMs: x.As("wang").Clock.Now().Add(24 * time.Hour).UnixMilli()})
	must(t, err)
	x.is("zhao", id, running)
	x.signs("zhao", id)
	x.is("wang", id, completed)
}

func TestSealOfAnother(t *testing.T) {
	x := sits(t, 8, "wang", "li", "boss")
	x.seals["seal_1"] = []string{"boss"}
	id := x.sends("wang", func(s *contracts.Sending) {
		s.Fields = append(s.Fields, flow.Field{ID: "stamp", Type: flow.Seal, Party: 1, Page: 1, Rect: [4]int32{300_000, 300_000, 100_000, 100_000}, Required: true})
	}, part{"li", flow.Signer, 1})
	x.opens("li", id)
	ctx := context.Background()
	if _, code := x.tries("li", x.signing1("li", id)); code != errcode.FieldMissing {
		t.Errorf("without the seal: %q", code)
	}
	r := x.signing1("li", id)
	r.Seals = map[string]string{"stamp": "seal_1"}
	if _, code := x.tries("li", r); code != errcode.SealForbidden {
		t.Errorf("without the right: %q", code)
	}
	_, err := x.As("li").ContractsAPI().AskSeal(ctx, &v1.AskSealRequest{ContractId: id.String(), FieldId: "stamp", SealId: "seal_1", Reason: "请盖章"})
	must(t, err)
	c, code := x.tries("li", x.signing1("li", id))
	if code != "" || x.party(c, "li").State != v1.PartyState_PARTY_STATE_SEAL_ASKED {
		t.Fatalf("%q %v", code, c.GetParties())
	}
	asked := x.sees("boss", id, "the boss is asked", func(c *v1.Contract) bool { return len(c.SealRequests) == 1 })
	x.opens("boss", id)
	_, err = x.As("boss").ContractsAPI().ApproveSeal(ctx, &v1.ApproveSealRequest{ContractId: id.String(), RequestId: asked.SealRequests[0].Id, KeyPassword: password})
	must(t, err)
	if _, err = x.As("boss").ContractsAPI().ApproveSeal(ctx, &v1.ApproveSealRequest{ContractId: id.String(), RequestId: asked.SealRequests[0].Id, KeyPassword: password}); err == nil {
		t.Error("applied twice")
	}
	x.is("wang", id, completed)
	judged(t, x.document("wang", id), 2)
	if len(x.uses) != 1 || x.uses[0].Asked != x.As("li").Person() || x.uses[0].Contract != id {
		t.Errorf("ledger: %+v", x.uses)
	}
}
