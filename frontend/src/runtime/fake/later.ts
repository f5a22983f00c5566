import { create } from "@bufbuild/protobuf";
import { DingBox, DingRulesSchema, DingSchema, DingState, DingVerdict, DingWho, type Ding, type DingService } from "../../api/gen/roundtable/v1/ding_pb";
import { ScheduledSchema, ScheduledState, type Scheduled, type ScheduledService } from "../../api/gen/roundtable/v1/scheduled_pb";
import { Refusal, type Methods } from "./service";
import type { World } from "./world";

const refuse = (code: string): never => {
  throw new Refusal(code);
};

/** Urgent notices in memory; what others send comes by `comes`. */
export class Dings {
  readonly all: Ding[] = [];
  readonly rules = create(DingRulesSchema, { who: DingWho.EVERYBODY, perDay: 10, perTenMinutes: 3, canSet: true });

  constructor(private readonly world: World) {}

  comes(more: Partial<Omit<Ding, "$typeName">> & { text: string }): Ding {
    const ding = create(DingSchema, {
      id: this.world.id("ding"), workspaceId: this.world.workspaces[0]?.id ?? "", personId: "per_wang", personName: "王敏", verdict: DingVerdict.STANDS, rounds: 1, rings: true,
      sentUnixMs: BigInt(Date.now()), lastUnixMs: BigInt(Date.now()), ...more,
    });
    this.all.push(ding);
    this.world.changed("ding");
    return ding;
  }

  find(id: string): Ding {
    return this.all.find((ding) => ding.id === id) ?? refuse("not_found");
  }
}

export function dingService(world: World, dings: Dings): Methods<typeof DingService> {
  const mineToSee = (ding: Ding) => !ding.isMine && ding.myConfirmedUnixMs === 0n && ding.calledOffUnixMs === 0n;
  const change = (ding: Ding, deed: () => void) => {
    deed();
    world.changed("ding");
    return ding;
  };
  return {
    send: ({ conversationId, messageId, text, personIds, toAll }) => dings.comes({
      conversationId, messageId, text: text || "…", isMine: true, toAll, rings: false, personName: "我", total: Math.max(personIds.length, 1),
      receipts: personIds.map((personId) => ({ $typeName: "roundtable.v1.DingReceipt" as const, personId, personName: personId, state: DingState.WAITING, deliveredUnixMs: 0n, seenUnixMs: 0n, confirmedUnixMs: 0n, isExternal: false })),
    }),
    waiting: () => ({ dings: dings.all.filter(mineToSee) }),
    dings: ({ box }) => ({ dings: dings.all.filter(({ isMine }) => isMine === (box === DingBox.SENT)).reverse() }),
    show: ({ id }) => dings.find(id),
    marks: ({ conversationId }) => ({
      marks: dings.all.filter((ding) => ding.conversationId === conversationId).map((ding) => ({ messageId: ding.messageId, dingId: ding.id, verdict: ding.verdict, isCalledOff: ding.calledOffUnixMs > 0n })),
    }),
    markSeen: () => ({}),
    confirm: ({ id }) => change(dings.find(id), () => void (dings.find(id).myConfirmedUnixMs = BigInt(Date.now()))),
    remind: ({ id }) => change(dings.find(id), () => void dings.find(id).rounds++),
    callOff: ({ id }) => change(dings.find(id), () => void (dings.find(id).calledOffUnixMs = BigInt(Date.now()))),
    rules: () => dings.rules,
    setRules({ who, perDay, perTenMinutes }) {
      Object.assign(dings.rules, { who, perDay, perTenMinutes });
      world.changed("ding");
      return dings.rules;
    },
  };
}

/** Scheduled messages in memory; what could not be sent is played by `asks`. */
export class Later {
  readonly all: Scheduled[] = [];

  constructor(private readonly world: World) {}

  asks(conversationId: string, text: string, state: ScheduledState): void {
    this.all.push(create(ScheduledSchema, { id: this.world.id("sch"), conversationId, text, atUnixMs: BigInt(Date.now() - 3_600_000), sentUnixMs: BigInt(Date.now()), state }));
    this.world.changed("scheduled");
  }
}

export function scheduledService(world: World, { all }: Later): Methods<typeof ScheduledService> {
  const find = (id: string) => all.find((one) => one.id === id) ?? refuse("not_found");
  const drop = (id: string) => {
    all.splice(all.indexOf(find(id)), 1);
    world.changed("scheduled");
  };
  return {
    schedule({ message, atUnixMs }) {
      if (!message || atUnixMs <= BigInt(Date.now())) return refuse("scheduled_past");
      const one = create(ScheduledSchema, { id: world.id("sch"), conversationId: message.conversationId, text: message.text, atUnixMs, state: ScheduledState.WAITING, mentions: message.mentions });
      all.push(one);
      world.changed("scheduled");
      return one;
    },
    list: ({ conversationId }) => ({ scheduled: all.filter((one) => one.conversationId === conversationId).sort((a, b) => Number(a.atUnixMs - b.atUnixMs)) }),
    asking: () => ({ scheduled: all.filter(({ state }) => state !== ScheduledState.WAITING) }),
    change({ id, text, atUnixMs }) {
      const one = find(id);
      if (text !== undefined) one.text = text;
      if (atUnixMs > 0n) one.atUnixMs = atUnixMs;
      world.changed("scheduled");
      return one;
    },
    sendNow({ id }) {
      const { conversationId, text } = find(id);
      drop(id);
      const sent = world.post(conversationId, world.status.personId, text);
      world.changed("chat", `chat:${conversationId}`);
      return sent;
    },
    drop({ id }) {
      drop(id);
      return {};
    },
  };
}
