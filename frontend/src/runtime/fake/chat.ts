import { create } from "@bufbuild/protobuf";
import { ConversationKind, DeliveryState, MentionSchema, MessageNoteSchema, QuoteSchema, type ChatService } from "../../api/gen/roundtable/v1/chat_pb";
import { attach, type AttachmentMethod } from "./attachments";
import { standing as standingOf } from "./conversations";
import { deed, standing, type DepthMethod } from "./depth";
import type { Methods } from "./service";
import { checkName, ME, refuse, type World } from "./world";

export function chatService(world: World): Omit<Methods<typeof ChatService>, AttachmentMethod | DepthMethod> {
  const writable = (id: string) => {
    const found = world.conversation(id);
    if (!found.value.canWrite) refuse("not_member");
    return found;
  };
  return {
    conversations: ({ workspaceId }) => ({
      conversations: [...world.conversations.values()]
        .filter((conversation) => conversation.workspaceID === workspaceId)
        .map((conversation) => standingOf(world, conversation.value))
        .sort((a, b) => (a.kept!.pinned || 1000) - (b.kept!.pinned || 1000) || Number(b.lastUnixMs - a.lastUnixMs)),
    }),
    openDirect({ workspaceId, personId }) {
      const member = world.members.get(workspaceId)?.find((candidate) => candidate.personId === personId) ?? refuse("not_found");
      const known = [...world.conversations.values()].find(({ workspaceID, value }) => workspaceID === workspaceId && value.personId === personId);
      if (known) return known.value;
      const made = world.addConversation(workspaceId, { kind: ConversationKind.DIRECT, name: member.name, personId, memberIds: [ME, personId] });
      world.changed("chat");
      return made;
    },
    createGroup({ workspaceId, name, personIds, rules, topic }) {
      const made = world.addConversation(workspaceId, {
        kind: ConversationKind.GROUP, name: checkName(name), memberIds: [ME, ...personIds], canManage: true, lastUnixMs: BigInt(Date.now()), topic, ...(rules && { rules }),
      });
      world.changed("chat");
      return made;
    },
    addToGroup({ conversationId, personIds }) {
      const { value } = writable(conversationId);
      if (!value.canManage) refuse("forbidden");
      value.memberIds = [...new Set([...value.memberIds, ...personIds])];
      value.memberCount = value.memberIds.length;
      world.changed("chat", `chat:${conversationId}`);
      return value;
    },
    renameGroup({ conversationId, name }) {
      const { value } = writable(conversationId);
      value.name = checkName(name);
      world.changed("chat");
      return value;
    },
    leaveGroup({ conversationId }) {
      const { value } = writable(conversationId);
      value.canWrite = false;
      value.canManage = false;
      value.memberIds = value.memberIds.filter((id) => id !== ME);
      value.memberCount = value.memberIds.length;
      world.changed("chat");
      return {};
    },
    messages({ conversationId, before, after, around, aroundUnixMs, aroundUnread, limit }) {
      const { log, read, value, historyIncomplete } = world.conversation(conversationId);
      const size = Math.min(limit || 50, 200);
      const unreadAt = log.findIndex((message, index) => index >= read && !message.isMine);
      let from = Math.max(0, log.length - size);
      let to = log.length;
      if (before !== "") {
        to = Number(before.slice(1));
        from = Math.max(0, to - size);
      } else if (after !== "") {
        from = Number(after.slice(1)) + 1;
        to = Math.min(log.length, from + size);
      }
      const at = around !== "" ? log.findIndex((message) => message.id === around || message.cursor === around)
        : aroundUnixMs > 0n ? log.findIndex((message) => message.sentUnixMs >= aroundUnixMs) : aroundUnread ? unreadAt : -1;
      if (at >= 0) {
        from = Math.max(0, at - Math.floor(size / 2));
        to = Math.min(log.length, from + size);
      }
      return {
        messages: log.slice(from, to).map((message) => deed(world, message)), foundId: aroundUnread ? "" : (log[at]?.id ?? ""), hasBefore: from > 0, hasAfter: to < log.length,
        firstUnreadId: log[unreadAt]?.id ?? "", unread: value.unread, historyIncomplete,
      };
    },
    send({ conversationId, text, nonce, uploadIds, note, replyToId, mentions }) {
      const again = world.nonces.get(nonce);
      if (again) return again;
      const { value } = writable(conversationId);
      if (text.trim() === "" && uploadIds.length === 0) refuse("message_empty");
      if (new TextEncoder().encode(text).length > 65536) refuse("message_too_long", { max: "65536" });
      const message = world.post(conversationId, ME, text, Date.now(), DeliveryState.WAITING);
      attach(world, message, uploadIds);
      if (replyToId !== "") message.reply = create(QuoteSchema, { messageId: standing(world, conversationId, replyToId).id });
      message.mentions = mentions.map((mention) => create(MentionSchema, mention));
      deed(world, message);
      if (note) message.note = create(MessageNoteSchema, note);
      world.nonces.set(nonce, message);
      world.changed("chat", `chat:${conversationId}`);
      const others = value.memberIds.filter((id) => world.connections.some((connection) => connection.personId === id)).length;
      const step = (delay: number, change: () => void) => world.later(delay, () => {
        change();
        world.changed("chat", `chat:${conversationId}`);
      });
      const { workspaceID } = world.conversation(conversationId);
      world.relays.wrote(workspaceID);
      if (world.relays.connected(workspaceID)) step(300, () => Object.assign(message, { state: DeliveryState.AT_RELAY }));
      if (others > 0) {
        step(500, () => Object.assign(message, { state: DeliveryState.DELIVERED, deliveredCount: others }));
        step(1800, () => Object.assign(message, { state: DeliveryState.READ, readCount: Math.max(1, others - 1) }));
      }
      return message;
    },
    notes: ({ conversationId, callId }) => ({ notes: world.conversation(conversationId).log.filter(({ note }) => note?.callId === callId) }),
    noted({ workspaceId }) {
      const notes: Record<string, number> = {};
      for (const { workspaceID, log } of world.conversations.values()) {
        if (workspaceID === workspaceId) for (const { note } of log) if (note) notes[note.callId] = (notes[note.callId] ?? 0) + 1;
      }
      return { notes };
    },
    markRead({ conversationId, messageId }) {
      const conversation = world.conversation(conversationId);
      const index = conversation.log.findIndex((message) => message.id === messageId);
      if (index + 1 > conversation.read) {
        conversation.read = index + 1;
        world.refresh(conversationId);
        world.changed("chat", `chat:${conversationId}`);
      }
      return {};
    },
    receipts({ conversationId, messageId }) {
      const { value, log, workspaceID } = world.conversation(conversationId);
      const message = log.find((candidate) => candidate.id === messageId) ?? refuse("not_found");
      const others = value.memberIds.filter((id) => id !== ME);
      return {
        receipts: others.map((personId, index) => ({
          personId,
          personName: world.members.get(workspaceID)!.find((member) => member.personId === personId)?.name ?? "?",
          state: index < message.readCount ? DeliveryState.READ : index < message.deliveredCount ? DeliveryState.DELIVERED
            : message.state === DeliveryState.AT_RELAY || world.relays.connected(workspaceID) ? DeliveryState.AT_RELAY : DeliveryState.WAITING,
        })),
      };
    },
    setTyping: () => ({}),
    typing: ({ conversationId }) => ({ personIds: world.typing.get(conversationId) ?? [], personNames: (world.typing.get(conversationId) ?? []).map((person) => world.outsiders.get(person) ?? person) }),
  };
}
