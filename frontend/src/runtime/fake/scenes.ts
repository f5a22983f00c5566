import { ConversationKind, DeliveryState } from "../../api/gen/roundtable/v1/chat_pb";
import { JoinState, Role } from "../../api/gen/roundtable/v1/people_pb";
import { Phase } from "../../api/gen/roundtable/v1/system_pb";
import { ME, type World } from "./world";

const MINUTE = 60_000;
const DAY = 86_400_000;

const PEOPLE: readonly (readonly [id: string, name: string, role: Role, title: string, department: string, phone: string])[] = [
  ["per_li", "李卓然", Role.ADMIN, "项目主管", "设计部", "138 0010 2231"],
  ["per_wang", "王敏", Role.MEMBER, "采购经理", "采购部", "139 1122 8890"],
  ["per_chen", "陈思远", Role.MEMBER, "建筑师", "设计部", "137 6655 0192"],
  ["per_anna", "Anna Novák", Role.GUEST, "Partner", "Novák s.r.o.", "+420 555 010 233"],
  ["per_ouyang", "欧阳婉清·阿依古丽", Role.MEMBER, "结构工程师（一级注册）", "设计部", ""],
  ["per_zhao", "赵一鸣", Role.MEMBER, "会计", "财务部", ""],
  ["per_alex", "Alexandria Featherstonehaugh-Cholmondeley", Role.MEMBER, "Senior regional procurement coordinator", "采购部", ""],
  ["per_liu", "刘洋", Role.MEMBER, "行政", "行政部", "136 2020 7761"],
  ["per_sun", "孙悦", Role.MEMBER, "现场经理", "工程部", ""],
  ["per_zhou", "周文博", Role.MEMBER, "造价工程师", "工程部", ""],
  ["per_omar", "عمر حداد", Role.GUEST, "مستشار", "", ""],
  ["per_xu", "许佳宁", Role.MEMBER, "设计助理", "设计部", ""],
];

const TALK: readonly (readonly [person: string, text: string])[] = [
  ["per_chen", "供应商的报价单和样品照片都放进共享文件夹了，麻烦王敏核对一下数量。"],
  ["per_wang", "收到，我上午对一遍。"],
  ["per_li", "灯具那一项请单独列出来，业主要求分两批到货。"],
  [ME, "数量没问题，我让法务把交货日期补进去。"],
  ["per_wang", "好"],
  ["per_anna", "Signed copy attached to the e-mail, thank you! Drawings: https://example.com/drawings/2026-11?rev=3 (please use revision 3)."],
  ["per_chen", "石材样品今天到，放在前台，大家路过可以看看颜色。"],
  ["per_ouyang", "二层楼板荷载我重新算过了：\n1. 展厅 5.0 kN/m²\n2. 库房 7.5 kN/m²\n3. 办公区按 2.0 不变\n需要的话我下午把计算书发出来。"],
  [ME, "辛苦了，计算书发我一份。"],
  ["per_alex", "The long-lead items need a decision by Friday, otherwise the crane slot moves to next month."],
  ["per_li", "周五上午十点碰一下？我订小会议室。"],
  [ME, "可以。"],
];

