package verify

import (
	"io"

	"roundtable/backend/contracts/pdf"
)

// Filled gives what stands in the fields of a form, by their full names, but for signatures; "" for an empty one and a box that is not
// checked. Errors: those of the pdf package.
func Filled(r io.ReaderAt, size int64) (map[string]string, error) {
	out := map[string]string{}
	err := eachField(r, size, func(f *pdf.File, one field) {
		if one.kind == "Sig" {
			return
		}
		value := shown(f, one.value)
		if one.kind == "Btn" && value == "Off" {
			value = ""
		}
		if before, twice := out[one.name]; twice {
			value = before + "\x00" + value // readers may show either
		}
		out[one.name] = value
	})
	return out, err
}

// Signed gives the names of the fields that hold a signature or a document time stamp, whatever it is worth. Errors: those of the pdf package.
func Signed(r io.ReaderAt, size int64) (map[string]bool, error) {
	out := map[string]bool{}
	err := eachField(r, size, func(_ *pdf.File, one field) {
		if one.kind == "Sig" && one.value != nil {
			out[one.name] = true
		}
	})
	return out, err
}

func eachField(r io.ReaderAt, size int64, do func(*pdf.File, field)) error {
	f, err := pdf.Open(r, size)
	if err != nil {
		return err
	}
	all, err := fields(f)
	if err != nil {
		return err
	}
	for _, one := range all {
		do(f, one)
	}
	return nil
}
