package office

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// seal gives the feature, the workspace and the seal that a call names.
func (a API) seal(workspace, text string) (o *Office, id wire.SpaceID, seal wire.EventID, err error) {
	if o, id, err = a.in(workspace); err != nil {
		return o, id, seal, err
	}
	if seal, err = wire.ParseEventID(text); err != nil {
		return o, id, seal, errcode.With(errcode.NotFound, err)
	}
	return o, id, seal, nil
}

// Seals implements SealsService.
func (a API) Seals(ctx context.Context, r *v1.SealsRequest) (*v1.SealsResponse, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if err := o.adopt(ctx); err != nil {
		return nil, err
	}
	v, err := o.view(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &v1.SealsResponse{CanMake: o.role(id) >= space.Owner}
	for _, seal := range v.allSeals() {
		out.Seals = append(out.Seals, o.sealMessage(ctx, v, seal))
	}
	own, err := o.personal(ctx, id)
	for _, s := range own {
		out.Seals = append(out.Seals, s.message())
	}
	return out, err
}

// allSeals are those of the registers that are here, the first made first, and then those that one hears of, by ID.
func (v *view) allSeals() (out []wire.EventID) {
	for id := range v.seals {
		out = append(out, id)
	}
	slices.SortFunc(out, func(a, b wire.EventID) int {
		if c := v.seals[a].made - v.seals[b].made; c != 0 {
			return int(min(max(c, -1), 1))
		}
		return bytes.Compare(a[:], b[:])
	})
	heard := map[wire.EventID]bool{}
	for id := range v.names {
		heard[id] = true
	}
	for _, c := range v.issued {
		heard[c.seal] = !c.seal.IsZero()
	}
	var more []wire.EventID
	for id, is := range heard {
		if is && v.seals[id] == nil {
			more = append(more, id)
		}
	}
	slices.SortFunc(more, func(a, b wire.EventID) int { return bytes.Compare(a[:], b[:]) })
	return append(out, more...)
}

// sealMessage is a seal as this person may see it.
func (o *Office) sealMessage(ctx context.Context, v *view, id wire.EventID) *v1.Seal {
	m := &v1.Seal{Id: id.String(), WorkspaceId: v.workspace.String(), State: valid, KeyState: none}
	for _, p := range v.holders(id, o.now()) {
		m.Holders = append(m.Holders, o.Name(ctx, v.workspace, p))
	}
	s := v.seals[id]
	if s == nil {
		m.Name, m.Kind = v.names[id].Name, v1.SealKind(v.names[id].Kind)
		if m.Name == "" {
			m.Name = v.sealNameOf(id)
		}
		return m
	}
	mine := s.rights[o.Me.Person]
	m.Name, m.Kind = s.Name, v1.SealKind(s.Kind)
	m.CanManage, m.CanUse, m.CanAudit = mine&Manage != 0, mine&Use != 0 && s.ended == nil, mine&Audit != 0
	m.MadeUnixMs, m.MadeBy = clock.Stamp(s.made).UnixMilli(), o.Name(ctx, v.workspace, s.maker)
	if s.ended != nil {
		m.State, m.StateReason, m.StateUnixMs = s.ended.State, s.ended.Reason, clock.Stamp(s.endedAt).UnixMilli()
	}
	if mine != 0 {
		if d, err := s.drawing(); err == nil {
			m.Picture = picture(d)
		}
	}
	if mine&Use != 0 {
		switch _, state := o.sealKey(v, s); state {
		case ending:
			m.KeyState = valid
		case denied:
			m.KeyState = none
		default:
			m.KeyState = state
		}
	}
	if mine&(Manage|Audit) != 0 {
		for _, p := range s.people(allRights) {
			if !v.people[p].active {
				continue // their rights rest until they come back
			}
			r := s.rights[p]
			m.Rights = append(m.Rights, &v1.SealRight{PersonId: p.String(), Name: o.Name(ctx, v.workspace, p),
				Manage: r&Manage != 0, Use: r&Use != 0, Audit: r&Audit != 0})
		}
		m.Uses = int32(len(s.uses))
	}
	return m
}

func (s personalSeal) message() *v1.Seal {
	m := &v1.Seal{
		Id: s.id, WorkspaceId: s.workspace.String(), Name: s.Name, Kind: v1.SealKind(s.Kind), Personal: true, CanManage: true, CanUse: true,
		KeyState: none, State: valid, MadeUnixMs: s.made,
	}
	if d, err := (&sealState{sealMade: s.sealMade}).drawing(); err == nil {
		m.Picture = picture(d)
	}
	return m
}

// sealAnswer shows a seal after something was done.
func (o *Office) sealAnswer(ctx context.Context, id wire.SpaceID, seal wire.EventID, err error) (*v1.Seal, error) {
	if err != nil {
		return nil, err
	}
	o.Publish("seals:"+id.String(), "authority:"+id.String(), "signing_keys")
	v, err := o.view(ctx, id)
	if err != nil {
		return nil, err
	}
	return o.sealMessage(ctx, v, seal), nil
}

// PreviewSeal implements SealsService.
func (a API) PreviewSeal(ctx context.Context, r *v1.SealDesign) (*v1.SealPicture, error) {
	o, err := a.Get()
	if err != nil {
		return nil, err
	}
	_, d, err := o.draw(ctx, r)
	if err != nil {
		return nil, err
	}
	return picture(d), nil
}

// MakeSeal implements SealsService.
func (a API) MakeSeal(ctx context.Context, r *v1.MakeSealRequest) (*v1.Seal, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	kind, d, err := o.draw(ctx, r.Design)
	if err != nil {
		return nil, err
	}
	if r.Personal {
		s, err := o.makePersonal(ctx, id, r.Name, kind, d)
		if err != nil {
			return nil, err
		}
		o.Publish("seals:" + id.String())
		return s.message(), nil
	}
	seal, err := o.MakeSeal(ctx, id, r.Name, kind, d)
	return o.sealAnswer(ctx, id, seal, err)
}

// SetSealRight implements SealsService.
func (a API) SetSealRight(ctx context.Context, r *v1.SetSealRightRequest) (*v1.Seal, error) {
	o, id, seal, err := a.seal(r.WorkspaceId, r.SealId)
	if err != nil {
		return nil, err
	}
	person, err := wire.ParsePersonID(r.GetRight().GetPersonId())
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	var rights Rights
	for right, has := range map[Rights]bool{Manage: r.Right.Manage, Use: r.Right.Use, Audit: r.Right.Audit} {
		if has {
			rights |= right
		}
	}
	return o.sealAnswer(ctx, id, seal, o.SetRight(ctx, id, seal, person, rights))
}

// PrepareSealKey implements SealsService.
func (a API) PrepareSealKey(ctx context.Context, r *v1.PrepareSealKeyRequest) (*v1.Seal, error) {
	o, id, seal, err := a.seal(r.WorkspaceId, r.SealId)
	if err != nil {
		return nil, err
	}
	return o.sealAnswer(ctx, id, seal, o.PrepareKey(ctx, id, seal, r.Password))
}

// EndSeal implements SealsService.
func (a API) EndSeal(ctx context.Context, r *v1.EndSealRequest) (*v1.Seal, error) {
	if strings.HasPrefix(r.SealId, personalPrefix) {
		return a.endPersonal(ctx, r)
	}
	o, id, seal, err := a.seal(r.WorkspaceId, r.SealId)
	if err != nil {
		return nil, err
	}
	return o.sealAnswer(ctx, id, seal, o.EndSeal(ctx, id, seal, r.State, r.Reason, r.Password))
}

// SealLedger implements SealsService.
func (a API) SealLedger(ctx context.Context, r *v1.SealLedgerRequest) (*v1.SealLedgerResponse, error) {
	o, id, seal, err := a.seal(r.WorkspaceId, r.SealId)
	if err != nil {
		return nil, err
	}
	v, err := o.view(ctx, id)
	if err != nil {
		return nil, err
	}
	s := v.seals[seal]
	if s == nil || s.rights[o.Me.Person]&Audit == 0 {
		return nil, errcode.Forbidden
	}
	out := &v1.SealLedgerResponse{}
	for _, u := range slices.Backward(s.uses) {
		m := &v1.SealUse{
			UnixMs: clock.Stamp(u.stamp).UnixMilli(), PersonName: o.Name(ctx, id, u.person), PersonId: u.person.String(), ContractId: u.Contract.String(),
			ContractTitle: u.Title, DocumentSha256: hex.EncodeToString(u.Document[:]), Reason: u.Reason, SealName: s.Name,
		}
		if !u.Asked.IsZero() {
			m.AskedBy = o.Name(ctx, id, u.Asked)
		}
		out.Uses = append(out.Uses, m)
	}
	out.Csv = ledgerCSV(out.Uses)
	return out, nil
}

// ledgerCSV is the ledger for a spreadsheet (RFC 4180), with a mark that it is UTF-8. What a spreadsheet would reckon with is text.
func ledgerCSV(uses []*v1.SealUse) string {
	var b strings.Builder
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	rows := [][]string{{"time", "seal", "person", "contract", "sha256", "asked_by", "reason"}}
	for _, u := range uses {
		rows = append(rows, []string{time.UnixMilli(u.UnixMs).UTC().Format(time.RFC3339), u.SealName, u.PersonName, u.ContractTitle, u.DocumentSha256, u.AskedBy, u.Reason})
	}
	for _, row := range rows {
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				row[i] = "'" + cell
			}
		}
		_ = w.Write(row) // a strings.Builder takes everything
	}
	w.Flush()
	return b.String()
}