/** A workspace full of people and talk; `history` more messages lie before what one sees first. */
export function seedWorkspace(world: World, ws: string, history: number): void {
  const now = Date.now();
  for (const [personId, name, role, title, department, phone] of PEOPLE) {
    world.addMember(ws, {
      personId, name, role, title, department, phone, email: personId === "per_anna" ? "anna@novak.example" : "",
      devices: [{ deviceId: personId.replace("per", "dev"), fingerprint: "2C7D 90B4 E1F8 55A3 0D6E B219" }],
    });
  }
  Object.assign(world.members.get(ws)!.find((member) => member.isMe)!, { title: "负责人", department: "设计部" });
  for (const person of ["per_li", "per_wang", "per_chen", "per_ouyang", "per_liu", "per_zhou"]) world.link(ws, person, 12 + person.length * 7);

  const group = world.addConversation(ws, {
    kind: ConversationKind.GROUP, name: "采购与物流协作圈", canManage: true,
    memberIds: [ME, "per_li", "per_wang", "per_chen", "per_anna", "per_ouyang", "per_alex", "per_sun"],
  });
  const start = now - 3 * DAY;
  for (let i = 0; i < history; i++) {
    const [person, text] = TALK[i % TALK.length]!;
    world.post(group.id, person, `${text}${i % 5 === 0 ? `（${i + 1}）` : ""}`, start + (i * 2.6 * DAY) / Math.max(history, 1));
  }
  TALK.forEach(([person, text], index) => world.post(group.id, person, text, now - (TALK.length - index) * 9 * MINUTE));
  world.conversation(group.id).read = world.conversation(group.id).log.length;
  world.post(group.id, "per_wang", "合同第 3 条改好了，请再看一眼。改了交货日期和违约责任两处。", now - 6 * MINUTE);
  world.post(group.id, "per_wang", "另外业主把付款比例从 3-6-1 改成 2-7-1，我觉得可以接受，大家有意见今天下班前说。", now - 5 * MINUTE);
  world.post(group.id, "per_li", "没意见，走流程吧。", now - 4 * MINUTE);

  const direct = (personId: string) => world.addConversation(ws, {
    kind: ConversationKind.DIRECT, personId, name: PEOPLE.find(([id]) => id === personId)![1], memberIds: [ME, personId],
  });
  const li = direct("per_li");
  world.post(li.id, ME, "下午的会还是两点吗？", now - 34 * MINUTE);
  world.post(li.id, "per_li", "好的，下午两点我在会议室等你", now - 31 * MINUTE);
  world.post(li.id, "per_li", "记得带上二层的图", now - 30 * MINUTE);

  const design = world.addConversation(ws, { kind: ConversationKind.GROUP, name: "门店改造 · 设计组", memberIds: [ME, "per_chen", "per_ouyang", "per_xu"] });
  world.post(design.id, "per_chen", "新版灯光方案大家看一下", now - DAY - 90 * MINUTE);
  world.post(design.id, ME, "这版灯光方案我同意", now - DAY - 60 * MINUTE, DeliveryState.DELIVERED);
  const chen = direct("per_chen");
  world.post(chen.id, "per_chen", "2026 年度预算我放到财务那边了", now - DAY - 5 * 60 * MINUTE);
  world.conversation(chen.id).read = 1;
  const anna = direct("per_anna");
  world.post(anna.id, "per_anna", "Signed copy attached, thank you!", now - 4 * DAY);
  world.conversation(anna.id).read = 1;
  const alex = direct("per_alex");
  world.post(alex.id, ME, "Could you send me the delivery plan once the freight forwarder has confirmed it?", now - 5 * DAY, DeliveryState.WAITING);
  world.post(ws, "per_liu", "周一例会改到九点半", now - 80 * MINUTE);
  world.post(ws, "per_liu", "请大家周五前把年假计划填好，谢谢。", now - 79 * MINUTE);
  world.conversation(ws).read = 2;
  for (const id of world.conversations.keys()) world.refresh(id);
}

