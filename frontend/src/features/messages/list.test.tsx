// @vitest-environment jsdom
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { ConversationKind } from "../../api";
import { openRoom } from "../../testing/room";
import type { World } from "../../runtime/fake/world";
import { ConversationList } from "./ConversationList";
import { tomorrow } from "./shelf";

afterEach(cleanup);

/** Three groups with something unread in each. */
function seed(ws: string, world: World): void {
  if (world.conversations.has("spc_g0")) return;
  world.addMember(ws, { personId: "per_wang", name: "王敏" });
  for (const [index, name] of ["一组", "二组", "三组"].entries()) {
    const { id } = world.addConversation(ws, { id: `spc_g${index}`, kind: ConversationKind.GROUP, name, memberIds: ["per_me", "per_wang"], canManage: true });
    world.post(id, "per_wang", `早 ${index}`, Date.now() - index * 60_000);
  }
}

const open = () => openRoom("alone", (ws, world) => {
  seed(ws, world);
  return <ConversationList ws={ws} chosen={undefined} onNewGroup={() => {}} />;
});

const names = () => within(screen.getByRole("list", { name: "Conversations" })).getAllByRole("link").map((link) => link.querySelector("bdi")!.textContent);
async function choose(name: string, item: RegExp) {
  fireEvent.contextMenu(await screen.findByRole("link", { name: new RegExp(name) }));
  fireEvent.click(await screen.findByRole("menuitem", { name: item }));
}

it("pins to the top, moves by the keyboard, and takes it back", async () => {
  await open();
  await choose("三组", /^Pin to the top/);
  await vi.waitFor(() => expect(names()[0]).toBe("三组"));
  await choose("二组", /^Pin to the top/);
  await vi.waitFor(() => expect(names().slice(0, 2)).toEqual(["三组", "二组"]));
  fireEvent.keyDown(screen.getByRole("link", { name: /二组/ }), { key: "ArrowUp", altKey: true });
  await vi.waitFor(() => expect(names().slice(0, 2)).toEqual(["二组", "三组"]));
  await screen.findByText("“二组” was moved");
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await vi.waitFor(() => expect(names().slice(0, 2)).toEqual(["三组", "二组"]));
  await choose("三组", /^Unpin/);
  await vi.waitFor(() => expect(names()[0]).toBe("二组"));
});

it("counts what is muted in grey, and not among what is noticed", async () => {
  const { world } = await open();
  await choose("一组", /^Mute until I turn it on/);
  await screen.findByRole("img", { name: "Muted" });
  expect(world.conversation("spc_g0").value).toMatchObject({ unread: 1, noticed: 0 });
  await screen.findByText("On this computer only");
  await choose("一组", /^Unmute/);
  await vi.waitFor(() => expect(world.conversation("spc_g0").value.noticed).toBe(1));
});

it("puts away, shows what is put away, and takes it out again", async () => {
  await open();
  await choose("一组", /^Archive/);
  await vi.waitFor(() => expect(screen.queryByRole("link", { name: /一组/ })).toBeNull());
  fireEvent.click(await screen.findByRole("button", { name: /^Archived/ }));
  await screen.findByRole("link", { name: /一组/ });
  await choose("一组", /^Take out of the archive/);
  await vi.waitFor(() => expect(names()).toContain("一组"));
});

it("shows what is unread, and what mentions oneself", async () => {
  const { world } = await open();
  await screen.findByRole("link", { name: /三组/ });
  world.conversation("spc_g1").value.unread = 0;
  world.conversation("spc_g2").value.mentionId = "m1";
  world.changed("chat");
  fireEvent.click(screen.getByRole("radio", { name: "Unread" }));
  await vi.waitFor(() => expect(names()).toEqual(["一组", "三组"]));
  fireEvent.click(screen.getByRole("radio", { name: "@Me" }));
  await vi.waitFor(() => expect(names()).toEqual(["三组"]));
});

it("mutes until eight in the morning of the day after this", () => {
  expect(tomorrow(new Date(2026, 11, 31, 23, 59))).toEqual(new Date(2027, 0, 1, 8));
  expect(tomorrow(new Date(2026, 10, 28, 0, 1))).toEqual(new Date(2026, 10, 29, 8));
});
