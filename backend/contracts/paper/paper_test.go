package paper_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/gofont/goregular"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/paper"
)

// chinese is the font that is shipped, where the screen's packages are installed.
func chinese(t *testing.T) *paper.Font {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "frontend", "node_modules", "@expo-google-fonts", "noto-serif-sc", "400Regular", "NotoSerifSC_400Regular.ttf"))
	if err != nil {
		t.Skip("the screen's packages are not installed")
	}
	f, err := paper.OpenFont(data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func latin(t *testing.T) *paper.Font {
	t.Helper()
	f, err := paper.OpenFont(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const sample = `---
title: 保密协议
summary: 双方交换资料时用
field: 披露方 | text | required | 披露方名称
field: 期限 | choice | optional | 保密期限 | 一年 / 三年
field: 备注 | multiline
---
# 保密协议

披露方：**{{披露方}}**，接收方：{{接收方}}。保密期限为{{期限}}，自本协议签订之日起计算；期满以后，仍然属于商业秘密的，接收方应当继续保密，
直到它成为公众知悉的信息为止。

## 第一条 定义

1. 保密信息是指披露方向接收方提供的、没有公开的技术信息和经营信息，无论以何种形式。
2. 例外：
   - 已经公开的；
   - *接收方*独立开发的。

| 项目 | 金额（元） |
|---|---:|
| 设备 | 12,500.00 |
| 备注 | {{备注}} |

> 引用一段。

| | |
|---|---|
| 甲方（盖章）：{{seal:甲方}} | 乙方（盖章）：{{seal:乙方}} |
| 签字：{{sign:甲方}} | 签字：{{sign:乙方}} |
| 日期：{{date:甲方}} | 日期：{{date:乙方}} |
`

func TestParse(t *testing.T) {
	p, err := paper.Parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	if p.Title != "保密协议" || len(p.Fields) != 4 || p.Fields[0].Label != "披露方名称" || !p.Fields[0].Required || p.Fields[3].Name != "接收方" || !slices.Equal(p.Parties, []string{"甲方", "乙方"}) {
		t.Errorf("%+v", p)
	}
	for text, line := range map[string]int{
		"---\ntitle: a": 2, "---\nfield: a | colour\n---\n": 2, "---\nfield: a | choice\n---\n": 2, "---\nfield: a\nfield: a\n---": 3, "---\nwhat: a\n---": 2,
		"a\n{{stamp:甲}}": 2, "{{}}": 1, "---\ntitle: x\n---\n\n{{sign:}}": 5, "\xff": 0, "a\n\U000f0001": 2, strings.Repeat("a", 300<<10): 0,
	} {
		var e *paper.Error
		if _, err := paper.Parse(text); !errors.As(err, &e) || e.Line != line {
			t.Errorf("%.30q: %v", text, err)
		}
	}
}

func tool(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	out, err := exec.CommandContext(t.Context(), name, arguments...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func kept(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "paper.pdf")
	if dir := os.Getenv("PAPER_KEEP"); dir != "" {
		path = filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "_")+".pdf")
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A template becomes a sound PDF whose text is found, with its font in it, and a rare character as an outline.
func TestRender(t *testing.T) {
	p, err := paper.Parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.Render(map[string]string{"披露方": "上海𠮷野科技有限公司", "期限": "三年", "备注": "两行\n# 不是标题 | 也不是表"}, paper.Options{
		Title: "保密协议", Language: "zh", Font: chinese(t), Fallback: glyph.System(), At: time.Now(),
	})
	if errors.Is(err, glyph.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	path := kept(t, d.PDF)
	tool(t, "qpdf", "--check", path)
	if out := tool(t, "mutool", "draw", "-q", "-r", "36", "-o", filepath.Join(t.TempDir(), "%d.png"), path); strings.Contains(out, "error") || strings.Contains(out, "warning: ") && !strings.Contains(out, "ICC") {
		t.Error(out)
	}
	text := strings.Join(strings.Fields(tool(t, "pdftotext", path, "-")), "")
	for _, want := range []string{"保密协议", "上海𠮷野科技有限公司", "接收方：________。", "第一条定义", "12,500.00", "#不是标题|也不是表", "第1页共1页", "引用一段"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not found in\n%s", want, text)
		}
	}
	if out := tool(t, "pdffonts", path); !strings.Contains(out, "+NotoSerifSC-Regular") || !strings.Contains(out, "yes yes yes") || !strings.Contains(out, "Type 3") {
		t.Error(out)
	}
	if d.Pages != 1 || len(d.Blocks) != 6 || len(d.PDF) > 200_000 {
		t.Errorf("%d pages, %d blocks, %d bytes", d.Pages, len(d.Blocks), len(d.PDF))
	}
	for _, b := range d.Blocks {
		if b.X < 70 || b.X+b.Width > 526 || b.Y < 70 || b.Y+b.Height > 772 || b.Page != 1 || (b.Party == 0) != (b.X < 290) {
			t.Errorf("%+v", b)
		}
	}
}

// Many pages, and tables over them.
func TestLong(t *testing.T) {
	var b strings.Builder
	for range 200 {
		b.WriteString("## Clause\n\nThe seller delivers the goods on time, and the buyer pays for them within thirty days after the invoice has come.\n\n")
	}
	b.WriteString("| a | b |\n|---|---|\n" + strings.Repeat("| x | y |\n", 100))
	p, err := paper.Parse(b.String())
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.Render(nil, paper.Options{Title: "Long", Language: "en", Font: latin(t), At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	path := kept(t, d.PDF)
	tool(t, "qpdf", "--check", path)
	if out := tool(t, "pdftotext", path, "-"); strings.Count(out, "invoice") != 200 || !strings.Contains(out, "1 / ") || d.Pages < 10 {
		t.Errorf("%d pages", d.Pages)
	}
}

func TestRefused(t *testing.T) {
	font := latin(t)
	render := func(text string, values map[string]string) error {
		p, err := paper.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Render(values, paper.Options{Language: "en", Font: font})
		return err
	}
	var missing *glyph.Missing
	if err := render("{{a}}", map[string]string{"a": "䶮"}); !errors.As(err, &missing) || missing.Character != '䶮' || !errors.Is(err, glyph.ErrMissing) {
		t.Error(err)
	}
	var e *paper.Error
	for name, text := range map[string]string{
		"pages": strings.Repeat("a\n\n", 20_000), "depth": strings.Repeat("> ", 60) + "a", "columns": strings.Repeat("|a", 30) + "|\n" + strings.Repeat("|-", 30) + "|\n",
	} {
		if err := render(text, nil); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := render("{{a}}", map[string]string{"a": strings.Repeat("a", 5000)}); !errors.As(err, &e) {
		t.Error(err)
	}
	for _, bad := range [][]byte{nil, []byte("OTTO"), goregular.TTF[:5000], bytes.Repeat([]byte{0, 1, 0, 0}, 100)} {
		if _, err := paper.OpenFont(bad); !errors.Is(err, paper.ErrFont) {
			t.Errorf("%.8q: %v", bad, err)
		}
	}
}

// Every starter can be read and set, names its parties, and says that it is no legal advice. Titles, summaries and fields are those of a screen.
func TestStarters(t *testing.T) {
	for _, language := range []string{"zh", "en"} {
		all := paper.Starters(language)
		if len(all) != 8 {
			t.Fatalf("%s: %d starters", language, len(all))
		}
		for _, s := range all {
			t.Run(s.ID, func(t *testing.T) {
				p, err := paper.Parse(s.Source)
				if err != nil {
					t.Fatal(err)
				}
				if p.Title == "" || p.Summary == "" || len(p.Parties) < 2 || !strings.Contains(s.Source, map[string]string{"zh": "不构成法律意见", "en": "no legal advice"}[language]) {
					t.Errorf("%+v", p)
				}
				// What the header names is used, and the other way round.
				for _, f := range p.Fields {
					if !strings.Contains(s.Source, "{{"+f.Name+"}}") || !strings.Contains(s.Source, "field: "+f.Name+" |") {
						t.Errorf("field %q", f.Name)
					}
				}
				d, err := p.Render(nil, paper.Options{Title: p.Title, Language: language, Font: chinese(t), At: time.Now()})
				if err != nil {
					t.Fatal(err)
				}
				signs := map[int]bool{}
				for _, b := range d.Blocks {
					signs[b.Party] = signs[b.Party] || b.Kind == paper.Sign || b.Kind == paper.Seal
				}
				if len(signs) != len(p.Parties) || d.Pages > 8 {
					t.Errorf("%d pages, %v of %v sign", d.Pages, signs, p.Parties)
				}
				path := kept(t, d.PDF)
				tool(t, "qpdf", "--check", path)
			})
		}
	}
	for _, bad := range []string{"zh/nothing", "../zh/labour", "zh/../en/labour", "fr/labour", "labour", ""} {
		if _, err := paper.StarterByID(bad); err == nil {
			t.Errorf("%q is there", bad)
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add(sample, "value")
	f.Add("# a\n\n- b\n  1. c\n\n***\n\n```\ncode\n```\n<b>x</b>\n\n![p](q) <http://a.b> `c` &amp; \\*", "{{a}}")
	font, err := paper.OpenFont(goregular.TTF)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		if len(text) > 4000 || len(value) > 400 {
			return
		}
		p, err := paper.Parse(text)
		if err != nil {
			return
		}
		values := map[string]string{}
		for _, one := range p.Fields {
			values[one.Name] = value
		}
		d, err := p.Render(values, paper.Options{Language: "zh", Font: font})
		if err != nil {
			return
		}
		for _, b := range d.Blocks {
			if b.Page < 1 || b.Page > d.Pages || b.Party >= len(p.Parties) || b.Width <= 0 || b.Height <= 0 {
				t.Fatalf("%+v", b)
			}
		}
	})
}

func FuzzFont(f *testing.F) {
	f.Add(goregular.TTF[:20_000], "abc")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		font, err := paper.OpenFont(data)
		if err != nil || len(text) > 200 {
			return
		}
		if p, err := paper.Parse(text); err == nil {
			_, _ = p.Render(nil, paper.Options{Language: "en", Font: font})
		}
	})
}
