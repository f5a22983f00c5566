import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { createWorkspace, openDirectory, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { either, say } from "./words";

// A directory that came as sheets: how they are read, how people in it are found, and what a later sheet changes. Li is alone.

const PEOPLE = [
  ["1002", "王敏", "销售部", "客户经理"],
  ["1003", "单雄信", "销售部/华北大区", "专员"],
  ["1004", "仇英", "设计部", ""],
  ["1005", "解缙", "设计部", ""],
  ["1006", "张三丰", "质检部", "组长"],
  ["1007", "曾巩", "质检部", ""],
];

let browser: Browser;
let li: Desk;

/** What programs for sheets in China write; there is no other way to it here than backwards. */
function gbk(text: string): Buffer {
  const decoder = new TextDecoder("gbk");
  const codes = new Map<string, readonly number[]>();
  for (let high = 0x81; high < 0xff; high++) for (let low = 0x40; low < 0xff; low++) codes.set(decoder.decode(Uint8Array.of(high, low)), [high, low]);
  return Buffer.from([...text].flatMap((sign) => (sign < "\u0080" ? [sign.charCodeAt(0)] : codes.get(sign)!)));
}

const sheet = (people: readonly (readonly string[])[]) => `工号,姓名,部门,职务\r\n${people.map((cells) => cells.join()).join("\r\n")}\r\n`;

function tellOnFailure(): void {
  onTestFailed(() => console.error(`--- ${li.name}\n${li.tail()}`));
}

const button = (key: string) => li.page.getByRole("button", { name: either(key) });
const dialog = () => li.page.getByRole("dialog");
const department = (name: string) => li.page.getByRole("button", { name: new RegExp(`^${name} \\d+$`) });
const person = (name: string) => li.page.getByRole("link", { name: new RegExp(name) });

async function manage(entry: string): Promise<void> {
  await button("directory.manage").click();
  await li.page.getByRole("menuitem", { name: either(entry) }).click();
  await dialog().waitFor();
}

async function choose(name: string, buffer: Buffer): Promise<void> {
  await manage("directory.import");
  await dialog().locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer });
  await dialog().getByRole("region", { name: either("directory.importColumns") }).waitFor();
}

async function apply(added: number, changed: number, left: number, departments: number): Promise<void> {
  await button("directory.importApply").click();
  await dialog().getByText(either("directory.importDone", { added, changed, left, departments })).waitFor();
  await dialog().getByRole("button", { name: either("action.close") }).last().click();
  await dialog().waitFor({ state: "detached" });
}

async function undo(restored: number): Promise<void> {
  await manage("directory.import");
  await button("directory.undoImport").click();
  await dialog().getByText(either("directory.undone", { restored, kept: 0 })).waitFor();
  await li.page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
}

const of = (kind: string, count: number) => dialog().getByRole("radio", { name: `${say("zh", `directory.plan.${kind}`)} ${count}`, exact: true });

beforeAll(async () => {
  browser = await launch();
  li = await Desk.open(browser, "li", { language: "zh" });
});
afterAll(async () => {
  await li?.close();
  await browser?.close();
});

