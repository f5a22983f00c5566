import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import {
  agreeAndSign, askCertificate, beginSigning, button, dialog, download, dropFile, foundAuthority, gone, issue, keyIs, makeKey, newPassword, openContract, openPlace, pagesShown, PASSWORD, prepareDropped, shot, typeSignature,
} from "./contractdeeds";
import { choose, openDirectory } from "./deeds";
import type { Desk } from "./desk";
import { Office } from "./folderoffice";
import { keyFiles } from "./papers";
import { either, say } from "./words";

// Who vouches for whom, and who may seal, over three running programs. The stories follow each other.

let office: Office;
let li: Desk;
let wang: Desk;
let chen: Desk;
let place: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "roundtable-seals-"));
  office = await Office.open();
  ({ li, wang, chen } = office);
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

const keys = ({ page }: Desk) => page.getByRole("region", { name: either("contracts.keys.title") });
const card = ({ page }: Desk, name: string) => page.getByRole("article", { name, exact: true });
const issued = ({ page }: Desk, name: RegExp) => page.getByRole("region", { name: either("contracts.authority.issued") }).getByRole("row", { name });

async function fromMenu({ page }: Desk, trigger: Locator, entry: RegExp): Promise<void> {
  await trigger.click();
  await page.getByRole("menuitem", { name: entry }).click();
  await dialog(page).waitFor();
}

async function confirm(desk: Desk, key: string): Promise<void> {
  await button(dialog(desk.page), key).click();
  await gone(dialog(desk.page));
}

describe("the authority of a workspace", () => {
  it("is not there for colleagues before it is founded, and asks for a name and a password", async () => {
    watch();
    await openPlace(wang, "certificates");
    await wang.page.getByText(say("en", "contracts.authority.notYet")).waitFor();
    await shot(wang, "cert-none");
    await expectAccessible(wang.page, "no authority");
    await foundAuthority(li);
    await shot(li, "cert-founded");
  });

  it("refuses a request with a reason, and issues the next", async () => {
    watch();
    await makeKey(wang);
    await askCertificate(wang, "小王");
    await openPlace(li, "certificates");
    await button(li.page.getByRole("article", { name: "小王" }), "action.refuse").click();
    await dialog(li.page).getByRole("textbox").fill("请填写身份证上的姓名");
    await shot(li, "cert-refuse");
    await confirm(li, "action.refuse");
    await keyIs(wang, "refused");
    await keys(wang).getByText(/请填写身份证上的姓名/).waitFor();
    await shot(wang, "cert-refused");
    await button(wang.page, "contracts.keys.askAgain").click();
    await dialog(wang.page).getByRole("textbox", { name: either("contracts.keys.legalName") }).fill("王敏");
    await confirm(wang, "contracts.keys.askDo");
    // A wrong password issues nothing and says so.
    await openPlace(li, "certificates");
    await button(li.page.getByRole("article", { name: "王敏" }), "contracts.authority.issue").click();
    await dialog(li.page).getByLabel(either("contracts.authority.password")).fill("wrong horse");
    await button(dialog(li.page), "contracts.authority.issue").click();
    await dialog(li.page).getByText(say("zh", "errors.key_password_wrong")).waitFor();
    await shot(li, "cert-wrong");
    await dialog(li.page).getByLabel(either("contracts.authority.password")).fill(PASSWORD);
    await confirm(li, "contracts.authority.issue");
    await keyIs(wang, "valid");
    await shot(wang, "cert-valid");
  });

  it("goes to another owner, who issues with a password of their own", async () => {
    watch();
    await openDirectory(li);
    await li.page.getByRole("link", { name: /王敏/ }).click();
    await choose(li.page, either("directory.changeRole"), either("role.owner"));
    await openPlace(wang, "certificates");
    await openPlace(li, "certificates");
    await button(li.page, "contracts.authority.hand").click();
    await choose(li.page, either("contracts.seals.person"), /王敏/);
    await dialog(li.page).getByLabel(either("contracts.authority.password")).fill(PASSWORD);
    await shot(li, "cert-hand");
    await confirm(li, "contracts.authority.handDo");
    await shot(li, "cert-handed");
    await li.page.getByText(say("zh", "contracts.authority.offeredTo", { names: "王敏" })).waitFor();
    await button(wang.page, "contracts.authority.take").click();
    await newPassword(dialog(wang.page));
    await shot(wang, "cert-take");
    await confirm(wang, "contracts.authority.takeDo");
    await makeKey(chen);
    await askCertificate(chen, "陈思远");
    await issue(wang, /陈思远/);
    await keyIs(chen, "valid");
    await openPlace(li, "certificates");
    await issued(li, /陈思远/).getByText(/王敏/).waitFor();
    await shot(li, "cert-both");
    await shot(wang, "cert-both");
    await expectAccessible(wang.page, "an authority of two");
  });
});

