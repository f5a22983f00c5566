package contracts

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
)

// Forging is what a program of a liar's own puts behind a document.
type Forging struct {
	Path string
	// Values are what it writes into fields, whosever they are.
	Values map[string]string
	// Field is where it signs, by Identity; "" for nowhere.
	Field    string
	Identity pades.Identity
	Look     *pades.Look
	Seal     *pades.SealClaim
}

// Forge gives the whole file.
func Forge(ctx context.Context, folder string, r Forging) ([]byte, error) {
	whole, err := os.ReadFile(r.Path)
	if err != nil {
		return nil, err
	}
	step := func(do func(f *pdf.File, out io.Writer) error) error {
		path := filepath.Join(folder, "forging.pdf")
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			return err
		}
		p, err := openPaper(path)
		if err != nil {
			return err
		}
		defer p.Close()
		var out bytes.Buffer
		err = do(p.File, &out)
		whole = out.Bytes()
		return err
	}
	if len(r.Values) > 0 {
		err = step(func(f *pdf.File, out io.Writer) error {
			o, err := pades.OpenForm(f)
			if err != nil {
				return err
			}
			all, err := o.Widgets()
			if err != nil {
				return err
			}
			for name, value := range r.Values {
				w := all[name]
				w.Dict["V"] = pdf.Text(value)
				o.Update().Set(w.Ref, w.Dict)
			}
			_, err = o.Write(out)
			return err
		})
	}
	if err == nil && r.Field != "" {
		err = step(func(f *pdf.File, out io.Writer) error {
			_, err := pades.Sign(ctx, f, out, r.Identity, pades.Request{Field: r.Field, Look: r.Look, Seal: r.Seal, Name: "forged", At: time.Now()})
			return err
		})
	}
	return whole, err
}
