import type { TFunction } from "i18next";
import { ConversationKind, type FindResponse, type FoundFile, type FoundMessage } from "../../api";
import type { Entry } from "./local";

/** Where what was found leads. */
export interface Deeds {
  person(personID: string, key: string, isMe: boolean): void;
  conversation(id: string): void;
  message(conversation: string, id: string): void;
  entry(folder: string, path: string): void;
}

export function placeName(kind: ConversationKind, name: string, t: TFunction): string {
  return kind === ConversationKind.EVERYONE ? t("messages.everyone") : name;
}

/** What the program found, as rows of the palette. */
export function foundEntries(found: FindResponse, t: TFunction, deeds: Deeds): Entry[] {
  return [
    ...found.people.map((person): Entry => ({
      key: `p:${person.key}`, group: "people", id: person.personId || person.key, name: person.name, marks: person.marks,
      note: [person.title, person.department].filter(Boolean).join(" · "), run: () => deeds.person(person.personId, person.key, person.isMe),
    })),
    ...found.conversations.map((conversation): Entry => ({
      key: `c:${conversation.conversationId}`, group: "conversations", id: conversation.conversationId, name: conversation.name, marks: conversation.marks, note: "",
      run: () => deeds.conversation(conversation.conversationId),
    })),
    ...found.messages.map((message): Entry => ({
      key: `m:${message.messageId}`, group: "messages", id: message.personId, face: message.personName, name: message.excerpt || fileNames(message), marks: message.excerpt ? message.marks : [],
      note: `${message.isMine ? t("messages.me") : message.personName} · ${placeName(message.conversationKind, message.conversationName, t)}`, external: message.isExternal,
      run: () => deeds.message(message.conversationId, message.messageId),
    })),
    ...found.files.map((file): Entry => ({
      key: `f:${file.folderId}${file.path}${file.messageId}${file.index}`, group: "files", id: file.name, name: file.name, marks: file.marks,
      note: file.folderId === "" ? file.personName : file.folderName, external: file.isExternal, run: () => openFile(file, deeds),
    })),
  ];
}

export const fileNames = (message: FoundMessage) => message.files.map((file) => file.name).join(" · ");

export function openFile(file: FoundFile, deeds: Pick<Deeds, "message" | "entry">): void {
  if (file.folderId !== "") deeds.entry(file.folderId, file.path);
  else deeds.message(file.conversationId, file.messageId);
}
