package contracts

import (
	"context"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// Sending is a contract that is about to be sent.
type Sending struct {
	Workspace                wire.SpaceID
	Title, Message, Language string
	// Parties numbered from 1 in order, Person known for each that acts.
	Parties []flow.Party
	Fields  []flow.Field
	// Path is the document with all its fields placed; Name and Pages are said of it.
	Path, Name string
	Pages      int
	// Deadline and Ends in Unix ms, 0: none.
	Deadline, Ends int64
	RemindDays     int
	// AccessCode seals the document; "" for none.
	AccessCode string
	Tags       []string
}

// send freezes a document and sends it to its parties.
// Errors: errcode.Forbidden, errcode.DiskFull, errcode.InvalidArgument.
func (c *Contracts) send(ctx context.Context, s Sending) (wire.SpaceID, error) {
	return wire.SpaceID{}, errcode.NotReady
}

// version gives the file of a contract's n-th version: 0 as it was sent, -1 the latest.
// It is assembled from what is here, each hash compared. The file is not to be changed.
// Errors: errcode.NotFound, errcode.DocumentAbsent, errcode.AccessCodeWrong, errcode.DiskFull.
func (c *Contracts) version(ctx context.Context, id wire.SpaceID, n int) (path string, err error) {
	return "", errcode.NotReady
}
