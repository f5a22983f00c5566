package chat

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"

	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/name"
	"roundtable/backend/picture"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// GroupDescribed says what a group is about.
	GroupDescribed event.Kind = "chat.group_described"
	// GroupPictured gives a group a picture, or takes it away.
	GroupPictured event.Kind = "chat.group_pictured"

	// maxTopic bounds what a group is about, in characters.
	maxTopic = 500
	// maxWords and maxPictures bound the rows of one person: the last names, topics
	// and pictures that it gave a group.
	maxWords    = 16
	maxPictures = 4
)

// groupPicture are the bounds of a group's picture.
var groupPicture = picture.Limits{Bytes: 64 << 10, Sent: 1 << 20, Smallest: 16, Largest: 512}

// What is said of a group; the last word of who may counts.
const (
	aboutName = iota + 1
	aboutTopic
	aboutPicture
)

type groupDescribed struct {
	Topic string `cbor:"1,keyasint,omitempty"`
}

type groupPictured struct {
	// Picture is a PNG or JPEG (groupPicture), empty for none.
	Picture []byte `cbor:"1,keyasint,omitempty"`
}

func (p *Projection) named(tx *projection.Tx, e eventlog.Event) error {
	var body groupNamed
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	if clean, err := name.Check(body.Name, wire.MaxName); err != nil || clean != body.Name {
		return nil //nolint:nilerr // as above
	}
	return p.word(tx, e, aboutName, []byte(body.Name), maxWords)
}

func (p *Projection) described(tx *projection.Tx, e eventlog.Event) error {
	var body groupDescribed
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil {
		return nil //nolint:nilerr // as above
	}
	if clean, err := checkTopic(body.Topic); err != nil || clean != body.Topic {
		return nil //nolint:nilerr // as above
	}
	return p.word(tx, e, aboutTopic, []byte(body.Topic), maxWords)
}

func (p *Projection) pictured(tx *projection.Tx, e eventlog.Event) error {
	var body groupPictured
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || len(body.Picture) > 0 && groupPicture.Check(body.Picture) != nil {
		return nil //nolint:nilerr // as above
	}
	return p.word(tx, e, aboutPicture, body.Picture, maxPictures)
}

// word keeps what somebody says of a group. Whether they may is asked when it is used.
func (p *Projection) word(tx *projection.Tx, e eventlog.Event, about int, value []byte, most int) error {
	if value == nil {
		value = []byte{}
	}
	if _, err := tx.Exec(`INSERT OR IGNORE INTO chat_word VALUES(?, ?, ?, ?, ?, ?, ?)`,
		e.Space[:], about, e.Person[:], int64(e.Stamp), e.Feed.Device[:], int64(e.Seq), value); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM chat_word WHERE space = ?1 AND about = ?2 AND person = ?3 AND (stamp, device, seq) IN
		(SELECT stamp, device, seq FROM chat_word WHERE space = ?1 AND about = ?2 AND person = ?3 ORDER BY stamp DESC, device DESC, seq DESC LIMIT -1 OFFSET ?4)`,
		e.Space[:], about, e.Person[:], most); err != nil {
		return err
	}
	return p.settle(tx, e.Space)
}

// settle works out, once at the end of a write, what a group is called, is about and looks like.
func (p *Projection) settle(tx *projection.Tx, id wire.SpaceID) error {
	tx.Once("face of "+id.String(), func() error {
		tx.Changed("chat", topic(id))
		_, err := tx.Exec(`DELETE FROM chat_naming WHERE space = ?`, id[:])
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO chat_naming SELECT space, stamp, device, seq, CAST(value AS TEXT) FROM (`+wordOf+`)`, id[:], aboutName); err != nil {
			return err
		}
		subject, err := spoken(tx, id, aboutTopic)
		if err != nil {
			return err
		}
		drawn, err := spoken(tx, id, aboutPicture)
		if err != nil {
			return err
		}
		if len(subject)+len(drawn) == 0 {
			_, err = tx.Exec(`DELETE FROM chat_face WHERE space = ?`, id[:])
			return err
		}
		_, err = tx.Exec(`INSERT OR REPLACE INTO chat_face VALUES(?, ?, ?, ?)`, id[:], string(subject), pictureName(drawn), drawn)
		return err
	})
	return nil
}

