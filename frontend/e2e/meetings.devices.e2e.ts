import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./axe";
import { launchWithCameras } from "./cameras";
import { settle, Stage } from "./stage";
import { either } from "./words";

// What the screen of meetings does with this computer: cameras that are changed, pulled out and blurred, notices of the system, and notes. Over its
// fake, with made-up devices.

let browser: Browser;
let stage: Stage;

beforeAll(async () => {
  browser = await launchWithCameras();
  stage = await Stage.open(browser);
});
afterAll(async () => {
  await stage?.close();
  await browser?.close();
});

const button = (page: Page, key: string, values: Record<string, string | number> = {}) => page.getByRole("button", { name: either(key, values) });
const control = (page: Page, key: string) => page.getByRole("toolbar", { name: either("meetings.controls") }).getByRole("button", { name: either(key) });
const preview = (page: Page) => page.getByRole("region", { name: either("meetings.before.preview") }).locator("video");
const ownTile = (page: Page) => page.getByRole("region", { name: either("meetings.stage") }).getByRole("article", { name: either("meetings.tile.self") });

/** Keeps hold of the tracks that the page is given. */
async function keepTracks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const kept: MediaStreamTrack[] = [];
    Object.assign(window, { kept });
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      kept.push(...stream.getTracks());
      return stream;
    };
  });
}

/** What happens to the page when somebody pulls out the device of the last such track. */
async function unplug(page: Page, kind: "audio" | "video"): Promise<void> {
  await page.evaluate((which) => {
    const track = (window as unknown as { kept: MediaStreamTrack[] }).kept.filter((one) => one.kind === which).at(-1)!;
    track.stop();
    track.dispatchEvent(new Event("ended"));
  }, kind);
}

async function before(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.meetings") }).click();
  await button(page, "meetings.ongoing.join").click();
  await preview(page).waitFor();
  // Whoever goes in before the microphone is open goes in without.
  await page.getByRole("region", { name: either("meetings.before.preview") }).getByRole("button", { name: either("meetings.deed.mute"), disabled: false }).waitFor();
}

async function room(page: Page): Promise<void> {
  await before(page);
  await button(page, "meetings.before.join").click();
  await page.getByRole("toolbar", { name: either("meetings.controls") }).waitFor();
}

/** How sharp the edges of a picture are: the mean step from one pixel to the next; -1 as long as there is none. */
async function sharpness(page: Page, selector: string): Promise<number> {
  return page.evaluate((which) => {
    const video = document.querySelector<HTMLVideoElement>(which);
    if (!video || video.videoWidth === 0) return -1;
    const canvas = new OffscreenCanvas(320, 180);
    const context = canvas.getContext("2d")!;
    context.drawImage(video, 0, 0, 320, 180);
    const { data } = context.getImageData(0, 0, 320, 180);
    let sum = 0;
    for (let i = 4; i < data.length; i += 4) sum += Math.max(Math.abs(data[i]! - data[i - 4]!), Math.abs(data[i + 1]! - data[i - 3]!));
    return sum / (data.length / 4);
  }, selector);
}

async function moves(video: Locator): Promise<void> {
  const frames = () => video.evaluate((element: HTMLVideoElement) => element.getVideoPlaybackQuality().totalVideoFrames).catch(() => -1);
  const first = await frames();
  await expect.poll(frames, { interval: 250 }).toBeGreaterThan(first + 3);
}

