import { create } from "@bufbuild/protobuf";
import {
  ConversationKind, ForwardedSchema, MentionSchema, PinnedSchema, QuoteSchema, ReactionSchema, RecalledSchema, type ChatService, type Message,
} from "../../api/gen/roundtable/v1/chat_pb";
import type { Methods } from "./service";
import { ME, refuse, type World } from "./world";

export type DepthMethod = "edit" | "recall" | "setReaction" | "reactions" | "pin" | "pinned" | "forward" | "recallSpan" | "setRecallSpan";

interface Deeds {
  /** By message and emoji: who. */
  readonly reactions: Map<string, Map<string, Set<string>>>;
  readonly pins: Map<string, { person: string; at: number }>;
  span: number;
}

const worlds = new WeakMap<World, Deeds>();

function deedsOf(world: World): Deeds {
  const found = worlds.get(world) ?? { reactions: new Map(), pins: new Map(), span: 86_400 };
  worlds.set(world, found);
  return found;
}

const find = (world: World, conversation: string, id: string) => world.conversation(conversation).log.find((message) => message.id === id) ?? refuse("not_found");

export function standing(world: World, conversation: string, id: string): Message {
  const message = find(world, conversation, id);
  if (message.recalled) refuse("message_recalled");
  if (!world.conversation(conversation).value.canWrite) refuse("not_member");
  return message;
}

/** What a message looks like now: what others made of it, and what oneself may do. */
export function deed(world: World, message: Message): Message {
  const { value, log } = world.conversation(message.conversationId);
  const { reactions, pins, span } = deedsOf(world);
  const isAdmin = value.kind !== ConversationKind.DIRECT && value.canManage;
  const stands = !message.recalled && value.canWrite;
  message.canEdit = stands && message.isMine && message.text !== "";
  message.canRecall = stands && (isAdmin || (message.isMine && Date.now() - Number(message.sentUnixMs) <= span * 1000));
  message.pinned = pins.has(message.id);
  message.reactions = message.recalled ? [] : [...(reactions.get(message.id) ?? [])].filter(([, who]) => who.size > 0)
    .map(([emoji, who]) => create(ReactionSchema, { emoji, count: who.size, isMine: who.has(ME) }));
  message.mentionsMe = !message.isMine && message.mentions.some(({ personId }) => personId === ME || personId === "");
  if (message.reply?.messageId) {
    const quoted = log.find(({ id }) => id === message.reply!.messageId)!;
    message.reply = create(QuoteSchema, {
      messageId: quoted.id, personId: quoted.personId, personName: quoted.personName, isRecalled: quoted.recalled !== undefined, text: quoted.text,
      fileName: quoted.attachments[0]?.name ?? "", fileCount: quoted.attachments.length, isPicture: quoted.attachments[0]?.isPicture ?? false,
    });
  }
  return message;
}

