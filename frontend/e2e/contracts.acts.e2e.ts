import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { addParties, beginApproving, day, fromMenu, inked, ofParty, placed, row, saved, sendDraft, setDeadline, setRole } from "./actdeeds";
import {
  agreeAndSign, askCertificate, beginSigning, button, dialog, download, foundAuthority, gone, issue, makeKey, openContract, openContracts, openPlace, pagesShown, PASSWORD, signButton,
  newPassword, prepareDropped, typeSignature,
} from "./contractdeeds";
import { choose } from "./deeds";
import type { Desk } from "./desk";
import { Office } from "./folderoffice";
import { Stamper } from "./stamper";
import { either, say } from "./words";

// What people do with a contract besides signing it: approve, send back, remind, hand on, give it a deadline, end it. The stories share one office.

const SHOTS = process.env["SHOTS"];
const TITLE = "上海青禾建筑装饰工程有限公司与临江家具制造（集团）股份有限公司二〇二七年度会议桌椅及配套设施采购框架协议补充条款";
const SECOND = "采购框架协议（修订）";
const CODED = "股权转让协议";
const CODE = "青禾-2026";
const LICENCE = "青禾建筑 营业执照（副本）2026.png";
const ROUND = "设备维护合同";
const SEAL = "合同专用章";

let office: Office;
let li: Desk;
let wang: Desk;
let chen: Desk;
let stamper: Stamper;

beforeAll(async () => {
  [office, stamper] = await Promise.all([Office.open(), Stamper.open("Time of Qinghe")]);
  ({ li, wang, chen } = office);
});
afterAll(async () => {
  await office?.close();
  await stamper?.close();
});

/** Tells what the programs and the screens said when a story fails. */
function watch(): void {
  office.tellOnFailure();
  onTestFailed(async () => {
    if (SHOTS !== undefined) for (const desk of office.desks) await desk.page.screenshot({ path: join(SHOTS, `failed-${desk.name}.png`) }).catch(() => {});
  });
}

const status = (page: Page) => page.getByRole("main").locator("header [role=status]");

describe("before", () => {
  it("keys, a seal and an authority that stamps times are there", async () => {
    watch();
    const { page } = li;
    await wang.page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await foundAuthority(li);
    const people = [[li, "李卓然"], [wang, "王敏"], [chen, "陈思远"]] as const;
    for (const [desk, name] of people) {
      await makeKey(desk);
      // Until it is certified nothing is signed with it.
      await askCertificate(desk, name);
    }
    for (const [, name] of people) await issue(li, new RegExp(name));
    await openPlace(li, "seals");
    await button(page, "contracts.seals.make").click();
    await dialog(page).getByRole("textbox", { name: either("contracts.makeSeal.name") }).fill(SEAL);
    await dialog(page).getByRole("button", { name: either("contracts.seals.make") }).click();
    await gone(dialog(page));
    await button(page.getByRole("article", { name: SEAL }), "contracts.seals.rights").click();
    await dialog(page).getByRole("checkbox", { name: /李卓然.*使用/ }).click();
    await page.keyboard.press("Escape");
    await gone(dialog(page));
    await button(page.getByRole("article", { name: SEAL }), "contracts.seals.prepare").click();
    await newPassword(dialog(page));
    await dialog(page).getByRole("button", { name: either("contracts.seals.prepare") }).click();
    await gone(dialog(page));
    await issue(li, new RegExp(SEAL));
    // A name seal is one's own, with nobody's leave.
    await openPlace(li, "seals");
    await button(page, "contracts.seals.make").click();
    await dialog(page).getByText(say("zh", "contracts.sealKind.personal"), { exact: true }).click();
    await dialog(page).getByRole("switch", { name: either("contracts.makeSeal.personal") }).click();
    await dialog(page).getByRole("img", { name: either("contracts.makeSeal.preview") }).waitFor();
    await dialog(page).getByRole("button", { name: either("contracts.seals.make") }).click();
    await gone(dialog(page));
    await page.getByRole("article", { name: say("zh", "contracts.makeSeal.nameOf", { name: "李卓然" }) }).waitFor();
  });

  it("an authority that does not answer is said so, and one that does is kept", async () => {
    watch();
    const { page } = li;
    await openPlace(li, "certificates");
    const form = page.getByRole("region", { name: either("contracts.timeAuthority.title") });
    await form.getByRole("textbox", { name: either("contracts.timeAuthority.url") }).fill(stamper.url);
    await form.getByText(say("zh", "contracts.timeAuthority.more")).click();
    await form.getByRole("textbox", { name: either("contracts.timeAuthority.root") }).fill(stamper.root);
    stamper.stop();
    await button(form, "contracts.timeAuthority.save").click();
    await form.getByText(say("zh", "errors.time_unreachable")).waitFor();
    stamper.start();
    await button(form, "contracts.timeAuthority.save").click();
    await form.getByText(say("zh", "contracts.timeAuthority.works")).waitFor();
    await expectAccessible(page, "time-stamp authority");
  });
});

