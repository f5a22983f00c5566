import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./axe";
import { inside } from "./deeds";
import type { Desk } from "./desk";
import { button, choose, confirm, dialog, gone, keepWhole, openFolders, row, says, sentence, share, view, type Place } from "./folderdeeds";
import { Office } from "./folderoffice";
import { either, say } from "./words";

// What goes wrong with a folder that three people share, and what they are told. The stories follow each other.

const FOLDER = "现场资料";

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

async function restart(desk: Desk): Promise<void> {
  await desk.start();
  await inside(desk.page);
  await openFolders(desk, FOLDER);
}

it("is kept by three people", async () => {
  office.tellOnFailure();
  lis.write("报价.txt", "门窗 12,000\n灯具 3,400\n合计 15,400\n");
  lis.write("进度.txt", "第一周\n");
  lis.write("图纸/平面.txt", "平面 A\n");
  await share(li, FOLDER, { 王敏: "write", 陈思远: "write" });
  for (const desk of [wang, chen]) await keepWhole(desk, FOLDER);
  for (const desk of office.desks) await says(desk, "upToDate");
});

describe("two who change the same file", () => {
  it("keeps both versions when one of them was away, and shows them side by side", async () => {
    office.tellOnFailure();
    await wang.stop();
    wangs.write("报价.txt", "门窗 12,000\n灯具 3,600\n合计 15,600\n");
    lis.write("报价.txt", "门窗 11,500\n灯具 3,400\n合计 14,900\n");
    await chens.has("报价.txt", "门窗 11,500\n灯具 3,400\n合计 14,900\n");
    await restart(wang);
    await view(li, "conflicts");
    const { page } = li;
    await page.getByRole("option", { name: "报价.txt" }).waitFor();
    await page.getByText(/李卓然.*王敏|王敏.*李卓然/).first().waitFor();
    const diff = page.getByRole("table", { name: either("folders.conflict.diff") });
    await diff.getByText("灯具 3,600").waitFor();
    await diff.getByText("灯具 3,400").waitFor();
    await expectAccessible(page, "conflict");
    // One conflict, for everybody the same.
    for (const desk of [wang, chen]) {
      await openFolders(desk, FOLDER);
      await view(desk, "conflicts");
      await desk.page.getByRole("option", { name: "报价.txt" }).waitFor();
      await expect.poll(() => desk.page.getByRole("option").count()).toBe(1);
    }
    const copies = () => lis.list().filter((name) => name.startsWith("报价 ("));
    expect(copies()).toHaveLength(1);
    expect(copies()[0]).toMatch(/王敏|李卓然/);
    for (const place of [wangs, chens]) await place.has(copies()[0]!, lis.read(copies()[0]!)!);
  });

  it("decides for one of them, at all desks", async () => {
    office.tellOnFailure();
    const { page } = wang;
    await page.getByRole("radio", { name: /^王敏's version/ }).click();
    await button(wang, "folders.conflict.resolve").click();
    await page.getByRole("heading", { name: say("en", "folders.noConflicts") }).waitFor();
    for (const place of [lis, wangs, chens]) {
      await place.has("报价.txt", "门窗 12,000\n灯具 3,600\n合计 15,600\n");
      await expect.poll(() => place.list().filter((name) => name.startsWith("报价 ("))).toEqual([]);
    }
    await openFolders(li, FOLDER);
    await gone(li.page.getByRole("link", { name: either("folders.view.conflicts") }));
  });

  it("rests while it is paused, and keeps both when it goes on", async () => {
    office.tellOnFailure();
    await button(wang, "folders.pause").click();
    await says(wang, "paused");
    await expectAccessible(wang.page, "paused");
    lis.write("进度.txt", "第二周，李卓然\n");
    await chens.has("进度.txt", "第二周，李卓然\n");
    expect(wangs.read("进度.txt")).toBe("第一周\n");
    wangs.write("进度.txt", "第二周，王敏\n");
    await button(wang, "folders.resume").click();
    await view(wang, "conflicts");
    await wang.page.getByRole("option", { name: "进度.txt" }).waitFor();
    await wang.page.getByRole("radio", { name: either("folders.conflict.both") }).click();
    await button(wang, "folders.conflict.resolve").click();
    await wang.page.getByRole("heading", { name: say("en", "folders.noConflicts") }).waitFor();
    const weeks = (place: Place) => place.list().filter((name) => name.startsWith("进度")).map((name) => place.read(name)).sort();
    for (const place of [lis, wangs, chens]) await expect.poll(() => weeks(place)).toEqual(["第二周，李卓然\n", "第二周，王敏\n"].sort());
    await says(wang, "upToDate");
  });
});

describe("a large file", () => {
  it("stops when it is told to, and goes on after a pulled plug with what had come", async () => {
    office.tellOnFailure();
    await speed(wang, "1");
    const film = randomBytes(120_000_000);
    lis.write("录像.mp4", film);
    await openFolders(wang, FOLDER);
    await view(wang, "files");
    const { page } = wang;
    const percent = async () => Number(/(\d+)%/.exec((await row(wang, /录像/).textContent()) ?? "")?.[1] ?? 0);
    await expect.poll(percent, { interval: 100 }).toBeGreaterThan(10);
    await expect.poll(() => sentence(wang).textContent()).toMatch(/1 of \d+ files is missing.*directly from (?:李卓然|陈思远)/);
    // Who pauses is obeyed at once, also in the middle of a file.
    await button(wang, "folders.pause").click();
    await says(wang, "pausedWith");
    await row(wang, /录像/).getByText(say("en", "folders.entry.waiting")).waitFor();
    await gone(page.getByText(say("en", "folders.transfers.moving_one", { count: 1 })));
    await expectAccessible(page, "a file that waits");
    // The rest would take six minutes: what follows is seen before the file is there, on any machine.
    await speed(wang, "0.3");
    await openFolders(wang, FOLDER);
    await button(wang, "folders.resume").click();
    await expect.poll(percent, { interval: 100 }).toBeGreaterThan(10);
    await wang.stop("SIGKILL");
    expect(existsSync(wangs.at("录像.mp4"))).toBe(false);
    await restart(wang);
    // What came before the plug was pulled counts and is not fetched again.
    const came = wang.page.getByRole("main").getByTitle(either("folders.transfers.came"));
    let here = 0;
    let since = 0;
    await expect.poll(async () => {
      here = (await percent()) * 1.2;
      if (await came.isVisible()) since = Number(/([\d.]+) MB came/.exec((await came.getAttribute("title")) ?? "")?.[1] ?? 0);
      return here > 0 && since > 0;
    }, { interval: 100 }).toBe(true);
    expect(since).toBeLessThan(here - 5);
    await expect.poll(() => sentence(wang).textContent()).toMatch(/1 of \d+ files is missing/);
    await speed(wang, "");
    await openFolders(wang, FOLDER);
    await expect.poll(() => existsSync(wangs.at("录像.mp4"))).toBe(true);
    expect(sum(readFileSync(wangs.at("录像.mp4")))).toBe(sum(film));
    await says(wang, "upToDate");
  });
});

describe("a folder that is not where it was", () => {
  it("stops when its mark is gone, deletes nothing anywhere, and goes on when the mark is back", async () => {
    office.tellOnFailure();
    await openFolders(chen, FOLDER);
    renameSync(chens.at(".roundtable"), join(chen.home, "put aside"));
    await says(chen, "stoppedBrief");
    await chen.page.getByRole("alert").getByText(say("zh", "errors.folder_gone")).waitFor();
    await gone(row(chen, /报价/).getByText(say("zh", "folders.entry.here")));
    rmSync(chens.at("图纸/平面.txt"));
    await expectAccessible(chen.page, "stopped");
    lis.write("图纸/立面.txt", "立面 A\n");
    await wangs.has("图纸/立面.txt", "立面 A\n");
    expect(chens.read("图纸/立面.txt")).toBeNull();
    expect(lis.read("图纸/平面.txt")).toBe("平面 A\n");
    expect(wangs.read("图纸/平面.txt")).toBe("平面 A\n");
    chens.write("图纸/平面.txt", "平面 A\n");
    renameSync(join(chen.home, "put aside"), chens.at(".roundtable"));
    await chens.has("图纸/立面.txt", "立面 A\n");
    await says(chen, "upToDate");
  });

  it("is found again in another place without sending it", async () => {
    office.tellOnFailure();
    const elsewhere = join(chen.home, "搬走的资料");
    renameSync(chens.root, elsewhere);
    await expect.poll(() => sentence(chen).textContent()).toMatch(either("folders.state.stoppedBrief"));
    expect(lis.read("进度.txt")).not.toBeNull();
    await chen.page.getByRole("main").getByRole("button", { name: say("zh", "folders.placeAgain") }).click();
    await chen.page.getByRole("textbox", { name: either("folders.keep.place") }).fill(elsewhere);
    await confirm(chen, "folders.keep.keep");
    await says(chen, "upToDate");
    chens = office.at(chen, "搬走的资料");
    lis.write("搬家以后.txt", "收到\n");
    await chens.has("搬家以后.txt", "收到\n");
    for (const place of [lis, wangs]) expect(place.read("图纸/平面.txt")).toBe("平面 A\n");
    expect(await chen.page.getByRole("link", { name: either("folders.view.conflicts") }).count()).toBe(0);
  });
});

describe("what cannot be shared as it is", () => {
  it("stands in a list with its reason until it is gone", async () => {
    office.tellOnFailure();
    const { page } = li;
    lis.write("坏\u0007名字.txt", "x");
    await openFolders(li, FOLDER);
    await view(li, "problems");
    await page.getByRole("article", { name: "坏?名字.txt" }).getByText(say("zh", "errors.entry_name")).waitFor();
    await expectAccessible(page, "problems");
    lis.remove("坏\u0007名字.txt");
    await page.getByRole("heading", { name: say("zh", "folders.noProblems") }).waitFor();
    // A link that leads out of the folder is made nowhere else.
    symlinkSync("/etc", lis.at("系统"));
    await openFolders(wang, FOLDER);
    await view(wang, "problems");
    await wang.page.getByRole("article", { name: "系统" }).getByText(say("en", "errors.entry_link")).waitFor();
    expect(existsSync(wangs.at("系统"))).toBe(false);
    lis.remove("系统");
    await wang.page.getByRole("heading", { name: say("en", "folders.noProblems") }).waitFor();
    await view(wang, "files");
    await view(li, "files");
  });
});

describe("people", () => {
  it("may less from one moment to the next", async () => {
    office.tellOnFailure();
    await button(li, "folders.memberCount_other").click();
    await choose(li.page, either("folders.members.role", { name: "王敏" }), "read");
    await expect.poll(() => dialog(li).getByRole("combobox", { name: either("folders.members.role", { name: "王敏" }) }).textContent()).toMatch(either("folders.role.read"));
    await confirm(li, "action.close");
    await wang.page.getByRole("main").getByRole("button", { name: either("folders.menu.title", { name: FOLDER }) }).click();
    const entry = (key: string) => wang.page.getByRole("menuitem", { name: either(`folders.menu.${key}`) });
    await entry("leave").waitFor();
    await gone(entry("asOf"));
    await wang.page.keyboard.press("Escape");
    await gone(entry("leave"));
    wangs.write("进度.txt", "不算数\n");
    await row(wang, /^.*进度\.txt/).getByText(say("en", "folders.entry.changedHere")).waitFor();
  });

  it("are removed, keep what they have, and get nothing new", async () => {
    office.tellOnFailure();
    await button(li, "folders.memberCount_other").click();
    await button(li, "folders.members.remove", { name: "陈思远" }).click();
    await dialog(li).getByRole("button", { name: say("zh", "action.remove"), exact: true }).click();
    await gone(dialog(li).getByRole("listitem").filter({ hasText: "陈思远" }));
    await confirm(li, "action.close");
    await says(chen, "ended");
    await expectAccessible(chen.page, "no longer shared");
    lis.write("以后.txt", "给留下的人\n");
    await wangs.has("以后.txt", "给留下的人\n");
    expect(chens.read("以后.txt")).toBeNull();
    expect(chens.read("图纸/立面.txt")).toBe("立面 A\n");
  });

  it("left no complaint of the page behind", () => office.expectNoComplaints());
});

/** The bound for the office network, in megabytes a second; "" for none. */
async function speed(desk: Desk, megabytes: string): Promise<void> {
  const { page } = desk;
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.settings") }).click();
  await page.getByRole("link", { name: either("settings.folders"), exact: true }).click();
  const form = page.locator("form").filter({ has: page.getByRole("textbox", { name: either("pace.lan") }) });
  await form.getByRole("textbox").fill(megabytes);
  await form.getByRole("button", { name: either("action.save") }).click();
  await form.getByText(either(megabytes === "" ? "pace.unboundedHint" : "pace.limitHint")).waitFor();
}

function sum(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