export function depthMethods(world: World): Pick<Methods<typeof ChatService>, DepthMethod> {
  const deeds = deedsOf(world);
  const changed = (conversation: string) => world.changed("chat", `chat:${conversation}`);
  const nameOf = (conversation: string, person: string) => world.members.get(world.conversation(conversation).workspaceID)?.find(({ personId }) => personId === person)?.name ?? world.outsiders.get(person) ?? "?";
  const pinned = (conversation: string) => ({
    pinned: world.conversation(conversation).log.filter(({ id, recalled }) => deeds.pins.has(id) && !recalled).sort((a, b) => deeds.pins.get(b.id)!.at - deeds.pins.get(a.id)!.at)
      .map((message) => create(PinnedSchema, { message: deed(world, message), personId: deeds.pins.get(message.id)!.person, personName: nameOf(conversation, deeds.pins.get(message.id)!.person), pinnedUnixMs: BigInt(deeds.pins.get(message.id)!.at) })),
  });
  return {
    edit({ conversationId, messageId, text, mentions }) {
      const message = standing(world, conversationId, messageId);
      if (!message.isMine) refuse("forbidden");
      if (text.trim() === "") refuse("message_empty");
      Object.assign(message, { text, editedUnixMs: BigInt(Date.now()), mentions: mentions.map((mention) => create(MentionSchema, mention)) });
      changed(conversationId);
      return deed(world, message);
    },
    recall({ conversationId, messageId }) {
      const message = find(world, conversationId, messageId);
      if (message.recalled) return message;
      if (!deed(world, message).canRecall) refuse(message.isMine ? "recall_late" : "forbidden");
      message.recalled = create(RecalledSchema, { personId: ME, personName: nameOf(conversationId, ME), isMine: true, text: message.isMine ? message.text : "" });
      Object.assign(message, { text: "", attachments: [], editedUnixMs: 0n });
      changed(conversationId);
      return deed(world, message);
    },
    setReaction({ conversationId, messageId, emoji, on }) {
      const message = standing(world, conversationId, messageId);
      react(world, message, emoji, ME, on);
      changed(conversationId);
      return deed(world, message);
    },
    reactions: ({ conversationId, messageId }) => ({
      reactions: [...(deeds.reactions.get(messageId) ?? [])].filter(([, who]) => who.size > 0)
        .map(([emoji, who]) => ({ emoji, count: who.size, personNames: [...who].map((person) => nameOf(conversationId, person)), personIds: [...who] })),
    }),
    pin({ conversationId, messageId, on }) {
      standing(world, conversationId, messageId);
      if (on) deeds.pins.set(messageId, { person: ME, at: Date.now() });
      else deeds.pins.delete(messageId);
      changed(conversationId);
      return pinned(conversationId);
    },
    pinned: ({ conversationId }) => pinned(conversationId),
    forward({ conversationId, messageIds, toConversationIds, text }) {
      for (const target of toConversationIds) {
        for (const id of messageIds) {
          const from = standing(world, conversationId, id);
          const made = world.post(target, ME, from.text);
          made.attachments = from.attachments;
          made.forwarded = from.forwarded ?? create(ForwardedSchema, { personId: from.personId, personName: from.personName, sentUnixMs: from.sentUnixMs, isExternal: world.outsiders.has(from.personId) });
        }
        if (text !== "") world.post(target, ME, text);
        changed(target);
      }
      return {};
    },
    recallSpan: ({ workspaceId }) => ({ seconds: BigInt(deeds.span), canSet: world.workspace(workspaceId).canAdminister }),
    setRecallSpan({ workspaceId, seconds }) {
      if (!world.workspace(workspaceId).canAdminister) refuse("forbidden");
      deeds.span = Number(seconds);
      world.changed("chat");
      return { seconds, canSet: true };
    },
  };
}

/** Somebody put a message above the others. */
export function putUp(world: World, message: Message, person: string): void {
  deedsOf(world).pins.set(message.id, { person, at: Date.now() });
}

export function react(world: World, message: Message, emoji: string, person: string, on: boolean): void {
  const { reactions } = deedsOf(world);
  const of = reactions.get(message.id) ?? new Map<string, Set<string>>();
  reactions.set(message.id, of);
  const who = of.get(emoji) ?? new Set<string>();
  of.set(emoji, who);
  if (on) who.add(person);
  else who.delete(person);
}

/** A conversation in which everything was made of messages. */
export function seedDepth(world: World): void {
  const [id, conversation] = [...world.conversations].find(([, { value }]) => value.kind === ConversationKind.GROUP)!;
  const [first, second] = conversation.value.memberIds.filter((person) => person !== ME) as [string, string];
  const post = (person: string, text: string) => world.post(id, person, text);
  const plan = post(first, "周五之前把**竣工图**交齐：\n- 平面图\n- 立面图\n- `A-3` 节点详图");
  const answer = post(ME, "平面图今晚给");
  answer.reply = create(QuoteSchema, { messageId: plan.id });
  answer.editedUnixMs = BigInt(Date.now());
  for (const [emoji, who] of [["👍", [first, second, ME]], ["🎉", [second]]] as const) for (const person of who) react(world, plan, emoji, person, true);
  const code = post(second, "换算是这样的：\n```\narea = width * height // m²\n```");
  code.forwarded = create(ForwardedSchema, { personId: first, personName: "李卓然", sentUnixMs: BigInt(Date.now() - 86_400_000) });
  const gone = post(first, "");
  gone.recalled = create(RecalledSchema, { personId: first, personName: gone.personName });
  const mine = post(ME, "");
  mine.recalled = create(RecalledSchema, { personId: ME, personName: "沈清和", isMine: true, text: "写错了" });
  const asks = post(second, "@沈清和 验收单也请带上");
  asks.mentions = [create(MentionSchema, { personId: ME, label: "沈清和" })];
  deedsOf(world).pins.set(plan.id, { person: first, at: Date.now() });
  conversation.value.mentionId = asks.id;
  conversation.read = conversation.log.length;
  world.refresh(id);
}
