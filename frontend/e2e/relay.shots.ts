import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { launch } from "./desk";
import { Stage } from "./stage";
import { either } from "./words";

// Pictures of what one sees of relays, over the fake: states that a real relay shows only when something is wrong.

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

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(OUT, `${name}.png`) });
  await page.close();
}

async function section(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: either("nav.settings") }).click();
  await page.getByRole("link", { name: either(`settings.${name}`), exact: true }).click();
}

it("takes pictures of relays", async () => {
  const relays = await stage.show("relays", { language: "zh" });
  await section(relays, "relays");
  await picture(relays, "settings-relays");

  const dark = await stage.show("relays", { language: "en", dark: true, width: 960, height: 840 });
  await section(dark, "relays");
  await picture(dark, "settings-relays-en-dark");

  const host = await stage.show("", { language: "en", width: 1280, height: 1060 });
  await section(host, "device");
  await host.getByRole("switch").click();
  await host.getByText(either("host.running"), { exact: true }).waitFor();
  await picture(host, "settings-host-relay");

  const away = await stage.show("away", { language: "zh" });
  await away.getByRole("link", { name: /李卓然/ }).first().click();
  await away.getByRole("log").waitFor();
  await picture(away, "delivery-at-relay");
});
