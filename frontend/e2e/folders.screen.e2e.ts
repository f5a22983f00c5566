import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./axe";
import { launch } from "./desk";
import { holdsKeyboard, settle, Stage, turn } from "./stage";
import { either } from "./words";

// What the screen of shared folders promises by itself, over its fake: every place is accessible in both languages, everything goes by
// keyboard, ten thousand entries stay fluid, nothing is taken away without saying what becomes of the files.

let browser: Browser;
let stage: Stage;

beforeAll(async () => {
  browser = await launch();
  stage = await Stage.open(browser);
});
afterAll(async () => {
  await stage?.close();
  await browser?.close();
});

const button = (page: Page, key: string) => page.getByRole("button", { name: either(key) }).first();
const row = (page: Page, name: string | RegExp) => page.getByRole("row", { name }).first();
const grid = (page: Page) => page.getByRole("grid");
const chosen = (page: Page) => page.locator("[role=row][aria-selected=true]");

async function place(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.folders") }).click();
  await page.getByRole("heading", { name: either("folders.list") }).waitFor();
}

async function openFolder(page: Page, name: RegExp): Promise<void> {
  await place(page);
  await page.getByRole("list", { name: either("folders.list") }).getByRole("link", { name }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

async function view(page: Page, key: string): Promise<void> {
  await page.getByRole("navigation", { name: either("folders.views") }).getByRole("link", { name: either(key) }).click();
}

async function menu(page: Page, key: string): Promise<void> {
  await page.getByRole("main").getByRole("button", { name: either("folders.menu.title") }).first().click();
  await page.getByRole("menuitem", { name: either(key) }).click();
}

const PURCHASING = /采购 2026/;
const OFFERED = /现场资料与照片/;

const PLACES: readonly { readonly name: string; readonly scene: string; readonly go: (page: Page) => Promise<unknown> }[] = [
  { name: "empty", scene: "folders-empty", go: async (page) => {
    await place(page);
    await page.getByRole("heading", { name: either("folders.emptyTitle") }).waitFor();
  } },
  { name: "list in every state", scene: "folders-busy", go: place },
  { name: "files", scene: "", go: async (page) => {
    await openFolder(page, PURCHASING);
    await row(page, /采购清单/).click();
    await page.getByRole("region", { name: either("folders.panel") }).getByText("窗帘 26 幅").waitFor();
  } },
  { name: "files on their way", scene: "folders-busy", go: async (page) => {
    await openFolder(page, /设计稿/);
    await button(page, "folders.transfers.show").click();
    await page.getByRole("list", { name: either("folders.transfers.title") }).waitFor();
  } },
  { name: "offer", scene: "folders-offered", go: async (page) => {
    await openFolder(page, OFFERED);
    await page.getByRole("region", { name: either("folders.offer.label") }).getByText(/李卓然/).waitFor();
  } },
  { name: "keep parts", scene: "folders-offered", go: async (page) => {
    await openFolder(page, OFFERED);
    await page.getByRole("button", { name: either("folders.offer.chosen") }).click();
    await page.getByRole("button", { name: either("folders.keep.open", { name: "照片" }) }).click();
  } },
  { name: "share: which folder", scene: "", go: async (page) => {
    await place(page);
    await button(page, "folders.share").click();
    await page.getByRole("option", { name: "shen" }).click();
    await page.getByRole("dialog").getByText(either("errors.folder_unsuitable")).first().waitFor();
  } },
  { name: "conflict of texts", scene: "folders-conflicts", go: async (page) => {
    await openFolder(page, PURCHASING);
    await view(page, "folders.view.conflicts");
    await page.getByRole("table", { name: either("folders.conflict.diff") }).waitFor();
  } },
  { name: "conflict of pictures", scene: "folders-conflicts", go: async (page) => {
    await openFolder(page, PURCHASING);
    await view(page, "folders.view.conflicts");
    await page.getByRole("option", { name: /石材样品/ }).click();
    await page.getByRole("img", { name: /石材样品 A/ }).first().waitFor();
  } },
  { name: "problems and the watch limit", scene: "folders-problems", go: async (page) => {
    await openFolder(page, PURCHASING);
    await view(page, "folders.view.problems");
    await page.getByText(either("folders.watch.more")).click();
    await page.getByRole("article", { name: "合同 7.PDF" }).waitFor();
  } },
  { name: "changes", scene: "", go: async (page) => {
    await openFolder(page, PURCHASING);
    await view(page, "folders.view.changes");
    await button(page, "folders.earlier").waitFor();
  } },
  { name: "bin", scene: "", go: async (page) => {
    await openFolder(page, PURCHASING);
    await view(page, "folders.view.bin");
    await page.getByRole("article", { name: "临时笔记.txt" }).waitFor();
  } },
  { name: "versions", scene: "", go: async (page) => {
    await openFolder(page, PURCHASING);
    await row(page, /采购清单/).click();
    await button(page, "folders.deed.versions").click();
    await page.getByRole("dialog").getByText("灯具 48 套").waitFor();
  } },
  ...(["rename", "retention", "ignore", "asOf", "leave", "stop", "unkeep"] as const).map((key) => ({ name: key, scene: "", go: async (page: Page) => {
    await openFolder(page, PURCHASING);
    await menu(page, `folders.menu.${key}`);
    await page.getByRole("dialog").or(page.getByRole("alertdialog")).waitFor();
  } })),
  { name: "members", scene: "", go: async (page) => {
    await openFolder(page, PURCHASING);
    await button(page, "folders.memberCount_other").click();
    await button(page, "folders.members.add").click();
    await page.getByRole("checkbox").first().press("Space");
    await expect.poll(() => page.getByRole("checkbox").first().isChecked()).toBe(true);
  } },
  { name: "settings", scene: "", go: async (page) => {
    await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.settings") }).click();
    await page.getByRole("link", { name: either("settings.folders") }).click();
    await page.getByRole("switch").first().waitFor();
  } },
];

describe("accessibility", () => {
  const looks = [["zh", false], ["en", true]] as const;
  PLACES.forEach(({ name, scene, go }, index) => {
    it(`${name} (zh, light; en, dark)`, async () => {
      // Every second one is gone to in the other language.
      const [first, second] = index % 2 === 0 ? looks : [looks[1], looks[0]];
      const page = await stage.show(scene, { language: first[0], dark: first[1] });
      await go(page);
      await settle(page);
      await expectAccessible(page, `${name} (${first[0]})`);
      await turn(page, second[0], second[1]);
      await expectAccessible(page, `${name} (${second[0]})`);
      await stage.leave(page);
    });
  });
});

describe("by keyboard alone", () => {
  it("walks through folders, types ahead in pinyin, filters, and comes back where it was", async () => {
    const page = await stage.show("", { language: "en" });
    await openFolder(page, PURCHASING);
    await grid(page).focus();
    await page.keyboard.press("Home");
    await expect.poll(() => chosen(page).textContent()).toMatch(/财务/);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => chosen(page).textContent()).toMatch(/合同/);
    await page.keyboard.press("Enter");
    await row(page, /模板\.docx/).waitFor();
    await grid(page).focus();
    await page.keyboard.press("Backspace");
    // The way up leads to where one came from.
    await expect.poll(() => chosen(page).textContent()).toMatch(/合同/);
    await grid(page).focus();
    // Letters belong together that follow each other soon: all are pressed before the page has heard of the first, as by somebody who types while it is busy.
    await expect.poll(async () => {
      await Promise.all([..."cgqd"].map((letter) => page.keyboard.press(letter)));
      return chosen(page).textContent();
    }, { interval: 1000 }).toMatch(/采购清单/);
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: either("folders.panel") }).waitFor();
    await grid(page).focus();
    await page.keyboard.press("/");
    await page.keyboard.type("IMG_1210");
    await row(page, /IMG_1210/).waitFor();
    await expect.poll(() => page.getByRole("row").count()).toBe(1);
    await page.keyboard.press("Escape");
    await row(page, /财务/).waitFor();
    await stage.leave(page);
  });

  it("opens the menu of an entry, and closing gives the focus back", async () => {
    const page = await stage.show("", { language: "en" });
    await openFolder(page, PURCHASING);
    await grid(page).focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Shift+F10");
    await page.getByRole("menuitem", { name: either("folders.deed.versions") }).waitFor();
    await holdsKeyboard(page.getByRole("menu"));
    await page.keyboard.press("Escape");
    await page.getByRole("menuitem").first().waitFor({ state: "detached" });
    await expect.poll(() => grid(page).evaluate((element) => element === document.activeElement)).toBe(true);
    await stage.leave(page);
  });

  it("shares a folder", async () => {
    const page = await stage.show("folders-empty", { language: "en" });
    await place(page);
    await page.getByRole("main").getByRole("button", { name: either("folders.share") }).focus();
    await page.keyboard.press("Enter");
    const list = page.getByRole("listbox", { name: either("folders.chooser.label") });
    await list.waitFor();
    // The dialog gives the keyboard to what stands first in it, a moment after it is drawn.
    await holdsKeyboard(page.getByRole("dialog"));
    await list.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.getByRole("option", { name: "备份" }).waitFor();
    await page.keyboard.press("Backspace");
    await page.getByRole("option", { name: "图片" }).waitFor();
    await page.keyboard.type("t");
    await expect.poll(() => page.locator("[role=option][aria-selected=true]").textContent()).toMatch(/图片/);
    await page.getByRole("button", { name: either("action.continue") }).click();
    await page.getByRole("checkbox").first().press("Space");
    await expect.poll(() => page.getByRole("checkbox").first().isChecked()).toBe(true);
    await page.getByRole("dialog").getByRole("button", { name: either("folders.sharing.share") }).click();
    await page.getByRole("heading", { level: 1, name: "图片" }).waitFor();
    await page.getByText(either("folders.state.upToDate")).first().waitFor();
    await stage.leave(page);
  });

  it("resolves conflicts, and the counts follow", async () => {
    const page = await stage.show("folders-conflicts", { language: "en" });
    await openFolder(page, PURCHASING);
    await view(page, "folders.view.conflicts");
    const list = page.getByRole("listbox", { name: either("folders.view.conflicts") });
    await list.focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("heading", { level: 2, name: "石材样品 A.jpg" }).waitFor();
    await page.keyboard.press("ArrowUp");
    await page.getByRole("heading", { level: 2, name: "采购清单.txt" }).waitFor();
    await page.getByRole("radio", { name: /^赵一鸣's version \(/ }).click();
    await page.getByRole("button", { name: either("folders.conflict.resolve") }).click();
    await expect.poll(() => list.getByRole("option").count()).toBe(2);
    await expect.poll(() => list.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.getByRole("navigation", { name: either("nav.main") }).getByText("2", { exact: true }).waitFor();
    // What the other one wrote has the name now, and what was there before is a version.
    await view(page, "folders.view.files");
    await row(page, /采购清单/).click();
    await page.getByRole("region", { name: either("folders.panel") }).getByText(/含损耗/).waitFor();
    await stage.leave(page);
  });
});

describe("truth", () => {
  it("draws only what is in view of ten thousand entries", async () => {
    const page = await stage.show("folders-many");
    await openFolder(page, /一万张照片/);
    await page.getByText(either("folders.items_other", { n: "10,000" })).waitFor();
    await row(page, /照片/).waitFor();
    expect(await page.getByRole("row").count()).toBeLessThan(80);
    await grid(page).focus();
    await page.keyboard.press("End");
    await row(page, /照片 10000/).waitFor();
    // What makes it fluid: however one jumps about, only what is in view is drawn. How long
    // that takes is the machine's, not this test's.
    const most = await page.evaluate(async () => {
      const list = document.querySelector<HTMLElement>("[role=grid]")!;
      let most = 0;
      for (let i = 0; i < 60; i++) {
        list.scrollTop = (i * 6173) % list.scrollHeight;
        await new Promise((done) => requestAnimationFrame(done));
        most = Math.max(most, list.querySelectorAll("[role=row]").length);
      }
      return most;
    });
    expect(most).toBeLessThan(80);
    await stage.leave(page);
  });

  it("keeps a part of an offered folder here, and says how far it is", async () => {
    const page = await stage.show("folders-offered", { language: "en" });
    await openFolder(page, OFFERED);
    await page.getByRole("button", { name: either("folders.offer.chosen") }).click();
    await page.getByRole("checkbox", { name: /测量/ }).click();
    await page.getByText("1 part chosen, 90 MB").waitFor();
    // Nothing comes until it was seen how much is to come.
    await page.evaluate("stage.world.hold()");
    await page.getByRole("dialog").getByRole("button", { name: either("folders.keep.keep") }).click();
    await page.getByText(/of 120 files (?:is|are) missing/).first().waitFor();
    await page.evaluate("stage.world.goOn()");
    await page.getByText(either("folders.state.chosen")).first().waitFor();
    await row(page, /录像/).getByText(either("folders.entry.listed")).waitFor();
    await stage.leave(page);
  });

  it("remembers that a folder is only to be listed", async () => {
    const page = await stage.show("folders-offered");
    await openFolder(page, OFFERED);
    const offer = page.getByRole("region", { name: either("folders.offer.label") });
    await offer.getByRole("button", { name: /^仅列出/ }).click();
    await offer.waitFor({ state: "detached" });
    await openFolder(page, /效果图/);
    await offer.waitFor();
    await openFolder(page, OFFERED);
    expect(await offer.count()).toBe(0);
    await stage.leave(page);
  });

  it("restores a deleted file and an earlier version", async () => {
    const page = await stage.show("", { language: "en" });
    await openFolder(page, PURCHASING);
    await view(page, "folders.view.bin");
    await page.getByRole("article", { name: "临时笔记.txt" }).getByRole("button", { name: either("folders.bin.restore") }).click();
    await page.getByRole("article", { name: "临时笔记.txt" }).waitFor({ state: "detached" });
    await view(page, "folders.view.files");
    await row(page, /临时笔记/).waitFor();
    await row(page, /采购清单/).click();
    await button(page, "folders.deed.versions").click();
    await page.getByRole("dialog").getByRole("button", { name: either("folders.versions.restore") }).click();
    await page.getByRole("region", { name: either("folders.panel") }).getByText("灯具 48 套").waitFor();
    await stage.leave(page);
  });

  it("names the lines that are no rule, and does not take them", async () => {
    const page = await stage.show("", { language: "en" });
    await openFolder(page, PURCHASING);
    await menu(page, "folders.menu.ignore");
    const text = page.getByRole("textbox", { name: either("folders.ignore.label") });
    await text.fill("照片/\n[abc\n");
    await page.getByText("Line 2 is no rule.").waitFor();
    await expect.poll(() => button(page, "action.save").isDisabled()).toBe(true);
    await text.fill("照片/\n");
    await page.getByText("34 files on this disk stay out:").waitFor();
    await button(page, "action.save").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await stage.leave(page);
  });

  it("puts a link into a chat, where it is a card that leads to the file", async () => {
    const page = await stage.show("", { language: "en" });
    await openFolder(page, PURCHASING);
    await row(page, /^.*合同/).dblclick();
    await row(page, /2026/).dblclick();
    await row(page, /合同 3\.pdf/).click();
    await button(page, "folders.deed.sendShort").click();
    // The dialog grows when more people are found: what is pressed is where it was last seen.
    await page.locator("label").filter({ has: page.getByRole("radio", { name: /李卓然/ }) }).click();
    await expect.poll(() => page.getByRole("radio", { name: /李卓然/ }).isChecked()).toBe(true);
    await page.getByRole("dialog").getByRole("button", { name: either("action.send") }).click();
    const card = page.getByRole("log").getByRole("link", { name: /合同 3\.pdf/ });
    await card.waitFor();
    await expect.poll(() => card.textContent()).toContain("采购 2026 / 合同 / 2026");
    await page.getByRole("list", { name: either("messages.list") }).getByText(/\[File\] 合同 3\.pdf/).waitFor();
    await card.click();
    await page.getByRole("heading", { level: 1, name: PURCHASING }).waitFor();
    await expect.poll(() => chosen(page).textContent()).toMatch(/合同 3\.pdf/);
    // A link into a folder that one does not belong to leads nowhere.
    await page.evaluate("stage.says('per_li', '看 roundtable:folder/spc_elsewhere/%E7%A7%98%E5%AF%86.txt', [...stage.world.conversations].find(([, one]) => one.value.personId === 'per_li')[0])");
    await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.messages") }).click();
    await page.getByRole("list", { name: either("messages.list") }).getByRole("link", { name: /李卓然/ }).first().click();
    await page.getByRole("log").getByText(either("attach.notYours")).waitFor();
    expect(await page.getByRole("log").getByRole("link", { name: /秘密/ }).count()).toBe(0);
    await stage.leave(page);
  });

  it("finds folders from anywhere", async () => {
    const page = await stage.show("");
    await page.keyboard.press("Control+k");
    await holdsKeyboard(page.getByRole("combobox"));
    await page.keyboard.type("shejigao");
    await page.getByRole("option", { name: /设计稿/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: /设计稿/ }).waitFor();
    await stage.leave(page);
  });
});

it("never scrolls sideways, down to 200 % of 960×640", async () => {
  for (const [width, height] of [[960, 640], [480, 320]] as const) {
    const page = await stage.show("folders-conflicts", { width, height, language: "en" });
    await place(page);
    await page.getByRole("list", { name: either("folders.list") }).getByRole("link", { name: PURCHASING }).click();
    await grid(page).waitFor();
    for (const key of ["files", "changes", "conflicts", "bin"]) {
      await view(page, `folders.view.${key}`);
      await settle(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    }
    await stage.leave(page);
  }
});

it("left no complaint behind", () => {
  expect(stage.complaints).toEqual([]);
});
