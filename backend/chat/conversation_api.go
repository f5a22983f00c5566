package chat

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// ConversationAPI serves ConversationService.
type ConversationAPI struct{ API }

// NewConversationAPI is ConversationService for a feature.
func NewConversationAPI(get func() (*Chat, error)) ConversationAPI { return ConversationAPI{API{get}} }

// does carries a command out and answers with the conversation.
func (a ConversationAPI) does(ctx context.Context, conversation string, command func(*Chat, wire.SpaceID) error) (*v1.Conversation, error) {
	c, id, err := a.in(conversation)
	if err != nil {
		return nil, err
	}
	return c.answer(ctx, id, command(c, id))
}

// to does so about a person.
func (a ConversationAPI) to(ctx context.Context, conversation, person string, command func(*Chat, wire.SpaceID, wire.PersonID) error) (*v1.Conversation, error) {
	p, err := wire.ParsePersonID(person)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return a.does(ctx, conversation, func(c *Chat, id wire.SpaceID) error { return command(c, id, p) })
}

func (a ConversationAPI) SetPinned(ctx context.Context, r *v1.SetPinnedRequest) (*v1.Conversation, error) {
	return a.does(ctx, r.ConversationId, func(c *Chat, id wire.SpaceID) error { return c.SetPinned(ctx, id, r.On, int(r.Position)) })
}

func (a ConversationAPI) SetMuted(ctx context.Context, r *v1.SetMutedRequest) (*v1.Conversation, error) {
	return a.does(ctx, r.ConversationId, func(c *Chat, id wire.SpaceID) error { return c.SetMuted(ctx, id, r.UntilUnixMs, r.Everyone) })
}

func (a ConversationAPI) SetArchived(ctx context.Context, r *v1.SetArchivedRequest) (*v1.Conversation, error) {
	return a.does(ctx, r.ConversationId, func(c *Chat, id wire.SpaceID) error { return c.SetArchived(ctx, id, r.On) })
}

func (a ConversationAPI) GroupMembers(ctx context.Context, r *v1.GroupMembersRequest) (*v1.GroupMembersResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	return c.groupMembers(ctx, id)
}

func (a ConversationAPI) SetGroupRole(ctx context.Context, r *v1.SetGroupRoleRequest) (*v1.Conversation, error) {
	var role space.Role
	for here, there := range rolesOut {
		if there == r.Role {
			role = here
		}
	}
	return a.to(ctx, r.ConversationId, r.PersonId, func(c *Chat, id wire.SpaceID, p wire.PersonID) error { return c.SetRole(ctx, id, p, role) })
}

func (a ConversationAPI) TransferGroup(ctx context.Context, r *v1.TransferGroupRequest) (*v1.Conversation, error) {
	return a.to(ctx, r.ConversationId, r.PersonId, func(c *Chat, id wire.SpaceID, p wire.PersonID) error { return c.Transfer(ctx, id, p) })
}

func (a ConversationAPI) RemoveFromGroup(ctx context.Context, r *v1.RemoveFromGroupRequest) (*v1.Conversation, error) {
	return a.to(ctx, r.ConversationId, r.PersonId, func(c *Chat, id wire.SpaceID, p wire.PersonID) error { return c.RemoveFromGroup(ctx, id, p) })
}

func (a ConversationAPI) Leave(ctx context.Context, r *v1.LeaveRequest) (*v1.Conversation, error) {
	if r.HeirPersonId == "" {
		return a.does(ctx, r.ConversationId, func(c *Chat, id wire.SpaceID) error { return c.LeaveGroup(ctx, id) })
	}
	return a.to(ctx, r.ConversationId, r.HeirPersonId, func(c *Chat, id wire.SpaceID, p wire.PersonID) error { return c.Leave(ctx, id, p) })
}

func (a ConversationAPI) SetGroupRules(ctx context.Context, r *v1.SetGroupRulesRequest) (*v1.Conversation, error) {
	if r.Rules == nil {
		return nil, errcode.InvalidArgument
	}
	return a.does(ctx, r.ConversationId, func(c *Chat, id wire.SpaceID) error { return c.SetRules(ctx, id, rulesFrom(r.Rules)) })
}

func (a ConversationAPI) SetHistory(ctx context.Context, r *v1.SetHistoryRequest) (*v1.Conversation, error) {
	return a.does(ctx, r.ConversationId, func(c *Chat, id wire.SpaceID) error { return c.SetHistory(ctx, id, r.FromJoining) })
}

func (a ConversationAPI) Describe(ctx context.Context, r *v1.DescribeRequest) (*v1.Conversation, error) {
	return a.does(ctx, r.ConversationId, func(c *Chat, id wire.SpaceID) error { return c.Describe(ctx, id, r.Topic) })
}

func (a ConversationAPI) SetPicture(ctx context.Context, r *v1.SetPictureRequest) (*v1.Conversation, error) {
	return a.does(ctx, r.ConversationId, func(c *Chat, id wire.SpaceID) error { return c.SetPicture(ctx, id, r.Picture) })
}

func (a ConversationAPI) Picture(ctx context.Context, r *v1.PictureRequest) (*v1.PictureResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	picture, media, err := c.Picture(ctx, id)
	return &v1.PictureResponse{Picture: picture, MediaType: media}, err
}