describe("an approver", () => {
  it("sends it back with a reason, which everybody sees", async () => {
    watch();
    const { page } = li;
    await prepareDropped(li, `${TITLE}.pdf`);
    await addParties(li, ["王敏", "陈思远"], false);
    await setRole(li, "王敏", "approver");
    await setRole(li, "陈思远", "copy");
    await button(page, "contracts.parties.addMe").click();
    await saved(li);
    await expectAccessible(page, "roles");
    await button(page, "contracts.parties.next").click();
    await placed(li, [["李卓然", "signature"]]);
    await button(page, "contracts.fields.next").click();
    await sendDraft(li);
    await openContract(wang, TITLE);
    await pagesShown(wang.page);
    await button(wang.page, "contracts.sign.beginApprove").click();
    await wang.page.getByRole("complementary", { name: either("contracts.sign.panel") }).waitFor();
    await pagesShown(wang.page);
    await expectAccessible(wang.page, "approve");
    await button(wang.page, "contracts.menu.sendBack").click();
    await dialog(wang.page).getByRole("textbox").fill("Article 3 names the wrong warehouse.");
    await button(dialog(wang.page), "contracts.sendBack.do").click();
    await gone(dialog(wang.page));
    await status(wang.page).getByText(say("en", "contracts.state.sentBack", { name: "王敏" })).waitFor();
    await page.getByText(/Article 3 names the wrong warehouse/).first().waitFor();
    await expectAccessible(page, "sent back");
  });

  it("approves the next one, which its sender signs with a name seal and a trusted time; who gets a copy sees it then", async () => {
    watch();
    const { page } = li;
    await openContract(li, TITLE);
    await fromMenu(page, "contracts.menu.again");
    await page.getByRole("textbox", { name: either("contracts.send.title") }).fill(SECOND);
    await sendDraft(li);
    await openContracts(chen);
    await beginApproving(wang, SECOND);
    await button(wang.page, "contracts.approve.do").click();
    await wang.page.getByRole("heading", { name: say("en", "contracts.result.approved") }).waitFor();
    await expectAccessible(wang.page, "approved");
    await beginSigning(li, SECOND);
    expect(await row(chen.page, SECOND).count()).toBe(0);
    await page.locator("[data-fill]").first().click();
    await dialog(page).getByText(say("zh", "contracts.look.seal"), { exact: true }).click();
    await dialog(page).locator("img").first().waitFor();
    await expectAccessible(page, "name seal");
    await button(dialog(page), "contracts.look.use").click();
    await agreeAndSign(li);
    await page.getByText(say("zh", "contracts.result.stamped")).waitFor();
    await openContract(chen, SECOND);
    await pagesShown(chen.page);
    await chen.page.getByText(/各方已于/).first().waitFor();
    await chen.page.getByText(/可信时间 /).first().waitFor();
    await expectAccessible(chen.page, "copy");
    await button(chen.page, "contracts.save.verify").click();
    await pagesShown(chen.page);
    await openContract(li, SECOND);
    await button(page, "contracts.save.verify").click();
    await pagesShown(page);
    await page.getByText(either("contracts.time.stamped", { authority: "Time of Qinghe" })).first().waitFor();
  });
});

