import { create } from "@bufbuild/protobuf";
import { ConversationKind } from "../../api/gen/roundtable/v1/chat_pb";
import { CircleLinkSchema, CirclePersonSchema, CircleSchema, type Circle, type CircleService } from "../../api/gen/roundtable/v1/circles_pb";
import { JoinState, Role } from "../../api/gen/roundtable/v1/people_pb";
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
