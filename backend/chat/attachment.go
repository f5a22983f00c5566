package chat

import (
	"errors"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/blob"
	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/projection"
)

const (
	// MaxAttachments bounds the attachments of one message.
	MaxAttachments = 20
	// maxFileName bounds a name in bytes, as file systems do.
	maxFileName = 255
	// maxExt is up to what length the end of a name counts as its kind, in bytes.
	maxExt   = 32
	maxMedia = 100
	// maxSide bounds width and height of a picture.
	maxSide = 1 << 16
	// autoFetch is up to what size a picture is fetched without being asked for.
	autoFetch = 2 << 20
	// maxPixels bounds the pictures that are shown in the page.
	maxPixels  = 50 << 20
	anyContent = "application/octet-stream"
)

// attachment is a file in a message: what its author said of it, and the File by
// which members fetch and open it.
type attachment struct {
	Name   string    `cbor:"1,keyasint"`
	Media  string    `cbor:"2,keyasint"`
	Width  uint32    `cbor:"3,keyasint,omitempty"`
	Height uint32    `cbor:"4,keyasint,omitempty"`
	File   blob.File `cbor:"5,keyasint"`
}

// validMessage reports whether a body may be a message: without text there are attachments.
func validMessage(body messagePosted) bool {
	if !validCount(body) || !body.Thread.valid() || !body.Note.valid() || body.Reply != nil && !body.Reply.valid() ||
		!validMentions(body.Mentions, body.Text) || !body.Forwarded.valid() {
		return false
	}
	for _, a := range body.Attachments {
		if !a.valid() {
			return false
		}
	}
	return validText(body.Text) || body.Text == "" && (len(body.Attachments) > 0 || body.Record != nil)
}

func (a attachment) valid() bool {
	clean, err := fileName(a.Name)
	return err == nil && clean == a.Name && validMedia(a.Media) && validSides(int64(a.Width), int64(a.Height)) && a.File.Check() == nil
}

func validSides(width, height int64) bool {
	return (width == 0) == (height == 0) && width >= 0 && height >= 0 && width < maxSide && height < maxSide
}

// fileName gives the clean form of a file's name. It names a file and nothing
// else: no folders, nothing that a screen or a file system takes for something else.
// Errors: errcode.NameEmpty, errcode.NameTooLong (max), errcode.NameInvalid.
func fileName(text string) (string, error) {
	clean, err := name.Check(text, maxFileName)
	switch {
	case err != nil:
		return "", err
	case len(clean) > maxFileName:
		return "", errcode.Of(errcode.NameTooLong, "max", maxFileName)
	case clean == "." || clean == ".." || strings.ContainsAny(clean, `/\`):
		return "", errcode.NameInvalid
	}
	return clean, nil
}

// sharedName gives the name under which a file of this device is sent: its own, or, where colleagues would refuse that, one
// that shows what was in the way. What turns the direction of a line, ends it or names a folder becomes "_", and what is
// too long loses its middle, not its kind. Errors: errcode.NameEmpty.
func sharedName(text string) (string, error) {
	clean, err := fileName(text)
	if err == nil || errors.Is(err, errcode.NameEmpty) {
		return clean, err
	}
	text = strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(text, "_")))
	ext := path.Ext(text)
	if len(ext) > maxExt || strings.ContainsAny(ext, `/\`) {
		ext = ""
	}
	stem := strings.TrimSuffix(text, ext)
	part := func(text string) string {
		return strings.Map(func(r rune) rune {
			if _, err := fileName("x" + string(r) + "x"); err != nil {
				return '_'
			}
			return r
		}, text)
	}
	stem, ext = part(stem), part(ext)
	for len(stem+ext) > maxFileName && stem != "" {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	if clean = stem + ext; clean == "." || clean == ".." {
		clean = strings.ReplaceAll(clean, ".", "_")
	}
	return fileName(clean)
}

// validMedia reports whether a text is a media type in its plain form: lower
// case, no parameters.
func validMedia(text string) bool {
	kind, sub, ok := strings.Cut(text, "/")
	if !ok || len(text) > maxMedia || kind == "" || sub == "" {
		return false
	}
	return !strings.ContainsFunc(kind+sub, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$&-^_.+", r)
	})
}

// mediaOf makes a media type of what a screen said.
func mediaOf(text string) string {
	text, _, _ = strings.Cut(strings.ToLower(text), ";")
	if text = strings.TrimSpace(text); validMedia(text) {
		return text
	}
	return anyContent
}

// shows reports whether an attachment may be shown in the page as a picture. What
// can hold scripts (SVG, HTML) never is.
func shows(media string, width, height int64) bool {
	switch media {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return width > 0 && height > 0 && width*height <= maxPixels
	}
	return false
}

// attach keeps the attachments of a message and the pieces that they name.
func attach(tx *projection.Tx, room int64, k MessageKey, all []attachment) error {
	for n, a := range all {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO chat_attachment VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			room, k.Stamp, k.Feed, k.Seq, n, a.Name, a.Media, int64(a.Width), int64(a.Height), int64(a.File.Size), a.File.Encode()); err != nil {
			return err
		}
		for _, h := range a.File.Hashes() {
			if _, err := tx.Exec(`INSERT OR IGNORE INTO chat_piece VALUES(?, ?, ?, ?, ?)`, h[:], room, k.Stamp, k.Feed, k.Seq); err != nil {
				return err
			}
		}
	}
	return nil
}

// freeName gives the name under which a file may be written, the n-th try: systems
// reserve some names, and dots and spaces at the end vanish on one of them.
func freeName(text string, n int) string {
	text = strings.TrimRight(strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, text), ". ")
	ext := path.Ext(text)
	stem := strings.TrimSuffix(text, ext)
	if stem == "" {
		stem, ext = "_"+ext, ""
	}
	first, _, _ := strings.Cut(strings.ToUpper(stem), ".")
	switch first = strings.TrimSpace(first); {
	case first == "CON", first == "PRN", first == "AUX", first == "NUL",
		len(first) == 4 && (first[:3] == "COM" || first[:3] == "LPT") && first[3] >= '0' && first[3] <= '9':
		stem = "_" + stem
	}
	more := ""
	if n > 0 {
		more = " (" + strconv.Itoa(n) + ")"
	}
	for len(stem)+len(more)+len(ext) > maxFileName && stem != "" {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	return stem + more + ext
}
