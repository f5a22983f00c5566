import { create } from "@bufbuild/protobuf";
import { ConversationKind, ForwardedSchema, MentionSchema, QuoteSchema, RecalledSchema, RecordSummarySchema, ThreadSummarySchema, type Message } from "../../api/gen/roundtable/v1/chat_pb";
import { CircleLinkSchema, CirclePersonSchema, CircleSchema, type Circle, type CircleService } from "../../api/gen/roundtable/v1/circles_pb";
import { JoinState, Role } from "../../api/gen/roundtable/v1/people_pb";
import { putUp, react } from "./depth";
import type { Methods } from "./service";
import { checkName, ME, refuse, type World } from "./world";

/** Circles over the conversations of the world; partners come by nobody's hand but the scene's. */
export class Circles {
  readonly all = new Map<string, Circle>();

  constructor(readonly world: World) {}

  begin(ws: string, name: string, people: readonly string[]): Circle {
    const { world } = this;
    const { value } = world.conversation(world.addConversation(ws, { kind: ConversationKind.CIRCLE, name: checkName(name), memberIds: [ME, ...people], canManage: true, lastUnixMs: BigInt(Date.now()) }).id);
    const circle = create(CircleSchema, { id: value.id, workspaceId: ws, canManage: true, canInvite: true });
    this.all.set(value.id, circle);
    for (const person of [ME, ...people]) this.enters(circle, person, this.member(ws, person)?.name ?? "", world.workspace(ws).name, false);
    return circle;
  }

  enters(circle: Circle, personId: string, name: string, workspaceName: string, isExternal: boolean): void {
    const isMe = personId === ME;
    if (isExternal) this.world.outsiders.set(personId, name);
    circle.people.push(create(CirclePersonSchema, { personId, name, workspaceName, isExternal, isMe, role: isMe ? Role.OWNER : Role.MEMBER, joinedUnixMs: BigInt(Date.now()), canRemove: !isMe }));
    this.count(circle);
  }

  count(circle: Circle): void {
    const { value } = this.world.conversation(circle.id);
    circle.externalCount = value.externalCount = circle.people.filter((person) => person.isExternal).length;
    value.memberIds = circle.people.map(({ personId }) => personId);
    value.memberCount = value.memberIds.length;
    this.world.changed("chat", `circle:${circle.id}`);
  }

  find = (id: string) => this.all.get(id) ?? refuse("not_found");

  private member(ws: string, person: string) {
    return this.world.members.get(ws)?.find(({ personId, isMe }) => personId === person || (person === ME && isMe));
  }
}

export function circleService(circles: Circles): Methods<typeof CircleService> {
  const { world } = circles;
  return {
    createCircle: ({ workspaceId, name, personIds }) => circles.begin(workspaceId, name, personIds),
    getCircle: ({ circleId }) => circles.find(circleId),
    addToCircle({ circleId, personIds }) {
      const circle = circles.find(circleId);
      for (const member of world.members.get(circle.workspaceId) ?? []) {
        if (personIds.includes(member.personId)) circles.enters(circle, member.personId, member.name, world.workspace(circle.workspaceId).name, false);
      }
      return circle;
    },
    removeFromCircle({ circleId, personId }) {
      const circle = circles.find(circleId);
      circle.people = circle.people.filter((person) => person.personId !== personId);
      circles.count(circle);
      return circle;
    },
    leaveCircle({ circleId }) {
      world.conversation(circleId).value.canWrite = false;
      world.changed("chat");
      return {};
    },
    renameCircle({ circleId, name }) {
      world.conversation(circleId).value.name = checkName(name);
      world.changed("chat");
      return circles.find(circleId);
    },
    inviteToCircle({ circleId, forName, expiresSeconds, maxUses }) {
      const circle = circles.find(circleId);
      const link = create(CircleLinkSchema, {
        id: world.id("inv"), link: `roundtable://circle/${"q".repeat(240)}`, forName: forName === "" ? "" : checkName(forName), expiresUnixMs: BigInt(Date.now()) + (expiresSeconds || 604_800n) * 1000n,
        maxUses: maxUses || 1, createdBy: "张青", live: true, relayHosts: ["relay.qinghe.example:47820"],
      });
      circle.links.unshift(link);
      world.changed("invites");
      return link;
    },
    revokeCircleLink({ circleId, linkId }) {
      const circle = circles.find(circleId);
      circle.links = circle.links.filter(({ id }) => id !== linkId);
      return circle;
    },
    joinCircle({ workspaceId }) {
      const circle = circles.begin(workspaceId, "展厅项目协作", []);
      circles.enters(circle, "per_gu", "顾明", "临江家具", true);
      Object.assign(world.join, { state: JoinState.DONE, workspaceId: circle.id, workspaceName: "展厅项目协作", circle: true });
      world.changed("join");
      return { circleId: circle.id };
    },
  };
}

