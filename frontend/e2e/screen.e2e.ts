import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./axe";
import { launch } from "./desk";
import { holdsKeyboard, settle, Stage, turn } from "./stage";
import { either, say } from "./words";

// What the screen promises by itself, over its fake: accessibility of every place, and lists that hold their place.

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

const TURNS = 40;
const GROUP = /采购与物流协作圈/;
const link = (page: Page, name: string | RegExp) => page.getByRole("link", { name }).first();
const button = (page: Page, key: string) => page.getByRole("button", { name: either(key) }).first();

async function settings(page: Page, section: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: either("nav.settings") }).click();
  await page.waitForURL(/settings/);
  // The place that is left has a drawer of its own.
  await settle(page);
  const drawer = button(page, "action.showList");
  if (await drawer.isVisible()) await drawer.click();
  await link(page, either(`settings.${section}`)).click();
  await page.getByRole("heading", { level: 1, name: either(`settings.${section}`) }).waitFor();
}

const PLACES: readonly { readonly name: string; readonly scene: string; readonly go?: (page: Page) => Promise<unknown> }[] = [
  { name: "first screen", scene: "new" },
  { name: "keys without a keychain", scene: "newfile", go: (page) => button(page, "action.continue").click() },
  { name: "keys with a keychain", scene: "new", go: (page) => button(page, "welcome.keysChange").click() },
  { name: "door", scene: "join", go: (page) => page.getByRole("article").first().waitFor() },
  { name: "address typed by hand", scene: "join", go: async (page) => {
    await button(page, "door.visit").click();
    await page.getByRole("textbox", { name: either("door.visitLabel") }).fill("nonsense");
    await button(page, "door.visitLook").click();
    await page.getByRole("alert").waitFor();
  } },
  { name: "comparing", scene: "join", go: async (page) => {
    await page.getByRole("button", { name: /Lakeside/ }).click();
    await page.locator("[data-digits]").waitFor();
  } },
  { name: "create", scene: "join", go: (page) => button(page, "door.create").click() },
  { name: "invite", scene: "join", go: async (page) => {
    await button(page, "door.invite").click();
    await page.getByRole("textbox").fill("not a link");
    await page.getByText(either("errors.invite_garbled")).waitFor();
    await page.getByRole("textbox").fill("roundtable://join/1.abc");
    await page.getByRole("status").waitFor();
  } },
  { name: "locked", scene: "locked" },
  { name: "damaged", scene: "damaged" },
  { name: "no conversation", scene: "" },
  { name: "alone", scene: "alone", go: async (page) => {
    await page.getByRole("main").getByRole("button", { name: either("action.invite") }).click();
    await button(page, "invites.create").waitFor();
    await holdsKeyboard(page.getByRole("dialog"));
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: either("directory.alone") }).waitFor();
  } },
  { name: "conversation, request, typing", scene: "", go: async (page) => {
    await link(page, GROUP).click();
    await page.getByRole("log").waitFor();
    await page.evaluate("stage.types('李卓然'); stage.asks()");
    await page.getByRole("alertdialog").waitFor();
  } },
  { name: "receipts", scene: "", go: async (page) => {
    await link(page, /门店改造/).click();
    await page.getByRole("article").getByRole("button").first().click();
    await page.getByRole("dialog").waitFor();
  } },
  { name: "left", scene: "left", go: (page) => link(page, GROUP).click() },
  { name: "connections", scene: "problem", go: (page) => button(page, "connections.card").click() },
  { name: "new group", scene: "", go: (page) => button(page, "messages.newGroup").click() },
  { name: "directory", scene: "", go: async (page) => {
    await link(page, either("nav.directory")).click();
    await link(page, /李卓然/).click();
    await page.getByRole("region", { name: either("directory.card") }).waitFor();
  } },
  { name: "invites", scene: "", go: async (page) => {
    await link(page, either("nav.directory")).click();
    await page.getByRole("main").getByRole("button", { name: either("action.invite") }).click();
    await button(page, "invites.create").click();
    await page.getByRole("img", { name: either("invites.qr") }).waitFor();
  } },
  ...(["general", "privacy", "device", "workspace", "relays", "about"] as const).map((section) => ({
    name: `settings, ${section}`, scene: "", go: async (page: Page) => {
      await page.getByRole("navigation").getByRole("link", { name: either("nav.settings") }).click();
      await link(page, either(`settings.${section}`)).click();
    },
  })),
  ...(["relays", "troubles", "away", ""] as const).map((scene) => ({ name: `relays, scene “${scene}”`, scene, go: (page: Page) => settings(page, "relays") })),
  { name: "adding a relay", scene: "away", go: async (page) => {
    await settings(page, "relays");
    await button(page, "relays.add").click();
    await page.getByRole("textbox").fill(await page.evaluate("stage.relayLink('浦东办公室', 'relay.pudong.example:47820', true)"));
    await page.getByRole("status", { name: either("relays.previewLabel") }).waitFor();
  } },
  { name: "removing a relay", scene: "away", go: async (page) => {
    await settings(page, "relays");
    await page.getByRole("list").getByRole("button", { name: either("relays.options") }).click();
    await page.getByRole("menuitem", { name: either("relays.remove") }).click();
    await page.getByRole("alertdialog").waitFor();
  } },
  { name: "hosting the relay", scene: "", go: async (page) => {
    await settings(page, "device");
    await page.getByRole("switch").click();
    await page.getByText(either("host.running")).waitFor();
  } },
  { name: "connections over relays", scene: "relays", go: (page) => button(page, "connections.card").click() },
  { name: "kept at the relay", scene: "away", go: async (page) => {
    await link(page, /Alexandria/).click();
    await page.getByText(either("delivery.atRelay")).last().click();
    await page.getByRole("region", { name: either("delivery.groupAtRelay") }).waitFor();
  } },
  { name: "invite by relay", scene: "away", go: async (page) => {
    await link(page, either("nav.directory")).click();
    await page.getByRole("main").getByRole("button", { name: either("action.invite") }).click();
    await button(page, "invites.create").click();
    await page.getByText(/relay\.qinghe\.example/).first().waitFor();
  } },
  { name: "find", scene: "", go: async (page) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("option").first().waitFor();
  } },
  { name: "shortcuts", scene: "", go: (page) => page.keyboard.press("Control+/") },
];