const LONG = "上海青禾建筑装饰设计工程有限责任公司浦东分公司";
const SEAL = "采购合同专用章（浦东分公司业务部）";

/** Makes a seal; before that, `look` sees what the dialog shows. */
async function makeSeal(desk: Desk, kind: string, fill: Readonly<Record<string, string>>, look?: (box: Locator) => Promise<void>): Promise<void> {
  const { page } = desk;
  await openPlace(desk, "seals");
  await button(page, "contracts.seals.make").click();
  const box = dialog(page);
  await box.getByRole("radio", { name: new RegExp(`^(?:${either(`contracts.sealKind.${kind}`).source})$`) }).click();
  for (const [key, text] of Object.entries(fill)) await box.getByRole("textbox", { name: either(`contracts.makeSeal.${key}`) }).fill(text);
  await look?.(box);
  await box.getByRole("img", { name: either("contracts.makeSeal.preview") }).waitFor();
  await shot(desk, `seal-${kind}`);
  await expectAccessible(page, `make a seal: ${kind}`);
  await button(box, "contracts.seals.make").click();
  await gone(box);
}

describe("seals", () => {
  it("are made in every shape, and say what cannot be made", async () => {
    watch();
    await openPlace(li, "seals");
    await shot(li, "seals-empty");
    await expectAccessible(li.page, "no seals");
    await makeSeal(li, "round", { organization: LONG, title: "合同专用章", number: "3101150298471", name: SEAL }, async (box) => {
      const field = box.getByRole("textbox", { name: either("contracts.makeSeal.organization") });
      await field.fill("青".repeat(60));
      await box.getByText(say("zh", "errors.seal_text_too_long")).waitFor();
      await shot(li, "seal-too-long");
      await field.fill(LONG);
    });
    await makeSeal(li, "oval", { organization: "青禾建筑", title: "收货专用章", name: "收货章" });
    await makeSeal(li, "rectangle", { organization: "青禾建筑", title: "现金付讫", name: "付讫章" });
    await makeSeal(chen, "personal", { person: "陈思远" });
    // A photograph of a seal: its paper goes.
    const paper = await li.page.context().newPage();
    await paper.setContent(`<body style="margin:0;background:linear-gradient(90deg,#fff,#ddd8cc)"><svg width="300" height="300"><circle cx="150" cy="150" r="120" fill="none" stroke="#c22" stroke-width="12"/><path d="M150 90l18 42h46l-37 28 14 44-41-27-41 27 14-44-37-28h46z" fill="#c22"/></svg>`);
    const picture = await paper.screenshot({ clip: { x: 0, y: 0, width: 300, height: 300 } });
    await paper.close();
    await makeSeal(li, "image", { name: "旧章扫描" }, async (box) => {
      const bring = async (buffer: Buffer) => {
        const [chooser] = await Promise.all([li.page.waitForEvent("filechooser"), button(box, "contracts.makeSeal.choose").click()]);
        await chooser.setFiles({ name: "章.png", mimeType: "image/png", buffer });
      };
      await bring(Buffer.from("no picture"));
      await box.getByText(say("zh", "errors.seal_image_invalid")).waitFor();
      await shot(li, "seal-no-picture");
      await bring(picture);
      await box.getByRole("slider", { name: either("contracts.makeSeal.threshold") }).fill("60");
    });
    await openPlace(li, "seals");
    for (const name of [SEAL, "收货章", "付讫章", "旧章扫描"]) await card(li, name).getByRole("img").waitFor();
    await shot(li, "seals");
    await expectAccessible(li.page, "seals of every shape");
  });

  it("have rights that are given one by one, and taken; what is to be revoked then is said", async () => {
    watch();
    const { page } = li;
    await openPlace(li, "seals");
    await button(card(li, SEAL), "contracts.seals.rights").click();
    await dialog(page).getByRole("region", { name: either("contracts.seals.addPerson") }).getByRole("checkbox", { name: "陈思远" }).check();
    await button(dialog(page), "contracts.seals.allowUse").click();
    const may = (person: string, right: string) => dialog(page).getByRole("checkbox", { name: new RegExp(`${person}.*(?:${either(`contracts.seals.${right}`).source})`) });
    const is = (person: string, right: string, wanted: boolean) => expect.poll(() => may(person, right).isChecked()).toBe(wanted);
    await is("陈思远", "use", true);
    await dialog(page).getByRole("region", { name: either("contracts.seals.addPerson") }).getByRole("checkbox", { name: "王敏" }).check();
    await button(dialog(page), "contracts.seals.allowUse").click();
    await is("王敏", "use", true);
    await may("王敏", "audit").press("Space");
    await is("王敏", "audit", true);
    await may("王敏", "use").press("Space");
    await is("王敏", "use", false);
    await shot(li, "seal-rights");
    await page.keyboard.press("Escape");
    await gone(dialog(page));
    await openPlace(chen, "seals");
    await button(card(chen, SEAL), "contracts.seals.prepare").click();
    await newPassword(dialog(chen.page));
    await confirm(chen, "contracts.seals.prepare");
    await issue(wang, new RegExp(SEAL));
    await openPlace(chen, "seals");
    await card(chen, SEAL).getByText(say("zh", "contracts.seals.key.valid")).waitFor();
    await shot(chen, "seals");
    // Wang sees its uses, and may not use it.
    await openPlace(wang, "seals");
    await button(card(wang, SEAL), "contracts.seals.ledger").click();
    await dialog(wang.page).getByText(say("en", "contracts.seals.noUses")).waitFor();
    await wang.page.keyboard.press("Escape");
    await gone(dialog(wang.page));
    // That it may be used no more is told after that its uses may be seen.
    await gone(card(wang, SEAL).getByRole("button", { name: either("contracts.seals.prepare") }));
    await shot(wang, "seals");
  });
});

