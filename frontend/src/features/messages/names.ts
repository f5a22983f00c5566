import type { TFunction } from "i18next";
import { ConversationKind, type Conversation, type Message } from "../../api";

export function conversationName(conversation: Conversation, t: TFunction): string {
  return conversation.kind === ConversationKind.EVERYONE ? t("messages.everyone") : conversation.name;
}

/** The tint of a direct conversation is its person's. */
export function conversationFace(conversation: Conversation): string {
  return conversation.kind === ConversationKind.DIRECT ? conversation.personId : conversation.id;
}

/** A message in one line: its text, else its files. */
export function brief(message: Message, t: TFunction): string {
  const [first, ...more] = message.attachments;
  const text = message.text.slice(0, 160).replace(/\s+/g, " ");
  if (!first || text !== "") return text;
  if (more.length > 0) return t("attach.briefMore", { count: more.length + 1 });
  return first.isPicture ? t("attach.briefPicture") : t("attach.briefFile", { name: first.name });
}
