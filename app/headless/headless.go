package headless

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"roundtable/app"
	"roundtable/app/config"
	"roundtable/app/local"
	"roundtable/frontend"
)

// Main runs the program and gives its exit code.
func Main(arguments []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := config.Parse("roundtable-headless", arguments, stdout)
	if err == nil {
		switch {
		case c.Help:
			return config.ExitOK
		case c.Version:
			fmt.Fprintln(stdout, config.Version())
			return config.ExitOK
		}
		err = run(ctx, c, stdout, config.NewLog(stderr, c.LogLevel))
	}
	if err == nil {
		return config.ExitOK
	}
	sentence, exit := config.Sentence(c.Language, err)
	fmt.Fprintf(stderr, "%s\n(%v)\n", sentence, err)
	return exit
}

// run opens, serves and closes.
func run(ctx context.Context, c config.Config, stdout io.Writer, log *slog.Logger) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	screen, err := fs.Sub(frontend.Dist, "dist")
	if err != nil {
		return fmt.Errorf("open screen: %w", err)
	}
	listener, err := local.Listen(ctx, c.Listen)
	if err != nil {
		return fmt.Errorf("%w: %w", config.ErrListen, err)
	}
	defer listener.Close() // a second Close does no harm
	a, err := app.Open(ctx, app.Options{
		Profile: c.Profile, Log: log, LANAddress: c.LAN, Nearby: c.Nearby, Version: config.Version(),
		Downloads: config.Downloads, Home: config.Home(), Show: config.Show(), PaperFont: frontend.PaperFont,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()

	ran := make(chan error, 1)
	go func() {
		defer cancel() // the page is of no use without what runs behind it
		ran <- a.Run(ctx)
	}()
	door := local.Guarded(a, local.Options{Address: listener.Addr(), Screen: screen, Log: log})
	tell := func() { fmt.Fprintf(stdout, "open %s\n", door.Address()) }
	tell()
	defer onAsked(tell)()
	log.Info("ready", "pid", os.Getpid(), "another_code_by", askedBy)
	served := door.Serve(ctx, listener)
	cancel()
	return errors.Join(served, quiet(<-ran))
}

// quiet drops the error that says only that we were asked to stop.
func quiet(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
