package verify

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"roundtable/app/config"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/verify"
)

// tell writes a report for people. What a file says of itself is shown without control characters.
func tell(w io.Writer, l config.Language, path string, r *result) {
	if r.report != nil {
		fmt.Fprintln(w, say(l, "%s：%d 页，%d 字节", "%s: %d pages, %d bytes", clean(path), r.report.Pages, r.size))
		tellReport(w, l, r.report)
	} else {
		fmt.Fprintln(w, clean(path))
	}
	if r.evidence != nil {
		tellEvidence(w, l, r)
	}
	tellAttached(w, l, r)
}

func tellReport(w io.Writer, l config.Language, r *verify.Report) {
	if r.Repaired {
		fmt.Fprintln(w, "  ! "+say(l, "文件目录已损坏，不同软件看到的内容可能不同", "the directory of the file is damaged: other programs may show something else"))
	}
	if r.Ambiguous {
		fmt.Fprintln(w, "  ✗ "+say(l, "文件中同一项写了两次，不同软件看到的内容可能不同", "the file says something twice: other programs may show something else"))
	}
	if len(r.Signatures) == 0 {
		fmt.Fprintln(w, "  "+say(l, "没有签名。", "There are no signatures."))
	}
	for i, s := range r.Signatures {
		tellOne(w, l, i+1, s)
	}
}

func tellOne(w io.Writer, l config.Language, number int, s verify.Signature) {
	mark := "✗"
	if s.Valid() {
		mark = "✓"
	}
	who := s.Name
	if s.Certificate != nil {
		who = s.Certificate.Subject.String()
	}
	kind := say(l, "签名", "signature")
	if s.Document {
		kind = say(l, "文档时间戳", "document time stamp")
	}
	fmt.Fprintf(w, "%s %d. %s: %s\n", mark, number, kind, clean(who))
	line := func(text string) { fmt.Fprintln(w, "     "+text) }
	switch s.Integrity {
	case verify.Intact:
		line(say(l, "签名后这一版内容未被改动", "what was signed is unchanged"))
	default:
		line(reasons[s.Why].in(l))
	}
	if s.Integrity == verify.Intact {
		line(standings[s.Standing].in(l) + named(s.Root))
		tellTime(line, l, s)
	}
	if s.Certificate != nil {
		sum := cms.Fingerprint(s.Certificate)
		line(say(l, "证书指纹 SHA-256 ", "certificate SHA-256 ") + hex.EncodeToString(sum[:]))
	}
	if s.Level != "" {
		line("PAdES " + s.Level)
	}
	if s.Seal != nil {
		line(seals[s.SealStanding].in(l) + named(s.Seal.Name))
	}
	if s.Integrity == verify.Intact && s.Whole {
		line(say(l, "覆盖整个文件", "covers the whole file"))
	}
	for _, c := range s.Changes {
		line(change(l, c))
	}
}

func named(root string) string {
	if root == "" {
		return ""
	}
	return " (" + clean(root) + ")"
}

func tellTime(line func(string), l config.Language, s verify.Signature) {
	switch {
	case s.Stamp.Good():
		line(say(l, "可信时间 ", "trusted time ") + s.Stamp.At.Format(time.RFC3339) + named(s.Stamp.Root))
		return
	case s.Stamp != nil && s.Stamp.Why != "":
		line(reasons[s.Stamp.Why].in(l))
	case s.Stamp != nil:
		line(say(l, "时间戳机构不受信任：", "the time-stamp authority is not trusted: ") + s.Stamp.At.Format(time.RFC3339))
	}
	if !s.Claimed.IsZero() {
		line(say(l, "没有可信时间；签名人自称的时间 ", "no trusted time; the signer's clock said ") + s.Claimed.Format(time.RFC3339))
		return
	}
	line(say(l, "没有可信时间", "no trusted time"))
}

func change(l config.Language, c verify.Change) string {
	text := "+ "
	if c.Matters {
		text = "! "
	}
	text += changes[c.Kind].in(l)
	if c.Page > 0 {
		text += say(l, "（第 %d 页）", " (page %d)", c.Page)
	}
	if c.Subject != "" {
		text += say(l, "：", ": ") + clean(c.Subject)
	}
	if c.Before != "" || c.After != "" {
		text += fmt.Sprintf(" %q → %q", c.Before, c.After)
	}
	return text
}

// clean keeps a file from writing to the terminal what it likes, and from turning text around.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '�'
		}
		return r
	}, s)
}

type jsonSignature struct {
	verify.Signature
	Valid                     bool
	Signer, Fingerprint       string
	Certificate, Chain, Stamp any `json:",omitempty"`
	TrustedTime               *time.Time
}

type jsonReport struct {
	Pages               int
	Repaired, Ambiguous bool
	Signatures          []jsonSignature
}

func jsonOf(r *verify.Report) *jsonReport {
	out := &jsonReport{Pages: r.Pages, Repaired: r.Repaired, Ambiguous: r.Ambiguous, Signatures: []jsonSignature{}}
	for _, s := range r.Signatures {
		one := jsonSignature{Signature: s, Valid: s.Valid()}
		if s.Certificate != nil {
			sum := cms.Fingerprint(s.Certificate)
			one.Signer, one.Fingerprint = s.Certificate.Subject.String(), hex.EncodeToString(sum[:])
		}
		if s.Stamp.Good() {
			one.TrustedTime = &s.Stamp.At
		}
		out.Signatures = append(out.Signatures, one)
	}
	return out
}

// tellJSON writes a report for programs. Its names are stable.
func tellJSON(w io.Writer, path string, r *result) error {
	out := struct {
		File string
		*jsonReport
		Evidence *jsonEvidence `json:",omitempty"`
		// Attached are files that fields of the document name, Files those that came with it.
		Attached []jsonAttached `json:",omitempty"`
		Files    []jsonBeside   `json:",omitempty"`
	}{File: path}
	out.Attached, out.Files = attachedJSON(r)
	if r.report != nil {
		out.jsonReport = jsonOf(r.report)
	}
	if r.evidence != nil {
		out.Evidence = evidenceJSON(r)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