describe("a directory from sheets", () => {
  it("reads one of GBK without being told", async () => {
    tellOnFailure();
    await setUp(li, "李卓然");
    await createWorkspace(li, `远山设计 ${Math.random().toString(36).slice(2, 8)}`);
    await openDirectory(li);
    await choose("花名册.csv", gbk(sheet(PEOPLE)));
    await dialog().getByRole("combobox", { name: either("directory.encoding") }).getByText("GBK").waitFor();
    await dialog().getByRole("cell", { name: "单雄信" }).waitFor();
    await button("directory.importPreview").click();
    await of("added", 6).waitFor();
    await apply(6, 0, 0, 4);
    await department("质检部").waitFor();
    await person("单雄信").waitFor();
  });

  it("finds people by every reading of a name, by a mixture, a department and a number, there and from anywhere", async () => {
    tellOnFailure();
    const { page } = li;
    const questions: readonly (readonly string[])[] = [
      ["shan", "单雄信"], ["dan", "单雄信"], ["sxx", "单雄信"], ["qiu", "仇英"], ["chouy", "仇英"], ["xie", "解缙"], ["jiej", "解缙"], ["zeng", "曾巩"], ["ceng", "曾巩"],
      ["zhangs", "张三丰"], ["z三", "张三丰"], ["质检", "曾巩", "张三丰"], ["zjb", "曾巩", "张三丰"], ["zhang 质检", "张三丰"], ["华北", "单雄信"], ["1005", "解缙"],
    ];
    const filter = page.getByRole("textbox", { name: either("directory.filter") });
    const rows = page.getByRole("group", { name: either("directory.rows") }).getByRole("link");
    const named = (texts: readonly string[]) => PEOPLE.map(([, name]) => name!).filter((name) => texts.some((text) => text.includes(name))).sort();
    for (const [question, ...names] of questions) {
      await filter.fill(question!);
      await expect.poll(async () => [await rows.count(), named(await rows.allInnerTexts())], { message: question! }).toEqual([names.length, names.sort()]);
    }
    await filter.fill("");
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox", { name: either("search.open") });
    for (const [question, ...names] of questions.slice(-8)) {
      await field.fill(question!);
      await expect.poll(async () => named(await page.getByRole("option").allInnerTexts()), { message: question! }).toEqual(names.sort());
    }
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: either("directory.card") }).getByRole("heading", { name: "解缙" }).waitFor();
  });

  it("marks who is missing from a later sheet as left, only where that is wanted, and takes it back", async () => {
    tellOnFailure();
    const { page } = li;
    const later = Buffer.from(`\uFEFF${sheet(PEOPLE.filter(([, name]) => name !== "仇英"))}`);
    await choose("本月.csv", later);
    await dialog().getByRole("combobox", { name: either("directory.encoding") }).getByText("UTF-8").waitFor();
    await button("directory.importPreview").click();
    await of("same", 5).waitFor();
    await of("missing", 1).check({ force: true });
    const missing = dialog().getByRole("list", { name: either("directory.importPreview") }).getByRole("listitem").filter({ hasText: "仇英" });
    const leaves = missing.getByText(say("zh", "directory.fields.left"));
    await missing.waitFor();
    expect(await leaves.count()).toBe(0);
    await button("action.back").click();
    await dialog().getByRole("checkbox", { name: either("directory.markMissing") }).check({ force: true });
    await button("directory.importPreview").click();
    await of("missing", 1).check({ force: true });
    await leaves.waitFor();
    await expectAccessible(page, "who is missing");
    await apply(0, 0, 1, 0);
    await person("仇英").waitFor({ state: "detached" });
    await page.getByRole("button", { name: new RegExp(`^${say("zh", "directory.leftList")} 1$`) }).click();
    await person("仇英").waitFor();
    await undo(1);
    await page.getByRole("button", { name: new RegExp(`^${say("zh", "directory.all")} \\d+$`) }).click();
    await person("仇英").waitFor();
  });

  it("offers no department a place below itself", async () => {
    tellOnFailure();
    const { page } = li;
    const unfold = (name: string) => dialog().getByRole("button", { name: either("directory.unfold", { name }) });
    const inside = (name: string) => dialog().getByRole("button", { name: new RegExp(`^${name} \\d+$`) });
    const change = async (name: string) => {
      await department(name).click();
      await manage("directory.changeDepartment");
      await dialog().getByRole("group", { name: either("directory.below") }).waitFor();
    };
    await change("设计部");
    await unfold("销售部").click();
    await inside("华北大区").click();
    await dialog().getByRole("button", { name: either("action.save") }).click();
    await dialog().waitFor({ state: "detached" });
    await change("销售部");
    await inside("质检部").waitFor();
    expect([await inside("销售部").count(), await unfold("销售部").count(), await inside("设计部").count()]).toEqual([0, 0, 0]);
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    await page.getByRole("button", { name: new RegExp(`^${say("zh", "directory.all")} \\d+$`) }).click();
  });

  it("imports a file only after its preview, and takes it back", async () => {
    tellOnFailure();
    const { page } = li;
    await manage("directory.import");
    const csv = "工号,姓名,部门,职务,手机,上级\n1002,王敏,销售部,客户总监,,\n2001,欧阳若兰,销售部/华东大区,主任,139,1002\n2001,重复,,,,\n2002,孙悦,研发部,工程师,,九十九\n";
    await dialog().locator("input[type=file]").setInputFiles({ name: "同事.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await dialog().getByRole("region", { name: either("directory.importColumns") }).waitFor();
    await expectAccessible(page, "columns");
    await button("directory.importPreview").click();
    const rows = dialog().getByRole("list", { name: either("directory.importPreview") });
    await rows.getByText(either("directory.problem.manager_unknown", { value: "九十九" })).waitFor();
    await rows.getByText(either("directory.problem.number_twice", { value: "3" })).waitFor();
    await rows.getByText("客户总监", { exact: false }).waitFor();
    await expectAccessible(page, "preview");
    await button("directory.importApply").click();
    await dialog().getByText(either("directory.importDone", { added: 1, changed: 1, left: 0, departments: 1 })).waitFor();
    await dialog().getByRole("button", { name: either("action.close") }).last().click();
    await page.getByRole("link", { name: /欧阳若兰/ }).waitFor();
    await manage("directory.import");
    await button("directory.undoImport").click();
    await dialog().getByText(either("directory.undone", { restored: 3, kept: 0 })).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: /欧阳若兰/ }).waitFor({ state: "detached" });
  });

  it("left no complaint of the page behind", () => {
    expect(li.complaints()).toEqual([]);
  });
});
