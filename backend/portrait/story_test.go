package portrait_test

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"testing"

	"roundtable/backend/errcode"
	"roundtable/backend/portrait"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

func of(d *testspace.Desk) *portrait.Portraits {
	return portrait.New(portrait.Deps{Log: d.Log, DB: d.DB, Me: d.Person()})
}

// A picture reaches colleagues, changes, and goes; nobody else gets it.
func TestColleaguesSeeIt(t *testing.T) {
	o := testspace.New(t, 1)
	ctx := context.Background()
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	li, wang := o.As("li"), o.As("wang")
	marks := func(d *testspace.Desk) map[wire.PersonID]string {
		all, err := of(d).Marks(ctx, o.Workspace, []wire.PersonID{li.Person(), wang.Person()})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if err := of(li).Set(ctx, o.Workspace, picture(160, 40)); err != nil {
		t.Fatal(err)
	}
	o.Eventually("wang sees the picture", func() bool { return marks(wang)[li.Person()] != "" })
	first := marks(wang)
	drawn, mark, err := of(wang).Picture(ctx, o.Workspace, li.Person())
	if err != nil || mark != first[li.Person()] || len(first) != 1 {
		t.Fatalf("picture %q, marks %v, %v", mark, first, err)
	}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(drawn)); err != nil || c.Width != 160 {
		t.Errorf("%d pixels, %v", c.Width, err)
	}
	if err := of(li).Set(ctx, o.Workspace, picture(64, 200)); err != nil {
		t.Fatal(err)
	}
	o.Eventually("wang sees the other one", func() bool { m := marks(wang)[li.Person()]; return m != "" && m != mark })
	if err := of(li).Set(ctx, o.Workspace, nil); err != nil {
		t.Fatal(err)
	}
	o.Eventually("wang sees none", func() bool { return len(marks(wang)) == 0 })
	if _, _, err := of(wang).Picture(ctx, o.Workspace, li.Person()); !errors.Is(err, errcode.NotFound) {
		t.Errorf("a picture that was taken away: %v", err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	o := testspace.New(t, 2)
	ctx := context.Background()
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	li := o.As("li")
	group := li.Group("采购", "wang")
	for name, c := range map[string]struct {
		space wire.SpaceID
		raw   []byte
		code  errcode.Code
	}{
		"not square":      {o.Workspace, []byte("<svg/>"), errcode.PictureInvalid},
		"too large":       {o.Workspace, picture(161, 3), errcode.PictureInvalid},
		"nowhere":         {wire.SpaceID{1}, picture(16, 3), errcode.NotFound},
		"in a group":      {group, picture(16, 3), errcode.NotFound},
		"a megabyte more": {o.Workspace, append(picture(16, 3), make([]byte, 1<<20)...), errcode.PictureTooLarge},
	} {
		if err := of(li).Set(ctx, c.space, c.raw); !errors.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if _, err := of(li).Marks(ctx, o.Workspace, make([]wire.PersonID, 501)); !errors.Is(err, errcode.InvalidArgument) {
		t.Errorf("501 people: %v", err)
	}
	o.Removes("li", "wang")
	o.Eventually("wang is out", func() bool {
		err := of(o.As("wang")).Set(ctx, o.Workspace, picture(16, 3))
		return errors.Is(err, errcode.NotMember)
	})
}
