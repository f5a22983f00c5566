package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"roundtable/backend/contracts/evidence"
)

// Names of the files.
const (
	Manifest     = "evidence.json"
	PolicyFile   = "policy.json"
	ProofsFile   = "proofs.json"
	LeavesFile   = "leaves.txt"
	Certificates = "certificates.pem"
)

// form is what evidence.json begins with. It is fixed for ever; a new one gets a new name.
const form = "roundtable-evidence-bundle/1"

const (
	// maxFile bounds one file but the document, in bytes.
	maxFile = 16 << 20
	// maxLogs and maxEntries bound what is checked: a contract has a log for each device of a party, and some ten entries in each.
	maxLogs    = 256
	maxEntries = 10_000
	maxWitness = 256
	maxText    = 1 << 10
)

// ErrMalformed says that files are no bundle.
var ErrMalformed = errors.New("malformed bundle of evidence")

// Bundle is the evidence of a contract.
type Bundle struct {
	// Number is that of the certificate of evidence, "" in an export without one.
	Number string
	// Contract is its ID, Title what people call it.
	Contract, Title string
	Document        Document
	Logs            []Log
	// Certificates in DER.
	Certificates [][]byte
}

// Document is the file that it is about.
type Document struct {
	Name   string
	SHA256 [32]byte
	Size   int64
}

// Party is whom somebody says that a key belongs to.
type Party struct {
	Key evidence.Key
	// Person is what people call them, ID who they are ("" in what names nobody), Device the ID of the device that has the key.
	Person, ID, Device string
}

// same reports whether two keys are one person's.
func (p Party) same(o Party) bool {
	if p.ID == "" || o.ID == "" {
		return p.Key.Name == o.Key.Name
	}
	return p.ID == o.ID
}

// Log is what one device wrote down of the contract.
type Log struct {
	Party
	// Witnesses are those whose cosignatures count; Enough is how many people of them who made the bundle asks for.
	Witnesses []Party
	Enough    int
	// Proofs of the entries of this contract, in order.
	Proofs []evidence.Proof
	// Claimed are the indexes of the entries that only the log says: who made the bundle found no event of the contract that they are of.
	Claimed []int64
	// Fork are two states of the log that contradict each other; nil for none.
	Fork []evidence.Note
	// TooLong: it had more entries, or larger ones, than are taken along; there are no proofs.
	TooLong bool
}

type manifestFile struct {
	Form     string `json:"form"`
	Number   string `json:"number"`
	Contract string `json:"contract"`
	Title    string `json:"title"`
	Document struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
		Size   int64  `json:"size"`
	} `json:"document"`
	// Files are the hashes of the others, by name.
	Files map[string]string `json:"files"`
}

type partyFile struct {
	Key    string `json:"key"`
	Person string `json:"person"`
	ID     string `json:"id,omitempty"`
	Device string `json:"device"`
}

type logFile struct {
	Log       partyFile   `json:"log"`
	Witnesses []partyFile `json:"witnesses"`
	Enough    int         `json:"enough"`
	Claimed   []int64     `json:"claimed,omitempty"`
	Fork      []string    `json:"fork,omitempty"`
	TooLong   bool        `json:"too_long,omitempty"`
}

// Files gives the bundle as files by name, without the document. The same bundle gives the same bytes.
func (b Bundle) Files() (map[string][]byte, error) {
	out := map[string][]byte{}
	var policies []logFile
	var proofs [][]json.RawMessage
	var leaves bytes.Buffer
	for _, l := range b.Logs {
		p := logFile{Log: l.file(), Enough: l.Enough, Witnesses: []partyFile{}, Claimed: l.Claimed, TooLong: l.TooLong}
		for _, n := range l.Fork {
			p.Fork = append(p.Fork, n.String())
		}
		for _, w := range l.Witnesses {
			p.Witnesses = append(p.Witnesses, w.file())
		}
		policies = append(policies, p)
		one := []json.RawMessage{}
		for _, proof := range l.Proofs {
			data, err := proof.Bytes()
			if err != nil {
				return nil, fmt.Errorf("write proof: %w", err)
			}
			one = append(one, data)
			leaves.Write(proof.Leaf)
			leaves.WriteString("\n")
		}
		proofs = append(proofs, one)
	}
	var certificates bytes.Buffer
	for _, der := range b.Certificates {
		if err := pem.Encode(&certificates, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
			return nil, fmt.Errorf("write certificates: %w", err)
		}
	}
	out[LeavesFile], out[Certificates] = leaves.Bytes(), certificates.Bytes()
	var err error
	for name, v := range map[string]any{PolicyFile: policies, ProofsFile: proofs} {
		if out[name], err = json.MarshalIndent(v, "", " "); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
	}
	m := manifestFile{Form: form, Number: b.Number, Contract: b.Contract, Title: b.Title, Files: map[string]string{}}
	m.Document.Name, m.Document.SHA256, m.Document.Size = b.Document.Name, hex.EncodeToString(b.Document.SHA256[:]), b.Document.Size
	for name, data := range out {
		sum := sha256.Sum256(data)
		m.Files[name] = hex.EncodeToString(sum[:])
	}
	if out[Manifest], err = json.MarshalIndent(m, "", " "); err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return out, nil
}

