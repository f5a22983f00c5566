package verify

import (
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"roundtable/app/config"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/verify"
)

// maxEvidence bounds a file of evidence in a folder, in bytes.
const maxEvidence = 16 << 20

// attached judges what a certificate of evidence carries; of any other file nothing.
func (r *result) attached(f io.ReaderAt, trust verify.Trust) error {
	v, document, present, err := bundle.Judge(f, r.size)
	if err != nil || !present {
		return err
	}
	r.evidence = &v
	if document == nil {
		return nil
	}
	if b, _, err := bundle.FromPDF(f, r.size); err == nil {
		r.roots = rootsOf(b)
	}
	r.document, r.unread = verify.File(document, document.Size(), trust)
	return nil
}

// folder judges an exported contract.
func folder(path string, trust verify.Trust) (*result, error) {
	b, err := bundle.Parse(func(name string) ([]byte, error) {
		f, err := os.Open(filepath.Join(path, name))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, maxEvidence+1))
	})
	if err != nil {
		return nil, err
	}
	// The name is foreign: it must not lead out of the folder.
	if b.Document.Name != filepath.Base(b.Document.Name) || !filepath.IsLocal(b.Document.Name) {
		return nil, bundle.ErrMalformed
	}
	f, err := os.Open(filepath.Join(path, b.Document.Name))
	if err != nil {
		return nil, errors.Join(bundle.ErrMalformed, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	v, err := bundle.Check(b, f, info.Size())
	if err != nil {
		return nil, err
	}
	r := &result{size: info.Size(), evidence: &v, roots: rootsOf(b)}
	r.document, r.unread = verify.File(f, info.Size(), trust)
	return r, r.find(path)
}

func rootsOf(b bundle.Bundle) (out []*x509.Certificate) {
	for _, der := range b.Certificates {
		if c, err := x509.ParseCertificate(der); err == nil && c.CheckSignatureFrom(c) == nil {
			out = append(out, c)
		}
	}
	return out
}

func tellEvidence(w io.Writer, l config.Language, r *result) {
	v := r.evidence
	mark := "✗"
	if v.Good {
		mark = "✓"
	}
	line := func(text string) { fmt.Fprintln(w, "     "+text) }
	fmt.Fprintf(w, "%s %s %s\n", mark, say(l, "存证", "evidence"), clean(v.Number))
	line(proofWords(l, v.Why))
	line(say(l, "合同：", "contract: ") + clean(v.Title) + " " + clean(v.Contract))
	line(say(l, "文件：", "document: ") + clean(v.Document.Name))
	line("SHA-256 " + hex.EncodeToString(v.Document.SHA256[:]))
	if !v.At.IsZero() {
		line(say(l, "存证时间 ", "evidence time ") + v.At.Format(time.RFC3339) + say(l, "（%d 人见证）", " (people who witnessed it: %d)", v.People))
	}
	if v.Preserved {
		line(say(l, "见证人见过的是签署完成的版本；之后只增加了长期验证所需的材料", "the witnesses have seen the version before; only evidence for later checks was added since"))
	}
	line(say(l, "记录 %d 条，其中 %d 条尚无见证", "%d entries, %d of them not witnessed", len(v.Entries), v.Unseen))
	if v.Others > 0 {
		line("! " + say(l, "有 %d 条记录指向不包含在此文件中的版本", "%d entries name a version that is no part of this document", v.Others))
	}
	for _, one := range v.Left {
		line("! " + say(l, "未采用一份日志：", "a log was left out: ") + clean(one.Person) + " " + clean(one.Device) + say(l, "：", ": ") + proofs[one.Why].in(l))
	}
	for _, e := range v.Entries {
		seen := say(l, "尚无见证", "not witnessed")
		if !e.Seen.IsZero() {
			seen = say(l, "见证于 ", "witnessed ") + e.Seen.Format(time.RFC3339) + " " + clean(strings.Join(e.Witnesses, ", "))
		}
		line(fmt.Sprintf("· %s %s %s %s (%s)", e.At.Format(time.RFC3339), clean(e.Kind), clean(e.By.Person), clean(e.Note), seen))
		if e.Claimed {
			line("  ! " + say(l, "仅为该日志自述：合同中没有对应的有效事项", "only this log says so: nothing in the contract that counts is what it tells of"))
		}
	}
	if len(v.Believe) > 0 {
		line(say(l, "相信它，就是相信下列见证人没有全部说谎：", "who believes this believes that not all of these lied:"))
		for _, p := range v.Believe {
			line("  " + clean(p.Person) + "  " + p.Key.String())
		}
	}
	for _, c := range r.roots {
		sum := cms.Fingerprint(c)
		line(say(l, "证据附有根证书（并不因此可信）：", "a root that the evidence brings (it is not trusted for that): ") + clean(c.Subject.String()))
		line("  SHA-256 " + hex.EncodeToString(sum[:]))
	}
	switch {
	case r.document != nil:
		fmt.Fprintln(w, say(l, "所附文件：%d 页，%d 字节", "the document in it: %d pages, %d bytes", r.document.Pages, v.Document.Size))
		tellReport(w, l, r.document)
	case r.unread != nil:
		fmt.Fprintln(w, say(l, "所附文件：", "the document in it: ")+why(l, r.unread))
	}
}

type jsonEvidence struct {
	Good                       bool
	Why                        string
	Number, Contract, Title    string
	Document, SHA256           string
	Time                       *time.Time
	Entries                    []jsonEntry
	Unwitnessed, OtherVersions int
	Preserved                  bool
	People                     int           // who witnessed Time
	LeftOut                    []jsonLeftOut `json:",omitempty"`
	Believe                    []jsonParty
	DocumentReport             *jsonReport `json:",omitempty"`
	DocumentUnreadable         bool        `json:",omitempty"`
}

type jsonEntry struct {
	Kind, Actor, Device, Name, Note, SHA256 string
	At                                      time.Time
	Witnessed                               *time.Time
	Witnesses                               []string
	// By is whose log it stands in; Claimed: only that log says so.
	By      string
	Claimed bool
}

type jsonLeftOut struct{ Person, Device, Why string }

type jsonParty struct{ Person, Device, Key string }

func evidenceJSON(r *result) *jsonEvidence {
	v := r.evidence
	out := &jsonEvidence{
		Good: v.Good, Why: string(v.Why), Number: v.Number, Contract: v.Contract, Title: v.Title, Document: v.Document.Name,
		SHA256: hex.EncodeToString(v.Document.SHA256[:]), Unwitnessed: v.Unseen, OtherVersions: v.Others, Preserved: v.Preserved, People: v.People, DocumentUnreadable: r.unread != nil,
		Entries: []jsonEntry{}, Believe: []jsonParty{},
	}
	if !v.At.IsZero() {
		out.Time = &v.At
	}
	for _, e := range v.Entries {
		one := jsonEntry{Kind: e.Kind, Actor: e.Actor, Device: e.Device, Name: e.Name, Note: e.Note, SHA256: hex.EncodeToString(e.Document[:]), At: e.At, Witnesses: e.Witnesses, By: e.By.Person, Claimed: e.Claimed}
		if !e.Seen.IsZero() {
			one.Witnessed = &e.Seen
		}
		out.Entries = append(out.Entries, one)
	}
	for _, one := range v.Left {
		out.LeftOut = append(out.LeftOut, jsonLeftOut{one.Person, one.Device, string(one.Why)})
	}
	for _, p := range v.Believe {
		out.Believe = append(out.Believe, jsonParty{p.Person, p.Device, p.Key.String()})
	}
	if r.document != nil {
		out.DocumentReport = jsonOf(r.document)
	}
	return out
}
