import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import {
  agreeAndSign, askCertificate, beginSigning, button, dialog, download, drawSignature, dropFile, foundAuthority, gone, issue, keyIs, makeKey, openContract, openContracts, openPlace, pagesShown, PASSWORD,
  newPassword, prepareDropped, signButton, typeSignature,
} from "./contractdeeds";
import { joinByInvite, makeInvite, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { Office } from "./folderoffice";
import { either, say } from "./words";

// A contract from the file that is dropped to the certificate that is checked elsewhere, over three programs. The stories follow each other.

const VERIFY = process.env["ROUNDTABLE_VERIFY"] ?? resolve(import.meta.dirname, "../../bin/roundtable-verify");
const TITLE = "采购合同 QH-118";
const SEAL = "合同专用章";

let office: Office;
let li: Desk;
let wang: Desk;
let chen: Desk;
let zhao: Desk;
let browser: Browser;
let place: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "roundtable-contracts-"));
  office = await Office.open();
  ({ li, wang, chen } = office);
  browser = await launch();
  zhao = await Desk.open(browser, "zhao", { language: "zh" });
  await setUp(zhao, "赵一鸣");
  const { page } = li;
  const link = await makeInvite(li);
  await joinByInvite(zhao, link, (await page.getByRole("button", { name: either("workspace.switch") }).textContent())!);
});
afterAll(async () => {
  await zhao?.close();
  await browser?.close();
  await office?.close();
  rmSync(place, { recursive: true, force: true });
});

/** Tells what the programs and the screens said when a story fails. */
function watch(): void {
  office.tellOnFailure();
  onTestFailed(async () => {
    const shots = process.env["SHOTS"];
    if (shots !== undefined) for (const desk of [...office.desks, zhao]) await desk.page.screenshot({ path: join(shots, `failed-${desk.name}.png`) }).catch(() => {});
  });
}

/** Adds colleagues as parties, and oneself. */
async function addParties(desk: Desk, names: readonly string[], me: boolean): Promise<void> {
  const { page } = desk;
  if (me) await button(page, "contracts.parties.addMe").click();
  await button(page, "contracts.parties.add").click();
  for (const name of names) await dialog(page).getByRole("checkbox", { name }).check();
  await button(dialog(page), "action.add").click();
  await gone(dialog(page));
}

async function saved({ page }: Desk): Promise<void> {
  await expect.poll(() => page.getByRole("status").filter({ hasText: either("contracts.prepare.saved") }).count()).toBe(1);
}

