import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./axe";
import { launchWithCameras } from "./cameras";
import { SHELL } from "./desk";
import { settle, Stage, turn } from "./stage";
import { either } from "./words";

// What the screen of meetings promises by itself, over its fake: every place is accessible in both languages, pictures of painted people
// arrive over a real connection inside of the page, everything goes by keyboard.

let browser: Browser;
let stage: Stage;

beforeAll(async () => {
  browser = await launchWithCameras(SHELL);
  stage = await Stage.open(browser);
});
afterAll(async () => {
  await stage?.close();
  await browser?.close();
});

const button = (page: Page, key: string, values: Record<string, string | number> = {}) => page.getByRole("button", { name: either(key, values) });
const control = (page: Page, key: string) => page.getByRole("toolbar", { name: either("meetings.controls") }).getByRole("button", { name: either(key) });
const tile = (page: Page, name: string | RegExp) => page.getByRole("region", { name: either("meetings.stage") }).getByRole("article", { name });

async function home(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.meetings") }).click();
  await page.getByRole("heading", { level: 1, name: either("nav.meetings") }).waitFor();
}

/** The name itself, not a last message that begins with it. */
async function openChat(page: Page, name: string): Promise<void> {
  await page.getByRole("list", { name: either("messages.list") }).getByRole("link").filter({ has: page.getByText(name, { exact: true }) }).click();
  await page.getByRole("log").waitFor();
}

async function before(page: Page): Promise<void> {
  await home(page);
  await button(page, "meetings.ongoing.join").click();
  await page.getByRole("region", { name: either("meetings.before.preview") }).getByRole("button").first().waitFor();
}

/** Into the room, heard: who goes in before the microphone is open goes in without. */
async function enter(page: Page): Promise<void> {
  await before(page);
  await page.getByRole("region", { name: either("meetings.before.preview") }).getByRole("button", { name: either("meetings.deed.mute"), disabled: false }).waitFor();
  await button(page, "meetings.before.join").click();
}

async function room(page: Page): Promise<void> {
  await enter(page);
  await page.getByRole("toolbar", { name: either("meetings.controls") }).waitFor();
  await tile(page, /李卓然/).first().waitFor();
}

/** That somebody's picture moves. */
async function isSeen(page: Page, name: RegExp): Promise<void> {
  const video = tile(page, name).locator("video").first();
  await video.waitFor();
  const frames = () => video.evaluate((element: HTMLVideoElement) => element.getVideoPlaybackQuality().totalVideoFrames);
  const first = await frames();
  // Whoever looks seldom leaves the pictures more of the processor.
  await expect.poll(frames, { interval: 250 }).toBeGreaterThan(first + 3);
}

async function people(page: Page): Promise<void> {
  await room(page);
  await control(page, "meetings.people.title").click();
  await page.getByRole("complementary").getByRole("list", { name: either("meetings.people.title") }).waitFor();
}