describe("a contract with an access code", () => {
  it("is sent with fields of every kind and a seal over the edges of its pages", async () => {
    watch();
    const { page } = li;
    await prepareDropped(li, `${CODED}.pdf`);
    await addParties(li, ["王敏", "陈思远"], false);
    await page.getByText(say("zh", "contracts.parties.together", { name: "王敏" })).click();
    await button(page, "contracts.parties.next").click();
    await placed(li, [["王敏", "signature"], ["王敏", "number"]]);
    const rest = page.getByRole("complementary", { name: either("contracts.fields.properties") });
    await rest.getByRole("textbox", { name: either("contracts.fields.min") }).fill("1");
    await rest.getByRole("textbox", { name: either("contracts.fields.max") }).fill("10");
    await placed(li, [["王敏", "choice"]]);
    await rest.getByRole("textbox", { name: either("contracts.fields.choices") }).fill("银行转账\n现金支票\n");
    await placed(li, [["王敏", "checkbox"], ["王敏", "attachment"]]);
    await rest.getByRole("textbox", { name: either("contracts.fields.label") }).fill("营业执照");
    await placed(li, [["陈思远", "signature"], ["陈思远", "initials"]]);
    await expectAccessible(page, "fields of every kind");
    await button(page, "contracts.fields.next").click();
    await page.getByRole("switch", { name: either("contracts.send.code") }).click();
    await page.getByRole("textbox", { name: either("contracts.send.codeLabel") }).fill("青禾");
    await page.getByText(say("zh", "contracts.send.codeShort")).waitFor();
    await page.getByRole("textbox", { name: either("contracts.send.codeLabel") }).fill(CODE);
    await choose(page, either("contracts.send.straddle"), new RegExp(SEAL));
    await page.getByLabel(either("contracts.send.straddlePassword")).fill(PASSWORD);
    await expectAccessible(page, "send with a code and a seal");
    await sendDraft(li);
  });

  it("opens with the right code only", async () => {
    watch();
    const { page } = wang;
    await openContract(wang, CODED);
    const code = page.getByLabel(either("contracts.code.label"));
    await code.waitFor();
    await code.fill("guessed");
    await code.press("Enter");
    await page.getByText(say("en", "errors.access_code_wrong")).waitFor();
    await expectAccessible(page, "wrong code");
    expect(await page.locator("[data-page]").count()).toBe(0);
    await code.fill(CODE);
    await code.press("Enter");
    await pagesShown(page);
  });

  it("says what is wrong with what is filled in; a signature that waits can be taken back", async () => {
    watch();
    const { page } = wang;
    await beginSigning(wang, CODED);
    const field = (kind: string) => page.locator(`[data-fill][aria-label*="${kind}"]`);
    await field("Number").fill("12");
    await page.getByText(say("en", "contracts.fault.tooLarge", { max: "10" })).waitFor();
    await field("Number").fill("ten");
    await page.getByText(say("en", "contracts.fault.number"), { exact: true }).waitFor();
    await expectAccessible(page, "faults");
    await field("Number").fill("7");
    await field("Choice").selectOption("银行转账");
    await field("Checkbox").check();
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), field("营业执照").click()]);
    await chooser.setFiles({ name: LICENCE, mimeType: "image/png", buffer: inked(60, 40) });
    await field("Signature").click();
    await dialog(page).getByText(say("en", "contracts.look.image"), { exact: true }).click();
    const [picture] = await Promise.all([page.waitForEvent("filechooser"), button(dialog(page), "contracts.look.choose").click()]);
    await picture.setFiles({ name: "signature.png", mimeType: "image/png", buffer: inked(300, 120) });
    await dialog(page).locator("img").waitFor();
    await expectAccessible(page, "picture of a signature");
    await button(dialog(page), "contracts.look.use").click();
    await li.stop();
    await agreeAndSign(wang);
    await page.getByRole("heading", { name: say("en", "contracts.result.queued") }).waitFor();
    await button(page, "contracts.sign.toContract").click();
    await button(page, "contracts.note.withdraw").click();
    await button(page, "contracts.sign.begin").waitFor();
    await beginSigning(wang, CODED);
    // What was filled in before is there still.
    await expect.poll(() => field("Number").inputValue()).toBe("7");
    await expect.poll(() => field("营业执照").textContent()).toContain(LICENCE);
    const [second] = await Promise.all([page.waitForEvent("filechooser"), field("营业执照").click()]);
    await second.setFiles({ name: "wrong.txt", mimeType: "text/plain", buffer: Buffer.from("wrong") });
    await page.getByRole("button", { name: either("contracts.fill.takeOut", { what: "营业执照" }) }).click();
    const [third] = await Promise.all([page.waitForEvent("filechooser"), field("营业执照").click()]);
    await third.setFiles({ name: LICENCE, mimeType: "image/png", buffer: inked(60, 40) });
    await field("Signature").click();
    await typeSignature(page, "王敏");
    await agreeAndSign(wang);
    await page.getByRole("heading", { name: say("en", "contracts.result.queued") }).waitFor();
    await li.start();
    await openContract(wang, CODED);
    await page.getByText(say("en", "contracts.event.signed", { name: "王敏" })).first().waitFor();
  });

  it("shows what was attached to who has the code; the other party hands on to the sender", async () => {
    watch();
    const { page } = li;
    await openContract(li, CODED);
    await page.getByText(say("zh", "contracts.event.signed", { name: "王敏" })).first().waitFor();
    const attached = await download(page, "contracts.save.attachment", { name: `营业执照 (${LICENCE})` });
    expect(Buffer.from(attached).equals(inked(60, 40))).toBe(true);
    await fromMenu(page, "contracts.menu.again");
    await page.getByRole("navigation", { name: either("contracts.prepare.steps") }).waitFor();
    await page.goBack();
    await openContract(chen, CODED);
    await chen.page.getByLabel(either("contracts.code.label")).fill(CODE);
    await button(chen.page, "contracts.code.open").click();
    await pagesShown(chen.page);
    await ofParty(chen.page, "陈思远", "contracts.party.delegate");
    await dialog(chen.page).getByRole("checkbox", { name: "李卓然" }).check();
    await button(dialog(chen.page), "contracts.reassign.do").click();
    await gone(dialog(chen.page));
    await button(page, "contracts.sign.begin").waitFor();
  });

  it("is not signed while the authority for times does not answer, unless its signer says so", async () => {
    watch();
    const { page } = li;
    stamper.stop();
    await beginSigning(li, CODED);
    for (const at of [0, 1]) {
      await page.locator("[data-fill]").nth(at).click();
      await typeSignature(page, "李卓然");
    }
    await agreeAndSign(li);
    await page.getByText(say("zh", "contracts.sign.timeFailed")).waitFor();
    await expectAccessible(page, "no trusted time");
    await openContract(li, CODED);
    await status(page).getByText(say("zh", "contracts.queued.time")).waitFor();
    await page.getByText(say("zh", "contracts.note.needsTime")).waitFor();
    await button(page, "contracts.note.decide").click();
    await page.getByText(say("zh", "contracts.sign.untimed"), { exact: true }).click();
    await page.getByLabel(either("contracts.key.password"), { exact: true }).fill(PASSWORD);
    await signButton(page).click();
    await page.getByText(say("zh", "contracts.result.unstamped")).waitFor();
    stamper.start();
    await openContract(wang, CODED);
    await wang.page.getByText(say("en", "contracts.event.unstamped")).first().waitFor();
  });
});