/** An office that reaches beyond its network; "relays" and "troubles" show every state that a relay can be in. */
function seedRelays(world: World, ws: string, scene: string): void {
  const { relays } = world;
  const since = (minutes: number) => ({ sinceUnixMs: BigInt(Date.now() - minutes * MINUTE) });
  const add = (name: string, host: string, pinned: boolean, minutes: number, waiting = 0n) => {
    relays.stands(ws, relays.add(ws, { name, host, pinned }), { ...since(minutes), waiting });
  };
  add("青禾主中继", "relay.qinghe.example:47820", false, 134);
  if (scene === "relays") {
    add("浦东办公室", "down.pudong.example:47820", true, 26, 3n);
    add("老机房", "cert.old.example:47820", true, 51);
    add("Regional relay of the northern branch offices, hosted by the facilities department", "full.north-branch-offices.facilities.example:47820", true, 300, 12n);
  }
  if (scene === "troubles") {
    add("", "token.partner.example:443", false, 200);
    add("出差用", "proxy.travel.example:443", false, 3);
    add("备用", "busy.backup.example:443", false, 1);
    add("便宜的", "withholds.cheap.example:443", false, 12);
    add("更便宜的", "forges.cheaper.example:443", false, 12);
  }
  if (scene === "down") relays.behave("relay.qinghe.example:47820", "down");
  if (scene === "relays") {
    world.connections.find(({ personId }) => personId === "per_wang")!.via = "rtc";
    for (const connection of world.connections) if (connection.personId === "per_li" || connection.personId === "per_liu") connection.via = "relayed";
  } else world.connections = [];
  if (scene === "away") {
    const li = [...world.conversations.values()].find(({ value }) => value.personId === "per_li")!.value.id;
    world.post(li, ME, "好，图纸带上了。", Date.now() - 21 * MINUTE, DeliveryState.DELIVERED);
    world.post(li, ME, "我先上高铁，信号断断续续，有事留言。", Date.now() - 2 * MINUTE, DeliveryState.AT_RELAY);
  }
  const direct = [...world.conversations.values()].find(({ value }) => value.personId === "per_alex")!;
  world.post(direct.value.id, ME, "I will be on the train until two.", Date.now() - 3 * MINUTE, scene === "down" ? DeliveryState.WAITING : DeliveryState.AT_RELAY);
}

/** Sets the stage: "new", "locked", "damaged", "alone", "problem", "left", "relays", "troubles", "away", "down", else an office at work. */
export function playScene(world: World, scene: string): void {
  world.nearby = [
    { $typeName: "roundtable.v1.NearbyWorkspace", workspaceId: "spc_qinghe", name: "青禾建筑设计事务所", memberCount: 13, hosts: [
      { $typeName: "roundtable.v1.NearbyHost", deviceId: "dev_li", personName: "李卓然", deviceName: "卓然的 MacBook" },
      { $typeName: "roundtable.v1.NearbyHost", deviceId: "dev_wang", personName: "王敏", deviceName: "采购部-07" },
    ] },
    { $typeName: "roundtable.v1.NearbyWorkspace", workspaceId: "spc_clinic", name: "Lakeside Dental Clinic", memberCount: 4, hosts: [
      { $typeName: "roundtable.v1.NearbyHost", deviceId: "dev_amy", personName: "Amy Barton", deviceName: "FRONT-DESK" },
    ] },
  ];
  switch (scene) {
    case "new":
    case "newfile": {
      Object.assign(world.status, { phase: Phase.NEW, name: "" });
      if (scene === "newfile") world.status.protections.shift();
      const found = world.nearby;
      world.nearby = [];
      world.later(2000, () => {
        world.nearby = found;
        world.changed("nearby");
      });
      return;
    }
    case "join":
      return;
    case "refused":
      Object.assign(world.join, { state: JoinState.REFUSED, personName: "李卓然", workspaceName: "青禾建筑设计事务所" });
      return;
    case "locked":
      Object.assign(world.status, { phase: Phase.LOCKED });
      world.passphrase = "open sesame";
      break;
    case "damaged":
      Object.assign(world.status, { phase: Phase.DAMAGED, damageCode: "database_corrupt" });
      break;
    case "alone":
      world.addWorkspace("青禾建筑设计事务所", Role.OWNER);
      return;
  }
  const workspace = world.addWorkspace("青禾建筑设计事务所", Role.OWNER);
  seedWorkspace(world, workspace.id, 600);
  world.addWorkspace("浦东老年大学书法协会与社区文化志愿者联络工作组", Role.MEMBER);
  if (scene === "problem") {
    world.connections = [];
    world.problems = ["broadcast_blocked"];
  }
  if (["relays", "troubles", "away", "down"].includes(scene)) seedRelays(world, workspace.id, scene);
  if (scene === "left") {
    Object.assign(workspace, { active: false, canInvite: false, canAdminister: false });
    for (const conversation of world.conversations.values()) conversation.value.canWrite = false;
  }
}
