import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { launch } from "./desk";
import { settle, Stage } from "./stage";
import { either } from "./words";

// Pictures of contracts, over the fake. With ALL, every place in every look, for whoever works on them.

const OUT = process.env["SHOTS"] ?? resolve(import.meta.dirname, "../../docs/images");
const ALL = process.env["SHOTS"] !== undefined;

let browser: Browser;
let stage: Stage;

beforeAll(async () => {
  browser = await launch();
  stage = await Stage.open(browser);
}, 90_000);
afterAll(async () => {
  await stage?.close();
  await browser?.close();
});

export async function contractsPage(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.contracts") }).click();
  await page.getByRole("list", { name: either("contracts.list") }).or(page.getByRole("heading", { name: either("contracts.home.title") })).first().waitFor();
}

const open = async (page: Page, title: RegExp) => {
  await contractsPage(page);
  await page.getByRole("list", { name: either("contracts.list") }).getByRole("link", { name: title }).first().click();
};
const drawn = async (page: Page) => {
  await page.locator("[data-page] canvas").first().waitFor();
  await settle(page);
};
const place = async (page: Page, key: string) => {
  await contractsPage(page);
  await page.getByRole("navigation", { name: either("contracts.places") }).getByRole("link", { name: either(`contracts.place.${key}`) }).click();
  await settle(page);
};

interface Shot {
  readonly name: string;
  readonly scene?: string;
  readonly kept?: boolean;
  readonly go: (page: Page) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  { name: "contracts-empty", scene: "contracts-empty", go: contractsPage },
  { name: "contracts-list", go: contractsPage },
  { name: "contracts-done", kept: true, go: async (page) => {
    await open(page, /场地租赁合同/);
    await drawn(page);
  } },
  { name: "contracts-declined", go: async (page) => {
    await open(page, /展厅搬迁协议/);
    await drawn(page);
  } },
  { name: "contracts-parties", go: async (page) => {
    await open(page, /设备维护合同/);
    await page.getByRole("button", { name: either("contracts.prepare.parties") }).click();
    await settle(page);
  } },
  { name: "contracts-fields", kept: true, go: async (page) => {
    await open(page, /设备维护合同/);
    await page.getByRole("navigation", { name: either("contracts.prepare.steps") }).getByRole("button", { name: either("contracts.prepare.fields") }).click();
    await drawn(page);
    await page.locator("[data-field=a]").click();
    await settle(page);
  } },
  { name: "contracts-send", go: async (page) => {
    await open(page, /设备维护合同/);
    await page.getByRole("region", { name: either("contracts.send.summary") }).waitFor();
    await settle(page);
  } },
  { name: "contracts-sign", kept: true, go: async (page) => {
    await open(page, /QH-2026-118/);
    await page.getByRole("button", { name: either("contracts.sign.begin") }).click();
    await drawn(page);
    await page.getByRole("button", { name: either("contracts.fill.next") }).click();
    await settle(page);
  } },
  { name: "contracts-signature", go: async (page) => {
    await open(page, /QH-2026-118/);
    await page.getByRole("button", { name: either("contracts.sign.begin") }).click();
    await drawn(page);
    await page.getByRole("textbox", { name: either("contracts.pdf.number") }).fill("3");
    await page.keyboard.press("Enter");
    await page.locator("[data-fill=f4]").click();
    const box = (await page.getByRole("dialog").getByRole("img").boundingBox())!;
    await page.mouse.move(box.x + 60, box.y + 90);
    await page.mouse.down();
    for (let step = 0; step < 40; step++) await page.mouse.move(box.x + 60 + step * 8, box.y + 90 + Math.sin(step / 3) * 40);
    await page.mouse.up();
    await settle(page);
  } },
  { name: "contracts-verify", scene: "contracts-changed", go: async (page) => {
    await open(page, /场地租赁合同/);
    await page.getByRole("button", { name: either("contracts.save.verify") }).click();
    await drawn(page);
  } },
  { name: "contracts-seals", go: (page) => place(page, "seals") },
  { name: "contracts-certificates", go: (page) => place(page, "certificates") },
  { name: "contracts-templates", go: (page) => place(page, "templates") },
  { name: "contracts-makeseal", go: async (page) => {
    await place(page, "seals");
    await page.getByRole("button", { name: either("contracts.seals.make") }).click();
    await settle(page);
  } },
];

const LOOKS = [{ language: "zh", dark: false, width: 1280, height: 800 }, { language: "en", dark: true, width: 1280, height: 800 }, { language: "en", dark: false, width: 640, height: 400 }] as const;

for (const shot of SHOTS.filter(({ kept, name }) => (ALL ? name.includes(process.env["ONLY"] ?? "") : kept))) {
  it(`takes a picture: ${shot.name}`, { timeout: 120_000 }, async () => {
    for (const look of ALL ? LOOKS.slice(0, Number(process.env["HOW_MANY"] ?? 3)) : LOOKS.slice(0, 1)) {
      const page = await stage.show(shot.scene ?? "contracts", look);
      await shot.go(page);
      await page.screenshot({ path: join(OUT, `${shot.name}-${look.language}-${look.dark ? "dark" : "light"}-${look.width}x${look.height}.png`) });
      await page.close();
    }
  });
}