describe("a contract", () => {
  it("begins with keys: an owner founds the authority, everybody asks, the owner issues", async () => {
    watch();
    await openContracts(li);
    await li.page.getByRole("heading", { name: say("zh", "contracts.home.title") }).waitFor();
    await expectAccessible(li.page, "no contracts");
    await foundAuthority(li);
    const people = [[li, "李卓然"], [wang, "王敏"], [chen, "陈思远"], [zhao, "赵一鸣"]] as const;
    for (const [desk, name] of people) {
      await makeKey(desk);
      await askCertificate(desk, name);
    }
    for (const [, name] of people) await issue(li, new RegExp(name));
    for (const [desk] of people) await keyIs(desk, "valid");
    await expectAccessible(li.page, "certificates");
  });

  it("has a seal whose use is somebody else's right", async () => {
    watch();
    const { page } = li;
    await openPlace(li, "seals");
    await button(page, "contracts.seals.make").click();
    await dialog(page).getByRole("img", { name: either("contracts.makeSeal.preview") }).waitFor();
    await dialog(page).getByRole("textbox", { name: either("contracts.makeSeal.name") }).fill(SEAL);
    await expectAccessible(page, "make a seal");
    await dialog(page).getByRole("button", { name: either("contracts.seals.make") }).click();
    await gone(dialog(page));
    const card = page.getByRole("article", { name: SEAL });
    await card.getByRole("img").waitFor();
    await button(card, "contracts.seals.rights").click();
    await dialog(page).getByRole("region", { name: either("contracts.seals.addPerson") }).getByRole("checkbox", { name: "陈思远" }).check();
    await button(dialog(page), "contracts.seals.allowUse").click();
    await dialog(page).getByRole("checkbox", { name: /陈思远.*(使用|Use)/ }).waitFor();
    await expectAccessible(page, "rights to a seal");
    await page.keyboard.press("Escape");
    await gone(dialog(page));
    await openPlace(chen, "seals");
    await button(chen.page.getByRole("article", { name: SEAL }), "contracts.seals.prepare").click();
    await newPassword(dialog(chen.page));
    await dialog(chen.page).getByRole("button", { name: either("contracts.seals.prepare") }).click();
    await gone(dialog(chen.page));
    await issue(li, new RegExp(SEAL));
    await openPlace(chen, "seals");
    await chen.page.getByText(say("zh", "contracts.seals.key.valid")).first().waitFor();
    await expectAccessible(chen.page, "seals");
  });

  it("is prepared from a file that is dropped: parties in steps, fields by hand and by keyboard", async () => {
    watch();
    const { page } = li;
    await prepareDropped(li, `${TITLE}.pdf`);
    await expectAccessible(page, "no parties");
    await addParties(li, ["王敏", "陈思远"], true);
    await page.getByText(say("zh", "contracts.parties.together", { name: "王敏" })).click();
    await saved(li);
    await expectAccessible(page, "parties");
    await button(page, "contracts.parties.next").click();
    await pagesShown(page);
    // By keyboard for the first party: a signature in the middle, moved down.
    const palette = page.getByRole("complementary", { name: either("contracts.fields.palette") });
    await button(palette, "contracts.field.signature").press("Enter");
    const field = page.locator("[data-field]").first();
    await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
    const before = (await field.boundingBox())!;
    for (let step = 0; step < 5; step++) await field.press("ArrowDown");
    expect((await field.boundingBox())!.y).toBeGreaterThan(before.y + 10);
    await page.keyboard.press("Control+z");
    expect(Math.abs((await field.boundingBox())!.y - before.y)).toBeLessThan(2);
    await page.keyboard.press("Control+y");
    await button(palette, "contracts.field.text").click();
    await button(palette, "contracts.field.seal").click();
    // The others' by dragging from the palette onto the page.
    for (const [index, name] of ["王敏", "陈思远"].entries()) {
      await palette.getByRole("radio", { name }).click();
      const from = (await button(palette, "contracts.field.signature").boundingBox())!;
      const onto = (await page.locator("[data-page='1']").boundingBox())!;
      await page.mouse.move(from.x + 20, from.y + 20);
      await page.mouse.down();
      await page.mouse.move(onto.x + 200, onto.y + 300, { steps: 5 });
      await page.mouse.move(onto.x + 130 + index * 440, onto.y + 520, { steps: 5 });
      await page.mouse.up();
    }
    await expect.poll(() => page.locator("[data-field]").count()).toBe(5);
    await saved(li);
    await expectAccessible(page, "fields");
    await button(page, "contracts.fields.next").click();
    await page.getByRole("textbox", { name: either("contracts.send.message") }).fill("请今天签好。");
    await saved(li);
    await expectAccessible(page, "send");
    await page.locator("main footer").getByRole("button", { name: either("contracts.send.do") }).click();
    await button(page, "contracts.sign.begin").waitFor();
    await pagesShown(page);
    await expectAccessible(page, "contract");
  });

  it("asks for a seal, whose holder sees the document and applies it", async () => {
    watch();
    const { page } = li;
    await beginSigning(li, TITLE);
    await expectAccessible(page, "sign");
    await page.locator("[data-fill]").filter({ hasText: say("zh", "contracts.field.seal") }).click();
    await dialog(page).getByRole("button", { name: SEAL }).click();
    await dialog(page).getByRole("textbox").fill("采购会议桌椅");
    await button(dialog(page), "contracts.seal.ask").click();
    await gone(dialog(page));
    await openContract(chen, TITLE);
    await pagesShown(chen.page);
    await button(chen.page, "contracts.note.decide").click();
    await expectAccessible(chen.page, "asked for a seal");
    await dialog(chen.page).getByLabel(either("contracts.sealRequest.password")).fill(PASSWORD);
    await button(dialog(chen.page), "contracts.sealRequest.approve").click();
    await gone(dialog(chen.page));
    await chen.page.getByText(say("zh", "contracts.event.sealed", { name: "陈思远" })).first().waitFor();
  });

  it("is signed by its sender, with a drawn signature and a filled field", async () => {
    watch();
    const { page } = li;
    await openContract(li, TITLE);
    await page.getByText(say("zh", "contracts.event.sealed", { name: "陈思远" })).first().waitFor();
    await beginSigning(li, TITLE);
    // What is missing is said before anything is signed.
    await agreeAndSign(li);
    await page.getByText(say("zh", "contracts.fault.missing")).first().waitFor();
    await page.locator("[data-fill]").filter({ hasText: say("zh", "contracts.field.signature") }).click();
    await drawSignature(page);
    await page.locator("input[data-fill]").first().fill("联系人：李卓然");
    await signButton(page).click();
    await page.getByRole("heading", { name: say("zh", "contracts.result.signed") }).waitFor();
    await expectAccessible(page, "signed");
  });

  it("is declined by one, who is replaced", async () => {
    watch();
    await openContract(wang, TITLE);
    await pagesShown(wang.page);
    await button(wang.page, "contracts.sign.begin").waitFor();
    await button(wang.page, "contracts.menu.title").click();
    await wang.page.getByRole("menuitem", { name: either("contracts.menu.decline") }).click();
    await dialog(wang.page).getByRole("textbox").fill("The amount in article 2 is wrong.");
    await button(dialog(wang.page), "contracts.decline.do").click();
    await gone(dialog(wang.page));
    await openContract(li, TITLE);
    await li.page.getByText(/The amount in article 2 is wrong/).first().waitFor();
    await expectAccessible(li.page, "declined");
    await button(li.page, "contracts.note.replace").click();
    await dialog(li.page).getByRole("checkbox", { name: "赵一鸣" }).check();
    await button(dialog(li.page), "contracts.reassign.do").click();
    await gone(dialog(li.page));
  });

  it("is complete when everybody signed, in any order", async () => {
    watch();
    for (const [desk, name] of [[chen, "陈思远"], [zhao, "赵一鸣"]] as const) {
      await beginSigning(desk, TITLE);
      await button(desk.page, "contracts.fill.next").click();
      await desk.page.locator("[data-fill]").first().click();
      await typeSignature(desk.page, name);
      await agreeAndSign(desk);
      await desk.page.locator("section[role=status] h2").waitFor();
    }
    for (const desk of [li, chen, zhao]) {
      await openContract(desk, TITLE);
      await desk.page.getByText(/各方已于/).first().waitFor();
    }
    await expectAccessible(li.page, "complete");
  });

  it("is verified by a file that is dropped, and a changed one is called so", async () => {
    watch();
    const { page } = li;
    await pagesShown(page);
    const signed = await download(page, "contracts.save.signed");
    writeFileSync(join(place, "signed.pdf"), signed);
    expect(execFileSync("pdfsig", ["-nocert", join(place, "signed.pdf")]).toString().match(/Signature is Valid/g)).toHaveLength(4);
    await openContracts(zhao);
    await dropFile(zhao.page, "signed.pdf", signed);
    await button(dialog(zhao.page), "contracts.drop.verify").click();
    await zhao.page.getByRole("heading", { name: say("zh", "contracts.verdict.valid"), exact: true }).waitFor();
    await expectAccessible(zhao.page, "valid");
    const broken = signed.slice();
    const at = Buffer.from(broken).indexOf("/MediaBox [0 0 595 842]");
    broken.set(new TextEncoder().encode("/MediaBox [0 0 595 841]"), at);
    writeFileSync(join(place, "broken.pdf"), broken);
    await dropFile(zhao.page, "broken.pdf", broken);
    await zhao.page.getByRole("heading", { name: say("zh", "contracts.verdict.broken") }).waitFor();
    await expectAccessible(zhao.page, "broken");
  });

  it("has a certificate of evidence that is checked on no profile at all", async () => {
    watch();
    const { page } = li;
    await openContract(li, TITLE);
    await button(page, "contracts.evidence.make").click();
    await dialog(page).getByLabel(either("contracts.key.password"), { exact: true }).fill(PASSWORD);
    await button(dialog(page), "contracts.evidence.do").click();
    await dialog(page).getByRole("link", { name: either("contracts.evidence.save") }).waitFor();
    await expectAccessible(page, "evidence");
    const certificate = await download(page, "contracts.evidence.save");
    await button(dialog(page), "action.close").click();
    writeFileSync(join(place, "evidence.pdf"), certificate);
    // Whoever checks it elsewhere has the file and the root that the workspace published, and nothing else.
    await openPlace(li, "certificates");
    const [root] = await Promise.all([page.waitForEvent("download"), button(page, "contracts.authority.export").click()]);
    await root.saveAs(join(place, "root.pem"));
    const check = (file: string) => execFileSync(VERIFY, ["--language", "en", "--root", "root.pem", file], { env: {}, cwd: place }).toString();
    expect(check("signed.pdf")).toMatch(/李卓然/);
    expect(check("evidence.pdf")).toMatch(/evidence/i);
    expect(() => execFileSync(VERIFY, ["--root", "root.pem", "broken.pdf"], { env: {}, cwd: place, stdio: "pipe" })).toThrow();
    office.expectNoComplaints();
  });
});

