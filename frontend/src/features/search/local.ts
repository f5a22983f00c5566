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

/** Entries that match, best first: what begins with the query stands before what merely contains it. */
export function findEntries(all: readonly Entry[], query: string): Entry[] {
  const ranked = all.flatMap((entry) => {
    const found = matchAny([entry.name, entry.note], query);
    return found ? [{ entry, rank: found.index * 1000 + found.span[0] }] : [];
  });
  const shown: Entry[] = [];
  for (const group of ["conversations", "people", "folders", "workspaces", "commands"] as const) {
    const inGroup = ranked.filter(({ entry }) => entry.group === group).sort((a, b) => a.rank - b.rank);
    shown.push(...inGroup.slice(0, MOST).map(({ entry }) => entry));
  }
  return shown;
}

export function conversationEntries(conversations: readonly Conversation[], everyone: string, open: (id: string) => void): Entry[] {
  return conversations
    // A direct conversation is found as its person.
    .filter((conversation) => conversation.kind !== ConversationKind.DIRECT)
    .map((conversation) => ({
      key: `c:${conversation.id}`, group: "conversations", id: conversation.id, note: "",
      name: conversation.kind === ConversationKind.EVERYONE ? everyone : conversation.name,
      run: () => open(conversation.id),
    }));
}

/** Where something was written last, direct conversations among them. */
export function recentEntries(conversations: readonly Conversation[], everyone: string, open: (id: string) => void): Entry[] {
  return [...conversations].sort((a, b) => Number(b.lastUnixMs - a.lastUnixMs)).slice(0, MOST).map((conversation) => ({
    key: `c:${conversation.id}`, group: "conversations", id: conversation.personId || conversation.id, note: "",
    name: conversation.kind === ConversationKind.EVERYONE ? everyone : conversation.name,
    run: () => open(conversation.id),
  }));
}

export function folderEntries(folders: readonly Folder[], open: (id: string) => void): Entry[] {
  return folders.map((folder) => ({ key: `f:${folder.id}`, group: "folders", id: folder.id, name: folder.name, note: "", run: () => open(folder.id) }));
}
