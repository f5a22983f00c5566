package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// RelayCommand is what roundtable-relay was asked to do.
type RelayCommand string

const (
	RelayServe   RelayCommand = "serve"
	RelayAdmit   RelayCommand = "admit"
	RelayList    RelayCommand = "list"
	RelaySuspend RelayCommand = "suspend"
	RelayMove    RelayCommand = "move"
	RelayVersion RelayCommand = "version"
)

// Relay is what roundtable-relay was asked for.
type Relay struct {
	Command  RelayCommand
	Data     string // folder
	Engine   string // "sqlite", or nats://…
	LogLevel slog.Level
	Help     bool

	// Of serve, and as far as links need them of admit.
	Name, Listen, PublicHost   string
	Cert, Key                  string
	ACME, ACMEMail, ACMEListen string
	ACMEDirectory              string
	MetricsListen              string
	TurnListen, TurnRelay      string // TurnListen "off": none
	TurnAllowPrivate, PinCert  bool
	Replicas                   int
	Drain                      time.Duration

	// Of admit.
	MaxGB, MaxDays int
	// Of suspend: a tenant's ID as list prints it.
	Tenant string
	Resume bool
	// Of move.
	From, To string
}

type relayFlags struct {
	Config   kong.ConfigFlag `help:"JSON file with any of these settings, for example {\"public_host\": \"relay.example.com\"}." placeholder:"FILE" env:"ROUNDTABLE_RELAY_CONFIG"`
	Data     string          `help:"Folder that holds everything of this relay." default:"relay-data" type:"path" placeholder:"FOLDER" env:"ROUNDTABLE_RELAY_DATA"`
	Engine   string          `help:"Where envelopes are kept: sqlite (in the data folder), or nats://HOST:PORT,… for a JetStream cluster." default:"sqlite" env:"ROUNDTABLE_RELAY_ENGINE"`
	Replicas int             `help:"Copies that a NATS cluster keeps; 0: three in a cluster, one on a single server." default:"0" env:"ROUNDTABLE_RELAY_REPLICAS"`
	LogLevel string          `help:"debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"ROUNDTABLE_RELAY_LOG_LEVEL"`

	Listen     string `help:"Address for devices." default:":47820" placeholder:"ADDRESS" env:"ROUNDTABLE_RELAY_LISTEN"`
	PublicHost string `help:"Name or address under which devices reach this relay, with a port if it is another one: HOST or HOST:PORT. This machine's first address by default." placeholder:"HOST" env:"ROUNDTABLE_RELAY_PUBLIC_HOST"`
	Cert       string `help:"Certificate in PEM, with its chain. Self-signed and pinned by default." type:"path" placeholder:"FILE" env:"ROUNDTABLE_RELAY_CERT"`
	Key        string `help:"Its private key in PEM." type:"path" placeholder:"FILE" env:"ROUNDTABLE_RELAY_KEY"`
	PinCert    bool   `help:"Links carry the pin of --cert, for certificates that no authority vouches for." env:"ROUNDTABLE_RELAY_PIN_CERT"`
	ACME       string `name:"acme" help:"Domain for which a certificate is fetched (Let's Encrypt). Port 443 of it leads here, or port 80 to --acme-listen." placeholder:"DOMAIN" env:"ROUNDTABLE_RELAY_ACME"`
	ACMEMail   string `name:"acme-mail" help:"Where the authority writes to." placeholder:"ADDRESS" env:"ROUNDTABLE_RELAY_ACME_MAIL"`
	ACMEListen string `name:"acme-listen" help:"Also answer the authority over plain HTTP at this address." placeholder:"ADDRESS" env:"ROUNDTABLE_RELAY_ACME_LISTEN"`
	Directory  string `name:"acme-directory" help:"Another ACME authority." placeholder:"URL" env:"ROUNDTABLE_RELAY_ACME_DIRECTORY"`

	Serve   serveFlags   `cmd:"" help:"Be a relay. At the first start it admits one organisation and prints the link for it, once."`
	Admit   admitFlags   `cmd:"" help:"Admit an organisation and print the link for it. The link is a secret, and is kept nowhere."`
	List    struct{}     `cmd:"" help:"List the organisations."`
	Suspend suspendFlags `cmd:"" help:"Turn an organisation away; its devices are cut off within seconds."`
	Move    moveFlags    `cmd:"" help:"Copy everything from one engine to another. It may be interrupted and goes on where it was."`
	Version struct{}     `cmd:"" help:"Print the version."`
}

type serveFlags struct {
	Name             string        `help:"Name of this relay, for people." placeholder:"NAME" env:"ROUNDTABLE_RELAY_NAME"`
	MetricsListen    string        `help:"Serve /metrics (plain HTTP) at this address instead of at the devices' one." placeholder:"ADDRESS" env:"ROUNDTABLE_RELAY_METRICS_LISTEN"`
	TurnListen       string        `help:"UDP address of STUN and TURN, or off." default:":3478" placeholder:"ADDRESS" env:"ROUNDTABLE_RELAY_TURN_LISTEN"`
	TurnRelay        string        `help:"IPv4 address at which peers are reached through TURN. The public host's by default." placeholder:"IP" env:"ROUNDTABLE_RELAY_TURN_RELAY"`
	TurnAllowPrivate bool          `help:"Let TURN reach private networks, for relays that connect branches." env:"ROUNDTABLE_RELAY_TURN_ALLOW_PRIVATE"`
	Drain            time.Duration `help:"Time for devices to go elsewhere when the relay stops." default:"10s" env:"ROUNDTABLE_RELAY_DRAIN"`
}

