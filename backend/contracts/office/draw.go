package office

import (
	"context"
	"encoding/hex"
	"errors"
	"math"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/seal"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// draw makes the picture that a design describes. Errors: errcode.GlyphMissing (character), errcode.SealTextTooLong, errcode.SealImageInvalid,
// errcode.InvalidArgument, and those of uploads.
func (o *Office) draw(ctx context.Context, r *v1.SealDesign) (SealKind, seal.Drawing, error) {
	kind := SealKind(r.GetKind())
	if !kind.known() {
		return 0, seal.Drawing{}, errcode.InvalidArgument
	}
	var d seal.Drawing
	if kind == Image {
		data, err := o.upload(ctx, r.UploadId, seal.MaxPicture, errcode.SealImageInvalid)
		if err != nil {
			return 0, d, err
		}
		d, err = seal.Trace(data, int(r.Threshold), r.WidthMm)
		switch {
		case errors.Is(err, seal.ErrPicture):
			return 0, d, errcode.With(errcode.SealImageInvalid, err)
		case err != nil:
			return 0, d, errcode.With(errcode.InvalidArgument, err)
		}
	} else {
		shape := map[SealKind]seal.Shape{Round: seal.Round, Oval: seal.Oval, Rectangle: seal.Rect, Personal: seal.Personal}[kind]
		design := seal.Design{Shape: shape, Ring: r.Text, Centre: r.Title, Foot: r.Number, Star: kind == Round, Millimetres: r.WidthMm}
		var err error
		if d, err = design.Draw(o.Fonts); err != nil {
			return 0, d, o.drawCode(err, r.Text+r.Title+r.Number)
		}
	}
	if r.Texture {
		d = d.Textured()
	}
	if len(d.PDF()) > seal.MaxContent {
		return 0, d, errcode.SealTextTooLong
	}
	return kind, d, nil
}

// drawCode gives errors of drawing a code, and names the character that no font has.
func (o *Office) drawCode(err error, text string) error {
	switch {
	case errors.Is(err, glyph.ErrMissing):
		for _, r := range text {
			if _, missing := o.Fonts.Glyph(r); missing != nil {
				return errcode.Of(errcode.GlyphMissing, "character", string(r))
			}
		}
		return errcode.With(errcode.GlyphMissing, err)
	case errors.Is(err, seal.ErrLong):
		return errcode.With(errcode.SealTextTooLong, err)
	case errors.Is(err, seal.ErrDesign):
		return errcode.With(errcode.InvalidArgument, err)
	}
	return err
}

// picture is a drawing for the screen.
func picture(d seal.Drawing) *v1.SealPicture {
	mm := func(points float64) float64 { return math.Round(points*25.4/72*100) / 100 }
	return &v1.SealPicture{Svg: string(d.SVG()), WidthMm: mm(d.Width), HeightMm: mm(d.Height)}
}

// personalSeal is one that is on this device alone.
type personalSeal struct {
	sealMade
	id        string
	workspace wire.SpaceID
	made      int64
}

// personalPrefix tells IDs of personal seals from those of registers.
const personalPrefix = "own_"

func (o *Office) makePersonal(ctx context.Context, workspace wire.SpaceID, name string, kind SealKind, d seal.Drawing) (personalSeal, error) {
	body, err := madeBody(name, kind, d)
	if err != nil {
		return personalSeal{}, err
	}
	s := personalSeal{sealMade: body, id: personalPrefix + hex.EncodeToString(wire.Random(16)), workspace: workspace, made: o.now().UnixMilli()}
	return s, o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO officelocal_seal VALUES(?, ?, ?, ?, ?, ?, ?, ?)`,
			s.id, workspace[:], body.Name, int64(kind), body.Content, body.Width, body.Height, s.made)
		return err
	})
}

// personal lists personal seals, the newest first.
func (o *Office) personal(ctx context.Context, workspace wire.SpaceID) (out []personalSeal, err error) {
	rows, err := o.DB.Read().QueryContext(ctx, `SELECT id, workspace, name, kind, content, width, height, made FROM officelocal_seal
		WHERE workspace = ? ORDER BY made DESC, id`, workspace[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s personalSeal
		var raw []byte
		var kind int
		if err := rows.Scan(&s.id, &raw, &s.Name, &kind, &s.Content, &s.Width, &s.Height, &s.made); err != nil {
			return nil, err
		}
		s.workspace, s.Kind = wire.SpaceID(raw), SealKind(kind)
		out = append(out, s)
	}
	return out, rows.Err()
}

// PersonalSeal gives the look of a personal seal: it needs no right, and is put in with the person's own key. Errors: errcode.NotFound.
func (o *Office) PersonalSeal(ctx context.Context, workspace wire.SpaceID, id string) (pades.Look, error) {
	all, err := o.personal(ctx, workspace)
	if err != nil {
		return pades.Look{}, err
	}
	for _, s := range all {
		if s.id != id {
			continue
		}
		d, err := (&sealState{sealMade: s.sealMade}).drawing()
		if err != nil {
			return pades.Look{}, errcode.With(errcode.NotFound, err)
		}
		return lookOf(d), nil
	}
	return pades.Look{}, errcode.NotFound
}

// endPersonal removes a personal seal from this device.
func (a API) endPersonal(ctx context.Context, r *v1.EndSealRequest) (*v1.Seal, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	all, err := o.personal(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.id != r.SealId {
			continue
		}
		err := o.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`DELETE FROM officelocal_seal WHERE id = ?`, s.id)
			return err
		})
		if err != nil {
			return nil, err
		}
		o.Publish("seals:" + id.String())
		m := s.message()
		m.CanUse, m.State, m.StateReason, m.StateUnixMs = false, Revoked, r.Reason, o.now().UnixMilli()
		return m, nil
	}
	return nil, errcode.NotFound
}
