package chat

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// maxMoved is how many conversations are worked out one by one; with more all are asked about at once.
const maxMoved = 64

// list holds conversations as they were answered, so that a change to one is worked out for that one alone.
type list struct {
	mu     sync.Mutex
	run    string // names this run of the program: revisions begin anew with each
	tables map[wire.SpaceID]*table
	// follows: somebody tells of changes (Chat.Changed). Before, nothing that was answered is trusted.
	follows bool
}

// table is the list of one workspace.
type table struct {
	working sync.Mutex // held while rows are worked out
	rows    map[wire.SpaceID]*listed
	// revision counts the looks at which a row changed.
	revision uint64

	// What may have changed since; guarded by list.mu.
	moved map[wire.SpaceID]bool
	anew  bool
}

type listed struct {
	out      *v1.Conversation
	revision uint64 // at which it became so
	// restless: it becomes another one without that anything is told: a time runs out, or a file comes.
	restless bool
}

// Changed tells that what belongs to some topics may have changed; the app calls it with everything it publishes. It does not block.
func (c *Chat) Changed(topics ...string) {
	l := &c.list
	l.mu.Lock()
	defer l.mu.Unlock()
	l.follows = true
	var moved []wire.SpaceID
	for _, t := range topics {
		if rest, ok := strings.CutPrefix(t, "chat:"); ok {
			if id, err := wire.ParseSpaceID(rest); err == nil {
				moved = append(moved, id)
			}
		}
	}
	chat := slices.Contains(topics, "chat")
	// With people go names and who may write; what is said of chats without naming one may be any.
	anew := slices.Contains(topics, "circles") || chat && (slices.Contains(topics, "people") || len(moved) == 0)
	for _, t := range l.tables {
		t.anew = t.anew || anew
		for _, id := range moved {
			t.moved[id] = true
		}
	}
}

func (l *list) table(workspace wire.SpaceID) *table {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tables == nil {
		l.tables, l.run = map[wire.SpaceID]*table{}, rand.Text()
	}
	t := l.tables[workspace]
	if t == nil {
		t = &table{rows: map[wire.SpaceID]*listed{}, moved: map[wire.SpaceID]bool{}, anew: true}
		l.tables[workspace] = t
	}
	return t
}

// take gives what may have changed, and begins to note anew: what changes from here on is looked at the next time.
func (l *list) take(t *table) (moved map[wire.SpaceID]bool, anew bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	moved, anew = t.moved, t.anew || !l.follows
	t.moved, t.anew = map[wire.SpaceID]bool{}, false
	return moved, anew
}

func (l *list) distrust(t *table) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.anew = true
}

// refresh brings a table up to date; its lock is held.
func (c *Chat) refresh(ctx context.Context, workspace wire.SpaceID, t *table) error {
	moved, anew := c.list.take(t)
	for id, row := range t.rows {
		if row.restless {
			moved[id] = true
		}
	}
	if len(moved) == 0 && !anew {
		return nil
	}
	err := c.workOut(ctx, workspace, t, moved, anew || len(moved) > maxMoved)
	if err != nil {
		c.list.distrust(t)
	}
	return err
}

func (c *Chat) workOut(ctx context.Context, workspace wire.SpaceID, t *table, moved map[wire.SpaceID]bool, anew bool) error {
	var all []conversation
	if anew {
		o, err := c.overview(ctx, workspace)
		if err != nil {
			return err
		}
		if all, err = c.load(ctx, o, conversationColumns+` WHERE `+shownIn+` = ?`, workspace[:]); err != nil {
			return err
		}
		moved = map[wire.SpaceID]bool{}
		for id := range t.rows {
			moved[id] = true
		}
	}
	if !anew {
		for id := range moved {
			some, err := c.load(ctx, nil, conversationColumns+` WHERE s.space = ? AND `+shownIn+` = ?`, id[:], workspace[:])
			if err != nil {
				return err
			}
			all = append(all, some...)
		}
	}
	now := t.revision + 1
	outs, err := c.conversationsOut(ctx, all)
	if err != nil {
		return err
	}
	for i, v := range all {
		out := outs[i]
		delete(moved, v.id)
		if was := t.rows[v.id]; was != nil && proto.Equal(was.out, out) {
			continue
		}
		t.rows[v.id] = &listed{out: out, revision: now, restless: v.kept.muted != 0 || isComing(out.LastMessage)}
		t.revision = now
	}
	for id := range moved { // no more in this list
		if t.rows[id] != nil {
			delete(t.rows, id)
			t.revision = now
		}
	}
	return nil
}

