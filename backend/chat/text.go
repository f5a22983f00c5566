package chat

import (
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// textChanged is the one place where the text of a message begins, changes, and
// ends (""): as it is posted, also ahead of its turn, edited, and recalled. It may
// be told of the same text twice. room is chat_room.id.
func (p *Projection) textChanged(tx *projection.Tx, room int64, k MessageKey, text string) error {
	_, _, _ = p, room, text // the index reads them when it comes to it
	return unindex(tx.Tx, k)
}

// textsGone is told before the messages of a space are deleted: all of them, or
// only those that are shown ahead of their turn.
func textsGone(tx *store.Tx, id wire.SpaceID, early bool) error {
	return unindexSpace(tx, id, early)
}