/** One with partners of two companies, who talk. */
export function seedCircles(circles: Circles): void {
  const { world } = circles;
  const ws = world.workspaces[0]!.id;
  const circle = circles.begin(ws, "展厅项目协作", ["per_li", "per_wang"]);
  for (const [id, name, from] of [["per_gu", "顾明", "临江家具"], ["per_ren", "任晓雨", "临江家具"], ["per_novak", "Jana Nováková", "Novák s.r.o. Interior & Exhibition Engineering"]] as const) circles.enters(circle, id, name, from, true);
  const said: readonly (readonly [string, string])[] = [
    ["per_li", "大家好，展厅的图纸和清单以后都放在这里。"], ["per_gu", "收到。展柜样品下周三可以送到现场。"], ["per_novak", "Good morning! The lighting mock-up is ready, photos follow today."], [ME, "好的，周三上午我在现场。"],
  ];
  said.forEach(([person, text], index) => {
    const message = world.post(circle.id, person, text, Date.now() - (said.length - index) * 7 * 60_000);
    message.personName = circle.people.find(({ personId }) => personId === person)?.name ?? message.personName;
  });
}

/** A name that is as long as names may be, almost. */
const LONG = "阿卜杜热合曼·买买提艾力·阿布都克里木江（临江家具华东大区展陈项目部）";

/** The same, where partners did all that one can do with messages. */
export function seedDeepCircle(circles: Circles): void {
  const { world } = circles;
  seedCircles(circles);
  const circle = [...circles.all.values()].at(-1)!;
  circles.enters(circle, "per_long", LONG, "临江家具华东大区展陈项目部", true);
  const { log } = world.conversation(circle.id);
  const [, fromGu] = log;
  const answers = (person: string, text: string, to: Message, more: Partial<Pick<Message, "mentions" | "thread" | "record" | "forwarded">> = {}) => {
    const message = world.post(circle.id, person, text, Date.now() - 60_000);
    return Object.assign(message, { reply: create(QuoteSchema, { messageId: to.id }), ...more });
  };
  const fromLong = answers("per_long", "数量以清单第三页为准，@顾明 请再核对一次", fromGu!, { mentions: [create(MentionSchema, { personId: "per_gu", label: "顾明" })] });
  answers("per_li", "好的", fromLong, {
    thread: create(ThreadSummarySchema, { id: "thr_1", replies: 2, lastUnixMs: BigInt(Date.now()), lastPersonId: "per_gu", lastPersonName: "顾明", people: [{ personId: "per_gu", personName: "顾明" }, { personId: "per_li", personName: "李卓然" }] }),
  });
  const passedOn = world.post(circle.id, "per_wang", "灯具的照片在这里", Date.now() - 40_000);
  passedOn.forwarded = create(ForwardedSchema, { personId: "per_novak", personName: "Jana Nováková", sentUnixMs: BigInt(Date.now() - 86_400_000), isExternal: true });
  const card = world.post(circle.id, "per_wang", "", Date.now() - 30_000);
  card.record = create(RecordSummarySchema, {
    count: 2, people: 2, personNames: ["李卓然", "顾明"], hasExternals: true,
    lines: [{ personName: "李卓然", text: "展柜几号能到？" }, { personName: "顾明", text: "下周三上午。", isExternal: true }],
  });
  const taken = world.post(circle.id, "per_ren", "", Date.now() - 20_000);
  taken.recalled = create(RecalledSchema, { personId: "per_ren", personName: "任晓雨" });
  for (const person of [ME, "per_li", "per_gu", "per_long"]) react(world, fromGu!, "👍", person, true);
  putUp(world, fromLong, "per_gu");
  putUp(world, fromGu!, ME);
  world.typing.set(circle.id, ["per_gu"]);
}
