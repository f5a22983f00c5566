import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { choose, createWorkspace, hold, joinByInvite, makeInvite, openConversation, openDirectory, post, pressBeside, sees, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { lookAway, watchNotices } from "./notices";
import { settle } from "./stage";
import { either, say } from "./words";

// What people make of messages, between three real programs. The stories follow each other in one office.

const COMPANY = `青禾建筑 ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");
const GROUP = "测量放线组";

let browser: Browser;
const desks: Desk[] = [];
let li: Desk;
let wang: Desk;
let chen: Desk;

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

/** The row of a message, with its bar and its reactions. */
const row = (desk: Desk, text: string): Locator => desk.page.locator("[data-message]").filter({ has: desk.page.getByText(text, { exact: true }).and(desk.page.locator("[dir=auto]:not(button *)")) });
/** How long the message that one was led to is lit. */
const LIT = 2400;
const composer = (desk: Desk): Locator => desk.page.getByRole("textbox", { name: either("composer.label") });

/** Presses a button of the bar that comes up over a message. */
async function bar(desk: Desk, text: string, key: string): Promise<void> {
  await pressBeside(row(desk, text), key);
}

async function menu(desk: Desk, text: string, key: string): Promise<void> {
  await bar(desk, text, "depth.more");
  await desk.page.getByRole("menuitem", { name: new RegExp(`^(?:${either(key).source})`) }).click();
}

describe("the depth of messages", () => {
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
    await composer(li).fill("周五之前把**竣工图**交齐：`A-3`"); // what is drawn is not what was typed
    await composer(li).press("Enter");
    for (const desk of desks) {
      await desk.page.getByRole("log").locator("strong", { hasText: "竣工图" }).waitFor();
      await desk.page.getByRole("log").locator("code", { hasText: "A-3" }).waitFor();
    }
  });

  it("answers with a quote that leads to what it quotes", async () => {
    tellOnFailure();
    await post(li, "谁来汇总？");
    await sees(wang, "谁来汇总？");
    await bar(wang, "谁来汇总？", "depth.reply");
    await wang.page.getByText(say("en", "depth.replyTo", { name: "李卓然" })).waitFor();
    await expectAccessible(wang.page, "reply");
    await post(wang, "I will");
    await sees(chen, "I will");
    const quote = row(chen, "I will").getByRole("button", { name: /李卓然.*谁来汇总/ });
    const letGo = await hold(chen, LIT);
    await quote.click();
    await chen.page.locator("[data-message][data-lit]").filter({ hasText: "谁来汇总？" }).waitFor();
    await letGo();
    await chen.page.locator("[data-message][data-lit]").waitFor({ state: "detached" });
  });

  it("edits the last message with the arrow, and shows that it did", async () => {
    tellOnFailure();
    await composer(wang).press("ArrowUp");
    const edit = wang.page.getByRole("textbox", { name: say("en", "depth.editLabel") });
    await expect.poll(() => edit.inputValue()).toBe("I will");
    await edit.press("Escape");
    await composer(wang).press("ArrowUp");
    await expectAccessible(wang.page, "edit");
    await edit.fill("I will, tonight");
    await edit.press("Enter");
    await sees(chen, "I will, tonight");
    await row(chen, "I will, tonight").getByText(say("zh", "depth.edited"), { exact: true }).waitFor();
  });

  it("recalls, says what that cannot do, and lets one write it anew", async () => {
    tellOnFailure();
    await post(wang, "Wrong numbers: 42");
    await sees(li, "Wrong numbers: 42");
    await menu(wang, "Wrong numbers: 42", "depth.recall");
    const ask = wang.page.getByRole("alertdialog");
    await ask.getByText(say("en", "depth.recallText")).waitFor();
    await expectAccessible(wang.page, "recall");
    await ask.getByRole("button", { name: say("en", "depth.recall") }).click();
    for (const desk of [li, chen]) {
      await desk.page.getByRole("log").getByText(say("zh", "depth.recalledBy", { name: "王敏" })).waitFor();
      await expect.poll(() => desk.page.getByText("Wrong numbers: 42").count()).toBe(0); // the list of conversations is asked for by itself
    }
    await wang.page.getByRole("button", { name: say("en", "depth.writeAnew") }).click();
    await expect.poll(() => composer(wang).inputValue()).toBe("Wrong numbers: 42");
    await composer(wang).fill("");
    // Who manages the workspace takes back what others wrote, and is named.
    await menu(li, "I will, tonight", "depth.recall");
    await li.page.getByRole("alertdialog").getByRole("button", { name: say("zh", "depth.recall") }).click();
    await wang.page.getByRole("log").getByText(say("en", "depth.recalledMine", { name: "李卓然" })).waitFor();
  });

  it("reacts, and tells who did", async () => {
    tellOnFailure();
    await bar(chen, "谁来汇总？", "depth.react");
    await chen.page.getByRole("group", { name: say("zh", "depth.emojiQuick") }).waitFor();
    await expectAccessible(chen.page, "emoji");
    await chen.page.getByRole("group", { name: say("zh", "depth.emojiQuick") }).getByRole("button", { name: "👍" }).click();
    const chip = (desk: Desk, count: number) => row(desk, "谁来汇总？").getByRole("button", { name: either("depth.reaction_other", { emoji: "👍", count }) });
    await row(wang, "谁来汇总？").getByRole("group", { name: say("en", "depth.reactions") }).getByRole("button", { name: /👍/ }).click();
    await chip(li, 2).waitFor();
    await row(li, "谁来汇总？").getByRole("button", { name: say("zh", "depth.whoReacted") }).click();
    const who = li.page.getByRole("dialog", { name: say("zh", "depth.reactions") });
    await who.getByText(/陈思远.*王敏|王敏.*陈思远/).waitFor();
    await li.page.keyboard.press("Escape");
  });

  it("mentions a person and, by who may, everybody; the list says so and leads there", async () => {
    tellOnFailure();
    await composer(chen).pressSequentially("@");
    const everybody = chen.page.getByRole("option", { name: new RegExp(say("zh", "depth.everyone")) });
    await everybody.getByText(say("zh", "depth.everyoneNot")).waitFor();
    await expect.poll(() => everybody.getAttribute("aria-disabled")).toBe("true");
    await expectAccessible(chen.page, "mention");
    await composer(chen).pressSequentially("wangm");
    await chen.page.getByRole("option", { name: /王敏/ }).waitFor();
    await composer(chen).press("Enter");
    await expect.poll(() => composer(chen).inputValue()).toBe("@王敏 ");
    // Wang looks elsewhere.
    await openDirectory(wang);
    await composer(chen).pressSequentially("看一下");
    await composer(chen).press("Enter");
    await wang.page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.messages") }).click();
    await wang.page.getByRole("list", { name: either("messages.list") }).getByText(say("en", "depth.mentioned")).first().waitFor();
    await openConversation(wang, EVERYONE);
    await wang.page.locator("[data-message][data-mentions]").getByRole("button", { name: "@王敏" }).waitFor();
    await composer(li).fill("@所有人 下午放假");
    await composer(li).press("Enter");
    await chen.page.locator("[data-message][data-mentions]").filter({ hasText: "下午放假" }).waitFor();
  });

  it("pins for everybody, by who manages the workspace", async () => {
    tellOnFailure();
    await menu(li, "谁来汇总？", "depth.pin");
    for (const desk of [wang, chen]) {
      const strip = desk.page.getByRole("region", { name: either("depth.pinned") });
      await strip.getByText("谁来汇总？").waitFor();
      expect(await strip.getByRole("button", { name: either("depth.unpin") }).count()).toBe(0);
    }
    await expectAccessible(wang.page, "pinned");
    await li.page.getByRole("region", { name: either("depth.pinned") }).getByRole("button", { name: either("depth.unpin") }).click();
    await wang.page.getByRole("region", { name: either("depth.pinned") }).waitFor({ state: "detached" });
  });

  it("forwards several into another conversation", async () => {
    tellOnFailure();
    await post(wang, "Second thing");
    await menu(wang, "谁来汇总？", "depth.select");
    const tools = wang.page.getByRole("toolbar", { name: either("depth.select") });
    await tools.waitFor();
    await settle(wang.page); // the tools take the place of the field, and the list finds its own
    await row(wang, "Second thing").getByRole("checkbox").check();
    await tools.getByText(say("en", "depth.chosen_other", { count: 2 })).waitFor();
    await wang.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await tools.getByRole("button", { name: say("en", "depth.copy"), exact: true }).click();
    await expect.poll(() => wang.page.evaluate(() => navigator.clipboard.readText())).toMatch(/谁来汇总？[^]*Second thing/);
    await tools.getByRole("button", { name: say("en", "depth.forward"), exact: true }).click();
    const dialog = wang.page.getByRole("dialog");
    await expectAccessible(wang.page, "forward");
    await dialog.getByRole("checkbox", { name: new RegExp(`${EVERYONE.source}`) }).check();
    await dialog.getByRole("textbox", { name: say("en", "depth.forwardText") }).fill("see above");
    await dialog.getByRole("button", { name: say("en", "depth.forward") }).click();
    await dialog.waitFor({ state: "detached" });
    await sees(chen, "see above");
    await chen.page.getByText(/转发自 李卓然/).waitFor();
    await chen.page.getByText(/转发自 王敏/).waitFor();
  });

  it("takes an emoji that is looked for, and shows an address as a link that opens elsewhere", async () => {
    tellOnFailure();
    await composer(li).fill("开工大吉 ");
    await li.page.getByRole("button", { name: say("zh", "depth.emoji"), exact: true }).click();
    const picker = li.page.getByRole("dialog", { name: say("zh", "depth.emoji") });
    await picker.getByRole("textbox", { name: say("zh", "depth.emojiFind") }).fill("火箭");
    await expectAccessible(li.page, "looking for an emoji");
    await picker.getByRole("button", { name: "🚀" }).click();
    await expect.poll(() => composer(li).inputValue()).toBe("开工大吉 🚀");
    if (await picker.isVisible()) await li.page.keyboard.press("Escape");
    await picker.waitFor({ state: "detached" });
    await composer(li).fill("开工大吉 🚀 https://example.org/plan?a=1。");
    await composer(li).press("Enter");
    const link = wang.page.getByRole("log").getByRole("link", { name: "https://example.org/plan?a=1", exact: true });
    await link.waitFor();
    await expect.poll(() => Promise.all(["href", "target", "rel"].map((name) => link.getAttribute(name)))).toEqual(["https://example.org/plan?a=1", "_blank", "noopener noreferrer nofollow"]);
    await wang.page.locator("[data-message]").filter({ hasText: "开工大吉 🚀" }).waitFor();
  });

  it("lets nobody recall what they wrote where the workspace says never", async () => {
    tellOnFailure();
    const section = li.page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.settings") });
    const span = async (label: string) => {
      await section.click();
      await li.page.getByRole("link", { name: say("zh", "settings.workspace") }).click();
      await choose(li.page, either("depth.span"), new RegExp(`^${label}$`));
      await expect.poll(() => li.page.getByRole("combobox", { name: say("zh", "depth.span") }).textContent()).toContain(label);
    };
    const mayRecall = async () => {
      await bar(wang, "Third thing", "depth.more");
      await wang.page.getByRole("menu").waitFor();
      const count = await wang.page.getByRole("menuitem", { name: new RegExp(`^${say("en", "depth.recall")}`) }).count();
      await wang.page.keyboard.press("Escape");
      await wang.page.getByRole("menu").waitFor({ state: "detached" });
      return count;
    };
    await post(wang, "Third thing");
    await expect.poll(() => mayRecall()).toBe(1);
    await span(say("zh", "depth.spanNever"));
    await expect.poll(mayRecall).toBe(0);
    await span(say("zh", "depth.spanHours_other", { count: 24 }));
    await expect.poll(mayRecall).toBe(1);
    await openConversation(li, EVERYONE);
  });

  it("reminds who has not read it, and nobody else, from the list of readers", async () => {
    tellOnFailure();
    const text = "图纸会审改到三号会议室";
    await openDirectory(chen);
    await openConversation(wang, EVERYONE);
    await post(li, text);
    await sees(wang, text);
    const state = row(li, text).getByRole("button", { name: say("zh", "delivery.open", { state: say("zh", "delivery.read", { read: 1, unread: 1 }) }) });
    await state.click();
    const dialog = li.page.getByRole("dialog");
    await dialog.getByRole("region", { name: say("zh", "delivery.groupRead") }).getByText("王敏").waitFor();
    await dialog.getByRole("region", { name: say("zh", "delivery.groupDelivered") }).getByText("陈思远").waitFor();
    await expectAccessible(li.page, "who has read a message");
    await dialog.getByRole("button", { name: say("zh", "delivery.remind_other", { count: 1 }) }).click();
    const notice = (desk: Desk) => desk.page.getByRole("alertdialog", { name: either("ding.from", { name: "李卓然" }) });
    await notice(chen).getByText(text).waitFor();
    const standing = (key: string) => dialog.getByRole("region", { name: say("zh", `ding.state.${key}`) });
    await standing("seen").getByText("陈思远").waitFor();
    expect(await dialog.getByText("王敏").count()).toBe(0);
    await notice(chen).getByRole("button", { name: say("zh", "ding.open") }).click();
    await chen.page.locator("[data-message]").filter({ hasText: text }).waitFor();
    await notice(chen).getByRole("button", { name: say("zh", "ding.confirm") }).click();
    await standing("confirmed").getByText("陈思远").waitFor();
    expect(await notice(wang).count()).toBe(0);
    await li.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });

  it("tells by the system of what comes while nobody looks: of each conversation once, of muted ones not, and leads there", async () => {
    tellOnFailure();
    const shown = await watchNotices(wang);
    const titles = async () => (await shown()).map(({ title }) => title);
    await li.page.getByRole("button", { name: say("zh", "messages.newGroup") }).click();
    const making = li.page.getByRole("dialog");
    await making.getByRole("textbox", { name: say("zh", "group.nameLabel") }).fill(GROUP);
    for (const name of [/王敏/, /陈思远/]) await making.getByRole("checkbox", { name }).check();
    await making.getByRole("button", { name: say("zh", "action.create") }).click();
    await making.waitFor({ state: "detached" });
    const rows = wang.page.getByRole("list", { name: either("messages.list") }).getByRole("link");
    const group = rows.filter({ has: wang.page.getByText(GROUP, { exact: true }) });
    await group.press("Shift+F10");
    await wang.page.getByRole("menuitem", { name: new RegExp(`^${say("en", "shelf.muteAlways")}`) }).click();
    await group.getByRole("img", { name: say("en", "shelf.muted") }).waitFor();
    await openDirectory(wang);
    await lookAway(wang, true);
    // What is muted makes none; the others one for each conversation, which the next takes the place of.
    await openConversation(chen, GROUP);
    await post(chen, "测量点已放好");
    await openConversation(chen, EVERYONE);
    await post(chen, "塔吊三点检修");
    const everyone = `陈思远 · ${say("en", "messages.everyone")}`;
    await expect.poll(shown).toEqual([{ title: everyone, body: "塔吊三点检修" }]);
    await post(chen, "检修改到四点");
    await expect.poll(shown).toEqual([{ title: everyone, body: say("en", "notice.last", { count: 2, text: "检修改到四点" }) }]);
    await openDirectory(li);
    await li.page.getByRole("link", { name: /王敏/ }).click();
    await li.page.getByRole("button", { name: say("zh", "directory.message") }).click();
    await post(li, "能来一下吗？");
    await expect.poll(shown).toContainEqual({ title: "李卓然", body: "能来一下吗？" });
    await expect.poll(() => titles()).toEqual([everyone, "李卓然"]);
    // Pressed, it leads to its message, and all of them are gone.
    await wang.page.evaluate("notices.press('李卓然')");
    await lookAway(wang, false);
    await sees(wang, "能来一下吗？");
    await expect.poll(shown).toEqual([]);
    // A name that is called comes through mute.
    await lookAway(wang, true);
    await openConversation(li, GROUP);
    await composer(li).fill("@王敏 请复核");
    await composer(li).press("Enter");
    await expect.poll(titles).toEqual([`李卓然 · ${GROUP}`]);
    // Of more than three conversations one notice tells together.
    await openConversation(li, "王敏");
    await post(li, "会议室换了");
    await post(chen, "塔吊好了");
    await openDirectory(chen);
    await chen.page.getByRole("link", { name: /王敏/ }).click();
    await chen.page.getByRole("button", { name: say("zh", "directory.message") }).click();
    await post(chen, "晚点给你图");
    await expect.poll(shown).toEqual([{ title: say("en", "notice.many_other", { count: 4 }), body: say("en", "notice.conversations_other", { count: 4 }) }]);
    await lookAway(wang, false);
    await expect.poll(shown).toEqual([]);
    for (const desk of desks) await openConversation(desk, EVERYONE);
  });

  it("goes to a day", async () => {
    tellOnFailure();
    const go = async (date: string) => {
      await li.page.getByRole("button", { name: say("zh", "depth.toDate") }).click();
      await li.page.getByLabel(say("zh", "depth.date"), { exact: true }).fill(date);
      await li.page.getByRole("dialog").getByRole("button", { name: say("zh", "depth.jump") }).click();
    };
    await go("2099-01-01");
    await li.page.getByText(say("zh", "depth.nothingAfter")).waitFor();
    await li.page.keyboard.press("Escape");
    await li.page.getByRole("dialog").waitFor({ state: "detached" });
    const letGo = await hold(li, LIT);
    await go("2020-01-01");
    await li.page.getByRole("dialog").waitFor({ state: "detached" });
    await li.page.locator("[data-message][data-lit]").filter({ hasText: "竣工图" }).waitFor();
    await letGo();
    expect(desks.flatMap((desk) => desk.complaints())).toEqual([]);
  });
});