describe("a contract that goes round", () => {
  it("is handed on by a party to a colleague", async () => {
    watch();
    const { page } = li;
    await prepareDropped(li, `${ROUND}.pdf`);
    await addParties(li, ["王敏"], false);
    await button(page, "contracts.parties.next").click();
    await placed(li, [["王敏", "signature"]]);
    await button(page, "contracts.fields.next").click();
    await page.getByLabel(either("contracts.send.deadline")).fill(day(1));
    await sendDraft(li);
    await ofParty(page, "王敏", "contracts.party.remind");
    await page.getByText(say("zh", "contracts.party.reminded")).waitFor();
    await openContracts(wang);
    await row(wang.page, ROUND).waitFor();
    await openContract(wang, ROUND);
    await wang.page.getByText(either("contracts.note.reminded", { name: "李卓然" })).waitFor();
    await fromMenu(wang.page, "contracts.menu.delegate");
    await dialog(wang.page).getByRole("checkbox", { name: "陈思远" }).check();
    await dialog(wang.page).getByRole("textbox", { name: either("contracts.reason") }).fill("On leave until Monday");
    await expectAccessible(wang.page, "hand on");
    await button(dialog(wang.page), "contracts.reassign.do").click();
    await gone(dialog(wang.page));
    await openContract(chen, ROUND);
    await button(chen.page, "contracts.sign.begin").waitFor();
    await page.getByText(/On leave until Monday/).first().waitFor();
  });

  it("ends by itself when its deadline passes, and goes on when its sender moves it", async () => {
    watch();
    const { page } = li;
    await setDeadline(page, day(3));
    await openContract(chen, ROUND);
    await page.route("**/SetContractDeadline", (route) => route.continue({ postData: JSON.stringify({ ...(route.request().postDataJSON() as object), deadlineUnixMs: String(Date.now() + 8_000) }) }), { times: 1 });
    await setDeadline(page, day(1));
    for (const desk of [li, chen]) await status(desk.page).getByText(say("zh", "contracts.state.expired")).waitFor();
    await setDeadline(page, day(5));
    await button(chen.page, "contracts.sign.begin").waitFor();
  });

  it("is voided with a reason that every party sees", async () => {
    watch();
    const { page } = li;
    await openContract(li, ROUND);
    await fromMenu(page, "contracts.menu.void");
    await dialog(page).getByRole("textbox").fill("预算未获批准，改为下季度采购。");
    await expectAccessible(page, "void");
    await button(dialog(page), "contracts.void.do").click();
    await gone(dialog(page));
    await openContract(wang, ROUND);
    for (const desk of [li, chen, wang]) await desk.page.getByText(/预算未获批准/).first().waitFor();
    office.expectNoComplaints();
  });
});
