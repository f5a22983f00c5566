package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"
)

// Config is what a start was asked for.
type Config struct {
	Profile  string   // folder, absolute
	Listen   string   // of the browser's door, headless only
	LAN      string   // "" all interfaces, "off", or an address
	Language Language // of sentences outside the screen
	LogLevel slog.Level
	Nearby   bool // announce and look for workspaces on this network
	Smoke    bool // desktop only: tell the log when the first screen is there
	Version  bool // print the version and end
	Help     bool // help was printed: end
}

// flags is the command line. Every flag has a variable, so that services can be set up by either.
type flags struct {
	Profile  string `help:"Folder that holds everything of this profile." type:"path" placeholder:"FOLDER" env:"ROUNDTABLE_PROFILE"`
	Listen   string `help:"Address of the page for a browser: 127.0.0.1:PORT. A free port by default." placeholder:"ADDRESS" env:"ROUNDTABLE_LISTEN"`
	LAN      string `name:"lan" help:"Address for colleagues on the network: IP:PORT, or off. All networks by default." placeholder:"ADDRESS" env:"ROUNDTABLE_LAN"`
	NoNearby bool   `help:"Neither announce this device on the network nor look for others." env:"ROUNDTABLE_NO_NEARBY"`
	Language string `help:"Language of messages: zh or en. The system's by default." enum:",zh,en" default:"" env:"ROUNDTABLE_LANGUAGE"`
	LogLevel string `help:"debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"ROUNDTABLE_LOG_LEVEL"`
	Version  bool   `help:"Print the version."`
	Smoke    bool   `hidden:""`
}

// ErrUsage wraps every mistake on the command line.
var ErrUsage = errors.New("usage")

// Parse reads the command line and the environment. Help goes to stdout.
// Errors: ErrUsage; the Config then still has a Language to say so in.
func Parse(program string, arguments []string, stdout io.Writer) (Config, error) {
	out := Config{Language: SystemLanguage()}
	var f flags
	parser, err := kong.New(&f, kong.Name(program), kong.Writers(stdout, io.Discard),
		kong.Description("Roundtable 圆桌: chat, directory, folders, meetings and contracts for offices without a server."),
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
	if err := f.check(); err != nil {
		return out, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	out.Listen, out.LAN, out.Nearby = f.Listen, f.LAN, !f.NoNearby
	out.Smoke, out.Version = f.Smoke, f.Version
	if err := out.LogLevel.UnmarshalText([]byte(f.LogLevel)); err != nil {
		return out, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	out.Profile, err = profile(f.Profile)
	return out, err
}

func (f flags) check() error {
	if f.LAN != "" && f.LAN != "off" {
		if _, _, err := net.SplitHostPort(f.LAN); err != nil {
			return fmt.Errorf("--lan %q: %w", f.LAN, err)
		}
	}
	if f.Listen != "" {
		host, _, err := net.SplitHostPort(f.Listen)
		if err != nil {
			return fmt.Errorf("--listen %q: %w", f.Listen, err)
		}
		if host != "" && host != "127.0.0.1" {
			return fmt.Errorf("--listen %q: only 127.0.0.1 is allowed", f.Listen)
		}
	}
	return nil
}

// profile gives the folder: the wanted one, or the system's place for it
// (~/.config, ~/Library/Application Support, %AppData%).
func profile(wanted string) (string, error) {
	if wanted == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			return "", fmt.Errorf("find profile folder: %w", err)
		}
		return filepath.Join(base, "Roundtable"), nil
	}
	if strings.ContainsRune(wanted, 0) {
		return "", fmt.Errorf("%w: --profile is no path", ErrUsage)
	}
	path, err := filepath.Abs(wanted)
	if err != nil {
		return "", fmt.Errorf("find profile folder: %w", err)
	}
	return path, nil
}

// HasDisplay reports whether a window can be opened here.
func HasDisplay() bool { return hasDisplay() }
