package calls

import (
	"context"
	"errors"

	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/name"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Plan announces a meeting. Errors: errcode.NameEmpty, NameTooLong, NameInvalid, NotMember, InvalidArgument, DiskFull.
func (c *Calls) Plan(ctx context.Context, id wire.SpaceID, title string, begin, end int64) (wire.EventID, error) {
	clean, err := name.Check(title, wire.MaxName)
	if err != nil {
		return wire.EventID{}, err
	}
	now := c.Clock.Now().UnixMilli()
	if !validTimes(begin, end) || end <= now || begin > now+maxAhead {
		return wire.EventID{}, errcode.InvalidArgument
	}
	if _, ok := c.who(id, c.Log.Self()); !ok {
		return wire.EventID{}, errcode.NotMember
	}
	events, err := c.Log.Append(ctx, id, eventlog.Draft{Kind: MeetingPlanned, Body: meetingPlanned{Title: clean, Begin: begin, End: end}})
	if errors.Is(err, eventlog.ErrUnknownSpace) {
		return wire.EventID{}, errcode.NotFound
	}
	if err != nil {
		return wire.EventID{}, err
	}
	return events[len(events)-1].ID, nil
}

// Cancel takes a planned meeting back. Errors: errcode.NotFound, Forbidden.
func (c *Calls) Cancel(ctx context.Context, id wire.EventID) error {
	all, err := c.meetings(ctx, wire.SpaceID{}, id)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errcode.NotFound
	}
	if !c.mayCancel(all[0], c.Me.Person) {
		return errcode.Forbidden
	}
	_, err = c.Log.Append(ctx, all[0].space, eventlog.Draft{Kind: MeetingCancelled, Body: meetingCancelled{Meeting: id}})
	return err
}

// Seen notes that the missed calls of a workspace were looked at.
func (c *Calls) Seen(ctx context.Context, workspace wire.SpaceID) error {
	all, err := c.pasts(ctx, workspace)
	if err != nil {
		return err
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		for _, x := range all {
			if _, err := tx.Exec(`INSERT OR IGNORE INTO callslocal_seen VALUES(?)`, x.call[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		c.Publish("calls")
	}
	return err
}