const PLACES: readonly { readonly name: string; readonly scene: string; readonly go: (page: Page) => Promise<unknown> }[] = [
  { name: "empty", scene: "calls-empty", go: home },
  { name: "home", scene: "", go: home },
  { name: "ringing", scene: "calls-ringing", go: (page) => page.getByRole("alertdialog", { name: either("meetings.ring.label") }).waitFor() },
  { name: "declining with words", scene: "calls-ringing", go: (page) => button(page, "meetings.ring.reply").click() },
  { name: "choose", scene: "", go: async (page) => {
    await home(page);
    await button(page, "meetings.start").click();
  } },
  { name: "plan", scene: "", go: async (page) => {
    await home(page);
    await button(page, "meetings.plan.open").click();
    await page.getByRole("dialog").getByRole("button", { name: /采购与物流/ }).click();
  } },
  { name: "before, nothing allowed", scene: "calls-mesh", go: async (page) => {
    await page.evaluate("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))");
    await before(page);
    await page.getByText(either("meetings.problem.microphone.denied")).waitFor();
    await page.getByText(either("meetings.problem.camera.denied")).waitFor();
  } },
  { name: "calling", scene: "calls-unanswered", go: async (page) => {
    await page.evaluate("stage.world.hold()");
    await openChat(page, "李卓然");
    await button(page, "meetings.call.voice").click();
    await page.getByText(either("meetings.calling.text")).waitFor();
  } },
  { name: "room of four", scene: "calls-mesh", go: room },
  { name: "host: people, lobby, hands", scene: "calls-lead", go: people },
  { name: "hub of twelve, chat", scene: "calls-hub", go: async (page) => {
    await room(page);
    await control(page, "meetings.chat.title").click();
    await page.getByRole("log").waitFor();
  } },
  { name: "poor network and its reason", scene: "calls-poor", go: async (page) => {
    await room(page);
    await button(page, "meetings.network.label", { name: "李卓然" }).first().click();
    await page.getByText(either("meetings.network.delay", { ms: 380 })).waitFor();
  } },
  { name: "digits to compare", scene: "calls-lead", go: async (page) => {
    await people(page);
    await button(page, "meetings.people.menu", { name: "李卓然" }).click();
    await page.getByRole("menuitem", { name: either("meetings.check.open") }).click();
    await page.getByRole("dialog").locator("[data-digits]").waitFor();
  } },
  { name: "elsewhere in the app", scene: "calls-mesh", go: async (page) => {
    await room(page);
    await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.messages") }).click();
    await page.getByRole("region", { name: either("meetings.bar.label") }).waitFor();
  } },
  { name: "left", scene: "calls-mesh", go: async (page) => {
    await room(page);
    await control(page, "meetings.deed.leave").click();
    await page.getByRole("heading", { name: either("meetings.end.left") }).waitFor();
  } },
  { name: "a window without cameras", scene: "calls-mesh", go: async (page) => {
    await page.evaluate("delete window.RTCPeerConnection");
    await home(page);
    await button(page, "meetings.ongoing.join").click();
    await page.getByRole("heading", { name: either("meetings.unsupported.title") }).waitFor();
  } },
];