// conversationsOut shows conversations, on all processors where there are many.
func (c *Chat) conversationsOut(ctx context.Context, all []conversation) ([]*v1.Conversation, error) {
	out := make([]*v1.Conversation, len(all))
	some := max(maxMoved, 1+len(all)/runtime.GOMAXPROCS(0))
	failed := make([]error, 0, 1+len(all)/some)
	var work sync.WaitGroup
	for from := 0; from < len(all); from += some {
		failed = append(failed, nil)
		mine := &failed[len(failed)-1]
		work.Go(func() {
			for i := from; i < min(from+some, len(all)) && *mine == nil; i++ {
				out[i], *mine = c.conversationOut(ctx, all[i])
			}
		})
	}
	work.Wait()
	return out, errors.Join(failed...)
}

// prepare works lists out before somebody asks, as the program starts.
func (c *Chat) prepare(ctx context.Context) {
	for _, id := range c.Log.Spaces() {
		ours := false
		_ = c.Log.View(id, func(s *space.State) {
			m, in := s.Member(c.Me.Person)
			ours = s.Kind == space.Workspace && in && m.Active
		})
		if !ours || ctx.Err() != nil {
			continue
		}
		t := c.list.table(id)
		t.working.Lock()
		err := c.refresh(ctx, id, t)
		t.working.Unlock()
		if err != nil && ctx.Err() == nil {
			c.Slog.Warn("prepare list of conversations", "err", err)
		}
	}
}

// Prepared is closed once Run has worked lists out: what can wait waits for that.
func (c *Chat) Prepared() <-chan struct{} { return c.prepared }

// isComing reports whether a file of a message is not here yet.
func isComing(m *v1.Message) bool {
	for _, a := range m.GetAttachments() {
		if a.State != v1.AttachmentState_ATTACHMENT_STATE_HERE || a.Depositing {
			return true
		}
	}
	return false
}

// inOrder lists rows as the screen does: the pinned ones in their order, then the others, latest first.
func inOrder(rows map[wire.SpaceID]*listed) []*listed {
	pinned := func(v *listed) int32 { return cmp.Or(v.out.Kept.GetPinned(), maxKeptPins+1) }
	return slices.SortedFunc(maps.Values(rows), func(a, b *listed) int {
		return cmp.Or(cmp.Compare(pinned(a), pinned(b)), cmp.Compare(b.out.LastUnixMs, a.out.LastUnixMs), cmp.Compare(a.out.Id, b.out.Id))
	})
}

// List implements ConversationService.
func (a ConversationAPI) List(ctx context.Context, r *v1.ListRequest) (*v1.ListResponse, error) {
	c, workspace, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if r.Offset < 0 || r.Limit < 0 {
		return nil, errcode.InvalidArgument
	}
	t := c.list.table(workspace)
	t.working.Lock()
	defer t.working.Unlock()
	if err := c.refresh(ctx, workspace, t); err != nil {
		return nil, err
	}
	out := &v1.ListResponse{Since: c.list.run + "." + strconv.FormatUint(t.revision, 10), Total: int32(len(t.rows))}
	if since, err := c.list.parse(r.Since); err == nil && since <= t.revision {
		changed := map[wire.SpaceID]*listed{}
		for id, row := range t.rows {
			if row.revision > since {
				changed[id] = row
			}
		}
		for _, row := range inOrder(changed) {
			out.Conversations = append(out.Conversations, row.out)
		}
		return out, nil
	}
	out.Whole = true
	all := inOrder(t.rows)
	all = all[min(int(r.Offset), len(all)):]
	if r.Limit > 0 {
		all = all[:min(int(r.Limit), len(all))]
	}
	for _, row := range all {
		out.Conversations = append(out.Conversations, row.out)
	}
	return out, nil
}

var errOtherRun = errors.New("list of another run")

// parse reads the revision of an answer of this run.
func (l *list) parse(since string) (uint64, error) {
	run, revision, ok := strings.Cut(since, ".")
	if !ok || run != l.run {
		return 0, errOtherRun
	}
	return strconv.ParseUint(revision, 10, 64)
}

// Conversations implements ChatService.
func (a API) Conversations(ctx context.Context, r *v1.ConversationsRequest) (*v1.ConversationsResponse, error) {
	all, err := ConversationAPI{a}.List(ctx, &v1.ListRequest{WorkspaceId: r.WorkspaceId})
	if err != nil {
		return nil, err
	}
	return &v1.ConversationsResponse{Conversations: all.Conversations}, nil
}
