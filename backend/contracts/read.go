package contracts

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/envelope"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// out is a contract as the screen gets it.
func (c *Contracts) out(ctx context.Context, x *contract) (*v1.Contract, error) {
	now := c.Clock.Now().UnixMilli()
	d := x.Sent.Document
	latest := x.Latest()
	out := &v1.Contract{
		Id: x.id.String(), Title: x.Sent.Title, Message: x.Sent.Message, State: x.stateOut(now), Unchecked: !x.checked(),
		SenderId: x.Sender.String(), SenderName: c.nameIn(ctx, x, x.Sender), IsSender: x.Sender == c.Me.Person, SentUnixMs: x.SentAt.UnixMilli(),
		DeadlineUnixMs: x.Deadline, DocumentName: d.Name, Pages: int32(d.Pages),
		OriginalSha256: hex.EncodeToString(d.SHA256[:]), CurrentSha256: hex.EncodeToString(latest.SHA256[:]), CurrentSize: int64(latest.Size),
		Fields: c.fieldsOut(x), Locked: x.locked(), Tags: x.local.tags, Archived: x.local.archived, RetainUntilUnixMs: x.local.retain,
		EndsUnixMs: x.ends(), Unsent: c.unsent(x.id), External: x.kind == space.Between, ChangedUnixMs: x.Last.UnixMilli(), RemindDays: int32(x.Sent.RemindDays),
	}
	if x.kind == space.Contract {
		out.WorkspaceId = x.workspace.String()
	}
	if x.done() {
		out.CompletedUnixMs = x.Completed.UnixMilli()
	}
	for i := range x.Parties {
		out.Parties = append(out.Parties, c.partyOut(ctx, x, &x.Parties[i]))
	}
	for _, e := range x.Timeline {
		if e.Kind == "completed" && !x.done() {
			continue
		}
		out.Timeline = append(out.Timeline, c.entryOut(ctx, x, e))
	}
	for _, r := range x.Requests {
		if r.Open() && r.Asked.Holder == c.Me.Person {
			out.SealRequests = append(out.SealRequests, &v1.SealRequest{Id: r.ID.String(), Party: int32(r.Asked.Party), FieldId: r.Asked.Field, SealId: r.Asked.Seal,
				SealName: r.Asked.Name, AskerName: c.nameIn(ctx, x, r.By), Reason: r.Asked.Reason})
		}
	}
	var err error
	if out.MissingBytes, err = c.missing(ctx, x); err != nil {
		return nil, err
	}
	out.DocumentHere = out.MissingBytes == 0 && !out.Locked
	live := x.active && x.Live(now)
	if p := x.mine(c.Me.Person); p != nil {
		out.MyParty = int32(p.ID)
		if out.Queued = c.queuedFor(x, p, now, out.DocumentHere); undecided(out.Queued) {
			out.QueuedProblem = string(c.problem(x.id, p.ID))
		}
		able := live && x.pending(p.ID) && !out.Locked
		out.CanSign = able && p.Role == flow.Signer && (out.Queued == "" || undecided(out.Queued))
		out.CanApprove = able && p.Role == flow.Approver && out.Queued == ""
	}
	out.CanVoid = out.IsSender && x.active && (out.State == v1.ContractState_CONTRACT_STATE_RUNNING || x.Phase == flow.Running || x.Phase == flow.Refused)
	return out, c.addEvidence(ctx, x, out)
}

// undecided reports whether what a consent waits for is a word of its person.
func undecided(queued string) bool { return queued == "key" || queued == "time" }

// queuedFor says what a consent of ours waits for: "turn", "key", "document", "time"; "" when there is none.
func (c *Contracts) queuedFor(x *contract, p *flow.PartyState, now int64, here bool) string {
	switch {
	case p.Consent == nil || p.Acted() || !x.Live(now):
		return ""
	case p.Role == flow.Signer && !c.unlocked(x, p):
		return "key"
	case !x.Holds(c.Me.Person, p.ID):
		return "turn"
	case !here:
		return "document"
	case c.problem(x.id, p.ID) == errcode.TimeUnreachable:
		return "time"
	}
	return "turn"
}

