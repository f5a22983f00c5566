import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { contractPaper } from "../src/runtime/fake/paper";
import { expectAccessible } from "./axe";
import {
  agreeAndSign, beginSigning, button, certifyAll, dialog, download, dropFile, gone, openContract, openContracts, openPlace, pagesShown, shot, typeSignature,
} from "./contractdeeds";
import { openConversation } from "./deeds";
import type { Desk } from "./desk";
import { row, share } from "./folderdeeds";
import { Office } from "./folderoffice";
import { docx, laterRevision } from "./papers";
import { either, say } from "./words";
import { PATIENCE } from "./patience";

// Papers of contracts over running programs: where they come from, how they are kept and taken away, and what the screen says of files of all kinds.
// The stories follow each other.

const VERIFY = process.env["ROUNDTABLE_VERIFY"] ?? resolve(import.meta.dirname, "../../bin/roundtable-verify");
const OWN = "设备租赁合同（本公司）";

let office: Office;
let li: Desk;
let wang: Desk;
let place: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "roundtable-papers-"));
  office = await Office.open();
  ({ li, wang } = office);
});
afterAll(async () => {
  await office?.close();
  rmSync(place, { recursive: true, force: true });
});

/** Tells what the programs and the screens said when a story fails. */
function watch(): void {
  office.tellOnFailure();
  onTestFailed(async () => {
    for (const desk of office.desks) await shot(desk, "failed").catch(() => {});
  });
}

const steps = (desk: Desk) => desk.page.getByRole("navigation", { name: either("contracts.prepare.steps") });

async function draftIsHere(desk: Desk, title: string): Promise<void> {
  await steps(desk).waitFor();
  await desk.page.getByRole("heading", { level: 1, name: title }).waitFor();
  await openContracts(desk);
  await desk.page.getByRole("list", { name: either("contracts.list") }).getByRole("link", { name: title }).first().waitFor();
}

