package api

import (
	"context"
	"errors"

	"connectrpc.com/connect"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// connectCode gives the transport's word for ours. Screens look at ours, in
// ErrorInfo; this one is for curl, for status numbers and for logs.
func connectCode(code errcode.Code) connect.Code {
	switch code {
	case errcode.NotFound, errcode.InviteUnknown:
		return connect.CodeNotFound
	case errcode.Forbidden, errcode.NotMember, errcode.PassphraseWrong, errcode.JoinRefused:
		return connect.CodePermissionDenied
	case errcode.InvalidArgument, errcode.NameEmpty, errcode.NameTooLong, errcode.NameInvalid,
		errcode.FieldTooLong, errcode.SettingInvalid, errcode.MessageEmpty, errcode.MessageTooLong,
		errcode.MessageInvalid, errcode.PassphraseTooShort, errcode.InviteGarbled, errcode.AddressInvalid:
		return connect.CodeInvalidArgument
	case errcode.AlreadyMember, errcode.AlreadySetUp:
		return connect.CodeAlreadyExists
	case errcode.HostUnreachable, errcode.KeychainUnavailable, errcode.JoinTimeout:
		return connect.CodeUnavailable
	case errcode.RequestLimit, errcode.DiskFull:
		return connect.CodeResourceExhausted
	case errcode.DatabaseCorrupt:
		return connect.CodeDataLoss
	case errcode.Internal:
		return connect.CodeInternal
	default: // the rest are states in which the call makes no sense
		return connect.CodeFailedPrecondition
	}
}

// outward turns an error of a service into what leaves the door: a code with
// its values, and never the text of a cause. The text stays in the log.
func outward(err error) (*connect.Error, errcode.Code) {
	code, params := errcode.From(err)
	status := connectCode(code)
	if code == errcode.Internal {
		code, status = uncoded(err)
	}
	out := connect.NewError(status, code)
	detail, detailErr := connect.NewErrorDetail(&v1.ErrorInfo{Code: string(code), Params: params})
	if detailErr == nil { // a fixed message with valid strings always encodes
		out.AddDetail(detail)
	}
	return out, code
}

// uncoded names the errors that come without a code of ours.
func uncoded(err error) (errcode.Code, connect.Code) {
	var wrapped *connect.Error
	switch {
	case errors.Is(err, wire.ErrID):
		return errcode.InvalidArgument, connect.CodeInvalidArgument
	case errors.Is(err, context.Canceled):
		return errcode.Internal, connect.CodeCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return errcode.Internal, connect.CodeDeadlineExceeded
	case errors.As(err, &wrapped):
		return errcode.Internal, wrapped.Code()
	default:
		return errcode.Internal, connect.CodeInternal
	}
}

// CodeOf reads our code from the error of a client's call, as a screen does:
// the reverse of what the door does to errors on the way out. It is
// errcode.Internal for an error that came from elsewhere.
func CodeOf(err error) errcode.Code {
	var e *connect.Error
	if errors.As(err, &e) {
		for _, d := range e.Details() {
			if v, err := d.Value(); err == nil {
				if info, ok := v.(*v1.ErrorInfo); ok {
					return errcode.Code(info.Code)
				}
			}
		}
	}
	return errcode.Internal
}