describe("a key file of another authority", () => {
  it("is imported with its password, and is what it is", async () => {
    watch();
    keyFiles(place);
    const { page } = li;
    await openPlace(li, "certificates");
    const bring = async (file: string, password: string) => {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button(dialog(page), "contracts.keys.chooseFile").click()]);
      await chooser.setFiles({ name: file, mimeType: "application/x-pkcs12", buffer: readFileSync(join(place, file)) });
      await dialog(page).getByLabel(either("contracts.keys.filePassword")).fill(password);
      await newPassword(dialog(page));
      await button(dialog(page), "contracts.keys.importDo").click();
    };
    await button(page, "contracts.keys.import").click();
    await bring("ca.key", "x");
    await dialog(page).getByText(say("zh", "errors.key_file_invalid")).waitFor();
    await bring("good.p12", "wrong");
    await dialog(page).getByText(say("zh", "errors.key_file_password")).waitFor();
    await shot(li, "p12-wrong");
    await expectAccessible(page, "a key file");
    await dialog(page).getByLabel(either("contracts.keys.filePassword")).fill("file secret");
    await button(dialog(page), "contracts.keys.importDo").click();
    await gone(dialog(page));
    await keys(li).getByText(say("zh", "contracts.keys.state.valid"), { exact: true }).waitFor();
    await keys(li).getByText(/Test Certification Authority/).first().waitFor();
    await shot(li, "p12-good");
    await button(page, "contracts.keys.import").click();
    await bring("good.p12", "file secret");
    await dialog(page).getByText(say("zh", "errors.key_file_known")).waitFor();
    await bring("ended.p12", "file secret");
    await gone(dialog(page));
    await keys(li).getByText(say("zh", "contracts.keys.state.expired")).waitFor();
    await shot(li, "p12-both");
  });
});

