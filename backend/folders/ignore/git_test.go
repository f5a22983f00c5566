package ignore

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// patternWords are what random patterns are made of: every character that means
// something, names that are there, and ends that are easy to get wrong.
var patternWords = []string{
	"a", "b", "c", "ab", "a", "b", "ab", "*", "*", "?", "/", "/", "/", "**", "/**/", "**/", "/**", "[ab]", "[!a]", "[^b]", "[a-c]", "[]a]", "[a", "[[:alpha:]]",
	"[[:digit:]b]", "[[:nope:]]", "[a/b]", "[b-]", "[\\]a]", `\`, `\a`, `\*`, `\ `, " ", ".", "*.c", "***", "!", "#", `\!`, `\#`, "B",
}

var (
	treeNames = []string{"a", "b", "ab"}
	fileNames = []string{"a", "c", "ba", "abc", "a.c", "b.c", "*", "a b", "a ", "]", "!a", "#a", "-", "1", "B", "AB", `\`, ".c", "d"}
	// apart: here git and its documentation differ (see the package's doc); and git
	// forgets to fold a letter behind a backslash.
	apart = regexp.MustCompile(`[^/*]\*\*|\*\*[^/*]|\\B`)
)

func randomPattern(r *rand.Rand) string {
	for {
		var out strings.Builder
		if r.IntN(5) == 0 {
			out.WriteString("!")
		}
		for range 1 + r.IntN(5) {
			out.WriteString(patternWords[r.IntN(len(patternWords))])
		}
		if r.IntN(4) == 0 {
			out.WriteString("/")
		}
		pattern := strings.TrimPrefix(out.String(), "!")
		if !apart.MatchString(pattern) {
			return out.String()
		}
	}
}

// sets is how many rules files are tried, each on its own folder of one tree.
const sets = 300

// TestGitAgrees gives git the same rules and paths.
func TestGitAgrees(t *testing.T) {
	for _, fold := range []bool{false, true} {
		t.Run(fmt.Sprintf("fold %v", fold), func(t *testing.T) {
			r := rand.New(rand.NewPCG(4, 2026))
			root := repository(t, fold)
			var asked bytes.Buffer
			var cases []gitCase
			for i := range sets {
				cases = append(cases, ruled(t, r, root, fmt.Sprintf("s%d", i), fold)...)
			}
			for _, c := range cases {
				asked.WriteString(c.set + "/" + c.name + "\x00")
			}
			answers := askGit(t, root, &asked)
			if len(answers) != 4*len(cases) {
				t.Fatalf("%d answers to %d questions", len(answers)/4, len(cases))
			}
			wrong, hidden := 0, 0
			for i, c := range cases {
				answer := answers[4*i : 4*i+4] // source, line, pattern, path
				line, _ := strconv.Atoi(answer[1])
				hides := line > 0 && !strings.HasPrefix(answer[2], "!")
				if c.line < 0 {
					continue // built in; git has no such rules
				}
				if hides {
					hidden++
				}
				if c.hidden != hides || c.line != line {
					if wrong++; wrong <= 10 {
						t.Errorf("%q, folder %v: %v by line %d, git says %v by %d %q, of\n%q", c.name, c.folder, c.hidden, c.line, hides, line, answer[2], c.text)
					}
				}
			}
			t.Logf("%d of %d paths hidden, %d wrong", hidden, len(cases), wrong)
			if hidden < len(cases)/10 || hidden > len(cases)*9/10 {
				t.Error("the rules are too strong or too weak to say anything")
			}
		})
	}
}

type gitCase struct {
	set, name, text string
	folder, hidden  bool
	line            int
}

// ruled makes a folder with random rules and says what we make of its paths.
func ruled(t *testing.T, r *rand.Rand, root, set string, fold bool) (out []gitCase) {
	t.Helper()
	var rows []string
	for range 1 + r.IntN(7) {
		rows = append(rows, randomPattern(r))
	}
	text := strings.Join(rows, []string{"\n", "\r\n"}[r.IntN(2)])
	rules, _ := Parse(text)
	if fold {
		rules, _ = ParseFolding(text)
	}
	ask := func(name string, folder bool) {
		c := gitCase{set: set, name: name, text: text, folder: folder}
		c.hidden, c.line = rules.Match(name, folder)
		out = append(out, c)
	}
	folders := []string{""}
	for range 8 { // a walk down, several times
		name := ""
		for range 1 + r.IntN(3) {
			name = strings.TrimPrefix(name+"/"+treeNames[r.IntN(len(treeNames))], "/")
			folders = append(folders, name)
			ask(name, true)
		}
		make700(t, filepath.Join(root, set, name))
	}
	for range 30 {
		name := strings.TrimPrefix(folders[r.IntN(len(folders))]+"/"+fileNames[r.IntN(len(fileNames))], "/")
		if info, err := os.Lstat(filepath.Join(root, set, name)); err != nil || !info.IsDir() {
			ask(name, false)
		}
	}
	if err := os.WriteFile(filepath.Join(root, set, ".gitignore"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return out
}

func make700(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(name, 0o700); err != nil {
		t.Fatal(err)
	}
}

// repository makes an empty one; without git the test is skipped.
func repository(t *testing.T, fold bool) string {
	t.Helper()
	root := t.TempDir()
	for _, args := range [][]string{{"init", "-q"}, {"config", "core.ignorecase", strconv.FormatBool(fold)}} {
		if out, err := git(root, args...).CombinedOutput(); err != nil {
			t.Skipf("no git to compare with: %v %s", err, out)
		}
	}
	return root
}

func git(root string, args ...string) *exec.Cmd {
	cmd := exec.Command("git", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	return cmd
}

func askGit(t *testing.T, root string, asked *bytes.Buffer) []string {
	t.Helper()
	cmd := git(root, "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n")
	cmd.Stdin = asked
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		t.Fatalf("git: %v: %s", err, problems.String())
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}
