package config

import (
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Check is what roundtable-fsck was asked for.
type Check struct {
	Profile  string
	Language Language
	All      bool // verify every signature
	Version  bool
	Help     bool
}

type checkFlags struct {
	Profile  string `help:"Folder of the profile to check. No program may be using it." type:"path" placeholder:"FOLDER" env:"ROUNDTABLE_PROFILE"`
	All      bool   `help:"Verify every signature, not only the last of each feed (the hashes carry it to the others)."`
	Language string `help:"Language of the findings: zh or en. The system's by default." enum:",zh,en" default:"" env:"ROUNDTABLE_LANGUAGE"`
	Version  bool   `help:"Print the version."`
}

// ParseCheck reads the command line of roundtable-fsck. Errors: ErrUsage.
func ParseCheck(program string, arguments []string, stdout io.Writer) (Check, error) {
	out := Check{Language: SystemLanguage()}
	var f checkFlags
	parser, err := kong.New(&f, kong.Name(program), kong.Writers(stdout, io.Discard),
		kong.Description("Checks a Roundtable profile and changes nothing. Exit code: 0 sound, 1 findings, 2 it could not be checked."),
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
	out.All, out.Version = f.All, f.Version
	out.Profile, err = profile(f.Profile)
	return out, err
}
