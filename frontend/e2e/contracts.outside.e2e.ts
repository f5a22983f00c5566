import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import {
  agreeAndSign, askCertificate, beginSigning, button, dialog, foundAuthority, gone, issue, keyIs, makeKey, openContract, pagesShown, prepareDropped, typeSignature,
} from "./contractdeeds";
import { createWorkspace, inside, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { either, say } from "./words";

// A contract with somebody of another company, who has no workspace yet and comes by a link. The stories follow each other.

const TITLE = "框架协议 2027";

let browser: Browser;
let li: Desk;
let gu: Desk;
let link: string;

beforeAll(async () => {
  browser = await launch();
  li = await Desk.open(browser, "li", { language: "zh" });
  gu = await Desk.open(browser, "gu", { language: "zh" });
  await setUp(li, "李卓然");
  await createWorkspace(li, "青禾建筑");
  await setUp(gu, "顾明");
});
afterAll(async () => {
  await li?.close();
  await gu?.close();
  await browser?.close();
});

const watch = () => onTestFailed(() => console.error(`li:\n${li.tail()}\ngu:\n${gu.tail()}`));

async function certified(desk: Desk, name: string): Promise<void> {
  await foundAuthority(desk);
  await makeKey(desk);
  await askCertificate(desk, name);
  await issue(desk, new RegExp(name));
  await keyIs(desk, "valid");
}

describe("a contract with another company", () => {
  it("is sent, and gives a link for who is to sign it there", async () => {
    watch();
    const { page } = li;
    await certified(li, "李卓然");
    await prepareDropped(li, `${TITLE}.pdf`);
    await button(page, "contracts.parties.addMe").click();
    await button(page, "contracts.parties.add").click();
    await dialog(page).getByText(either("contracts.parties.outside"), { exact: true }).click();
    await dialog(page).getByRole("textbox", { name: either("contracts.parties.name") }).fill("顾先生");
    await dialog(page).getByRole("textbox", { name: either("contracts.parties.organization") }).fill("临江家具");
    await button(dialog(page), "action.add").click();
    await gone(dialog(page));
    await button(page, "contracts.parties.next").click();
    await pagesShown(page);
    const palette = page.getByRole("complementary", { name: either("contracts.fields.palette") });
    await button(palette, "contracts.field.signature").click();
    await palette.getByRole("radio", { name: "顾先生" }).click();
    await button(palette, "contracts.field.signature").click();
    await expect.poll(() => page.locator("[data-field]").count()).toBe(2);
    await expect.poll(() => page.getByRole("status").filter({ hasText: either("contracts.prepare.saved") }).count()).toBe(1);
    await button(page, "contracts.fields.next").click();
    await page.locator("main footer").getByRole("button", { name: either("contracts.send.do") }).click();
    await page.getByRole("heading", { level: 1, name: TITLE }).waitFor();
    await page.getByRole("button", { name: either("contracts.party.menu", { name: "顾先生" }) }).click();
    await page.getByRole("menuitem", { name: either("contracts.party.invite") }).click();
    const field = dialog(page).getByRole("textbox", { name: either("contracts.invite.link") });
    await field.waitFor();
    link = await field.inputValue();
    expect(link).toMatch(/^roundtable:\/\/contract\//);
    await expectAccessible(page, "link for a party");
    await page.keyboard.press("Escape");
    await gone(dialog(page));
  });

  it("opens for somebody who has no workspace yet", async () => {
    watch();
    const { page } = gu;
    await page.getByRole("button", { name: either("door.invite") }).click();
    await page.getByRole("textbox", { name: either("door.inviteLabel") }).fill(link);
    await page.getByText(say("zh", "door.contractPreview", { inviter: "李卓然" })).waitFor();
    await page.getByRole("heading", { name: TITLE }).waitFor();
    await expectAccessible(page, "a link into a contract");
    await page.getByRole("button", { name: either("door.openContract") }).click();
    await page.getByText(say("zh", "door.createForContract")).waitFor();
    await page.getByRole("textbox", { name: either("door.companyLabel") }).fill("临江家具");
    await page.getByRole("button", { name: either("action.create") }).click();
    await inside(page);
    await openContract(gu, TITLE);
    await pagesShown(page);
    await li.page.getByText("顾明").first().waitFor();
  });

  it("is signed by both, each with a certificate of its own company", async () => {
    watch();
    await certified(gu, "顾明");
    for (const [desk, name] of [[li, "李卓然"], [gu, "顾明"]] as const) {
      await beginSigning(desk, TITLE);
      await button(desk.page, "contracts.fill.next").click();
      await desk.page.locator("[data-fill]").first().click();
      await typeSignature(desk.page, name);
      await agreeAndSign(desk);
      await desk.page.locator("section[role=status] h2").waitFor();
    }
    for (const desk of [li, gu]) {
      await openContract(desk, TITLE);
      await desk.page.getByText(/各方已于/).first().waitFor();
    }
  });
});
