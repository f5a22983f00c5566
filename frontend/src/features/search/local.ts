import { ConversationKind, type Conversation, type Folder } from "../../api";
import { matchAny } from "../../lib/match";

export interface Entry {
  readonly key: string;
  readonly group: "people" | "conversations" | "messages" | "files" | "folders" | "commands" | "workspaces";
  readonly id: string;
  readonly name: string;
  /** What the program found in the name; absent where the screen looks by itself. */
  readonly marks?: readonly number[];
  readonly note: string;
  /** Whose face stands before it, where that is not the name. */
  readonly face?: string;
  /** Who is named in the note is of another workspace. */
  readonly external?: boolean;
  readonly run: () => void;
}

const MOST = 8;

/** What begins with the query stands before what merely contains it; undefined does not match. */
function rankOf(texts: readonly string[], query: string): number | undefined {
  const found = matchAny(texts, query);
  return found ? found.index * 1000 + found.span[0] : undefined;
}

/** Entries that match, best first. */
export function findEntries(all: readonly Entry[], query: string): Entry[] {
  const ranked = all.flatMap((entry) => {
    const rank = rankOf([entry.name, entry.note], query);
    return rank === undefined ? [] : [{ entry, rank }];
  });
  const shown: Entry[] = [];
  for (const group of ["conversations", "people", "folders", "workspaces", "commands"] as const) {
    const inGroup = ranked.filter(({ entry }) => entry.group === group).sort((a, b) => a.rank - b.rank);
    shown.push(...inGroup.slice(0, MOST).map(({ entry }) => entry));
  }
  return shown;
}

export function conversationEntries(conversations: readonly Conversation[], everyone: string, open: (id: string) => void): Entry[] {
  return conversations.map((conversation) => ({
    key: `c:${conversation.id}`, group: "conversations", id: conversation.id, note: "", name: nameOf(conversation, everyone), run: () => open(conversation.id),
  }));
}

const nameOf = (conversation: Conversation, everyone: string) => conversation.kind === ConversationKind.EVERYONE ? everyone : conversation.name;

/** The best of conversations by their names. It rests after each, so that whoever has thousands need not wait for all of them at once. */
export function* findConversations(conversations: readonly Conversation[], everyone: string, query: string): Generator<undefined, Conversation[]> {
  const ranked: { readonly conversation: Conversation; readonly rank: number }[] = [];
  for (const conversation of conversations) {
    // A direct conversation is found as its person.
    const rank = conversation.kind === ConversationKind.DIRECT ? undefined : rankOf([nameOf(conversation, everyone)], query);
    if (rank !== undefined) ranked.push({ conversation, rank });
    yield;
  }
  return ranked.sort((a, b) => a.rank - b.rank).slice(0, MOST).map(({ conversation }) => conversation);
}

/** Where something was written last, direct conversations among them. */
export function recentEntries(conversations: readonly Conversation[], everyone: string, open: (id: string) => void): Entry[] {
  const latest = [...conversations].sort((a, b) => Number(b.lastUnixMs - a.lastUnixMs)).slice(0, MOST);
  return conversationEntries(latest, everyone, open).map((entry, index) => ({ ...entry, id: latest[index]!.personId || entry.id }));
}

export function folderEntries(folders: readonly Folder[], open: (id: string) => void): Entry[] {
  return folders.map((folder) => ({ key: `f:${folder.id}`, group: "folders", id: folder.id, name: folder.name, note: "", run: () => open(folder.id) }));
}
