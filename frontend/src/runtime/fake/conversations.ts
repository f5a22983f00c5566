import { create } from "@bufbuild/protobuf";
import { ConversationKind, GroupRulesSchema, HistorySchema, KeptSchema, type Conversation, type ConversationKind as Kind } from "../../api/gen/roundtable/v1/chat_pb";
import type { ConversationService } from "../../api/gen/roundtable/v1/conversations_pb";
import { Role } from "../../api/gen/roundtable/v1/people_pb";
import type { Methods } from "./service";
import { checkName, ME, refuse, type World } from "./world";

const kept = (value: Conversation) => (value.kept ??= create(KeptSchema));
const ruled = (kind: Kind) => kind === ConversationKind.GROUP || kind === ConversationKind.EVERYONE;

const roleIn = (world: World, conversation: string, person: string) => world.groupRoles.get(`${conversation} ${person}`) ?? Role.MEMBER;
const setRoleIn = (world: World, conversation: string, person: string, role: Role) => world.groupRoles.set(`${conversation} ${person}`, role);

/** What follows from roles, rules and one's own settings. */
export function standing(world: World, value: Conversation): Conversation {
  const set = kept(value);
  if (ruled(value.kind)) value.rules ??= create(GroupRulesSchema);
  const workspace = world.conversations.get(value.id)?.workspaceID ?? "";
  value.myRole = value.kind === ConversationKind.EVERYONE ? (world.workspaces.find(({ id }) => id === workspace)?.myRole ?? Role.MEMBER) : roleIn(world, value.id, ME);
  const manages = ruled(value.kind) && (value.myRole === Role.OWNER || value.myRole === Role.ADMIN);
  const group = value.kind === ConversationKind.GROUP;
  const may = (only: boolean | undefined) => value.canWrite && (manages || !only);
  value.isAdmin = manages;
  if (value.kind === ConversationKind.GROUP || value.kind === ConversationKind.CIRCLE) (value.history ??= create(HistorySchema)).canSet = value.myRole === Role.OWNER || value.myRole === Role.ADMIN;
  value.canPin = value.canWrite && (manages || (value.kind !== ConversationKind.EVERYONE && !value.rules?.managersPin));
  value.mayPost = may(value.rules?.managersPost);
  value.mayReply = value.mayPost || (value.canWrite && value.rules?.allReply === true);
  value.mayDescribe = group && may(value.rules?.managersDescribe);
  if (group) value.canManage = may(value.rules?.managersAdd);
  value.mayMentionAll = ruled(value.kind) && value.canWrite && (manages || value.rules?.allMention === true);
  const muted = set.mutedUntilUnixMs === -1n || set.mutedUntilUnixMs > BigInt(Date.now());
  if (!muted) set.mutedUntilUnixMs = 0n;
  value.noticed = muted ? (value.mentionId === "" ? 0 : 1) : value.unread;
  const here = world.conversations.get(value.id)?.log.length ?? 0;
  if (set.archived && here > (world.putAway.get(value.id) ?? here) && (!muted || value.noticed > 0)) set.archived = false;
  return value;
}

export function conversationService(world: World): Methods<typeof ConversationService> {
  const change = (id: string, deed: (value: Conversation) => void): Conversation => {
    const { value } = world.conversation(id);
    deed(standing(world, value));
    world.changed("chat", `chat:${id}`);
    return standing(world, value);
  };
  const managed = (id: string, deed: (value: Conversation) => void) => change(id, (value) => {
    if (!value.isAdmin) refuse("forbidden");
    deed(value);
  });
  const out = (value: Conversation, person: string) => {
    value.memberIds = value.memberIds.filter((id) => id !== person);
    value.memberCount = value.memberIds.length;
  };
  const pictures = new Map<string, Uint8Array>();
  return {
    setPinned: ({ conversationId, on, position }) => change(conversationId, (value) => {
      const all = [...world.conversations.values()].map((one) => one.value).filter((one) => kept(one).pinned > 0 && one !== value).sort((a, b) => kept(a).pinned - kept(b).pinned);
      kept(value).pinned = 0;
      if (on) all.splice(position < 1 ? all.length : position - 1, 0, value);
      all.forEach((one, index) => (kept(one).pinned = index + 1));
    }),
    setMuted: ({ conversationId, untilUnixMs, everyone }) => change(conversationId, (value) => Object.assign(kept(value), { mutedUntilUnixMs: untilUnixMs, everyone })),
    setArchived: ({ conversationId, on }) => change(conversationId, (value) => {
      world.putAway.set(conversationId, world.conversation(conversationId).log.length);
      Object.assign(kept(value), { archived: on, ...(on && { pinned: 0 }) });
    }),
    list({ workspaceId, offset, limit }) {
      const all = [...world.conversations.values()].filter(({ workspaceID }) => workspaceID === workspaceId).map(({ value }) => standing(world, value))
        .sort((a, b) => (a.kept!.pinned || 1000) - (b.kept!.pinned || 1000) || Number(b.lastUnixMs - a.lastUnixMs));
      return { conversations: all.slice(offset, limit === 0 ? undefined : offset + limit), total: all.length, whole: true };
    },
    groupMembers({ conversationId }) {
      const { value, workspaceID } = world.conversation(conversationId);
      const rank = (id: string) => roleIn(world, conversationId, id);
      const people = world.members.get(workspaceID)!;
      const manages = standing(world, value).isAdmin;
      return {
        members: value.memberIds.map((personId) => ({
          personId, personName: people.find((one) => one.personId === personId)?.name ?? "?", role: rank(personId), isMe: personId === ME,
          canSetRole: manages && personId !== ME && rank(personId) !== Role.OWNER, canRemove: manages && personId !== ME && rank(personId) !== Role.OWNER,
        })).sort((a, b) => a.role - b.role),
      };
    },
    setGroupRole: ({ conversationId, personId, role }) => managed(conversationId, () => setRoleIn(world, conversationId, personId, role)),
    transferGroup: ({ conversationId, personId }) => managed(conversationId, () => {
      setRoleIn(world, conversationId, personId, Role.OWNER);
      setRoleIn(world, conversationId, ME, Role.ADMIN);
    }),
    removeFromGroup: ({ conversationId, personId }) => managed(conversationId, (value) => out(value, personId)),
    leave: ({ conversationId, heirPersonId }) => change(conversationId, (value) => {
      if (heirPersonId !== "") setRoleIn(world, conversationId, heirPersonId, Role.OWNER);
      setRoleIn(world, conversationId, ME, Role.MEMBER);
      out(value, ME);
      Object.assign(value, { canWrite: false, canManage: false });
      kept(value).left = true;
    }),
    setHistory: ({ conversationId, fromJoining }) => managed(conversationId, (value) => Object.assign((value.history ??= create(HistorySchema)), { fromJoining, setByName: "李卓然", setUnixMs: BigInt(Date.now()) })),
    setGroupRules: ({ conversationId, rules }) => managed(conversationId, (value) => (value.rules = create(GroupRulesSchema, rules))),
    describe: ({ conversationId, topic }) => change(conversationId, (value) => (value.topic = topic === "" ? "" : checkName(topic))),
    setPicture: ({ conversationId, picture }) => change(conversationId, (value) => {
      pictures.set(conversationId, picture);
      value.picture = picture.length === 0 ? "" : world.id("pic");
    }),
    picture: ({ conversationId }) => ({ picture: pictures.get(conversationId) ?? refuse("not_found"), mediaType: "image/jpeg" }),
  };
}
