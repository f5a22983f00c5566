package chat

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/wire"
)

// One works a conversation out by itself, whatever the list holds. Errors: errcode.NotFound.
func (c *Chat) One(ctx context.Context, id wire.SpaceID) (*v1.Conversation, error) {
	v, err := c.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.conversationOut(ctx, v)
}

// LookAtScheduled wakes who sends what is due: a clock that a test has set wakes nobody.
func (c *Chat) LookAtScheduled() { c.scheduling.look() }

// ForgetList has everything in the lists worked out anew, all at once.
func (c *Chat) ForgetList() {
	c.list.mu.Lock()
	defer c.list.mu.Unlock()
	clear(c.list.tables)
}
