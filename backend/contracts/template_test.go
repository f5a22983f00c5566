package contracts

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// paperHere gives the feature the font that is shipped, where the screen's packages are installed.
func paperHere(t *testing.T, c *Contracts) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "frontend", "node_modules", "@expo-google-fonts", "noto-serif-sc", "400Regular", "NotoSerifSC_400Regular.ttf"))
	if err != nil {
		t.Skip("the screen's packages are not installed")
	}
	c.PaperFrom(func() ([]byte, error) { return data, nil })
}

func TestTemplates(t *testing.T) {
	folder := t.TempDir()
	c := shelf(t, folder)
	all, err := c.door().Templates(t.Context(), &v1.TemplatesRequest{Language: "zh"})
	if err != nil || len(all.Templates) != 8 || all.Templates[0].Title != "劳动合同" || all.Templates[0].Id != "starter:zh/labour" || len(all.Templates[0].Parties) != 2 {
		t.Fatal(all, err)
	}
	mine := all.Templates[0]
	mine.Title = "我们的劳动合同"
	saved, err := c.door().SaveTemplate(t.Context(), mine)
	if err != nil || saved.Kind != v1.TemplateKind_TEMPLATE_KIND_OWN || saved.Id == mine.Id || len(saved.Fields) != len(mine.Fields) {
		t.Fatal(saved, err)
	}
	saved.Markdown = "---\ntitle: x\n---\n{{what:ever}}"
	_, err = c.saveTemplate(t.Context(), saved)
	if code, params := errcode.From(err); code != errcode.TemplateInvalid || params["line"] != "4" {
		t.Error(err)
	}
	saved.Markdown = "{{甲}} {{sign:乙}}"
	if saved, err = c.saveTemplate(t.Context(), saved); err != nil || len(saved.Fields) != 1 {
		t.Fatal(err)
	}
	_ = c.DB.Close()
	c = shelf(t, folder)
	again, err := c.templates(t.Context(), "en")
	if err != nil || len(again) != 9 || again[0].Title != "我们的劳动合同" || again[1].Language != "en" {
		t.Fatal(again, err)
	}
	if err := c.deleteTemplate(t.Context(), "starter:zh/labour"); !errors.Is(err, errcode.Forbidden) {
		t.Error(err)
	}
	if _, err := c.door().DeleteTemplate(t.Context(), &v1.TemplateRequest{Id: saved.Id}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.template(t.Context(), saved.Id); !errors.Is(err, errcode.NotFound) {
		t.Error(err)
	}
}

// From a template to a draft that could be sent but for its people.
func TestRenderTemplate(t *testing.T) {
	c := shelf(t, t.TempDir())
	if _, err := c.renderTemplate(t.Context(), &v1.RenderTemplateRequest{Id: "starter:zh/purchase"}); !errors.Is(err, errcode.NotReady) {
		t.Errorf("without a font: %v", err)
	}
	paperHere(t, c)
	made, err := c.door().RenderTemplate(t.Context(), &v1.RenderTemplateRequest{Id: "starter:zh/purchase", Title: "采购：2026/7", Values: map[string]string{"买方": "上海远山科技有限公司"}})
	if err != nil {
		t.Fatal(err)
	}
	if made.Upload.Name != "采购：2026_7.pdf" || made.Pages < 2 || len(made.Fields) != 6 || strings.Join(made.Parties, " ") != "甲方 乙方" {
		t.Fatal(made)
	}
	for _, f := range made.Fields {
		f.Party++
	}
	d, err := c.door().CreateDraft(t.Context(), &v1.CreateDraftRequest{
		WorkspaceId: wire.SpaceID(wire.Random(32)).String(), UploadId: made.Upload.UploadId, Fields: made.Fields,
		Parties: []*v1.Party{{Id: 1, Role: v1.PartyRole_PARTY_ROLE_SIGNER, PersonId: wire.PersonID(wire.Random(32)).String()}, {Id: 2, Role: v1.PartyRole_PARTY_ROLE_SIGNER, External: true, Name: "王五"}},
	})
	if err != nil || len(d.Problems) > 0 || d.Pages != made.Pages {
		t.Fatal(d.GetProblems(), err)
	}
	_, err = c.renderTemplate(t.Context(), &v1.RenderTemplateRequest{Markdown: "字：\U0010fffd"})
	if code, _ := errcode.From(err); code != errcode.TemplateInvalid {
		t.Error(err)
	}
	_, err = c.renderTemplate(t.Context(), &v1.RenderTemplateRequest{Markdown: "{{a}}", Values: map[string]string{"a": "\u0378"}})
	if code, params := errcode.From(err); code != errcode.GlyphMissing || params["character"] != "\u0378" {
		t.Error(err)
	}
	// Who looks at a template while writing does not fill the shelf.
	var first, last string
	for i := range maxRendered + 3 {
		made, err := c.renderTemplate(t.Context(), &v1.RenderTemplateRequest{Markdown: "正文"})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = made.Upload.UploadId
		}
		last = made.Upload.UploadId
	}
	if _, err := c.upload(t.Context(), first); !errors.Is(err, errcode.NotFound) {
		t.Error(err)
	}
	if _, _, err := c.uploaded(t.Context(), last); err != nil {
		t.Error(err)
	}
}