describe("a template", () => {
  it("is filled in beside its page, and becomes a draft whose places to sign are there", async () => {
    watch();
    const { page } = li;
    await openPlace(li, "templates");
    await button(page, "contracts.templates.use").click();
    await pagesShown(page);
    await expectAccessible(page, "template");
    const form = page.locator("main form");
    for (const field of await form.locator("input, textarea").all()) {
      const type = await field.getAttribute("type");
      const numeric = (await field.getAttribute("inputmode")) === "decimal";
      if ((await field.inputValue()) === "") await field.fill(type === "date" ? "2026-12-01" : numeric ? "12" : "青禾");
    }
    for (const select of await form.getByRole("combobox").all()) {
      await select.press("Enter");
      await page.getByRole("option").nth(1).press("Enter");
      await gone(page.getByRole("option"));
    }
    await form.getByRole("button", { name: either("contracts.templates.toDraft") }).click();
    await page.getByRole("navigation", { name: either("contracts.prepare.steps") }).waitFor();
    await page.getByRole("navigation", { name: either("contracts.prepare.steps") }).getByRole("button", { name: either("contracts.prepare.parties") }).click();
    // Who the other party is, only people can say.
    await button(page, "contracts.parties.who").click();
    await dialog(page).getByRole("checkbox", { name: "王敏" }).check();
    await button(dialog(page), "action.add").click();
    await gone(dialog(page));
    await button(page, "contracts.parties.next").click();
    await pagesShown(page);
    await button(page, "contracts.fields.next").click();
    await saved(li);
    await expectAccessible(page, "draft of a template");
    await page.locator("main footer").getByRole("button", { name: either("contracts.send.do") }).click();
    await button(page, "contracts.sign.begin").waitFor();
    office.expectNoComplaints();
  });
});