describe("the camera", () => {
  it("blurs what is behind the person, from the program's own files, and remembers it", async () => {
    const page = await stage.show("calls-mesh", { language: "en" });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await before(page);
    await moves(preview(page));
    const selector = "section video";
    const sharp = await sharpness(page, selector);
    expect(asked.some((url) => /\.(?:wasm|tflite)/.test(url)), "nothing is loaded before it is wanted").toBe(false);
    await page.getByRole("switch", { name: either("meetings.blur.label") }).click();
    // A made-up camera shows nobody: all of it is blurred.
    await expect.poll(() => sharpness(page, selector)).toBeLessThan(sharp * 0.75);
    await moves(preview(page));
    expect(asked.filter((url) => /\.(?:wasm|tflite)/.test(url)).length).toBeGreaterThanOrEqual(2);
    expect(asked.filter((url) => !/^(?:http:\/\/127\.0\.0\.1|blob:)/.test(url))).toEqual([]);
    await settle(page);
    await expectAccessible(page, "before, blurred");
    await button(page, "meetings.before.join").click();
    await moves(ownTile(page).locator("video"));
    await expect.poll(() => page.evaluate("localStorage.getItem('meetings.blur')")).toBe("on");
    // Off again within the call: the same picture, sharp.
    await control(page, "meetings.deed.more").click();
    await page.getByRole("menuitem", { name: either("meetings.blur.label") }).click();
    await expect.poll(() => sharpness(page, "article[data-device=dev_me] video")).toBeGreaterThan(sharp * 0.8);
    await stage.leave(page);
  });

  it("blurs also where the browser hands out no frames, by a canvas", async () => {
    const page = await stage.show("calls-mesh", { language: "en" });
    await page.evaluate("delete window.MediaStreamTrackProcessor");
    await before(page);
    await moves(preview(page));
    const sharp = await sharpness(page, "section video");
    await page.getByRole("switch", { name: either("meetings.blur.label") }).click();
    await expect.poll(() => sharpness(page, "section video")).toBeLessThan(sharp * 0.75);
    await moves(preview(page));
    await stage.leave(page);
  });

  it("stays off rather than showing what was to be hidden, and says so", async () => {
    const page = await stage.show("calls-mesh", { language: "en" });
    await page.route(/\.tflite/, (route) => route.abort());
    await before(page);
    await page.getByRole("switch", { name: either("meetings.blur.label") }).click();
    await page.getByText(either("meetings.blur.failed")).waitFor();
    await preview(page).waitFor({ state: "detached" });
    await settle(page);
    await expectAccessible(page, "no blur");
    await page.getByRole("switch", { name: either("meetings.blur.label") }).click();
    await moves(preview(page));
    await page.close();
  });

  it("is changed, and its successor takes over when it is pulled out", async () => {
    const page = await stage.show("calls-mesh", { language: "en" });
    await keepTracks(page);
    await room(page);
    await moves(ownTile(page).locator("video"));
    await control(page, "meetings.deed.more").click();
    await page.getByRole("menuitem", { name: either("meetings.devices.title") }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("combobox", { name: either("meetings.devices.camera") }).press("Enter");
    // Not the second one: made-up second cameras see depths.
    const other = page.getByRole("option").last();
    const label = (await other.textContent())!;
    await other.press("Enter");
    await expect.poll(() => page.evaluate("kept.filter((one) => one.kind === 'video').at(-1).label")).toContain(label.trim().slice(0, 12));
    await dialog.getByRole("button", { name: either("action.close") }).click();
    await moves(ownTile(page).locator("video"));
    for (const [kind, said] of [["video", "meetings.replaced.camera"], ["audio", "meetings.replaced.microphone"]] as const) {
      await unplug(page, kind);
      const note = page.getByRole("status").filter({ hasText: either(said) });
      await note.waitFor();
      await note.getByRole("button").click();
      await note.waitFor({ state: "detached" });
    }
    await moves(ownTile(page).locator("video"));
    await control(page, "meetings.deed.cameraOff").waitFor();
    // Nothing is left to take over: it is said, and nobody believes to be heard.
    await page.evaluate("navigator.mediaDevices.enumerateDevices = () => Promise.resolve([])");
    await unplug(page, "audio");
    await control(page, "meetings.deed.unmute").waitFor();
    await stage.leave(page);
  });
});

describe("a call that rings", () => {
  it("is told by the system while nobody looks, and is silent when asked to be", async () => {
    const page = await stage.show("calls-empty", { language: "en" });
    await page.evaluate("document.hasFocus = () => false");
    await page.evaluate("stage.calls.ringing.push(stage.calls.summary([...stage.world.conversations.keys()][1], { starterId: 'per_li', starterName: '李卓然' })); stage.calls.told()");
    const card = page.getByRole("alertdialog", { name: either("meetings.ring.label") });
    await card.waitFor();
    await expect.poll(() => page.evaluate("stage.notices.shown.map(({ title }) => title)")).toEqual(["李卓然"]);
    await card.getByRole("button", { name: either("meetings.ring.hush") }).click();
    await card.getByRole("button", { name: either("meetings.ring.hush") }).waitFor({ state: "detached" });
    await page.evaluate("document.hasFocus = () => true; window.dispatchEvent(new Event('focus'))");
    await expect.poll(() => page.evaluate("stage.notices.shown.length")).toBe(0);
    await stage.leave(page);
  });

  it("asks for that where meetings are looked at, once", async () => {
    const page = await stage.show("", { language: "en" });
    await page.evaluate("stage.notices.state = 'unasked'");
    const meetings = page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.meetings") });
    await meetings.click();
    await settle(page);
    await button(page, "meetings.notices.allow").waitFor();
    await expectAccessible(page, "asking for notices");
    await button(page, "meetings.notices.allow").click();
    await button(page, "meetings.notices.allow").waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate("stage.notices.state")).toBe("granted");
    await stage.leave(page);
  });
});

describe("notes", () => {
  it("are written beside the chat, stand in it, and are read and copied afterwards", async () => {
    const page = await stage.show("calls-hub", { language: "en" });
    await room(page);
    await page.keyboard.press("Alt+n");
    const panel = page.getByRole("complementary");
    const notes = panel.getByRole("list", { name: either("meetings.notes.title") });
    await notes.getByText("Delivery moves to 18 December").waitFor();
    const box = panel.getByRole("textbox", { name: either("meetings.notes.label") });
    await box.fill("决定：样品周三寄出");
    await box.press("Enter");
    const mine = notes.getByRole("listitem").filter({ hasText: "决定：样品周三寄出" });
    await mine.waitFor();
    await expect.poll(() => mine.getByRole("time").or(mine.locator("time")).first().textContent()).toMatch(/^00:1[12]:\d\d$/);
    await expect.poll(() => box.inputValue()).toBe("");
    await settle(page);
    await expectAccessible(page, "notes");
    await panel.getByRole("radio", { name: either("meetings.chat.title") }).click();
    await panel.getByRole("log").getByText("决定：样品周三寄出").waitFor();
    await panel.getByRole("log").getByText(/00:1[12]:\d\d/).last().waitFor();
    await control(page, "meetings.deed.leave").click();
    await page.getByRole("heading", { name: either("meetings.end.left") }).waitFor();
    await button(page, "meetings.toList").click();
    await button(page, "meetings.notes.count_other", { count: 3 }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("决定：样品周三寄出").waitFor();
    await page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }");
    await dialog.getByRole("button", { name: either("meetings.notes.copy") }).click();
    await expect.poll(() => page.evaluate("window.copied")).toMatch(/00:02:11 李卓然: 付款比例定为[\s\S]*00:06:42 Anna[\s\S]*决定：样品周三寄出\n$/);
    await settle(page);
    await expectAccessible(page, "notes of a past meeting");
    await stage.leave(page);
  });
});

it("left no complaint of the page behind", () => {
  // The model that one story withholds.
  expect(stage.complaints.filter((line) => !line.includes("net::ERR_FAILED"))).toEqual([]);
});
