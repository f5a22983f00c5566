package paper

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"roundtable/backend/contracts/glyph"
)

// Options say how a document is made.
type Options struct {
	Title string
	// Language is "zh" or "en": how pages are counted, and whether paragraphs are indented.
	Language string
	// Font is embedded; Fallback draws what it has not, and may be nil.
	Font     *Font
	Fallback *glyph.Fonts
	At       time.Time
}

// Document is what was made.
type Document struct {
	PDF    []byte
	Pages  int
	Blocks []Block
}

// renderer walks over Markdown and sets it.
type renderer struct {
	*sheets
	t      *Template
	values map[string]string
	source []byte
	indent bool
}

// Render makes the document of a template with values, by the names of fields. Errors: *Error, *glyph.Missing, ErrFont.
func (t *Template) Render(values map[string]string, o Options) (*Document, error) {
	for name, v := range values {
		if utf8.RuneCountInString(v) > maxValue || !utf8.ValidString(v) {
			return nil, &Error{0, fmt.Sprintf("the value of %q", name)}
		}
	}
	r := &renderer{sheets: &sheets{ink: newInk(o.Font, o.Fallback)}, t: t, values: values, source: []byte(t.body), indent: o.Language == "zh"}
	if err := r.next(); err != nil {
		return nil, err
	}
	root := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(r.source))
	if err := r.blocks(root, style{size: bodySize, leading: 1.75}, 0); err != nil {
		return nil, err
	}
	format := "%d / %d"
	if o.Language == "zh" {
		format = "第 %d 页 共 %d 页"
	}
	if err := r.footers(format); err != nil {
		return nil, err
	}
	data, err := r.document(o.Title, o.Language, o.At)
	if err != nil {
		return nil, err
	}
	return &Document{data, len(r.pages), r.sheets.blocks}, nil
}

// blocks sets the children of a node one below the other.
func (r *renderer) blocks(n ast.Node, st style, depth int) error {
	if depth > maxDepth {
		return &Error{0, "nested too deep"}
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if err := r.block(c, st, depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *renderer) block(n ast.Node, st style, depth int) error {
	st.before, st.after = 0, 4
	switch n := n.(type) {
	case *ast.Heading:
		return r.heading(n, st)
	case *ast.Paragraph, *ast.TextBlock:
		atoms := joined(r.inline(n, false))
		if r.indent && depth == 0 && len(atoms) > 0 && atoms[0].block == nil {
			atoms = append([]atom{{r: '\u3000'}, {r: '\u3000'}}, atoms...)
		}
		return r.paragraph(atoms, st)
	case *ast.List:
		return r.list(n, st, depth)
	case *ast.Blockquote:
		st.left, st.size, st.leading = st.left+22, min(st.size, 9), 1.4 // remarks beside the text
		return r.blocks(n, st, depth+1)
	case *ast.ThematicBreak:
		if err := r.room(14); err != nil {
			return err
		}
		r.rule(margin+st.left, r.y+7, pageWidth-2*margin-st.left)
		r.y += 14
		return nil
	case *east.Table:
		return r.table(n, st)
	}
	return r.literal(n, st)
}

// literal sets code and HTML as it stands.
func (r *renderer) literal(n ast.Node, st style) error {
	if n.Type() != ast.TypeBlock {
		return nil
	}
	var b strings.Builder
	for i := range n.Lines().Len() {
		s := n.Lines().At(i)
		b.Write(s.Value(r.source))
	}
	return r.paragraph(joined(r.text(strings.TrimRight(b.String(), "\n"), false)), st)
}

func (r *renderer) heading(n *ast.Heading, st style) error {
	atoms := joined(r.inline(n, true))
	switch n.Level {
	case 1:
		st.size, st.centred, st.before, st.after = 18, true, 6, 14
	case 2:
		st.size, st.before, st.after = 13, 10, 4
	default:
		st.size, st.before, st.after = 11.5, 6, 3
	}
	st.leading, st.keep = 1.5, 2*bodySize*1.75
	return r.paragraph(atoms, st)
}

// list sets items with their numbers or dots before them.
func (r *renderer) list(n *ast.List, st style, depth int) error {
	number := n.Start
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		marker := "•"
		if n.IsOrdered() {
			marker = fmt.Sprintf("%d%c", number, n.Marker)
			number++
		}
		inner := st
		inner.left += 24
		if err := r.room(st.size * st.leading); err != nil {
			return err
		}
		var atoms []atom
		for _, m := range marker {
			atoms = append(atoms, atom{r: m})
		}
		p, err := r.cut(atoms, st.size, st.leading, 60)
		if err != nil {
			return err
		}
		r.line(p, 0, margin+st.left+4, r.y, false)
		before := r.y
		if err := r.blocks(c, inner, depth+1); err != nil {
			return err
		}
		if r.y == before { // an empty item
			r.y += st.size * st.leading
		}
	}
	return nil
}
