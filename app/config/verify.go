package config

import (
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Verify is what roundtable-verify was asked for.
type Verify struct {
	Files    []string
	Roots    []string // certificates that are trusted for signatures
	Stamps   []string // and for time stamps
	CRLs     []string
	Attached []string // files that fields of the document name by their hashes
	JSON     bool
	Language Language
	Version  bool
	Help     bool
}

type verifyFlags struct {
	Files    []string `arg:"" optional:"" help:"PDF files to check: signed documents, certificates of evidence, or folders of exported contracts." type:"path"`
	Root     []string `help:"Certificate (PEM or DER) that is trusted for signatures: a workspace's root, or that of a certification authority." type:"path" placeholder:"FILE" sep:"none"`
	Stamp    []string `help:"Certificate that is trusted for time stamps. Without it, those that this system trusts." type:"path" placeholder:"FILE" sep:"none"`
	CRL      []string `help:"List of revoked certificates (PEM or DER), besides those in the file." type:"path" placeholder:"FILE" sep:"none" name:"crl"`
	Attached []string `help:"File that was attached to the contract: whether the document names it by its hash." type:"path" placeholder:"FILE" sep:"none"`
	JSON     bool     `help:"One JSON document for each file." name:"json"`
	Language string   `help:"Language of the report: zh or en. The system's by default." enum:",zh,en" default:"" env:"ROUNDTABLE_LANGUAGE"`
	Version  bool     `help:"Print the version."`
}

// ParseVerify reads the command line of roundtable-verify. Errors: ErrUsage.
func ParseVerify(program string, arguments []string, stdout io.Writer) (Verify, error) {
	out := Verify{Language: SystemLanguage()}
	var f verifyFlags
	parser, err := kong.New(&f, kong.Name(program), kong.Writers(stdout, io.Discard),
		kong.Description("Says who signed a PDF, whether it was changed, and what was added afterwards; and of a certificate of evidence what it proves, and whom one believes. "+
			"It asks nobody and changes nothing. Exit code: 0 every signature is valid and the evidence good, 1 one is not or there is no signature, 2 a file could not be checked."),
		kong.Exit(func(int) { out.Help = true }))
	if err != nil {
		return out, fmt.Errorf("describe flags: %w", err)
	}
	_, err = parser.Parse(arguments)
	if f.Language != "" {
		out.Language = Language(f.Language)
	}
	if out.Help {
		return out, nil
	}
	if err != nil {
		return out, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if len(f.Files) == 0 && !f.Version {
		return out, fmt.Errorf("%w: no file", ErrUsage)
	}
	out.Files, out.Roots, out.Stamps, out.CRLs, out.Attached, out.JSON, out.Version = f.Files, f.Root, f.Stamp, f.CRL, f.Attached, f.JSON, f.Version
	return out, nil
}
