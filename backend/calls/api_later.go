package calls

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// PlanMeeting implements CallsService.
func (a API) PlanMeeting(ctx context.Context, r *v1.PlanMeetingRequest) (*v1.PlannedMeeting, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	space, err := wire.ParseSpaceID(r.ConversationId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	id, err := c.Plan(ctx, space, r.Title, r.StartUnixMs, r.EndUnixMs)
	if err != nil {
		return nil, err
	}
	all, err := c.meetings(ctx, wire.SpaceID{}, id)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errcode.NotFound
	}
	return c.meetingOut(all[0]), nil
}

// CancelMeeting implements CallsService.
func (a API) CancelMeeting(ctx context.Context, r *v1.CancelMeetingRequest) (*v1.CallReply, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	id, err := wire.ParseEventID(r.Id)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return reply(c.Cancel(ctx, id))
}

// SeePast implements CallsService.
func (a API) SeePast(ctx context.Context, r *v1.CallsOverviewRequest) (*v1.CallReply, error) {
	c, id, err := a.workspace(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return reply(c.Seen(ctx, id))
}

// StartRecording implements CallsService.
func (a API) StartRecording(ctx context.Context, r *v1.StartRecordingRequest) (*v1.Recording, error) {
	c, id, err := a.in(r.CallId)
	if err != nil {
		return nil, err
	}
	return recordingOut(c.StartRecording(ctx, id, r.Folder))
}

// AddRecording implements CallsService.
func (a API) AddRecording(_ context.Context, r *v1.AddRecordingRequest) (*v1.Recording, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return recordingOut(c.records.add(r.RecordingId, r.Data))
}

// EndRecording implements CallsService.
func (a API) EndRecording(_ context.Context, r *v1.EndRecordingRequest) (*v1.Recording, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return recordingOut(c.EndRecording(r.RecordingId))
}

func recordingOut(r Recording, err error) (*v1.Recording, error) {
	if err != nil {
		return nil, err
	}
	return &v1.Recording{RecordingId: r.ID, Path: r.Path, Bytes: r.Bytes}, nil
}
