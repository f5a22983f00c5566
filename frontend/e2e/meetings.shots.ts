import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { launchWithCameras } from "./cameras";
import { Stage } from "./stage";
import { either } from "./words";

// Pictures of meetings, over the fake: nobody's face is in them.

const OUT = resolve(import.meta.dirname, "../../docs/images");

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

/** One is painted too: a made-up camera shows a green clock. */
async function paintSelf(page: Page): Promise<void> {
  await page.evaluate(`{
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) => {
      if (!wanted.video) return ask(wanted);
      const canvas = Object.assign(document.createElement("canvas"), { width: 960, height: 540 });
      const context = canvas.getContext("2d");
      setInterval(() => stage.paintFace(context, "dev_shen", performance.now()), 125);
      return Promise.resolve(canvas.captureStream(8));
    };
  }`);
}

async function enter(page: Page): Promise<void> {
  await look(page);
  await page.getByRole("button", { name: either("meetings.before.join") }).click();
  await page.getByRole("toolbar", { name: either("meetings.controls") }).waitFor();
}

/** Up to the door. */
async function look(page: Page): Promise<void> {
  await paintSelf(page);
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.meetings") }).click();
  await page.getByRole("button", { name: either("meetings.ongoing.join") }).click();
  await page.getByRole("region", { name: either("meetings.before.preview") }).locator("video").waitFor();
}

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => [...document.querySelectorAll<HTMLVideoElement>("article video")].every((video) => video.getVideoPlaybackQuality().totalVideoFrames > 12));
  await page.mouse.move(640, 30);
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(OUT, `${name}.png`) });
  await page.close();
}

it("takes pictures of meetings", async () => {
  const hub = await stage.show("calls-hub", { language: "zh" });
  await enter(hub);
  await hub.getByRole("toolbar", { name: either("meetings.controls") }).getByRole("button", { name: either("meetings.chat.title") }).click();
  await hub.getByRole("log").waitFor();
  await picture(hub, "calls-hub-zh-light-1280x800");

  const before = await stage.show("calls-mesh", { language: "zh" });
  await look(before);
  await picture(before, "calls-before-zh-light-1280x800");

  const notes = await stage.show("calls-hub", { language: "en", dark: true, width: 960, height: 640 });
  await enter(notes);
  await notes.keyboard.press("Alt+n");
  await notes.getByRole("list", { name: either("meetings.notes.title") }).waitFor();
  await picture(notes, "calls-notes-en-dark-960x640");

  const shared = await stage.show("calls-poor", { language: "en", dark: true });
  await enter(shared);
  await shared.getByRole("button", { name: either("meetings.network.label", { name: "陈思远" }) }).click();
  await shared.getByText(either("meetings.network.loss", { percent: 9 })).waitFor();
  await picture(shared, "calls-share-en-dark-1280x800");
});
