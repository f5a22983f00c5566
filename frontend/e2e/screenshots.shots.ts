import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { admit, askNearby, createWorkspace, inside, openConversation, openDirectory, post, request, sees, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { either } from "./words";

// Pictures of the real program for docs/images: two desks, one network, no server.

const OUT = resolve(import.meta.dirname, "../../docs/images");

interface Look {
  readonly language: "zh" | "en";
  readonly theme: "light" | "dark";
  readonly size: readonly [number, number];
}

const LOOKS: readonly Look[] = (["zh", "en"] as const).flatMap((language) =>
  (["light", "dark"] as const).flatMap((theme) => ([[1280, 800], [960, 640]] as const).map((size) => ({ language, theme, size }))));
/** Enough to see both languages, both themes and both sizes once. */
const TWO: readonly Look[] = [{ language: "zh", theme: "light", size: [1280, 800] }, { language: "en", theme: "dark", size: [960, 640] }];
const EVERYONE = either("messages.everyone");
const COMPANY = "青禾建筑设计事务所";

let browser: Browser;
const desks: Desk[] = [];

beforeAll(async () => {
  browser = await launch();
  await mkdir(OUT, { recursive: true });
});
afterAll(async () => {
  for (const desk of desks) await desk.close();
  await browser?.close();
});

async function settle(page: Page): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400);
}

async function picture(desk: Desk, name: string, looks: readonly Look[] = TWO): Promise<void> {
  const { page } = desk;
  for (const { language, theme, size: [width, height] } of looks) {
    await set(page, { language, theme });
    await page.setViewportSize({ width, height });
    await settle(page);
    await page.screenshot({ path: join(OUT, `${name}-${language}-${theme}-${width}x${height}.png`) });
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Through the door itself, so that no dialog has to be left for the settings. */
async function set(page: Page, change: { language: string; theme: string }): Promise<void> {
  await page.evaluate(async (body) => {
    await fetch("/api/roundtable.v1.SettingsService/Set", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Connect-Protocol-Version": "1", "X-Roundtable": "1" },
      body: JSON.stringify(body),
    });
  }, change);
  await page.waitForFunction((theme) => document.documentElement.dataset["theme"] === theme, change.theme);
}

it("takes pictures of the real program", async () => {
  const li = await Desk.open(browser, "li", { language: "zh" });
  const wang = await Desk.open(browser, "wang", { language: "zh" });
  desks.push(li, wang);
  await li.page.getByRole("textbox", { name: either("welcome.nameLabel") }).fill("李卓然");
  await picture(li, "first-screen");
  await li.page.getByRole("button", { name: either("action.continue") }).click();
  await picture(li, "keys");
  await li.page.getByRole("button", { name: either("action.back") }).click();
  await setUp(li, "李卓然");
  await createWorkspace(li, COMPANY);
  await openConversation(li, EVERYONE);
  await post(li, "大家早，今天开始用圆桌，不用再开服务器了。");
  await setUp(wang, "王敏");
  await wang.page.getByRole("article", { name: COMPANY, exact: true }).waitFor();
  await picture(wang, "nearby");
  await askNearby(wang, COMPANY);
  await request(li).waitFor();
  await picture(wang, "compare-digits");
  await picture(li, "request");
  await admit(li);
  await inside(wang.page);
  await openConversation(wang, EVERYONE);
  await sees(wang, "大家早，今天开始用圆桌，不用再开服务器了。");
  for (const [desk, text] of [
    [wang, "收到！供应商的报价单我上午核对一遍。"],
    [li, "灯具那一项请单独列出来，业主要求分两批到货。"],
    [wang, "好的。Anna 那边的图纸在这里：https://example.com/drawings/2026-11"],
    [li, "辛苦了。二层楼板荷载我重新算过了：\n1. 展厅 5.0 kN/m²\n2. 库房 7.5 kN/m²\n3. 办公区按 2.0 不变"],
    [wang, "合同第 3 条改好了，请再看一眼。改了交货日期和违约责任两处。"],
    [li, "没意见，走流程吧。"],
  ] as const) await post(desk, text);
  await sees(wang, "没意见，走流程吧。");
  await settle(wang.page);
  await picture(li, "messages", LOOKS);
  await openDirectory(li);
  await li.page.getByRole("link", { name: /王敏/ }).click();
  await picture(li, "directory");
  await li.page.getByRole("link", { name: either("nav.settings") }).click();
  await picture(li, "settings");
});

it("takes pictures of a large office", async () => {
  const desk = await Desk.open(browser, "seeded", { language: "zh", seeded: ["people=3000", "departments=200", "groups=60", "messages=4000"] });
  desks.push(desk);
  const { page } = desk;
  const rows = page.getByRole("list", { name: either("messages.list") }).getByRole("link");
  await rows.first().click();
  await page.getByRole("log").locator("[data-message]").first().waitFor();
  await picture(desk, "office-messages");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").first().fill("zhangw");
  await page.getByRole("option").first().waitFor();
  await picture(desk, "office-find");
  await page.keyboard.press("Escape");
  await openDirectory(desk);
  await page.locator("[data-level] button[aria-expanded=false]").first().click();
  await page.locator('[data-level="2"] > li').first().waitFor();
  await picture(desk, "office-directory");
});
