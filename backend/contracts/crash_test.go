package contracts_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
)

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
	r = &v1.SignContractRequest{ContractId: id.String(), KeyId: "mine", KeyPassword: password, Signature: drawnLook()}
	if c, code = x.tries("li", r); code != "" || c.Queued != "turn" || c.Fields[1].Value != "value of li" {
		t.Errorf("unlocked again: %q %q", code, c.GetQueued())
	}
	x.Heal()
	x.sees("li", id, "li signed", func(c *v1.Contract) bool { return x.party(c, "li").State == v1.PartyState_PARTY_STATE_SIGNED })
}

// The program ends after everything but the event is on disk: nothing of it counts, and it is done again.
func TestKilledBeforeTheEvent(t *testing.T) {
	x := sits(t, 11, "wang", "li", "zhao")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 1})
	x.opens("li", id)
	x.Partition([]string{"wang"}, []string{"li"}, []string{"zhao"})
	if _, code := x.tries("li", x.signing1("li", id)); code != "" {
		t.Fatal(code)
	}
	li := x.As("li")
	must(t, li.Contracts.Half(context.Background(), id, 1))
	if left, _ := filepath.Glob(filepath.Join(li.DocumentFolder(), "signing-*")); len(left) == 0 {
		t.Fatal("nothing to sweep")
	}
	x.Restart("li")
	if left, _ := filepath.Glob(filepath.Join(li.DocumentFolder(), "signing-*")); len(left) > 0 {
		t.Error("left over", left)
	}
	c := x.sees("li", id, "the key is asked for", func(c *v1.Contract) bool { return c.Queued == "key" })
	if slices.Contains(kinds(c), "signed") || c.CurrentSha256 != c.OriginalSha256 {
		t.Error("half a signature counts")
	}
	x.Heal()
	if _, code := x.tries("li", x.signing1("li", id)); code != "" {
		t.Fatal(code)
	}
	x.signs("zhao", id)
	x.is("wang", id, completed)
	judged(t, x.document("wang", id), 2)
	x.Restart("wang")
	x.is("wang", id, completed)
	judged(t, x.document("wang", id), 2)
}

// A version that somebody changed on the disk is put together anew.
func TestFilesOnDiskAreLookedAt(t *testing.T) {
	x := sits(t, 12, "wang", "li")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1})
	x.signs("li", id)
	x.sees("wang", id, "the last version is there", func(c *v1.Contract) bool { return slices.Contains(kinds(c), "preserved") })
	path := x.document("wang", id)
	whole, err := os.ReadFile(path)
	must(t, err)
	other := slices.Clone(whole)
	other[len(other)/2] ^= 1
	must(t, os.WriteFile(path, other, 0o600))
	x.Restart("wang")
	again, err := os.ReadFile(x.document("wang", id))
	must(t, err)
	if !slices.Equal(again, whole) {
		t.Error("the changed file is given")
	}
}
