import type { Conversation } from "../../api";
import { usePictureOf } from "../../live";
import { Avatar } from "../../ui";
import { conversationFace } from "./names";

type Props = { conversation: Conversation; name: string; size?: "xs" | "sm" | "md" | "lg"; online?: boolean };

/** The picture of a group, or the letters that stand for a conversation. */
export function ConversationFace(props: Props) {
  // Most have none, and need not wait for one: there may be thousands.
  return props.conversation.picture === "" ? <Face {...props} /> : <Pictured {...props} />;
}

function Pictured(props: Props) {
  return <Face {...props} picture={usePictureOf(props.conversation)} />;
}

function Face({ conversation, name, size, online, picture }: Props & { picture?: string | undefined }) {
  return <Avatar id={conversationFace(conversation)} name={name} {...(size && { size })} {...(online !== undefined && { online })} picture={picture} />;
}
