package desktop

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

// Main runs the program and ends the process.
func Main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(arguments []string, stdout, stderr io.Writer) (exit int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := config.Parse("roundtable", arguments, stdout)
	switch {
	case err != nil:
	case c.Help:
		return config.ExitOK
	case c.Version:
		fmt.Fprintln(stdout, config.Version())
		return config.ExitOK
	default:
		err = open(ctx, c, stderr)
	}
	if err == nil {
		return config.ExitOK
	}
	sentence, exit := config.Sentence(c.Language, err)
	fmt.Fprintf(stderr, "%s\n(%v)\n", sentence, err)
	return exit
}

// open opens the app and shows it. A start that fails shows a window too, for
// who clicked an icon sees no terminal; when it fails because the window is
// open already, Wails brings that one to the front instead.
func open(ctx context.Context, c config.Config, stderr io.Writer) error {
	to := io.Writer(quietly{stderr})
	if file, err := config.OpenLogFile(c.Profile); err == nil { // else app.Open says what is wrong with the folder
		defer file.Close()
		to = io.MultiWriter(to, file)
	}
	log := config.NewLog(to, c.LogLevel)
	b := &browser{profile: c.Profile, log: log, show: config.Show()}
	a, err := app.Open(ctx, app.Options{
		Profile: c.Profile, Log: log, LANAddress: c.LAN, Nearby: c.Nearby, Version: config.Version(),
		Downloads: config.Downloads, Home: config.Home(), Show: config.Show(), Browse: b.possible(), PaperFont: frontend.PaperFont,
	})
	if err != nil {
		sentence, _ := config.Sentence(c.Language, err)
		return errors.Join(err, window{config: c, log: log, pages: sorry(sentence)}.show(ctx))
	}
	return errors.Join(show(ctx, c, log, a, b), a.Close())
}

// show runs the app behind its window until one of them ends.
func show(ctx context.Context, c config.Config, log *slog.Logger, a *app.App, b *browser) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	screen, err := fs.Sub(frontend.Dist, "dist")
	if err != nil {
		return fmt.Errorf("open screen: %w", err)
	}
	b.ready(ctx, a, screen)
	defer b.wait()
	ran := make(chan error, 1)
	go func() {
		defer cancel() // a window without the app behind it would only look alive
		ran <- a.Run(ctx)
	}()
	w := window{config: c, log: log, pages: local.Plain(a, screen), backend: a}
	shown := w.show(ctx)
	cancel()
	if err := <-ran; err != nil && !errors.Is(err, context.Canceled) {
		return errors.Join(shown, err)
	}
	return shown
}

// quietly drops write errors: a program started from an icon may have a
// standard error that takes nothing, and its log file must go on.
type quietly struct{ io.Writer }

func (q quietly) Write(p []byte) (int, error) {
	_, _ = q.Writer.Write(p)
	return len(p), nil
}