// shown is the phase that this device vouches for: a contract in which something is not checked yet goes on, or was ended by its sender.
func (x *contract) shown() flow.Phase {
	switch {
	case x.Phase != flow.Completed || x.checked():
		return x.Phase
	case slices.ContainsFunc(x.Timeline, func(e flow.Entry) bool { return e.Kind == "voided" && e.Person == x.Sender }):
		return flow.Ended
	}
	return flow.Running
}

func (x *contract) stateOut(now int64) v1.ContractState {
	return stateOut(x.shown(), x.Expired(now))
}

// unproven reports whether a party says that it signed, and this device has not checked it.
func (x *contract) unproven(party uint8) bool {
	return slices.ContainsFunc(x.Versions, func(v flow.Version) bool {
		return v.Act != nil && v.Act.What == flow.Signed && v.Act.Party == party && !x.good(v.Event)
	})
}

// sealProven reports whether a seal is in a field, and this device has checked it.
func (x *contract) sealProven(field string) bool {
	return slices.ContainsFunc(x.Versions, func(v flow.Version) bool {
		return v.Act != nil && x.good(v.Event) && (v.Act.What == flow.Sealed && v.Act.Field == field ||
			slices.ContainsFunc(v.Act.Seals, func(i flow.Impression) bool { return i.Field == field }))
	})
}

// standing is how far a party has come, as far as this device vouches for it.
func (x *contract) standing(p *flow.PartyState) flow.Standing {
	if p.Standing == flow.HasSigned && x.unproven(p.ID) {
		return flow.HasConsented
	}
	return p.Standing
}

func stateOut(p flow.Phase, expired bool) v1.ContractState {
	switch {
	case expired:
		return v1.ContractState_CONTRACT_STATE_EXPIRED
	case p == flow.Completed:
		return v1.ContractState_CONTRACT_STATE_COMPLETED
	case p == flow.Refused:
		return v1.ContractState_CONTRACT_STATE_DECLINED
	case p == flow.Ended:
		return v1.ContractState_CONTRACT_STATE_VOIDED
	}
	return v1.ContractState_CONTRACT_STATE_RUNNING
}

// ends is when the obligations end: as it was sent, or as it was set here.
func (x *contract) ends() int64 {
	if x.local.ends != 0 {
		return x.local.ends
	}
	return x.Sent.Ends
}

// nameIn is what a person is called: in the directory, or as the sender wrote it.
func (c *Contracts) nameIn(ctx context.Context, x *contract, person wire.PersonID) string {
	if n := c.Name(ctx, x.workspace, person); n != "" {
		return n
	}
	for _, p := range x.Parties {
		if p.Person == person && !person.IsZero() {
			return p.Name
		}
	}
	for _, p := range x.Sent.Parties { // who was one before
		if p.Person == person && !person.IsZero() {
			return p.Name
		}
	}
	return ""
}

func standingOut(s flow.Standing) v1.PartyState {
	switch s {
	case flow.Waiting:
		return v1.PartyState_PARTY_STATE_WAITING
	case flow.HasOpened:
		return v1.PartyState_PARTY_STATE_OPENED
	case flow.HasConsented:
		return v1.PartyState_PARTY_STATE_CONSENTED
	case flow.HasSigned:
		return v1.PartyState_PARTY_STATE_SIGNED
	case flow.HasApproved:
		return v1.PartyState_PARTY_STATE_APPROVED
	case flow.HasDeclined:
		return v1.PartyState_PARTY_STATE_DECLINED
	case flow.Invited:
		return v1.PartyState_PARTY_STATE_INVITED
	case flow.WaitsForSeal:
		return v1.PartyState_PARTY_STATE_SEAL_ASKED
	}
	return v1.PartyState_PARTY_STATE_LATER
}

func (c *Contracts) partyOut(ctx context.Context, x *contract, p *flow.PartyState) *v1.Party {
	out := &v1.Party{Id: int32(p.ID), Role: v1.PartyRole(p.Role), Step: int32(p.Step), Name: p.Name, Label: p.Label, Organization: p.Organization,
		State: standingOut(x.standing(p)), External: c.external(x, p.Person), Reason: p.Reason, Holds: x.Holder == p.ID && x.Phase != flow.Completed,
		Unchecked: p.Acted() && x.unproven(p.ID)}
	if !p.Person.IsZero() {
		out.PersonId, out.IsMe = p.Person.String(), p.Person == c.Me.Person
		if n := c.nameIn(ctx, x, p.Person); n != "" {
			out.Name = n
		}
		out.Reachable = out.IsMe || c.Reachable != nil && c.Reachable(p.Person)
	}
	if p.Acted() && !out.Unchecked || p.Standing == flow.HasDeclined {
		out.ActedUnixMs = p.At.UnixMilli()
	}
	return out
}

