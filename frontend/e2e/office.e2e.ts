import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import {
  admit, answerName, arrives, askNearby, choose, createWorkspace, inside, joinByInvite, keepKeysInFile, makeInvite, openConversation, openDirectory, post, readDigits, request, sees, setUp, stateOf,
} from "./deeds";
import { Desk, launch } from "./desk";
import { either, say } from "./words";

// One office from its first minute on. The stories follow each other and share the desks.

// Other offices on this network are seen too: this one has a name of its own.
const COMPANY = `青禾建筑 ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");

let browser: Browser;
const desks: Desk[] = [];
let li: Desk;
let wang: Desk;
let chen: Desk;
let zhao: Desk;

async function sitDown(name: string, language: "zh" | "en"): Promise<Desk> {
  const desk = await Desk.open(browser, name, { language });
  desks.push(desk);
  return desk;
}

function tellOnFailure(): void {
  onTestFailed(() => {
    for (const desk of desks) console.error(`--- ${desk.name}\n${desk.tail()}`);
  });
}

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  for (const desk of desks) await desk.close();
  await browser?.close();
});

describe("an office without a server", () => {
  it("begins with a name and a company", async () => {
    tellOnFailure();
    li = await sitDown("li", "zh");
    expect(li.page.url()).not.toContain("boot");
    await li.page.getByRole("textbox", { name: either("welcome.nameLabel") }).waitFor();
    await expectAccessible(li.page, "name");
    await setUp(li, "李卓然");
    await expectAccessible(li.page, "door");
    await createWorkspace(li, COMPANY);
    await openConversation(li, EVERYONE);
    await post(li, "大家早上好");
    await expectAccessible(li.page, "messages");
  });

  it("refuses names that are no names, in words", async () => {
    tellOnFailure();
    wang = await sitDown("wang", "en");
    await answerName(wang, "");
    await wang.page.getByText(say("en", "errors.name_empty")).waitFor();
    await answerName(wang, "x".repeat(500));
    await wang.page.getByRole("heading", { name: either("welcome.keysQuestion") }).waitFor();
    await expectAccessible(wang.page, "keys");
    await keepKeysInFile(wang);
    await wang.page.getByText(either("errors.name_too_long")).waitFor();
    await setUp(wang, "王敏");
  });

  it("lets a colleague in who stands nearby, after both compared six digits", async () => {
    tellOnFailure();
    const newcomer = await askNearby(wang, COMPANY);
    await expectAccessible(wang.page, "comparing");
    await request(li).waitFor();
    await expect.poll(() => readDigits(li.page)).toBe(newcomer);
    await expect.poll(() => request(li).textContent()).toContain("王敏");
    await expectAccessible(li.page, "request");
    await admit(li);
    await inside(wang.page);
  });

  it("chats both ways and tells the true state of every message", async () => {
    tellOnFailure();
    await openConversation(wang, EVERYONE);
    await sees(wang, "大家早上好");
    await openDirectory(wang);
    await wang.page.getByRole("link", { name: /李卓然/ }).click();
    await expectAccessible(wang.page, "directory");
    await wang.page.getByRole("button", { name: say("en", "directory.message") }).click();
    await post(wang, "Good morning, 李卓然");
    // Li looks elsewhere: it is delivered, not read.
    await expect.poll(() => stateOf(wang, "Good morning, 李卓然").textContent()).toBe(say("en", "delivery.deliveredOne"));
    await openConversation(li, "王敏");
    await sees(li, "Good morning, 李卓然");
    await expect.poll(() => stateOf(wang, "Good morning, 李卓然").textContent()).toBe(say("en", "delivery.readOne"));
    await post(li, "王敏，早！");
    await sees(wang, "王敏，早！");
    await stateOf(wang, "Good morning, 李卓然").click();
    const receipts = wang.page.getByRole("dialog", { name: say("en", "delivery.title") });
    await receipts.getByRole("region", { name: say("en", "delivery.groupRead") }).getByText("李卓然").waitFor();
    await expectAccessible(wang.page, "receipts");
    await wang.page.keyboard.press("Escape");
  });

  it("shows markup as text and opens nothing by itself", async () => {
    tellOnFailure();
    const nasty = `<img src=x onerror="document.title='owned'"> javascript:alert(1)`;
    await post(wang, nasty);
    await sees(li, nasty);
    expect(await li.page.getByRole("log").getByRole("link").count()).toBe(0);
    expect(await li.page.title()).not.toContain("owned");
  });

  it("keeps drafts and never sends half-typed text of an input method", async () => {
    tellOnFailure();
    const field = wang.page.getByRole("textbox", { name: either("composer.label") });
    await field.focus();
    const input = await wang.page.context().newCDPSession(wang.page);
    await input.send("Input.imeSetComposition", { text: "zao", selectionStart: 3, selectionEnd: 3 });
    await field.dispatchEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true });
    await input.send("Input.insertText", { text: "早" });
    await expect.poll(() => field.inputValue()).toBe("早");
    await openConversation(wang, EVERYONE);
    await openConversation(wang, "李卓然");
    await expect.poll(() => field.inputValue()).toBe("早");
  });

  it("still has its history and a draft after it was killed, at another port", async () => {
    tellOnFailure();
    await wang.stop("SIGKILL");
    await wang.start();
    await inside(wang.page);
    await openConversation(wang, "李卓然");
    await expect.poll(() => wang.page.getByRole("textbox", { name: either("composer.label") }).inputValue()).toBe("早");
    await sees(wang, "Good morning, 李卓然");
    await sees(wang, "王敏，早！");
    await post(wang, "Back again");
    await openConversation(li, "王敏");
    await sees(li, "Back again");
  });

  it("takes a colleague in by invite link, once", async () => {
    tellOnFailure();
    const link = await makeInvite(li);
    chen = await sitDown("chen", "zh");
    await setUp(chen, "陈思远");
    await chen.page.getByRole("button", { name: either("door.invite") }).click();
    await chen.page.getByRole("textbox", { name: either("door.inviteLabel") }).fill(link.slice(0, -6));
    await chen.page.getByText(say("zh", "errors.invite_garbled")).waitFor();
    await expectAccessible(chen.page, "invite");
    await chen.page.getByRole("button", { name: say("zh", "action.back") }).click();
    await joinByInvite(chen, link, COMPANY);
    await openConversation(chen, EVERYONE);
    await sees(chen, "大家早上好");
    await post(chen, "我来了");
    await openConversation(wang, EVERYONE);
    await sees(wang, "我来了");
    await openConversation(li, EVERYONE);
    await sees(li, "我来了");
  });

  it("gives the whole history to a late joiner while the founder is down", async () => {
    tellOnFailure();
    await openDirectory(li);
    await li.page.getByRole("link", { name: /王敏/ }).click();
    await choose(li.page, either("directory.changeRole"), either("role.admin"));
    await expect.poll(() => li.page.getByRole("link", { name: /王敏/ }).textContent()).toMatch(either("role.admin"));
    await openDirectory(wang);
    await expect.poll(() => wang.page.getByRole("link", { name: /王敏/ }).textContent()).toMatch(either("role.admin"));
    await li.stop();
    await chen.stop();
    zhao = await sitDown("zhao", "en");
    await setUp(zhao, "Zhao Yiming");
    const newcomer = await askNearby(zhao, COMPANY, "王敏");
    await request(wang).waitFor();
    await expect.poll(() => readDigits(wang.page)).toBe(newcomer);
    await admit(wang);
    await inside(zhao.page);
    await openConversation(zhao, EVERYONE);
    await sees(zhao, "大家早上好");
    await sees(zhao, "我来了");
  });

  it("delivers what waited once the others are back", async () => {
    tellOnFailure();
    await post(zhao, "Hello from the late one");
    await li.start();
    await inside(li.page);
    await openConversation(li, EVERYONE);
    await sees(li, "Hello from the late one");
  });

  it("speaks both languages, at once", async () => {
    tellOnFailure();
    const { page } = zhao;
    await page.getByRole("link", { name: say("en", "nav.settings") }).click();
    await expectAccessible(page, "settings");
    await page.getByRole("radio", { name: "中文" }).click();
    await page.getByRole("heading", { name: say("zh", "settings.general") }).waitFor();
    await expect.poll(() => page.evaluate(() => document.documentElement.lang)).toBe("zh-CN");
    await page.getByRole("radio", { name: say("zh", "settings.dark") }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
    await expectAccessible(page, "settings, dark");
    await page.getByRole("radio", { name: "English" }).click();
    await page.getByRole("heading", { name: say("en", "settings.general") }).waitFor();
  });

  it("finds people by initials from anywhere", async () => {
    tellOnFailure();
    const { page } = li;
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: either("search.open") }).fill("wm");
    await expectAccessible(page, "find");
    await page.getByRole("option", { name: /王敏/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "王敏" }).waitFor();
    await page.keyboard.press("Control+/");
    await page.getByRole("dialog", { name: either("shortcuts.title") }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("makes a group and leaves it", async () => {
    tellOnFailure();
    const { page } = li;
    await page.getByRole("button", { name: either("messages.newGroup") }).click();
    await page.getByRole("textbox", { name: either("group.nameLabel") }).fill("周五碰头");
    await page.getByRole("checkbox", { name: /王敏/ }).check();
    await expectAccessible(page, "new group");
    await page.getByRole("dialog").getByRole("button", { name: either("action.create") }).click();
    await arrives(li, "周五碰头");
    await post(li, "周五十点，小会议室");
    await openConversation(wang, "周五碰头");
    await sees(wang, "周五十点，小会议室");
    await wang.page.getByRole("button", { name: either("group.leave") }).click();
    await wang.page.getByRole("alertdialog").getByRole("button", { name: either("action.leave") }).click();
    await wang.page.getByText(either("group.left")).waitFor();
    await sees(wang, "周五十点，小会议室");
  });

  it("shows a removed member what they have, and nothing new", async () => {
    tellOnFailure();
    await openDirectory(li);
    await li.page.getByRole("link", { name: /Zhao Yiming/ }).click();
    await li.page.getByRole("button", { name: either("directory.remove") }).click();
    await li.page.getByRole("alertdialog").getByRole("button", { name: either("action.remove") }).click();
    await li.page.getByRole("link", { name: /Zhao Yiming/ }).waitFor({ state: "detached" });
    await openConversation(zhao, EVERYONE);
    await zhao.page.getByText(either("composer.inactive")).waitFor();
    await sees(zhao, "大家早上好");
  });

  it("tells a page without its start code so", async () => {
    tellOnFailure();
    const context = await browser.newContext({ locale: "en-GB" });
    const page = await context.newPage();
    await page.goto(new URL("/", li.page.url()).href);
    await page.getByRole("heading", { name: say("en", "noSession.title") }).waitFor();
    await expectAccessible(page, "no session");
    await context.close();
  });

  it("left no complaint of the page behind", () => {
    const complaints = desks.flatMap((desk) => desk.complaints().map((line) => `${desk.name}: ${line}`))
      // What tests provoke on purpose answers with a status of 400.
      .filter((line) => !/status of 4\d\d|WebSocket connection|ERR_CONNECTION_REFUSED/.test(line));
    expect(complaints).toEqual([]);
  });
});
