package client

import (
	"context"
	"fmt"
	"strings"

	"roundtable/backend/api"
	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
)

// SetUp makes the person of a new profile; its keys stand in a file, so that no
// keychain of this machine is touched.
func (d *Desk) SetUp(ctx context.Context, name string) error {
	_, err := d.System.SetUp(ctx, &v1.SetUpRequest{Name: name, DeviceName: name, Protection: v1.KeyProtection_KEY_PROTECTION_FILE})
	if err != nil {
		return fmt.Errorf("set up %s: %w", name, err)
	}
	return nil
}

// Invite makes a link that lets uses people in.
func (d *Desk) Invite(ctx context.Context, workspace string, uses int32) (string, error) {
	i, err := d.People.CreateInvite(ctx, &v1.CreateInviteRequest{WorkspaceId: workspace, Role: v1.Role_ROLE_MEMBER, MaxUses: uses})
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return i.Link, nil
}

// Join uses an invite link and waits until this device is in.
func (d *Desk) Join(ctx context.Context, link string) error {
	err := d.Until(ctx, func(ctx context.Context) (bool, error) {
		_, err := d.People.JoinByInvite(ctx, &v1.JoinByInviteRequest{Link: link})
		if api.CodeOf(err) == errcode.NotReady {
			return false, nil // just set up: the work in the background begins
		}
		return err == nil, err
	})
	if err != nil {
		return fmt.Errorf("join: %w", err)
	}
	return d.Joined(ctx)
}

// Joined waits until the attempt to join has ended well.
func (d *Desk) Joined(ctx context.Context) error {
	return d.Until(ctx, func(ctx context.Context) (bool, error) {
		now, err := d.People.CurrentJoin(ctx, &v1.CurrentJoinRequest{})
		if err != nil {
			return false, err
		}
		switch now.State {
		case v1.JoinState_JOIN_STATE_DONE:
			return true, nil
		case v1.JoinState_JOIN_STATE_FAILED, v1.JoinState_JOIN_STATE_REFUSED:
			return false, fmt.Errorf("join ended: %s %s", now.State, now.ErrorCode)
		}
		return false, nil
	})
}

// All reads a whole conversation, oldest first.
func (d *Desk) All(ctx context.Context, conversation string) ([]*v1.Message, error) {
	var out []*v1.Message
	request := &v1.MessagesRequest{ConversationId: conversation, Limit: 200}
	for {
		page, err := d.Chat.Messages(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("read conversation: %w", err)
		}
		out = append(page.Messages, out...)
		if !page.HasBefore || len(page.Messages) == 0 {
			return out, nil
		}
		request = &v1.MessagesRequest{ConversationId: conversation, Limit: 200, Before: page.Messages[0].Cursor}
	}
}

// Shows waits until the newest page of a conversation has a text.
func (d *Desk) Shows(ctx context.Context, conversation, text string) error {
	return d.Until(ctx, func(ctx context.Context) (bool, error) {
		page, err := d.Chat.Messages(ctx, &v1.MessagesRequest{ConversationId: conversation})
		if err != nil {
			if strings.Contains(err.Error(), "not_found") {
				return false, nil // the conversation is on its way
			}
			return false, err
		}
		for _, m := range page.Messages {
			if m.Text == text {
				return true, nil
			}
		}
		return false, nil
	})
}
