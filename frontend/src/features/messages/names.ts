import type { TFunction } from "i18next";
import { ConversationKind, type Conversation } from "../../api";

export function conversationName(conversation: Conversation, t: TFunction): string {
  return conversation.kind === ConversationKind.EVERYONE ? t("messages.everyone") : conversation.name;
}

/** The tint of a direct conversation is its person's. */
export function conversationFace(conversation: Conversation): string {
  return conversation.kind === ConversationKind.DIRECT ? conversation.personId : conversation.id;
}
