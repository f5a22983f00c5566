package people

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/identity"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// API serves PeopleService. get gives the feature, or an error while the
// profile is not open.
type API struct{ Get func() (*People, error) }

// roles: the wire of the door counts from the owner down, the log upwards.
func roleOut(r space.Role) v1.Role { return v1.Role(5 - int32(r)) }

func roleIn(r v1.Role) (space.Role, error) {
	if r < v1.Role_ROLE_UNSPECIFIED || r > v1.Role_ROLE_GUEST {
		return 0, errcode.InvalidArgument
	}
	if r == v1.Role_ROLE_UNSPECIFIED {
		return 0, nil
	}
	return space.Role(5 - int32(r)), nil
}

// in opens the feature and reads the ID of a workspace.
func (a API) in(workspace string) (*People, wire.SpaceID, error) {
	p, err := a.Get()
	if err != nil {
		return nil, wire.SpaceID{}, err
	}
	id, err := wire.ParseSpaceID(workspace)
	if err != nil {
		return nil, id, errcode.With(errcode.InvalidArgument, err)
	}
	return p, id, nil
}

func (p *People) workspaceOut(ctx context.Context, id wire.SpaceID) *v1.Workspace {
	out := &v1.Workspace{Id: id.String(), Name: p.WorkspaceName(ctx, id), Syncing: p.Replication.Syncing(id) > 0}
	_ = p.Log.View(id, func(s *space.State) {
		out.MemberCount = int32(s.Active())
		m, ok := s.Member(p.Me.Person)
		if !ok {
			return
		}
		out.MyRole, out.Active = roleOut(m.Role), m.Active
		out.CanInvite = m.Active && m.Role >= space.Member
		out.CanAdminister = m.Active && m.Role >= space.Admin
	})
	return out
}

func (a API) CreateWorkspace(ctx context.Context, r *v1.CreateWorkspaceRequest) (*v1.Workspace, error) {
	p, err := a.Get()
	if err != nil {
		return nil, err
	}
	id, err := p.CreateWorkspace(ctx, r.Name)
	if err != nil {
		return nil, err
	}
	return p.workspaceOut(ctx, id), nil
}

func (a API) Workspaces(ctx context.Context, _ *v1.WorkspacesRequest) (*v1.WorkspacesResponse, error) {
	p, err := a.Get()
	if err != nil {
		return nil, err
	}
	ids, err := p.workspaces(ctx)
	if err != nil {
		return nil, err
	}
	out := &v1.WorkspacesResponse{}
	for _, id := range ids {
		out.Workspaces = append(out.Workspaces, p.workspaceOut(ctx, id))
	}
	return out, nil
}

func (a API) RenameWorkspace(ctx context.Context, r *v1.RenameWorkspaceRequest) (*v1.Workspace, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if err := p.RenameWorkspace(ctx, id, r.Name); err != nil {
		return nil, err
	}
	return p.workspaceOut(ctx, id), nil
}

func (a API) LeaveWorkspace(ctx context.Context, r *v1.LeaveWorkspaceRequest) (*v1.LeaveWorkspaceResponse, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return &v1.LeaveWorkspaceResponse{}, p.Remove(ctx, id, p.Me.Person)
}

func (a API) Nearby(ctx context.Context, _ *v1.NearbyRequest) (*v1.NearbyResponse, error) {
	p, err := a.Get()
	if err != nil {
		return nil, err
	}
	out := &v1.NearbyResponse{}
	for _, w := range p.Nearby(ctx) {
		in := false
		_ = p.Log.View(w.ID, func(s *space.State) { _, in = s.MemberOf(p.Log.Self()) })
		if in {
			continue
		}
		n := &v1.NearbyWorkspace{WorkspaceId: w.ID.String(), Name: w.Name, MemberCount: int32(w.Members)}
		for _, h := range w.Hosts {
			n.Hosts = append(n.Hosts, &v1.NearbyHost{DeviceId: h.Device.String(), PersonName: h.Person, DeviceName: h.DeviceName})
		}
		out.Workspaces = append(out.Workspaces, n)
	}
	return out, nil
}

func (a API) Visit(ctx context.Context, r *v1.VisitRequest) (*v1.NearbyResponse, error) {
	p, err := a.Get()
	if err != nil {
		return nil, err
	}
	if err := p.Visit(ctx, r.Address); err != nil {
		return nil, err
	}
	return a.Nearby(ctx, &v1.NearbyRequest{})
}

func attemptOut(t Attempt) *v1.JoinAttempt {
	out := &v1.JoinAttempt{State: v1.JoinState(t.State), WorkspaceName: t.WorkspaceName, PersonName: t.Person, Digits: t.Digits, ErrorCode: string(t.Code), Contract: t.Contract, Circle: t.Circle}
	if !t.Workspace.IsZero() {
		out.WorkspaceId = t.Workspace.String()
	}
	return out
}

