import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { createWorkspace, inside, joinByInvite, makeInvite, openConversation, openDirectory, post, sees, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { either, say } from "./words";

// Two companies: Li and Wang of one, Gu of the other. The stories follow each other.

const OURS = "青禾建筑";
const THEIRS = "临江家具";
const CIRCLE = "展厅采购";

let browser: Browser;
let li: Desk;
let wang: Desk;
let gu: Desk;
let link: string;

beforeAll(async () => {
  browser = await launch();
  [li, wang, gu] = await Promise.all([Desk.open(browser, "li", { language: "zh" }), Desk.open(browser, "wang", { language: "en" }), Desk.open(browser, "gu", { language: "zh" })]);
  await setUp(li, "李卓然");
  await createWorkspace(li, OURS);
  await setUp(wang, "王敏");
  await joinByInvite(wang, await makeInvite(li), OURS);
  await setUp(gu, "顾明");
  await createWorkspace(gu, THEIRS);
});
afterAll(async () => {
  for (const desk of [li, wang, gu]) await desk?.close();
  await browser?.close();
});

const watch = () => onTestFailed(() => console.error([li, wang, gu].map((desk) => `--- ${desk.name}\n${desk.tail()}`).join("\n")));
const head = (desk: Desk) => desk.page.locator("main header").filter({ has: desk.page.getByRole("heading", { level: 1, name: CIRCLE }) });
const article = (desk: Desk, text: string) => desk.page.getByRole("article").filter({ has: desk.page.getByText(text, { exact: true }) });

describe("a circle of two companies", () => {
  it("begins with a colleague, and says what partners will see before it makes their link", async () => {
    watch();
    const { page } = li;
    await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.messages") }).click();
    await page.getByRole("button", { name: either("circles.new") }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: either("circles.nameLabel") }).fill(CIRCLE);
    await dialog.getByRole("checkbox", { name: /王敏/ }).check();
    await dialog.getByRole("button", { name: either("action.create") }).click();
    await head(li).getByText(say("zh", "circles.externals_other", { count: 0 })).waitFor();
    await post(li, "以后采购的事在这里说");
    const invite = page.getByRole("button", { name: either("circles.invite") });
    const details = page.getByRole("button", { name: either("action.details") });
    // What stands beside the conversation comes a moment after it.
    if ((await details.getAttribute("aria-pressed")) !== "true") await details.click();
    await invite.click();
    await dialog.getByText(say("zh", "circles.seesNot")).waitFor();
    await dialog.getByRole("textbox", { name: either("circles.partnerName") }).fill("顾先生");
    await expectAccessible(page, "link for a partner");
    await dialog.getByRole("button", { name: either("invites.create") }).click();
    link = await dialog.getByRole("textbox", { name: either("circles.linkFor", { name: "顾先生" }) }).inputValue();
    expect(link).toMatch(/^roundtable:\/\/circle\//);
    await page.keyboard.press("Escape");
  });

  it("is entered by a partner from its own company, who sees what was written", async () => {
    watch();
    const { page } = gu;
    await page.getByRole("button", { name: either("circles.new") }).click();
    await page.getByRole("dialog").getByRole("button", { name: either("circles.haveLink") }).click();
    await page.getByRole("button", { name: either("door.invite") }).click();
    await page.getByRole("textbox", { name: either("door.inviteLabel") }).fill(link);
    await page.getByText(say("zh", "circles.preview", { inviter: "李卓然" })).waitFor();
    await expect.poll(() => page.getByRole("combobox", { name: either("circles.as") }).textContent()).toContain(THEIRS);
    await expectAccessible(page, "a link into a circle");
    await page.getByRole("button", { name: either("circles.open") }).click();
    await inside(page);
    await openConversation(gu, CIRCLE);
    await sees(gu, "以后采购的事在这里说");
    await head(gu).getByText(say("zh", "circles.externals_other", { count: 2 })).waitFor();
    await post(gu, "样品周三到");
  });

  it("marks who is external, each from where they stand", async () => {
    watch();
    await openConversation(wang, CIRCLE);
    for (const desk of [li, wang]) {
      await sees(desk, "样品周三到");
      await expect.poll(() => article(desk, "样品周三到").textContent()).toMatch(new RegExp(`顾明${THEIRS}(外部|External)`));
    }
    expect(await article(li, "以后采购的事在这里说").textContent()).not.toContain("外部");
    await expect.poll(() => article(gu, "以后采购的事在这里说").textContent()).toContain(`李卓然${OURS}外部`);
    await wang.page.getByText(say("en", "circles.line_one", { count: 1 })).waitFor();
    await expectAccessible(wang.page, "a circle");
  });

  it("marks them where somebody answers, pins, reacts and looks for something", async () => {
    watch();
    const row = (desk: Desk, text: string) => desk.page.locator("[data-message]").filter({ has: desk.page.getByText(text, { exact: true }) }).first();
    const does = async (desk: Desk, text: string, key: string) => {
      await row(desk, text).getByRole("article").hover();
      const deed = row(desk, text).getByRole("toolbar").getByRole("button", { name: either(key), exact: true });
      // Where the row moves away below the pointer, as when something is pinned above it, the bar stays with the focus.
      await deed.focus();
      await deed.click();
    };
    await wang.page.getByRole("link", { name: new RegExp(CIRCLE) }).getByText("顾明 (external): 样品周三到").waitFor();
    await does(gu, "样品周三到", "depth.more");
    await gu.page.getByRole("menuitem", { name: either("depth.pin") }).click();
    const strip = (desk: Desk) => desk.page.getByRole("region", { name: either("depth.pinned") });
    await strip(gu).waitFor();
    await does(gu, "样品周三到", "depth.react");
    await gu.page.getByRole("group", { name: either("depth.emojiQuick") }).getByRole("button", { name: "👍" }).click();
    // Li and Wang, of one company, see who of the other one wrote, pinned and reacted; Gu does not see a mark of their own.
    await strip(li).getByText(/^顾明$/).waitFor();
    await expect.poll(() => strip(li).textContent()).toContain("顾明外部样品周三到");
    await strip(gu).getByText(/^顾明$/).waitFor();
    expect(await strip(gu).textContent()).not.toContain("外部");
    await row(li, "样品周三到").getByRole("button", { name: either("depth.whoReacted") }).click();
    await expect.poll(() => li.page.getByRole("dialog").getByRole("listitem").textContent()).toMatch(/外部\s*顾明/);
    await li.page.keyboard.press("Escape");
    await does(li, "样品周三到", "depth.reply");
    await expect.poll(() => li.page.getByText(say("zh", "depth.replyTo", { name: "顾明" })).locator("..").textContent()).toContain("外部");
    await expectAccessible(li.page, "an answer to a partner");
    await post(li, "好，周三上午我在");
    await sees(wang, "好，周三上午我在");
    await expect.poll(() => article(wang, "好，周三上午我在").textContent()).toContain("顾明External样品周三到");
    await wang.page.keyboard.press("Control+k");
    await wang.page.getByRole("combobox").fill("样品");
    await expect.poll(() => wang.page.getByRole("option", { name: /样品周三到/ }).first().textContent()).toMatch(/External\s*顾明 · 展厅采购/);
    await wang.page.keyboard.press("Escape");
  });

  it("shows nobody's directory to the other company", async () => {
    watch();
    await openDirectory(gu);
    await gu.page.getByRole("link", { name: /顾明/ }).waitFor();
    expect(await gu.page.getByRole("link", { name: /李卓然|王敏/ }).count()).toBe(0);
    await openDirectory(li);
    await li.page.getByRole("link", { name: /王敏/ }).waitFor();
    expect(await li.page.getByRole("link", { name: /顾明/ }).count()).toBe(0);
  });

  it("is closed to a partner who was removed", async () => {
    watch();
    await openConversation(gu, CIRCLE);
    await openConversation(li, CIRCLE);
    await li.page.getByRole("button", { name: either("circles.removeWhom", { name: "顾明" }) }).click();
    await li.page.getByRole("alertdialog").getByRole("button", { name: either("circles.remove") }).click();
    await head(li).getByText(say("zh", "circles.externals_other", { count: 0 })).waitFor();
    await post(li, "只剩我们了");
    await gu.page.getByText(say("zh", "composer.closed")).waitFor();
    await sees(wang, "只剩我们了");
    expect(await gu.page.getByText("只剩我们了").count()).toBe(0);
  });
});
