import type { Conversation } from "../../api";
import { usePictureOf } from "../../live";
import { Avatar } from "../../ui";
import { conversationFace } from "./names";

/** The picture of a group, or the letters that stand for a conversation. */
export function ConversationFace({ conversation, name, size, online }: { conversation: Conversation; name: string; size?: "xs" | "sm" | "md" | "lg"; online?: boolean }) {
  const picture = usePictureOf(conversation);
  return <Avatar id={conversationFace(conversation)} name={name} {...(size && { size })} {...(online !== undefined && { online })} picture={picture} />;
}
