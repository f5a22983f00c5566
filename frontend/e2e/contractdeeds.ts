import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import { contractPaper } from "../src/runtime/fake/paper";
import type { Desk } from "./desk";
import { either } from "./words";

// What people do with contracts, in either language.

export const PASSWORD = "correct horse";

export const button = (page: Page | Locator, key: string, values = {}): Locator => page.getByRole("button", { name: either(key, values) }).first();
export const dialog = (page: Page): Locator => page.getByRole("dialog").or(page.getByRole("alertdialog"));

export async function gone(what: Locator): Promise<void> {
  await what.first().waitFor({ state: "detached" });
}

export async function openContracts({ page }: Desk): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.contracts") }).click();
  // The page that was open before goes, and with it the dialogs that would be opened on it.
  const none = page.getByRole("heading", { level: 1, name: either("contracts.home.choose") });
  await none.or(page.getByRole("heading", { level: 1, name: either("contracts.home.title") })).waitFor();
  await page.getByRole("navigation", { name: either("contracts.places") }).waitFor();
}

export async function openPlace(desk: Desk, key: "verify" | "templates" | "seals" | "certificates"): Promise<void> {
  await openContracts(desk);
  await desk.page.getByRole("navigation", { name: either("contracts.places") }).getByRole("link", { name: either(`contracts.place.${key}`) }).click();
}

export async function openContract(desk: Desk, title: string | RegExp): Promise<void> {
  await openContracts(desk);
  await desk.page.getByRole("list", { name: either("contracts.list") }).getByRole("link", { name: title }).first().click();
  await desk.page.getByRole("heading", { level: 1, name: title }).waitFor();
}

export async function pagesShown(page: Page): Promise<void> {
  await page.locator("[data-page] canvas").first().waitFor();
}

/** Lets a file fall onto the window. */
export async function dropFile(page: Page, name: string, bytes: Uint8Array, type = "application/pdf"): Promise<void> {
  const data = await page.evaluateHandle(({ name: called, text, type: kind }) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], called, { type: kind }));
    return transfer;
  }, { name, text: Buffer.from(bytes).toString("base64"), type });
  for (const event of ["dragenter", "dragover", "drop"]) await page.dispatchEvent("body", event, { dataTransfer: data });
}

export async function prepareDropped(desk: Desk, name: string): Promise<void> {
  await openContracts(desk);
  await dropFile(desk.page, name, contractPaper);
  await button(dialog(desk.page), "contracts.drop.prepare").click();
  await desk.page.getByRole("navigation", { name: either("contracts.prepare.steps") }).waitFor();
}

export async function newPassword(where: Locator): Promise<void> {
  const fields = where.locator("input[autocomplete=new-password]");
  await fields.nth(0).fill(PASSWORD);
  await fields.nth(1).fill(PASSWORD);
}

/** A key of one's own, and the request to certify it. */
export async function makeKey(desk: Desk): Promise<void> {
  const { page } = desk;
  await openPlace(desk, "certificates");
  await button(page, "contracts.keys.make").click();
  await newPassword(dialog(page));
  await button(dialog(page), "contracts.keys.make").click();
  await gone(dialog(page));
}

export async function askCertificate({ page }: Desk, name: string): Promise<void> {
  await button(page, "contracts.keys.ask").click();
  await dialog(page).getByRole("textbox", { name: either("contracts.keys.legalName") }).fill(name);
  await button(dialog(page), "contracts.keys.askDo").click();
  await gone(dialog(page));
}

export async function foundAuthority(desk: Desk): Promise<void> {
  const { page } = desk;
  await openPlace(desk, "certificates");
  await button(page, "contracts.authority.found").click();
  await newPassword(dialog(page));
  await button(dialog(page), "contracts.authority.foundDo").click();
  await gone(dialog(page));
}

/** Issues what somebody asked for, by the name that stands in the request. */
export async function issue(desk: Desk, name: RegExp): Promise<void> {
  const { page } = desk;
  await openPlace(desk, "certificates");
  await page.getByRole("article", { name }).getByRole("button", { name: either("contracts.authority.issue") }).click();
  await dialog(page).getByLabel(either("contracts.authority.password")).fill(PASSWORD);
  await button(dialog(page), "contracts.authority.issue").click();
  await gone(dialog(page));
}

export async function keyIs(desk: Desk, state: string): Promise<void> {
  await openPlace(desk, "certificates");
  await desk.page.getByRole("region", { name: either("contracts.keys.title") }).getByText(either(`contracts.keys.state.${state}`)).first().waitFor();
}

/** Opens the page where one signs. */
export async function beginSigning(desk: Desk, title: string | RegExp): Promise<void> {
  await openContract(desk, title);
  await button(desk.page, "contracts.sign.begin").click();
  await desk.page.getByRole("complementary", { name: either("contracts.sign.panel") }).waitFor();
  await pagesShown(desk.page);
}

/** Draws a signature into the field that the next-field button leads to. */
export async function drawSignature(page: Page): Promise<void> {
  const box = (await dialog(page).getByRole("img").boundingBox())!;
  await page.mouse.move(box.x + 60, box.y + 90);
  await page.mouse.down();
  for (let step = 0; step < 30; step++) await page.mouse.move(box.x + 60 + step * 9, box.y + 90 + Math.sin(step / 3) * 35);
  await page.mouse.up();
  await button(dialog(page), "contracts.look.use").click();
  await gone(dialog(page));
}

export async function typeSignature(page: Page, name: string): Promise<void> {
  await dialog(page).getByText(either("contracts.look.typed"), { exact: true }).click();
  await dialog(page).getByRole("textbox", { name: either("contracts.look.name") }).fill(name);
  await button(dialog(page), "contracts.look.use").click();
  await gone(dialog(page));
}

/** Agrees, unlocks the key for this one signature, and signs. */
export async function agreeAndSign({ page }: Desk): Promise<void> {
  await page.getByText(either("contracts.consent.agree"), { exact: true }).click();
  await page.getByLabel(either("contracts.key.password"), { exact: true }).fill(PASSWORD);
  await signButton(page).click();
}

export const signButton = (page: Page): Locator => page.getByRole("complementary", { name: either("contracts.sign.panel") }).getByRole("button", { name: either("contracts.sign.do") }).first();

/** What a file holds that a link of the page saves. */
export async function download(page: Page, key: string, values = {}): Promise<Uint8Array> {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: either(key, values) }).first().click()]);
  return readFileSync(await file.path());
}

/** A picture for whoever looks at the stories, when SHOTS names a folder. */
export async function shot({ page, name }: Desk, what: string): Promise<void> {
  const folder = process.env["SHOTS"];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${what}-${name}.png` });
}

/** Who founds the authority and issues certificates to itself and to others, each with a key. */
export async function certifyAll(owner: Desk, people: readonly (readonly [Desk, string])[]): Promise<void> {
  await foundAuthority(owner);
  for (const [desk, name] of people) {
    await makeKey(desk);
    await askCertificate(desk, name);
    await issue(owner, new RegExp(name));
  }
  for (const [desk] of people) await keyIs(desk, "valid");
}
