import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./axe";
import { openConversation } from "./deeds";
import type { Desk } from "./desk";
import { button, confirm, dialog, gone, goTo, inList, menu, offer, openFolders, panel, pick, row, says, sentence, view, type Place } from "./folderdeeds";
import { Office } from "./folderoffice";
import { either, say } from "./words";

// A folder that three people share, from the first minute to the last. The stories follow each other.

const FOLDER = "采购资料";

let office: Office;
let li: Desk;
let wang: Desk;
let chen: Desk;
let lis: Place;
let wangs: Place;
let chens: Place;

beforeAll(async () => {
  office = await Office.open();
  ({ li, wang, chen } = office);
  lis = office.shares(FOLDER);
  wangs = office.keeps(wang, FOLDER);
  chens = office.keeps(chen, FOLDER);
});
afterAll(() => office?.close());

describe("a shared folder", () => {
  it("is chosen among the folders of this computer and shared with a colleague", async () => {
    office.tellOnFailure();
    lis.write("采购清单.csv", "品名,数量\n灯具,48\n窗帘,26\n");
    lis.write("说明.md", "# 采购\n第一版\n");
    lis.write("合同/2026/合同 1.txt", "甲方：青禾建筑\n");
    lis.write("照片/门厅.png", await li.page.screenshot({ clip: { x: 0, y: 0, width: 200, height: 150 } }));
    lis.write("照片/走廊.png", await li.page.screenshot({ clip: { x: 0, y: 0, width: 300, height: 150 } }));
    const { page } = li;
    await openFolders(li);
    await page.getByRole("heading", { name: say("zh", "folders.emptyTitle") }).waitFor();
    await expectAccessible(page, "no folders");
    await page.getByRole("main").getByRole("button", { name: either("folders.share") }).first().click();
    // The home itself is nothing to share, and says so.
    await page.getByRole("option", { name: "home", exact: true }).click();
    await dialog(li).getByText(say("zh", "errors.folder_unsuitable")).first().waitFor();
    await expect.poll(() => button(li, "action.continue").isDisabled()).toBe(true);
    await goTo(li, "home", FOLDER);
    await expectAccessible(page, "chooser");
    await button(li, "action.continue").click();
    await pick(li, { 王敏: "write" });
    await expectAccessible(page, "share with whom");
    await confirm(li, "folders.sharing.share");
    await page.getByRole("heading", { level: 1, name: FOLDER }).waitFor();
    await row(li, /采购清单\.csv/).waitFor();
    // Nobody else has it yet, and it does not pretend so.
    await says(li, "unsent_other", { n: 5 });
    await expectAccessible(page, "files");
  });

  it("is offered at the other desk and kept there whole", async () => {
    office.tellOnFailure();
    const { page } = wang;
    await openFolders(wang);
    await inList(wang, FOLDER).getByText(say("en", "folders.new")).waitFor();
    await openFolders(wang, FOLDER);
    await offer(wang).getByRole("heading", { name: say("en", "folders.offer.title", { person: "李卓然", name: FOLDER }) }).waitFor();
    await offer(wang).getByText("5 files").waitFor();
    await expectAccessible(page, "offer");
    await offer(wang).getByRole("button", { name: either("folders.offer.whole") }).click();
    const place = page.getByRole("textbox", { name: either("folders.keep.place") });
    await expect.poll(() => place.inputValue()).toBe(wangs.root);
    await expectAccessible(page, "keep");
    await confirm(wang, "folders.keep.keep");
    for (const path of ["采购清单.csv", "说明.md", "合同/2026/合同 1.txt", "照片/门厅.png", "照片/走廊.png"]) await wangs.matches(path, lis);
    await says(wang, "upToDate");
    await expect.poll(() => sentence(wang).textContent()).toContain("5 files");
    await gone(offer(wang));
    await says(li, "upToDate");
    await li.page.getByText(say("zh", "folders.holders_other", { count: 1 })).waitFor();
  });

  it("carries a change of one disk to the other, and says whose it is", async () => {
    office.tellOnFailure();
    const { page } = li;
    wangs.write("说明.md", "# 采购\n第二版，王敏补充\n");
    await lis.has("说明.md", "# 采购\n第二版，王敏补充\n");
    await openFolders(li, FOLDER);
    await row(li, /说明\.md/).getByText("王敏").waitFor();
    await row(li, /说明\.md/).click();
    await panel(li).getByText("第二版，王敏补充").waitFor();
    await panel(li).getByText(say("zh", "folders.entry.here")).waitFor();
    await expectAccessible(page, "a file");
    lis.write("照片/样品/石材.txt", "花岗岩\n");
    await wangs.has("照片/样品/石材.txt", "花岗岩\n");
    await says(wang, "upToDate");
    await says(li, "upToDate");
  });

  it("follows new names and places without sending anything again", async () => {
    office.tellOnFailure();
    wangs.move("说明.md", "使用说明.md");
    await lis.matches("使用说明.md", wangs);
    await lis.lacks("说明.md");
    wangs.move("合同/2026/合同 1.txt", "合同/合同 1.txt");
    await lis.matches("合同/合同 1.txt", wangs);
    wangs.move("照片", "现场照片");
    await lis.matches("现场照片/样品/石材.txt", wangs);
    await lis.matches("现场照片/门厅.png", wangs);
    await lis.lacks("照片");
    await openFolders(li, FOLDER);
    await view(li, "changes");
    const told = (key: string, values: Record<string, string>) => li.page.getByRole("main").getByText(either(`folders.did.${key}`, values)).first().waitFor();
    await told("renamed", { from: "说明.md", name: "使用说明.md" });
    await told("moved", { name: "合同 1.txt", place: "合同" });
    await told("renamed", { from: "照片", name: "现场照片" });
    await expectAccessible(li.page, "changes");
  });

  it("brings back a deleted file from the bin of another desk", async () => {
    office.tellOnFailure();
    const was = lis.read("采购清单.csv")!;
    lis.remove("采购清单.csv");
    await wangs.lacks("采购清单.csv");
    await openFolders(wang, FOLDER);
    await gone(row(wang, /采购清单/));
    await view(wang, "bin");
    const deleted = wang.page.getByRole("article", { name: "采购清单.csv" });
    await deleted.getByText(/李卓然/).waitFor();
    // What was moved was not deleted.
    await expect.poll(() => wang.page.getByRole("article").count()).toBe(1);
    await expectAccessible(wang.page, "bin");
    await deleted.getByRole("button", { name: either("folders.bin.look") }).click();
    await dialog(wang).getByText("灯具,48").waitFor();
    await wang.page.keyboard.press("Escape");
    await gone(dialog(wang));
    await deleted.getByRole("button", { name: either("folders.bin.restore") }).click();
    await wangs.has("采购清单.csv", was);
    await lis.has("采购清单.csv", was);
    await gone(deleted);
  });

  it("brings back an earlier version", async () => {
    office.tellOnFailure();
    await openFolders(li, FOLDER);
    await view(li, "files");
    await row(li, /使用说明/).click();
    await button(li, "folders.deed.versions").click();
    await dialog(li).getByRole("radio").nth(1).waitFor();
    await expectAccessible(li.page, "versions");
    await li.page.keyboard.press("Escape");
    await gone(dialog(li));
    lis.write("使用说明.md", "# 采购\n第三版\n");
    await wangs.has("使用说明.md", "# 采购\n第三版\n");
    await button(li, "folders.deed.versions").click();
    // Her own program wrote over it: it is in the other one's bin.
    await dialog(li).getByText(say("zh", "folders.versions.elsewhereNote")).waitFor();
    await openFolders(wang, FOLDER);
    await view(wang, "files");
    await row(wang, /使用说明/).click();
    await button(wang, "folders.deed.versions").click();
    await dialog(wang).getByText("第二版，王敏补充").waitFor();
    await confirm(wang, "action.close");
    await confirm(li, "folders.versions.restore");
    await wangs.has("使用说明.md", "# 采购\n第二版，王敏补充\n");
    await lis.has("使用说明.md", "# 采购\n第二版，王敏补充\n");
  });

  it("is put back as a whole to how it was at a time", async () => {
    office.tellOnFailure();
    await says(li, "upToDate");
    await says(wang, "upToDate");
    const then = new Date();
    const list = lis.read("采购清单.csv")!;
    lis.write("采购清单.csv", "品名,数量\n灯具,0\n");
    lis.write("误放.txt", "不该在这里\n");
    lis.remove("合同/合同 1.txt");
    await wangs.has("误放.txt", "不该在这里\n");
    await wangs.has("采购清单.csv", "品名,数量\n灯具,0\n");
    await wangs.lacks("合同/合同 1.txt");
    await openFolders(wang, FOLDER);
    await menu(wang, "asOf");
    const local = new Date(then.getTime() - then.getTimezoneOffset() * 60_000).toISOString().slice(0, 23);
    await dialog(wang).getByLabel(either("folders.asOf.label"), { exact: true }).fill(local);
    for (const key of ["restored_one", "changed_one", "removed_one"]) await dialog(wang).getByText(say("en", `folders.asOf.${key}`, { n: 1 })).waitFor();
    await expectAccessible(wang.page, "as of a time");
    await dialog(wang).getByRole("button", { name: either("folders.asOf.restore") }).click();
    await dialog(wang).getByText(say("en", "folders.asOf.done")).waitFor();
    await dialog(wang).getByRole("button", { name: either("action.close") }).last().click();
    for (const place of [wangs, lis]) {
      await place.has("采购清单.csv", list);
      await place.has("合同/合同 1.txt", "甲方：青禾建筑\n");
      await place.lacks("误放.txt");
    }
  });

  it("lets somebody read: listed only, then what is fetched, then a part of it", async () => {
    office.tellOnFailure();
    await openFolders(li, FOLDER);
    await button(li, "folders.members.manage").click();
    await button(li, "folders.members.add").click();
    await pick(li, { 陈思远: "read" });
    await dialog(li).getByRole("button", { name: either("action.add"), exact: true }).click();
    await dialog(li).getByRole("listitem").filter({ hasText: "陈思远" }).getByText(say("zh", "folders.members.notAll")).waitFor();
    await expectAccessible(li.page, "members");
    await confirm(li, "action.close");
    const { page } = chen;
    await openFolders(chen, FOLDER);
    await offer(chen).getByText(say("zh", "folders.offer.read")).waitFor();
    await offer(chen).getByRole("button", { name: say("zh", "folders.offer.listedNote") }).click();
    await gone(offer(chen));
    await says(chen, "listed");
    await row(chen, /使用说明/).getByText(say("zh", "folders.entry.listed")).waitFor();
    await row(chen, /使用说明/).click();
    await panel(chen).getByRole("button", { name: say("zh", "folders.deed.fetch") }).click();
    await expect.poll(() => page.getByRole("textbox", { name: either("folders.keep.place") }).inputValue()).toBe(chens.root);
    await confirm(chen, "folders.keep.keep");
    await chens.matches("使用说明.md", lis);
    await says(chen, "chosen");
    expect(chens.list()).toEqual(["使用说明.md"]);
    await row(chen, /采购清单/).getByText(say("zh", "folders.entry.listed")).waitFor();
    // Now it has a place, and one click is enough.
    await row(chen, /采购清单/).getByRole("button", { name: either("folders.fetchName") }).click();
    await chens.matches("采购清单.csv", lis);
    await menu(chen, "change");
    await dialog(chen).getByRole("checkbox", { name: /现场照片/ }).click();
    await expectAccessible(page, "keep parts");
    await confirm(chen, "folders.keep.keep");
    await chens.matches("现场照片/样品/石材.txt", lis);
    await says(chen, "chosen");
    expect(chens.list()).toEqual(["现场照片", "采购清单.csv", "使用说明.md"].sort());
    await row(chen, /合同/).getByText(say("zh", "folders.entry.listed")).waitFor();
    await expectAccessible(page, "parts");
  });

  it("takes no change from somebody who reads, and says so", async () => {
    office.tellOnFailure();
    chens.write("采购清单.csv", "改了也没用\n");
    await row(chen, /采购清单/).getByText(say("zh", "folders.entry.changedHere")).waitFor();
    await row(chen, /使用说明/).click();
    await button(chen, "folders.deed.versions").click();
    await dialog(chen).getByRole("radio").nth(1).check({ force: true });
    expect(await dialog(chen).getByRole("button", { name: either("folders.versions.restore") }).count()).toBe(0);
    await confirm(chen, "action.close");
    // Later changes of others arrive, his does not.
    lis.write("使用说明.md", "# 采购\n第四版\n");
    await chens.has("使用说明.md", "# 采购\n第四版\n");
    expect(lis.read("采购清单.csv")).toContain("灯具,48");
    expect(wangs.read("采购清单.csv")).toContain("灯具,48");
    expect(chens.read("采购清单.csv")).toBe("改了也没用\n");
    await openFolders(li, FOLDER);
    await view(li, "changes");
    await li.page.getByRole("main").getByText(either("folders.did.changed", { name: "使用说明.md" })).first().waitFor();
    expect(await li.page.getByRole("main").getByText("陈思远").count()).toBe(0);
  });

  it("takes a part off the disk of somebody, and off nobody else's", async () => {
    office.tellOnFailure();
    await row(chen, /现场照片/).click({ button: "right" });
    await chen.page.getByRole("menuitem", { name: either("folders.deed.drop") }).click();
    await expectAccessible(chen.page, "stop keeping a part");
    await confirm(chen, "folders.deed.drop");
    await chens.lacks("现场照片/门厅.png");
    await row(chen, /现场照片/).getByText(say("zh", "folders.entry.listed")).waitFor();
    expect(lis.read("现场照片/样品/石材.txt")).toBe("花岗岩\n");
    expect(wangs.read("现场照片/样品/石材.txt")).toBe("花岗岩\n");
  });

  it("keeps out what the rules name, and shows before what that is", async () => {
    office.tellOnFailure();
    const { page } = wang;
    wangs.write("草稿/一.tmp", "x");
    await lis.has("草稿/一.tmp", "x");
    await openFolders(wang, FOLDER);
    await menu(wang, "ignore");
    const rules = page.getByRole("textbox", { name: either("folders.ignore.label") });
    await rules.fill("*.tmp\n[abc\n");
    await page.getByText(say("en", "folders.ignore.bad_one", { lines: 2 })).waitFor();
    await expect.poll(() => button(wang, "action.save").isDisabled()).toBe(true);
    await rules.fill("*.tmp\n");
    await page.getByRole("list", { name: either("folders.ignore.hidden") }).getByText("草稿/一.tmp").waitFor();
    await page.getByText(say("en", "folders.ignore.hides_one", { n: 1 })).waitFor();
    await expectAccessible(page, "what stays out");
    await confirm(wang, "action.save");
    await lis.has(".roundtableignore", "*.tmp\n");
    lis.write("草稿/二.tmp", "not for others");
    lis.write("草稿/三.txt", "for others");
    await wangs.has("草稿/三.txt", "for others");
    await says(li, "upToDate");
    expect(wangs.read("草稿/二.tmp")).toBeNull();
    expect(lis.read("草稿/一.tmp")).toBe("x");
  });

  it("is linked into a chat, where a click leads to the file", async () => {
    office.tellOnFailure();
    await openFolders(wang, FOLDER);
    await row(wang, /合同/).dblclick();
    await row(wang, /合同 1\.txt/).click();
    await button(wang, "folders.deed.sendShort").click();
    await dialog(wang).getByRole("radio", { name: /李卓然/ }).check({ force: true });
    await expectAccessible(wang.page, "link into a chat");
    await confirm(wang, "action.send");
    await openConversation(li, "王敏");
    const card = li.page.getByRole("log").getByRole("link", { name: /合同 1\.txt/ });
    await card.waitFor();
    await expect.poll(() => card.textContent()).toContain(`${FOLDER} / 合同`);
    await card.click();
    await li.page.getByRole("heading", { level: 1, name: FOLDER }).waitFor();
    await panel(li).getByText("甲方：青禾建筑").waitFor();
  });

  it("has another name for everybody, and the folders on disk keep theirs", async () => {
    office.tellOnFailure();
    await menu(li, "rename");
    await li.page.getByRole("textbox", { name: either("folders.nameLabel") }).fill("采购资料 2026");
    await confirm(li, "action.save");
    await openFolders(wang, "采购资料 2026");
    lis.write("改名以后.txt", "还在\n");
    await wangs.has("改名以后.txt", "还在\n");
  });

  it("is kept no longer at one desk, and taken up again without sending it", async () => {
    office.tellOnFailure();
    await openFolders(wang, FOLDER);
    await menu(wang, "unkeep");
    await dialog(wang).getByText(wangs.root).waitFor();
    await expectAccessible(wang.page, "stop keeping");
    await confirm(wang, "folders.menu.unkeep");
    await says(wang, "listed");
    expect(wangs.read("改名以后.txt")).toBe("还在\n");
    lis.write("这时写的.txt", "后来的\n");
    await row(wang, /这时写的/).getByText(say("en", "folders.entry.listed")).waitFor();
    expect(wangs.read("这时写的.txt")).toBeNull();
    await menu(wang, "keep");
    await wang.page.getByRole("radio", { name: either("folders.offer.whole") }).click();
    await wang.page.getByRole("textbox", { name: either("folders.keep.place") }).fill(wangs.root);
    await confirm(wang, "folders.keep.keep");
    await wangs.has("这时写的.txt", "后来的\n");
    await says(wang, "upToDate");
    expect(await wang.page.getByRole("link", { name: either("folders.view.conflicts") }).count()).toBe(0);
  });

  it("ends for one who leaves and for everybody when the sharing stops; the files stay", async () => {
    office.tellOnFailure();
    await openFolders(wang, FOLDER);
    await menu(wang, "leave");
    await dialog(wang).getByText(wangs.root).waitFor();
    await confirm(wang, "folders.menu.leave");
    await gone(inList(wang, FOLDER));
    await openFolders(li, FOLDER);
    await expect.poll(() => button(li, "folders.memberCount_other").textContent()).toMatch(/2/);
    await menu(li, "stop");
    await expectAccessible(li.page, "stop sharing");
    await confirm(li, "folders.menu.stop");
    await gone(inList(li, FOLDER));
    await openFolders(chen, FOLDER);
    await says(chen, "ended");
    for (const place of [lis, wangs, chens]) expect(place.read("使用说明.md")).toBe("# 采购\n第四版\n");
    rmSync(lis.at("使用说明.md"));
    expect(wangs.read("使用说明.md")).toBe("# 采购\n第四版\n");
    office.expectNoComplaints();
  });
});
