import { create } from "@bufbuild/protobuf";
import {
  ConversationKind, ConversationSchema, DeliveryState, MessageSchema, type Conversation, type Message,
} from "../../api/gen/roundtable/v1/chat_pb";
import {
  JoinAttemptSchema, JoinState, MemberSchema, Role, WorkspaceSchema,
  type Invite, type JoinAttempt, type JoinRequest, type Member, type NearbyWorkspace, type Workspace,
} from "../../api/gen/roundtable/v1/people_pb";
import { SettingsSchema, type Settings } from "../../api/gen/roundtable/v1/settings_pb";
import { KeyProtection, Phase, StatusResponseSchema, type Connection, type StatusResponse } from "../../api/gen/roundtable/v1/system_pb";
import { Relays } from "./relays";
import { Refusal } from "./service";

export const ME = "per_me";
const FINGERPRINT = "7F3A C91E 0B52 D8E4 66A1 49CF";

/** Everything that the fake knows: one device, its workspaces, and colleagues who do as told. */
export class World {
  status: StatusResponse = create(StatusResponseSchema, {
    phase: Phase.READY, protection: KeyProtection.OS_KEYCHAIN, fingerprint: FINGERPRINT, deviceId: "dev_me", personId: ME, name: "沈清和",
    protections: [KeyProtection.OS_KEYCHAIN, KeyProtection.PASSPHRASE, KeyProtection.FILE],
    suggestedName: "沈清和", suggestedDeviceName: "沈清和的笔记本", version: "0.1.0", platform: "linux",
  });
  settings: Settings = create(SettingsSchema, {
    enterSends: true, deviceName: "沈清和的笔记本", visibleNearby: true, sendReadReceipts: true, sendTyping: true, ringCalls: true, notifyCalls: true, notifyContracts: true, notifyMessages: true, notifyWords: true, quiet: false, quietFrom: 1320, quietTo: 480, dingInQuiet: true, scheduledLate: "",
  });
  passphrase = "";
  workspaces: Workspace[] = [];
  members = new Map<string, Member[]>();
  conversations = new Map<string, { workspaceID: string; value: Conversation; log: Message[]; read: number; historyIncomplete: boolean }>();
  invites = new Map<string, Invite[]>();
  requests: JoinRequest[] = [];
  join: JoinAttempt = create(JoinAttemptSchema, { state: JoinState.NONE });
  nearby: NearbyWorkspace[] = [];
  connections: Connection[] = [];
  problems: string[] = [];
  addresses = ["192.168.3.24:47800"];
  typing = new Map<string, string[]>();
  /** People of other workspaces in circles, by ID, and what they are called. */
  readonly outsiders = new Map<string, string>();
  /** Roles in groups, by "group person"; everybody else is a member. */
  groupRoles = new Map<string, Role>();
  /** How many messages there were when a conversation was put away. */
  putAway = new Map<string, number>();
  nonces = new Map<string, Message>();
  readonly relays = new Relays(this);

  private listeners = new Set<(topics: readonly string[]) => void>();
  private count = 0;
  /** What came due while time stands still; null while it goes on. */
  private held: (() => void)[] | null = null;

