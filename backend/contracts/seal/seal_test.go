package seal_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/seal"
)

func designs() map[string]seal.Design {
	return map[string]seal.Design{
		"round":    {Shape: seal.Round, Ring: "北京远山科技有限公司", Centre: "合同专用章", Foot: "1101080123456", Star: true},
		"long":     {Shape: seal.Round, Ring: "上海浦东青禾建筑设计咨询事务所（特殊普通合伙）", Star: true},
		"short":    {Shape: seal.Round, Ring: "远山", Centre: "财务"},
		"oval":     {Shape: seal.Oval, Ring: "Qinghe Architects Ltd", Centre: "CONTRACTS", Foot: "2026"},
		"rect":     {Shape: seal.Rect, Ring: "青禾建筑设计事务所", Centre: "收讫"},
		"personal": {Shape: seal.Personal, Ring: "李明之印"},
		"three":    {Shape: seal.Personal, Ring: "王小明", White: true},
	}
}

func TestSealsStayInTheirBox(t *testing.T) {
	fonts := glyph.System()
	if _, err := fonts.Glyph('章'); err != nil {
		t.Skipf("no Chinese font here: %v", err)
	}
	for name, d := range designs() {
		s, err := d.Draw(fonts)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b := s.Shape.Bounds()
		if b[0] < -0.01 || b[1] < -0.01 || b[2] > s.Width+0.01 || b[3] > s.Height+0.01 {
			t.Errorf("%s: %v in %f x %f", name, b, s.Width, s.Height)
		}
		if len(s.PDF()) < 100 || len(s.SVG()) < 100 {
			t.Errorf("%s is empty", name)
		}
		if dir := os.Getenv("SEALS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, name+".svg"), s.SVG(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestNoSuchSeal(t *testing.T) {
	for _, d := range []seal.Design{
		{}, {Shape: seal.Round}, {Shape: "triangle", Ring: "a"}, {Shape: seal.Personal, Ring: "很长很长很长的名字"},
		{Shape: seal.Round, Ring: "a", Millimetres: 500}, {Shape: seal.Round, Ring: "a", Millimetres: -1},
	} {
		if _, err := d.Draw(glyph.System()); !errors.Is(err, seal.ErrDesign) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	if _, err := (seal.Design{Shape: seal.Round, Ring: "远山"}).Draw(glyph.From()); !errors.Is(err, glyph.ErrMissing) {
		t.Error(err)
	}
}
