import { create } from "@bufbuild/protobuf";
import { ConversationKind } from "../../api/gen/roundtable/v1/chat_pb";
import { FoundConversationSchema, FoundMessageSchema, FoundPersonSchema, type FoundMessage, type SearchService } from "../../api/gen/roundtable/v1/search_pb";
import type { Methods } from "./service";
import { ME, type World } from "./world";

/** Finds what contains a text; the real program knows pinyin and words besides. */
export function searchService(world: World): Methods<typeof SearchService> {
  const marks = (text: string, wanted: string) => {
    const at = text.toLowerCase().indexOf(wanted.toLowerCase());
    return wanted === "" || at < 0 ? [] : [at, at + wanted.length];
  };
  const messages = (ws: string, wanted: string): FoundMessage[] => [...world.conversations.values()]
    .filter((conversation) => conversation.workspaceID === ws)
    .flatMap(({ value, log }) => log.filter((message) => !message.recalled && marks(message.text, wanted).length > 0).map((message) => create(FoundMessageSchema, {
      conversationId: value.id, conversationName: value.kind === ConversationKind.EVERYONE ? "" : value.name, conversationKind: value.kind, messageId: message.id,
      personId: message.personId, personName: message.personName, isMine: message.isMine, sentUnixMs: message.sentUnixMs, excerpt: message.text, marks: marks(message.text, wanted), isExternal: world.outsiders.has(message.personId),
    })))
    .sort((a, b) => Number(b.sentUnixMs - a.sentUnixMs));
  return {
    find: ({ workspaceId, text, limit }) => {
      const wanted = text.trim();
      const most = limit || 6;
      return {
        people: (world.members.get(workspaceId) ?? []).filter((member) => marks(member.name, wanted).length > 0).slice(0, most).map((member) => create(FoundPersonSchema, {
          personId: member.personId, key: member.personId, name: member.name, title: member.title, department: member.department, isMe: member.personId === ME, marks: marks(member.name, wanted),
        })),
        conversations: [...world.conversations.values()].filter(({ workspaceID, value }) => workspaceID === workspaceId && value.kind === ConversationKind.GROUP && marks(value.name, wanted).length > 0)
          .slice(0, most).map(({ value }) => create(FoundConversationSchema, { conversationId: value.id, name: value.name, kind: value.kind, marks: marks(value.name, wanted) })),
        messages: messages(workspaceId, wanted).slice(0, most),
      };
    },
    findMessages: ({ workspaceId, text, personId, conversationId }) => ({
      messages: messages(workspaceId, text.trim()).filter((one) => (personId === "" || one.personId === personId) && (conversationId === "" || one.conversationId === conversationId)).slice(0, 30),
    }),
  };
}