  listen(listener: (topics: readonly string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed(...topics: string[]): void {
    for (const listener of this.listeners) listener(topics);
  }

  /** What happens a while later, unless the program has ended. */
  later(delay: number, deed: () => void): void {
    const timer: unknown = setTimeout(() => (this.held ? void this.held.push(deed) : deed()), delay);
    // Under a test runner nobody waits for it.
    if (typeof timer === "object") (timer as { unref(): void }).unref();
  }

  /** Time stands still: what passes by itself stays until somebody has looked at it. */
  hold(): void {
    this.held ??= [];
  }

  /** Time goes on, and what came due meanwhile happens now. */
  goOn(): void {
    const due = this.held ?? [];
    this.held = null;
    for (const deed of due) deed();
  }

  id(prefix: string): string {
    return `${prefix}_${(++this.count).toString(36).padStart(6, "0")}`;
  }

  workspace(id: string): Workspace {
    return this.workspaces.find((workspace) => workspace.id === id) ?? refuse("not_found");
  }

  conversation(id: string) {
    return this.conversations.get(id) ?? refuse("not_found");
  }

  addWorkspace(name: string, role: Role): Workspace {
    const manages = role === Role.OWNER || role === Role.ADMIN;
    const workspace = create(WorkspaceSchema, {
      id: this.id("spc"), name, myRole: role, memberCount: 1, active: true, canInvite: role !== Role.GUEST, canAdminister: manages,
    });
    this.workspaces.push(workspace);
    this.members.set(workspace.id, []);
    this.addMember(workspace.id, { personId: ME, name: this.status.name, role, isMe: true, devices: [{ deviceId: "dev_me", fingerprint: FINGERPRINT }] });
    this.addConversation(workspace.id, { id: workspace.id, kind: ConversationKind.EVERYONE, memberIds: [ME], canManage: manages });
    return workspace;
  }

  addMember(ws: string, init: Partial<Omit<Member, "$typeName" | "devices">> & { devices?: { deviceId: string; fingerprint: string }[] }): Member {
    const member = create(MemberSchema, { joinedUnixMs: BigInt(Date.now() - 40 * 86_400_000), ...init });
    const all = this.members.get(ws)!;
    all.push(member);
    this.workspace(ws).memberCount = all.length;
    const everyone = this.conversations.get(ws);
    if (everyone && !everyone.value.memberIds.includes(member.personId)) everyone.value.memberIds.push(member.personId);
    if (everyone) everyone.value.memberCount = everyone.value.memberIds.length;
    return member;
  }

  addConversation(ws: string, init: Partial<Omit<Conversation, "$typeName" | "lastMessage">>): Conversation {
    const value = create(ConversationSchema, { id: this.id("spc"), canWrite: true, memberCount: init.memberIds?.length ?? 0, ...init });
    if (value.kind === ConversationKind.GROUP && value.canManage) this.groupRoles.set(`${value.id} ${ME}`, Role.OWNER);
    this.conversations.set(value.id, { workspaceID: ws, value, log: [], read: 0, historyIncomplete: false });
    return value;
  }

  post(conversationID: string, personID: string, text: string, at = Date.now(), state = DeliveryState.READ): Message {
    const conversation = this.conversation(conversationID);
    const { log, value } = conversation;
    const others = value.memberIds.length - 1;
    const mine = personID === ME;
    const person = this.members.get(conversation.workspaceID)!.find((member) => member.personId === personID);
    const delivered = state === DeliveryState.DELIVERED || state === DeliveryState.READ ? others : 0;
    const message = create(MessageSchema, {
      id: this.id("evt"), conversationId: conversationID, personId: personID, personName: person?.name ?? this.outsiders.get(personID) ?? "?", isMine: mine, text, sentUnixMs: BigInt(at),
      ...(mine ? { state, otherCount: others, deliveredCount: delivered, readCount: state === DeliveryState.READ ? Math.max(1, Math.ceil(others * 0.7)) : 0 } : {}),
    });
    message.cursor = `c${log.length}`;
    log.push(message);
    if (mine) conversation.read = log.length;
    this.refresh(conversationID);
    return message;
  }

  refresh(conversationID: string): void {
    const { value, log, read } = this.conversation(conversationID);
    value.unread = log.slice(read).filter((message) => !message.isMine).length;
    const last = log.at(-1);
    if (last) value.lastMessage = last;
    value.lastIsExternal = last !== undefined && this.outsiders.has(last.personId);
    value.lastUnixMs = last?.sentUnixMs ?? value.lastUnixMs;
  }

  link(ws: string, personID: string, sinceMinutes = 42, via = "lan"): void {
    const member = this.members.get(ws)!.find((candidate) => candidate.personId === personID)!;
    this.connections.push({
      $typeName: "roundtable.v1.Connection", deviceId: member.devices[0]!.deviceId, personId: personID, personName: member.name, via,
      sinceUnixMs: BigInt(Date.now() - sinceMinutes * 60_000), syncing: false, workspaceIds: [ws],
    });
  }
}

export function refuse(code: string, params?: Record<string, string>): never {
  throw new Refusal(code, params);
}

export function checkName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === "") refuse("name_empty");
  if ([...trimmed].length > 80) refuse("name_too_long", { max: "80" });
  if (/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/u.test(trimmed)) refuse("name_invalid");
  return trimmed;
}
