package certificate

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pdf"
)

// Certificate is what a certificate of evidence says.
type Certificate struct {
	// Language is "zh" or "en".
	Language string
	Number   string
	Made     time.Time
	// MadeBy is who makes it, by name.
	MadeBy string
	// Contract is its ID.
	Contract, Title string
	Document        Document
	// Seen is the earliest time at which witnesses had seen the entry of the document; zero for none. People is how many people that stands on.
	Seen      time.Time
	People    int
	Signers   []Signer
	Timeline  []Step
	Witnesses []Witness
	// Left are the logs that something is wrong with, and that were left out.
	Left []Left
}

// Document is the signed file.
type Document struct {
	Name   string
	SHA256 [32]byte
	Size   int64
	Pages  int
}

// Signer is one signature in the document.
type Signer struct {
	Name, Subject, Issuer string
	Fingerprint           [32]byte
	// Stamped is the trusted time, by Authority; zero without one. Claimed is the signer's clock.
	Stamped, Claimed time.Time
	Authority        string
	// Level is the PAdES level; Standing a sentence on the certificate and the signature, "" for none.
	Level, Seal, Standing string
}

// Step is one entry of the timeline.
type Step struct {
	At time.Time
	// Kind is that of the entry; Who did it.
	Kind, Who, Note string
	// Document is the file as it was afterwards; zero when it did not change.
	Document [32]byte
	// Seen is when enough witnesses had seen it, zero for not yet.
	Seen      time.Time
	Witnesses []string
	// Claimed: only their log says so.
	Claimed bool
}

// Left is a log that was left out: whose, and by which code of package bundle.
type Left struct{ Name, Device, Why string }

// Witness is one who signed states of the logs.
type Witness struct{ Name, Device, Key string }

// Layout says where things are in the file.
type Layout struct {
	// Signature is free for the signature of who made it: on this page, from the upper left corner, in points.
	Page                int
	X, Y, Width, Height float64
}

