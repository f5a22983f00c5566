import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { choose, createWorkspace, inside, joinByInvite, makeInvite, openConversation, openDirectory, post, sees, setUp, stateOf } from "./deeds";
import type { Desk } from "./desk";
import { PATIENCE } from "./patience";
import { RelayNet } from "./relaynet";
import { either, say } from "./words";

// Three desktops without a common network, and only a relay between them. The stories follow each other.

const COMPANY = `远方事务所 ${Math.random().toString(36).slice(2, 8)}`;
const HOSTED = `Front desk ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");
/** Found on the relay's disk or in its log, one of these would show that it can read. */
const SECRETS = ["初次见面", "等你们回来再看", "在火车上写的", "断线时写的", "只给留下的人"] as const;
const NO_CABLES = "no network namespaces here";
/** By some or by all. */
const READ = /^(?:Read|已读|全部已读)/;

let net: RelayNet;
let link: string;
let invite: string;
const desks: Desk[] = [];
let li: Desk;
let wang: Desk;
let chen: Desk;

function tellOnFailure(): void {
  onTestFailed(() => {
    for (const desk of desks) console.error(`--- ${desk.name}\n${desk.tail()}`);
    console.error(`--- relay\n${net.tail()}`);
  });
}

async function sitDown(place: number, name: string, language: "zh" | "en"): Promise<Desk> {
  const desk = await net.sitDown(place, name, { language });
  desks.push(desk);
  return desk;
}

async function openRelays({ page }: Desk): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.settings") }).click();
  await page.getByRole("link", { name: either("settings.relays"), exact: true }).click();
  await page.getByRole("heading", { level: 1, name: either("settings.relays") }).waitFor();
}

async function back(desk: Desk): Promise<void> {
  await desk.start();
  await inside(desk.page);
  await openConversation(desk, EVERYONE);
}

/** Sizes of the sealed pieces that the relay keeps in files of their own. */
const pieces = () => readdirSync(net.stored, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name)).map((entry) => statSync(join(entry.parentPath, entry.name)).size);
const card = (desk: Desk) => desk.page.getByRole("button", { name: either("connections.card") });
const becomes = (desk: Desk, text: string, state: RegExp) => expect.poll(() => stateOf(desk, text).last().textContent()).toMatch(state);

beforeAll(async () => {
  net = await RelayNet.open(3);
  link = await net.startRelay();
  if (!net.isolated) console.warn("relay: no network namespaces here; the desks share loopback and do not look for each other");
});
afterAll(async () => {
  for (const desk of desks) await desk.close();
  await net?.close();
});

describe("an office over a relay", () => {
  it("keeps the desks apart: nothing but the relay is in reach", (story) => {
    story.skip(!net.isolated, NO_CABLES);
    for (const from of [0, 1, 2]) {
      expect(net.reaches(from, net.host, PATIENCE)).toBe(true);
      for (const to of [0, 1, 2]) if (to !== from) expect(net.reaches(from, net.addressOf(to))).toBe(false);
    }
  });

  it("takes a relay by its link, and says how it stands", async () => {
    tellOnFailure();
    li = await sitDown(0, "li", "zh");
    await setUp(li, "李卓然");
    await createWorkspace(li, COMPANY);
    await openConversation(li, EVERYONE);
    await post(li, "初次见面");
    await openRelays(li);
    const { page } = li;
    await page.getByRole("button", { name: either("relays.emptyPaste") }).click();
    await page.getByRole("textbox", { name: either("relays.link") }).fill(link.slice(0, -4));
    await page.getByText(say("zh", "errors.relay_link_garbled")).waitFor();
    await page.getByRole("textbox", { name: either("relays.link") }).fill(link);
    await page.getByRole("status", { name: either("relays.previewLabel") }).getByText("Relay of the tests").waitFor();
    await page.getByRole("button", { name: either("relays.addAction") }).click();
    const row = page.locator(`[data-relay="${net.host}:${net.port}"]`);
    await row.getByText(/已连接/).waitFor();
    await row.getByText(either("relays.pinned")).first().waitFor();
    // What was written before the relay came is stored there too.
    await expect.poll(() => row.textContent()).not.toMatch(either("relays.waiting_other"));
    await expectAccessible(page, "relays");
  });

  it("makes invites that work over the relay, and promises no more", async () => {
    tellOnFailure();
    const { page } = li;
    await openDirectory(li);
    await page.getByRole("main").getByRole("button", { name: either("action.invite") }).first().click();
    await choose(page, either("invites.uses"), either("invites.times_other", { count: 5 }));
    await page.getByRole("button", { name: either("invites.create") }).click();
    invite = await page.getByRole("textbox", { name: either("invites.link") }).inputValue();
    await page.getByText(say("zh", "invites.reachInside_other", { hosts: `${net.host}:${net.port}` })).waitFor();
    await page.keyboard.press("Escape");
  });

  it("lets two colleagues elsewhere in by that link", async () => {
    tellOnFailure();
    wang = await sitDown(1, "wang", "en");
    await setUp(wang, "王敏");
    await wang.page.getByRole("button", { name: either("door.invite") }).click();
    await wang.page.getByRole("textbox", { name: either("door.inviteLabel") }).fill(invite);
    await wang.page.getByText(say("en", "door.inviteInside_one", { hosts: `${net.host}:${net.port}` })).waitFor();
    await wang.page.getByRole("button", { name: either("action.back") }).click();
    await joinByInvite(wang, invite, COMPANY);
    chen = await sitDown(2, "chen", "zh");
    await setUp(chen, "陈思远");
    await joinByInvite(chen, invite, COMPANY);
    for (const desk of [wang, chen]) {
      await openConversation(desk, EVERYONE);
      await sees(desk, "初次见面");
    }
  });

  it("chats both ways and names the way", async () => {
    tellOnFailure();
    await post(wang, "Hello from the other city");
    await openConversation(li, EVERYONE);
    await sees(li, "Hello from the other city");
    await sees(chen, "Hello from the other city");
    await post(li, "欢迎你们两位");
    await sees(wang, "欢迎你们两位");
    await sees(chen, "欢迎你们两位");
    await becomes(li, "欢迎你们两位", READ);
    await openDirectory(wang);
    await wang.page.getByRole("link", { name: /李卓然/ }).click();
    // On one machine two programs may find a direct path of their own.
    const way = net.isolated ? say("en", "connections.via.relayed", { host: `${net.host}:${net.port}` }) : /Through the relay|Direct over the internet/;
    await wang.page.getByRole("region", { name: either("directory.devices") }).getByText(way).waitFor();
    await card(wang).click();
    await wang.page.getByRole("dialog").getByText("Relay of the tests").waitFor();
    await expectAccessible(wang.page, "connections");
    await wang.page.keyboard.press("Escape");
    await openConversation(wang, EVERYONE);
  });

  it("says “at the relay” while nobody else is there, and who comes back has everything, though the author is gone", async () => {
    tellOnFailure();
    await wang.stop();
    await chen.stop();
    await expect.poll(() => card(li).textContent()).toMatch(new RegExp(`已连上中继 ${net.host.replaceAll(".", "\\.")}`));
    await post(li, "等你们回来再看");
    await becomes(li, "等你们回来再看", /^已存于中继$/);
    await expect.poll(() => stateOf(li, "等你们回来再看").last().getAttribute("title")).toBe(say("zh", "delivery.atRelayLong"));
    await stateOf(li, "等你们回来再看").last().click();
    const kept = li.page.getByRole("dialog").getByRole("region", { name: say("zh", "delivery.groupAtRelay") });
    await kept.getByText("王敏").waitFor();
    await kept.getByText("陈思远").waitFor();
    await expectAccessible(li.page, "receipts at the relay");
    await li.page.keyboard.press("Escape");
    await post(li, "还有一句");
    await becomes(li, "还有一句", /^已存于中继$/);
    await li.stop();
    await back(wang);
    await sees(wang, "等你们回来再看");
    await sees(wang, "还有一句");
    await post(wang, "Read on the train");
    await becomes(wang, "Read on the train", /^At the relay$/);
    await back(li);
    await sees(li, "Read on the train");
    await becomes(li, "还有一句", READ);
  });

  it("hands over a file whose sender has left meanwhile", async () => {
    tellOnFailure();
    const plan = randomBytes(700_000);
    await wang.page.locator("input[data-files]").setInputFiles([{ name: "plan.bin", mimeType: "", buffer: plan }]);
    const field = wang.page.getByRole("textbox", { name: either("composer.label") });
    await field.fill("the plan");
    await wang.page.getByRole("button", { name: either("action.send"), exact: true }).click();
    await sees(wang, "the plan");
    await sees(li, "the plan");
    // It goes to the relay by itself, for whoever comes later: as one sealed piece, which is a file there.
    await expect.poll(() => Math.max(0, ...pieces())).toBeGreaterThan(plan.length);
    await becomes(wang, "the plan", READ);
    await expect.poll(() => wang.page.getByText(either("attach.depositing")).count()).toBe(0);
    // Li may have it from Wang's own hand: that it lies at the relay for Chen is another thing.
    await stateOf(wang, "the plan").last().click();
    await wang.page.getByRole("dialog").getByRole("region", { name: say("en", "delivery.groupAtRelay") }).getByText("陈思远").waitFor();
    await wang.page.keyboard.press("Escape");
    await wang.page.getByRole("dialog").waitFor({ state: "detached" });
    await wang.stop();
    await li.stop();
    await back(chen);
    await sees(chen, "the plan");
    const name = "plan.bin";
    const fetch = chen.page.getByRole("button", { name: say("zh", "attach.fetch", { name }) });
    const saved = chen.page.getByRole("link", { name: say("zh", "attach.download", { name }) });
    await fetch.or(saved).first().waitFor();
    if (await fetch.isVisible()) await fetch.click();
    await saved.waitFor();
    const [download] = await Promise.all([chen.page.waitForEvent("download"), saved.click()]);
    expect(digest(readFileSync(await download.path()))).toBe(digest(plan));
    // Chen was away all the time and has what was said, too.
    await sees(chen, "等你们回来再看");
    await sees(chen, "Read on the train");
    await back(wang);
    await back(li);
  });

  it("goes on after the relay was killed, and says meanwhile what is the matter", async () => {
    tellOnFailure();
    await net.stopRelay("SIGKILL");
    await expect.poll(() => card(li).textContent()).toMatch(either("connections.relayAway", { host: net.host }));
    await post(li, "断线时写的");
    await becomes(li, "断线时写的", either("delivery.waiting"));
    await openRelays(li);
    const row = li.page.locator(`[data-relay="${net.host}:${net.port}"]`);
    await row.getByText(either("relays.state.unreachable")).waitFor();
    await row.getByText(either("relays.waiting_other")).waitFor();
    await expectAccessible(li.page, "relay away");
    await net.startRelay();
    // It may come back by itself before anybody presses.
    const retry = li.page.getByRole("button", { name: either("relays.retry") });
    await retry.or(row.getByText(/已连接/)).first().waitFor();
    if (await retry.isVisible()) await retry.click({ timeout: 2000 }).catch(() => {});
    await row.getByText(/已连接/).waitFor();
    await sees(wang, "断线时写的");
    await sees(chen, "断线时写的");
    await openConversation(li, EVERYONE);
    await becomes(li, "断线时写的", READ);
  });

  it("waits out a pulled cable", async (story) => {
    story.skip(!net.isolated, NO_CABLES);
    tellOnFailure();
    net.cable(1, false);
    await post(wang, "在火车上写的");
    // Longer than any message took so far.
    await wang.page.waitForTimeout(5000);
    await becomes(wang, "在火车上写的", /^Waiting$/);
    expect(await li.page.getByText("在火车上写的").count()).toBe(0);
    net.cable(1, true);
    await sees(li, "在火车上写的");
    await becomes(wang, "在火车上写的", READ);
  });

  it("tells a removed member nothing new", async () => {
    tellOnFailure();
    await openDirectory(li);
    await li.page.getByRole("link", { name: /陈思远/ }).click();
    await li.page.getByRole("button", { name: either("directory.remove") }).click();
    await li.page.getByRole("alertdialog").getByRole("button", { name: either("action.remove") }).click();
    await li.page.getByRole("link", { name: /陈思远/ }).waitFor({ state: "detached" });
    // The removal goes out before the list that cuts the device off.
    await chen.page.getByText(either("composer.inactive")).waitFor();
    await openConversation(li, EVERYONE);
    await post(li, "只给留下的人");
    await sees(wang, "只给留下的人");
    await becomes(li, "只给留下的人", READ);
    await chen.stop();
    await back(chen);
    await sees(chen, "等你们回来再看");
    await chen.page.waitForTimeout(5000);
    expect(await chen.page.getByText("只给留下的人").count()).toBe(0);
  });

  it("left nothing readable at the relay", async () => {
    await net.stopRelay();
    const files = readdirSync(net.stored, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    expect(files.length).toBeGreaterThan(1);
    for (const text of [...SECRETS, COMPANY, "王敏", "plan.bin"]) {
      expect(files.some((file) => file.includes(text)), text).toBe(false);
      expect(net.logged).not.toContain(text);
    }
  });

});

describe("a relay on a desktop", () => {
  let host: Desk;
  let guest: Desk;

  it("starts with one switch and is told where it can be dialled", async () => {
    tellOnFailure();
    // Where the relay stood: a place that every desk reaches. Nobody looks for anybody nearby.
    host = await net.sitDown("relay", "host", { language: "en", lan: "off" });
    desks.push(host);
    const { page } = host;
    await setUp(host, "周文博");
    await createWorkspace(host, HOSTED);
    await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.settings") }).click();
    await page.getByRole("link", { name: either("settings.device"), exact: true }).click();
    await page.getByRole("switch", { name: either("host.switch") }).click();
    // Somebody's own relay may have the usual port.
    await page.getByText(either("host.running"), { exact: true }).or(page.getByRole("alert")).first().waitFor();
    await page.getByRole("textbox", { name: either("host.address") }).fill(net.host);
    await page.getByRole("textbox", { name: either("host.port") }).fill(String(net.port + 1));
    await page.getByRole("button", { name: either("host.save") }).click();
    await page.getByText(`${net.host}:${net.port + 1}`).or(page.getByText(say("en", "host.devices_one", { count: 1 }))).first().waitFor();
    // This device is the first to use it.
    await page.getByText(say("en", "host.devices_one", { count: 1 })).waitFor();
    await expectAccessible(page, "hosting");
    await openRelays(host);
    const row = page.locator(`[data-relay="${net.host}:${net.port + 1}"]`);
    await row.getByText(/^Connected/).first().waitFor();
    await row.getByText(say("en", "relays.hostedHere"), { exact: true }).waitFor();
    await expect.poll(() => page.locator("[data-relay]").count()).toBe(1); // the address of before is given up
  });

  it("lets somebody elsewhere in and carries what they say", async () => {
    tellOnFailure();
    const way = await makeInvite(host);
    guest = await net.sitDown(1, "guest", { language: "zh", lan: "off" });
    desks.push(guest);
    await setUp(guest, "孙悦");
    await joinByInvite(guest, way, HOSTED);
    await openConversation(guest, EVERYONE);
    await post(guest, "连上了");
    await openConversation(host, EVERYONE);
    await sees(host, "连上了");
    await post(host, "welcome");
    await sees(guest, "welcome");
  });

  it("stops after a question and is taken off the workspace", async () => {
    tellOnFailure();
    const { page } = host;
    await openRelays(host);
    await page.getByRole("link", { name: either("settings.device"), exact: true }).click();
    await page.getByRole("switch", { name: either("host.switch") }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: either("host.stop") }).click();
    await page.getByText(either("host.running"), { exact: true }).waitFor({ state: "detached" });
    await openRelays(host);
    await page.getByRole("heading", { name: either("relays.emptyTitle") }).waitFor();
  });

  it("left no complaint of the page behind", () => {
    const complaints = desks.flatMap((desk) => desk.complaints().map((line) => `${desk.name}: ${line}`))
      .filter((line) => !/status of 4\d\d|WebSocket connection|ERR_CONNECTION_REFUSED/.test(line));
    expect(complaints).toEqual([]);
  });
});

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