describe("two who may sign in any order, and one is away", () => {
  const SECOND = "保密协议 2026";

  it("agree; the one without the document is told that the signature waits", async () => {
    watch();
    const { page } = li;
    await prepareDropped(li, `${SECOND}.pdf`);
    await addParties(li, ["王敏"], true);
    await page.getByText(say("zh", "contracts.parties.together", { name: "李卓然" })).click();
    await button(page, "contracts.parties.next").click();
    await pagesShown(page);
    const palette = page.getByRole("complementary", { name: either("contracts.fields.palette") });
    for (const name of ["李卓然", "王敏"]) {
      await palette.getByRole("radio", { name }).click();
      await button(palette, "contracts.field.signature").click();
    }
    await saved(li);
    await button(page, "contracts.fields.next").click();
    await saved(li);
    await page.locator("main footer").getByRole("button", { name: either("contracts.send.do") }).click();
    await button(page, "contracts.sign.begin").waitFor();
    await beginSigning(wang, SECOND);
    // Li holds the document, and her computer is switched off.
    await li.stop();
    await wang.page.locator("[data-fill]").first().click();
    await typeSignature(wang.page, "王敏");
    await agreeAndSign(wang);
    await wang.page.getByRole("heading", { name: say("en", "contracts.result.queued") }).waitFor();
    await expectAccessible(wang.page, "queued");
  });

  it("after a restart the password is asked for again, and nothing says signed before it is", async () => {
    watch();
    await wang.stop("SIGKILL");
    await wang.start();
    await openContract(wang, SECOND);
    await wang.page.getByText(either("contracts.queued.key")).first().waitFor();
    await button(wang.page, "contracts.note.unlock").click();
    await pagesShown(wang.page);
    await expectAccessible(wang.page, "unlock");
    await wang.page.locator("[data-fill]").first().click();
    await typeSignature(wang.page, "王敏");
    const password = wang.page.getByLabel(either("contracts.key.password"), { exact: true });
    await password.fill("not this one");
    await signButton(wang.page).click();
    await wang.page.getByText(say("en", "errors.key_password_wrong")).waitFor();
    const queued = wang.page.getByRole("heading", { name: say("en", "contracts.result.queued") });
    await expect.poll(async () => {
      // After a wrong password one may have to wait a moment.
      await password.fill(PASSWORD, { timeout: 1_000 }).catch(() => {});
      await signButton(wang.page).click({ timeout: 1_000 }).catch(() => {});
      await queued.waitFor({ timeout: 4_000 }).catch(() => {});
      return queued.count();
    }, { interval: 1_000 }).toBe(1);
    // She comes back, hands the document over, and it is signed over there by itself.
    await li.start();
    await openContract(li, SECOND);
    await li.page.getByText(say("zh", "contracts.event.signed", { name: "王敏" })).first().waitFor();
    await beginSigning(li, SECOND);
    await li.page.locator("[data-fill]").first().click();
    await typeSignature(li.page, "李卓然");
    await agreeAndSign(li);
    for (const desk of [li, wang]) {
      await openContract(desk, SECOND);
      await desk.page.getByRole("main").locator("header").getByText(/各方已于|Signed by everybody/).waitFor();
    }
    office.expectNoComplaints();
  });
});

describe("the list", () => {
  it("finds words in the text of documents once they were read, and keeps tags", async () => {
    watch();
    const { page } = li;
    await openContract(li, TITLE);
    await page.getByRole("textbox", { name: either("contracts.archive.tags") }).fill("采购、2026");
    await button(page, "action.save").click();
    await page.getByRole("group", { name: either("contracts.tags") }).getByRole("button", { name: "采购" }).waitFor();
    await page.getByRole("searchbox", { name: either("contracts.search") }).fill("规格与数量");
    await page.getByRole("list", { name: either("contracts.list") }).getByText(say("zh", "contracts.row.page", { page: 1 })).first().waitFor();
    await expectAccessible(page, "found in a text");
    office.expectNoComplaints();
  });
});