func (c *Contracts) fieldsOut(x *contract) (out []*v1.ContractField) {
	values := map[string]string{}
	for _, p := range x.Parties {
		if p.Consent == nil || x.locked() {
			continue
		}
		for _, v := range p.Consent.Values {
			if f := x.field(v.Field); f != nil && f.Party == p.ID && f.Type.ByValue() {
				values[v.Field] = v.Value
			}
		}
		for _, f := range p.Consent.Files {
			values[f.Field] = f.Name
		}
	}
	for _, f := range x.Sent.Fields {
		o := &v1.ContractField{Id: f.ID, Type: v1.FieldType(f.Type), Party: int32(f.Party), Page: int32(f.Page), X: points(f.Rect[0]), Y: points(f.Rect[1]),
			Width: points(f.Rect[2]), Height: points(f.Rect[3]), Label: f.Label, Required: f.Required, Choices: f.Choices, MaxLength: int32(f.MaxLength),
			Min: f.Min, Max: f.Max, Format: f.Format, SealId: f.Seal, Value: values[f.ID]}
		p := x.Party(f.Party)
		switch done := p != nil && x.standing(p) == flow.HasSigned; f.Type {
		case flow.Signature, flow.Initials:
			if done {
				o.Value = "1"
			}
		case flow.Seal:
			if x.sealProven(f.ID) {
				o.Value = "1"
			}
		}
		out = append(out, o)
	}
	return out
}

func points(thousandths int32) float64 { return float64(thousandths) / 1000 }

// field gives one by its ID; nil when there is none.
func (x *contract) field(id string) *flow.Field {
	for i := range x.Sent.Fields {
		if x.Sent.Fields[i].ID == id {
			return &x.Sent.Fields[i]
		}
	}
	return nil
}

func (c *Contracts) entryOut(ctx context.Context, x *contract, e flow.Entry) *v1.ContractEvent {
	out := &v1.ContractEvent{Kind: e.Kind, UnixMs: e.At.UnixMilli(), PersonId: e.Person.String(), PersonName: c.nameIn(ctx, x, e.Person), Party: int32(e.Party),
		Note: e.Note, Void: e.Void}
	if c.DeviceName != nil {
		out.DeviceName = c.DeviceName(ctx, x.workspace, e.Device)
	}
	if !e.To.IsZero() { // who takes over, and below it why
		out.Note = strings.TrimSuffix(c.nameIn(ctx, x, e.To)+"\n"+e.Note, "\n")
	}
	if a := e.Act; a != nil {
		if a.What != flow.Approved {
			out.Sha256 = hex.EncodeToString(a.SHA256[:])
		}
		out.Level, out.StampedUnixMs = a.Level, a.Stamped
		out.CertificateFingerprint, out.CertificateIssuer = hex.EncodeToString(a.Fingerprint), commonName(a.Issuer)
		j := x.judged[e.ID]
		out.Unchecked, out.Wrong = a.What != flow.Approved && !e.Void && j.verdict == unjudged, j.verdict == isWrong
		if j.verdict == isGood {
			out.CertificateSubject = commonName(j.subject)
		}
	}
	if e.Kind == "sent" {
		out.Sha256 = hex.EncodeToString(x.Sent.Document.SHA256[:])
	}
	return out
}

// unsent counts events of this device that no other device and no relay has yet.
func (c *Contracts) unsent(id wire.SpaceID) (n int64) {
	others := false
	_ = c.Log.View(id, func(s *space.State) { others = s.Active() > 1 })
	if !others {
		return 0
	}
	for feed, seq := range c.Log.Frontier(id) {
		if feed.Device != c.Log.Self() || feed.Lane != envelope.Content {
			continue
		}
		has := uint64(0)
		for _, held := range c.Log.Holders(id, feed) {
			has = max(has, held)
		}
		if c.AtRelay != nil {
			has = max(has, c.AtRelay(id, feed))
		}
		n += int64(seq - min(seq, has))
	}
	return n
}
