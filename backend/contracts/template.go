package contracts

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/paper"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// starterPrefix begins the IDs of templates that come with the program.
	starterPrefix = "starter:"
	// maxTemplates bounds one's own.
	maxTemplates = 500
	// maxRendered bounds the uploads that rendering leaves: each look at a template makes one.
	maxRendered = 20
	maxSummary  = 160
)

// PaperFrom says where the font of documents comes from that are made of templates: a TrueType file. It is called once, before
// the door opens.
func (c *Contracts) PaperFrom(font func() ([]byte, error)) { c.documents.font = font }

// readTemplate gives what the Markdown of a template says.
func readTemplate(t *v1.Template) (*paper.Template, error) {
	p, err := paper.Parse(t.Markdown)
	if err != nil {
		return nil, templateError(err)
	}
	if t.Title == "" {
		t.Title = p.Title
	}
	if t.Summary == "" {
		t.Summary = p.Summary
	}
	t.Parties, t.Fields = p.Parties, nil
	for _, f := range p.Fields {
		t.Fields = append(t.Fields, &v1.TemplateField{Name: f.Name, Label: f.Label, Type: f.Type, Required: f.Required, Choices: f.Choices})
	}
	return p, nil
}

// templateError gives errors of package paper their codes.
func templateError(err error) error {
	var wrong *paper.Error
	if errors.As(err, &wrong) {
		return &errcode.Error{Code: errcode.TemplateInvalid, Params: map[string]string{"line": strconv.Itoa(max(1, wrong.Line))}, Cause: err}
	}
	return signError(err) // a character that no font has
}

func starter(s paper.Starter) (*v1.Template, error) {
	t := &v1.Template{Id: starterPrefix + s.ID, Kind: v1.TemplateKind_TEMPLATE_KIND_STARTER, Language: s.Language, Markdown: s.Source}
	_, err := readTemplate(t)
	return t, err
}

// templates gives one's own, the latest first, and then those that come with the program in a language.
func (c *Contracts) templates(ctx context.Context, language string) (out []*v1.Template, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT id, language, title, summary, markdown FROM contractslocal_template ORDER BY changed DESC`)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		t := &v1.Template{Kind: v1.TemplateKind_TEMPLATE_KIND_OWN}
		if err := rows.Scan(&t.Id, &t.Language, &t.Title, &t.Summary, &t.Markdown); err != nil {
			return nil, store.Classify(err)
		}
		if _, err := readTemplate(t); err != nil {
			c.Slog.WarnContext(ctx, "template cannot be read any more", "err", err) // it is shown, so that it can be mended
		}
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, store.Classify(err)
	}
	if language != "zh" {
		language = "en"
	}
	for _, s := range paper.Starters(language) {
		t, err := starter(s)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// template gives one by its ID. Errors: errcode.NotFound.
func (c *Contracts) template(ctx context.Context, id string) (*v1.Template, error) {
	if name, is := strings.CutPrefix(id, starterPrefix); is {
		s, err := paper.StarterByID(name)
		if err != nil {
			return nil, errcode.With(errcode.NotFound, err)
		}
		return starter(s)
	}
	t := &v1.Template{Kind: v1.TemplateKind_TEMPLATE_KIND_OWN}
	err := c.DB.Read().QueryRowContext(ctx, `SELECT id, language, title, summary, markdown FROM contractslocal_template WHERE id = ?`, id).
		Scan(&t.Id, &t.Language, &t.Title, &t.Summary, &t.Markdown)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errcode.NotFound
	}
	if err != nil {
		return nil, store.Classify(err)
	}
	_, err = readTemplate(t)
	return t, err
}

// saveTemplate keeps one of one's own. One that comes with the program becomes a new one. Errors: errcode.TemplateInvalid (line),
// errcode.NameEmpty (no title), errcode.FieldTooLong (max), errcode.NotFound, errcode.RequestLimit.
func (c *Contracts) saveTemplate(ctx context.Context, said *v1.Template) (*v1.Template, error) {
	t := &v1.Template{
		Id: said.Id, Kind: v1.TemplateKind_TEMPLATE_KIND_OWN, Language: said.Language, Title: said.Title, Summary: said.Summary, Markdown: said.Markdown,
	}
	if _, err := readTemplate(t); err != nil {
		return nil, err
	}
	if err := errors.Join(cleanLines(maxTitle, &t.Title), cleanLines(maxSummary, &t.Summary)); err != nil {
		return nil, err
	}
	if t.Title == "" {
		return nil, errcode.NameEmpty
	}
	if t.Language != "zh" {
		t.Language = "en"
	}
	fresh := t.Id == "" || strings.HasPrefix(t.Id, starterPrefix)
	if fresh {
		t.Id = "tpl_" + hex.EncodeToString(wire.Random(10))
	}
	now := c.Clock.Now().UnixMilli()
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		if !fresh {
			res, err := tx.Exec(`UPDATE contractslocal_template SET changed = ?, language = ?, title = ?, summary = ?, markdown = ? WHERE id = ?`,
				now, t.Language, t.Title, t.Summary, t.Markdown, t.Id)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 {
				return errors.Join(err, errcode.NotFound)
			}
			return nil
		}
		var count int
		if err := tx.QueryRow(`SELECT count(*) FROM contractslocal_template`).Scan(&count); err != nil {
			return err
		}
		if count >= maxTemplates {
			return errcode.RequestLimit
		}
		_, err := tx.Exec(`INSERT INTO contractslocal_template VALUES(?, ?, ?, ?, ?, ?)`, t.Id, now, t.Language, t.Title, t.Summary, t.Markdown)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.Publish("contract_templates")
	return t, nil
}

// deleteTemplate takes one of one's own away. Errors: errcode.Forbidden for one that comes with the program.
func (c *Contracts) deleteTemplate(ctx context.Context, id string) error {
	if strings.HasPrefix(id, starterPrefix) {
		return errcode.Forbidden
	}
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM contractslocal_template WHERE id = ?`, id)
		return err
	})
	if err == nil {
		c.Publish("contract_templates")
	}
	return err
}

