package flow

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"roundtable/backend/event"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

// Every limit on what others say stands here. Texts are in characters.
const (
	// MaxParties and MaxFields bound one contract.
	MaxParties = 50
	MaxFields  = 500
	// MaxSealFields bounds fields of type Seal.
	MaxSealFields = 64
	MaxTitle      = 120
	MaxMessage    = 2000
	MaxReason     = 300
	MaxLabel      = 80
	MaxChoices    = 50
	MaxValue      = 4000
	MaxPages      = 5000
	// MaxDocument bounds a version of a document, in bytes.
	MaxDocument = 512 << 20
	// MaxRemindDays bounds the days between reminders.
	MaxRemindDays = 90
	// MaxFiles bounds what one party attaches.
	MaxFiles = 20
	// MaxSequence is up to which place of a feed events are looked at: nobody says so much of one contract.
	MaxSequence = 4096
	// MaxTime bounds times in Unix ms.
	MaxTime   = 1 << 52
	maxID     = 80
	maxSealed = 8 << 10
	maxSide   = 20_000_000
	// maxSaid bounds the lines in a timeline that one person causes beside the chain.
	maxSaid = 100
)

// ErrBody says that the body of an event makes no sense.
var ErrBody = errors.New("no body of a contract's event")

// body is what each kind's body is checked by.
type body interface{ valid() bool }

// Decode reads the body of an event. The second value is false for kinds that are not ours.
// Errors: ErrBody, those of wire.Decode.
func Decode(kind event.Kind, raw []byte) (any, bool, error) {
	var b body
	switch kind {
	case KindSent:
		b = &Sent{}
	case KindOpened:
		b = &Opened{}
	case KindConsented:
		b = &Consented{}
	case KindWithdrawn:
		b = &Withdrawn{}
	case KindActed:
		b = &Acted{}
	case KindPassed:
		b = &Passed{}
	case KindDeclined:
		b = &Declined{}
	case KindReassigned:
		b = &Reassigned{}
	case KindVoided:
		b = &Voided{}
	case KindReminded:
		b = &Reminded{}
	case KindDeadlineSet:
		b = &DeadlineSet{}
	case KindSealAsked:
		b = &SealAsked{}
	case KindSealRefused:
		b = &SealRefused{}
	default:
		return nil, false, nil
	}
	if !Fits(kind, len(raw)) {
		return nil, true, ErrBody
	}
	if err := wire.Decode(raw, wire.MaxBody, b); err != nil {
		return nil, true, err
	}
	if !b.valid() {
		return nil, true, ErrBody
	}
	return b, true, nil
}

// line reports whether a text is one clean line; it may be empty.
func line(text string, most int) bool {
	if text == "" {
		return true
	}
	clean, err := name.Check(text, most)
	return err == nil && clean == text
}

// words reports whether a text may be shown over several lines; it may be empty.
func words(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && r != '\t' && unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == utf8.RuneError
	})
}