describe("accessibility", () => {
  const looks = [["zh", false], ["en", true]] as const;
  PLACES.forEach(({ name, scene, go }, index) => {
    it(`${name} (zh, light; en, dark)`, async () => {
      // Every second one is gone to in the other language.
      const [first, second] = index % 2 === 0 ? looks : [looks[1], looks[0]];
      const page = await stage.show(scene, { language: first[0], dark: first[1] });
      await go?.(page);
      await settle(page);
      await expectAccessible(page, `${name} (${first[0]})`);
      await turn(page, second[0], second[1]);
      await expectAccessible(page, `${name} (${second[0]})`);
      await stage.leave(page);
    });
  });
});

describe("the message list", () => {
  it("holds its place to the pixel while older messages come in front", async () => {
    const page = await stage.show("");
    await link(page, GROUP).click();
    const log = page.getByRole("log");
    await page.getByText("没意见，走流程吧。").last().waitFor();
    const loadedAtFirst = await log.evaluate((element) => element.scrollHeight);
    const box = (await log.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    let travelled = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      // Follows every row from frame to frame: together they move as far as the wheel said, and never alone.
      const watching = page.evaluate(() => new Promise<number>((done) => {
        const places = () => new Map([...document.querySelectorAll<HTMLElement>("[data-message]")].map((row) => [row.dataset["message"]!, row.getBoundingClientRect().top]));
        let last = places();
        let moved = 0;
        let frames = 0;
        const step = () => {
          const now = places();
          const steps = new Set([...now].filter(([id, y]) => last.has(id) && y > 60 && y < 640).map(([id, y]) => Math.round(y - last.get(id)!)));
          if (steps.size > 1) return done(Number.NaN);
          moved += [...steps][0] ?? 0;
          last = now;
          // A busy machine turns the wheel later.
          if (++frames < 16 || (Math.abs(moved) < 300 && frames < 120)) requestAnimationFrame(step);
          else done(moved);
        };
        requestAnimationFrame(step);
      }));
      await page.mouse.wheel(0, -300);
      travelled += await watching;
    }
    expect(Math.abs(travelled - TURNS * 300)).toBeLessThanOrEqual(2);
    // It went far beyond what was loaded at first.
    expect(travelled).toBeGreaterThan(loadedAtFirst);
    await page.getByRole("button", { name: either("messages.toLatest") }).click();
    await expect.poll(() => log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)).toBeLessThan(4);
    await stage.leave(page);
  });

  it("opens at the first unread message and marks read what was seen", async () => {
    const page = await stage.show("");
    await link(page, GROUP).click();
    await page.getByText(either("messages.newLine")).waitFor();
    await expect.poll(() => link(page, GROUP).textContent()).not.toMatch(either("messages.unread_other"));
    await stage.leave(page);
  });

  it("opens at the first message of a conversation of which nothing was read", async () => {
    const page = await stage.show("");
    await link(page, either("nav.directory")).click();
    await link(page, /孙悦/).click();
    await page.getByRole("button", { name: either("directory.message") }).click();
    await page.getByRole("log").waitFor();
    await link(page, GROUP).click();
    await page.evaluate(`{
      const [id] = [...stage.world.conversations].find(([, { value }]) => value.name === "孙悦");
      for (let i = 1; i <= 40; i++) stage.says("per_sun", "第 " + i + " 条", id);
    }`);
    await link(page, /孙悦/).filter({ hasText: either("messages.unread_other", { count: 40 }) }).click();
    await page.getByRole("log").getByText("第 1 条", { exact: true }).waitFor();
    await expect.poll(() => page.getByText(either("messages.newLine")).evaluate((element) => element.getBoundingClientRect().top)).toBeGreaterThan(60);
    // What lies below is not taken for read.
    await page.waitForTimeout(800);
    await expect.poll(() => link(page, /孙悦/).textContent()).toMatch(either("messages.unread_other"));
    await stage.leave(page);
  });

  it("follows new messages at the end and leaves readers alone elsewhere", async () => {
    const page = await stage.show("");
    await link(page, GROUP).click();
    const log = page.getByRole("log");
    await page.evaluate("stage.says('per_li', '看得到吗')");
    await log.getByText("看得到吗").waitFor();
    await expect.poll(() => log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)).toBeLessThan(4);
    await page.waitForTimeout(400);
    await log.hover();
    await page.mouse.wheel(0, -2000);
    await expect.poll(() => log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)).toBeGreaterThan(400);
    const place = () => page.evaluate(() => [...document.querySelectorAll<HTMLElement>("[data-message]")]
      .map((row) => [row.dataset["message"], Math.round(row.getBoundingClientRect().top)] as const).filter(([, y]) => y > 100 && y < 600));
    // What the wheel began, and the older messages that it brought, have come to rest.
    let before: Awaited<ReturnType<typeof place>> = [];
    await expect.poll(async () => {
      const last = before;
      before = await place();
      return JSON.stringify(last) === JSON.stringify(before);
    }, { interval: 800 }).toBe(true);
    expect(before.length).toBeGreaterThan(2);
    await page.evaluate("stage.says('per_li', '还有一件事')");
    await page.getByRole("button", { name: either("messages.newBelow_other", { count: 1 }) }).waitFor();
    await expect.poll(() => place()).toEqual(before);
    await stage.leave(page);
  });
});

