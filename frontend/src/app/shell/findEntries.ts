import { ConversationKind, type Conversation, type Folder, type Member } from "../../api";
import { matchAny } from "../../lib/match";

export interface Entry {
  readonly key: string;
  readonly group: "people" | "conversations" | "folders" | "commands" | "workspaces";
  readonly id: string;
  readonly name: string;
  readonly note: string;
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

export function peopleEntries(members: readonly Member[], open: (member: Member) => void): Entry[] {
  return members.filter((member) => !member.isMe).map((member) => ({
    key: `p:${member.personId}`, group: "people", id: member.personId, name: member.name,
    note: [member.title, member.department].filter(Boolean).join(" · "), run: () => open(member),
  }));
}

export function folderEntries(folders: readonly Folder[], open: (id: string) => void): Entry[] {
  return folders.map((folder) => ({ key: `f:${folder.id}`, group: "folders", id: folder.id, name: folder.name, note: "", run: () => open(folder.id) }));
}
