// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { openRoom } from "../../testing/room";
import { HostRelay } from "./HostRelay";

afterEach(cleanup);

const open = (language: "zh" | "en" = "en") => openRoom("", (ws) => <HostRelay ws={ws} />, language);
const flip = async (name = "Host the relay for this office") => fireEvent.click(await screen.findByRole("switch", { name }));
const apply = () => fireEvent.click(screen.getByRole("button", { name: "Apply" }));

it("starts with one switch, in the workspace one looks at", async () => {
  const { world, workspace, pass } = await open();
  await screen.findByText(/only while this computer is on, awake and reachable/);
  expect(screen.queryByText("Running")).toBeNull();
  await flip();
  await screen.findByText("Running");
  expect(world.relays.hosted.workspaceIds).toEqual([workspace.id]);
  expect(world.relays.list(workspace.id)[0]).toMatchObject({ hostedHere: true, pinned: true });
  pass();
  // Its devices and what it stores follow the topic.
  await screen.findByText(/1 device connected/);
  await screen.findByText(/25 kB stored/);
  await screen.findByRole("button", { name: "Copy relay link" });
});

it("says that a guessed address is good inside the office only, and takes another", async () => {
  const { world } = await open();
  await flip();
  const address = await screen.findByRole("textbox", { name: "Address that others dial" });
  expect(address).toHaveProperty("value", "192.168.3.24");
  screen.getByText(/good inside the office only/);
  fireEvent.change(address, { target: { value: "http://x" } });
  apply();
  await screen.findByText("A name or an IP address, without a port.");
  fireEvent.change(address, { target: { value: "relay.example.com" } });
  apply();
  await waitFor(() => expect(world.relays.hosted.address).toBe("relay.example.com:47820"));
  await screen.findByText(/Chosen by you/);
});

it("keeps a guess that nobody touched a guess", async () => {
  const { world } = await open();
  await flip();
  fireEvent.change(await screen.findByRole("textbox", { name: "Port" }), { target: { value: "50000" } });
  apply();
  await waitFor(() => expect(world.relays.hosted.address).toBe("192.168.3.24:50000"));
  expect(world.relays.hosted.addresses).toContain("192.168.3.24:50000");
});

it("tells that a port is taken, or none", async () => {
  await open();
  await flip();
  const port = await screen.findByRole("textbox", { name: "Port" });
  fireEvent.change(port, { target: { value: "70000" } });
  apply();
  await screen.findByText("A number from 1 to 65535.");
  fireEvent.change(port, { target: { value: "47800" } });
  apply();
  expect((await screen.findByText(/Another program uses this port/)).closest("[role=alert]")).not.toBeNull();
});

it("lets one choose another port when the first is taken before it ever ran", async () => {
  const { world, workspace } = await open();
  world.relays.takenPorts.add(47820);
  await flip();
  await screen.findByText(/Another program uses this port/);
  expect(screen.queryByText("Running")).toBeNull();
  fireEvent.change(await screen.findByRole("textbox", { name: "Port" }), { target: { value: "47821" } });
  apply();
  await screen.findByText("Running");
  expect(world.relays.hosted).toMatchObject({ enabled: true, port: 47821, workspaceIds: [workspace.id] });
});

it("takes it off a workspace that is no longer chosen", async () => {
  const { world, workspace } = await open();
  await flip();
  fireEvent.click(await screen.findByRole("checkbox", { name: workspace.name }));
  apply();
  await waitFor(() => expect(world.relays.hosted.workspaceIds).toEqual([]));
  expect(world.relays.list(workspace.id)).toEqual([]);
});

it("remembers the chosen address over a stop", async () => {
  const { world } = await open();
  await flip();
  fireEvent.change(await screen.findByRole("textbox", { name: "Address that others dial" }), { target: { value: "relay.example.com" } });
  apply();
  await waitFor(() => expect(world.relays.hosted.address).toBe("relay.example.com:47820"));
  await flip();
  fireEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Stop" }));
  await waitFor(() => expect(world.relays.hosted.enabled).toBe(false));
  await flip();
  await waitFor(() => expect(world.relays.hosted.address).toBe("relay.example.com:47820"));
});

it("shows why it does not run", async () => {
  const { world } = await open();
  await flip();
  await screen.findByText("Running");
  Object.assign(world.relays.hosted, { running: false, errorCode: "relay_port_taken", link: "" });
  world.changed("relays");
  await screen.findByText(/another program uses port 47820/);
  expect(screen.queryByRole("button", { name: "Copy relay link" })).toBeNull();
  Object.assign(world.relays.hosted, { running: true, errorCode: "disk_full" });
  world.changed("relays");
  await screen.findByText(/keeps nothing new until there is space/);
});

it("asks before it stops, and takes the relay off", async () => {
  const { world, workspace } = await open("zh");
  await flip("为办公室托管中继");
  await screen.findByText("正在运行");
  await flip("为办公室托管中继");
  const question = await screen.findByRole("alertdialog");
  expect(world.relays.hosted.enabled).toBe(true);
  fireEvent.click(within(question).getByRole("button", { name: "停止" }));
  await waitFor(() => expect(screen.queryByText("正在运行")).toBeNull());
  expect(world.relays.list(workspace.id)).toEqual([]);
});

it("keeps what is being typed when something else is heard of the relay, and follows where nobody typed", async () => {
  const { world, workspace } = await open();
  await flip();
  const address = await screen.findByRole("textbox", { name: "Address that others dial" });
  fireEvent.change(address, { target: { value: "relay.exam" } });
  Object.assign(world.relays.hosted, { address: "10.1.2.3:50000", port: 50000, addresses: ["10.1.2.3:50000"], workspaceIds: [] });
  world.changed("relays");
  await waitFor(() => expect(screen.getByRole("textbox", { name: "Port" })).toHaveProperty("value", "50000"));
  expect(screen.getByRole("textbox", { name: "Address that others dial" })).toHaveProperty("value", "relay.exam");
  expect(screen.getByRole("checkbox", { name: workspace.name }).getAttribute("aria-checked")).toBe("false");
});
