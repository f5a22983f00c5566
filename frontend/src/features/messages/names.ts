import type { TFunction } from "i18next";
import { ConversationKind, type Conversation, type Message } from "../../api";
import { baseName, splitFolderLinks } from "../../lib/folderLink";
import { unmarked } from "../../lib/markup";
import { splitMeetingLinks } from "../../lib/meetingLink";

export function conversationName(conversation: Conversation, t: TFunction): string {
  return conversation.kind === ConversationKind.EVERYONE ? t("messages.everyone") : conversation.kind === ConversationKind.MEETING ? t("messages.meeting") : conversation.name;
}

/** The tint of a direct conversation is its person's. */
export function conversationFace(conversation: Conversation): string {
  return conversation.kind === ConversationKind.DIRECT ? conversation.personId : conversation.id;
}

/** A message in one line: its text, else its files. */
export function brief(message: Message, t: TFunction): string {
  if (message.recalled) return recalledWords(message, t);
  if (message.record) return t("thread.recordBrief");
  const [first, ...more] = message.attachments;
  const text = unmarked(plainLinks(message.text.slice(0, 2000), t)).slice(0, 160).replace(/\s+/g, " ");
  if (!first || text !== "") return message.note ? t("messages.noteBrief", { text }) : text;
  if (more.length > 0) return t("attach.briefMore", { count: more.length + 1 });
  return first.isPicture ? t("attach.briefPicture") : t("attach.briefFile", { name: first.name });
}

/** Who took a message back; called says what somebody is called here. */
export function recalledWords(message: Message, t: TFunction, called = (_personId: string, name: string) => name): string {
  const { recalled } = message;
  if (!recalled) return "";
  const name = called(recalled.personId, recalled.personName);
  const author = called(message.personId, message.personName);
  if (recalled.personId === message.personId) return recalled.isMine ? t("depth.recalledByMe") : t("depth.recalledBy", { name });
  if (recalled.isMine) return t("depth.recalledOfByMe", { author });
  return message.isMine ? t("depth.recalledMine", { name }) : t("depth.recalledOf", { name, author });
}

/** Links into folders and to meetings read as what they lead to. */
function plainLinks(text: string, t: TFunction): string {
  const folders = splitFolderLinks(text).map((piece) => (typeof piece === "string" ? piece : piece.path === "" ? t("attach.briefFolder") : t("attach.briefFile", { name: baseName(piece.path) }))).join("");
  return splitMeetingLinks(folders).map((piece) => (typeof piece === "string" ? piece : t("meetings.card.brief"))).join("");
}
