package testspace

import (
	"fmt"
	"math/rand/v2"

	"roundtable/backend/chat"
	"roundtable/backend/wire"
)

// Touches makes something of a message that is here, whoever wrote it and whether
// that is allowed or not: an edit, a recall, a reaction, a pin, an answer, or,
// now and then, another span for recalls, other rules, another name.
func (x *Island) Touches(id wire.SpaceID, rnd *rand.Rand) bool {
	type ref struct {
		_      struct{} `cbor:",toarray"`
		Device wire.DeviceID
		Start  uint64
		Seq    uint64
	}
	var to ref
	var device []byte
	err := x.DB.Read().QueryRow(`SELECT f.device, f.start, m.seq FROM chat_message m JOIN chat_feed f ON f.feed = m.feed JOIN chat_room r ON r.id = m.space
		WHERE r.space = ? ORDER BY m.stamp, m.feed, m.seq LIMIT 1 OFFSET ? % (SELECT count(*) FROM chat_message m JOIN chat_room r ON r.id = m.space WHERE r.space = ?)`,
		id[:], rnd.IntN(1000), id[:]).Scan(&device, &to.Start, &to.Seq)
	if err != nil {
		return false // nothing is here
	}
	to.Device = wire.DeviceID(device)
	switch rnd.IntN(11) {
	case 0, 1:
		return x.Writes(id, chat.MessageRecalled, map[int]any{1: to})
	case 2:
		return x.Writes(id, chat.MessageEdited, map[int]any{1: to, 2: fmt.Sprint("改 @", x.Name), 3: []any{[]any{x.Party.Person, x.Name}}})
	case 3:
		return x.Writes(id, chat.ReactionSet, map[int]any{1: to, 2: []string{"👍", "🎉"}[rnd.IntN(2):]})
	case 4:
		return x.Writes(id, chat.MessagePinned, map[int]any{1: to, 2: rnd.IntN(2) == 0})
	case 5:
		return x.Writes(id, chat.RecallSpanSet, map[int]any{1: rnd.IntN(3)})
	case 6:
		rules := map[int]any{}
		for _, rule := range []int{1, 3, 4, 6} {
			if rnd.IntN(2) == 0 {
				rules[rule] = 1
			}
		}
		return x.Writes(id, chat.GroupRuled, rules)
	case 7:
		return x.Writes(id, chat.GroupNamed, map[int]any{1: fmt.Sprint("名 ", x.Name, rnd.IntN(1000))})
	case 8:
		return x.Writes(id, chat.GroupDescribed, map[int]any{1: fmt.Sprint("关于 ", x.Name, rnd.IntN(1000))})
	default:
		return x.Writes(id, chat.MessagePosted, map[int]any{1: fmt.Sprint("答 ", x.Name, rnd.IntN(1000)), 4: to})
	}
}
