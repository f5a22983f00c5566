package verify_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtable/backend/contracts/form"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	judge "roundtable/backend/contracts/verify"
)

// names is a document in which a field names a file.
func names(t *testing.T, file string, content []byte) []byte {
	t.Helper()
	data, err := os.ReadFile(samples + "libreoffice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	value := judge.Attached{Name: file, SHA256: sha256.Sum256(content)}.Value()
	for _, do := range []func(f *pdf.File, out *bytes.Buffer) error{
		func(f *pdf.File, out *bytes.Buffer) error {
			_, err := form.Place(f, out, []form.Field{{Name: "licence", Kind: form.Text, Place: pades.Place{Page: 1, X: 60, Y: 60, Width: 200, Height: 40}}})
			return err
		},
		func(f *pdf.File, out *bytes.Buffer) error {
			_, err := form.Fill(f, out, []form.Value{{Name: "licence", Text: value}}, glyph.System())
			return err
		},
	} {
		f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := do(f, &out); err != nil {
			t.Fatal(err)
		}
		data = out.Bytes()
	}
	return data
}

func TestAttachedFile(t *testing.T) {
	file, root := signs(t, names(t, "licence.pdf", []byte("licence")))
	right, other := filepath.Join(t.TempDir(), "copy.pdf"), filepath.Join(t.TempDir(), "licence.pdf")
	put(t, right, []byte("licence"))
	put(t, other, []byte("another licence"))
	code, out, faults := run(t, "--root", root, "--language", "en", "--attached", right, file)
	if code != 0 || !strings.Contains(out, "the one that the document names: licence.pdf") || !strings.Contains(out, "signature 1 is over it") {
		t.Errorf("%d\n%s%s", code, out, faults)
	}
	if code, out, _ := run(t, "--root", root, "--language", "zh", "--attached", right, "--attached", other, file); code != 1 || !strings.Contains(out, "文档没有载明这个文件: licence.pdf") {
		t.Errorf("%d\n%s", code, out)
	}
	if code, out, _ := run(t, "--root", root, "--language", "en", file); code != 0 || !strings.Contains(out, "· attached file: licence.pdf") {
		t.Errorf("%d\n%s", code, out)
	}
	if code, _, _ := run(t, "--root", root, "--attached", other+".none", file); code != 2 {
		t.Error("a file that is not there")
	}
	code, out, _ = run(t, "--root", root, "--json", "--attached", other, file)
	var got struct {
		Attached []struct {
			Field, Name string
			Signature   int
			Here        bool
		}
		Files []struct {
			Name  string
			Named bool
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 1 || len(got.Attached) != 1 || got.Attached[0].Field != "licence" || got.Attached[0].Signature != 1 ||
		got.Attached[0].Here || len(got.Files) != 1 || got.Files[0].Named {
		t.Errorf("%d %v\n%s", code, err, out)
	}
}

// What lies beside an exported document is compared with what it names.
func TestAttachedFilesOfAFolder(t *testing.T) {
	o := newOffice(t)
	document := o.signs(names(t, "licence.pdf", []byte("licence")), "a")
	b := evidenceOf(t, o, document)
	write := func(content string) string {
		dir := t.TempDir()
		files, err := b.Files()
		if err != nil {
			t.Fatal(err)
		}
		files["采购合同.pdf"] = document
		for name, data := range files {
			put(t, filepath.Join(dir, name), data)
		}
		if err := os.Mkdir(filepath.Join(dir, "attached licence"), 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, "attached licence", "licence.pdf"), []byte(content))
		return dir
	}
	if code, out, faults := run(t, "--language", "en", "--root", o.root, write("licence")); code != 0 || !strings.Contains(out, "✓ attached file, which is here") {
		t.Errorf("%d\n%s%s", code, out, faults)
	}
	if code, out, faults := run(t, "--language", "en", "--root", o.root, write("another")); code != 1 || !strings.Contains(out, "does not name this file: attached licence/licence.pdf") {
		t.Errorf("%d\n%s%s", code, out, faults)
	}
}
