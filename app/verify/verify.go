package verify

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"roundtable/app/config"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
)

// Exit codes.
const (
	Valid       = 0
	NotValid    = 1
	CannotCheck = 2
)

// maxTrust bounds a file with certificates.
const maxTrust = 4 << 20

// Main runs the program and gives its exit code.
func Main(arguments []string, stdout, stderr io.Writer) int {
	c, err := config.ParseVerify("roundtable-verify", arguments, stdout)
	if err != nil {
		sentence, _ := config.Sentence(c.Language, err)
		fmt.Fprintf(stderr, "%s\n(%v)\n", sentence, err)
		return CannotCheck
	}
	switch {
	case c.Help:
		return Valid
	case c.Version:
		fmt.Fprintln(stdout, config.Version())
		return Valid
	}
	trust, err := trusted(c)
	if err != nil {
		fmt.Fprintf(stderr, "%s\n(%v)\n", say(c.Language, "证书文件无法读取。", "A certificate cannot be read."), err)
		return CannotCheck
	}
	worst := Valid
	for _, path := range c.Files {
		worst = max(worst, one(c, path, trust, stdout, stderr))
	}
	return worst
}

// one checks a file, or the folder of an exported contract.
func one(c config.Verify, path string, trust verify.Trust, stdout, stderr io.Writer) int {
	r, err := check(path, trust)
	if err == nil {
		err = r.give(c.Attached)
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %s\n(%v)\n", path, why(c.Language, err), err)
		return CannotCheck
	}
	if c.JSON {
		if err := tellJSON(stdout, path, r); err != nil {
			fmt.Fprintln(stderr, err)
			return CannotCheck
		}
	} else {
		tell(stdout, c.Language, path, r)
	}
	return r.code()
}

// result is what was found of a file. Of a certificate of evidence it has the verdict on what is attached, and the report on
// the document in it; of a folder those alone.
type result struct {
	size     int64
	report   *verify.Report
	evidence *bundle.Verdict
	// roots are those that the evidence brings along; nobody is trusted for being in it.
	roots    []*x509.Certificate
	document *verify.Report
	// unread is why the document in the evidence cannot be read.
	unread error
	// beside are files that came with the document.
	beside []beside
}

// code is the exit code. A document in the evidence may be one that nobody signed: a contract can end without signatures.
func (r *result) code() int {
	bad := func(r *verify.Report) bool {
		return r.Ambiguous || slices.ContainsFunc(r.Signatures, func(s verify.Signature) bool { return !s.Valid() })
	}
	switch {
	case r.report != nil && (len(r.report.Signatures) == 0 || bad(r.report)):
		return NotValid
	case r.evidence != nil && (!r.evidence.Good || r.unread != nil || r.document == nil || bad(r.document)):
		return NotValid
	case r.exchanged():
		return NotValid
	}
	return Valid
}

func check(path string, trust verify.Trust) (*result, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return folder(path, trust)
	}
	r := &result{size: info.Size()}
	if r.report, err = verify.File(f, info.Size(), trust); err != nil {
		return nil, err
	}
	return r, r.attached(f, trust)
}

func why(l config.Language, err error) string {
	switch {
	case errors.Is(err, pdf.ErrEncrypted):
		return say(l, "文件有密码保护，无法检查。", "The file is encrypted and cannot be checked.")
	case errors.Is(err, pdf.ErrNotPDF):
		return say(l, "这不是 PDF 文件。", "This is no PDF file.")
	case errors.Is(err, bundle.ErrMalformed):
		return say(l, "文件夹中没有可读的证据文件。", "There is no evidence in the folder that can be read.")
	case errors.Is(err, os.ErrNotExist):
		return say(l, "没有这个文件。", "There is no such file.")
	case errors.Is(err, pdf.ErrLimit):
		return say(l, "文件超出了限度，无法检查。", "The file is beyond the limits and cannot be checked.")
	}
	return say(l, "文件已损坏，无法检查。", "The file is damaged and cannot be checked.")
}

// trusted reads whom the user trusts. For time stamps, without a word of theirs, the system's roots are asked.
func trusted(c config.Verify) (verify.Trust, error) {
	t := verify.Trust{Now: time.Now(), SystemStamps: len(c.Stamps) == 0}
	for _, list := range []struct {
		paths []string
		stamp bool
	}{{c.Roots, false}, {c.Stamps, true}} {
		for _, path := range list.paths {
			all, err := blocks(path)
			if err != nil {
				return t, err
			}
			for _, der := range all {
				one, err := x509.ParseCertificate(der)
				if err != nil {
					return t, fmt.Errorf("%s: %w", path, err)
				}
				t.Roots = append(t.Roots, verify.Root{Name: one.Subject.CommonName, Certificate: one, Signs: !list.stamp, Stamps: list.stamp})
			}
		}
	}
	for _, path := range c.CRLs {
		all, err := blocks(path)
		if err != nil {
			return t, err
		}
		t.CRLs = append(t.CRLs, all...)
	}
	return t, nil
}

// blocks reads PEM blocks, or one in DER.
func blocks(path string) (out [][]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxTrust))
	if err != nil {
		return nil, err
	}
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		out = append(out, block.Bytes)
	}
	if len(out) == 0 {
		out = [][]byte{data}
	}
	return out, nil
}
