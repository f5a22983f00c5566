import type { Page } from "playwright-core";
import { settle } from "./stage";
import { either } from "./words";

// Every place of contracts, over the fake: for its pictures, and for what the screen promises by itself.

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

export interface ContractPlace {
  readonly name: string;
  readonly scene?: string;
  /** Its picture is kept. */
  readonly kept?: boolean;
  readonly go: (page: Page) => Promise<void>;
}

export const PLACES: readonly ContractPlace[] = [
  { name: "contracts-empty", scene: "contracts-empty", go: contractsPage },
  { name: "contracts-list", go: contractsPage },
  { name: "contracts-absent", scene: "contracts-absent", go: async (page) => {
    await open(page, /场地租赁合同/);
    await page.getByText(either("pdf.absentTitle")).waitFor();
  } },
  { name: "contracts-locked", go: async (page) => {
    await open(page, /股权转让协议/);
    await page.getByRole("heading", { name: either("contracts.code.title") }).waitFor();
  } },
  { name: "contracts-queued", go: async (page) => {
    await open(page, /保密协议/);
    await drawn(page);
  } },
  { name: "contracts-sealrequest", go: async (page) => {
    await open(page, /框架协议/);
    await drawn(page);
    await page.getByRole("button", { name: either("contracts.note.decide") }).click();
    await settle(page);
  } },
  { name: "contracts-decline", go: async (page) => {
    await open(page, /QH-2026-118/);
    await drawn(page);
    await page.getByRole("button", { name: either("contracts.menu.title") }).click();
    await page.getByRole("menuitem", { name: either("contracts.menu.decline") }).click();
    await settle(page);
  } },
  { name: "contracts-evidence", go: async (page) => {
    await open(page, /场地租赁合同/);
    await page.getByRole("button", { name: either("contracts.evidence.again") }).click();
    await settle(page);
  } },
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
    await page.getByRole("textbox", { name: either("pdf.number") }).fill("3");
    await page.keyboard.press("Enter");
    await page.locator("[data-fill=f4]").click();
    await page.getByRole("dialog").getByRole("img").waitFor();
    await settle(page);
    const box = (await page.getByRole("dialog").getByRole("img").boundingBox())!;
    await page.mouse.move(box.x + 60, box.y + 90);
    await page.mouse.down();
    for (let step = 0; step < 40; step++) await page.mouse.move(box.x + 60 + step * 8, box.y + 90 + Math.sin(step / 3) * 40);
    await page.mouse.up();
    await settle(page);
  } },
  { name: "contracts-verify", scene: "contracts-changed", go: async (page) => {
    await open(page, /场地租赁合同/);
    const verify = page.getByRole("button", { name: either("contracts.save.verify") });
    await page.getByRole("heading", { level: 1, name: /场地租赁合同/ }).waitFor();
    // What stands beside it may come after it.
    await settle(page);
    if (!(await verify.isVisible())) await page.getByRole("button", { name: either("columns.details") }).click();
    await verify.click();
    await drawn(page);
  } },
  { name: "contracts-seals", go: (page) => place(page, "seals") },
  { name: "contracts-certificates", go: (page) => place(page, "certificates") },
  { name: "contracts-contested", scene: "contracts-contested", go: async (page) => {
    await place(page, "certificates");
    await page.getByRole("alert").waitFor();
  } },
  { name: "contracts-exportlist", go: async (page) => {
    await contractsPage(page);
    await page.getByRole("button", { name: either("contracts.export.list") }).click();
    await settle(page);
  } },
  { name: "contracts-templates", go: (page) => place(page, "templates") },
  { name: "contracts-verifystart", go: async (page) => {
    await place(page, "verify");
    await page.getByText(either("contracts.verify.startTitle")).waitFor();
    await settle(page);
  } },
  { name: "contracts-template", go: async (page) => {
    await place(page, "templates");
    await page.getByRole("button", { name: either("contracts.templates.use") }).first().click();
    await drawn(page);
  } },
  { name: "contracts-rights", go: async (page) => {
    await place(page, "seals");
    await page.getByRole("button", { name: either("contracts.seals.rights") }).first().click();
    await settle(page);
  } },
  { name: "contracts-ledger", go: async (page) => {
    await place(page, "seals");
    await page.getByRole("button", { name: either("contracts.seals.ledger") }).first().click();
    await page.getByRole("table").waitFor();
    await settle(page);
  } },
  { name: "contracts-issue", go: async (page) => {
    await place(page, "certificates");
    await page.getByRole("button", { name: either("contracts.authority.issue"), exact: true }).first().click();
    await settle(page);
  } },
  { name: "contracts-makekey", go: async (page) => {
    await place(page, "certificates");
    await page.getByRole("button", { name: either("contracts.keys.make") }).first().click();
    await settle(page);
  } },
  { name: "contracts-makeseal", go: async (page) => {
    await place(page, "seals");
    await page.getByRole("button", { name: either("contracts.seals.make") }).click();
    await settle(page);
  } },
];
