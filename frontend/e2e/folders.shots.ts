import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { launch } from "./desk";
import { Stage } from "./stage";
import { either } from "./words";

// Pictures of shared folders, over the fake.

const OUT = resolve(import.meta.dirname, "../../docs/images");

let browser: Browser;
let stage: Stage;

beforeAll(async () => {
  browser = await launch();
  stage = await Stage.open(browser);
});
afterAll(async () => {
  await stage?.close();
  await browser?.close();
});

async function open(page: Page, name: RegExp): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.folders") }).click();
  await page.getByRole("list", { name: either("folders.list") }).getByRole("link", { name }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(OUT, `${name}.png`) });
  await page.close();
}

it("takes pictures of folders", async () => {
  const files = await stage.show("folders-conflicts", { language: "zh" });
  await open(files, /采购 2026/);
  await files.getByRole("row", { name: /采购清单/ }).first().click();
  await files.getByRole("region", { name: either("folders.panel") }).getByText("窗帘 26 幅").waitFor();
  await picture(files, "folders-files-zh-light-1280x800");

  const conflicts = await stage.show("folders-conflicts", { language: "zh" });
  await open(conflicts, /采购 2026/);
  await conflicts.getByRole("navigation", { name: either("folders.views") }).getByRole("link", { name: either("folders.view.conflicts") }).click();
  await conflicts.getByRole("table").waitFor();
  await picture(conflicts, "folders-conflict-zh-light-1280x800");

  const busy = await stage.show("folders-busy", { language: "en", dark: true, width: 960, height: 640 });
  await open(busy, /设计稿/);
  await busy.getByRole("row").first().waitFor();
  await picture(busy, "folders-transfer-en-dark-960x640");

  const offer = await stage.show("folders-offered", { language: "en", dark: true });
  await open(offer, /现场资料与照片/);
  await offer.getByText(/shares/).waitFor();
  await picture(offer, "folders-offer-en-dark-1280x800");
});
