import { create } from "@bufbuild/protobuf";
import {
  CallEndReason, CallParticipantSchema, CallPhase, CallPolicySchema, CallReactionSchema, CallRole, CallSendingSchema, CallStateSchema, CallSummarySchema, CallTopology, PastCallOutcome, PastCallSchema,
  PlannedMeetingSchema, RecordingSchema, SourceKind, type CallParticipant, type CallsService, type CallState, type CallSummary, type PastCall, type PlannedMeeting,
} from "../../api/gen/roundtable/v1/calls_pb";
import { ConversationKind } from "../../api/gen/roundtable/v1/chat_pb";
import { FakeEngine } from "./engine";
import { guestLinks } from "./guests";
import type { Methods } from "./service";
import { checkName, ME, refuse, type World } from "./world";

const SELF = "dev_me";

/** Meetings of the fake: one state, and an engine that answers the page with painted people. */
export class Calls {
  ringing: CallSummary[] = [];
  ongoing: CallSummary[] = [];
  planned: PlannedMeeting[] = [];
  past: PastCall[] = [];
  mine: CallState | null = null;
  /** What one finds in a call that goes on; the scene decides. */
  inside: (state: CallState) => void = () => {};
  /** Whether somebody answers. */
  answers = true;
  wants: readonly { deviceId: string; kind: SourceKind; height: number }[] = [];
  recorded = 0;
  readonly engine = new FakeEngine();

  constructor(readonly world: World) {}

  told(): void {
    this.world.changed("calls", "call");
  }

  summary(conversationId: string, init: Partial<Omit<CallSummary, "$typeName">> = {}): CallSummary {
    return create(CallSummarySchema, {
      id: this.world.id("call"), conversationId, chatId: conversationId, workspaceId: this.world.conversation(conversationId).workspaceID, startedUnixMs: BigInt(Date.now()), starterId: ME, video: true, ...init,
    });
  }

  person(personId: string, init: Partial<Omit<CallParticipant, "$typeName">> = {}): CallParticipant {
    const member = [...this.world.members.values()].flat().find((one) => one.personId === personId);
    return create(CallParticipantSchema, {
      deviceId: personId.replace("per", "dev"), personId, name: member?.name ?? init.name ?? "", role: CallRole.PARTICIPANT, microphone: true, camera: true, connected: true, network: 1, way: "direct", roundTripMs: 8,
      joinedUnixMs: BigInt(Date.now() - 60_000), ...init,
    });
  }

  state(call: CallSummary, phase: CallPhase): CallState {
    return create(CallStateSchema, {
      call, phase, selfId: SELF, topology: CallTopology.MESH, offerSerial: 1n, wantAudio: 4, wantVideo: 4,
      sending: create(CallSendingSchema, { cameraBps: 1_200_000, screenBps: 1_000_000, layers: ["q", "h", "f"] }),
      policy: create(CallPolicySchema, { mayUnmute: true, mayShare: true }),
      participants: [this.person(ME, { deviceId: SELF, microphone: false, camera: false, joinedUnixMs: BigInt(Date.now()) })],
    });
  }

  /** The call that this device is in. */
  get here(): CallState {
    return this.mine ?? refuse("not_found");
  }

  self(): CallParticipant {
    return this.here.participants.find((one) => one.deviceId === SELF)!;
  }

  one(device: string): CallParticipant {
    return this.here.participants.find((one) => one.deviceId === device) ?? refuse("not_found");
  }

  /** Somebody comes in, and is seen. */
  joins(one: CallParticipant): void {
    this.here.participants.push(one);
    this.here.checkDigits[one.deviceId] = String(100_000 + ((one.deviceId.length * 7919 + one.deviceId.charCodeAt(4) * 104_729) % 900_000));
    this.here.call!.personIds.push(one.personId);
    this.placed();
  }

  goes(device: string): void {
    this.here.participants = this.here.participants.filter((one) => one.deviceId !== device);
    this.placed();
  }

  ends(reason: CallEndReason): void {
    const state = this.here;
    state.phase = CallPhase.ENDED;
    state.endReason = reason;
    if (![CallEndReason.LEFT, CallEndReason.REMOVED, CallEndReason.DENIED].includes(reason)) this.ongoing = this.ongoing.filter(({ id }) => id !== state.call!.id);
    this.past.unshift(create(PastCallSchema, {
      ...pastOf(state.call!), endedUnixMs: BigInt(Date.now()), outcome: reason === CallEndReason.UNANSWERED ? PastCallOutcome.UNANSWERED : PastCallOutcome.HELD,
    }));
    this.engine.close();
    this.told();
  }