describe("a draft", () => {
  it("comes from a file in a conversation, at whoever got it", async () => {
    watch();
    const everyone = either("messages.everyone");
    await openConversation(li, everyone);
    await li.page.locator("input[data-files]").setInputFiles([{ name: "框架协议（临江）.pdf", mimeType: "application/pdf", buffer: Buffer.from(contractPaper) }]);
    await li.page.getByRole("button", { name: either("action.send"), exact: true }).click();
    await openConversation(wang, everyone);
    await button(wang.page, "attach.fetch", { name: "框架协议（临江）.pdf" }).click();
    await button(wang.page, "attach.sign", { name: "框架协议（临江）.pdf" }).click();
    await draftIsHere(wang, "框架协议（临江）");
  });

  it("comes from a file of a shared folder", async () => {
    watch();
    office.shares("合同范本").write("保洁服务.pdf", Buffer.from(contractPaper));
    await share(li, "合同范本", { 王敏: "read" });
    await row(li, /保洁服务\.pdf/).click({ button: "right" });
    await li.page.getByRole("menuitem", { name: either("folders.deed.sign") }).click();
    await draftIsHere(li, "保洁服务");
  });

  it("comes from a document of a word processor, or the screen says what is missing", async () => {
    watch();
    const { page } = li;
    await openContracts(li);
    await dropFile(page, "办公用品采购.docx", docx(["办公用品采购合同", "第一条 甲方向乙方采购办公用品一批。"]), "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    await button(dialog(page), "contracts.drop.prepare").click();
    const missing = page.getByText(say("zh", "errors.converter_missing"));
    const converted = page.getByRole("dialog", { name: either("contracts.converted.title") });
    await missing.or(converted).first().waitFor({ timeout: 2 * PATIENCE });
    await shot(li, "docx");
    if (await missing.isVisible()) return;
    // The PDF that is signed is seen before it is anything.
    await converted.getByText("甲方向乙方采购办公用品一批").first().waitFor({ state: "attached" });
    await shot(li, "docx");
    await expectAccessible(page, "a converted document");
    await button(converted, "contracts.converted.do").click();
    await draftIsHere(li, "办公用品采购");
  });
});

describe("a template of one's own", () => {
  it("is written beside its page, and used", async () => {
    watch();
    const { page } = li;
    await openPlace(li, "templates");
    await shot(li, "templates");
    await expectAccessible(page, "templates");
    await openPlace(wang, "templates");
    await shot(wang, "templates");
    await button(page, "contracts.templates.write").click();
    await page.getByRole("textbox", { name: either("contracts.templates.name") }).fill(OWN);
    await page.getByRole("textbox", { name: either("contracts.templates.summary") }).fill("租赁测量仪器，按月结算");
    await pagesShown(page);
    await shot(li, "template-editor");
    await expectAccessible(page, "template editor");
    // The example is one of a contract, with blanks and places; only its seals are for others.
    const text = page.getByRole("textbox", { name: either("contracts.templates.markdown") });
    await text.fill((await text.inputValue()).replace(/\n.*seal:.*\n/, "\n"));
    await button(page, "action.save").click();
    const card = page.getByRole("article", { name: OWN });
    await card.waitFor();
    await shot(li, "templates-own");
    // What one writes is not lost by one press.
    await button(page.getByRole("article", { name: OWN }), "contracts.templates.options").click();
    await page.getByRole("menuitem", { name: either("contracts.templates.edit") }).click();
    await text.fill("---\nfield: 租金 | money\n---\n# 合同");
    await page.getByRole("alert").waitFor();
    await shot(li, "template-broken");
    await button(page, "action.back").click();
    await shot(li, "template-leave");
    await button(dialog(page), "contracts.templates.leaveDo").click();
    await button(card, "contracts.templates.use").click();
    await page.getByRole("textbox", { name: "每月租金（元） *" }).fill("12000");
    await page.getByLabel("起租日期 *").fill("2026-12-01");
    await page.getByRole("textbox", { name: "甲方名称" }).fill("青禾建筑");
    await pagesShown(page);
    await page.getByText("2026年12月1日").first().waitFor({ state: "attached" });
    await shot(li, "template-fill");
    await button(page, "contracts.templates.toDraft").click();
    await steps(li).waitFor();
    await steps(li).getByRole("button", { name: either("contracts.prepare.parties") }).click();
    await button(page, "contracts.parties.who").click();
    await dialog(page).getByRole("checkbox", { name: "王敏" }).check();
    await button(dialog(page), "action.add").click();
    await gone(dialog(page));
    await steps(li).getByRole("button", { name: either("contracts.prepare.fields") }).click();
    await pagesShown(page);
    await shot(li, "template-fields");
  });

  it("becomes a contract that the system tells of, and that both sign", async () => {
    watch();
    const { page } = li;
    await certifyAll(li, [[li, "李卓然"], [wang, "王敏"]]);
    await openContracts(wang);
    await listens(wang);
    await openContracts(li);
    await page.getByRole("list", { name: either("contracts.list") }).getByRole("link", { name: OWN }).click();
    await steps(li).getByRole("button", { name: either("contracts.prepare.send") }).click();
    await page.locator("main footer").getByRole("button", { name: either("contracts.send.do") }).click();
    await button(page, "contracts.sign.begin").waitFor();
    for (const [desk, name] of [[li, "李卓然"], [wang, "王敏"]] as const) {
      await beginSigning(desk, OWN);
      await button(desk.page, "contracts.fill.next").click();
      await desk.page.locator("button[data-fill]").first().click();
      await typeSignature(desk.page, name);
      await agreeAndSign(desk);
      await desk.page.locator("section[role=status] h2").waitFor();
      // While nobody looked at the window, its turn came.
      await expect.poll(() => heard(wang)).toContain(`${OWN}: ${say("en", "contracts.notice.toDo", { name: "李卓然" })}`);
    }
    for (const desk of [li, wang]) {
      await openContract(desk, OWN);
      await desk.page.getByRole("main").locator("header").getByText(/各方已于|Signed by everybody/).waitFor();
    }
    // Who does not want to be told is not.
    await wang.page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.settings") }).click();
    const told = wang.page.getByRole("switch", { name: either("settings.notifyContracts") });
    await told.click();
    await expect.poll(() => told.isChecked()).toBe(false);
    await shot(wang, "notify-off");
    const before = await heard(wang);
    await openContract(li, OWN);
    await button(page, "contracts.menu.title").click();
    await page.getByRole("menuitem", { name: either("contracts.menu.again") }).click();
    await steps(li).waitFor();
    await steps(li).getByRole("button", { name: either("contracts.prepare.send") }).click();
    await page.getByRole("textbox", { name: either("contracts.send.title") }).fill("补充协议");
    await page.locator("main footer").getByRole("button", { name: either("contracts.send.do") }).click();
    await openContracts(wang);
    await wang.page.getByRole("list", { name: either("contracts.list") }).getByRole("link", { name: "补充协议" }).waitFor();
    expect(await heard(wang)).toEqual(before);
  });
});

/** Makes the system's notices ones that can be read, and has nobody look at the window. */
async function listens({ page }: Desk): Promise<void> {
  await page.evaluate(() => {
    const said: string[] = [];
    class Recorded {
      static permission = "granted";
      static requestPermission = () => Promise.resolve("granted");
      constructor(title: string, { body }: { body: string }) {
        said.push(`${title}: ${body}`);
      }
      close() {}
    }
    Object.assign(window, { Notification: Recorded, said });
    Object.defineProperty(document, "hasFocus", { value: () => false });
    window.dispatchEvent(new Event("blur"));
  });
}

const heard = ({ page }: Desk): Promise<readonly string[]> => page.evaluate("said");

describe("the archive", () => {
  it("finds two characters in a text, keeps tags, dates and what must not be deleted yet", async () => {
    watch();
    const { page } = li;
    await openContract(li, OWN);
    await pagesShown(page);
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    await page.getByRole("textbox", { name: either("contracts.archive.tags") }).fill("租赁、仪器");
    await page.getByLabel(either("contracts.archive.ends")).fill(day(5));
    await page.getByLabel(either("contracts.archive.retain")).fill(day(400));
    await button(page, "action.save").click();
    const row = page.getByRole("list", { name: either("contracts.list") }).getByRole("link", { name: OWN });
    await row.getByText(/义务 [456] 天后到期/).waitFor();
    await shot(li, "archive-ends");
    await button(page, "contracts.menu.title").click();
    await page.getByRole("menuitem", { name: either("contracts.menu.delete") }).click();
    await button(dialog(page), "contracts.delete.do").click();
    await dialog(page).getByText(say("zh", "errors.contract_retained")).waitFor();
    await shot(li, "archive-retained");
    await page.keyboard.press("Escape");
    await gone(dialog(page));
    await page.getByRole("searchbox", { name: either("contracts.search") }).fill("起算");
    await row.getByText(say("zh", "contracts.row.page", { page: 1 })).waitFor();
    await shot(li, "archive-search");
    await page.getByRole("searchbox", { name: either("contracts.search") }).fill("没有这个词");
    await page.getByText(say("zh", "contracts.nothingFound", { query: "没有这个词" })).waitFor();
    await page.getByRole("searchbox", { name: either("contracts.search") }).fill("");
    await button(page, "contracts.archive.in").click();
    await expect.poll(() => row.count()).toBe(0);
    await page.getByRole("group", { name: either("contracts.boxes") }).getByRole("button", { name: either("contracts.box.archived") }).click();
    await row.waitFor();
    await shot(li, "archive-archived");
    await button(page, "contracts.archive.out").click();
    await expect.poll(() => row.count()).toBe(0);
    await page.getByRole("group", { name: either("contracts.boxes") }).getByRole("button", { name: either("contracts.box.all") }).click();
    await row.waitFor();
  });
});

describe("an export", () => {
  it("writes many contracts into a folder, over nothing that is there", async () => {
    watch();
    const { page } = li;
    const target = join(li.home, "合同归档");
    mkdirSync(join(target, OWN), { recursive: true });
    await openContracts(li);
    await button(page, "contracts.export.list").click();
    await shot(li, "export-list");
    await dialog(page).getByRole("textbox", { name: either("contracts.export.folder") }).fill(join(li.home, "没有这个文件夹"));
    await button(dialog(page), "contracts.export.do").click();
    await dialog(page).getByText(say("zh", "errors.folder_missing")).waitFor();
    await dialog(page).getByRole("textbox", { name: either("contracts.export.folder") }).fill(li.home);
    await dialog(page).getByRole("group", { name: either("contracts.export.inside") }).getByRole("button", { name: "合同归档" }).click();
    await shot(li, "export-browse");
    await expectAccessible(page, "export contracts");
    await button(dialog(page), "contracts.export.do").click();
    await dialog(page).getByText(say("zh", "contracts.export.doneMany_other", { count: 2, folder: target })).waitFor();
    await shot(li, "export-done");
    await button(dialog(page), "action.close").click();
    expect(readdirSync(target).sort()).toEqual([OWN, `${OWN} (2)`, "补充协议"].sort());
    expect(readdirSync(join(target, OWN))).toEqual([]);
    const written = readdirSync(join(target, `${OWN} (2)`));
    for (const name of ["contract.json", "sha256.txt", "evidence.json", `${OWN}.pdf`, `${OWN}-original.pdf`]) expect(written, String(written)).toContain(name);
    execFileSync("sha256sum", ["-c", "sha256.txt"], { cwd: join(target, `${OWN} (2)`) });
    // Who has no root of the workspace is told who signed, too.
    expect(spawnSync(VERIFY, ["--language", "zh", join(target, `${OWN} (2)`, `${OWN}.pdf`)], { env: {} }).stdout.toString()).toMatch(/李卓然[^]*王敏/);
    // One contract, from beside its pages.
    await openContract(li, OWN);
    await page.getByRole("button", { name: either("contracts.save.export") }).click();
    await dialog(page).getByRole("textbox", { name: either("contracts.export.folder") }).fill(target);
    await button(dialog(page), "contracts.export.do").click();
    await dialog(page).getByText(say("zh", "contracts.export.done", { folder: join(target, `${OWN} (3)`) })).waitFor();
    await shot(li, "export-one");
    await button(dialog(page), "action.close").click();
    expect(existsSync(join(target, `${OWN} (3)`, "contract.json"))).toBe(true);
  });
});

describe("a file that is dropped", () => {
  it("is judged, whatever it is", async () => {
    watch();
    const { page } = li;
    await openContract(li, OWN);
    await pagesShown(page);
    const signed = await download(page, "contracts.save.signed");
    await openPlace(li, "verify");
    await page.getByRole("heading", { name: either("contracts.verify.startTitle") }).waitFor();
    const verdict = async (name: string, bytes: Uint8Array, key: string) => {
      await dropFile(page, `${name}.pdf`, bytes);
      await page.getByRole("heading", { name: say("zh", `contracts.verdict.${key}`), exact: true }).waitFor();
      await page.getByRole("heading", { name: `${name}.pdf` }).waitFor();
      await shot(li, `verify-${name}`);
    };
    const refused = async (name: string, bytes: Uint8Array, code: string) => {
      await dropFile(page, name, bytes);
      await page.getByText(say("zh", `errors.${code}`)).waitFor();
      await shot(li, `verify-${code}`);
      await expectAccessible(page, `verify ${code}`);
    };
    await verdict("signed", signed, "valid");
    await expectAccessible(page, "several signatures");
    // Somebody turned a page after it was signed.
    await verdict("turned", laterRevision(signed, /\/Type\s*\/Page\b/, (object) => object.replace(/\/MediaBox\s*\[[^\]]*\]/, "/MediaBox [0 0 595 300]")), "changed");
    await expectAccessible(page, "changed");
    await verdict("unsigned", contractPaper, "unsigned");
    await refused("notes.pdf", Buffer.from("no document at all"), "not_pdf");
    writeFileSync(join(place, "plain.pdf"), contractPaper);
    execFileSync("qpdf", ["--encrypt", "user", "owner", "256", "--", "plain.pdf", "locked.pdf"], { cwd: place });
    await refused("locked.pdf", readFileSync(join(place, "locked.pdf")), "pdf_encrypted");
    office.expectNoComplaints();
  });
});