type admitFlags struct {
	Name    string `help:"Name of the organisation, for the operator." required:"" placeholder:"NAME"`
	MaxGB   int    `name:"max-gb" help:"Most that is kept for it, in GiB; 0: no bound." placeholder:"N"`
	MaxDays int    `help:"How long it is kept, in days; 0: for ever." placeholder:"N"`
}

type suspendFlags struct {
	Tenant string `arg:"" help:"The organisation, as list names it."`
	Resume bool   `help:"Let it in again."`
}

type moveFlags struct {
	From string `help:"Data folder of a stopped relay, or nats://…." required:"" placeholder:"FOLDER|URL"`
	To   string `help:"Data folder, or nats://…." required:"" placeholder:"FOLDER|URL"`
}

// ParseRelay reads the command line, the environment and the file of
// roundtable-relay, in this order of weight. Errors: ErrUsage.
func ParseRelay(program string, arguments []string, stdout io.Writer) (Relay, error) {
	var out Relay
	var f relayFlags
	parser, err := kong.New(&f, kong.Name(program), kong.Writers(stdout, io.Discard), kong.Configuration(settings),
		kong.Description("A Roundtable 圆桌 relay: keeps sealed messages for devices that are away, and lets devices find each other. It cannot read what it keeps."),
		kong.Exit(func(int) { out.Help = true }), kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}))
	if err != nil {
		return out, fmt.Errorf("describe flags: %w", err)
	}
	parsed, err := parser.Parse(arguments)
	if out.Help {
		return out, nil
	}
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return out, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	command, _, _ := strings.Cut(parsed.Command(), " ")
	name := f.Serve.Name
	if command == string(RelayAdmit) {
		name = f.Admit.Name
	}
	out = Relay{
		Command: RelayCommand(command), Data: f.Data, Engine: f.Engine, Replicas: f.Replicas,
		Name: name, Listen: f.Listen, PublicHost: f.PublicHost, Cert: f.Cert, Key: f.Key, PinCert: f.PinCert,
		ACME: f.ACME, ACMEMail: f.ACMEMail, ACMEListen: f.ACMEListen, ACMEDirectory: f.Directory,
		MetricsListen: f.Serve.MetricsListen, TurnListen: f.Serve.TurnListen, TurnRelay: f.Serve.TurnRelay,
		TurnAllowPrivate: f.Serve.TurnAllowPrivate, Drain: f.Serve.Drain,
		MaxGB: f.Admit.MaxGB, MaxDays: f.Admit.MaxDays, Tenant: f.Suspend.Tenant, Resume: f.Suspend.Resume,
		From: f.Move.From, To: f.Move.To,
	}
	if err := out.LogLevel.UnmarshalText([]byte(f.LogLevel)); err != nil {
		return out, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return out, nil
}

func (f relayFlags) check() error {
	for flag, address := range map[string]string{"listen": f.Listen, "metrics-listen": f.Serve.MetricsListen,
		"turn-listen": strings.TrimPrefix(f.Serve.TurnListen, "off"), "acme-listen": f.ACMEListen} {
		if _, _, err := net.SplitHostPort(address); address != "" && err != nil {
			return fmt.Errorf("--%s: %w", flag, err)
		}
	}
	switch {
	case (f.Cert == "") != (f.Key == ""):
		return errors.New("--cert and --key belong together")
	case f.Cert != "" && f.ACME != "":
		return errors.New("--acme and --cert exclude each other")
	case f.Engine != "sqlite" && !strings.HasPrefix(f.Engine, "nats://") && !strings.HasPrefix(f.Engine, "tls://"):
		return errors.New("--engine: sqlite or nats://…")
	case f.Serve.TurnRelay != "" && net.ParseIP(f.Serve.TurnRelay).To4() == nil:
		return errors.New("--turn-relay: not an IPv4 address")
	case f.Admit.MaxGB < 0 || f.Admit.MaxDays < 0:
		return errors.New("--max-gb and --max-days: not below 0")
	case strings.ContainsAny(f.PublicHost, "/@?#"):
		return errors.New("--public-host: HOST or HOST:PORT")
	}
	return nil
}

// settings reads the file. What it names must be a flag: a misspelt setting
// that is silently ignored would be found too late.
func settings(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := json.NewDecoder(r).Decode(&values); err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return file(values), nil
}

type file map[string]any

// Validate is kong's: it refuses settings that no flag has.
func (f file) Validate(app *kong.Application) error {
	known := []string{}
	add := func(flags []*kong.Flag) {
		for _, flag := range flags {
			known = append(known, strings.ReplaceAll(flag.Name, "-", "_"))
		}
	}
	add(app.Flags)
	for _, leaf := range app.Leaves(false) {
		add(leaf.Flags)
	}
	for name := range f {
		if !slices.Contains(known, name) {
			return fmt.Errorf("there is no setting %q", name)
		}
	}
	return nil
}

// Resolve is kong's.
func (f file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil // the environment weighs more
		}
	}
	return f[strings.ReplaceAll(flag.Name, "-", "_")], nil
}
