package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"roundtable/backend/contracts/authority"
	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/ledger"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/key"
	"roundtable/backend/store"
)

// contractsSigner is the argument with which this program signs one file and says how much memory it took.
const contractsSigner = "sign-one"

const (
	signTimes     = 5
	evidenceTimes = 2000
)

// contracts signs and checks files of 1 and 50 MB, each in a process of its own, beside Poppler's
// pdfsig where it is installed, and keeps an evidence log.
func contracts(ctx context.Context, s *scene) error {
	for name, mb := range map[string]int{"1mb": 1, "50mb": 50} {
		in, out := filepath.Join(s.folder, name+".pdf"), filepath.Join(s.folder, name+"-signed.pdf")
		if err := os.WriteFile(in, paper(mb<<20), 0o600); err != nil {
			return err
		}
		if err := signFigures(ctx, name, in, out); err != nil {
			return err
		}
		if err := verifyFigures(ctx, name, out); err != nil {
			return err
		}
	}
	if err := evidenceFigures(ctx, s.folder); err != nil {
		return err
	}
	return certificateFigures(ctx, s.folder, filepath.Join(s.folder, "1mb-signed.pdf"))
}

// signFigures takes the medians over processes that sign once.
func signFigures(ctx context.Context, name, in, out string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var ms, mb []float64
	for range signTimes {
		said, err := exec.CommandContext(ctx, self, contractsSigner, in, out).Output()
		if err != nil {
			return fmt.Errorf("sign %s: %w", name, err)
		}
		var took, most float64
		if _, err := fmt.Sscan(string(said), &took, &most); err != nil {
			return fmt.Errorf("sign %s: %w", name, err)
		}
		ms, mb = append(ms, took), append(mb, most)
	}
	figure("sign_"+name+"_ms", middle(ms), "ms")
	figure("sign_"+name+"_rss_mb", middle(mb), "MB")
	return nil
}

func verifyFigures(ctx context.Context, name, file string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for program, arguments := range map[string][]string{
		filepath.Join(filepath.Dir(self), "roundtable-verify"): {"--json", file}, "pdfsig": {"-nocert", file},
	} {
		path, err := exec.LookPath(program)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s is not there: its figures are left out\n", filepath.Base(program))
			continue
		}
		var ms []float64
		for range signTimes {
			start := time.Now()
			// Exit code 1 says that nobody trusts this signer; both programs read all of the file for it.
			if err := exec.CommandContext(ctx, path, arguments...).Run(); err != nil && !isExit(err) {
				return fmt.Errorf("%s: %w", program, err)
			}
			ms = append(ms, float64(time.Since(start).Microseconds())/1000)
		}
		what := map[string]string{"roundtable-verify1mb": "verify_cli_ms", "roundtable-verify50mb": "verify_50mb_ms"}[filepath.Base(program)+name]
		if what == "" {
			what = "pdfsig_" + name + "_ms"
		}
		figure(what, middle(ms), "ms")
	}
	return nil
}

func isExit(err error) bool {
	var e *exec.ExitError
	return errors.As(err, &e) && e.ExitCode() == 1
}

func middle(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// beSigner signs a file with a key that is made for it, and prints milliseconds and the most memory.
func beSigner(ctx context.Context, in, out string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	root, err := authority.NewRoot(private, "Bench", time.Now())
	if err != nil {
		return err
	}
	person := authority.Person{Name: "李明", Workspace: "Bench", ID: "per"}
	c, err := authority.Issue(root, private, private.Public(), person, time.Now(), time.Hour)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := signOne(ctx, in, out, pades.Identity{Key: private, Chain: []*x509.Certificate{c, root}}); err != nil {
		return err
	}
	took := time.Since(start)
	most, err := statusMB(os.Getpid(), "VmHWM:")
	fmt.Println(float64(took.Microseconds())/1000, most)
	return err
}

func signOne(ctx context.Context, in, out string, id pades.Identity) error {
	r, err := os.Open(in)
	if err != nil {
		return err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return err
	}
	f, err := pdf.Open(r, info.Size())
	if err != nil {
		return err
	}
	w, err := os.Create(out)
	if err != nil {
		return err
	}
	_, err = pades.Sign(ctx, f, w, id, pades.Request{
		Field: "sign", Place: pades.Place{Page: 1, X: 50, Y: 50, Width: 100, Height: 40}, At: time.Now(), Name: "李明",
		Look: &pades.Look{Width: 100, Height: 40, Content: []byte("0 0 100 40 re S")},
	})
	return errors.Join(err, w.Sync(), w.Close())
}

// paper is a file of one page with a picture of random bytes.
func paper(size int) []byte {
	picture := make([]byte, size)
	_, _ = rand.Read(picture)
	var w bytes.Buffer
	var at []int
	object := func(body string) {
		at = append(at, w.Len())
		fmt.Fprintf(&w, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	w.WriteString("%PDF-1.7\n%\xe5\xe4\xf6\xfc\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	object("<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]>>")
	object("<</Type/Page/Parent 2 0 R/Resources<</XObject<</P 4 0 R>>>>>>")
	at = append(at, w.Len())
	fmt.Fprintf(&w, "4 0 obj\n<</Subtype/Image/Width %d/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length %d>>\nstream\n", size, size)
	w.Write(picture)
	w.WriteString("\nendstream\nendobj\n")
	start := w.Len()
	fmt.Fprintf(&w, "xref\n0 %d\n0000000000 65535 f\r\n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&w, "%010d 00000 n\r\n", a)
	}
	fmt.Fprintf(&w, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return w.Bytes()
}

// evidenceFigures appends entries, each safe on the disk, and proves the last ones.
func evidenceFigures(ctx context.Context, folder string) (err error) {
	db, err := store.Open(ctx, filepath.Join(folder, "evidence.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	k, err := key.NewNoteKey()
	if err != nil {
		return err
	}
	log, err := ledger.Open(ctx, db, "bench.example/log", k)
	if err != nil {
		return err
	}
	start := time.Now()
	for i := range evidenceTimes {
		leaf := evidence.Leaf{Kind: "signed", Contract: strconv.Itoa(i / 8), Actor: "per", Device: "dev", Name: "李明", At: time.Now()}
		if err := db.Write(ctx, func(tx *store.Tx) error { _, err := log.Append(tx, leaf); return err }); err != nil {
			return err
		}
	}
	figure("evidence_append_us", float64(time.Since(start).Microseconds())/evidenceTimes, "us")
	n, err := log.Checkpoint(ctx)
	if err != nil {
		return err
	}
	start = time.Now()
	size := 0
	for i := range evidenceTimes {
		p, err := log.Prove(ctx, int64(i), n)
		if err != nil {
			return err
		}
		size = 32 * len(p.Hashes)
	}
	figure("evidence_prove_us", float64(time.Since(start).Microseconds())/evidenceTimes, "us")
	figure("evidence_proof_bytes", float64(size), "bytes")
	return nil
}
