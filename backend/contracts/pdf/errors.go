package pdf

import "errors"

var (
	// ErrNotPDF says that the bytes are no PDF file at all.
	ErrNotPDF = errors.New("no PDF file")
	// ErrEncrypted says that the file is encrypted: it can be neither read nor signed here.
	ErrEncrypted = errors.New("the PDF file is encrypted")
	// ErrDamaged says that a part that is needed cannot be read.
	ErrDamaged = errors.New("the PDF file is damaged")
	// ErrLimit says that the file would take more memory or time than a document needs.
	ErrLimit = errors.New("the PDF file is beyond the limits")
)
