import { afterAll, beforeAll, expect, it } from "vitest";
import { expectAccessible } from "./axe";
import { addParties, placed, saved, sendDraft, setRole } from "./actdeeds";
import { askCertificate, button, dialog, foundAuthority, gone, issue, keyIs, makeKey, openContract, pagesShown, prepareDropped } from "./contractdeeds";
import { Office } from "./folderoffice";
import { either, say } from "./words";

// What ends and what is only looked at, between two running programs: the authority issues a certificate for a month, the shortest there is.

let office: Office;
beforeAll(async () => {
  office = await Office.open();
});
afterAll(() => office?.close());

it("renews a certificate that ends soon", async () => {
  office.tellOnFailure();
  const { li, wang } = office;
  await foundAuthority(li);
  await makeKey(wang);
  await askCertificate(wang, "王敏");
  // The screen offers half a year and more.
  await li.page.route("**/IssueCertificate", (route) => {
    const body = Buffer.from(route.request().postDataBuffer()!);
    const text = body.toString("utf8");
    if (text.startsWith("{")) return route.continue({ postData: JSON.stringify({ ...JSON.parse(text), months: 1 }) });
    const at = body.lastIndexOf(Buffer.from([0x20, 24]));
    body[at + 1] = 1;
    return route.continue({ postData: body });
  });
  await issue(li, /王敏/);
  await keyIs(wang, "expiring");
  await expectAccessible(wang.page, "a certificate that ends soon");
  await li.page.unroute("**/IssueCertificate");
  await button(wang.page, "contracts.keys.askAgain").click();
  await button(dialog(wang.page), "contracts.keys.askDo").click();
  await gone(dialog(wang.page));
  await issue(li, /王敏/);
  await keyIs(wang, "valid");
  await gone(wang.page.getByText(either("contracts.keys.state.expiring")));
});

it("shows a contract to who only views it, from the beginning, and asks nothing of them", async () => {
  office.tellOnFailure();
  const { li, wang } = office;
  await prepareDropped(li, "框架协议.pdf");
  await addParties(li, ["王敏"], true);
  await setRole(li, "王敏", "viewer");
  await saved(li);
  await button(li.page, "contracts.parties.next").click();
  await placed(li, [["李卓然", "signature"]]);
  await button(li.page, "contracts.fields.next").click();
  await sendDraft(li);
  await openContract(wang, "框架协议");
  await pagesShown(wang.page);
  expect(await button(wang.page, "contracts.sign.begin").count()).toBe(0);
  // Nobody waits for who views it.
  await wang.page.getByRole("main").getByText(say("en", "contracts.row.waiting_one", { names: "李卓然" }), { exact: true }).first().waitFor();
  await expectAccessible(wang.page, "who only views");
});