// renderTemplate makes the PDF of a template, as an upload. Errors: errcode.NotFound, errcode.TemplateInvalid (line),
// errcode.GlyphMissing (character), errcode.NotReady (this build has no font), those of takeUpload.
func (c *Contracts) renderTemplate(ctx context.Context, r *v1.RenderTemplateRequest) (*v1.RenderTemplateResponse, error) {
	t := &v1.Template{Markdown: r.Markdown, Language: "zh"}
	if r.Id != "" {
		var err error
		if t, err = c.template(ctx, r.Id); err != nil && r.Markdown == "" {
			return nil, err
		}
		if t == nil {
			t = &v1.Template{Language: "zh"}
		}
		if r.Markdown != "" {
			t.Markdown, t.Title = r.Markdown, ""
		}
	}
	p, err := readTemplate(t)
	if err != nil {
		return nil, err
	}
	title := r.Title
	if title == "" {
		title = t.Title
	}
	if err := cleanLines(maxTitle, &title); err != nil {
		return nil, err
	}
	font, err := c.paperFont()
	if err != nil {
		return nil, err
	}
	d, err := p.Render(r.Values, paper.Options{Title: title, Language: t.Language, Font: font, Fallback: c.Fonts, At: c.Clock.Now()})
	if err != nil {
		return nil, templateError(err)
	}
	u, err := c.takeUpload(ctx, fileNameOf(title), int64(len(d.PDF)), bytes.NewReader(d.PDF))
	if err != nil {
		return nil, err
	}
	c.forgetRendered(ctx, u.ID)
	out := &v1.RenderTemplateResponse{Upload: u.message(), Pages: int32(d.Pages), Parties: p.Parties}
	for i, b := range d.Blocks {
		out.Fields = append(out.Fields, &v1.ContractField{
			Id: "t" + hex.EncodeToString([]byte{byte(i >> 8), byte(i)}), Type: fieldTypes[b.Kind], Party: int32(b.Party), Page: int32(b.Page),
			X: b.X, Y: b.Y, Width: b.Width, Height: b.Height, Label: p.Parties[b.Party], Required: true,
		})
	}
	return out, nil
}

var fieldTypes = map[paper.BlockKind]v1.FieldType{
	paper.Sign: v1.FieldType_FIELD_TYPE_SIGNATURE, paper.Seal: v1.FieldType_FIELD_TYPE_SEAL, paper.Date: v1.FieldType_FIELD_TYPE_DATE,
	paper.Initials: v1.FieldType_FIELD_TYPE_INITIALS, paper.Name: v1.FieldType_FIELD_TYPE_NAME,
}

// fileNameOf makes a name of a file of a title.
func fileNameOf(title string) string {
	clean := strings.TrimSpace(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, title))
	if clean == "" {
		clean = "document"
	}
	return clip(clean, maxFileName-4) + ".pdf"
}

// paperFont opens the font. It is read anew each time: fifteen megabytes are too many to hold for a rare deed.
func (c *Contracts) paperFont() (*paper.Font, error) {
	if c.documents.font == nil {
		return nil, errcode.NotReady
	}
	data, err := c.documents.font()
	if err != nil {
		return nil, errcode.With(errcode.NotReady, err)
	}
	return paper.OpenFont(data)
}

// forgetRendered drops the oldest uploads of rendering: who looks at a template while writing makes many. One that became a
// draft is none any more.
func (c *Contracts) forgetRendered(ctx context.Context, id string) {
	d := &c.documents
	d.mu.Lock()
	d.rendered = append(d.rendered, id)
	var old []string
	if n := len(d.rendered) - maxRendered; n > 0 {
		old, d.rendered = d.rendered[:n], slices.Clone(d.rendered[n:])
	}
	d.mu.Unlock()
	for _, one := range old {
		if err := c.dropUpload(ctx, one); err != nil {
			c.Slog.WarnContext(ctx, "upload not dropped", "err", err)
		}
	}
}