describe("small windows", () => {
  it("turns the list into a drawer", async () => {
    const page = await stage.show("", { width: 700, height: 600 });
    await link(page, GROUP).click();
    await page.getByRole("log").waitFor();
    expect(await page.getByRole("list", { name: either("messages.list") }).count()).toBe(0);
    await button(page, "action.showList").click();
    await page.getByRole("dialog").getByRole("link", { name: /记得带上二层的图/ }).click();
    await page.getByRole("heading", { name: "李卓然" }).waitFor();
    await stage.leave(page);
  });

  it("shows relays with long names at 200 % without scrolling sideways", async () => {
    for (const [width, height] of [[960, 640], [480, 320]] as const) {
      const page = await stage.show("relays", { width, height, language: "en" });
      for (const section of ["relays", "device"]) {
        await settings(page, section);
        if (section === "device") {
          await page.getByRole("switch").click();
          await page.getByText(either("host.running")).waitFor();
        }
        await settle(page);
        const wide = await page.evaluate(() => [...document.querySelectorAll("main *, main")].filter((element) => element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== "visible" && !/^(?:INPUT|TEXTAREA)$/.test(element.tagName)).map((element) => element.className));
        expect(wide).toEqual([]);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
      await stage.leave(page);
    }
  });

  it("moves a relay by keyboard alone and keeps the focus on it", async () => {
    const page = await stage.show("relays", { language: "en" });
    await settings(page, "relays");
    const options = page.getByRole("button", { name: "Options for 浦东办公室" });
    await options.focus();
    await page.keyboard.press("Enter");
    const up = page.getByRole("menuitem", { name: either("relays.up") });
    await up.waitFor();
    // Opening by keyboard highlights the first entry; Home makes it certain.
    await page.keyboard.press("Home");
    await expect.poll(() => up.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByText("浦东办公室 is now number 1 of 4.").waitFor({ state: "attached" });
    await expect.poll(() => page.locator("[data-relay]").first().getAttribute("data-relay")).toBe("down.pudong.example:47820");
    await expect.poll(() => options.evaluate((element) => element === document.activeElement)).toBe(true);
    await stage.leave(page);
  });

  it("marks the place in the rail, whatever section one is in", async () => {
    const page = await stage.show("", { language: "en" });
    const here = page.getByRole("navigation", { name: either("nav.main") }).locator("[aria-current=page]");
    for (const section of ["general", "device", "relays"]) {
      await settings(page, section);
      await expect.poll(() => here.allInnerTexts()).toEqual([say("en", "nav.settings")]);
    }
    await page.getByRole("navigation").getByRole("link", { name: either("nav.directory") }).click();
    await expect.poll(() => here.allInnerTexts()).toEqual([say("en", "nav.directory")]);
    await stage.leave(page);
  });

  it("never scrolls sideways, down to 200 % of 960×640", async () => {
    for (const [width, height] of [[960, 640], [480, 320]] as const) {
      const page = await stage.show("", { width, height, language: "en" });
      for (const key of ["nav.messages", "nav.directory", "nav.settings"]) {
        await page.getByRole("navigation").getByRole("link", { name: either(key) }).click();
        await settle(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
      }
      await stage.leave(page);
    }
  });
});

it("left no complaint behind", () => {
  expect(stage.complaints).toEqual([]);
});
