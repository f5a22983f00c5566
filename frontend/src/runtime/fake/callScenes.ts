import { create } from "@bufbuild/protobuf";
import { CallPhase, CallRole, CallTopology, NetworkQuality, NetworkReason, PastCallOutcome, PastCallSchema, PlannedMeetingSchema, type CallState } from "../../api/gen/roundtable/v1/calls_pb";
import { MessageNoteSchema } from "../../api/gen/roundtable/v1/chat_pb";
import { pastOf, type Calls } from "./calls";
import { ME, type World } from "./world";

const MINUTE = 60_000;
const CROWD = ["per_li", "per_wang", "per_chen", "per_anna", "per_ouyang", "per_zhao", "per_alex", "per_liu", "per_sun", "per_zhou", "per_xu"] as const;

/** "calls-empty", "calls-ringing", "calls-lobby", "calls-mesh", "calls-hub", "calls-poor", "calls-lead", "calls-unanswered"; else an office with plans and a past. */
export function seedCalls(world: World, calls: Calls, scene: string): void {
  if (scene === "calls-empty" || world.conversations.size < 2) return;
  const named = (name: RegExp) => [...world.conversations.values()].find(({ value }) => name.test(value.name))!.value.id;
  const group = named(/采购与物流/);
  const design = named(/设计组/);
  const withPerson = (personId: string) => [...world.conversations.values()].find(({ value }) => value.personId === personId)!.value.id;
  const now = Date.now();
  const past = (conversation: string, starterId: string, ago: number, minutes: number, outcome: PastCallOutcome, init: { video?: boolean; fresh?: boolean; title?: string } = {}) => {
    const { video = true, fresh = false, title = "" } = init;
    const start = now - ago * MINUTE;
    const call = calls.summary(conversation, { starterId, startedUnixMs: BigInt(start), video, title });
    calls.past.push(create(PastCallSchema, { ...pastOf(call), endedUnixMs: BigInt(start + minutes * MINUTE), outcome, fresh }));
    return call.id;
  };
  const note = (conversation: string, callId: string, personId: string, text: string, seconds: number) => {
    world.post(conversation, personId, text).note = create(MessageNoteSchema, { callId, atMs: BigInt(seconds * 1000) });
  };
  past(withPerson("per_li"), "per_li", 26, 0, PastCallOutcome.MISSED, { fresh: true });
  past(group, ME, 190, 47, PastCallOutcome.HELD);
  past(withPerson("per_alex"), ME, 1500, 0, PastCallOutcome.UNANSWERED, { video: false });
  const review = past(design, "per_chen", 1700, 32, PastCallOutcome.HELD, { title: "灯光方案评审" });
  // Only where meetings are looked at: a message more is something new elsewhere.
  if (scene.startsWith("calls")) note(design, review, "per_chen", "大堂色温统一为 3000K，走廊按原方案。", 312);
  if (scene.startsWith("calls")) note(design, review, ME, "待办：周五前出第二版样灯，由陈思远确认厂家交期。", 1127);
  past(withPerson("per_chen"), "per_chen", 2900, 0, PastCallOutcome.DECLINED, { video: false });
  past(withPerson("per_anna"), "per_anna", 4400, 18, PastCallOutcome.HELD);
  const at = (hour: number, days = 0) => BigInt(new Date(new Date().setHours(hour, 0, 0, 0) + days * 86_400_000).getTime());
  const plan = (conversationId: string, title: string, plannerId: string, start: bigint, minutes: number) => calls.planned.push(create(PlannedMeetingSchema, {
    id: world.id("evt"), conversationId, title, plannerId, startUnixMs: start, endUnixMs: start + BigInt(minutes * MINUTE), canCancel: plannerId === ME,
  }));
  plan(group, "付款比例与交货日期", "per_li", BigInt(Math.ceil(now / (30 * MINUTE)) * 30 * MINUTE + 30 * MINUTE), 30);
  plan(design, "灯光方案第二轮：与业主代表、幕墙顾问和现场施工负责人一起过图", ME, at(14, 1), 90);

  if (scene === "calls-unanswered") calls.answers = false;
  if (scene === "calls-ringing") {
    calls.ringing.push(calls.summary(withPerson("per_li"), { starterId: "per_li", starterName: "李卓然", personIds: ["per_li"] }));
    return;
  }
  const people = scene === "calls-hub" ? CROWD : (["per_li", "per_chen", "per_ouyang"] as const);
  calls.ongoing.push(calls.summary(group, { starterId: "per_li", starterName: "李卓然", startedUnixMs: BigInt(now - 12 * MINUTE), personIds: [...people] }));
  const { id } = calls.ongoing.at(-1)!;
  if (scene === "calls-hub") {
    note(group, id, "per_li", "付款比例定为 40 / 50 / 10，法务下周一出合同修订稿。", 131);
    note(group, id, "per_anna", "Delivery moves to 18 December. Sun checks the carrier.", 402);
  }
  calls.inside = (state) => inside(calls, state, scene, people);
}

function inside(calls: Calls, state: CallState, scene: string, people: readonly string[]): void {
  if (scene === "calls-lobby") {
    state.phase = CallPhase.LOBBY;
    return;
  }
  state.call!.personIds = [ME];
  people.forEach((personId, index) => calls.joins(calls.person(personId, {
    role: index === 0 && scene !== "calls-lead" ? CallRole.HOST : CallRole.PARTICIPANT, external: personId === "per_anna",
    microphone: !["per_ouyang", "per_alex", "per_xu", "per_sun", "per_zhao", "per_zhou"].includes(personId), camera: !["per_zhao", "per_xu"].includes(personId),
    joinedUnixMs: BigInt(Date.now() - (12 - index) * MINUTE),
  })));
  state.speakerId = "dev_li";
  calls.one("dev_li").speaks = true;
  if (scene === "calls-hub") Object.assign(state, { topology: CallTopology.HUB, hubId: "dev_li" });
  if (scene === "calls-poor") {
    Object.assign(calls.one("dev_li"), { network: NetworkQuality.FAIR, networkReason: NetworkReason.DELAY, roundTripMs: 380, way: "relay" });
    Object.assign(calls.one("dev_chen"), { network: NetworkQuality.POOR, networkReason: NetworkReason.LOSS, lossPercent: 9.4, roundTripMs: 120, screen: true });
    Object.assign(calls.one("dev_ouyang"), { network: NetworkQuality.LOST, networkReason: NetworkReason.UNREACHABLE, connected: false, camera: false });
  }
  if (scene === "calls-lead") {
    Object.assign(calls.self(), { role: CallRole.HOST });
    Object.assign(calls.one("dev_chen"), { hand: true, handUnixMs: BigInt(Date.now() - 2 * MINUTE), recording: true });
    Object.assign(calls.one("dev_ouyang"), { hand: true, handUnixMs: BigInt(Date.now() - MINUTE) });
    Object.assign(state.policy!, { lobby: true });
    state.lobby = [calls.person("per_omar", { external: true }), calls.person("per_alex")];
  }
}
