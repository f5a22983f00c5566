package app

import (
	"context"
	"strings"
	"sync"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/directory"
	"roundtable/backend/errcode"
	"roundtable/backend/folders"
	"roundtable/backend/search"
	"roundtable/backend/search/names"
	"roundtable/backend/wire"
)

const (
	defaultSearch = 6
	maxSearch     = 50
	// filesTime bounds how long entries of shared folders are looked for while one types; a folder of a million takes longer.
	filesTime = 150 * time.Millisecond
)

// searchService asks every feature for what somebody looks for.
type searchService struct {
	chats   chat.API
	people  directory.API
	folders folders.API
	rooms   *rooms
}

// rooms finds conversations by their names, workspace by workspace.
type rooms struct {
	mu  sync.Mutex
	all map[wire.SpaceID]*workspaceRooms
}

type workspaceRooms struct {
	index names.Index[string]
	known map[string]*v1.FoundConversation
}

func (a *App) newSearch() searchService {
	return searchService{
		chats: chat.API{Get: func() (*chat.Chat, error) { return part(a, func(c *core) *chat.Chat { return c.chat }) }},
		people: directory.API{Get: func() (*directory.Directory, error) {
			return part(a, func(c *core) *directory.Directory { return c.directory })
		}},
		folders: folders.API{Get: a.foldersPart},
		rooms:   &rooms{all: map[wire.SpaceID]*workspaceRooms{}},
	}
}

// FindMessages implements SearchService.
func (s searchService) FindMessages(ctx context.Context, r *v1.FindMessagesRequest) (*v1.FindMessagesResponse, error) {
	return s.chats.FindMessages(ctx, r)
}

// Find implements SearchService.
func (s searchService) Find(ctx context.Context, r *v1.FindRequest) (*v1.FindResponse, error) {
	limit := int(r.Limit)
	if limit == 0 {
		limit = defaultSearch
	}
	if limit < 0 || limit > maxSearch {
		return nil, errcode.InvalidArgument
	}
	out := &v1.FindResponse{}
	if strings.TrimSpace(r.Text) == "" {
		return out, nil
	}
	found, err := s.people.People(ctx, &v1.PeopleRequest{WorkspaceId: r.WorkspaceId, Query: r.Text, Limit: int32(limit), NearKeys: r.NearKeys})
	if err != nil {
		return nil, err
	}
	for _, row := range found.Rows {
		out.People = append(out.People, &v1.FoundPerson{
			PersonId: row.PersonId, Key: row.Key, Name: row.Name, Title: row.Title, Department: row.Department, IsMe: row.IsMe,
			Marks: chat.Marks(row.Name, spansOf(row.Marks)),
		})
	}
	if out.Conversations, err = s.conversations(ctx, r.WorkspaceId, r.Text, limit); err != nil {
		return nil, err
	}
	page, err := s.chats.FindMessages(ctx, &v1.FindMessagesRequest{WorkspaceId: r.WorkspaceId, Text: r.Text, Limit: int32(limit)})
	if err != nil {
		return nil, err
	}
	out.Messages, out.Indexing = page.Messages, page.Indexing
	out.Files, out.FilesUnfinished, err = s.files(ctx, r.WorkspaceId, r.Text, limit)
	return out, err
}

func spansOf(marks []int32) (out []search.Span) {
	for i := 0; i+1 < len(marks); i += 2 {
		out = append(out, search.Span{Start: int(marks[i]), End: int(marks[i+1])})
	}
	return out
}

// conversations finds groups by their names.
func (s searchService) conversations(ctx context.Context, workspace, text string, limit int) ([]*v1.FoundConversation, error) {
	c, err := s.chats.Get()
	if err != nil {
		return nil, err
	}
	id, err := wire.ParseSpaceID(workspace)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	now, err := c.Named(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.rooms.find(id, now, text, limit), nil
}

// find brings the names of a workspace up to date, and looks.
func (r *rooms) find(id wire.SpaceID, now []*v1.FoundConversation, text string, limit int) (out []*v1.FoundConversation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.all[id]
	if w == nil {
		w = &workspaceRooms{known: map[string]*v1.FoundConversation{}}
		r.all[id] = w
	}
	there := make(map[string]bool, len(now))
	for _, one := range now {
		there[one.ConversationId] = true
		if was := w.known[one.ConversationId]; one.Name == "" || was != nil && was.Name == one.Name {
			continue
		}
		w.known[one.ConversationId] = one
		w.index.Put(one.ConversationId, names.Entry{Names: []string{one.Name}})
	}
	for known := range w.known {
		if !there[known] {
			delete(w.known, known)
			w.index.Delete(known)
		}
	}
	for _, h := range w.index.Find(text, limit, nil) {
		one := w.known[h.Key]
		var spans []search.Span
		for _, s := range h.Spans {
			spans = append(spans, search.Span(s))
		}
		out = append(out, &v1.FoundConversation{ConversationId: one.ConversationId, Name: one.Name, Kind: one.Kind, Marks: chat.Marks(one.Name, spans)})
	}
	return out
}

// files finds files by their names: those of messages, the newest first, then those of shared folders.
func (s searchService) files(ctx context.Context, workspace, text string, limit int) (out []*v1.FoundFile, unfinished bool, err error) {
	page, err := s.chats.FindMessages(ctx, &v1.FindMessagesRequest{WorkspaceId: workspace, Text: text, HasFile: true, Limit: maxSearch})
	if err != nil {
		return nil, false, err
	}
	for _, m := range page.Messages {
		for _, f := range m.Files {
			if len(f.Marks) > 0 && len(out) < limit {
				out = append(out, f)
			}
		}
	}
	entries, unfinished, err := s.entries(ctx, workspace, text, limit)
	return append(out, entries...), unfinished, err
}

// entries looks into the shared folders for as long as filesTime, and tells whether that was not enough.
func (s searchService) entries(ctx context.Context, workspace, text string, limit int) (out []*v1.FoundFile, unfinished bool, err error) {
	if _, err := s.folders.Get(); err != nil {
		return nil, false, nil //nolint:nilerr // a guest has none
	}
	until := time.Now().Add(filesTime)
	all, err := s.folders.Folders(ctx, &v1.FoldersRequest{WorkspaceId: workspace})
	if err != nil {
		return nil, false, err
	}
	for _, f := range all.Folders {
		if len(out) >= limit {
			break
		}
		left := max(1, int32(time.Until(until)/time.Millisecond))
		found, err := s.folders.FindEntries(ctx, &v1.FindEntriesRequest{FolderId: f.Id, Text: strings.TrimSpace(text), Limit: int32(limit - len(out)), WithinMs: left})
		if err != nil {
			return nil, false, err
		}
		unfinished = unfinished || found.Unfinished
		for _, e := range found.Entries {
			name, marks := search.Mark(e.Name, text, maxSearch)
			out = append(out, &v1.FoundFile{
				Name: name, Marks: chat.Marks(name, marks), Size: e.Size, AtUnixMs: e.ModifiedUnixMs, FolderId: f.Id, FolderName: f.Name, Path: e.Path,
			})
		}
	}
	return out, unfinished, nil
}
