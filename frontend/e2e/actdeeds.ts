import { crc32, deflateSync } from "node:zlib";
import type { Locator, Page } from "playwright-core";
import { button, dialog, gone, openContract, pagesShown } from "./contractdeeds";
import { choose } from "./deeds";
import type { Desk } from "./desk";
import { either } from "./words";

// What people do with contracts besides signing them, in either language.

/** Adds colleagues as parties, and oneself after them. */
export async function addParties({ page }: Desk, names: readonly string[], me: boolean): Promise<void> {
  await button(page, "contracts.parties.add").click();
  for (const name of names) await dialog(page).getByRole("checkbox", { name }).check();
  await button(dialog(page), "action.add").click();
  await gone(dialog(page));
  if (me) await button(page, "contracts.parties.addMe").click();
}

/** Waits until a draft is on disk. */
export async function saved({ page }: Desk): Promise<void> {
  await page.getByRole("status").filter({ hasText: either("contracts.prepare.saved") }).waitFor();
}

/** Puts fields on the page, each by a press: whose, and of which kind. */
export async function placed(desk: Desk, fields: readonly (readonly [name: string, kind: string])[]): Promise<void> {
  const { page } = desk;
  await pagesShown(page);
  const palette = page.getByRole("complementary", { name: either("contracts.fields.palette") });
  for (const [name, kind] of fields) {
    await palette.getByRole("radio", { name }).click();
    await button(palette, `contracts.field.${kind}`).click();
  }
  await saved(desk);
}

/** Sends a draft from its last step, and waits until it is a contract. */
export async function sendDraft(desk: Desk): Promise<void> {
  const { page } = desk;
  await saved(desk);
  await page.locator("main footer").getByRole("button", { name: either("contracts.send.do") }).click();
  await page.getByRole("navigation", { name: either("contracts.places") }).waitFor();
  await pagesShown(page);
}

export async function fromMenu(page: Page, key: string): Promise<void> {
  await button(page, "contracts.menu.title").click();
  await page.getByRole("menuitem", { name: either(key) }).click();
}
export async function ofParty(page: Page, name: string, key: string): Promise<void> {
  await page.getByRole("button", { name: either("contracts.party.menu", { name }) }).click();
  await page.getByRole("menuitem", { name: either(key) }).click();
}
export async function setRole(desk: Desk, name: string, role: string): Promise<void> {
  await choose(desk.page, either("contracts.parties.roleOf", { name }), either(`contracts.role.${role}`));
}
export const row = (page: Page, title: string | RegExp): Locator => page.getByRole("list", { name: either("contracts.list") }).getByRole("link", { name: title });
export async function beginApproving(desk: Desk, title: string): Promise<void> {
  await openContract(desk, title);
  await button(desk.page, "contracts.sign.beginApprove").click();
  await desk.page.getByRole("complementary", { name: either("contracts.sign.panel") }).waitFor();
  await pagesShown(desk.page);
}
export async function setDeadline(page: Page, at: string): Promise<void> {
  await fromMenu(page, "contracts.menu.deadline");
  await dialog(page).getByLabel(either("contracts.send.deadline")).fill(at);
  await button(dialog(page), "action.save").click();
  await gone(dialog(page));
}
/** So many days from now, as a field takes it. */
export function day(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}
/** A picture with a stroke of ink on white paper. */
export function inked(width: number, height: number): Buffer {
  const rows = Buffer.concat(Array.from({ length: height }, (_, y) => Buffer.concat([Buffer.of(0), Buffer.from(Array.from({ length: width }, (__, x) => {
    const middle = height / 2 + Math.sin(x / width * 9) * height / 3;
    return Math.abs(y - middle) < height / 20 ? 20 : 255;
  }))])));
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}
