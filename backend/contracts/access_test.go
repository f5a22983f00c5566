package contracts_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

func TestAccessCode(t *testing.T) {
	x := sits(t, 6, "wang", "li", "zhao")
	id := x.sends("wang", func(s *contracts.Sending) {
		s.AccessCode = "八月桂花遍地开"
		s.Fields = append(s.Fields, flow.Field{ID: "licence", Type: flow.Attachment, Party: 1, Page: 2, Rect: [4]int32{60_000, 60_000, 150_000, 28_000}})
	}, part{"li", flow.Signer, 1}, part{"zhao", flow.Viewer, 1})
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
	r := x.signing1("li", id)
	r.Values["licence"] = x.brings("li", "营业执照.pdf", []byte("%PDF-1.4 licence"))
	if _, code := x.tries("li", r); code != "" {
		t.Fatal(code)
	}
	c := x.is("wang", id, completed)
	if i := slices.IndexFunc(c.Fields, func(f *v1.ContractField) bool { return f.Id == "textli" }); c.Fields[i].Value != "value of li" {
		t.Errorf("at the sender's: %q", c.Fields[i].Value)
	}
	judged(t, x.document("wang", id), 1)
	// Who belongs to it and has not got the code finds nothing of what was filled in, not even in the log.
	for _, name := range []string{"wang", "zhao"} {
		for _, said := range x.bodies(name, id) {
			if strings.Contains(said, "value of li") || strings.Contains(said, "营业执照") {
				t.Errorf("at %s: %q", name, said)
			}
		}
	}
	// The document names the file by its hash, under the signature.
	report, err := x.As("wang").ContractsAPI().VerifyDocument(ctx, &v1.VerifyDocumentRequest{ContractId: id.String()})
	must(t, err)
	sum := sha256.Sum256([]byte("%PDF-1.4 licence"))
	if len(report.Attached) != 1 || report.Attached[0].Name != "营业执照.pdf" || report.Attached[0].Sha256 != hex.EncodeToString(sum[:]) || report.Attached[0].Signature != 1 {
		t.Errorf("the document names %v", report.Attached)
	}
	if got := x.attached("wang", id, "licence"); got != "%PDF-1.4 licence" {
		t.Errorf("attached: %q", got)
	}
	// Who has not got the code has seen no signature, and says so.
	c = x.sees("zhao", id, "it is not checked", func(c *v1.Contract) bool { return c.Unchecked })
	if c.State != running || c.Parties[0].State == v1.PartyState_PARTY_STATE_SIGNED {
		t.Errorf("zhao sees %v", c.Parties[0])
	}
	if _, err := x.As("zhao").Contracts.Version(ctx, id, 0); err == nil {
		t.Error("read without the code")
	}
	x.Restart("li")
	judged(t, x.document("li", id), 1)
	// The consent stands over a restart, and what it says can be read again.
	if _, code := x.tries("li", &v1.SignContractRequest{ContractId: id.String(), KeyId: "mine", KeyPassword: password}); code != errcode.AlreadySigned {
		t.Errorf("once more: %q", code)
	}
}

// bodies are those of a contract's events as they stand at somebody's.
func (x *table) bodies(name string, id wire.SpaceID) (out []string) {
	x.t.Helper()
	rows, err := x.As(name).DB.Read().Query(`SELECT body FROM contracts_event WHERE space = ?`, id[:])
	must(x.t, err)
	defer rows.Close()
	for rows.Next() {
		var body []byte
		must(x.t, rows.Scan(&body))
		out = append(out, string(body))
	}
	must(x.t, rows.Err())
	if len(out) < 3 {
		x.t.Errorf("%d events at %s", len(out), name)
	}
	return out
}

// attached is what stands in a field, through the door.
func (x *table) attached(name string, id wire.SpaceID, field string) (out string) {
	x.t.Helper()
	x.Eventually("the attached file is at "+name+"'s", func() bool {
		f, err := x.As(name).ContractsAPI().OpenDocument(context.Background(), []string{"contracts", id.String(), "files", field})
		if err != nil {
			return false
		}
		data, err := io.ReadAll(f.Content)
		out = string(data)
		return err == nil
	})
	return out
}

// What one party sealed is not another one's, and what does not open is said to be so.
func TestNobodyTakesWhatAnotherFilledIn(t *testing.T) {
	one := &flow.Consented{Party: 1, Values: []flow.Value{{Field: "f", Value: "v"}}}
	first, second, unreadable, err := contracts.Hidden("a code of some length", make([]byte, 16), one, &flow.Consented{Party: 2})
	must(t, err)
	if len(first.Values) != 1 || first.Values[0] != one.Values[0] || len(second.Values) != 0 || unreadable[1] || !unreadable[2] {
		t.Errorf("%+v, %+v, unreadable: %v", first, second, unreadable)
	}
}
