import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { createWorkspace, joinByInvite, makeInvite, openConversation, post, sees, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { either, say } from "./words";

// Two people who look for what was said. Pictures of what they see are kept where SEARCH_SHOTS says.

const COMPANY = `青禾查找 ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");
const shots = process.env["SEARCH_SHOTS"];

let browser: Browser;
const desks: Desk[] = [];
let li: Desk;
let zeng: Desk;

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

async function picture(page: Page, name: string): Promise<void> {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}/${name}.png` });
}

async function palette(page: Page, text: string) {
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: either("search.open") });
  await field.fill(text);
  return field;
}

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  for (const desk of desks) await desk.close();
  await browser?.close();
});

describe("search", () => {
  it("begins with two people and many messages", async () => {
    tellOnFailure();
    li = await sitDown("li", "zh");
    await setUp(li, "李卓然");
    await createWorkspace(li, COMPANY);
    const invite = await makeInvite(li);
    zeng = await sitDown("zeng", "en");
    await setUp(zeng, "曾国强");
    await joinByInvite(zeng, invite, COMPANY);
    await openConversation(li, EVERYONE);
    await post(li, "下周在上海签采购合同，请看 Contract draft v3");
    for (let i = 1; i <= 12; i++) await post(li, `第 ${i} 天的进展：图纸已交`);
    await openConversation(zeng, EVERYONE);
    await sees(zeng, "第 12 天的进展：图纸已交");
    await post(zeng, "The budget for Shanghai is approved");
    await sees(li, "The budget for Shanghai is approved");
  });

  it("finds a Chinese word of two characters, and an English one by its beginning, in the palette", async () => {
    tellOnFailure();
    const { page } = li;
    await palette(page, "合同");
    await page.getByRole("option", { name: /采购合同/ }).waitFor();
    await expectAccessible(page, "palette");
    await picture(page, "palette-zh");
    const field = page.getByRole("combobox", { name: either("search.open") });
    await field.fill("budg");
    await page.getByRole("option", { name: /budget/ }).waitFor();
    await field.fill("没有这个词");
    await page.getByRole("status").filter({ hasText: "没有这个词" }).waitFor();
    await page.keyboard.press("Escape");
    await field.waitFor({ state: "detached" });
  });

  it("finds a colleague by every reading and by initials, by keyboard alone", async () => {
    tellOnFailure();
    const { page } = li;
    const field = await palette(page, "zgq");
    for (const text of ["zeng", "ceng", "z国", "zengg", "曾"]) {
      await page.getByRole("option", { name: /曾国强/ }).first().waitFor();
      await field.fill(text);
    }
    await page.getByRole("option", { name: /曾国强/ }).first().waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "曾国强" }).waitFor();
  });

  it("leads to a message among those around it", async () => {
    tellOnFailure();
    const { page } = zeng;
    await palette(page, "contr");
    const option = page.getByRole("option", { name: /Contract draft/ });
    await option.waitFor();
    await picture(page, "palette-en");
    await option.click();
    const found = page.locator("[data-sought]");
    await found.waitFor();
    await expect.poll(() => found.textContent()).toContain("下周在上海签采购合同");
    await expect.poll(() => found.evaluate((row) => {
      const box = row.getBoundingClientRect();
      return box.top >= 0 && box.bottom <= window.innerHeight;
    })).toBe(true);
    await picture(page, "in-context");
  });

  it("finds a conversation, a file by its name, and what one can do; where it was said narrows a search", async () => {
    tellOnFailure();
    await li.page.getByRole("button", { name: say("zh", "messages.newGroup") }).click();
    const making = li.page.getByRole("dialog");
    await making.getByRole("textbox", { name: say("zh", "group.nameLabel") }).fill("幕墙评审");
    await making.getByRole("checkbox", { name: /曾国强/ }).check();
    await making.getByRole("button", { name: say("zh", "action.create") }).click();
    await making.waitFor({ state: "detached" });
    // The conversation that was open before takes files, too.
    await li.page.getByRole("heading", { level: 1, name: "幕墙评审" }).waitFor();
    await li.page.locator("input[data-files]").setInputFiles({ name: "塔楼立面.dwg", mimeType: "", buffer: Buffer.from("dwg") });
    await li.page.getByRole("list", { name: say("zh", "attach.pending") }).getByText("塔楼立面.dwg").waitFor();
    await post(li, "图纸已交，请过目");
    const { page } = zeng;
    const field = await palette(page, "立面");
    await page.getByRole("option", { name: /塔楼立面\.dwg/ }).click();
    await page.locator("[data-sought]").filter({ hasText: "图纸已交，请过目" }).waitFor();
    await palette(page, "muq");
    await page.getByRole("option", { name: /幕墙评审/ }).first().waitFor();
    await field.fill("dark");
    await page.getByRole("option", { name: say("en", "search.dark") }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
    await palette(page, "图纸");
    await expectAccessible(page, "palette, dark");
    await page.getByRole("option", { name: /“图纸”/ }).click();
    const hits = page.getByRole("list", { name: either("search.results") });
    await expect.poll(() => hits.getByRole("button").count()).toBe(13);
    await page.getByRole("combobox", { name: say("en", "search.in"), exact: true }).fill("幕墙");
    await page.getByRole("option", { name: "幕墙评审" }).click();
    await expect.poll(() => hits.getByRole("button").count()).toBe(1);
    await page.getByRole("button", { name: say("en", "search.clearIn") }).click();
    await expect.poll(() => hits.getByRole("button").count()).toBe(13);
    await page.getByRole("checkbox", { name: either("search.hasFile") }).click();
    await expect.poll(() => hits.getByRole("button").count()).toBe(1);
    await palette(page, "light");
    await page.getByRole("option", { name: say("en", "search.light") }).click();
  });

  it("filters by author, file and day on a page of its own", async () => {
    tellOnFailure();
    const { page } = zeng;
    await palette(page, "进展");
    await page.getByRole("option", { name: /“进展”/ }).click();
    const hits = page.getByRole("list", { name: either("search.results") });
    await expect.poll(() => hits.getByRole("button").count()).toBe(12);
    await expectAccessible(page, "search page");
    await picture(page, "page-en");
    await page.getByRole("searchbox", { name: either("search.text") }).fill("上海");
    await expect.poll(() => hits.getByRole("button").count()).toBe(1);
    await page.getByRole("searchbox", { name: either("search.text") }).fill("");
    // A filter is set and taken away by keyboard.
    const from = page.getByRole("combobox", { name: say("en", "search.from"), exact: true });
    await from.fill("zeng");
    await page.getByRole("option", { name: /曾国强/ }).waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => hits.getByRole("button").count()).toBe(1);
    await page.keyboard.press("Enter");
    await from.fill("zeng");
    await page.getByRole("option", { name: /曾国强/ }).click();
    await expect.poll(() => hits.getByRole("button").count()).toBe(1);
    await page.getByRole("checkbox", { name: either("search.hasFile") }).click();
    await page.getByText(either("search.noMessages")).waitFor();
    await picture(page, "page-empty");
    const file = page.getByRole("checkbox", { name: either("search.hasFile") });
    await file.click();
    await expect.poll(() => file.isChecked()).toBe(false);
    await expect.poll(() => hits.getByRole("button").count()).toBe(1);
    await page.getByLabel(either("search.since")).fill("2099-01-01");
    await page.getByText(either("search.noMessages")).waitFor();
    await page.getByLabel(either("search.since")).fill("");
    await hits.getByRole("button").first().click();
    await page.locator("[data-sought]").filter({ hasText: "budget" }).waitFor();
  });
});
