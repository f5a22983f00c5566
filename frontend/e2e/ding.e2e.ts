import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { createWorkspace, joinByInvite, makeInvite, openConversation, openDirectory, post, pressBeside, sees, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { either, say } from "./words";

// What must not be overlooked, and what is to be sent later, between three real programs. Pictures of it are kept where DING_SHOTS says.

const COMPANY = `青禾建筑 ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");
const DRILL = "十点消防演习，请到楼下集合";

const shots = process.env["DING_SHOTS"];

let browser: Browser;
const desks: Desk[] = [];
let li: Desk;
let wang: Desk;
let chen: Desk;

function tellOnFailure(): void {
  onTestFailed(() => {
    for (const desk of desks) console.error(`--- ${desk.name}\n${desk.tail()}`);
  });
}

async function sitDown(name: string, language: "zh" | "en"): Promise<Desk> {
  const desk = await Desk.open(browser, name, { language });
  desks.push(desk);
  return desk;
}

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  for (const desk of desks) await desk.close();
  await browser?.close();
});

const alert = (desk: Desk): Locator => desk.page.getByRole("alertdialog", { name: either("ding.from", { name: "李卓然" }) });
const dialog = (desk: Desk): Locator => desk.page.getByRole("dialog");
const state = (desk: Desk, key: string): Locator => dialog(desk).getByRole("region", { name: either(`ding.state.${key}`) });

async function more(desk: Desk, text: string, key: string): Promise<void> {
  const row = desk.page.locator("[data-message]").filter({ hasText: text }).first();
  await pressBeside(row, "depth.more");
  await desk.page.getByRole("menuitem", { name: either(key) }).click();
}

async function later(desk: Desk, text: string, key: string): Promise<void> {
  const field = desk.page.getByRole("textbox", { name: either("composer.label") });
  await field.fill(text);
  await desk.page.getByRole("button", { name: say("zh", "later.menu"), exact: true }).click();
  await desk.page.getByRole("menuitem", { name: either(key) }).click();
  // One message at a time: while one is on its way the field takes no other.
  if (key !== "later.pick") await expect.poll(() => field.inputValue()).toBe("");
}

describe("urgent notices and messages for later", () => {
  it("begins with three people at one table", async () => {
    tellOnFailure();
    li = await sitDown("li", "zh");
    await setUp(li, "李卓然");
    await createWorkspace(li, COMPANY);
    const link = await makeInvite(li, 5);
    wang = await sitDown("wang", "en");
    chen = await sitDown("chen", "zh");
    for (const [desk, name] of [[wang, "王敏"], [chen, "陈思远"]] as const) {
      await setUp(desk, name);
      await joinByInvite(desk, link, COMPANY);
    }
    for (const desk of desks) await openConversation(desk, EVERYONE);
    await post(li, DRILL);
    for (const desk of desks) await sees(desk, DRILL);
  });

  it("stands above everything until it is confirmed, and its sender is told the truth", async () => {
    tellOnFailure();
    await chen.stop();
    await openDirectory(wang);
    await more(li, DRILL, "ding.menu");
    await dialog(li).getByRole("radio", { name: either("ding.all") }).or(dialog(li).getByRole("button", { name: either("ding.all") })).first().click();
    await expectAccessible(li.page, "the notice before it is sent");
    await dialog(li).getByRole("button", { name: either("ding.send") }).click();
    await alert(wang).getByText(DRILL).waitFor();
    await expectAccessible(wang.page, "an urgent notice");
    if (shots) await wang.page.screenshot({ path: `${shots}/ding-en-light-1280x800.png` });
    await state(li, "seen").getByText("王敏").waitFor();
    await state(li, "waiting").getByText("陈思远").waitFor();
    await alert(wang).getByRole("button", { name: say("en", "ding.confirm") }).click();
    await alert(wang).waitFor({ state: "detached" });
    await state(li, "confirmed").getByText("王敏").waitFor();
    await expectAccessible(li.page, "who has an urgent notice");
    if (shots) await li.page.screenshot({ path: `${shots}/ding-who-zh-light-1280x800.png` });
  });

  it("reaches who was away, who can be reminded, and is called off", async () => {
    tellOnFailure();
    await chen.start();
    await alert(chen).getByText(DRILL).waitFor();
    await state(li, "seen").getByText("陈思远").waitFor();
    await dialog(li).getByRole("button", { name: say("zh", "ding.remind_other", { count: 1 }) }).click();
    await alert(chen).getByText(either("ding.round", { count: 2 })).waitFor();
    await dialog(li).getByRole("button", { name: either("ding.callOff") }).click();
    await alert(chen).waitFor({ state: "detached" });
    await li.page.keyboard.press("Escape");
    await dialog(li).waitFor({ state: "detached" });
    expect(await alert(wang).count()).toBe(0);
  });

  it("keeps what is for later over a kill, has it changed, and sends it once", async () => {
    tellOnFailure();
    await openConversation(wang, EVERYONE);
    await later(li, "明早的例会改到十点", "later.tomorrow");
    await later(li, "这一条不发了", "later.hour");
    await later(li, "时间另定", "later.pick");
    await expectAccessible(li.page, "choosing a time");
    if (shots) await li.page.screenshot({ path: `${shots}/later-pick-zh-light.png` });
    await dialog(li).getByRole("button", { name: either("action.cancel") }).click();
    await li.page.getByRole("textbox", { name: either("composer.label") }).fill("");
    const waits = () => li.page.getByRole("button", { name: new RegExp(`^${say("zh", "later.waiting_other", { count: 2, when: "" })}`) });
    await waits().waitFor();
    await li.stop("SIGKILL");
    await li.start();
    await openConversation(li, EVERYONE);
    await waits().click();
    await expectAccessible(li.page, "messages for later");
    const row = (text: string) => dialog(li).getByRole("listitem").filter({ hasText: text });
    await row("这一条不发了").getByRole("button", { name: either("later.drop") }).click();
    await row("这一条不发了").waitFor({ state: "detached" });
    await row("明早的例会").getByRole("button", { name: either("later.edit") }).click();
    await li.page.getByRole("textbox", { name: either("later.text") }).fill("明早的例会改到十点半");
    await li.page.getByRole("button", { name: either("later.set"), exact: true }).click();
    await row("明早的例会改到十点半").getByRole("button", { name: either("later.now") }).click();
    await sees(wang, "明早的例会改到十点半");
    await dialog(li).waitFor({ state: "detached" });
    await sees(li, "明早的例会改到十点半");
    await expect.poll(() => wang.page.getByRole("log").getByText("明早的例会改到十点半", { exact: true }).count()).toBe(1);
    expect(await wang.page.getByRole("log").getByText("这一条不发了").count()).toBe(0);
  });

  it("left no complaint of the page behind", () => {
    const complaints = desks.flatMap((desk) => desk.complaints().map((line) => `${desk.name}: ${line}`))
      .filter((line) => !/status of 4\d\d|WebSocket connection|ERR_CONNECTION_REFUSED/.test(line));
    expect(complaints).toEqual([]);
  });
});
