package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"roundtable/backend/contracts/certificate"
	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/ledger"
	"roundtable/backend/key"
	"roundtable/backend/store"
)

// A contract of some people: entries of one log, and those who witness it.
const (
	certifiedEntries  = 40
	certifiedWitness  = 3
	certificateRounds = 5
)

// certificateFigures makes the certificate of evidence of a signed file of 1 MB, and has it checked.
func certificateFigures(ctx context.Context, folder, document string) error {
	data, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	b, err := certified(ctx, folder, data)
	if err != nil {
		return err
	}
	fonts := glyph.System()
	path := filepath.Join(folder, "evidence.pdf")
	var made, checked []float64
	size := 0
	for range certificateRounds {
		start := time.Now()
		var out bytes.Buffer
		if err := certifies(&out, fonts, b, data); err != nil {
			return err
		}
		made, size = append(made, float64(time.Since(start).Microseconds())/1000), out.Len()-len(data)
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			return err
		}
	}
	figure("certificate_make_ms", middle(made), "ms")
	figure("certificate_kb", float64(size)/1024, "KiB")
	self, err := os.Executable()
	if err != nil {
		return err
	}
	program := filepath.Join(filepath.Dir(self), "roundtable-verify")
	if _, err := os.Stat(program); err != nil {
		fmt.Fprintln(os.Stderr, "bench: roundtable-verify is not there: its figures are left out")
		return nil
	}
	for range certificateRounds {
		start := time.Now()
		if err := exec.CommandContext(ctx, program, "--json", path).Run(); err != nil && !isExit(err) {
			return err
		}
		checked = append(checked, float64(time.Since(start).Microseconds())/1000)
	}
	figure("certificate_verify_ms", middle(checked), "ms")
	return nil
}

// certified is the evidence of a document.
func certified(ctx context.Context, folder string, document []byte) (b bundle.Bundle, err error) {
	db, err := store.Open(ctx, filepath.Join(folder, "certified.db"))
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	k, err := key.NewNoteKey()
	if err != nil {
		return b, err
	}
	log, err := ledger.Open(ctx, db, "bench.example/log", k)
	if err != nil {
		return b, err
	}
	sum := sha256.Sum256(document)
	if err := db.Write(ctx, func(tx *store.Tx) error {
		for range certifiedEntries {
			if _, err := log.Append(tx, evidence.Leaf{Kind: "signed", Contract: "spc", Device: "dev", Name: "李明", Document: sum, At: time.Now()}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return b, err
	}
	n, err := log.Checkpoint(ctx)
	if err != nil {
		return b, err
	}
	l := bundle.Log{Party: bundle.Party{Key: log.Key(), Person: "李明", Device: "dev"}, Enough: 1}
	for i := range certifiedWitness {
		k, err := key.NewNoteKey()
		if err != nil {
			return b, err
		}
		w := ledger.NewWitness(db, fmt.Sprintf("bench.example/witness/%d", i), k, time.Now)
		line, err := w.Cosign(ctx, log.Key(), n, nil)
		if err != nil {
			return b, err
		}
		n.Lines = append(n.Lines, line)
		l.Witnesses = append(l.Witnesses, bundle.Party{Key: w.Key(), Person: "王五", Device: "dev"})
	}
	for i := range certifiedEntries {
		p, err := log.Prove(ctx, int64(i), n)
		if err != nil {
			return b, err
		}
		l.Proofs = append(l.Proofs, p)
	}
	return bundle.Bundle{
		Number: "RT-BENCH", Contract: "spc", Title: "采购合同", Document: bundle.Document{Name: "合同.pdf", SHA256: sum, Size: int64(len(document))}, Logs: []bundle.Log{l},
	}, nil
}

// certifies judges the evidence, as who makes a certificate does, and writes it.
func certifies(out *bytes.Buffer, fonts *glyph.Fonts, b bundle.Bundle, document []byte) error {
	v, err := bundle.Check(b, bytes.NewReader(document), int64(len(document)))
	if err != nil {
		return err
	}
	if !v.Good {
		return fmt.Errorf("the evidence is not good: %s", v.Why)
	}
	c := certificate.Certificate{
		Language: "zh", Number: b.Number, Made: time.Now(), MadeBy: "李明", Contract: b.Contract, Title: b.Title, Seen: v.At,
		Document: certificate.Document{Name: b.Document.Name, SHA256: b.Document.SHA256, Size: b.Document.Size, Pages: 1},
	}
	for _, e := range v.Entries {
		c.Timeline = append(c.Timeline, certificate.Step{At: e.At, Kind: e.Kind, Who: e.Name, Document: e.Document, Seen: e.Seen, Witnesses: e.Witnesses})
	}
	files, err := b.Files()
	if err != nil {
		return err
	}
	all := []certificate.Attachment{{Name: b.Document.Name, Type: "application/pdf", Relation: "Source", Data: bytes.NewReader(document), Size: int64(len(document))}}
	for _, name := range []string{bundle.Manifest, bundle.PolicyFile, bundle.ProofsFile, bundle.LeavesFile, bundle.Certificates} {
		all = append(all, certificate.Attachment{Name: name, Type: "application/octet-stream", Relation: "Data", Data: bytes.NewReader(files[name]), Size: int64(len(files[name]))})
	}
	_, err = certificate.Write(out, fonts, c, all)
	return err
}
