// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { ConversationKind, DeliveryState, MessageSchema, type Message } from "../../api";
import { openRoom } from "../../testing/room";
import { Delivery } from "./Delivery";
import { DingLayer } from "./ding/DingLayer";

afterEach(cleanup);

const message = (state: DeliveryState, init: Partial<Pick<Message, "readCount" | "deliveredCount">> = {}) =>
  create(MessageSchema, { id: "evt_1", conversationId: "spc_1", isMine: true, otherCount: 3, state, ...init });
const show = (one: Message, kind = ConversationKind.GROUP, language: "zh" | "en" = "en") => openRoom("", () => <Delivery message={one} kind={kind} />, language);

const CASES = [
  { state: DeliveryState.WAITING, sign: "waiting", en: "Waiting", zh: "等待中", long: "Saved on this computer only. It goes out as soon as a colleague or a relay can be reached." },
  { state: DeliveryState.AT_RELAY, sign: "relay", en: "At the relay", zh: "已存于中继", long: "Stored at the relay; nobody's device has it yet." },
  { state: DeliveryState.DELIVERED, sign: "delivered", en: "Delivered", zh: "已送达", long: "On your colleague's device, not read yet." },
  { state: DeliveryState.READ, sign: "read", en: "Read", zh: "已读", long: "Your colleague has read it." },
] as const;

for (const { state, sign, en, zh, long } of CASES) {
  it(`tells “${en}” by icon, word, name and tooltip`, async () => {
    await show(message(state), ConversationKind.DIRECT);
    const button = await screen.findByRole("button", { name: `${en}. Show names` });
    expect(button.textContent).toBe(en);
    expect(button.title).toBe(long);
    expect(button.dataset["state"]).toBe(sign);
    expect(button.querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
    cleanup();
    await show(message(state), ConversationKind.DIRECT, "zh");
    await screen.findByRole("button", { name: `${zh}，查看名单` });
  });
}

it("gives every state another icon", async () => {
  const drawn = new Set<string>();
  for (const { state } of CASES) {
    const { container } = await show(message(state));
    await screen.findByRole("button");
    drawn.add(container.querySelector("svg")!.innerHTML);
    cleanup();
  }
  expect(drawn.size).toBe(CASES.length);
});

it("counts in a group", async () => {
  await show(message(DeliveryState.DELIVERED, { deliveredCount: 2 }));
  expect((await screen.findByRole("button", { name: /Delivered 2/ })).title).toBe("On a device of 2 of 3 others.");
});

it("names in the receipts for whom the relay keeps it", async () => {
  await openRoom("away", (_, world) => {
    const { log } = [...world.conversations.values()].find(({ value }) => value.personId === "per_alex")!;
    return <Delivery message={log.at(-1)!} kind={ConversationKind.DIRECT} />;
  });
  fireEvent.click(await screen.findByRole("button", { name: /At the relay/ }));
  const kept = await screen.findByRole("region", { name: "Kept at the relay for" });
  within(kept).getByText("Alexandria Featherstonehaugh-Cholmondeley");
  within(kept).getByText(/their devices do not have it yet/);
});

it("reminds those who have not read by one press", async () => {
  let ids: string[] = [];
  const { world } = await openRoom("", (ws, world) => {
    const group = [...world.conversations.values()].find(({ value }) => value.kind === ConversationKind.GROUP && value.memberIds.length > 3)!;
    ids = group.value.memberIds;
    const own = group.log.findLast((one) => one.isMine && one.readCount < one.otherCount) ?? world.post(group.value.id, "per_me", "请确认", Date.now(), DeliveryState.DELIVERED);
    return <><Delivery message={own} kind={ConversationKind.GROUP} /><DingLayer ws={ws} /></>;
  });
  const { stage } = globalThis as unknown as { stage: { dings: { all: { isMine: boolean; toAll: boolean; total: number }[] } } };
  fireEvent.click(await screen.findByRole("button", { name: /Show names/ }));
  const button = await screen.findByRole("button", { name: /^DING .* who ha(s|ve) not read/ });
  fireEvent.click(button);
  await screen.findByRole("dialog", { name: "Urgent notice" });
  expect(stage.dings.all.at(-1)).toMatchObject({ isMine: true, toAll: false });
  expect(stage.dings.all.at(-1)!.total).toBeLessThan(ids.length);
  expect(screen.queryByRole("dialog", { name: "Who has this message" })).toBeNull();
  expect(world.conversations.size).toBeGreaterThan(0);
});