describe("a seal that is asked for", () => {
  const TITLE = "用印申请 QH-7";

  const ask = async (reason: string) => {
    const { page } = li;
    await page.locator("[data-fill]").filter({ hasText: say("zh", "contracts.field.seal") }).click();
    await dialog(page).getByRole("button", { name: SEAL }).click();
    await dialog(page).getByRole("textbox").fill(reason);
    await button(dialog(page), "contracts.seal.ask").click();
    await gone(dialog(page));
  };

  it("is refused with a reason, asked for again, applied, and stands in the ledger", async () => {
    watch();
    const { page } = li;
    await prepareDropped(li, `${TITLE}.pdf`);
    await button(page, "contracts.parties.addMe").click();
    await button(page, "contracts.parties.next").click();
    await pagesShown(page);
    const palette = page.getByRole("complementary", { name: either("contracts.fields.palette") });
    await button(palette, "contracts.field.signature").click();
    await button(palette, "contracts.field.seal").click();
    await expect.poll(() => page.getByRole("status").filter({ hasText: either("contracts.prepare.saved") }).count()).toBe(1);
    await button(page, "contracts.fields.next").click();
    await page.locator("main footer").getByRole("button", { name: either("contracts.send.do") }).click();
    await button(page, "contracts.sign.begin").waitFor();
    await beginSigning(li, TITLE);
    await ask("盖错了");
    await openContract(chen, TITLE);
    await button(chen.page, "contracts.note.decide").click();
    await shot(chen, "seal-asked");
    await button(dialog(chen.page), "contracts.sealRequest.refuse").click();
    await dialog(chen.page).getByRole("textbox").fill("请先走采购审批");
    await button(dialog(chen.page), "contracts.sealRequest.refuse").click();
    await gone(dialog(chen.page));
    await openContract(li, TITLE);
    await page.getByText(/请先走采购审批/).first().waitFor();
    await shot(li, "seal-refused");
    await beginSigning(li, TITLE);
    await shot(li, "seal-refused-sign");
    await ask("已审批，编号 118");
    await button(chen.page, "contracts.note.decide").click();
    await dialog(chen.page).getByLabel(either("contracts.sealRequest.password")).fill("wrong horse");
    await button(dialog(chen.page), "contracts.sealRequest.approve").click();
    await dialog(chen.page).getByText(say("zh", "errors.key_password_wrong")).waitFor();
    await dialog(chen.page).getByLabel(either("contracts.sealRequest.password")).fill(PASSWORD);
    await button(dialog(chen.page), "contracts.sealRequest.approve").click();
    await gone(dialog(chen.page));
    await openPlace(wang, "seals");
    await card(wang, SEAL).getByText(say("en", "contracts.seals.uses_one", { count: 1 })).waitFor();
    await button(card(wang, SEAL), "contracts.seals.ledger").click();
    await dialog(wang.page).getByRole("row", { name: /陈思远.*李卓然.*已审批，编号 118/ }).waitFor();
    await shot(wang, "seal-ledger");
    await expectAccessible(wang.page, "ledger");
    const [csv] = await Promise.all([wang.page.waitForEvent("download"), button(dialog(wang.page), "contracts.seals.csv").click()]);
    await csv.saveAs(join(place, "uses.csv"));
    expect(readFileSync(join(place, "uses.csv"), "utf8")).toMatch(/陈思远.*用印申请 QH-7/);
    await wang.page.keyboard.press("Escape");
    await gone(dialog(wang.page));
  });

  it("is signed with the key of that file, and is by somebody whom nobody here vouches for", async () => {
    watch();
    const { page } = li;
    await openContract(li, TITLE);
    await page.getByText(say("zh", "contracts.event.sealed", { name: "陈思远" })).first().waitFor();
    await beginSigning(li, TITLE);
    await page.locator("button[data-fill]").filter({ hasText: say("zh", "contracts.field.signature") }).click();
    await typeSignature(page, "李卓然");
    await agreeAndSign(li);
    await page.locator("section[role=status] h2").waitFor();
    await openContract(li, TITLE);
    await page.getByText(/各方已于/).first().waitFor();
    const signed = await download(page, "contracts.save.signed");
    await openPlace(chen, "verify");
    await chen.page.getByRole("heading", { name: either("contracts.verify.startTitle") }).waitFor();
    await dropFile(chen.page, "signed.pdf", signed);
    await chen.page.getByRole("heading", { name: say("zh", "contracts.verdict.valid_untrusted") }).waitFor();
    await chen.page.getByText(say("zh", "contracts.standing.untrusted", { issuer: "Test Certification Authority" })).waitFor();
    await chen.page.getByText(say("zh", "contracts.sealStanding.right", { name: SEAL })).waitFor();
    await shot(chen, "verify-untrusted");
    await expectAccessible(chen.page, "an unknown signer");
  });
});