// wordOf is the last word about a group by somebody who might say it then.
var wordOf = `SELECT w.space, w.stamp, w.device, w.seq, w.value FROM chat_word w WHERE w.space = ? AND w.about = ?
	AND (w.person IN (SELECT person FROM chat_admin WHERE space = w.space) OR ` + ruledAt("describes", "w.space", "w.stamp") + ` = 0)
	ORDER BY w.stamp DESC, w.device DESC, w.seq DESC LIMIT 1`

func spoken(tx *projection.Tx, id wire.SpaceID, about int) (value []byte, err error) {
	err = tx.QueryRow(`SELECT value FROM (`+wordOf+`)`, id[:], about).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if value == nil {
		value = []byte{}
	}
	return value, err
}

// pictureName names a picture by its bytes; "" for none.
func pictureName(drawn []byte) string {
	if len(drawn) == 0 {
		return ""
	}
	sum := key.Hash("roundtable group picture v1", drawn)
	return hex.EncodeToString(sum[:8])
}

// checkTopic gives a topic as it is kept. Errors: errcode.FieldTooLong (max), errcode.NameInvalid.
func checkTopic(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	clean, err := name.Check(text, maxTopic)
	switch {
	case errors.Is(err, errcode.NameEmpty):
		return "", nil
	case errors.Is(err, errcode.NameTooLong):
		return "", errcode.Of(errcode.FieldTooLong, "max", maxTopic)
	}
	return clean, err
}

// face is what a group is about, and the name of its picture.
func (c *Chat) face(ctx context.Context, id wire.SpaceID) (subject, mark string, err error) {
	err = c.DB.Read().QueryRowContext(ctx, `SELECT topic, mark FROM chat_face WHERE space = ?`, id[:]).Scan(&subject, &mark)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return subject, mark, store.Classify(err)
}

// Picture is the picture of a group, drawn anew from what came: a page never gets
// bytes that a colleague chose. Errors: errcode.NotFound.
func (c *Chat) Picture(ctx context.Context, id wire.SpaceID) (drawn []byte, media string, err error) {
	var raw []byte
	err = c.DB.Read().QueryRowContext(ctx, `SELECT picture FROM chat_face WHERE space = ?`, id[:]).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(raw) == 0 {
		return nil, "", errcode.NotFound
	}
	if err != nil {
		return nil, "", store.Classify(err)
	}
	if drawn, media, err = groupPicture.Redraw(raw); err != nil {
		return nil, "", errcode.With(errcode.NotFound, err)
	}
	return drawn, media, nil
}

// mayDescribe reports whether we may change what a group is called, is about and looks like.
func (c *Chat) mayDescribe(ctx context.Context, id wire.SpaceID) bool {
	return c.kind(id) == space.Group && c.open(id) && c.mayAll(ctx, id, func(r rules) bool { return r.Describe == 0 })
}

// say writes an event about a group. Errors: errcode.NotFound, errcode.InvalidArgument, errcode.Forbidden.
func (c *Chat) say(ctx context.Context, id wire.SpaceID, kind event.Kind, body any) error {
	if _, err := c.group(id); err != nil {
		return err
	}
	if !c.mayDescribe(ctx, id) {
		return errcode.Forbidden
	}
	_, err := c.Log.Append(ctx, id, eventlog.Draft{Kind: kind, Body: body})
	return err
}

// Describe says what a group is about.
// Errors: errcode.FieldTooLong (max), errcode.NameInvalid, errcode.Forbidden, errcode.NotFound.
func (c *Chat) Describe(ctx context.Context, id wire.SpaceID, subject string) error {
	subject, err := checkTopic(subject)
	if err != nil {
		return err
	}
	return c.say(ctx, id, GroupDescribed, groupDescribed{Topic: subject})
}

// SetPicture gives a group a picture; nil takes it away. It is drawn anew first, so
// that nothing else of the file goes along (place, camera, comments).
// Errors: errcode.PictureInvalid, errcode.PictureTooLarge (max), errcode.Forbidden, errcode.NotFound.
func (c *Chat) SetPicture(ctx context.Context, id wire.SpaceID, chosen []byte) error {
	if len(chosen) > 0 {
		drawn, _, err := groupPicture.Redraw(chosen)
		if err != nil {
			return err
		}
		if err := groupPicture.Check(drawn); err != nil {
			return err
		}
		chosen = drawn
	}
	return c.say(ctx, id, GroupPictured, groupPictured{Picture: chosen})
}
