// Package errcode says what went wrong, for machines. Inside the program errors
// are wrapped as usual; where one must reach a person, it carries a Code, and
// the screen has the sentence for it in each language ("errors.<code>").
package errcode

import (
	"errors"
	"fmt"
)

// Code is stable: codes are added, never renamed. It is an error itself, so
// that errors.Is(err, errcode.Forbidden) works.
type Code string

// Error gives the code; it is for logs, the screen has its own sentences.
func (c Code) Error() string { return string(c) }

// Codes that leave the door.
const (
	Internal            Code = "internal"
	NotFound            Code = "not_found"
	Forbidden           Code = "forbidden"
	InvalidArgument     Code = "invalid_argument"
	NotReady            Code = "not_ready"
	NameEmpty           Code = "name_empty"
	NameTooLong         Code = "name_too_long"
	NameInvalid         Code = "name_invalid"
	FieldTooLong        Code = "field_too_long"
	SettingInvalid      Code = "setting_invalid"
	MessageEmpty        Code = "message_empty"
	MessageTooLong      Code = "message_too_long"
	MessageInvalid      Code = "message_invalid"
	MessageRecalled     Code = "message_recalled"
	RecallLate          Code = "recall_late"
	RecordTooLong       Code = "record_too_long" // max: bytes
	RecordTooDeep       Code = "record_too_deep" // max
	RecordFiles         Code = "record_files"    // max
	ReactionLimit       Code = "reaction_limit"
	PinLimit            Code = "pin_limit"
	ListPinLimit        Code = "list_pin_limit"
	PictureTooLarge     Code = "picture_too_large"
	PictureInvalid      Code = "picture_invalid"
	PostForbidden       Code = "post_forbidden"
	DingForbidden       Code = "ding_forbidden"
	DingLimit           Code = "ding_limit"
	ScheduledPast       Code = "scheduled_past"
	ScheduledLimit      Code = "scheduled_limit"
	NotMember           Code = "not_member"
	LastOwner           Code = "last_owner"
	AlreadyMember       Code = "already_member"
	AlreadySetUp        Code = "already_set_up"
	NotLocked           Code = "not_locked"
	PassphraseWrong     Code = "passphrase_wrong"
	PassphraseTooShort  Code = "passphrase_too_short"
	KeychainUnavailable Code = "keychain_unavailable"
	InviteGarbled       Code = "invite_garbled"
	InviteExpired       Code = "invite_expired"
	InviteUsedUp        Code = "invite_used_up"
	InviteUnknown       Code = "invite_unknown"
	InviteRevoked       Code = "invite_revoked"
	LinkForGuests       Code = "link_for_guests"
	LinkForWorkspace    Code = "link_for_workspace"
	AddressInvalid      Code = "address_invalid"
	HostUnreachable     Code = "host_unreachable"
	JoinInProgress      Code = "join_in_progress"
	JoinRefused         Code = "join_refused"
	JoinTimeout         Code = "join_timeout"
	JoinProtocol        Code = "join_protocol"
	RequestLimit        Code = "request_limit"
	DiskFull            Code = "disk_full"
	DatabaseCorrupt     Code = "database_corrupt"
	NotDamaged          Code = "not_damaged"
	ProfileInUse        Code = "profile_in_use"
	FeedForked          Code = "feed_forked"
	ClockAhead          Code = "clock_ahead"
	AttachmentTooLarge  Code = "attachment_too_large"
	AttachmentLimit     Code = "attachment_limit"
	AttachmentDamaged   Code = "attachment_damaged"
	AttachmentAbsent    Code = "attachment_absent"
	UploadIncomplete    Code = "upload_incomplete"
	ProjectionFailed    Code = "projection_failed"
	HistoryAwaited      Code = "history_awaited"
	RelayLinkGarbled    Code = "relay_link_garbled"
	RelayKnown          Code = "relay_known"
	RelayLimit          Code = "relay_limit"
	RelayPortTaken      Code = "relay_port_taken"
	RelayUnreachable    Code = "relay_unreachable"
	RelayCertificate    Code = "relay_certificate"
	RelayToken          Code = "relay_token"
	RelayFull           Code = "relay_full"
	RelayBusy           Code = "relay_busy"
	RelayProxy          Code = "relay_proxy"
	RelayForged         Code = "relay_forged"
	RelayWithholds      Code = "relay_withholds"
	RelayUnlisted       Code = "relay_unlisted"
	FolderMissing       Code = "folder_missing"
	FolderNested        Code = "folder_nested"
	FolderUnsuitable    Code = "folder_unsuitable"
	FolderUnreadable    Code = "folder_unreadable"
	FolderGone          Code = "folder_gone"
	FolderCrowded       Code = "folder_crowded"
	EntryAbsent         Code = "entry_absent"
	EntryLocked         Code = "entry_locked"
	EntryDenied         Code = "entry_denied"
	EntryBusy           Code = "entry_busy"
	EntryName           Code = "entry_name"
	EntryClash          Code = "entry_clash"
	EntryTooLong        Code = "entry_too_long"
	EntryLink           Code = "entry_link"
	EntryDamaged        Code = "entry_damaged"
	VersionGone         Code = "version_gone"
	OnlyCopy            Code = "only_copy"
	NoDisplay           Code = "no_display"
	IgnoreTooLarge      Code = "ignore_too_large"
	CallBusy            Code = "call_busy"
	CallLocked          Code = "call_locked"
	CallRemoved         Code = "call_removed"
	CallFull            Code = "call_full"
	CallSDP             Code = "call_sdp"
	CallMuted           Code = "call_muted"
	CallOver            Code = "call_over"
	KeyPasswordWrong    Code = "key_password_wrong"
	KeyMissing          Code = "key_missing"
	KeyWait             Code = "key_wait"
	KeyFileInvalid      Code = "key_file_invalid"
	KeyFilePassword     Code = "key_file_password"
	KeyFileKnown        Code = "key_file_known"
	CertificateUnfit    Code = "certificate_unfit"
	SealForbidden       Code = "seal_forbidden"
	SealRefused         Code = "seal_refused"
	GlyphMissing        Code = "glyph_missing"
	SealTextTooLong     Code = "seal_text_too_long"
	SealImageInvalid    Code = "seal_image_invalid"
	TimeUnreachable     Code = "time_unreachable"
	TimeRefused         Code = "time_refused"
	TimeForeign         Code = "time_foreign"
	DocumentTooLarge    Code = "document_too_large"
	NotPDF              Code = "not_pdf"
	PDFEncrypted        Code = "pdf_encrypted"
	PDFDamaged          Code = "pdf_damaged"
	PDFLimits           Code = "pdf_limits"
	ConverterMissing    Code = "converter_missing"
	ConvertFailed       Code = "convert_failed"
	DraftIncomplete     Code = "draft_incomplete"
	TemplateInvalid     Code = "template_invalid"
	AccessCodeWrong     Code = "access_code_wrong"
	AccessCodeShort     Code = "access_code_short"
	DocumentAbsent      Code = "document_absent"
	DocumentDamaged     Code = "document_damaged"
	DocumentChanged     Code = "document_changed"
	NotYourTurn         Code = "not_your_turn"
	ContractEnded       Code = "contract_ended"
	AlreadySigned       Code = "already_signed"
	FieldMissing        Code = "field_missing"
	FieldInvalid        Code = "field_invalid"
	ConsentMissing      Code = "consent_missing"
	ContractRetained    Code = "contract_retained"
	ContractRunning     Code = "contract_running"
	AuthorityFounded    Code = "authority_founded"
	TimeAddress         Code = "time_address"
	KeyKeychain         Code = "key_keychain"
)

