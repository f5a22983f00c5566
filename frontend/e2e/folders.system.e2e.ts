import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EntryState } from "../src/api/gen/roundtable/v1/folders_pb";
import { launch } from "./desk";
import { Stage } from "./stage";
import { either, say } from "./words";

// What the screen of shared folders says of this computer, and what it asks of it, over its fake: limits of the system, battery and
// paid networks, other programs, and which parts have a place here.

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

const PURCHASING = /采购 2026/;
const main = (page: Page) => page.getByRole("main");
const row = (page: Page, name: RegExp) => page.getByRole("row", { name }).first();
const status = (page: Page) => main(page).locator("header").getByRole("status");
const panel = (page: Page) => page.getByRole("region", { name: either("folders.panel") });
const handed = (page: Page) => page.evaluate("stage.folders.handed.map(({ deed, path }) => `${deed} ${path}`)");
/** The system changes by itself, or refuses. */
const meets = (page: Page, now: { power?: string; network?: string }) => page.evaluate(`stage.folders.meets(${JSON.stringify(now)})`);

async function openFolder(page: Page, name: RegExp): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.folders") }).click();
  await page.getByRole("list", { name: either("folders.list") }).getByRole("link", { name }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

async function openPace(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.settings") }).click();
  await page.getByRole("link", { name: either("settings.folders"), exact: true }).click();
}

async function fromMenu(page: Page, key: string): Promise<void> {
  await main(page).getByRole("button", { name: either("folders.menu.title") }).first().click();
  await page.getByRole("menuitem", { name: either(`folders.menu.${key}`) }).click();
}

it("says that the system watches no more, what that means and what to do", async () => {
  const page = await stage.show("folders-problems", { language: "en" });
  await openFolder(page, PURCHASING);
  await page.getByText(say("en", "folders.watch.text_other", { limit: "8,192", needed: "96,412", count: 60 })).waitFor();
  const remedy = page.getByText(/^sudo sysctl/);
  expect(await remedy.isVisible()).toBe(false);
  await page.getByText(say("en", "folders.watch.more")).click();
  await remedy.waitFor();
  // Once everything is watched again it is silent.
  await page.evaluate("{ const [box] = stage.folders.boxes; box.value.watchLimited = false; box.changed(); }");
  await remedy.waitFor({ state: "detached" });
  await stage.leave(page);
});

describe("held back", () => {
  it("rests on a metered network, until the network is another one", async () => {
    const page = await stage.show("", { language: "en" });
    await openFolder(page, PURCHASING);
    await meets(page, { network: "metered" });
    await expect.poll(() => status(page).textContent()).toBe(say("en", "folders.state.heldMetered"));
    await openPace(page);
    await page.getByText(say("en", "pace.isMetered")).waitFor();
    await expect.poll(() => page.getByRole("switch", { name: say("en", "pace.metered") }).isChecked()).toBe(true);
    await openFolder(page, PURCHASING);
    await meets(page, { network: "unmetered" });
    await expect.poll(() => status(page).textContent()).toMatch(either("folders.state.upToDate"));
    await stage.leave(page);
  });

  it("rests on battery only for who chose so, and goes on when the cable is back", async () => {
    const page = await stage.show("", { language: "en" });
    await openFolder(page, PURCHASING);
    await meets(page, { power: "battery" });
    await openPace(page);
    await page.getByText(say("en", "pace.onBattery")).waitFor();
    const rests = page.getByRole("switch", { name: say("en", "pace.battery") });
    await expect.poll(() => rests.isChecked()).toBe(false);
    await openFolder(page, PURCHASING);
    await expect.poll(() => status(page).textContent()).toMatch(either("folders.state.upToDate"));
    await openPace(page);
    await rests.click();
    await expect.poll(() => rests.isChecked()).toBe(true);
    await openFolder(page, PURCHASING);
    await expect.poll(() => status(page).textContent()).toBe(say("en", "folders.state.heldBattery"));
    await meets(page, { power: "mains" });
    await expect.poll(() => status(page).textContent()).toMatch(either("folders.state.upToDate"));
    await stage.leave(page);
  });
});

describe("other programs", () => {
  it("opens a file and shows it, and the folder, in the file manager", async () => {
    const page = await stage.show("", { language: "en" });
    await openFolder(page, PURCHASING);
    await row(page, /采购清单/).click();
    await panel(page).getByRole("button", { name: say("en", "folders.deed.open"), exact: true }).click();
    await expect.poll(() => handed(page)).toEqual(["open 采购清单.txt"]);
    await panel(page).getByRole("button", { name: say("en", "folders.deed.reveal") }).click();
    await expect.poll(() => handed(page)).toEqual(["open 采购清单.txt", "reveal 采购清单.txt"]);
    await row(page, /^.*合同/).click({ button: "right" });
    await page.getByRole("menuitem", { name: say("en", "folders.deed.reveal") }).waitFor();
    // A folder is entered, not opened.
    expect(await page.getByRole("menuitem", { name: say("en", "folders.deed.open"), exact: true }).count()).toBe(0);
    await page.getByRole("menuitem", { name: say("en", "folders.deed.reveal") }).click();
    await expect.poll(() => handed(page)).toContain("reveal 合同");
    await fromMenu(page, "reveal");
    await expect.poll(() => handed(page)).toContain("reveal ");
    await stage.leave(page);
  });

  it("says in words that a file has gone meanwhile, and offers nothing for what is only listed", async () => {
    const page = await stage.show("", { language: "en" });
    await openFolder(page, PURCHASING);
    await row(page, /采购清单/).click();
    // It goes between the look and the click: the screen hears of it later.
    await page.evaluate(`stage.folders.boxes[0].files.get("采购清单.txt").state = ${EntryState.LISTED}`);
    await panel(page).getByRole("button", { name: say("en", "folders.deed.open"), exact: true }).click();
    await page.getByRole("alert").getByText(say("en", "errors.entry_absent")).waitFor();
    expect(await handed(page)).toEqual([]);
    await openFolder(page, /现场资料与照片/);
    await row(page, /照片/).click();
    await panel(page).waitFor();
    for (const key of ["open", "reveal"]) expect(await panel(page).getByRole("button", { name: say("en", `folders.deed.${key}`), exact: true }).count()).toBe(0);
    await stage.leave(page);
  });
});

describe("what is kept here", () => {
  it("has everything ticked of a folder that is kept whole, and all but the part that was left out", async () => {
    const page = await stage.show("", { language: "en" });
    await openFolder(page, PURCHASING);
    await row(page, /^.*样品/).click({ button: "right" });
    await page.getByRole("menuitem", { name: say("en", "folders.deed.drop") }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: say("en", "folders.deed.drop") }).click();
    await page.getByRole("alertdialog").waitFor({ state: "detached" });
    await fromMenu(page, "change");
    const box = (name: RegExp) => page.getByRole("dialog").getByRole("checkbox", { name });
    await box(/^合同/).waitFor();
    await expect.poll(() => box(/^样品/).isChecked()).toBe(false);
    for (const name of [/^合同/, /^财务/, /^README/]) await expect.poll(() => box(name).isChecked()).toBe(true);
    // As long as nothing is touched there is nothing to save.
    const keep = page.getByRole("dialog").getByRole("button", { name: say("en", "folders.keep.keep") });
    await expect.poll(() => keep.isDisabled()).toBe(true);
    await box(/^财务/).click();
    await keep.click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    for (const name of [/财务/, /样品/]) await row(page, name).getByText(say("en", "folders.entry.listed")).waitFor();
    await row(page, /^.*合同/).getByText(say("en", "folders.entry.here")).waitFor();
    await stage.leave(page);
  });
});

it("left no complaint behind", () => {
  expect(stage.complaints.filter((line) => !/status of 4\d\d/.test(line))).toEqual([]);
});