  /** Says which slot carries what, after somebody came or went or showed something. */
  placed(): void {
    const state = this.here;
    const others = state.participants.filter((one) => one.deviceId !== SELF);
    const audio = Math.max(4, others.length);
    const video = Math.max(4, others.length + others.filter((one) => one.screen).length);
    if (audio > state.wantAudio || video > state.wantVideo) {
      state.offerSerial += 1n;
      Object.assign(state, { wantAudio: audio, wantVideo: video });
    }
    state.slots = this.engine.place(others);
    this.told();
  }

  missed(call: CallSummary): void {
    this.ringing = this.ringing.filter(({ id }) => id !== call.id);
    this.past.unshift(create(PastCallSchema, { ...pastOf(call), outcome: PastCallOutcome.MISSED, fresh: true }));
    this.told();
  }
}

export function pastOf(call: CallSummary) {
  const { id, conversationId, title, starterId, starterName, startedUnixMs, video, personIds } = call;
  return { id, conversationId, title, starterId, starterName, startedUnixMs, endedUnixMs: startedUnixMs, video, personIds };
}

export function callsService(world: World, calls: Calls): Methods<typeof CallsService> {
  const isOf = (ws: string) => ({ workspaceId }: { workspaceId: string }) => ws === "" || workspaceId === ws;
  const inSpace = (ws: string) => ({ conversationId }: { conversationId: string }) => ws === "" || world.conversations.get(conversationId)?.workspaceID === ws;
  const enter = (call: CallSummary, phase: CallPhase) => {
    if (calls.mine && calls.mine.phase !== CallPhase.ENDED && calls.mine.call!.id !== call.id) refuse("call_busy");
    calls.mine = calls.state(call, phase);
    calls.ringing = calls.ringing.filter(({ id }) => id !== call.id);
    return calls.mine;
  };
  return {
    overview: ({ workspaceId }) => ({
      ringing: calls.ringing.filter(isOf(workspaceId)),
      ongoing: calls.ongoing.filter(isOf(workspaceId)).filter(({ id }) => !(calls.mine?.call?.id === id && calls.mine.phase !== CallPhase.ENDED)),
      ...(calls.mine && calls.mine.phase !== CallPhase.ENDED && isOf(workspaceId)(calls.mine.call!) && { mine: calls.mine }),
      planned: calls.planned.filter(inSpace(workspaceId)).sort((a, b) => Number(a.startUnixMs - b.startUnixMs)),
      past: calls.past.filter(inSpace(workspaceId)).sort((a, b) => Number(b.startedUnixMs - a.startedUnixMs)),
    }),
    startCall({ conversationId, video, plannedId }) {
      const conversation = world.conversation(conversationId);
      const isDirect = conversation.value.kind === ConversationKind.DIRECT;
      const planned = calls.planned.find(({ id }) => id === plannedId);
      const call = calls.summary(conversationId, { video, title: planned?.title ?? "", personIds: [ME] });
      const state = enter(call, isDirect ? CallPhase.CALLING : CallPhase.IN);
      Object.assign(calls.self(), { role: CallRole.HOST });
      if (planned) planned.callId = call.id;
      if (isDirect) {
        world.later(2500, () => {
          if (calls.mine !== state || state.phase !== CallPhase.CALLING) return;
          if (!calls.answers) return calls.ends(CallEndReason.UNANSWERED);
          state.phase = CallPhase.IN;
          calls.joins(calls.person(conversation.value.personId));
        });
      } else calls.ongoing.push(call);
      calls.told();
      return state;
    },
    joinCall({ callId }) {
      const call = [...calls.ringing, ...calls.ongoing].find(({ id }) => id === callId) ?? refuse("not_found");
      if (call.locked) refuse("call_locked");
      const state = enter(call, CallPhase.IN);
      if (world.conversation(call.conversationId).value.kind === ConversationKind.DIRECT) calls.joins(calls.person(call.starterId, { role: CallRole.HOST }));
      else calls.inside(state);
      calls.placed();
      return state;
    },
    declineCall({ callId, text }) {
      const call = calls.ringing.find(({ id }) => id === callId) ?? refuse("not_found");
      calls.ringing = calls.ringing.filter(({ id }) => id !== callId);
      calls.past.unshift(create(PastCallSchema, { ...pastOf(call), outcome: PastCallOutcome.DECLINED }));
      if (text !== "") {
        world.post(call.conversationId, ME, text);
        world.changed("chat", `chat:${call.conversationId}`);
      }
      calls.told();
      return {};
    },
    leaveCall({ end }) {
      calls.ends(end ? CallEndReason.ENDED_BY_HOST : CallEndReason.LEFT);
      return {};
    },
    state: ({ callId }) => (calls.mine?.call?.id === callId ? calls.mine : refuse("not_found")),
    async negotiate({ offer }) {
      const { offerSerial } = calls.here;
      const answer = (await calls.engine.answer(offer)) ?? refuse("not_found");
      calls.placed();
      return { answer, offerSerial };
    },
    setWants({ wants }) {
      calls.wants = wants;
      return {};
    },
    setSelf({ microphone, camera, screen, hand }) {
      const self = calls.self();
      const leads = self.role !== CallRole.PARTICIPANT;
      if (microphone && !self.microphone && !leads && !calls.here.policy!.mayUnmute) refuse("call_muted");
      if (screen && !leads && !calls.here.policy!.mayShare) refuse("forbidden");
      if (hand && !self.hand) self.handUnixMs = BigInt(Date.now());
      Object.assign(self, { microphone, camera, screen, hand });
      calls.told();
      return calls.here;
    },
    react({ emoji }) {
      calls.here.reactions.push(create(CallReactionSchema, { deviceId: SELF, emoji, unixMs: BigInt(Date.now()) }));
      calls.told();
      return {};
    },
    control({ deed }) {
      const state = calls.here;
      if (calls.self().role === CallRole.PARTICIPANT) refuse("forbidden");
      switch (deed.case) {
        case "policy":
          state.policy = deed.value;
          state.call!.locked = deed.value.locked;
          break;
        case "mute":
          for (const one of state.participants) if (one.deviceId === deed.value || (deed.value === "all" && one.role === CallRole.PARTICIPANT)) one.microphone = false;
          break;
        case "remove":
          calls.goes(deed.value);
          break;
        case "admit":
        case "deny":
        case "admitAll": {
          const waiting = state.lobby.filter((one) => deed.case === "admitAll" || one.deviceId === deed.value);
          state.lobby = state.lobby.filter((one) => !waiting.includes(one));
          if (deed.case !== "deny") for (const one of waiting) calls.joins(one);
          break;
        }
        case "makeCohost":
          calls.one(deed.value).role = CallRole.COHOST;
          break;
        case "unmakeCohost":
          calls.one(deed.value).role = CallRole.PARTICIPANT;
          break;
        case "stopShare":
          calls.one(deed.value).screen = false;
          calls.placed();
          break;
        case "lowerHand":
          calls.one(deed.value).hand = false;
      }
      calls.told();
      return state;
    },
    planMeeting({ conversationId, title, startUnixMs, endUnixMs }) {
      world.conversation(conversationId);
      const planned = create(PlannedMeetingSchema, { id: world.id("evt"), conversationId, title: title === "" ? "" : checkName(title), plannerId: ME, startUnixMs, endUnixMs, canCancel: true });
      calls.planned.push(planned);
      calls.told();
      return planned;
    },
    cancelMeeting({ id }) {
      calls.planned = calls.planned.filter((one) => one.id !== id);
      calls.told();
      return {};
    },
    ...guestLinks(world),
    seePast() {
      for (const past of calls.past) past.fresh = false;
      calls.told();
      return {};
    },
    startRecording() {
      calls.self().recording = true;
      calls.recorded = 0;
      calls.told();
      return recording(calls);
    },
    addRecording({ data }) {
      calls.recorded += data.length;
      return recording(calls);
    },
    endRecording() {
      if (calls.mine) calls.self().recording = false;
      calls.told();
      return recording(calls);
    },
  };
}

function recording({ recorded }: Calls) {
  return create(RecordingSchema, { recordingId: "rec_1", path: "/home/shen/下载/采购与物流协作圈 2026-11-27 14.30.webm", bytes: BigInt(recorded) });
}