// Codes of the directory.
const (
	DepartmentCycle Code = "department_cycle"
	DepartmentLimit Code = "department_limit"
	NumberTaken     Code = "number_taken"
	SheetUnreadable Code = "sheet_unreadable"
	SheetTooLarge   Code = "sheet_too_large"
	SheetColumns    Code = "sheet_columns"
	ImportGone      Code = "import_gone"
	ImportChanged   Code = "import_changed"
	FieldHidden     Code = "field_hidden"
	PersonTaken     Code = "person_taken"
)

// Error is a coded error with a cause for the log and values for the sentence.
type Error struct {
	Code   Code
	Params map[string]string // never secret
	Cause  error             // may be nil
}

func (e *Error) Error() string {
	if e.Cause == nil {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Cause.Error()
}

// Unwrap lets errors.Is see both the code and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.Cause}
}

// With gives code to a cause.
func With(code Code, cause error) error { return &Error{Code: code, Cause: cause} }

// Of makes a coded error with pairs of parameter name and value.
func Of(code Code, pairs ...any) error {
	e := &Error{Code: code}
	for i := 0; i+1 < len(pairs); i += 2 {
		if e.Params == nil {
			e.Params = map[string]string{}
		}
		e.Params[fmt.Sprint(pairs[i])] = fmt.Sprint(pairs[i+1])
	}
	return e
}

// From finds the code and parameters in an error chain; what carries none is Internal.
func From(err error) (Code, map[string]string) {
	var coded *Error
	if errors.As(err, &coded) {
		return coded.Code, coded.Params
	}
	var code Code
	if errors.As(err, &code) {
		return code, nil
	}
	return Internal, nil
}
