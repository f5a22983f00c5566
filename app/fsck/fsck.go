package fsck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"roundtable/app"
	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Area is the part of a profile that a finding is about.
type Area string

const (
	Database   Area = "database"
	Log        Area = "log"
	Space      Area = "space"
	Projection Area = "projection"
	File       Area = "file"
)

// Finding is one thing that is wrong.
type Finding struct {
	Area   Area
	Code   string // stable; words.go has the sentence
	Where  string // a file, a table, a space and a device
	Detail string // for whoever looks into it; never a secret
}

// Report is what a check found.
type Report struct {
	eventlog.Tally
	Findings []Finding
}

// Options of a check.
type Options struct {
	// Every verifies all signatures instead of the last of each feed.
	Every bool
	// Temporary is where the copy is made; "" is the system's place.
	Temporary string
}

// check is one run.
type check struct {
	Options
	profile string
	report  Report
	party   space.Party
}

func (c *check) add(area Area, code, where string, err error) {
	f := Finding{Area: area, Code: code, Where: where}
	if err != nil {
		f.Detail = err.Error()
	}
	c.report.Findings = append(c.report.Findings, f)
}

// Check looks at a whole profile.
// Errors: app.ErrNoProfile, errcode.ProfileInUse, errcode.DiskFull, and what
// else keeps it from looking.
func Check(ctx context.Context, profile string, o Options) (report Report, err error) {
	hold, err := app.Hold(profile)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, hold.Close()) }()
	c := &check{Options: o, profile: profile}
	known := c.files()
	c.pieces(ctx)
	if err := c.database(ctx, known); err != nil {
		return c.report, err
	}
	return c.report, nil
}

// database checks a copy. known says that the identity could be read.
func (c *check) database(ctx context.Context, known bool) (err error) {
	folder, err := os.MkdirTemp(c.Temporary, "roundtable-fsck-")
	if err != nil {
		return fmt.Errorf("make a copy: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	copied := filepath.Join(folder, app.DatabaseFile)
	there := false
	for _, suffix := range []string{"", "-wal"} { // -shm is made anew
		n, err := copyFile(filepath.Join(c.profile, app.DatabaseFile+suffix), copied+suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return store.Classify(fmt.Errorf("make a copy: %w", err))
		}
		there = there || n > 0
	}
	if !there {
		if known {
			c.add(Database, "database_missing", app.DatabaseFile, nil)
		}
		return nil // a profile that was begun and not set up
	}
	db, err := store.Open(ctx, copied)
	if err != nil {
		return c.damaged(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	lines, err := db.IntegrityCheck(ctx)
	for _, line := range lines {
		c.add(Database, "database_page", app.DatabaseFile, errors.New(line))
	}
	if err != nil {
		return c.damaged(err)
	}
	c.report.Tally, err = eventlog.Check(ctx, db, c.Every, c.logFinding)
	if err != nil {
		return c.damaged(err)
	}
	if !known || c.unsound() {
		return nil // tables can only be compared with a log that is whole
	}
	return c.damaged(c.derived(ctx, db))
}

// unsound reports whether the log itself is damaged.
func (c *check) unsound() bool {
	for _, f := range c.report.Findings {
		if f.Area == Log || f.Area == Database {
			return true
		}
	}
	return false
}

// damaged turns the error of a database that does not read into a finding.
func (c *check) damaged(err error) error {
	if errors.Is(err, errcode.DatabaseCorrupt) {
		c.add(Database, "database_corrupt", app.DatabaseFile, err)
		return nil
	}
	return err
}

func (c *check) logFinding(f eventlog.Finding) {
	where := f.Space.String()
	if !f.Device.IsZero() {
		where = fmt.Sprintf("%s %s #%d", f.Space, f.Device, f.Seq)
	}
	area := Log
	if f.Fault == eventlog.FaultAside || f.Fault == eventlog.FaultState {
		area = Space
	}
	c.add(area, "log_"+string(f.Fault), where, f.Err)
}

// derived loads the spaces and compares the tables with a rebuild.
func (c *check) derived(ctx context.Context, db *store.DB) error {
	quiet := slog.New(slog.DiscardHandler)
	runner := projection.New(db, quiet, func(...string) {}, app.Projections(c.party.Person)...)
	if err := runner.Prepare(ctx); err != nil {
		return err
	}
	log, err := eventlog.Open(ctx, db, eventlog.Options{
		Signer: public{c.party.Certificates[0].Device}, Opener: public{}, Clock: clock.System{}, Log: quiet, Follower: runner,
	})
	if err != nil {
		if errors.Is(err, errcode.DatabaseCorrupt) {
			return err
		}
		c.logFinding(eventlog.Finding{Fault: eventlog.FaultState, Err: err})
		return nil
	}
	if err := log.CheckAside(ctx, c.logFinding); err != nil {
		return err
	}
	// Tables that stop short of the log's end catch up at every start.
	if err := runner.CatchUp(ctx, log); err != nil {
		return err
	}
	before, err := runner.Tables(ctx)
	if err != nil {
		return err
	}
	for _, p := range app.Projections(c.party.Person) {
		if err := runner.Rebuild(ctx, p.Name()); err != nil {
			c.add(Projection, "projection_failed", p.Name(), err)
		}
	}
	after, err := runner.Tables(ctx)
	if err != nil {
		return err
	}
	for table, rows := range after {
		if n := rows.Differ(before[table]); n > 0 {
			c.add(Projection, "projection_rows", table, fmt.Errorf("%d rows differ", n))
		}
	}
	return nil
}

// public stands in for this device's keys, which a check does not need.
type public struct{ device wire.DeviceID }

func copyFile(from, to string) (n int64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return io.Copy(out, in)
}