func (p Party) file() partyFile { return partyFile{p.Key.String(), p.Person, p.ID, p.Device} }

// Parse reads a bundle from its files. Errors: ErrMalformed.
func Parse(file func(name string) ([]byte, error)) (b Bundle, err error) {
	read := func(name string) ([]byte, error) {
		data, err := file(name)
		if err != nil || len(data) > maxFile {
			return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, name, err)
		}
		return data, nil
	}
	data, err := read(Manifest)
	if err != nil {
		return b, err
	}
	var m manifestFile
	sum, known := []byte{}, json.Unmarshal(data, &m) == nil && m.Form == form
	if known {
		sum, err = hex.DecodeString(m.Document.SHA256)
	}
	if !known || err != nil || len(sum) != sha256.Size || m.Document.Size < 0 || !words(m.Number, m.Contract, m.Title, m.Document.Name) {
		return b, fmt.Errorf("%w: %s", ErrMalformed, Manifest)
	}
	b = Bundle{Number: m.Number, Contract: m.Contract, Title: m.Title, Document: Document{Name: m.Document.Name, SHA256: [32]byte(sum), Size: m.Document.Size}}
	files := map[string][]byte{}
	for _, name := range []string{PolicyFile, ProofsFile, LeavesFile, Certificates} {
		if files[name], err = read(name); err != nil {
			return b, err
		}
		if got := sha256.Sum256(files[name]); m.Files[name] != hex.EncodeToString(got[:]) {
			return b, fmt.Errorf("%w: %s is not the file that %s names", ErrMalformed, name, Manifest)
		}
	}
	if b.Logs, err = parseLogs(files[PolicyFile], files[ProofsFile]); err != nil {
		return b, err
	}
	if !bytes.Equal(files[LeavesFile], b.leaves()) {
		return b, fmt.Errorf("%w: %s differs from the proofs", ErrMalformed, LeavesFile)
	}
	for rest := files[Certificates]; len(bytes.TrimSpace(rest)) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return b, fmt.Errorf("%w: %s", ErrMalformed, Certificates)
		}
		b.Certificates = append(b.Certificates, block.Bytes)
	}
	return b, nil
}

func (b Bundle) leaves() []byte {
	var out bytes.Buffer
	for _, l := range b.Logs {
		for _, p := range l.Proofs {
			out.Write(p.Leaf)
			out.WriteString("\n")
		}
	}
	return out.Bytes()
}

func parseLogs(policies, proofs []byte) (out []Log, err error) {
	var ps []logFile
	var all [][]json.RawMessage
	if json.Unmarshal(policies, &ps) != nil || json.Unmarshal(proofs, &all) != nil || len(ps) != len(all) || len(ps) > maxLogs {
		return nil, fmt.Errorf("%w: logs", ErrMalformed)
	}
	left := maxEntries
	seen := map[string]bool{}
	for i, p := range ps {
		l := Log{Enough: p.Enough, Claimed: p.Claimed, TooLong: p.TooLong}
		if l.Party, err = p.Log.party(false); err != nil {
			return nil, err
		}
		left -= len(all[i])
		if seen[p.Log.Key] || p.Enough < 0 || p.Enough > len(p.Witnesses) || len(p.Witnesses) > maxWitness || len(p.Claimed) > len(all[i]) || left < 0 {
			return nil, fmt.Errorf("%w: policy", ErrMalformed)
		}
		seen[p.Log.Key] = true
		if l.Fork, err = parseFork(p.Fork); err != nil {
			return nil, err
		}
		names := map[string]bool{}
		for _, w := range p.Witnesses {
			party, err := w.party(true)
			if err != nil || names[party.Key.Name] {
				return nil, fmt.Errorf("%w: witness", ErrMalformed)
			}
			names[party.Key.Name] = true
			l.Witnesses = append(l.Witnesses, party)
		}
		for _, raw := range all[i] {
			proof, err := evidence.ParseProof(raw)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
			}
			l.Proofs = append(l.Proofs, proof)
		}
		out = append(out, l)
	}
	return out, nil
}

func parseFork(texts []string) (out []evidence.Note, err error) {
	if len(texts) != 0 && len(texts) != 2 {
		return nil, fmt.Errorf("%w: fork", ErrMalformed)
	}
	for _, text := range texts {
		n, err := evidence.ParseNote(text)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		out = append(out, n)
	}
	return out, nil
}

func (f partyFile) party(witness bool) (Party, error) {
	k, err := evidence.ParseKey(f.Key)
	if err != nil || k.Witness != witness || !words(f.Person, f.ID, f.Device) {
		return Party{}, fmt.Errorf("%w: key", ErrMalformed)
	}
	return Party{k, f.Person, f.ID, f.Device}, nil
}

// words says whether texts can be shown.
func words(all ...string) bool {
	for _, s := range all {
		if len(s) > maxText || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\n") {
			return false
		}
	}
	return true
}
