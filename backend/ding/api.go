package ding

import (
	"context"
	"errors"
	"math"
	"slices"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	maxNonce    = 128
	defaultPage = 50
	maxPage     = 200
	maxMarks    = 500
	// maxWaiting bounds what is put before one person at once.
	maxWaiting = 100
)

// API serves DingService. Get gives the feature, or an error while the profile is not open.
type API struct{ Get func() (*Ding, error) }

func (a API) named(text string) (*Ding, wire.SpaceID, Ref, error) {
	id, at, err := parseID(text)
	if err != nil {
		return nil, id, at, err
	}
	g, err := a.Get()
	return g, id, at, err
}

func (a API) in(text string) (*Ding, wire.SpaceID, error) {
	id, err := wire.ParseSpaceID(text)
	if err != nil {
		return nil, id, errcode.With(errcode.InvalidArgument, err)
	}
	g, err := a.Get()
	return g, id, err
}

func parsePeople(texts []string) (out []wire.PersonID, err error) {
	if len(texts) > MaxPeople {
		return nil, errcode.InvalidArgument
	}
	for _, t := range texts {
		p, err := wire.ParsePersonID(t)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// Send implements DingService.
func (a API) Send(ctx context.Context, r *v1.SendDingRequest) (*v1.Ding, error) {
	g, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	people, err := parsePeople(r.PersonIds)
	if err != nil {
		return nil, err
	}
	if len(r.Nonce) > maxNonce || (r.MessageId == "") == (r.Text == "") {
		return nil, errcode.InvalidArgument
	}
	at, err := g.Send(ctx, id, r.MessageId, r.Text, to{all: r.ToAll, people: people}, r.Nonce)
	return g.answer(ctx, id, at, err)
}

func (g *Ding) answer(ctx context.Context, id wire.SpaceID, at Ref, err error) (*v1.Ding, error) {
	if err != nil {
		return nil, err
	}
	x, err := g.notice(ctx, id, at)
	if err != nil {
		return nil, err
	}
	return g.out(ctx, x)
}

// Show implements DingService.
func (a API) Show(ctx context.Context, r *v1.DingName) (*v1.Ding, error) {
	g, id, at, err := a.named(r.Id)
	if err != nil {
		return nil, err
	}
	return g.answer(ctx, id, at, nil)
}

// MarkSeen implements DingService.
func (a API) MarkSeen(ctx context.Context, r *v1.DingName) (*v1.MarkDingSeenResponse, error) {
	g, id, at, err := a.named(r.Id)
	if err != nil {
		return nil, err
	}
	return &v1.MarkDingSeenResponse{}, g.MarkSeen(ctx, id, at)
}

// Confirm implements DingService.
func (a API) Confirm(ctx context.Context, r *v1.DingName) (*v1.Ding, error) {
	g, id, at, err := a.named(r.Id)
	if err != nil {
		return nil, err
	}
	return g.answer(ctx, id, at, g.Confirm(ctx, id, at))
}

// Remind implements DingService.
func (a API) Remind(ctx context.Context, r *v1.RemindDingRequest) (*v1.Ding, error) {
	g, id, at, err := a.named(r.Id)
	if err != nil {
		return nil, err
	}
	people, err := parsePeople(r.PersonIds)
	if err != nil || len(r.Nonce) > maxNonce {
		return nil, first(err, errcode.InvalidArgument)
	}
	return g.answer(ctx, id, at, g.Remind(ctx, id, at, people, r.Nonce))
}

// CallOff implements DingService.
func (a API) CallOff(ctx context.Context, r *v1.DingName) (*v1.Ding, error) {
	g, id, at, err := a.named(r.Id)
	if err != nil {
		return nil, err
	}
	return g.answer(ctx, id, at, g.CallOff(ctx, id, at))
}

// Rules implements DingService.
func (a API) Rules(ctx context.Context, r *v1.DingRulesRequest) (*v1.DingRules, error) {
	g, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return g.rulesOut(ctx, id)
}

func (g *Ding) rulesOut(ctx context.Context, workspace wire.SpaceID) (*v1.DingRules, error) {
	r, err := g.rulesAt(ctx, workspace, math.MaxInt64)
	return &v1.DingRules{Who: v1.DingWho(r.Who), PerDay: int32(r.PerDay), PerTenMinutes: int32(r.PerTen), CanSet: g.manages(workspace)}, err
}

// SetRules implements DingService.
func (a API) SetRules(ctx context.Context, r *v1.SetDingRulesRequest) (*v1.DingRules, error) {
	g, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if err := g.SetRules(ctx, id, Rules{Who: Who(max(r.Who, 0)), PerDay: int(r.PerDay), PerTen: int(r.PerTenMinutes)}); err != nil {
		return nil, err
	}
	return g.rulesOut(ctx, id)
}

// cameToUs are notices of which a round was let before our person.
const cameToUs = ` EXISTS(SELECT 1 FROM ding_round r JOIN dinglocal_came c ON c.space = r.space AND c.device = r.device AND c.start = r.start AND c.seq = r.seq
	WHERE r.space = n.space AND r.ndevice = n.device AND r.nstart = n.start AND r.nseq = n.seq AND r.person = n.person AND c.over <= ?)`

// Waiting implements DingService.
func (a API) Waiting(ctx context.Context, _ *v1.WaitingDingsRequest) (*v1.WaitingDingsResponse, error) {
	g, err := a.Get()
	if err != nil {
		return nil, err
	}
	all, err := g.notices(ctx, `JOIN ding_space s ON s.space = n.space WHERE s.active AND n.person <> ? AND`+cameToUs+`
		AND NOT EXISTS(SELECT 1 FROM ding_word w WHERE w.space = n.space AND w.device = n.device AND w.start = n.start AND w.seq = n.seq
			AND (w.what = 2 AND w.person = ? OR w.what = 3 AND w.person = n.person))
		ORDER BY n.stamp LIMIT ?`, g.Me[:], 0, g.Me[:], maxWaiting)
	if err != nil {
		return nil, err
	}
	out := &v1.WaitingDingsResponse{}
	for _, x := range all {
		v, err := g.out(ctx, x)
		if err != nil {
			return nil, err
		}
		if v.IsRecalled || v.MessageId == "" {
			continue
		}
		if v.Rings, err = g.rings(ctx, x); err != nil {
			return nil, err
		}
		out.Dings = append(out.Dings, v)
	}
	return out, nil
}

// rings reports whether its latest round came soon enough to sound.
func (g *Ding) rings(ctx context.Context, x notice) (sounds bool, err error) {
	last := x.rounds[len(x.rounds)-1]
	err = g.DB.Read().QueryRowContext(ctx, `SELECT coalesce(max(sounds AND NOT over), 0) FROM dinglocal_came WHERE space = ? AND device = ? AND start = ? AND seq = ?`,
		last.space[:], last.at.Device[:], int64(last.at.Start), int64(last.at.Seq)).Scan(&sounds)
	return sounds && g.Clock.Now().UnixMilli()-ms(last.stamp) <= soundLife.Milliseconds(), store.Classify(err)
}

// Dings implements DingService.
func (a API) Dings(ctx context.Context, r *v1.DingsRequest) (*v1.DingsResponse, error) {
	g, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	limit := int(r.Limit)
	if limit == 0 {
		limit = defaultPage
	}
	if limit < 0 || limit > maxPage {
		return nil, errcode.InvalidArgument
	}
	var all []notice
	from, args, err := g.shownIn(ctx, id)
	if err != nil {
		return nil, err
	}
	if r.Box == v1.DingBox_DING_BOX_SENT {
		all, err = g.notices(ctx, from+`n.person = ? ORDER BY n.stamp DESC LIMIT ?`, append(args, g.Me[:], limit)...)
	} else {
		all, err = g.notices(ctx, from+`n.person <> ? AND`+cameToUs+` ORDER BY n.stamp DESC LIMIT ?`, append(args, g.Me[:], 1, limit)...)
	}
	if err != nil {
		return nil, err
	}
	out := &v1.DingsResponse{}
	for _, x := range all {
		v, err := g.out(ctx, x)
		if err != nil {
			return nil, err
		}
		out.Dings = append(out.Dings, v)
	}
	return out, nil
}

// Marks implements DingService.
func (a API) Marks(ctx context.Context, r *v1.DingMarksRequest) (*v1.DingMarksResponse, error) {
	g, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	workspace, _, err := g.place(ctx, id)
	if errors.Is(err, errcode.NotFound) {
		return &v1.DingMarksResponse{}, nil // the chat of a meeting has none
	}
	if err != nil {
		return nil, err
	}
	all, err := g.notices(ctx, `WHERE n.space = ? ORDER BY n.stamp DESC LIMIT ?`, id[:], maxMarks)
	if err != nil {
		return nil, err
	}
	out := &v1.DingMarksResponse{}
	for _, x := range all {
		said, ok, err := g.Messages.Placed(ctx, id, x.message)
		if err != nil {
			return nil, err
		}
		if !ok || said.Person != x.person || said.Recalled {
			continue
		}
		v, err := g.verdict(ctx, workspace, x)
		if err != nil {
			return nil, err
		}
		m := &v1.DingMark{MessageId: said.ID, DingId: idOf(id, x.at), Verdict: v1.DingVerdict(v), IsCalledOff: x.off != 0}
		if x.person != g.Me && x.off == 0 && v == stands && x.said(Confirmed, g.Me) == 0 {
			people, err := g.people(ctx, x)
			if err != nil {
				return nil, err
			}
			m.IsMineToConfirm = contains(people, g.Me)
		}
		out.Marks = append(out.Marks, m)
	}
	return out, nil
}

// verdict of a notice is that of its first round, or, where this device let less come, that.
func (g *Ding) verdict(ctx context.Context, workspace wire.SpaceID, x notice) (verdict, error) {
	v, _, err := g.judge(ctx, workspace, roundRow{space: x.space, at: x.at, person: x.person, stamp: x.stamp})
	if err != nil || v != stands || x.person == g.Me {
		return v, err
	}
	var over int
	err = g.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM dinglocal_came WHERE space = ? AND device = ? AND start = ? AND seq = ? AND over`,
		x.space[:], x.at.Device[:], int64(x.at.Start), int64(x.at.Seq)).Scan(&over)
	if over > 0 {
		v = overLimit
	}
	return v, store.Classify(err)
}

// out is a notice as the screen gets it.
func (g *Ding) out(ctx context.Context, x notice) (*v1.Ding, error) {
	workspace, kind, err := g.place(ctx, x.space)
	if err != nil {
		return nil, err
	}
	said, ok, err := g.Messages.Placed(ctx, x.space, x.message)
	if err != nil {
		return nil, err
	}
	v, err := g.verdict(ctx, workspace, x)
	if err != nil {
		return nil, err
	}
	out := &v1.Ding{
		Id: idOf(x.space, x.at), WorkspaceId: workspace.String(), ConversationId: x.space.String(), ConversationName: g.Messages.Title(ctx, x.space),
		PersonId: x.person.String(), PersonName: g.Name(ctx, workspace, x.person), IsMine: x.person == g.Me, SentUnixMs: ms(x.stamp), LastUnixMs: ms(x.stamp),
		Rounds: int32(len(x.rounds)), Verdict: v1.DingVerdict(v), CalledOffUnixMs: ms(x.off), MyConfirmedUnixMs: ms(x.said(Confirmed, g.Me)),
		IsDirect: kind == space.Direct, IsExternal: g.isExternal(kind, x.person),
	}
	if kind == space.Circle && g.ShownIn != nil { // it lies in no workspace, and the screen leads to it by one
		if shown, ok := g.ShownIn(ctx, x.space); ok {
			out.WorkspaceId = shown.String()
		}
	}
	if out.IsDirect {
		out.ConversationName = ""
	}
	if ok && said.Person == x.person {
		out.MessageId, out.Text, out.FileName, out.FileCount, out.IsRecalled = said.ID, said.Text, said.FileName, int32(said.Files), said.Recalled
	}
	for _, r := range x.rounds {
		out.LastUnixMs, out.ToAll = ms(r.stamp), out.ToAll || r.all
	}
	if out.IsMine {
		err = g.receipts(ctx, workspace, kind, x, out)
	}
	return out, err
}

// receipts says how far a notice of ours has come at each of its people.
func (g *Ding) receipts(ctx context.Context, workspace wire.SpaceID, kind space.Kind, x notice, out *v1.Ding) error {
	people, err := g.people(ctx, x)
	if err != nil {
		return err
	}
	delivered, err := g.delivered(ctx, x)
	if err != nil {
		return err
	}
	holders := g.holders(x)
	relayed := g.AtRelay != nil && g.AtRelay(x.space, x.at) >= x.at.Seq
	out.Total = int32(len(people))
	for _, p := range people {
		r := &v1.DingReceipt{PersonId: p.String(), State: v1.DingState_DING_STATE_WAITING, DeliveredUnixMs: delivered[p],
			SeenUnixMs: ms(x.said(Seen, p)), ConfirmedUnixMs: ms(x.said(Confirmed, p))}
		if relayed {
			r.State = v1.DingState_DING_STATE_AT_RELAY
		}
		// Whoever answered has it, also where that device never said so.
		switch _, known := delivered[p]; {
		case r.ConfirmedUnixMs > 0:
			r.State = v1.DingState_DING_STATE_CONFIRMED
			out.Confirmed++
		case r.SeenUnixMs > 0:
			r.State = v1.DingState_DING_STATE_SEEN
		case known || holders[p]:
			r.State = v1.DingState_DING_STATE_DELIVERED
		}
		if r.State >= v1.DingState_DING_STATE_DELIVERED {
			out.Delivered++
		}
		if r.State >= v1.DingState_DING_STATE_SEEN {
			out.Seen++
		}
		out.Receipts = append(out.Receipts, r)
	}
	slices.SortStableFunc(out.Receipts, func(a, b *v1.DingReceipt) int { return int(a.State) - int(b.State) })
	out.Receipts = out.Receipts[:min(len(out.Receipts), MaxPeople)]
	for _, r := range out.Receipts {
		p, _ := wire.ParsePersonID(r.PersonId)
		r.PersonName, r.IsExternal = g.Name(ctx, workspace, p), g.isExternal(kind, p)
	}
	return nil
}
