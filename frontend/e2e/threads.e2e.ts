import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { arrives, createWorkspace, joinByInvite, makeInvite, openConversation, post, pressBeside, sees, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { settle } from "./stage";
import { either, say } from "./words";

// Threads, several messages as one, and the way to the first unread one, between two real programs. The stories follow each other.

const COMPANY = `青禾建筑 ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");
const GROUP = "幕墙深化";
const PARENT = "幕墙的石材选哪一种？";

let browser: Browser;
const desks: Desk[] = [];
let li: Desk;
let wang: Desk;

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

/** The list of the conversation; the thread beside it is a log of its own. */
const log = (desk: Desk): Locator => desk.page.getByRole("log", { name: either("messages.log") });
const panel = (desk: Desk): Locator => desk.page.getByRole("complementary", { name: new RegExp(`^(?:${either("thread.title").source}|${either("thread.list").source})$`) });
const row = (desk: Desk, text: string): Locator => log(desk).locator("[data-message]").filter({ has: desk.page.getByText(text, { exact: true }).and(desk.page.locator("[dir=auto]:not(button *)")) });
const line = (desk: Desk, text: string): Locator => row(desk, text).getByRole("button", { name: either("thread.last") });

async function fromMenu(desk: Desk, row: Locator, key: string): Promise<void> {
  await pressBeside(row, "depth.more");
  await desk.page.getByRole("menuitem", { name: new RegExp(`^(?:${either(key).source})$`) }).click();
}

async function answer(desk: Desk, text: string, alsoShow = false): Promise<void> {
  const field = panel(desk).getByRole("textbox");
  await field.fill(text);
  if (alsoShow) await panel(desk).getByRole("checkbox", { name: either("thread.alsoShow") }).check();
  await field.press("Enter");
  await panel(desk).getByRole("log").getByText(text, { exact: true }).waitFor(); // and not in the field alone
  await expect.poll(() => field.inputValue()).toBe("");
}

describe("threads", () => {
  it("begins at a message and goes on beside the conversation", async () => {
    tellOnFailure();
    li = await sitDown("li", "zh");
    await setUp(li, "李卓然");
    await createWorkspace(li, COMPANY);
    const link = await makeInvite(li);
    wang = await sitDown("wang", "en");
    await setUp(wang, "王敏");
    await joinByInvite(wang, link, COMPANY);
    for (const desk of desks) await openConversation(desk, EVERYONE);
    await post(li, PARENT);
    await sees(wang, PARENT);
    await fromMenu(wang, row(wang, PARENT), "thread.reply");
    await panel(wang).getByText(PARENT, { exact: true }).waitFor();
    const field = panel(wang).getByRole("textbox");
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
    await answer(wang, "The grey granite");
    await expectAccessible(wang.page, "thread");
    // Who began it is told; the conversation itself does not show the reply.
    await line(li, PARENT).getByText(say("zh", "thread.replies_other", { count: 1 })).waitFor();
    await line(li, PARENT).getByText(say("zh", "thread.unread_other", { count: 1 })).waitFor();
    expect(await log(li).getByText("The grey granite", { exact: true }).count()).toBe(0);
  });

  it("is answered, read, and shown in the conversation where that is wanted", async () => {
    tellOnFailure();
    await line(li, PARENT).click();
    await panel(li).getByText("The grey granite", { exact: true }).waitFor();
    await line(li, PARENT).getByText(say("zh", "thread.unread_other", { count: 1 })).waitFor({ state: "detached" });
    // Who types in it is shown in it alone; that one typed in the conversation just before may be shown there until it is over.
    const types = () => wang.page.getByText(say("en", "messages.typing_one", { names: "李卓然" }));
    const inPanel = () => panel(wang).getByText(say("en", "messages.typing_one", { names: "李卓然" }));
    await expect.poll(async () => {
      await panel(li).getByRole("textbox").pressSequentially("深");
      return [await inPanel().count(), await types().count()];
    }).toEqual([1, 1]);
    await answer(li, "深灰的吗？");
    await panel(wang).getByText("深灰的吗？", { exact: true }).waitFor();
    // A reply by the menu of the thread stays in the thread.
    await fromMenu(wang, panel(wang).locator("[data-message]").filter({ hasText: "深灰的吗？" }), "depth.reply");
    await panel(wang).getByText(say("en", "depth.replyTo", { name: "李卓然" })).waitFor();
    await answer(wang, "Yes, 30 mm", true);
    await row(li, "Yes, 30 mm").getByRole("button", { name: say("zh", "thread.inThread") }).waitFor();
    await line(li, PARENT).getByText(say("zh", "thread.replies_other", { count: 3 })).waitFor();
  });

  it("stays when the message at which it began is recalled", async () => {
    tellOnFailure();
    await fromMenu(li, row(li, PARENT), "depth.recall");
    await li.page.getByRole("alertdialog").getByRole("button", { name: say("zh", "depth.recall") }).click();
    await panel(wang).getByText(say("en", "depth.recalledBy", { name: "李卓然" })).waitFor();
    await panel(wang).getByText("The grey granite", { exact: true }).waitFor();
    await expect.poll(() => wang.page.getByText(PARENT).count()).toBe(0); // the list of conversations is asked for by itself
    await panel(wang).getByRole("button", { name: say("en", "action.close") }).click();
    await log(wang).getByRole("button", { name: either("thread.last") }).waitFor();
    await wang.page.getByRole("banner").or(wang.page.getByRole("main")).getByRole("button", { name: say("en", "thread.list"), exact: true }).click();
    await panel(wang).getByRole("list").getByRole("button", { name: /3 replies/ }).click();
    await panel(wang).getByText("Yes, 30 mm", { exact: true }).waitFor();
    await panel(wang).getByRole("textbox").press("Escape");
    await panel(wang).waitFor({ state: "detached" });
    // What is found in a thread leads into it.
    await wang.page.keyboard.press("Control+k");
    await wang.page.getByRole("combobox").fill("grey granite");
    await wang.page.getByRole("option", { name: /The grey granite/ }).click();
    await panel(wang).getByText("The grey granite", { exact: true }).waitFor();
    await panel(wang).getByRole("button", { name: say("en", "action.close") }).click();
    await panel(li).getByRole("button", { name: say("zh", "action.close") }).click();
  });
});

describe("a draft in a thread", () => {
  it("is there after the program was killed, at another port, and in that thread alone", async () => {
    tellOnFailure();
    const open = () => log(wang).getByRole("button", { name: either("thread.last") }).click();
    await open();
    await panel(wang).getByRole("textbox").fill("Ask the quarry about");
    await panel(wang).getByRole("button", { name: say("en", "action.close") }).click();
    // The program has it by now: the list of threads, which comes from there, says so.
    await wang.page.getByRole("main").getByRole("button", { name: say("en", "thread.list"), exact: true }).click();
    await panel(wang).getByRole("list").getByRole("button", { name: /3 replies/ }).getByText(say("en", "shelf.draft")).waitFor();
    await wang.stop("SIGKILL");
    await wang.start();
    await openConversation(wang, EVERYONE);
    await open();
    await expect.poll(() => panel(wang).getByRole("textbox").inputValue()).toBe("Ask the quarry about");
    expect(await wang.page.getByRole("textbox", { name: either("composer.label") }).inputValue()).toBe("");
    await answer(wang, "Ask the quarry about the grey one");
    await log(li).getByRole("button", { name: either("thread.last") }).getByText(say("zh", "thread.replies_other", { count: 4 })).waitFor();
    await panel(wang).getByRole("button", { name: say("en", "action.close") }).click();
  });
});

describe("several messages as one", () => {
  it("are forwarded into another conversation, with who wrote what", async () => {
    tellOnFailure();
    await li.page.getByRole("button", { name: say("zh", "messages.newGroup") }).click();
    const making = li.page.getByRole("dialog");
    await making.getByRole("textbox", { name: say("zh", "group.nameLabel") }).fill(GROUP);
    await making.getByRole("checkbox", { name: /王敏/ }).check();
    await making.getByRole("button", { name: say("zh", "action.create") }).click();
    await making.waitFor({ state: "detached" });
    await arrives(li, GROUP);
    await openConversation(li, EVERYONE);
    await post(li, "样板周三到");
    await sees(wang, "样板周三到");
    await post(wang, "I will be on site");
    // Above the row whose menu is open stands one with a button of its own.
    await sees(li, "I will be on site");
    await pressBeside(row(li, "I will be on site"), "depth.more");
    await li.page.getByRole("menu").waitFor();
    await expectAccessible(li.page, "menu of a message");
    await li.page.keyboard.press("Escape");
    await fromMenu(wang, row(wang, "样板周三到"), "depth.select");
    await wang.page.getByRole("toolbar", { name: say("en", "depth.select") }).waitFor();
    await settle(wang.page); // the tools take the place of the field, and the list finds its own
    await row(wang, "I will be on site").getByRole("checkbox").check();
    await wang.page.getByRole("toolbar", { name: say("en", "depth.select") }).getByRole("button", { name: say("en", "thread.forwardAsOne") }).click();
    const dialog = wang.page.getByRole("dialog", { name: say("en", "thread.asOneTitle_other", { count: 2 }) });
    await dialog.getByRole("checkbox", { name: GROUP }).check();
    await dialog.getByRole("button", { name: say("en", "depth.forward"), exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await openConversation(li, GROUP);
    const card = log(li).getByRole("button", { name: /聊天记录/ });
    await card.getByText("样板周三到").waitFor();
    await card.click();
    const record = li.page.getByRole("dialog", { name: /聊天记录/ });
    const [first, second] = [record.getByRole("listitem").nth(0), record.getByRole("listitem").nth(1)];
    await first.getByText("李卓然").waitFor();
    await first.getByText("样板周三到", { exact: true }).waitFor();
    await second.getByText("王敏").waitFor();
    await second.getByText("I will be on site", { exact: true }).waitFor();
    await expectAccessible(li.page, "record");
    await li.page.keyboard.press("Escape");
    await record.waitFor({ state: "detached" });
  });
});

describe("the first unread message", () => {
  it("is a press away for who was led elsewhere", async () => {
    tellOnFailure();
    await openConversation(wang, GROUP);
    await log(wang).getByRole("button", { name: /Chat record/ }).waitFor();
    await openConversation(li, EVERYONE);
    const tall = (title: string) => `${title}\n${Array.from({ length: 14 }, (_, at) => `${at + 1}`).join("\n")}`;
    const field = li.page.getByRole("textbox", { name: either("composer.label") });
    for (const title of ["甲", "乙", "丙", "丁"]) {
      await field.fill(tall(title));
      await field.press("Enter");
      await expect.poll(() => field.inputValue()).toBe("");
    }
    await post(li, "石材样品编号");
    // Wang looks for the last one and is led past the first.
    await wang.page.keyboard.press("Control+k");
    await wang.page.getByRole("combobox").fill("样品编号");
    await wang.page.getByRole("option", { name: /石材样品编号/ }).click();
    await wang.page.locator("[data-sought]").filter({ hasText: "石材样品编号" }).waitFor();
    const back = wang.page.getByRole("button", { name: say("en", "thread.unreadAbove_other", { count: 5 }) });
    await expect.poll(async () => (await back.boundingBox())?.height).toBe(36);
    await back.click();
    const first = log(wang).locator("[data-message]").filter({ hasText: "甲" });
    await expect.poll(() => first.evaluate((element) => element.getBoundingClientRect().top)).toBeGreaterThan(0);
    await wang.page.getByRole("button", { name: either("thread.unreadAbove_other") }).waitFor({ state: "detached" });
    expect(desks.flatMap((desk) => desk.complaints())).toEqual([]);
  });
});
