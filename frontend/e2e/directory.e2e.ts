import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { choose, createWorkspace, joinByInvite, openDirectory, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { either, say } from "./words";

// An office whose directory is older than its members. Li founds it and writes it down; Wang comes by a code.

const COMPANY = `远山设计 ${Math.random().toString(36).slice(2, 8)}`;

let browser: Browser;
const desks: Desk[] = [];
let li: Desk;
let wang: Desk;

async function sitDown(name: string, language: "zh" | "en"): Promise<Desk> {
  const desk = await Desk.open(browser, name, { language });
  desks.push(desk);
  return desk;
}

function tellOnFailure(): void {
  onTestFailed(() => {
    for (const desk of desks) console.error(`--- ${desk.name}\n${desk.tail()}`);
  });
}

const button = (page: Page, key: string, values?: Record<string, string>) => page.getByRole("button", { name: either(key, values) });
const dialog = (page: Page) => page.getByRole("dialog");

async function manage(page: Page, entry: string): Promise<void> {
  await button(page, "directory.manage").click();
  await page.getByRole("menuitem", { name: either(entry) }).click();
  await dialog(page).waitFor();
}

async function save(page: Page): Promise<void> {
  await dialog(page).getByRole("button", { name: either("action.save") }).click();
  await dialog(page).waitFor({ state: "detached" });
}

async function addDepartment(page: Page, name: string): Promise<void> {
  await button(page, "directory.addDepartment").click();
  await dialog(page).getByRole("textbox", { name: either("directory.departmentName") }).fill(name);
  await save(page);
  await page.getByRole("button", { name: new RegExp(`^${name}`) }).waitFor();
}

const card = (page: Page) => page.getByRole("region", { name: either("directory.card") });

/** Chooses somebody in the list, and waits until it is their card: that of who was looked at before has the same buttons. */
async function openCard(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name: new RegExp(name) }).first().click();
  await card(page).getByRole("heading", { name, exact: true }).waitFor();
}

/** What stands on each sheet where pages are printed, once it is made sure that nothing is cut off and that as many pages come out. */
async function printed(page: Page): Promise<string[]> {
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: 718, height: 1047 }); // A4 within a centimetre
  await page.emulateMedia({ media: "print" });
  if (process.env["DIRECTORY_SHOTS"]) await page.screenshot({ path: `${process.env["DIRECTORY_SHOTS"]}/paper.png`, fullPage: true });
  const sheets = await page.locator("section").filter({ has: page.locator("article svg"), visible: true }).allInnerTexts();
  const all = await page.locator("body").innerText(); // without what is hidden
  expect(all.replaceAll(/\s/g, "")).toBe(sheets.join("").replaceAll(/\s/g, ""));
  const isCut = (article: Element) => article.scrollHeight > article.clientHeight || article.scrollWidth > article.clientWidth;
  for (const article of await page.locator("article").filter({ has: page.locator("svg") }).all()) expect(await article.evaluate(isCut)).toBe(false);
  await page.emulateMedia({ media: null });
  await page.setViewportSize(size);
  const paper = (await page.pdf({ format: "A4", margin: { top: "10mm", bottom: "10mm", left: "10mm", right: "10mm" } })).toString("latin1");
  expect(paper.match(/\/Type \/Page\b(?!s)/g)).toHaveLength(sheets.length);
  return sheets;
}

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  for (const desk of desks) await desk.close();
  await browser?.close();
});

