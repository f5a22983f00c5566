import type { MessageInitShape } from "@bufbuild/protobuf";
import type { MessageNoticeSchema, NoticeService } from "../../api/gen/roundtable/v1/notices_pb";
import type { Message } from "../../api/gen/roundtable/v1/chat_pb";
import { standing } from "./conversations";
import type { Methods } from "./service";
import type { World } from "./world";

/** What came since one asked, of conversations where something is noticed. Externals are those whose ID says so. */
export function noticeService(world: World, asked: () => void): Methods<typeof NoticeService> {
  const order: { conversation: string; message: Message }[] = [];
  const seen = new Set<Message>();
  const take = () => {
    for (const [conversation, { log }] of world.conversations) {
      for (const message of log) {
        if (seen.has(message)) continue;
        seen.add(message);
        if (!message.isMine) order.push({ conversation, message });
      }
    }
  };
  return {
    fresh({ cursor }) {
      take();
      asked();
      const all = new Map<string, MessageInitShape<typeof MessageNoticeSchema>>();
      for (const { conversation, message } of cursor === "" ? [] : order.slice(Number(cursor))) {
        const { value, workspaceID } = world.conversation(conversation);
        if (standing(world, value).noticed === 0) continue;
        all.set(conversation, {
          workspaceId: workspaceID, conversationId: conversation, conversationKind: value.kind, conversationName: value.name, message,
          count: (all.get(conversation)?.count ?? 0) + 1, isExternal: message.personId.startsWith("per_out"),
        });
      }
      return { cursor: String(order.length), notices: [...all.values()] };
    },
  };
}
