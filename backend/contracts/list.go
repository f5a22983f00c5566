package contracts

import (
	"cmp"
	"context"
	"slices"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// row is one contract in a list.
type row struct {
	id, workspace                            wire.SpaceID
	title, document                          string
	phase                                    flow.Phase
	sender                                   wire.PersonID
	sent, deadline, ends, completed, changed int64
	archived                                 bool
	parties                                  []rowParty
	sha256                                   []byte // of the latest version, as its event says
	unchecked                                bool
	tags                                     []string
	asked                                    bool // we are asked for a seal
}

type rowParty struct {
	id       uint8
	role     flow.Role
	person   wire.PersonID
	name     string
	standing flow.Standing
	signed   bool // it says that it acted, whether that was checked or not
}

// found is where a query was found in a document's text.
type found struct {
	excerpt string
	page    int
}

const rowsOf = `SELECT r.space, r.workspace, r.title, r.document, r.phase, r.sender, r.sent, r.deadline, coalesce(nullif(l.ends, 0), r.ends), r.completed, r.changed, r.sha256,
	coalesce(l.archived, 0), EXISTS(SELECT 1 FROM contracts_asked a WHERE a.space = r.space AND a.holder = ?)
	FROM contracts_row r LEFT JOIN contractslocal_contract l ON l.space = r.space WHERE coalesce(l.deleted, 0) = 0`

// rows reads all contracts of a workspace and those that lie in none; all when it is zero.
func (c *Contracts) rows(ctx context.Context, workspace wire.SpaceID) (out []*row, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, rowsOf, c.Me.Person[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		r := &row{}
		var id, in, sender []byte
		var phase int64
		if err := rows.Scan(&id, &in, &r.title, &r.document, &phase, &sender, &r.sent, &r.deadline, &r.ends, &r.completed, &r.changed, &r.sha256, &r.archived, &r.asked); err != nil {
			return nil, store.Classify(err)
		}
		if len(id) != len(r.id) || len(in) != len(r.id) || len(sender) != len(r.sender) {
			continue
		}
		r.id, r.workspace, r.sender, r.phase = wire.SpaceID(id), wire.SpaceID(in), wire.PersonID(sender), flow.Phase(phase)
		if r.workspace.IsZero() { // it lies in none, so it stands in all, and its people have names of their own
			r.workspace = r.id
		} else if !workspace.IsZero() && r.workspace != workspace {
			continue
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, store.Classify(err)
	}
	if err := c.fill(ctx, out); err != nil {
		return nil, err
	}
	return c.vouch(ctx, out)
}

// fill adds parties and tags to rows.
func (c *Contracts) fill(ctx context.Context, all []*row) error {
	by := map[wire.SpaceID]*row{}
	for _, r := range all {
		by[r.id] = r
	}
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT space, party, role, person, name, standing FROM contracts_party ORDER BY space, party`)
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, person []byte
		var p rowParty
		if err := rows.Scan(&id, &p.id, &p.role, &person, &p.name, &p.standing); err != nil {
			return store.Classify(err)
		}
		if r := by[wire.SpaceID(id)]; r != nil && len(person) == len(p.person) {
			p.person = wire.PersonID(person)
			r.parties = append(r.parties, p)
		}
	}
	if err := rows.Err(); err != nil {
		return store.Classify(err)
	}
	tags, err := c.DB.Read().QueryContext(ctx, `SELECT space, tag FROM contractslocal_tag ORDER BY tag`)
	if err != nil {
		return store.Classify(err)
	}
	defer tags.Close()
	for tags.Next() {
		var id []byte
		var tag string
		if err := tags.Scan(&id, &tag); err != nil {
			return store.Classify(err)
		}
		if r := by[wire.SpaceID(id)]; r != nil {
			r.tags = append(r.tags, tag)
		}
	}
	return store.Classify(tags.Err())
}

// list gives drafts and contracts, the latest first.
func (c *Contracts) list(ctx context.Context, workspace wire.SpaceID, box v1.ContractBox, query, tag string) (*v1.ContractsResponse, error) {
	all, err := c.rows(ctx, workspace)
	if err != nil {
		return nil, err
	}
	drafts, err := c.draftRows(ctx, workspace)
	if err != nil {
		return nil, err
	}
	texts, err := c.findText(ctx, query)
	if err != nil {
		return nil, err
	}
	out := &v1.ContractsResponse{Drafts: int32(len(drafts))}
	now := c.Clock.Now().UnixMilli()
	for _, r := range all {
		boxes := c.count(r, now, out)
		for _, t := range r.tags {
			if !slices.Contains(out.Tags, t) {
				out.Tags = append(out.Tags, t)
			}
		}
		if !slices.Contains(boxes, box) || tag != "" && !slices.Contains(r.tags, tag) {
			continue
		}
		one := c.rowOut(ctx, r, now)
		if where, in := texts[r.id]; in {
			one.Excerpt, one.ExcerptPage = where.excerpt, int32(where.page)
		} else if !matches(query, append(slices.Concat(one.PartyNames, one.Tags), one.Title, r.document, one.SenderName)...) {
			continue
		}
		out.Rows = append(out.Rows, one)
	}
	for _, d := range drafts {
		if (box == v1.ContractBox_CONTRACT_BOX_UNSPECIFIED || box == v1.ContractBox_CONTRACT_BOX_DRAFTS) && (tag == "" || slices.Contains(d.Tags, tag)) &&
			matches(query, append(slices.Concat(d.PartyNames, d.Tags), d.Title)...) {
			out.Rows = append(out.Rows, d)
		}
	}
	slices.Sort(out.Tags)
	slices.SortStableFunc(out.Rows, func(a, b *v1.ContractRow) int { return cmp.Compare(b.ChangedUnixMs, a.ChangedUnixMs) })
	return out, nil
}

// count adds a contract to the numbers of its boxes and names them.
func (c *Contracts) count(r *row, now int64, out *v1.ContractsResponse) []v1.ContractBox {
	if r.archived {
		out.Archived++
		return []v1.ContractBox{v1.ContractBox_CONTRACT_BOX_ARCHIVED}
	}
	boxes := []v1.ContractBox{v1.ContractBox_CONTRACT_BOX_UNSPECIFIED}
	if c.toDo(r, now) {
		out.MineToDo++
		boxes = append(boxes, v1.ContractBox_CONTRACT_BOX_MINE_TO_DO)
	}
	switch {
	case r.phase == flow.Completed:
		out.Completed++
		return append(boxes, v1.ContractBox_CONTRACT_BOX_COMPLETED)
	case r.phase == flow.Ended || r.expired(now):
		out.Ended++
		return append(boxes, v1.ContractBox_CONTRACT_BOX_ENDED)
	}
	out.Running++
	return append(boxes, v1.ContractBox_CONTRACT_BOX_RUNNING)
}

func (r *row) expired(now int64) bool {
	return (r.phase == flow.Running || r.phase == flow.Refused) && r.deadline > 0 && now > r.deadline
}

// toDo reports whether something is asked of us: to sign or approve, to apply a seal, or to answer a refusal.
func (c *Contracts) toDo(r *row, now int64) bool {
	if r.expired(now) {
		return false
	}
	if r.phase == flow.Refused {
		return r.sender == c.Me.Person
	}
	if r.phase != flow.Running {
		return false
	}
	return r.asked || slices.ContainsFunc(r.parties, func(p rowParty) bool {
		return p.person == c.Me.Person && p.role.Acts() && (p.standing == flow.Waiting || p.standing == flow.HasOpened ||
			p.standing == flow.HasConsented && !p.signed && p.role == flow.Signer && (!c.unlockedParty(r.id, p.id) || c.problem(r.id, p.id) == errcode.TimeUnreachable))
	})
}

func (c *Contracts) rowOut(ctx context.Context, r *row, now int64) *v1.ContractRow {
	out := &v1.ContractRow{Id: r.id.String(), Unchecked: r.unchecked, Title: r.title, State: stateOut(r.phase, r.expired(now)), SenderName: c.Name(ctx, r.workspace, r.sender),
		IsSender: r.sender == c.Me.Person, MineToDo: c.toDo(r, now), ChangedUnixMs: r.changed, DeadlineUnixMs: r.deadline, EndsUnixMs: r.ends, Tags: r.tags}
	for _, p := range r.parties {
		called := c.Name(ctx, r.workspace, p.person)
		if called == "" {
			called = p.name
		}
		out.PartyNames = append(out.PartyNames, called)
		if !p.role.Acts() {
			continue
		}
		out.ToAct++
		switch p.standing {
		case flow.HasSigned, flow.HasApproved:
			out.Acted++
		case flow.Waiting, flow.HasOpened, flow.HasConsented, flow.Invited, flow.WaitsForSeal:
			out.WaitingFor = append(out.WaitingFor, called)
			if p.person == c.Me.Person && p.standing == flow.HasConsented && !p.signed {
				out.Queued = "turn"
				switch {
				case p.role == flow.Signer && !c.unlockedParty(r.id, p.id):
					out.Queued = "key"
				case c.problem(r.id, p.id) == errcode.TimeUnreachable:
					out.Queued = "time"
				}
			}
		}
	}
	if r.phase != flow.Running || r.expired(now) {
		out.WaitingFor, out.Queued = nil, ""
	}
	return out
}

// matches reports whether each word of a query is in one of the texts.
func matches(query string, texts ...string) bool {
	all := strings.ToLower(strings.Join(texts, "\n"))
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}
