package contracts

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/encoding/protojson"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

const (
	// maxPortable bounds a name of an exported file, in characters: file systems allow 255 bytes, or 255 units of UTF-16.
	maxPortable = 60
	// maxExported bounds the contracts of one export.
	maxExported = 10_000
)

// portable makes a name that every system takes: none of the signs that Windows refuses, no dot or space at its end, none of its devices, not too long.
func portable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(text, "_")))
	text = strings.TrimSpace(text)
	if r := []rune(text); len(r) > maxPortable {
		text = string(r[:maxPortable])
	}
	for len(text) > 3*maxPortable {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	text = strings.TrimLeft(strings.TrimRight(text, ". "), ".")
	stem, _, _ := strings.Cut(text, ".")
	switch stem = strings.ToUpper(strings.TrimSpace(stem)); {
	case text == "":
		return "_"
	case stem == "CON" || stem == "PRN" || stem == "AUX" || stem == "NUL" || stem == "CONIN$" || stem == "CONOUT$",
		len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9':
		return "_" + text
	}
	return text
}

// newFolder makes a folder of that name, or with a number when there is one. Nothing that is there is written over.
func newFolder(parent, name string) (string, error) {
	for n := 1; n < 10_000; n++ {
		path := filepath.Join(parent, name)
		if n > 1 {
			path = filepath.Join(parent, fmt.Sprintf("%s (%d)", name, n))
		}
		err := os.Mkdir(path, 0o700)
		if !errors.Is(err, fs.ErrExist) {
			return path, diskError(err)
		}
	}
	return "", errcode.InvalidArgument
}

// exportContracts writes contracts into a folder, each into one of its own: the document as it was sent and as it is, what was attached,
// the evidence as files, the certificate of evidence if one was made, and what is known of the contract as JSON.
// Errors: errcode.FolderMissing, errcode.DiskFull, errcode.InvalidArgument. What fails otherwise is named by its title.
func (c *Contracts) exportContracts(ctx context.Context, r *v1.ExportContractsRequest) (*v1.ExportContractsResponse, error) {
	if info, err := os.Stat(r.Folder); err != nil || !info.IsDir() || !filepath.IsAbs(r.Folder) {
		return nil, errcode.With(errcode.FolderMissing, err)
	}
	if len(r.ContractIds) > maxExported {
		return nil, errcode.InvalidArgument
	}
	out := &v1.ExportContractsResponse{}
	for _, text := range r.ContractIds {
		id, err := wire.ParseSpaceID(text)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		title := text
		x, err := c.contract(ctx, id)
		if err == nil {
			title = x.Sent.Title
			var path string
			if path, err = c.exportOne(ctx, x, r.Folder); err == nil {
				out.Written = append(out.Written, path)
				continue
			}
		}
		if errors.Is(err, errcode.DiskFull) || ctx.Err() != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		c.Slog.Warn("a contract is not exported", "error", err)
		out.Failed = append(out.Failed, title)
	}
	return out, nil
}

// exportOne writes one contract. What could not be written whole is removed again.
func (c *Contracts) exportOne(ctx context.Context, x *contract, parent string) (path string, err error) {
	if path, err = newFolder(parent, portable(x.Sent.Title)); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(path))
		}
	}()
	for _, step := range []func(context.Context, *contract, string) error{c.exportDocuments, c.exportAttached, c.exportEvidence, c.exportState} {
		if err := errors.Join(ctx.Err(), step(ctx, x, path)); err != nil {
			return "", err
		}
	}
	return path, nil
}

func (c *Contracts) exportDocuments(ctx context.Context, x *contract, folder string) error {
	name := documentName(x)
	if err := c.exportVersion(ctx, x, -1, filepath.Join(folder, name)); err != nil {
		return err
	}
	if len(x.Versions) < 2 {
		return nil
	}
	return c.exportVersion(ctx, x, 0, filepath.Join(folder, strings.TrimSuffix(name, ".pdf")+"-original.pdf"))
}

func (c *Contracts) exportVersion(ctx context.Context, x *contract, n int, to string) error {
	path, err := c.versionOf(ctx, x, n)
	if err != nil {
		return err
	}
	return copyFile(to, path)
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return diskError(err)
	}
	defer in.Close()
	return writeFile(to, in)
}

// exportAttached writes what parties attached in fields.
func (c *Contracts) exportAttached(ctx context.Context, x *contract, folder string) error {
	for _, f := range x.Sent.Fields {
		if f.Type != flow.Attachment {
			continue
		}
		file, err := c.openAttached(ctx, x, f.ID)
		if errors.Is(err, errcode.NotFound) {
			continue // nothing was attached
		}
		if err != nil {
			return err
		}
		below, err := newFolder(folder, portable("attached "+f.Label))
		if err != nil {
			return err
		}
		kind := filepath.Ext(file.Name)
		err = writeFile(filepath.Join(below, portable(strings.TrimSuffix(file.Name, kind)+portableKind(kind))), file.Content)
		if closer, is := file.Content.(io.Closer); is {
			err = errors.Join(err, closer.Close())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// portableKind is the ending of a file's name if it is a plain one.
func portableKind(kind string) string {
	if len(kind) > 12 || strings.ContainsFunc(kind, func(r rune) bool { return r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return ""
	}
	return kind
}

// exportEvidence writes the files that roundtable-verify reads from a folder, and the certificate.
func (c *Contracts) exportEvidence(ctx context.Context, x *contract, folder string) error {
	made, err := c.madeOf(ctx, x.id)
	if err != nil {
		return err
	}
	if made.number != "" {
		if err := copyFile(filepath.Join(folder, portable("evidence "+made.number)+".pdf"), c.madePath(x.id, made.number)); err != nil {
			return err
		}
	}
	if c.entries() == nil {
		return nil
	}
	m, err := c.certifyingOf(ctx, x, made.number)
	if err != nil {
		return err
	}
	files, err := m.bundle.Files()
	if err != nil {
		return err
	}
	for name, data := range files {
		if err := writeFile(filepath.Join(folder, name), strings.NewReader(string(data))); err != nil {
			return err
		}
	}
	return nil
}

// exportState writes what is known of the contract, for other programs.
func (c *Contracts) exportState(ctx context.Context, x *contract, folder string) error {
	state, err := c.out(ctx, x)
	if err != nil {
		return err
	}
	data, err := protojson.MarshalOptions{Multiline: true, Indent: " "}.Marshal(state)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(folder, "contract.json"), strings.NewReader(string(data)+"\n")); err != nil {
		return err
	}
	latest := x.Latest()
	return writeFile(filepath.Join(folder, "sha256.txt"), strings.NewReader(hex.EncodeToString(latest.SHA256[:])+"  "+documentName(x)+"\n"))
}
