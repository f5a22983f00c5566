package contracts_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

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

// sits gathers people; the first one founds the workspace. Stories wait for disks and for each other much more than they work, and share nothing: they
// are told side by side. A test sits down once.
func sits(t *testing.T, seed uint64, names ...string) *table {
	t.Parallel()
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
	must(x.t, contracts.PlaceFields(filepath.Join("pades", "testdata", "libreoffice.pdf"), s.Path, s.Fields, nil))
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
	x.t.Logf("%s: %v", name, err)
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
