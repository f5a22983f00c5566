import { create } from "@bufbuild/protobuf";
import { MessageDraftSchema, type MessageDraft, type MessageDraftService } from "../../api/gen/roundtable/v1/drafts_pb";
import type { Methods } from "./service";
import type { World } from "./world";

/** Drafts in memory. */
export function draftService(world: World): Methods<typeof MessageDraftService> {
  const all = new Map<string, MessageDraft>();
  const at = (conversation: string, thread: string) => `${conversation} ${thread}`;
  return {
    list: () => ({
      drafts: [...all.values()].reverse().map(({ conversationId, threadId, text, reply }) => ({ conversationId, threadId, text: text.slice(0, 120), replies: reply !== undefined, changedUnixMs: BigInt(Date.now()) })),
    }),
    show: ({ conversationId, threadId }) => all.get(at(conversationId, threadId)) ?? { conversationId, threadId },
    keep({ conversationId, threadId, text, mentions, replyToId, onlyFirst }) {
      const key = at(conversationId, threadId);
      if (onlyFirst && all.has(key)) return {};
      all.delete(key);
      const reply = world.conversations.get(conversationId)?.log.find(({ id }) => id === replyToId);
      if (text.trim() !== "" || reply) all.set(key, create(MessageDraftSchema, { conversationId, threadId, text, mentions, ...(reply && { reply }) }));
      world.changed("drafts");
      return {};
    },
  };
}
