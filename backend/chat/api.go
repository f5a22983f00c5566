package chat

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// API serves ChatService. Get gives the feature, or an error while the profile
// is not open.
type API struct{ Get func() (*Chat, error) }

const kindDirect = int(space.Direct)

func (a API) in(conversation string) (*Chat, wire.SpaceID, error) {
	c, err := a.Get()
	if err != nil {
		return nil, wire.SpaceID{}, err
	}
	id, err := wire.ParseSpaceID(conversation)
	if err != nil {
		return nil, id, errcode.With(errcode.InvalidArgument, err)
	}
	return c, id, nil
}

func parsePeople(texts []string) ([]wire.PersonID, error) {
	var out []wire.PersonID
	for _, t := range texts {
		p, err := wire.ParsePersonID(t)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		out = append(out, p)
	}
	return out, nil
}

func (c *Chat) conversationOut(ctx context.Context, v conversation) (*v1.Conversation, error) {
	out := &v1.Conversation{
		Id: v.id.String(), Name: v.name, MemberCount: int32(v.members), Unread: int32(v.unread),
		LastUnixMs: v.at(),
	}
	open := c.open(v.id)
	out.CanWrite = v.active && open
	switch space.Kind(v.kind) {
	case space.Workspace:
		out.Kind = v1.ConversationKind_CONVERSATION_KIND_EVERYONE
	case space.Meeting:
		out.Kind = v1.ConversationKind_CONVERSATION_KIND_MEETING
	case space.Group, space.Circle:
		out.Kind, out.History = kindOut(space.Kind(v.kind)), c.historyOut(ctx, v)
		if space.Kind(v.kind) == space.Circle { // groups have no externals, and may have very many people
			out.ExternalCount = c.externals(v.id)
			out.LastIsExternal = v.last != nil && c.isExternal(v.last.person)
			_ = c.Log.View(v.id, func(s *space.State) {
				for _, m := range s.Members() {
					if m.Active {
						out.MemberIds = append(out.MemberIds, m.Person.String())
					}
				}
			})
		}
	case space.Direct:
		out.Kind = v1.ConversationKind_CONVERSATION_KIND_DIRECT
		out.PersonId, out.Name = v.other.String(), c.Name(ctx, v.workspace, v.other)
	}
	r, err := c.rulesOf(ctx, v)
	if err != nil {
		return nil, err
	}
	manages := c.manages(v.id)
	out.IsAdmin = out.Kind != v1.ConversationKind_CONVERSATION_KIND_DIRECT && manages
	out.CanPin = open && (manages || space.Kind(v.kind) != space.Workspace && r.Pin == 0)
	if err := c.rightsOut(ctx, v, r, out); err != nil {
		return nil, err
	}
	out.UnreadInThreads = int32(v.inThreads)
	if v.mention != nil {
		out.MentionId = v.mention.String()
	}
	if v.last != nil {
		if out.LastMessage, err = c.briefOf(ctx, v, *v.last); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// answer gives one conversation after a command.
func (c *Chat) answer(ctx context.Context, id wire.SpaceID, err error) (*v1.Conversation, error) {
	if err != nil {
		return nil, err
	}
	v, err := c.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.conversationOut(ctx, v)
}

func (a API) OpenDirect(ctx context.Context, r *v1.OpenDirectRequest) (*v1.Conversation, error) {
	c, workspace, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	person, err := wire.ParsePersonID(r.PersonId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	id, err := c.OpenDirect(ctx, workspace, person)
	if err == nil {
		c.Publish("chat")
	}
	return c.answer(ctx, id, err)
}

func (a API) CreateGroup(ctx context.Context, r *v1.CreateGroupRequest) (*v1.Conversation, error) {
	c, workspace, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	people, err := parsePeople(r.PersonIds)
	if err != nil {
		return nil, err
	}
	id, err := c.CreateGroupWith(ctx, workspace, NewGroup{Name: r.Name, Topic: r.Topic, Rules: rulesFrom(r.Rules), People: people, FromJoining: r.HistoryFromJoining})
	return c.answer(ctx, id, err)
}

func (a API) AddToGroup(ctx context.Context, r *v1.AddToGroupRequest) (*v1.Conversation, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	people, err := parsePeople(r.PersonIds)
	if err != nil {
		return nil, err
	}
	return c.answer(ctx, id, c.AddToGroup(ctx, id, people))
}

func (a API) RenameGroup(ctx context.Context, r *v1.RenameGroupRequest) (*v1.Conversation, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	return c.answer(ctx, id, c.RenameGroup(ctx, id, r.Name))
}

func (a API) LeaveGroup(ctx context.Context, r *v1.LeaveGroupRequest) (*v1.LeaveGroupResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	return &v1.LeaveGroupResponse{}, c.LeaveGroup(ctx, id)
}

func optionalKey(text string) (*MessageKey, error) {
	if text == "" {
		return nil, nil
	}
	k, err := parseKey(text)
	return &k, err
}

func (a API) Messages(ctx context.Context, r *v1.MessagesRequest) (*v1.MessagesResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	w := wanted{aroundUnread: r.AroundUnread, aroundAt: r.AroundUnixMs, limit: int(r.Limit)}
	for text, k := range map[string]**MessageKey{r.Before: &w.before, r.After: &w.after, r.Around: &w.around} {
		if *k, err = optionalKey(text); err != nil {
			return nil, err
		}
	}
	v, err := c.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	thread, here, err := c.leadsToThread(ctx, id, &w)
	if err != nil {
		return nil, err
	}
	p, err := c.page(ctx, id, w)
	if err != nil {
		return nil, err
	}
	out := &v1.MessagesResponse{
		HasBefore: p.hasBefore, HasAfter: p.hasAfter, Unread: int32(p.unread), HistoryIncomplete: c.Syncing(id) > 0, InThreadId: thread,
	}
	if p.firstUnread != nil {
		out.FirstUnreadId = p.firstUnread.String()
	}
	if p.found != nil && here {
		out.FoundId = p.found.String()
	}
	out.Messages, err = c.messagesOut(ctx, id, v.workspace, p.messages)
	return out, err
}

func (a API) Send(ctx context.Context, r *v1.SendRequest) (*v1.Message, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	if len(r.Nonce) > 128 || len(r.UploadIds) > 10*MaxAttachments {
		return nil, errcode.InvalidArgument
	}
	d, err := c.draft(ctx, id, r)
	if err != nil {
		return nil, err
	}
	d.also = c.spent(id, d)
	k, fresh, err := c.postOnce(ctx, id, r.Nonce, d)
	if err != nil {
		return nil, err
	}
	if !fresh || len(r.UploadIds) > 0 || d.Reply != nil || d.Thread != nil {
		return c.messageOut(ctx, id, k, nil)
	}
	// Everything about it is known: nobody else has it yet.
	var workspace wire.SpaceID
	_ = c.Log.View(id, func(s *space.State) { workspace = s.Workspace })
	if workspace.IsZero() {
		workspace = id
	}
	out := c.plain(ctx, id, workspace, message{MessageKey: k, text: r.Text, person: c.Me.Person, note: d.Note})
	out.Mentions, out.CanEdit, out.CanRecall = r.Mentions, true, true
	out.OtherCount, out.State = int32(len(c.others(id))), v1.DeliveryState_DELIVERY_STATE_WAITING
	return out, nil
}

// draft reads what the door says of a message.
func (c *Chat) draft(ctx context.Context, id wire.SpaceID, r *v1.SendRequest) (d draft, err error) {
	d.Text, d.uploads = r.Text, r.UploadIds
	if d.Note, err = parseNote(r.Note); err != nil {
		return d, err
	}
	if d.Mentions, err = c.parseMentions(ctx, id, r.Mentions, r.Text); err != nil {
		return d, err
	}
	if d.Thread, err = c.threadOf(ctx, id, r.ThreadId, r.AlsoShow); err != nil {
		return d, err
	}
	to, err := optionalKey(r.ReplyToId)
	if err != nil || to == nil {
		return d, err
	}
	m, err := c.standing(ctx, id, *to)
	if err != nil {
		return d, err
	}
	at := m.ref()
	d.Reply = &at
	return d, nil
}

func (a API) MarkRead(ctx context.Context, r *v1.MarkReadRequest) (*v1.MarkReadResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	k, err := parseKey(r.MessageId)
	if err != nil {
		return nil, err
	}
	return &v1.MarkReadResponse{}, c.MarkRead(ctx, id, k)
}

func (a API) Receipts(ctx context.Context, r *v1.ReceiptsRequest) (*v1.ReceiptsResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	k, err := parseKey(r.MessageId)
	if err != nil {
		return nil, err
	}
	v, err := c.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := c.Receipts(ctx, id, k)
	if err != nil {
		return nil, err
	}
	out := &v1.ReceiptsResponse{}
	for _, x := range all {
		out.Receipts = append(out.Receipts, &v1.Receipt{PersonId: x.Person.String(), PersonName: c.Name(ctx, v.workspace, x.Person), State: x.State})
	}
	return out, nil
}

func (a API) SetTyping(ctx context.Context, r *v1.SetTypingRequest) (*v1.SetTypingResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	if r.ThreadId != "" {
		return &v1.SetTypingResponse{}, c.SetTypingInThread(ctx, id, r.ThreadId)
	}
	return &v1.SetTypingResponse{}, c.SetTyping(id)
}

func (a API) Typing(ctx context.Context, r *v1.TypingRequest) (*v1.TypingResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	v, err := c.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	people := c.Typing(id)
	if r.ThreadId != "" {
		if people, err = c.TypingInThread(ctx, id, r.ThreadId); err != nil {
			return nil, err
		}
	}
	out := &v1.TypingResponse{}
	for _, p := range people {
		out.PersonIds = append(out.PersonIds, p.String())
		out.PersonNames = append(out.PersonNames, c.Name(ctx, v.workspace, p))
	}
	return out, nil
}
