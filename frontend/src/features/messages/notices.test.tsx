// @vitest-environment jsdom
import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ConversationKind } from "../../api";
import { useSettings } from "../../live";
import { openRoom } from "../../testing/room";
import type { World } from "../../runtime/fake/world";
import { MessageNotices } from "./MessageNotices";

const went = vi.hoisted(() => ({ to: [] as string[] }));
vi.mock("../../lib/routes", async (original) => ({
  ...(await original<typeof import("../../lib/routes")>()),
  useGo: () => ({ message: (...place: string[]) => went.to.push(place.join(" ")), messages: (ws: string) => went.to.push(ws) }),
}));

interface Shown { readonly id: string; readonly title: string; readonly text: string }
const stage = () => (globalThis as unknown as { stage: { notices: { shown: Shown[]; asked: number; press(id: string): void } } }).stage;
const shown = () => stage().notices.shown.map(({ title, text }) => `${title} | ${text}`);

let watched = false;
beforeEach(() => {
  watched = false;
  vi.spyOn(document, "hasFocus").mockImplementation(() => watched);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function seed(ws: string, world: World): void {
  if (world.conversations.has("spc_g0")) return;
  world.addMember(ws, { personId: "per_wang", name: "王敏" });
  world.addMember(ws, { personId: "per_out1", name: "顾" });
  for (let i = 0; i < 5; i++) world.addConversation(ws, { id: `spc_g${i}`, kind: ConversationKind.GROUP, name: `${i}组`, memberIds: ["per_me", "per_wang", "per_out1"] });
  world.addConversation(ws, { id: "spc_d", kind: ConversationKind.DIRECT, name: "王敏", personId: "per_wang", memberIds: ["per_me", "per_wang"] });
}

async function open() {
  const room = await openRoom("alone", (ws, world) => {
    seed(ws, world);
    return <><MessageNotices ws={ws} /><Chosen /></>;
  });
  const says = (conversation: string, text: string, person = "per_wang", more: { mentionsMe?: boolean; inThreadId?: string } = {}) => {
    Object.assign(room.world.post(conversation, person, text), more);
    room.world.changed("notices");
  };
  const look = (is: boolean) => act(() => {
    watched = is;
    window.dispatchEvent(new Event(is ? "focus" : "blur"));
  });
  // The first answer says from when on.
  await asked(0);
  return { ...room, says, look };
}

/** What a person chose, as it has come to the screen. */
function Chosen() {
  return <output>{JSON.stringify(useSettings().data ?? {}, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))}</output>;
}

/** Waits until the screen has asked for notices more often than before. */
async function asked(before: number): Promise<void> {
  await waitFor(() => expect(stage().notices.asked).toBeGreaterThan(before));
  await act(() => Promise.resolve());
}

it("says who, where and what; a later message takes the place of the one before", async () => {
  const { says } = await open();
  says("spc_g0", "图纸好了");
  await waitFor(() => expect(shown()).toEqual(["王敏 · 0组 | 图纸好了"]));
  says("spc_g0", "在共享文件夹");
  await waitFor(() => expect(shown()).toEqual(["王敏 · 0组 | 在共享文件夹 (of 2 new ones)"]));
  says("spc_d", "到了吗");
  says("spc_g1", "你好", "per_out1");
  says("spc_g2", "收到", "per_wang", { inThreadId: "t1" });
  await waitFor(() => expect(shown().at(-1)).toBe("5 new messages | In 4 conversations"));
});

it("marks externals, threads and mentions, and a mention outlives what follows", async () => {
  const { says } = await open();
  says("spc_g1", "你好", "per_out1");
  await waitFor(() => expect(shown()).toEqual(["顾 (external) · 1组 | 你好"]));
  says("spc_g2", "收到", "per_wang", { inThreadId: "t1" });
  await waitFor(() => expect(shown().at(-1)).toBe("王敏 · 2组 · Thread | 收到"));
  says("spc_g3", "@沈清和 看一下", "per_wang", { mentionsMe: true });
  await waitFor(() => expect(shown().at(-1)).toBe("王敏 · 3组 | Mentions you: @沈清和 看一下"));
  says("spc_g3", "好的");
  await waitFor(() => expect(shown().at(-1)).toBe("王敏 · 3组 | Mentions you: @沈清和 看一下 (of 2 new ones)"));
});

it("hides the words where that is chosen, and is silent in quiet hours and where it is turned off", async () => {
  const { says, world } = await open();
  const choose = async (choice: object) => {
    Object.assign(world.settings, choice);
    world.changed("settings");
    const [said] = Object.entries(choice).map(([key, value]) => `"${key}":${value}`);
    await waitFor(() => expect(screen.getByRole("status").textContent).toContain(said));
  };
  await choose({ notifyWords: false });
  says("spc_g0", "薪资表");
  await waitFor(() => expect(shown()).toEqual(["王敏 · 0组 | A new message"]));
  for (const choice of [{ notifyMessages: false }, { quiet: true, notifyMessages: true, quietFrom: 0, quietTo: 1439 }]) {
    await choose(choice);
    const before = stage().notices.asked;
    says("spc_g1", "一");
    await asked(before);
  }
  await choose({ quiet: false });
  says("spc_g2", "二");
  await waitFor(() => expect(shown()).toHaveLength(2));
  expect(shown()).toEqual(["王敏 · 0组 | A new message", "王敏 · 2组 | A new message"]);
});

it("tells nothing to who looks, takes notices back, and leads to the message", async () => {
  const { says, look, world, workspace } = await open();
  says("spc_g0", "图纸好了");
  await waitFor(() => expect(shown()).toHaveLength(1));
  const { id } = stage().notices.shown[0]!;
  look(true);
  await waitFor(() => expect(shown()).toEqual([]));
  says("spc_g1", "看得见");
  const before = stage().notices.asked;
  look(false);
  await asked(before);
  says("spc_g1", "看不见");
  await waitFor(() => expect(shown()).toEqual(["王敏 · 1组 | 看不见"]));
  act(() => stage().notices.press(id));
  act(() => stage().notices.press("contract:spc_9"));
  const { log } = world.conversation("spc_g0");
  await waitFor(() => expect(went.to).toEqual([`${workspace.id} spc_g0 ${log.at(-1)!.id}`]));
});
