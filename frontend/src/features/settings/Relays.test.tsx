// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { RelayState } from "../../api";
import { fakeRelayLink } from "../../runtime/fake/relays";
import { openRoom } from "../../testing/room";
import { Relays } from "./Relays";

afterEach(cleanup);

const HOST = "relay.pudong.example:47820";
const open = (scene: string, language: "zh" | "en" = "en") => openRoom(scene, (ws) => <Relays ws={ws} />, language);
const rows = () => screen.findAllByRole("listitem");
const row = async (name: string) => (await screen.findByRole("heading", { name })).closest("li")!;

it("lists every relay in order, with its state in plain words and what to do", async () => {
  await open("relays");
  expect((await rows()).map((one) => one.getAttribute("data-relay")?.split(".")[0])).toEqual(["relay", "down", "cert", "full"]);
  expect((await row("青禾主中继")).textContent).toMatch(/relay\.qinghe\.example:47820.*Connected · \d+ ms.*since /);
  const down = (await row("浦东办公室")).textContent;
  expect(down).toMatch(/Nobody answers at down\.pudong\.example:47820.*next try in \d+ s/);
  expect(down).toContain("needs a forwarded port");
  expect(down).toContain("3 messages or changes of yours are not stored there yet");
  expect(down).toContain("Pinned key. This computer accepts one key only");
  expect((await row("老机房")).textContent).toContain("shows the wrong certificate");
  expect((await row("Regional relay of the northern branch offices, hosted by the facilities department")).textContent).toContain("no space left");
  cleanup();
  await open("troubles");
  expect((await row("token.partner.example:443")).textContent).toContain("does not accept the token");
  expect((await row("出差用")).textContent).toContain("The proxy does not let us through");
  expect((await row("备用")).textContent).toContain("too busy");
  expect((await row("便宜的")).textContent).toContain("keeps");
  expect((await row("更便宜的")).textContent).toContain("does not verify");
});

it("follows the topic: what changes at the relay changes on screen", async () => {
  const { world, workspace, pass } = await open("away", "zh");
  expect((await row("青禾主中继")).textContent).toContain("已连接");
  world.relays.behave("relay.qinghe.example:47820", "down");
  await screen.findByText("relay.qinghe.example:47820 没有回应");
  world.relays.behave("relay.qinghe.example:47820", "up");
  world.relays.wrote(workspace.id);
  await screen.findByText("你有 1 条消息或更改还没有存到那里");
  // It is stored a moment later, and the sentence goes.
  pass();
  await waitFor(() => expect(screen.queryByText(/还没有存到那里/)).toBeNull());
});

it("asks again at once", async () => {
  const { world, pass } = await open("down");
  await screen.findByText(/Nobody answers at/);
  fireEvent.click(screen.getByRole("button", { name: "Try again now" }));
  await screen.findByText(/Connecting to relay\.qinghe\.example/);
  world.relays.behave("relay.qinghe.example:47820", "up");
  pass();
  await screen.findByText(/^Connected/);
});

it("counts down to the next try", async () => {
  await open("down");
  await screen.findByText(/^next try in (?:[1-9]|10) s$/);
  await screen.findByText(/^next try in [1-8] s$/);
});

it("says what a relay is while there is none, and adds one by its link, previewed first", async () => {
  const { world, workspace, pass } = await open("");
  await screen.findByText(/it can read none of it/);
  fireEvent.click(screen.getByRole("button", { name: /Paste a relay link/ }));
  const field = await screen.findByRole("textbox", { name: "Relay link" });
  const use = screen.getByRole("button", { name: "Use this relay" });
  expect(use).toHaveProperty("disabled", true);
  fireEvent.change(field, { target: { value: "roundtable://relay/half" } });
  await screen.findByText(/not a complete relay link/);
  fireEvent.change(field, { target: { value: fakeRelayLink("浦东办公室", HOST, true) } });
  const preview = await screen.findByRole("status", { name: "What the link says" });
  expect(preview.textContent).toContain(`浦东办公室${HOST}Pinned key`);
  expect(world.relays.list(workspace.id)).toEqual([]);
  fireEvent.click(use);
  expect((await rows())[0]!.textContent).toContain(`Connecting to ${HOST}`);
  pass();
  await waitFor(async () => expect((await rows())[0]!.textContent).toMatch(/Connected · \d+ ms/));
});

it("refuses a relay that is there already, in words", async () => {
  await open("away");
  fireEvent.click(await screen.findByRole("button", { name: "Add a relay" }));
  fireEvent.change(await screen.findByRole("textbox", { name: "Relay link" }), { target: { value: fakeRelayLink("again", "relay.qinghe.example:47820") } });
  await screen.findByText(/comes from a public authority/);
  fireEvent.click(screen.getByRole("button", { name: "Use this relay" }));
  expect((await screen.findByRole("alert")).textContent).toContain("already uses this relay");
});

it("moves a relay by its menu and says where it is now", async () => {
  const { world, workspace } = await open("relays");
  const menu = within(await row("浦东办公室")).getByRole("button", { name: "Options for 浦东办公室" });
  menu.focus();
  fireEvent.keyDown(menu, { key: "Enter" });
  fireEvent.click(menu);
  fireEvent.click(await screen.findByRole("menuitem", { name: "Move up" }));
  await screen.findByText("浦东办公室 is now number 1 of 4.");
  expect(world.relays.hosts(workspace.id)[0]).toBe("down.pudong.example:47820");
  expect((await rows())[0]!.getAttribute("data-relay")).toBe("down.pudong.example:47820");
});

it("says what happens before it removes one", async () => {
  const { world, workspace } = await open("away");
  fireEvent.click(await screen.findByRole("button", { name: "Options for 青禾主中继" }));
  expect(screen.queryByRole("menuitem", { name: /Move/ })).toBeNull();
  fireEvent.click(await screen.findByRole("menuitem", { name: "Remove" }));
  const question = await screen.findByRole("alertdialog");
  expect(question.textContent).toContain("It is the last one");
  expect(world.relays.list(workspace.id)).toHaveLength(1);
  fireEvent.click(within(question).getByRole("button", { name: "Remove" }));
  await screen.findByText("No relay yet");
  expect(world.relays.list(workspace.id)).toEqual([]);
});

it("shows the list without its controls to who may not change it", async () => {
  const { world, workspace } = await open("away");
  await row("青禾主中继");
  workspace.canAdminister = false;
  world.changed("relays", "people");
  await screen.findByText("Only administrators may change this list.");
  expect(screen.queryByRole("button", { name: /Options|Add/ })).toBeNull();
  expect(world.relays.list(workspace.id)[0]!.state).toBe(RelayState.CONNECTED);
});