describe("accessibility", () => {
  const looks = [["zh", false], ["en", true]] as const;
  PLACES.forEach(({ name, scene, go }, index) => {
    it(`${name} (zh, light; en, dark)`, async () => {
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

  it("nothing lies beyond the edge at 200 %", async () => {
    for (const { name, scene, go } of PLACES.filter((place) => ["home", "ringing", "before, nothing allowed", "host: people, lobby, hands", "poor network and its reason"].includes(place.name))) {
      const page = await stage.show(scene, { language: "en", width: 640, height: 400 });
      await go(page);
      await settle(page);
      const beyond = await page.evaluate(() => [document.documentElement, ...document.querySelectorAll("main, [role=main], [role=toolbar], [role=alertdialog], aside")].filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.tagName + one.className));
      expect(beyond, name).toEqual([]);
      await stage.leave(page);
    }
  });
});

describe("before a call", () => {
  it("shows oneself, hears oneself, and goes in without a camera", async () => {
    const page = await stage.show("calls-mesh", { language: "en" });
    await before(page);
    await page.getByRole("region", { name: either("meetings.before.preview") }).locator("video").waitFor();
    // The made-up microphone beeps.
    await expect.poll(async () => Number(await page.getByRole("meter").getAttribute("aria-valuenow"))).toBeGreaterThan(20);
    await button(page, "meetings.deed.cameraOff").click();
    await button(page, "meetings.before.join").click();
    await control(page, "meetings.deed.cameraOn").waitFor();
    await control(page, "meetings.deed.mute").waitFor();
    await stage.leave(page);
  });

  it("takes a call without a camera, and declines one with words that arrive", async () => {
    const page = await stage.show("calls-ringing", { language: "en" });
    await button(page, "meetings.ring.accept").click();
    await isSeen(page, /李卓然/);
    await control(page, "meetings.deed.cameraOn").waitFor();
    await stage.leave(page);
    const other = await stage.show("calls-ringing", { language: "en" });
    await button(other, "meetings.ring.reply").click();
    await button(other, "meetings.ring.quick.later").click();
    await other.getByRole("alertdialog").waitFor({ state: "detached" });
    await openChat(other, "李卓然");
    await other.getByRole("log").getByText(either("meetings.ring.quick.later")).waitFor();
    await stage.leave(other);
  });

  it("rings at once for one person, and says when nobody answered", async () => {
    const page = await stage.show("calls-unanswered", { language: "en" });
    await openChat(page, "李卓然");
    // It rings until that was seen.
    await page.evaluate("stage.world.hold()");
    await button(page, "meetings.call.video").click();
    await page.getByText(either("meetings.calling.text")).waitFor();
    await page.evaluate("stage.world.goOn()");
    await page.getByRole("heading", { name: either("meetings.end.unanswered") }).waitFor();
    await stage.leave(page);
  });

  it("marks what was missed until it was looked at", async () => {
    const page = await stage.show("", { language: "en" });
    const entry = page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.meetings") });
    await expect.poll(() => entry.textContent()).toContain("1 missed call");
    await home(page);
    await page.getByRole("article", { name: /李卓然, / }).getByText(either("meetings.past.missed")).waitFor();
    await expect.poll(() => entry.textContent()).not.toContain("missed");
    await stage.leave(page);
  });

  it("plans a meeting, whose link leads to it", async () => {
    const page = await stage.show("calls-empty", { language: "en" });
    await home(page);
    await button(page, "meetings.plan.open").click();
    await page.getByRole("textbox", { name: either("meetings.plan.name") }).fill("周例会");
    await page.getByRole("dialog").getByRole("button", { name: /采购与物流/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: either("meetings.plan.deed"), exact: true }).click();
    await page.getByRole("heading", { name: either("meetings.plan.done") }).waitFor();
    await page.getByRole("dialog").getByRole("button", { name: either("action.close") }).last().click();
    await page.getByRole("article", { name: "周例会" }).waitFor();
    const link = await page.evaluate<string>("`roundtable:meeting/${stage.calls.planned[0].conversationId}/${stage.calls.planned[0].id}`");
    await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.messages") }).click();
    await openChat(page, "采购与物流协作圈");
    await page.getByRole("textbox", { name: either("composer.label") }).fill(`周五 ${link}`);
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByRole("link", { name: /周例会/ }).click();
    await button(page, "meetings.before.start").waitFor();
    await stage.leave(page);
  });
});

describe("in a call", () => {
  it("pictures arrive, also of those who come when there are too few receivers; what is shown is told", async () => {
    const page = await stage.show("calls-mesh", { language: "en" });
    await room(page);
    for (const name of [/李卓然/, /陈思远/, /欧阳/]) await isSeen(page, name);
    await page.evaluate("for (const id of ['per_wang', 'per_anna', 'per_liu']) stage.calls.joins(stage.calls.person(id))");
    for (const name of [/王敏/, /Anna/, /刘洋/]) await isSeen(page, name);
    await expect.poll(async () => (await page.evaluate<number[]>("stage.calls.wants.map(({ height }) => height)")).map((height) => height > 100)).toEqual(Array(6).fill(true));
    await page.evaluate("stage.calls.goes('dev_wang')");
    await tile(page, /王敏/).waitFor({ state: "detached" });
    await isSeen(page, /Anna/);
    await stage.leave(page);
  });

  it("a shared screen is large, and what one pins is large before it", async () => {
    const page = await stage.show("calls-mesh", { language: "en" });
    await room(page);
    await page.evaluate("stage.calls.one('dev_chen').screen = true; stage.calls.placed()");
    const shared = tile(page, either("meetings.tile.screen", { name: "陈思远" }));
    await shared.waitFor();
    const wide = async (one = shared) => (await one.boundingBox())!.width;
    await expect.poll(() => wide()).toBeGreaterThan(600);
    await tile(page, /李卓然/).hover();
    await button(page, "meetings.tile.pin", { name: "李卓然" }).click();
    await expect.poll(() => wide(tile(page, /李卓然/))).toBeGreaterThan(600);
    await stage.leave(page);
  });

  it("keys: microphone, hand, panels, and the space bar while it is held", async () => {
    const page = await stage.show("calls-mesh", { language: "en" });
    await room(page);
    await control(page, "meetings.deed.mute").waitFor();
    await page.keyboard.press("Alt+m");
    await control(page, "meetings.deed.unmute").waitFor();
    await page.keyboard.down("Space");
    await page.getByText(either("meetings.talking")).waitFor();
    await control(page, "meetings.deed.mute").waitFor();
    await page.keyboard.up("Space");
    await control(page, "meetings.deed.unmute").waitFor();
    await page.keyboard.press("Alt+h");
    await control(page, "meetings.deed.lower").waitFor();
    await page.keyboard.press("Alt+p");
    await page.getByRole("complementary").getByText(either("role.member")).or(page.getByRole("complementary").getByRole("article", { name: "沈清和" })).first().waitFor();
    await stage.leave(page);
  });

  it("a host admits, mutes, removes, locks, and learns of hands in their order", async () => {
    const page = await stage.show("calls-lead", { language: "en" });
    await people(page);
    const panel = page.getByRole("complementary");
    await expect.poll(() => panel.getByRole("list", { name: either("meetings.people.title") }).getByRole("article").first().textContent()).toContain("陈思远");
    await button(page, "meetings.knock.admitName", { name: "Alexandria Featherstonehaugh-Cholmondeley" }).click();
    await tile(page, /Alexandria/).waitFor();
    await button(page, "meetings.knock.denyName").click();
    await page.getByRole("heading", { name: /wait/ }).waitFor({ state: "detached" });
    await button(page, "meetings.people.menu", { name: "陈思远" }).click();
    await page.getByRole("menuitem", { name: either("meetings.people.mute") }).click();
    await expect.poll(() => tile(page, /陈思远/).getAttribute("aria-label")).toContain("muted");
    await button(page, "meetings.people.menu", { name: "李卓然" }).click();
    await page.getByRole("menuitem", { name: either("meetings.people.remove") }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: either("action.remove") }).click();
    await tile(page, /李卓然/).waitFor({ state: "detached" });
    await control(page, "meetings.deed.more").click();
    await page.getByRole("menuitem", { name: either("meetings.rule.locked") }).click();
    await page.getByRole("banner").or(page.locator("header")).getByText(either("meetings.locked")).first().waitFor();
    await control(page, "meetings.deed.leave").click();
    await page.getByRole("menuitem", { name: either("meetings.leave.all") }).click();
    await page.getByRole("heading", { name: either("meetings.end.endedByHost") }).waitFor();
    await stage.leave(page);
  });

  it("waits in the lobby until it is let in, and is told when a host mutes, records or ends", async () => {
    const page = await stage.show("calls-lobby", { language: "en" });
    await enter(page);
    await page.getByText(either("meetings.lobby.text")).waitFor();
    await page.evaluate("stage.calls.mine.phase = 3; stage.calls.joins(stage.calls.person('per_li', { role: 1 }))");
    await isSeen(page, /李卓然/);
    await page.evaluate("stage.calls.self().microphone = false; stage.calls.here.policy.mayUnmute = false; stage.calls.one('dev_li').recording = true; stage.calls.told()");
    await page.getByRole("alert").getByText(either("meetings.recording.consent", { names: "李卓然" })).waitFor();
    await expect.poll(() => control(page, "meetings.deed.unmute").isDisabled()).toBe(true);
    await page.evaluate("stage.calls.ends(stage.CallEndReason.REMOVED)");
    await page.getByRole("heading", { name: either("meetings.end.removed") }).waitFor();
    await stage.leave(page);
  });

  it("records what is seen and heard, and says where it is", async () => {
    const page = await stage.show("calls-mesh", { language: "en" });
    await room(page);
    await control(page, "meetings.deed.more").click();
    await page.getByRole("menuitem", { name: either("meetings.recording.start") }).click();
    await expect.poll(() => page.evaluate<number>("stage.calls.recorded"), { interval: 500 }).toBeGreaterThan(20_000);
    await control(page, "meetings.deed.more").click();
    await page.getByRole("menuitem", { name: either("meetings.recording.stop") }).click();
    await page.getByText(either("meetings.recording.saved")).waitFor();
    await stage.leave(page);
  });
});

it("left no complaint of the page behind", () => {
  expect(stage.complaints).toEqual([]);
});