describe("a directory", () => {
  it("has departments as a tree, and people who are not there yet", async () => {
    tellOnFailure();
    li = await sitDown("li", "zh");
    await setUp(li, "李卓然");
    await createWorkspace(li, COMPANY);
    await openDirectory(li);
    const { page } = li;
    await addDepartment(page, "销售部");
    await addDepartment(page, "研发部");
    await page.getByRole("button", { name: /^销售部 \d+$/ }).click();
    await page.getByText(either("directory.emptyHere")).waitFor();
    await manage(page, "directory.addRecord");
    await dialog(page).getByRole("textbox", { name: either("directory.name"), exact: true }).fill("王敏");
    await dialog(page).getByRole("textbox", { name: either("directory.number") }).fill("1002");
    await dialog(page).getByRole("textbox", { name: either("directory.title") }).fill("客户经理");
    await dialog(page).getByRole("textbox", { name: either("directory.phones") }).fill("138 0000 1002");
    await dialog(page).getByRole("textbox", { name: either("directory.email") }).fill("wang@example.org");
    await dialog(page).getByRole("textbox", { name: either("directory.place") }).fill("上海 · 三楼");
    await expectAccessible(page, "record");
    await save(page);
    await card(page).getByRole("heading", { name: "王敏" }).waitFor();
    await card(page).getByText("1002", { exact: true }).waitFor();
    await expectAccessible(page, "card of somebody who has not joined");
    await page.getByRole("link", { name: /王敏/ }).waitFor();
    await expect.poll(() => page.getByRole("button", { name: /^销售部 \d+$/ }).textContent()).toMatch(/1$/);
    await page.getByRole("textbox", { name: either("directory.filter") }).fill("wm");
    await page.getByRole("link", { name: /王敏/ }).waitFor();
    await page.getByRole("textbox", { name: either("directory.filter") }).fill("");
  });

  it("ties the record to who joins by its code", async () => {
    tellOnFailure();
    const { page } = li;
    await openCard(page, "王敏");
    await button(page, "directory.makeCode").click();
    await dialog(page).getByRole("button", { name: either("directory.makeCode") }).click();
    await dialog(page).getByText(either("directory.codesMade_other", { count: 1 })).waitFor();
    await expectAccessible(page, "codes");
    // Sheets are there while they are printed; nothing answers here when that is over.
    await page.evaluate("window.print = () => {}");
    await button(page, "directory.print").click();
    await expect.poll(() => page.locator("article svg").count()).toBe(1);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await button(page, "directory.copyAll").click();
    let code = "";
    await expect.poll(async () => (code = (await page.evaluate(() => navigator.clipboard.readText())).split("\t")[3] ?? "")).not.toBe("");
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    wang = await sitDown("wang", "en");
    await setUp(wang, "Minnie");
    await joinByInvite(wang, code, COMPANY);
    await openDirectory(wang);
    await wang.page.getByRole("link", { name: /王敏/ }).click();
    await card(wang.page).getByText(say("en", "directory.ownName", { name: "Minnie" })).waitFor();
    await expectAccessible(wang.page, "own card");
    await expect.poll(() => page.getByRole("link", { name: /王敏/ }).textContent()).not.toMatch(either("directory.notJoined"));
  });

  it("shows leave, favourites, and a chat one press away", async () => {
    tellOnFailure();
    await button(wang.page, "directory.setAway").click();
    await dialog(wang.page).getByRole("textbox", { name: either("directory.note") }).fill("Ask 李卓然");
    await expectAccessible(wang.page, "leave");
    await save(wang.page);
    const { page } = li;
    await card(page).getByText("Ask 李卓然").waitFor();
    await button(page, "directory.favourite").click();
    await page.getByRole("region", { name: either("directory.favourites") }).getByRole("button", { name: /王敏/ }).waitFor();
    await button(page, "directory.message").click();
    await page.getByRole("log").waitFor();
    await openDirectory(li);
  });

  it("lets a delegate fill its department, and nobody else", async () => {
    tellOnFailure();
    const { page } = li;
    await page.getByRole("button", { name: /^销售部 \d+$/ }).click();
    await manage(page, "directory.delegates");
    await dialog(page).getByRole("textbox", { name: either("directory.delegateAdd") }).fill("wangm");
    await dialog(page).getByRole("button", { name: /王敏/ }).first().click();
    await button(page, "directory.delegateEnd", { name: "王敏" }).waitFor();
    await expectAccessible(page, "delegates");
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    const theirs = wang.page;
    await theirs.getByRole("button", { name: /^研发部 \d+$/ }).click();
    await theirs.getByText(either("directory.emptyHere")).waitFor();
    expect(await button(theirs, "directory.manage").count()).toBe(0);
    await theirs.getByRole("button", { name: /^销售部 \d+$/ }).click();
    await manage(theirs, "directory.addRecord");
    await dialog(theirs).getByRole("textbox", { name: either("directory.name"), exact: true }).fill("赵一鸣");
    await save(theirs);
    await page.getByRole("link", { name: /赵一鸣/ }).waitFor();
    await manage(page, "directory.changes");
    await dialog(page).getByText("赵一鸣").first().waitFor();
    await expectAccessible(page, "a list of changes that is scrolled");
    await dialog(page).getByRole("textbox", { name: either("directory.changesFilter") }).fill("赵一鸣");
    await dialog(page).getByText("王敏", { exact: false }).first().waitFor();
    await expectAccessible(page, "changes");
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
  });

  it("shows a phone to leads alone, and to who begins to lead", async () => {
    tellOnFailure();
    const { page } = li;
    await openCard(page, "赵一鸣");
    await button(page, "directory.editRecord").click();
    await dialog(page).getByRole("textbox", { name: either("directory.phones") }).fill("137 0000 9999");
    await choose(page, either("directory.seenBy", { field: say("zh", "directory.fields.phones") }), either("directory.level.leads"));
    await dialog(page).getByText(either("directory.leadsText")).waitFor();
    await expectAccessible(page, "who sees what");
    await save(page);
    await card(page).getByRole("link", { name: "137 0000 9999" }).waitFor();
    await card(page).getByText(either("directory.onlyLeads")).waitFor();
    const theirs = wang.page;
    await theirs.getByRole("link", { name: /赵一鸣/ }).click();
    await card(theirs).getByText(say("en", "directory.closed"), { exact: true }).waitFor();
    await expectAccessible(theirs, "a card that hides something");
    // Nobody is found by what one does not see of them.
    await page.getByRole("textbox", { name: either("directory.filter") }).fill("9999");
    await page.getByRole("link", { name: /赵一鸣/ }).waitFor();
    await page.getByRole("textbox", { name: either("directory.filter") }).fill("");
    await theirs.getByRole("textbox", { name: either("directory.filter") }).fill("9999");
    await theirs.getByText(say("en", "directory.noMatch", { query: "9999" })).waitFor();
    await openCard(page, "王敏");
    await button(page, "directory.editRecord").click();
    await dialog(page).getByRole("checkbox", { name: either("directory.lead") }).check({ force: true });
    await save(page);
    await card(theirs).getByRole("link", { name: "137 0000 9999" }).waitFor();
    await theirs.getByRole("link", { name: /赵一鸣/ }).waitFor();
    await theirs.getByRole("textbox", { name: either("directory.filter") }).fill("");
  });

  it("ties a record to a member by hand, and unties it", async () => {
    tellOnFailure();
    const { page } = li;
    await openCard(page, "赵一鸣");
    await button(page, "directory.bindByHand").click();
    await dialog(page).getByRole("textbox", { name: either("directory.bindMember") }).fill("李卓然");
    await dialog(page).getByRole("list", { name: either("directory.bindMember") }).getByRole("button", { name: /李卓然/ }).click();
    await expectAccessible(page, "bind");
    await dialog(page).getByRole("button", { name: either("directory.bind") }).click();
    await dialog(page).waitFor({ state: "detached" });
    await button(page, "directory.unbind").click();
    await page.getByRole("alertdialog").getByRole("button", { name: either("directory.unbind") }).click();
    await button(page, "directory.bindByHand").waitFor();
  });

  it("lets a delegate import into its department, and says what is not its own", async () => {
    tellOnFailure();
    const { page } = wang;
    await manage(page, "directory.import");
    const csv = "工号,姓名,部门\n3001,周小满,华南\n3002,吴用,研发部\n";
    await dialog(page).locator("input[type=file]").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await choose(page, either("directory.pathsBegin"), either("directory.atTop"));
    await dialog(page).getByRole("button", { name: either("directory.importPreview") }).click();
    await dialog(page).getByText(either("directory.problem.department_not_yours", { value: "研发部" })).waitFor();
    await dialog(page).getByText(either("directory.problem.department_not_yours", { value: "华南" })).waitFor();
    await dialog(page).getByRole("button", { name: either("action.back") }).click();
    await choose(page, either("directory.pathsBegin"), either("directory.pathsBelow", { name: "销售部" }));
    await dialog(page).getByRole("button", { name: either("directory.importPreview") }).click();
    await dialog(page).getByRole("button", { name: either("directory.importApply") }).click();
    await dialog(page).getByText(either("directory.importDone", { added: 2, changed: 0, left: 0, departments: 2 })).waitFor();
    await dialog(page).getByRole("button", { name: either("action.close") }).last().click();
    // Whose it is, and with all that is below.
    await page.getByRole("link", { name: /周小满/ }).waitFor();
    await page.getByRole("radio", { name: /Here only/ }).check({ force: true });
    await page.getByRole("link", { name: /周小满/ }).waitFor({ state: "detached" });
    await page.getByRole("radio", { name: /With all below/ }).check({ force: true });
    await li.page.getByRole("link", { name: /周小满/ }).waitFor();
    await manage(page, "directory.import");
    await button(page, "directory.undoImport").click();
    await dialog(page).getByText(either("directory.undone", { restored: 4, kept: 0 })).waitFor();
    await page.keyboard.press("Escape");
    await li.page.getByRole("link", { name: /周小满/ }).waitFor({ state: "detached" });
  });

  it("puts a code for everybody on paper, and nothing else; into a mail, the clipboard and a file, too", async () => {
    tellOnFailure();
    const { page } = li;
    const people = Array.from({ length: 9 }, (_, at) => ({ name: `新同事${"甲乙丙丁戊己庚辛壬"[at]}`, number: String(4001 + at), email: at === 8 ? "" : `p${at}@example.org` }));
    await manage(page, "directory.import");
    const csv = `工号,姓名,部门,邮箱\n${people.map(({ name, number, email }) => `${number},${name},施工部,${email}`).join("\n")}\n`;
    await dialog(page).locator("input[type=file]").setInputFiles({ name: "新人.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await dialog(page).getByRole("button", { name: either("directory.importPreview") }).click();
    await dialog(page).getByRole("button", { name: either("directory.importApply") }).click();
    await dialog(page).getByText(either("directory.importDone", { added: 9, changed: 0, left: 0, departments: 1 })).waitFor();
    await dialog(page).getByRole("button", { name: either("action.close") }).last().click();
    await page.getByRole("button", { name: /^施工部 \d+$/ }).click();
    await page.getByRole("link", { name: /新同事甲/ }).waitFor();
    await manage(page, "directory.codes");
    await dialog(page).getByRole("button", { name: either("directory.makeCodes_other", { count: 9 }) }).click();
    await dialog(page).getByText(either("directory.codesMade_other", { count: 9 })).waitFor();
    await expectAccessible(page, "codes for many");
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await button(page, "directory.copyAll").click();
    await expect.poll(async () => (await copied()).split("\n").length).toBe(9);
    const table = (await copied()).split("\n").map((line) => line.split("\t"));
    const links = people.map(({ name, number }) => table.find((line) => line[0] === number && line[1] === name)![3]!);
    expect(new Set(links).size).toBe(9);
    // On paper: everybody with the code that is theirs, eight to a page.
    await button(page, "directory.print").click();
    await expect.poll(() => page.locator("article svg").count()).toBe(9);
    const pages = await printed(page);
    expect(pages.map((words) => people.filter(({ name, number }, at) => words.includes(name) && words.includes(number) && words.includes(links[at]!)).length)).toEqual([8, 1]);
    await page.locator("article svg").first().waitFor({ state: "detached" });
    // Into a mail: to whom has an address, with their own code.
    const row = (at: number) => dialog(page).getByRole("listitem").filter({ hasText: people[at]!.name });
    const mail = new URL((await row(3).getByRole("link", { name: either("directory.mailTo", { name: people[3]!.name }) }).getAttribute("href"))!);
    expect([decodeURIComponent(mail.pathname), mail.searchParams.get("subject")]).toEqual(["p3@example.org", say("zh", "directory.mailSubject")]);
    expect(mail.searchParams.get("body")).toContain(`${people[3]!.name}，`);
    expect(mail.searchParams.get("body")).toContain(links[3]!);
    expect(await row(8).getByRole("link").count()).toBe(0);
    await row(8).getByRole("button").click();
    await expect.poll(copied).not.toContain(links[0]!); // nor what was copied before
    expect(await copied()).toContain(links[8]!);
    const [file] = await Promise.all([page.waitForEvent("download"), button(page, "directory.codesSave").click()]);
    const saved = await readFile(await file.path(), "utf8");
    for (const [at, { name }] of people.entries()) expect(saved.split("\n").some((line) => line.includes(name) && line.includes(links[at]!))).toBe(true);
    await page.keyboard.press("Escape");
  });

  it("goes out as files that come back: two positions of one person, nothing that runs, and what would change is said before", async () => {
    tellOnFailure();
    const { page } = li;
    await openCard(page, "新同事甲");
    await button(page, "directory.editRecord").click();
    await dialog(page).getByRole("button", { name: either("directory.addPost") }).click();
    await dialog(page).getByRole("button", { name: /^研发部/ }).click();
    const titles = dialog(page).getByRole("textbox", { name: either("directory.title") });
    await titles.first().fill("=深化设计"); // what a program for sheets would run
    await titles.last().fill("评审");
    await expectAccessible(page, "two positions");
    await save(page);
    await card(page).getByText("研发部", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: /^研发部 \d+$/ }).click();
    await page.getByRole("link", { name: /新同事甲/ }).waitFor();
    await page.getByRole("button", { name: /^施工部 \d+$/ }).click();
    await page.getByRole("link", { name: /新同事乙/ }).waitFor();
    const exported = async (format: string) => {
      await manage(page, "directory.export");
      await dialog(page).getByRole("radio", { name: format }).check({ force: true });
      const [file] = await Promise.all([page.waitForEvent("download"), dialog(page).getByRole("button", { name: either("directory.export") }).click()]);
      await dialog(page).getByText(either("directory.exported_other", { count: 9 })).waitFor();
      await expectAccessible(page, "export");
      await page.keyboard.press("Escape");
      await dialog(page).waitFor({ state: "detached" });
      return readFile(await file.path());
    };
    const preview = async (name: string, buffer: Buffer) => {
      await manage(page, "directory.import");
      await dialog(page).locator("input[type=file]").setInputFiles({ name, mimeType: "", buffer });
      await dialog(page).getByRole("button", { name: either("directory.importPreview") }).click();
    };
    const of = (kind: string, count: number) => dialog(page).getByRole("radio", { name: `${say("zh", `directory.plan.${kind}`)} ${count}`, exact: true });
    await preview("通讯录.xlsx", await exported("XLSX"));
    await of("same", 9).waitFor();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    const csv = String(await exported("CSV (UTF-8)"));
    expect(csv.startsWith("\uFEFF")).toBe(true);
    expect(csv.split("\n").find((line) => line.includes("新同事甲"))).toContain("施工部; 研发部,'=深化设计; 评审,");
    await preview("改过.csv", Buffer.from(csv.replace("p1@example.org", "yi@example.org")));
    await of("same", 8).waitFor();
    await of("changed", 1).check({ force: true });
    const changed = dialog(page).getByRole("list", { name: either("directory.importPreview") }).getByRole("listitem").filter({ hasText: "新同事乙" });
    for (const address of ["p1@example.org", "yi@example.org"]) await changed.getByText(address).waitFor();
    await dialog(page).getByRole("button", { name: either("directory.importApply") }).click();
    await dialog(page).getByText(either("directory.importDone", { added: 0, changed: 1, left: 0, departments: 0 })).waitFor();
    await dialog(page).getByRole("button", { name: either("action.close") }).last().click();
    await page.getByRole("link", { name: /新同事乙/ }).click();
    await card(page).getByText("yi@example.org").waitFor();
    // Somebody is found by number from anywhere, and one press away from then on.
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: either("search.open") }).fill("4003");
    await page.getByRole("option", { name: /新同事丙/ }).click();
    await card(page).getByRole("heading", { name: "新同事丙" }).waitFor();
    await page.getByRole("region", { name: either("directory.recents") }).getByRole("button", { name: /新同事丙/ }).waitFor();
  });

  it("gives a department another name and place, and dissolves it into the one above", async () => {
    tellOnFailure();
    const [{ page }, { page: theirs }] = [li, wang];
    await page.getByRole("button", { name: /^施工部 \d+$/ }).click();
    await manage(page, "directory.changeDepartment");
    await dialog(page).getByRole("textbox", { name: either("directory.departmentName") }).fill("工程部");
    await dialog(page).getByRole("button", { name: /^研发部/ }).click();
    await expectAccessible(page, "a department");
    await save(page);
    await theirs.getByRole("button", { name: say("en", "directory.unfold", { name: "研发部" }) }).click();
    await theirs.getByRole("button", { name: /^工程部 9$/ }).click();
    await theirs.getByRole("link", { name: /新同事丙/ }).waitFor();
    await manage(page, "directory.changeDepartment");
    await button(page, "directory.removeDepartment").click();
    await theirs.getByRole("button", { name: /^工程部 9$/ }).waitFor({ state: "detached" });
    await theirs.getByRole("button", { name: /^研发部 9$/ }).click();
    await theirs.getByRole("link", { name: /新同事丙/ }).waitFor();
  });

  it("says who is connected, and no more once they are gone", async () => {
    await li.page.getByRole("textbox", { name: either("directory.filter") }).fill("wangm");
    const state = (key: string) => li.page.getByRole("link", { name: /王敏/ }).getByText(say("zh", `presence.${key}`), { exact: true });
    await state("online").waitFor();
    await wang.stop();
    await state("offline").waitFor();
  });
});
