package contracts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/convert"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/errcode"
)

// openedPDF is a PDF file that is open.
type openedPDF struct {
	*pdf.File
	file *os.File
}

// openPaper opens a PDF. Errors: errcode.NotPDF, errcode.PDFEncrypted, errcode.PDFDamaged, errcode.PDFLimits, errcode.NotFound.
func openPaper(path string) (*openedPDF, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, diskError(err)
	}
	info, err := file.Stat()
	if err == nil {
		var f *pdf.File
		if f, err = pdf.Open(file, info.Size()); err == nil {
			return &openedPDF{f, file}, nil
		}
	}
	return nil, errors.Join(pdfError(err), file.Close())
}

func (p *openedPDF) Close() error { return p.file.Close() }

// pdfError gives errors of package pdf their codes.
func pdfError(err error) error {
	for cause, code := range map[error]errcode.Code{
		pdf.ErrNotPDF: errcode.NotPDF, pdf.ErrEncrypted: errcode.PDFEncrypted, pdf.ErrDamaged: errcode.PDFDamaged, pdf.ErrLimit: errcode.PDFLimits,
	} {
		if errors.Is(err, cause) {
			return errcode.With(code, err)
		}
	}
	return err
}

// inspection is what there is to know of a document before it is used.
type inspection struct {
	size       int64
	sha256     [32]byte
	pages      []pdf.Page
	signatures int
	closed     bool
}

// inspect looks at a PDF and takes its hash. Errors: as openPaper.
func inspect(path string) (i inspection, err error) {
	if i, err = glance(path); err != nil {
		return i, err
	}
	i.sha256, err = fileHash(path)
	return i, err
}

// glance looks at a PDF without reading all of it.
func glance(path string) (i inspection, err error) {
	p, err := openPaper(path)
	if err != nil {
		return i, err
	}
	defer p.Close()
	if i.pages, err = p.Pages(); err == nil && len(i.pages) == 0 {
		err = pdf.ErrDamaged
	}
	if err != nil {
		return i, pdfError(err)
	}
	form, err := pades.OpenForm(p.File)
	if err != nil {
		return i, pdfError(err)
	}
	fields, err := form.Widgets()
	if err != nil {
		return i, pdfError(err)
	}
	for _, w := range fields {
		if w.Kind == "Sig" && w.Dict["V"] != nil {
			i.signatures++
		}
	}
	if err := form.MayChange(); errors.Is(err, pades.ErrCertified) {
		i.closed = true
	} else if err != nil {
		return i, pdfError(err)
	}
	i.size = p.Size()
	return i, nil
}

func fileHash(path string) (sum [32]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, diskError(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return [32]byte(h.Sum(nil)), nil
}

// inspectUpload looks at what was brought in, and turns it into a PDF if that is wanted. Errors: as openPaper,
// errcode.UploadIncomplete, errcode.ConverterMissing, errcode.ConvertFailed, errcode.NotReady (still converting: ask again).
func (c *Contracts) inspectUpload(ctx context.Context, id string, wanted bool) (*v1.DocumentInspection, error) {
	u, path, err := c.uploaded(ctx, id)
	if err != nil {
		return nil, err
	}
	i, err := inspect(path)
	if errors.Is(err, errcode.NotPDF) {
		_, is := convert.Is(u.Name)
		_, found := c.documents.converter()
		switch {
		case !is:
			return nil, err
		case !found:
			return nil, errcode.ConverterMissing
		case !wanted:
			return &v1.DocumentInspection{UploadId: u.ID, Name: u.Name, Size: u.Size, Convertible: true}, nil
		}
		if u, err = c.converted(ctx, u); err != nil {
			return nil, err
		}
		i, err = inspect(c.uploadPath(u.ID))
	}
	if err != nil {
		return nil, err
	}
	return &v1.DocumentInspection{
		UploadId: u.ID, Name: u.Name, Size: i.size, Pages: int32(len(i.pages)), Sha256: hex.EncodeToString(i.sha256[:]),
		Signatures: int32(i.signatures), Closed: i.closed,
	}, nil
}