func (a API) AskToJoin(_ context.Context, r *v1.AskToJoinRequest) (*v1.JoinAttempt, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	host, err := wire.ParseDeviceID(r.DeviceId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	if err := p.AskToJoin(id, host); err != nil {
		return nil, err
	}
	return attemptOut(p.CurrentJoin()), nil
}

func (a API) PreviewInvite(_ context.Context, r *v1.PreviewInviteRequest) (*v1.PreviewInviteResponse, error) {
	p, err := a.Get()
	if err != nil {
		return nil, err
	}
	l, err := p.PreviewInvite(r.Link)
	if err != nil {
		return nil, err
	}
	return &v1.PreviewInviteResponse{
		WorkspaceName: l.Workspace, InviterName: l.Inviter, ExpiresUnixMs: l.Expires, RelayHosts: l.Relays, Contract: l.Contract, Circle: l.Circle}, nil
}

func (a API) JoinByInvite(_ context.Context, r *v1.JoinByInviteRequest) (*v1.JoinAttempt, error) {
	p, err := a.Get()
	if err != nil {
		return nil, err
	}
	if err := p.JoinByInvite(r.Link); err != nil {
		return nil, err
	}
	return attemptOut(p.CurrentJoin()), nil
}

func (a API) CurrentJoin(context.Context, *v1.CurrentJoinRequest) (*v1.JoinAttempt, error) {
	p, err := a.Get()
	if err != nil {
		return nil, err
	}
	return attemptOut(p.CurrentJoin()), nil
}

func (a API) CancelJoin(context.Context, *v1.CancelJoinRequest) (*v1.CancelJoinResponse, error) {
	p, err := a.Get()
	if err != nil {
		return nil, err
	}
	p.CancelJoin()
	return &v1.CancelJoinResponse{}, nil
}

func (a API) Requests(context.Context, *v1.RequestsRequest) (*v1.RequestsResponse, error) {
	p, err := a.Get()
	if err != nil {
		return nil, err
	}
	out := &v1.RequestsResponse{}
	for _, r := range p.Requests() {
		out.Requests = append(out.Requests, &v1.JoinRequest{
			Id: r.ID, WorkspaceId: r.Workspace.String(), Name: r.Name, DeviceName: r.Device, Digits: r.Digits, SinceUnixMs: r.Since.UnixMilli()})
	}
	return out, nil
}

func (a API) AnswerRequest(ctx context.Context, r *v1.AnswerRequestRequest) (*v1.AnswerRequestResponse, error) {
	p, err := a.Get()
	if err != nil {
		return nil, err
	}
	role, err := roleIn(r.Role)
	if err != nil {
		return nil, err
	}
	return &v1.AnswerRequestResponse{}, p.Answer(ctx, r.Id, r.Admit, role)
}

func (p *People) memberOut(m space.Membership, pr Profile, n string) *v1.Member {
	out := &v1.Member{
		PersonId: m.Person.String(), Name: n, Role: roleOut(m.Role), Title: pr.Title, Department: pr.Department,
		Phone: pr.Phone, Email: pr.Email, IsMe: m.Person == p.Me.Person, JoinedUnixMs: m.Joined.UnixMilli(),
		Presence: v1.Presence_PRESENCE_OFFLINE,
	}
	for _, c := range m.Certificates {
		via := p.Via(c.Device)
		present := via != "" || p.Present != nil && p.Present(c.Device)
		if present || c.Device == p.Log.Self() {
			out.Presence = v1.Presence_PRESENCE_ONLINE
		}
		out.Devices = append(out.Devices, &v1.MemberDevice{
			DeviceId: c.Device.String(), Fingerprint: identity.Fingerprint(c.Device), Via: via})
	}
	return out
}

func (a API) Members(ctx context.Context, r *v1.MembersRequest) (*v1.MembersResponse, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	var all []space.Membership
	if err := p.Log.View(id, func(s *space.State) { all = s.Members() }); err != nil {
		return nil, errcode.NotFound
	}
	profiles, err := p.profiles(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &v1.MembersResponse{}
	for _, m := range all {
		if !m.Active {
			continue
		}
		pr, said := profiles[m.Person]
		if !said {
			pr.Name = p.Name(ctx, id, m.Person)
		}
		out.Members = append(out.Members, p.memberOut(m, pr, pr.Name))
	}
	return out, nil
}

// memberByID answers calls that change one member.
func (p *People) memberByID(ctx context.Context, id wire.SpaceID, person wire.PersonID) (*v1.Member, error) {
	var m space.Membership
	var ok bool
	if err := p.Log.View(id, func(s *space.State) { m, ok = s.Member(person) }); err != nil || !ok {
		return nil, errcode.NotFound
	}
	pr, _ := p.profile(ctx, id, person)
	return p.memberOut(m, pr, p.Name(ctx, id, person)), nil
}

func (a API) SetProfile(ctx context.Context, r *v1.SetProfileRequest) (*v1.Member, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	err = p.SetProfile(ctx, id, func(pr *Profile) {
		for _, f := range []struct {
			to   *string
			from *string
		}{{&pr.Name, r.Name}, {&pr.Title, r.Title}, {&pr.Department, r.Department}, {&pr.Phone, r.Phone}, {&pr.Email, r.Email}} {
			if f.from != nil {
				*f.to = *f.from
			}
		}
	})
	if err != nil {
		return nil, err
	}
	p.Changed()
	return p.memberByID(ctx, id, p.Me.Person)
}

func (a API) SetRole(ctx context.Context, r *v1.SetRoleRequest) (*v1.Member, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	role, err := roleIn(r.Role)
	if err != nil || role == 0 {
		return nil, errcode.InvalidArgument
	}
	person, err := wire.ParsePersonID(r.PersonId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	if err := p.SetRole(ctx, id, person, role); err != nil {
		return nil, err
	}
	return p.memberByID(ctx, id, person)
}

func (a API) RemoveMember(ctx context.Context, r *v1.RemoveMemberRequest) (*v1.RemoveMemberResponse, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	person, err := wire.ParsePersonID(r.PersonId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return &v1.RemoveMemberResponse{}, p.Remove(ctx, id, person)
}