describe("what ends", () => {
  it("is a right that is taken back: its certificate waits to be revoked, and is", async () => {
    watch();
    const { page } = li;
    await openPlace(li, "seals");
    await button(card(li, SEAL), "contracts.seals.rights").click();
    await dialog(page).getByRole("checkbox", { name: new RegExp(`陈思远.*(?:${either("contracts.seals.use").source})`) }).click();
    await page.keyboard.press("Escape");
    await gone(dialog(page));
    await openPlace(li, "certificates");
    const line = issued(li, new RegExp(`陈思远.*${SEAL.replace(/[（）]/g, ".")}`));
    await line.getByText(say("zh", "contracts.authority.toRevoke.right_withdrawn")).waitFor();
    await shot(li, "to-revoke");
    await line.getByRole("button", { name: either("contracts.authority.revoke") }).click();
    await choose(page, either("contracts.reason"), either("contracts.authority.reason.unneeded"));
    await dialog(page).getByLabel(either("contracts.authority.password")).fill(PASSWORD);
    await shot(li, "revoke");
    await confirm(li, "contracts.authority.revoke");
    await line.getByText(/吊销$/).first().waitFor();
    await shot(li, "revoked");
    await expectAccessible(page, "revoked");
    await openPlace(chen, "seals");
    await card(chen, SEAL).getByText(say("zh", "contracts.seals.mayNothingNobody")).waitFor();
    await shot(chen, "seals-taken");
  });

  it("is a seal that is lost, one that is revoked, and a personal one that is deleted", async () => {
    watch();
    await openPlace(li, "seals");
    await fromMenu(li, button(card(li, "收货章"), "contracts.seals.options"), either("contracts.seals.lost"));
    await dialog(li.page).getByRole("textbox").first().fill("搬家时遗失");
    await shot(li, "seal-lost");
    await confirm(li, "contracts.seals.lostDo");
    await card(li, "收货章").getByText(say("zh", "contracts.seals.isLost")).waitFor();
    await fromMenu(li, button(card(li, "付讫章"), "contracts.seals.options"), either("contracts.seals.revoke"));
    await dialog(li.page).getByLabel(either("contracts.authority.password")).fill("wrong horse");
    await button(dialog(li.page), "contracts.seals.revokedDo").click();
    await dialog(li.page).getByText(say("zh", "errors.key_password_wrong")).waitFor();
    await dialog(li.page).getByLabel(either("contracts.authority.password")).fill(PASSWORD);
    await confirm(li, "contracts.seals.revokedDo");
    await card(li, "付讫章").getByText(say("zh", "contracts.seals.isRevoked")).waitFor();
    await shot(li, "seals-ended");
    await expectAccessible(li.page, "seals that ended");
    await openPlace(chen, "seals");
    const own = card(chen, say("zh", "contracts.makeSeal.nameOf", { name: "陈思远" }));
    await fromMenu(chen, button(own, "contracts.seals.options"), either("contracts.seals.remove"));
    await shot(chen, "seal-remove");
    await confirm(chen, "contracts.seals.remove");
    await gone(own);
    office.expectNoComplaints();
  });
});