// token reports whether a text is one of those that programs give: field names, IDs, codes.
func token(text string) bool {
	return len(text) <= maxID && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

func someTime(ms int64) bool { return ms >= 0 && ms < MaxTime }

func (b Blob) valid() bool {
	if b.File == nil {
		return len(b.Sealed) > 0 && len(b.Sealed) <= maxSealed
	}
	return len(b.Sealed) == 0 && b.File.Check() == nil
}

func (b Blob) none() bool { return b.File == nil && len(b.Sealed) == 0 }

// of reports whether a blob may be so many bytes: what is sealed says so only to who can open it.
func (b Blob) of(size uint64) bool { return b.File == nil || b.File.Size == size }

func (s *Sent) valid() bool {
	d := s.Document
	switch {
	case s.Title == "" || !line(s.Title, MaxTitle) || !words(s.Message, MaxMessage) || !token(s.Language):
		return false
	case !someTime(s.Deadline) || !someTime(s.Ends) || s.RemindDays > MaxRemindDays:
		return false
	case d.Name == "" || !line(d.Name, 255) || d.Pages == 0 || d.Pages > MaxPages || d.Size == 0 || d.Size > MaxDocument:
		return false
	case !d.Blob.valid() || !d.Blob.of(d.Size) || len(d.Salt) != 0 && len(d.Salt) != 16 || (len(d.Salt) == 0) != (d.Blob.File != nil):
		return false
	case len(s.Parties) > MaxParties || len(s.Fields) > MaxFields:
		return false
	}
	acts := false
	for i, p := range s.Parties {
		if !p.valid() || int(p.ID) != i+1 {
			return false
		}
		acts = acts || p.Role.Acts()
	}
	return acts && s.validFields()
}

func (s *Sent) validFields() bool {
	known, seals := map[string]bool{}, 0
	for _, f := range s.Fields {
		if !f.valid() || known[f.ID] || int(f.Party) > len(s.Parties) || f.Page > s.Document.Pages {
			return false
		}
		known[f.ID] = true
		if f.Type == Seal {
			seals++
		}
	}
	return seals <= MaxSealFields
}

func (p Party) valid() bool {
	return p.Role >= Signer && p.Role <= Copy && p.Step >= 1 && p.Step <= MaxParties &&
		line(p.Name, wire.MaxName) && line(p.Label, MaxLabel) && line(p.Organization, MaxTitle)
}

func (f Field) valid() bool {
	if f.ID == "" || !token(f.ID) || f.Type < Signature || f.Type > Attachment || f.Party == 0 || f.Page == 0 {
		return false
	}
	for i, side := range f.Rect {
		if side < -maxSide || side > maxSide || i >= 2 && side <= 0 {
			return false
		}
	}
	return line(f.Label, MaxLabel) && len(f.Choices) <= MaxChoices && f.MaxLength <= MaxValue && token(f.Min) && token(f.Max) &&
		token(f.Format) && token(f.Seal) && !slices.ContainsFunc(f.Choices, func(c string) bool { return c == "" || !line(c, MaxLabel) })
}

func (*Opened) valid() bool { return true }

func (c *Consented) valid() bool {
	if c.Party == 0 || len(c.Values) > MaxFields || len(c.Files) > MaxFiles || !token(c.Version) || !token(c.Language) {
		return false
	}
	if len(c.Filled) > MaxConsent || len(c.Filled) > 0 && len(c.Values)+len(c.Files) > 0 {
		return false
	}
	for i, v := range c.Values {
		if !token(v.Field) || !words(v.Value, MaxValue) || i > 0 && c.Values[i-1].Field >= v.Field {
			return false
		}
	}
	for i, f := range c.Files {
		if !token(f.Field) || f.Name == "" || !line(f.Name, 255) || f.Size > MaxDocument || !f.Blob.valid() || !f.Blob.of(f.Size) ||
			i > 0 && c.Files[i-1].Field >= f.Field {
			return false
		}
	}
	return true
}

func (w *Withdrawn) valid() bool { return w.Party != 0 }

func (a *Acted) valid() bool {
	if a.What < Signed || a.What > Preserved || a.Size == 0 || a.Size > MaxDocument || !token(a.Level) || !someTime(a.Stamped) || a.At <= 0 || !someTime(a.At) ||
		len(a.Fingerprint) > 32 || !words(a.Issuer, MaxReason) || !token(a.Seal) || !token(a.Field) || len(a.Seals) > MaxSealFields {
		return false
	}
	if slices.ContainsFunc(a.Seals, func(i Impression) bool { return !token(i.Field) || !token(i.Seal) }) {
		return false
	}
	if a.What == Approved {
		return a.Party != 0 && a.Tail.none()
	}
	return (a.Party != 0) == (a.What != Preserved) && a.Tail.valid()
}

func (p *Passed) valid() bool      { return p.Next != 0 }
func (d *Declined) valid() bool    { return d.Party != 0 && words(d.Reason, MaxReason) }
func (v *Voided) valid() bool      { return words(v.Reason, MaxReason) }
func (r *Reminded) valid() bool    { return r.Party != 0 }
func (d *DeadlineSet) valid() bool { return someTime(d.Deadline) }

func (r *Reassigned) valid() bool {
	return r.Party != 0 && !r.To.IsZero() && r.To != r.From && line(r.Name, wire.MaxName) && words(r.Reason, MaxReason)
}

func (s *SealAsked) valid() bool {
	return s.Party != 0 && s.Field != "" && token(s.Field) && s.Seal != "" && token(s.Seal) && !s.Holder.IsZero() &&
		words(s.Reason, MaxReason) && line(s.Name, wire.MaxName)
}

func (s *SealRefused) valid() bool { return words(s.Reason, MaxReason) }