// Write writes a certificate with its attachments. Errors: those of out and of the attachments; of the system's fonts.
func Write(out io.Writer, fonts *glyph.Fonts, c Certificate, attachments []Attachment) (l Layout, err error) {
	s := newSheet(newLetters(fonts))
	w := in(c.Language)
	l = s.front(c, w)
	s.signers(c, w)
	s.timeline(c, w)
	s.witnesses(c, w)
	s.lists(w, attachments)
	s.frame(c, w)
	if s.err != nil {
		return l, fmt.Errorf("lay out certificate: %w", s.err)
	}
	f := &file{w: out}
	f.print("%%PDF-1.7\n%%\xe5\xe4\xf6\xfc\n")
	pages := f.number()
	resources := f.add(pdf.Dict{"Font": s.letters.write(f)})
	var kids pdf.Array
	for _, p := range s.pages {
		content := f.stream(pdf.Dict{}, p.Bytes())
		kids = append(kids, f.add(pdf.Dict{
			"Type": pdf.Name("Page"), "Parent": pages, "MediaBox": pdf.Rect([4]float64{0, 0, paperWidth, paperHeight}),
			"Resources": resources, "Contents": content,
		}))
	}
	f.object(pages, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": kids, "Count": pdf.Int(len(kids))})
	var names, all pdf.Array
	for _, a := range attachments {
		ref := f.attach(a, c.Made)
		all = append(all, ref)
		names = append(names, pdf.Text(a.Name), ref)
	}
	root := f.add(pdf.Dict{
		"Type": pdf.Name("Catalog"), "Pages": pages, "Lang": pdf.Text(map[bool]string{true: "zh-CN", false: "en"}[c.Language == "zh"]), "AF": all,
		"Names": pdf.Dict{"EmbeddedFiles": pdf.Dict{"Names": sorted(names)}}, "PageMode": pdf.Name("UseAttachments"),
		"ViewerPreferences": pdf.Dict{"DisplayDocTitle": true},
	})
	info := f.add(pdf.Dict{
		"Title": pdf.Text(w.title + " " + c.Number), "Author": pdf.Text(c.MadeBy), "Subject": pdf.Text(c.Title),
		"Creator": pdf.Text("Roundtable"), "CreationDate": pdf.Date(c.Made), "ModDate": pdf.Date(c.Made),
	})
	f.end(root, info, c.Number)
	if f.err != nil {
		return l, fmt.Errorf("write certificate: %w", f.err)
	}
	return l, nil
}

// sorted orders a tree of names as readers search it: by the bytes of the strings.
func sorted(names pdf.Array) pdf.Array {
	n := len(names) / 2
	for i := 1; i < n; i++ {
		for j := i; j > 0 && bytes.Compare(names[2*j].(pdf.String), names[2*j-2].(pdf.String)) < 0; j-- {
			names[2*j], names[2*j-2] = names[2*j-2], names[2*j]
			names[2*j+1], names[2*j-1] = names[2*j-1], names[2*j+1]
		}
	}
	return names
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// short is for tables, which say above that all is UTC.
func short(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// spaced sets a long hash in groups, so that two can be compared by eye.
func spaced(h [32]byte) string {
	text := hex.EncodeToString(h[:])
	var out []string
	for i := 0; i < len(text); i += 8 {
		out = append(out, text[i:i+8])
	}
	return strings.Join(out[:4], " ") + "\n" + strings.Join(out[4:], " ")
}

// front is the first page, with the room for the signature of who made it.
func (s *sheet) front(c Certificate, w words) Layout {
	s.gap(34)
	s.centred(w.title, s.y, style{size: 27, heavy: true, colour: blue})
	s.gap(28)
	s.centred(w.subtitle, s.y, style{size: 10.5, colour: quiet})
	s.gap(24)
	s.centred(w.numberIs+"  "+c.Number, s.y, style{size: 10.5, colour: ink})
	s.gap(16)
	fmt.Fprintf(s.out(), "%s RG 0.8 w %s %s m %s %s l S\n", blue, num(paperWidth/2-70), num(s.y), num(paperWidth/2+70), num(s.y))
	s.gap(6)
	s.heading(w.basics)
	seen := w.unseen
	if !c.Seen.IsZero() {
		seen = clock(c.Seen) + "\n" + fmt.Sprintf(w.people, c.People)
	}
	var names []string
	for _, one := range c.Signers {
		names = append(names, one.Name)
	}
	for _, p := range [][2]string{
		{w.name, c.Title}, {w.file, c.Document.Name}, {w.hash, spaced(c.Document.SHA256)}, {w.size, fmt.Sprintf("%d bytes", c.Document.Size)},
		{w.pages, fmt.Sprint(c.Document.Pages)}, {w.contract, c.Contract}, {w.signers, strings.Join(names, "  ")}, {w.seen, seen}, {w.madeBy, c.MadeBy}, {w.made, clock(c.Made)},
	} {
		s.pair(p[0], p[1])
	}
	const high = 140
	s.room(high)
	s.y = max(bottom+high, min(s.y-24, bottom+high+40))
	s.put(w.signedBy, left, s.y-14, aside)
	s.fail(s.stamp(w.mark, c.Number, right-62, s.y-high/2))
	l := Layout{Page: len(s.pages), X: left, Y: paperHeight - s.y + 22, Width: 250, Height: 80}
	s.next()
	return l
}

func (s *sheet) signers(c Certificate, w words) {
	if len(c.Signers) == 0 {
		return
	}
	s.heading(w.signers)
	for i, one := range c.Signers {
		s.room(150)
		if i > 0 {
			s.gap(12)
		}
		s.row(true, cell{fmt.Sprintf("%d   %s", i+1, one.Name), right - left, style{size: 10.5, lead: 16, heavy: true, colour: ink}})
		stamp := w.unstamped + clock(one.Claimed)
		if !one.Stamped.IsZero() {
			stamp = clock(one.Stamped) + "  " + one.Authority
		} else if one.Claimed.IsZero() {
			stamp = "-"
		}
		level := one.Level
		if level != "" {
			level = "PAdES " + level
		}
		for _, p := range [][2]string{
			{w.subject, one.Subject}, {w.issuer, one.Issuer}, {w.fingerprint, spaced(one.Fingerprint)}, {w.stamped, stamp},
			{w.level, strings.TrimPrefix(level+"\n"+one.Standing, "\n")}, {w.seal, one.Seal},
		} {
			if strings.TrimSpace(p[1]) != "" {
				s.pair(p[0], strings.TrimSuffix(p[1], "\n"))
			}
		}
	}
}

func (s *sheet) timeline(c Certificate, w words) {
	s.heading(w.timeline)
	s.text(w.note, aside, 0)
	s.gap(6)
	wide := [4]float64{104, 0, 94, 124}
	wide[1] = right - left - wide[0] - wide[2] - wide[3]
	bold := style{size: 9, lead: 14, heavy: true, colour: ink}
	s.row(true, cell{w.when, wide[0], bold}, cell{w.what, wide[1], bold}, cell{w.who, wide[2], bold}, cell{w.state, wide[3], bold})
	for _, step := range c.Timeline {
		what := w.kinds[step.Kind]
		if what == "" {
			what = step.Kind
		}
		if step.Note != "" {
			what += "\n" + step.Note
		}
		if step.Claimed {
			what += "\n" + w.claimed
		}
		if step.Document != ([32]byte{}) {
			what += "\nSHA-256 " + hex.EncodeToString(step.Document[:8]) + "…"
		}
		seen := w.noWitness
		if !step.Seen.IsZero() {
			seen = short(step.Seen) + "\n" + strings.Join(step.Witnesses, ", ")
		}
		s.row(false, cell{short(step.At), wide[0], small}, cell{what, wide[1], small}, cell{step.Who, wide[2], small}, cell{seen, wide[3], small})
	}
}

func (s *sheet) witnesses(c Certificate, w words) {
	s.heading(w.witnesses)
	if len(c.Witnesses) == 0 {
		s.text(w.unseen, body, 0)
	}
	for _, one := range c.Witnesses {
		s.row(false, cell{one.Name, 112, style{size: 9.5, lead: 15, colour: ink}}, cell{w.device + " " + one.Device + "\n" + w.key + " " + one.Key, right - left - 112, aside})
	}
	if len(c.Left) > 0 {
		s.heading(w.left)
		s.text(w.leftNote, aside, 0)
		s.gap(6)
	}
	for _, one := range c.Left {
		why := w.faults[one.Why]
		if why == "" {
			why = one.Why
		}
		s.row(false, cell{one.Name, 112, style{size: 9.5, lead: 15, colour: ink}}, cell{why + "\n" + w.device + " " + one.Device, right - left - 112, aside})
	}
}

func (s *sheet) lists(w words, attachments []Attachment) {
	for _, part := range []struct {
		head string
		list []string
	}{{w.proves, w.provesList}, {w.not, w.notList}, {w.check, w.checkList}} {
		s.heading(part.head)
		for i, text := range part.list {
			s.room(2 * body.lead)
			s.put(fmt.Sprintf("%d.", i+1), left, s.y-body.lead, style{size: body.size, colour: quiet})
			s.text(text, body, 18)
			s.gap(4)
		}
	}
	s.heading(w.attachments)
	for _, a := range attachments {
		s.row(false, cell{a.Name, 200, small}, cell{a.Text, right - left - 200, aside})
	}
}

// frame puts borders and numbers on all pages.
func (s *sheet) frame(c Certificate, w words) {
	for i, p := range s.pages {
		var frame bytes.Buffer
		fmt.Fprintf(&frame, "%s RG 1.6 w %s %s %s %s re S 0.5 w %s %s %s %s re S\n", blue,
			num(30), num(30), num(paperWidth-60), num(paperHeight-60), num(35), num(35), num(paperWidth-70), num(paperHeight-70))
		s.pages[i] = bytes.NewBuffer(append(frame.Bytes(), p.Bytes()...))
	}
	for i, all := 0, s.pages; i < len(all); i++ {
		s.pages = all[:i+1] // put writes on the last one
		s.centred(c.Number+"    "+fmt.Sprintf(w.page, i+1, len(all)), 48, style{size: 8, colour: quiet})
	}
}
